"""A System Structure Package as data: systems within systems made flat, parameters and transformations resolved."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from lxml import etree

from cosim.errors import FmuError, StructureError
from cosim.fmu.archive import opened_archive, read_member
from cosim.interchange.ssp_xml import ANNOTATION, LARGEST, OURS, SSC, SSD, SSM, SSV, STRUCTURE_FILE, parse

Path_ = tuple[str, ...]
_DEEPEST: Final = 16
"""Systems within systems; also ends what refers to itself."""
_FMU_TYPES: Final = ("", "application/x-fmu-sharedlibrary")


@dataclass(frozen=True, slots=True)
class Element:
    """A component: its name with those of the systems around it, and where its FMU is in the package."""

    path: Path_
    source: str
    implementation: str


@dataclass(frozen=True, slots=True)
class Wire:
    """target = ``factor`` · source + ``offset`` after the conversion of units, or in its place (``is_bare``)."""

    source: tuple[Path_, str]
    target: tuple[Path_, str]
    factor: float = 1.0
    offset: float = 0.0
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter's value as text, with its unit; ``kind`` is SSP's type."""

    kind: str
    text: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What cosim wrote for itself: the scenario's text, and the fingerprint of the system it belongs to."""

    file: str
    text: str
    system: str


@dataclass(frozen=True, slots=True)
class Package:
    """The content of a package, its systems made flat."""

    name: str
    description: str
    elements: tuple[Element, ...]
    wires: tuple[Wire, ...]
    values: Mapping[tuple[Path_, str], Value]
    start_time: float
    stop_time: float | None
    kept: Kept | None
    members: Mapping[str, bytes] = field(repr=False)


def read_ssp(path: Path) -> Package:
    """Read the package at ``path``.

    Raises
    ------
    StructureError
        When it is not one, does not follow the schema, or uses what has no counterpart here.
    """
    try:
        with opened_archive(path) as (archive, _):
            description = read_member(path, archive, STRUCTURE_FILE, LARGEST)
            if description is None:
                raise StructureError(f"'{path}' has no {STRUCTURE_FILE}, so it is not a System Structure Package.")
            members = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    except FmuError as error:
        message = error.message.replace("FMU '", "Package '", 1).replace("is not an FMU", "is not an SSP package")
        raise StructureError(message) from error
    except (zipfile.BadZipFile, OSError) as error:
        raise StructureError(f"Package '{path}' cannot be read: {error}.") from error
    return _Reader(path, members).read(parse(description, f"{STRUCTURE_FILE} of '{path}'"))


