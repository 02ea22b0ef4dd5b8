"""XML of SSP: names, safe reading, and validation against the schemas that fmpy carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree

from lxml import etree

from cosim.errors import StructureError
from cosim.fmu.schemas import ssp_schema_file

SSD: Final = "http://ssp-standard.org/SSP1/SystemStructureDescription"
SSC: Final = "http://ssp-standard.org/SSP1/SystemStructureCommon"
SSV: Final = "http://ssp-standard.org/SSP1/SystemStructureParameterValues"
SSM: Final = "http://ssp-standard.org/SSP1/SystemStructureParameterMapping"
OURS: Final = "urn:bioprocess-cosim:scenario:1"
"""Namespace of what only cosim understands: phases, streams, events."""
ANNOTATION: Final = "io.github.bioprocess-cosim.scenario"
STRUCTURE_FILE: Final = "SystemStructure.ssd"
LARGEST: Final = 64 << 20
"""Bytes of an XML file that are read."""
_SHOWN: Final = 5
_SCHEMAS: Final = {SSD: "SystemStructureDescription", SSV: "SystemStructureParameterValues",
                   SSM: "SystemStructureParameterMapping"}  # fmt: skip

for _prefix, _space in (("ssd", SSD), ("ssc", SSC), ("ssv", SSV), ("ssm", SSM), ("cosim", OURS)):
    ElementTree.register_namespace(_prefix, _space)


def element(parent: ElementTree.Element | None, tag: str, attributes: Mapping[str, object]) -> ElementTree.Element:
    """Make an element ``{namespace}name`` below ``parent``; attributes that are None are left out."""
    given = {name: str(value) for name, value in attributes.items() if value is not None}
    return ElementTree.Element(tag, given) if parent is None else ElementTree.SubElement(parent, tag, given)


def write(root: ElementTree.Element) -> bytes:
    """Return the file of ``root``, having made sure that it follows its schema."""
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    parse(data, "what was written")
    return data


def parse(data: bytes, what: str) -> Any:  # noqa: ANN401  # lxml has no types
    """Read an SSP file as an lxml element.

    Raises
    ------
    StructureError
        When it is not XML, has a document type, or does not follow the schema of SSP 1.0 or 2.0.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise StructureError(f"{what} is not well-formed XML: {error}.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise StructureError(
            f"{what} has a document type definition, with which a file can read other files or fill the memory; SSP "
            "needs none. Remove the <!DOCTYPE …>."
        )
    space = etree.QName(root).namespace
    if space not in _SCHEMAS:
        raise StructureError(f"{what} starts with <{root.tag}>, which is not a part of SSP 1.0 or 2.0.")
    _validate(root, space, what)
    return root


def _validate(root: Any, space: str, what: str) -> None:  # noqa: ANN401
    """Validate what states version 1.x; the schema of later versions differs in what it adds."""
    if not str(root.get("version", "")).startswith("1"):
        return
    schema = etree.XMLSchema(etree.parse(ssp_schema_file(f"{_SCHEMAS[space]}.xsd")))
    if not schema.validate(root):
        shown = "".join(f"\n  - line {error.line}: {error.message}" for error in list(schema.error_log)[:_SHOWN])
        raise StructureError(f"{what} does not follow the schema of SSP:{shown}")
