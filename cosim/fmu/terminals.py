"""Terminals of FMI 3.0: what an FMU's author says belongs together, and which of it are stream ports here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from cosim.fmu.facts import TerminalFact
from cosim.fmu.renaming import Renaming
from cosim.system.ports import GAS_FLOW, LIQUID_FLOW
from cosim.system.variable import Causality, Variable

TERMINALS_FILE: Final = "terminalsAndIcons/terminalsAndIcons.xml"
MAX_TERMINALS_FILE: Final = 64 * 1024**2
"""Largest file [bytes]; a member has about 100."""
_DEEPEST: Final = 16
"""Terminals within terminals."""
_FLOWS: Final = (LIQUID_FLOW, GAS_FLOW)
_ENDS: Final = (Causality.INPUT, Causality.OUTPUT)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal; one within another has both names. ``members`` are names here and variables of the FMU."""

    name: str
    kind: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Terminals:
    """What was made of an FMU's terminals: names for variables that make them ports, what each is, what was odd."""

    renamings: Mapping[str, Renaming]
    facts: tuple[TerminalFact, ...]
    oddities: tuple[str, ...] = ()


def find_terminals(data: bytes | None, variables: Mapping[str, Variable]) -> Terminals:
    """Read ``data``, the terminals file (None: there is none), and find the stream ports in it.

    A terminal whose members are called as those of a stream port is one, whatever its variables are called. A file that
    cannot be read is odd, and no more: an FMU can be used without.
    """
    if data is None:
        return Terminals({}, ())
    root, problem = _parse(data)
    if problem:
        return Terminals({}, (), (f"{TERMINALS_FILE} is not used: {problem}.",))
    renamings: dict[str, Renaming] = {}
    facts = []
    for terminal in _terminals(root.find("Terminals"), "", 0):
        why = _why_no_port(terminal, variables, renamings)
        facts.append(TerminalFact(terminal.name, terminal.kind, why))
        if not why:
            renamings |= _names(terminal, variables)
    return Terminals(renamings, tuple(facts))


def _parse(data: bytes) -> tuple[Any, str]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, f"it is not well-formed XML ({error})"
    if root.getroottree().docinfo.internalDTD is not None:
        return None, "it has a document type definition, which FMI does not need"
    schema = _schema()
    if not schema.validate(root):
        first = schema.error_log[0]
        return None, f"it does not follow the schema of FMI 3.0 (line {first.line}: {first.message})"
    return root, ""


@cache
def _schema() -> Any:  # lxml has no types
    import fmpy
    from lxml import etree

    return etree.XMLSchema(etree.parse(Path(fmpy.__file__).parent / "schema" / "fmi3" / "fmi3TerminalsAndIcons.xsd"))


def _terminals(parent: Any, prefix: str, depth: int) -> Iterator[Terminal]:
    if parent is None or depth > _DEEPEST:
        return
    for one in parent.iterfind("Terminal"):
        name = f"{prefix}{one.get('name')}"
        members = tuple(
            (str(member.get("memberName") or member.get("variableName")), str(member.get("variableName")))
            for member in one.iterfind("TerminalMemberVariable")
        )
        yield Terminal(name, str(one.get("terminalKind", "")), members)
        yield from _terminals(one, f"{name}.", depth + 1)


def _why_no_port(terminal: Terminal, variables: Mapping[str, Variable], taken: Mapping[str, Renaming]) -> str:
    members = dict(terminal.members)
    flow = next((members[name] for name in _FLOWS if name in members), None)
    if flow is None:
        return f"no member is called {LIQUID_FLOW} or {GAS_FLOW}"
    missing = [variable for variable in members.values() if variable not in variables]
    if missing:
        return f"its variable '{missing[0]}' does not exist"
    if variables[flow].causality not in _ENDS:
        return f"its flow '{flow}' is neither an input nor an output"
    renamed = {renaming.name for renaming in taken.values()}
    for name, renaming in _names(terminal, variables).items():
        if name in variables or name in taken:
            return f"there is another variable '{name}'"
        if renaming.name in renamed:
            return f"its variable '{renaming.name}' belongs to another terminal"
    return ""


def _names(terminal: Terminal, variables: Mapping[str, Variable]) -> dict[str, Renaming]:
    """Return what the variables of a port are to be called, where that is not what they are called."""
    pairs: Sequence[tuple[str, str]] = [
        (f"{terminal.name}.{member}", variable) for member, variable in terminal.members
    ]
    return {
        name: Renaming(variable)
        for name, variable in pairs
        if name != variable and not variables[variable].shape and "[" not in variable
    }
