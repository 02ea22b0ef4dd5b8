"""What will not work with an FMU here, and why: what ``cosim inspect`` warns of."""

import math
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cosim.errors import StructureError
from cosim.fmu.arrays import MOST_ELEMENTS
from cosim.fmu.file import FmuFile
from cosim.fmu.pace import stated_time
from cosim.system.variable import Causality, Variable
from cosim.units import read_unit

Severity = Literal["stop", "limit", "note"]
"""'stop': it cannot run here; 'limit': something will not work or be less accurate; 'note': worth knowing."""

_SHOWN: Final = 4
_INTERFACE: Final = (
    Causality.INPUT,
    Causality.OUTPUT,
    Causality.PARAMETER,
    Causality.STRUCTURAL_PARAMETER,
    Causality.CALCULATED_PARAMETER,
)


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that will not work, with the reason in the FMU."""

    severity: Severity
    what: str
    why: str


def find_limits(file: FmuFile) -> tuple[Limit, ...]:
    """Return what will not work with ``file`` here, the worst first."""
    found = [*_obstacles(file), *_capabilities(file), *_ports(file), *_variables(file), *_units(file), *_oddities(file)]
    order: dict[Severity, int] = {"stop": 0, "limit": 1, "note": 2}
    return tuple(sorted(found, key=lambda limit: order[limit.severity]))


def _obstacles(file: FmuFile) -> Iterator[Limit]:
    for obstacle in file.obstacles:
        reason = obstacle.message.removeprefix(f"FMU '{file.path}' ")
        yield Limit("stop", "It cannot be run here.", f"It {reason}")


def _capabilities(file: FmuFile) -> Iterator[Limit]:
    can = file.description.capabilities
    if file.interface_type == "Model Exchange":
        yield Limit(
            "note", "It is integrated here, by CVODE.", "It comes without a solver of its own (Model Exchange)."
        )
    unit = stated_time(file.description)
    if unit is not None:
        yield Limit(
            "limit", f"Its steps would be in s: write the row 'time,time,{unit}' in its map.", f"Its time is in {unit}."
        )
    if can.needs_execution_tool:
        yield _tool(file.facts.generation_tool)
    if can.can_be_instantiated_only_once:
        yield Limit(
            "limit", "Only one component of a scenario can use it.", "canBeInstantiatedOnlyOncePerProcess is set."
        )
    if not can.can_vary_step:
        yield Limit(
            "limit",
            "Phases must end on a whole number of steps, and all its steps have one size.",
            "canHandleVariableCommunicationStepSize is not set.",
        )
    if not can.can_get_and_set_state:
        yield Limit(
            "limit",
            "Conditions take effect at the next communication point, not where they become true; no checkpoint.",
            "canGetAndSetFMUState is not set, so steps cannot be taken back.",
        )


def _tool(maker: str) -> Limit:
    if maker.startswith("PythonFMU"):
        ours = f"the Python of cosim, {platform.python_version()}"
        return Limit("note", f"It runs in {ours}, with the packages installed there.", f"Python code, made by {maker}.")
    why = f"needsExecutionTool is set; made by {maker or 'its tool'}."
    return Limit("limit", "It may need a tool that is not in the file.", why)


def _ports(file: FmuFile) -> Iterator[Limit]:
    ports = file.description.ports
    without = [name for name, port in ports.items() if port.direction.value == "outlet" and not port.has_totals]
    if without:
        yield Limit(
            "limit",
            f"The ledger closes to 1e-6 only for what leaves by {_listed(without)}.",
            "Without totals the flow is integrated from its values at communication points.",
        )
    unknown = {name for port in ports.values() for name in port.species} - set(file.description.species)
    if unknown:
        yield Limit(
            "note",
            f"No carbon, nitrogen and charge balance for {_listed(sorted(unknown))}.",
            "resources/species.json does not describe them.",
        )


def _variables(file: FmuFile) -> Iterator[Limit]:
    variables = [variable for variable in file.description.variables.values() if variable.causality in _INTERFACE]
    large = [variable.name for variable in variables if math.prod(variable.shape) > MOST_ELEMENTS]
    if large:
        why = f"Arrays of more than {MOST_ELEMENTS} elements are not exchanged."
        yield Limit("limit", f"{_listed(large)} cannot be connected or set.", why)
    for kind, names in _by_kind(variables).items():
        yield Limit("limit", f"{_listed(names)} cannot be connected.", f"Values of type {kind} are not exchanged.")
    depends = [
        variable.name
        for variable in variables
        if variable.causality is Causality.OUTPUT and variable.name not in file.description.feedthrough
    ]
    if depends and file.facts.major_version > 1:
        yield Limit(
            "note",
            f"{_listed(depends)} may depend on all inputs at once, which can make loops where there are none.",
            "ModelStructure states no dependencies for them.",
        )


def _by_kind(variables: Iterable[Variable]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for variable in variables:
        is_connected = variable.causality in (Causality.INPUT, Causality.OUTPUT)
        if is_connected and not variable.type.is_numeric and not variable.shape:
            found.setdefault(variable.type.value, []).append(variable.name)
    return found


def _units(file: FmuFile) -> Iterator[Limit]:
    users: dict[str, list[str]] = {}
    for variable in file.description.variables.values():
        if variable.unit is not None and variable.causality in _INTERFACE:
            users.setdefault(variable.unit, []).append(variable.name)
    for unit, names in users.items():
        try:
            read_unit(unit)
        except StructureError as error:
            yield Limit("limit", f"{_listed(names)} cannot be converted to other units.", error.message)
    if file.facts.without_unit:
        n = len(file.facts.without_unit)
        yield Limit(
            "note",
            f"{_listed(file.facts.without_unit)} {'is' if n == 1 else 'are'} taken as pure numbers.",
            "No unit is stated.",
        )


def _oddities(file: FmuFile) -> Iterator[Limit]:
    if file.facts.oddities:
        n = len(file.facts.oddities)
        more = f" (and {n - 1} more)" if n > 1 else ""
        yield Limit("note", "It deviates from the FMI standard, which was overlooked.", file.facts.oddities[0] + more)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
