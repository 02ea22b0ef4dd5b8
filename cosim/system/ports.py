"""Stream ports, recognised by the names of a model's variables."""

from collections.abc import Mapping

from cosim.system.stream import Medium, Port, PortDirection
from cosim.system.variable import Causality, Variable

LIQUID_FLOW = "V_flow"
GAS_FLOW = "n_flow"
_FLOWS = {LIQUID_FLOW: Medium.LIQUID, GAS_FLOW: Medium.GAS}
_CONTENT = {Medium.LIQUID: "c_", Medium.GAS: "y_"}
_TOTAL_PREFIX = {Medium.LIQUID: "m_", Medium.GAS: "n_"}
JOINED = "(joined within)"
"""In the description of an outlet's flow: what leaves it arrives in the same FMU, which holds several."""
_DIRECTIONS = {Causality.INPUT: PortDirection.INLET, Causality.OUTPUT: PortDirection.OUTLET}


def find_ports(variables: Mapping[str, Variable]) -> dict[str, Port]:
    """Return the stream ports among ``variables`` by name, in the order in which their flows are declared.

    ``P.V_flow`` (liquid) or ``P.n_flow`` (gas) makes a port ``P``; its causality decides the direction: an input is an
    inlet, an output an outlet. Other causalities make no port, nor does a flow whose description says that it is joined
    to an inlet of the same FMU.
    """
    ports: dict[str, Port] = {}
    members = _members(variables)
    for name, variable in variables.items():
        prefix, dot, member = name.rpartition(".")
        direction = _DIRECTIONS.get(variable.causality)
        is_free = not variable.shape and JOINED not in variable.description
        if dot and member in _FLOWS and direction is not None and is_free:
            ports[prefix] = _port(prefix, direction, _FLOWS[member], members[prefix], variables)
    return ports


def content_variable(port: Port, species: str) -> str:
    """Return the name of the concentration (liquid) or mole fraction (gas) of ``species`` at ``port``."""
    return f"{port.name}.{_CONTENT[port.medium]}{species}"


def total_variable(port: Port, species: str) -> str:
    """Return the name of the total of ``species`` that has left through ``port``."""
    return f"{port.name}.{_TOTAL_PREFIX[port.medium]}{species}_total"


def flow_variable(port: Port) -> str:
    """Return the name of the flow of ``port``."""
    return f"{port.name}.{LIQUID_FLOW if port.medium is Medium.LIQUID else GAS_FLOW}"


def is_one_way_flow(ports: Mapping[str, Port], name: str) -> bool:
    """Tell whether ``name`` is the flow of, or the demand on, a port that is not declared reversible."""
    port = ports.get(name.rpartition(".")[0])
    return port is not None and not port.is_reversible and name in (flow_variable(port), f"{port.name}.demand")


def flow_total_variable(port: Port) -> str:
    """Return the name of the total volume (liquid) that has left through ``port``; gases count by species."""
    return f"{port.name}.V_total"


def _members(variables: Mapping[str, Variable]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for name in variables:
        prefix, _, member = name.rpartition(".")
        members.setdefault(prefix, []).append(member)
    return members


def _port(
    name: str, direction: PortDirection, medium: Medium, members: list[str], variables: Mapping[str, Variable]
) -> Port:
    content = _CONTENT[medium]
    species = tuple(member[len(content) :] for member in members if member.startswith(content) and member != content)
    known = set(members)
    totals = [f"{_TOTAL_PREFIX[medium]}{item}_total" for item in species]
    if medium is Medium.LIQUID:
        totals.append("V_total")
    demand = Causality.INPUT if direction is PortDirection.OUTLET else Causality.OUTPUT
    flow = variables[f"{name}.{LIQUID_FLOW if medium is Medium.LIQUID else GAS_FLOW}"]
    return Port(
        name=name,
        direction=direction,
        medium=medium,
        species=species,
        has_totals=bool(totals) and all(total in known for total in totals),
        has_temperature="T" in known,
        has_demand="demand" in known and variables[f"{name}.demand"].causality is demand,
        is_reversible="reversible" in flow.description.lower().split(),
    )
