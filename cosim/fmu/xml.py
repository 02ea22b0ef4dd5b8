"""modelDescription.xml, read by fmpy after it has been shown to be harmless."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from cosim.errors import FmuError
from cosim.fmu.variables import read_structure, read_variables

if TYPE_CHECKING:
    from fmpy.model_description import ModelDescription
    from lxml.etree import XMLSchema, _Element

_SHOWN: Final = 5
"""Problems named in a message before 'and n more'."""
_DESCRIPTION: Final = "modelDescription.xml"
_TRUE: Final = ("true", "1")


@dataclass(frozen=True, slots=True)
class ReadDescription:
    """fmpy's model description, with the deviations from the standard that did not prevent reading it."""

    content: "ModelDescription"
    provides_derivatives: frozenset[str]
    """The elements of FMI 3.0's interface types that state ``providesDirectionalDerivatives``."""
    intermediate: frozenset[str]
    """The variables that may be accessed within a step (FMI 3.0), if the FMU provides intermediate update."""
    oddities: tuple[str, ...]
    inputs_without_default: frozenset[str] | None = None
    """Inputs whose start value is only there because FMI demands one; None: not known."""


def read_xml(path: Path, data: bytes, *, inputs_without_default: frozenset[str] | None = None) -> ReadDescription:
    """Read ``data``, the modelDescription.xml of the FMU ``path``; the rest is kept with it.

    Raises
    ------
    FmuError
        When it is not XML, has a document type (entities), breaks the FMI schema, or refers to what does not exist.
    """
    root = _check_harmless(path, data)
    if root.tag != "fmiModelDescription" or not root.fmi_version:
        raise FmuError(
            f"FMU '{path}': {_DESCRIPTION} starts with <{root.tag}> where FMI asks for <fmiModelDescription fmiVersion="
            '"…">, so its FMI version is not known.'
        )
    if root.fmi_version not in ("1.0", "2.0") and not root.fmi_version.startswith("3."):
        raise FmuError(f"FMU '{path}' states FMI version '{root.fmi_version}'; 1.0, 2.0 and 3.0 are known.")
    model, oddities = _read_with_fmpy(path, data)
    return ReadDescription(
        model,
        frozenset(root.provides_derivatives),
        frozenset(root.intermediate),
        oddities,
        inputs_without_default,
    )


class _DocumentTypeFound(Exception):
    """The XML has a <!DOCTYPE …>."""


class _Root:
    """First look at a model description: keeps what is asked first, stops at a document type, builds no tree."""

    def __init__(self) -> None:
        self.tag = ""
        self.fmi_version = ""
        self.provides_derivatives: set[str] = set()
        self.intermediate: set[str] = set()
        self._provides_update = self._states_update = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._keep

    def read(self, data: bytes) -> None:
        self._states_update = b"intermediateUpdate" in data  # looking at every variable takes time
        self._parser.Parse(data, True)

    def _refuse(self, *_: object) -> None:
        raise _DocumentTypeFound

    def _keep(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.tag:
            self.tag = tag
            self.fmi_version = attributes.get("fmiVersion", "")
        elif tag == "ModelVariables":
            self._parser.StartElementHandler = self._keep_intermediate if self._provides_update else None
        else:  # what fmpy does not read
            if attributes.get("providesDirectionalDerivatives") in _TRUE:
                self.provides_derivatives.add(tag)
            self._provides_update |= attributes.get("providesIntermediateUpdate") in _TRUE and self._states_update

    def _keep_intermediate(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes.get("intermediateUpdate") in _TRUE:
            self.intermediate.add(attributes.get("name", ""))


def _check_harmless(path: Path, data: bytes) -> _Root:
    root = _Root()
    try:
        root.read(data)
    except _DocumentTypeFound as error:
        raise FmuError(
            f"FMU '{path}': {_DESCRIPTION} has a document type definition, with which a file can read other files or "
            "fill the memory; FMI needs none. Remove the <!DOCTYPE …> or export the FMU again."
        ) from error
    except expat.ExpatError as error:
        line, column, what = error.lineno, error.offset, expat.ErrorString(error.code)
        raise FmuError(
            f"FMU '{path}': {_DESCRIPTION} is not well-formed XML: {what} in line {line}, column {column + 1}."
        ) from error
    except (ValueError, LookupError) as error:
        raise FmuError(f"FMU '{path}': {_DESCRIPTION} cannot be decoded ({error}).") from error
    return root


def _read_with_fmpy(path: Path, data: bytes) -> "tuple[ModelDescription, tuple[str, ...]]":
    """Validate against the schema and build fmpy's object model; deviations that leave a readable model are kept."""
    from fmpy.validation import validate_model_description
    from lxml import etree

    try:
        root = etree.fromstring(data)
        schema = _schema(root.get("fmiVersion", ""))
        if not schema.validate(root):
            raise _refused(path, [f"line {error.line}: {error.message}" for error in schema.error_log])
        model = _model(root)
        return model, tuple(validate_model_description(model))
    except FmuError:
        raise
    except Exception as error:  # fmpy raises bare exceptions of any type for what it cannot read
        raise _refused(path, [_as_sentence(error)]) from error


@cache
def _schema(version: str) -> "XMLSchema":
    """Return the schema of FMI ``version`` that comes with fmpy."""
    import fmpy
    from lxml import etree

    major = version[:1]
    name = "fmiModelDescription.xsd" if major == "1" else f"fmi{major}ModelDescription.xsd"
    return etree.XMLSchema(etree.parse(Path(fmpy.__file__).parent / "schema" / f"fmi{major}" / name))


def _model(root: "_Element") -> "ModelDescription":
    """Let fmpy read everything but variables and structure, which take it long where there are many."""
    from fmpy.model_description import read_model_description
    from lxml import etree

    variables, structure = root.find("ModelVariables"), root.find("ModelStructure")
    for part in (variables, structure):
        if part is not None:
            root.replace(part, etree.Element(part.tag))
    model = read_model_description(_as_archive(etree.tostring(root)), validate=False)
    read_variables(variables, model)
    read_structure(structure, model)
    return model


def _as_archive(data: bytes) -> io.BytesIO:
    """Wrap ``data`` the way fmpy reads it: from a zip archive, here one in memory."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_DESCRIPTION, data)
    return file


def _refused(path: Path, problems: Sequence[str]) -> FmuError:
    shown = "".join(f"\n  - {problem}" for problem in problems[:_SHOWN])
    more = f"\n  - and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return FmuError(f"FMU '{path}': {_DESCRIPTION} does not follow the FMI standard:{shown}{more}")


def _as_sentence(error: Exception) -> str:
    """Say in words what fmpy stumbled over."""
    text = str(error)
    if isinstance(error, KeyError):
        return f"it refers to {text}, which is not defined"
    if isinstance(error, IndexError):
        return "it refers to a variable by an index that does not exist"
    return text or type(error).__name__