class _Reader:
    """Walks the systems of one package."""

    def __init__(self, path: Path, members: Mapping[str, bytes]) -> None:
        self._path, self._members = path, members
        self._elements: list[Element] = []
        self._edges: list[Wire] = []
        self._values: dict[tuple[Path_, str], Value] = {}
        self._systems: set[Path_] = set()

    def read(self, root: Any) -> Package:  # noqa: ANN401
        system = root.find(f"{{{SSD}}}System")
        self._system(system, ())
        experiment = root.find(f"{{{SSD}}}DefaultExperiment")
        span = {} if experiment is None else experiment.attrib
        return Package(
            name=str(root.get("name") or system.get("name") or self._path.stem),
            description=str(system.get("description") or ""),
            elements=tuple(self._elements),
            wires=tuple(self._flat_wires()),
            values={key: value for key, value in self._values.items() if key[0] not in self._systems},
            start_time=float(span.get("startTime", 0.0)),
            stop_time=float(span["stopTime"]) if "stopTime" in span else None,
            kept=_kept(root),
            members=self._members,
        )

    def _system(self, system: Any, path: Path_) -> None:  # noqa: ANN401
        if len(path) > _DEEPEST:
            raise StructureError(f"'{self._path}' has more than {_DEEPEST} systems within systems.")
        self._systems.add(path)
        for part in system.iterfind(f"{{{SSD}}}Elements/*"):
            kind = etree.QName(part).localname if isinstance(part.tag, str) else ""
            inner = (*path, str(part.get("name")))
            if kind == "System":
                self._system(part, inner)
            elif kind == "Component":
                self._component(part, inner)
            elif kind == "SignalDictionaryReference":
                raise StructureError(
                    f"'{'.'.join(inner)}' of '{self._path}' is a signal dictionary, which has no counterpart here. "
                    "Connect the components directly."
                )
        for one in system.iterfind(f"{{{SSD}}}Connections/{{{SSD}}}Connection"):
            self._edges.append(self._edge(one, path))
        self._bind(system, path)  # after those within: what is set further out wins

    def _component(self, part: Any, path: Path_) -> None:  # noqa: ANN401
        source, kind = str(part.get("source", "")), str(part.get("type", ""))
        name = ".".join(path)
        if kind not in _FMU_TYPES:
            raise StructureError(f"'{name}' of '{self._path}' is of type {kind}; components can only be FMUs here.")
        member = PurePosixPath(source)
        if "://" in source or source not in self._members or ".." in member.parts:
            raise StructureError(
                f"'{name}' of '{self._path}' comes from '{source}', which is not in the package. Put the FMU into it."
            )
        self._elements.append(Element(path, source, str(part.get("implementation", "any"))))
        self._bind(part, path)

    def _edge(self, one: Any, path: Path_) -> Wire:  # noqa: ANN401
        ends = []
        for side in ("start", "end"):
            inner = one.get(f"{side}Element")
            ends.append(((*path, str(inner)) if inner else path, str(one.get(f"{side}Connector"))))
        factor, offset = self._transformation(one, f"connection {ends[0][1]} → {ends[1][1]}")
        is_bare = one.get("suppressUnitConversion") in ("true", "1")
        return Wire(ends[0], ends[1], factor, offset, is_bare)

    def _transformation(self, one: Any, what: str) -> tuple[float, float]:  # noqa: ANN401
        for part in one:
            name = etree.QName(part).localname if isinstance(part.tag, str) else ""
            if name == "LinearTransformation":
                return float(part.get("factor", 1.0)), float(part.get("offset", 0.0))
            if name.endswith("Transformation"):
                raise StructureError(
                    f"The {what} of '{self._path}' has a {name}, which has no counterpart here. Only linear ones have."
                )
        return 1.0, 0.0

    def _flat_wires(self) -> Iterator[Wire]:
        """Follow every connection into a component back to the component it comes from."""
        into: dict[tuple[Path_, str], list[Wire]] = {}
        for edge in self._edges:
            into.setdefault(edge.target, []).append(edge)
        for edge in self._edges:
            if edge.target[0] in self._systems:
                continue
            wire, n = edge, 0
            while wire.source[0] in self._systems:
                before = into.get(wire.source, [])
                n += 1
                if not before or n > _DEEPEST * 4:
                    break  # an input of the whole system, which nothing drives
                wire = Wire(
                    before[0].source,
                    wire.target,
                    before[0].factor * wire.factor,
                    wire.factor * before[0].offset + wire.offset,
                    wire.is_bare or before[0].is_bare,
                )
            if wire.source[0] not in self._systems:
                yield wire
            elif wire.source in self._values:
                self._values.setdefault(wire.target, self._values[wire.source])

    def _bind(self, part: Any, path: Path_) -> None:  # noqa: ANN401
        for binding in part.iterfind(f"{{{SSD}}}ParameterBindings/{{{SSD}}}ParameterBinding"):
            prefix = str(binding.get("prefix", ""))
            values = self._set(binding, path)
            mapping = self._mapping(binding, path)
            for name, value in values.items():
                for target, factor, offset in [(name, 1.0, 0.0)] if mapping is None else mapping.get(name, ()):
                    self._put(path, prefix + target, _transformed(value, factor, offset))

    def _put(self, path: Path_, name: str, value: Value) -> None:
        """Set ``name``, which may lead into the elements of the system ``path``."""
        for element in self._elements:
            inner = ".".join(element.path[len(path) :])
            if element.path[: len(path)] == path and inner and name.startswith(f"{inner}."):
                self._values[(element.path, name[len(inner) + 1 :])] = value
                return
        self._values[(path, name)] = value

    def _set(self, binding: Any, path: Path_) -> dict[str, Value]:  # noqa: ANN401
        kind = str(binding.get("type", "application/x-ssp-parameter-set"))
        if kind != "application/x-ssp-parameter-set":
            raise StructureError(f"Parameters of '{'.'.join(path)}' in '{self._path}' are of type {kind}, not SSV.")
        root = binding.find(f"{{{SSD}}}ParameterValues/{{{SSV}}}ParameterSet")
        if root is None:
            root = self._file(str(binding.get("source", "")), path, "parameters")
        found = {}
        for one in root.iterfind(f"{{{SSV}}}Parameters/{{{SSV}}}Parameter"):
            typed = [part for part in one if isinstance(part.tag, str) and part.get("value") is not None]
            if typed:
                unit = typed[0].get("unit")
                found[str(one.get("name"))] = Value(etree.QName(typed[0]).localname, str(typed[0].get("value")), unit)
        return found

    def _mapping(self, binding: Any, path: Path_) -> dict[str, list[tuple[str, float, float]]] | None:  # noqa: ANN401
        part = binding.find(f"{{{SSD}}}ParameterMapping")
        if part is None:
            return None
        root = part.find(f"{{{SSM}}}ParameterMapping")
        if root is None:
            root = self._file(str(part.get("source", "")), path, "mapping")
        found: dict[str, list[tuple[str, float, float]]] = {}
        for one in root.iterfind(f"{{{SSM}}}MappingEntry"):
            factor, offset = self._transformation(one, f"mapping of {one.get('source')}")
            found.setdefault(str(one.get("source")), []).append((str(one.get("target")), factor, offset))
        return found

    def _file(self, source: str, path: Path_, what: str) -> Any:  # noqa: ANN401
        data = self._members.get(source)
        if data is None or len(data) > LARGEST:
            raise StructureError(
                f"The {what} of '{'.'.join(path) or 'the system'}' come from '{source}', which is not in "
                f"'{self._path}'."
            )
        return parse(data, f"{source} of '{self._path}'")


def _transformed(value: Value, factor: float, offset: float) -> Value:
    if (factor, offset) == (1.0, 0.0):
        return value
    try:
        return Value(value.kind, repr(factor * float(value.text) + offset), None)
    except ValueError as error:
        raise StructureError(
            f"The value '{value.text}' is no number, and a linear transformation applies to it."
        ) from error


def _kept(root: Any) -> Kept | None:  # noqa: ANN401
    for note in root.iterfind(f"{{{SSD}}}Annotations/{{{SSC}}}Annotation"):
        own = note.find(f"{{{OURS}}}scenario")
        if note.get("type") == ANNOTATION and own is not None:
            return Kept(str(own.get("file", "")), str(own.text or ""), str(own.get("system", "")))
    return None
