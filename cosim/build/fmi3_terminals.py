"""``terminalsAndIcons/terminalsAndIcons.xml`` of FMI 3.0 (section 2.4.9 of the standard, version 3.0.1)."""

from typing import Final
from xml.etree.ElementTree import Element, SubElement

from cosim.build.description import DescribedModel, write_xml
from cosim.build.model import BaseType
from cosim.system.ports import find_ports
from cosim.system.variable import Causality, Variable

TERMINALS_FILE: Final = "terminalsAndIcons/terminalsAndIcons.xml"
KIND: Final = "io.github.bioprocess-cosim.{medium}"
"""Inlets and outlets are of one kind, so that one fits the other; which is which, the causality of the flow tells."""


def describe_terminals(described: DescribedModel) -> bytes | None:
    """Return the file that names the stream ports of a model and what belongs to each; None where it has none.

    The matching rule is that of a bus: members of the same name are connected. An outlet has totals, which an inlet
    does not take.
    """
    variables = {
        one.name: Variable(one.name, Causality(one.causality), description=one.description)
        for one in described.variables
        if one.type is BaseType.REAL
    }
    ports = find_ports(variables)
    if not ports:
        return None
    root = Element("fmiTerminalsAndIcons", fmiVersion="3.0")
    listed = SubElement(root, "Terminals")
    for port in ports.values():
        kind = KIND.format(medium=port.medium.value)
        terminal = SubElement(listed, "Terminal", name=port.name, matchingRule="bus", terminalKind=kind)
        for name in variables:
            prefix, _, member = name.rpartition(".")
            if prefix == port.name:
                attributes = {"variableName": name, "memberName": member, "variableKind": "signal"}
                SubElement(terminal, "TerminalMemberVariable", attributes)
    return write_xml(root)
