"""What ``container.c`` includes: a flowsheet as constant tables in C."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cosim.clock import Ticks, to_seconds
from cosim.execution.layout import Wire
from cosim.fmu.facts import Linkage
from cosim.interchange.deliveries import Delivery
from cosim.system.experiment import StartValue
from cosim.system.variable import Variable, VariableName, VariableType

_TYPES: Final = {
    VariableType.FLOAT64: "F64", VariableType.FLOAT32: "F32", VariableType.INT8: "I8", VariableType.UINT8: "U8",
    VariableType.INT16: "I16", VariableType.UINT16: "U16", VariableType.INT32: "I32", VariableType.UINT32: "U32",
    VariableType.INT64: "I64", VariableType.UINT64: "U64", VariableType.BOOLEAN: "BOOL", VariableType.STRING: "TEXT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """An FMU in the container: what calls it, and the folder in the resources that holds it."""

    name: str
    folder: str
    version: int
    linkage: Linkage
    variables: Mapping[str, Variable]

    def kind(self, variable: str) -> str:
        """Return the type under which ``variable`` is called, in the words of ``container.c``."""
        found = self.variables[variable].type
        if found is VariableType.ENUMERATION:
            return "I32" if self.version == 2 else "I64"
        return _TYPES[found]

    def reference(self, variable: str) -> str:
        """Return the value reference of ``variable``."""
        return f"{self.linkage.references[variable]}u"


@dataclass(frozen=True, slots=True)
class Content:
    """All that the tables are made of; ``members`` are in the order of stepping."""

    members: tuple[Member, ...]
    wires: tuple[Wire, ...]
    deliveries: tuple[Delivery, ...]
    exposed: tuple[VariableName, ...]
    starts: Mapping[VariableName, StartValue]
    driven: Mapping[VariableName, float]
    step: Ticks
    is_simultaneous: bool
    can_go_back: bool


def write_tables(content: Content, token: str) -> str:
    """Return ``tables.h``."""
    return "\n".join(_Tables(content).lines(token)) + "\n"


class _Tables:
    """Lays out the board: for each component its inputs, then its outputs, each sorted by type."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._wires = {
            member.name: [w for w in content.wires if w.target.component == member.name] for member in content.members
        }
        self._deliveries = {
            member.name: [one for one in content.deliveries if one.flow_out.component == member.name]
            for member in content.members
        }
        self._ranks = {member.name: rank for rank, member in enumerate(content.members)}
        self._places: dict[VariableName, int] = {}
        self._moves: list[tuple[str, int, list[str]]] = []
        self._ranges = {member.name: self._lay_out(member) for member in content.members}

    def _lay_out(self, member: Member) -> tuple[int, ...]:
        """Return where moves of inputs and outputs begin and how many there are, then the same of places of inputs."""
        inputs = [wire.target for wire in self._wires[member.name]]
        inputs += [name for one in self._deliveries[member.name] for name in one.targets]
        wanted = [wire.source for wire in self._content.wires]
        wanted += [name for one in self._content.deliveries for name in one.sources]
        outputs = [name for name in dict.fromkeys(wanted) if name.component == member.name]
        begin, first = len(self._places), len(self._moves)
        self._add(member, inputs)
        middle = len(self._moves)
        end = len(self._places)
        self._add(member, outputs)
        return first, middle - first, middle, len(self._moves) - middle, begin, end - begin

    def _add(self, member: Member, names: Sequence[VariableName]) -> None:
        for kind in dict.fromkeys(member.kind(name.variable) for name in names):
            group = [name for name in names if member.kind(name.variable) == kind]
            self._moves.append((kind, len(self._places), [member.reference(name.variable) for name in group]))
            for name in group:
                self._places[name] = len(self._places)

    def lines(self, token: str) -> Iterator[str]:
        content = self._content
        for name, value in (
            ("TOKEN", text(token)),
            ("N_COMPONENTS", len(content.members)),
            ("N_BOARD", len(self._places)),
            ("N_DELIVERIES", len(content.deliveries)),
            ("N_AMOUNTS", sum(one.n_species + 1 for one in content.deliveries)),
            ("N_EXPOSED", len(content.exposed)),
            ("N_STARTS", len(content.starts)),
            ("STEP_SECONDS", to_seconds(content.step).hex()),
            ("STEP_TICKS", f"INT64_C({content.step})"),
            ("IS_SIMULTANEOUS", int(content.is_simultaneous)),
            ("CAN_GO_BACK", int(content.can_go_back)),
        ):
            yield f"#define {name} {value}"
        for number, (_, _, references) in enumerate(self._moves):
            yield table("uint32_t", f"references_{number}", references)
        yield table(
            "Move", "moves", [struct(k, p, len(r), f"references_{i}") for i, (k, p, r) in enumerate(self._moves)]
        )
        yield from self._component_lines()
        yield from self._delivery_lines()
        yield table("Exposed", "exposed", [self._exposed(name) for name in content.exposed])
        yield table("Start", "starts", [self._start(name, value) for name, value in content.starts.items()])
        values = [number_text(content.driven[name]) if name in content.driven else "NAN" for name in self._places]
        yield table("double", "board_starts", [*values, "0"])

    def _component_lines(self) -> Iterator[str]:
        wires, deliveries, rows = 0, 0, []
        for member in self._content.members:
            first, n, middle, m, begin, size = self._ranges[member.name]
            own = len(self._wires[member.name]), len(self._deliveries[member.name])
            linkage = member.linkage
            rows.append(
                struct(
                    text(member.name),
                    text(member.folder),
                    text(linkage.library or ""),
                    text(linkage.token),
                    member.version,
                    first,
                    n,
                    middle,
                    m,
                    begin,
                    size,
                    wires,
                    own[0],
                    deliveries,
                    own[1],
                )
            )
            wires, deliveries = wires + own[0], deliveries + own[1]
        yield table("Component", "components", rows)
        ordered = [wire for member in self._content.members for wire in self._wires[member.name]]
        places = self._places
        yield table(
            "Wire",
            "wires",
            [struct(places[w.source], places[w.target], w.factor.hex(), w.offset.hex()) for w in ordered],
        )

    def _delivery_lines(self) -> Iterator[str]:
        rows, amounts = [], 0
        ordered = [one for member in self._content.members for one in self._deliveries[member.name]]
        for number, one in enumerate(ordered):
            places = self._places
            yield table("int", f"contents_{number}", [places[name] for name in one.contents])
            yield table("int", f"arriving_{number}", [places[name] for name in one.arriving])
            yield table("int", f"totals_{number}", [places[name] for name in one.totals])
            yield table("double", f"scales_{number}", [scale.hex() for scale in one.scales])
            yield table("double", f"factors_{number}", [link.factor.hex() for link in one.stream.links])
            rows.append(self._delivery(number, one, amounts))
            amounts += one.n_species + 1
        yield table("Delivery", "deliveries", rows)

    def _delivery(self, number: int, one: Delivery, amounts: int) -> str:
        places, stream = self._places, one.stream
        leaving, entering = (-1, -1) if one.temperatures is None else (places[name] for name in one.temperatures)
        return struct(
            text(f"{stream.source} => {stream.target}"), self._ranks[stream.source.component], len(one.contents),
            one.n_species, places[one.flow], leaving, f"contents_{number}",
            f"totals_{number}" if one.totals else "NULL", f"scales_{number}", int(one.is_summed), f"factors_{number}",
            places[one.flow_out], entering, f"arriving_{number}", stream.volume_factor.hex(),
            stream.temperature_factor.hex(), stream.temperature_offset.hex(), int(one.is_reversible), amounts,
        )  # fmt: skip

    def _exposed(self, name: VariableName) -> str:
        rank = self._ranks[name.component]
        member = self._content.members[rank]
        return struct(rank, member.kind(name.variable), member.reference(name.variable))

    def _start(self, name: VariableName, value: StartValue) -> str:
        rank = self._ranks[name.component]
        member = self._content.members[rank]
        kind = member.kind(name.variable)
        if kind == "TEXT":
            return struct(rank, kind, member.reference(name.variable), 0, text(str(value)))
        number = dict(member.variables[name.variable].enumeration)[value] if isinstance(value, str) else value
        return struct(rank, kind, member.reference(name.variable), number_text(float(number)), "NULL")


def number_text(value: float) -> str:
    """Write a number so that C reads back exactly that."""
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return float(value).hex() if math.isfinite(value) else "NAN"


def text(value: str) -> str:
    """Write text as a string of C, whatever is in it."""
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-./={}=>:,;"
    return '"' + "".join(chr(b) if chr(b) in plain else f"\\{b:03o}" for b in value.encode()) + '"'


def struct(*values: object) -> str:
    """Write the values of a structure."""
    return "{" + ", ".join(map(str, values)) + "}"


def table(kind: str, name: str, values: Iterable[object]) -> str:
    """Declare a table, which in C cannot be empty."""
    content = ", ".join(map(str, values))
    empty = "{0}" if kind[0].isupper() else "0"
    return f"static const {kind} {name}[] = {{{content or empty}}};"
