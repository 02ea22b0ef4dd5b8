"""What a column's interface has to tell: its ports, the slices of its bed, and the balances of its species."""

from __future__ import annotations

import re
from typing import Final

from cosim.errors import StructureError
from cosim.surrogate.model import Plan
from cosim.system.component import ComponentDescription
from cosim.system.ports import content_variable, flow_variable
from cosim.system.stream import PortDirection

_SLICE: Final = re.compile(r"(?P<protein>[A-Za-z]\w*)_liquid\[1\]")
_LEAST_SLICES: Final = 2
"""Of which one line is drawn to what leaves."""
_SHOWN: Final = 5


def find_slices(plan: Plan) -> tuple[tuple[str, ...], int]:
    """Return the proteins that are told slice by slice, and how many slices there are."""
    found = [match["protein"] for name in plan.output_names if (match := _SLICE.fullmatch(name))]
    outputs = set(plan.output_names)
    proteins = tuple(name for name in found if f"{name}_particles[1]" in outputs)
    if not proteins or "held_volume" not in outputs:
        raise StructureError(
            "A column tells what is in the slices of its bed, and this FMU has no outputs '<species>_liquid[1]' and "
            "'<species>_particles[1]' or no 'held_volume'. Choose another architecture."
        )
    n = 1
    while outputs & {f"{proteins[0]}_{where}[{n + 1}]" for where in ("liquid", "particles")}:
        n += 1
    return proteins, n


def find_column_ports(
    description: ComponentDescription, plan: Plan
) -> tuple[str, tuple[str, ...], tuple[tuple[int, tuple[int, ...]], ...], int]:
    """Return the outlet, its species, the places of flow and contents of each inlet, and which inlet is the load."""
    outlets = [port for port in description.ports.values() if port.direction is PortDirection.OUTLET]
    inlets = [port for port in description.ports.values() if port.direction is PortDirection.INLET]
    names = [port.name for port in inlets]
    if len(outlets) != 1 or "load" not in names:
        raise StructureError("A column has one outlet, and an inlet 'load', and this FMU has not.")
    species = tuple(outlets[0].species)
    places = {name: i for i, name in enumerate(plan.input_names)}
    found = tuple(
        (
            places[flow_variable(port)],
            tuple(places[content_variable(port, name)] if name in port.species else -1 for name in species),
        )
        for port in inlets
    )
    return outlets[0].name, species, found, names.index("load")


def require_outputs(
    plan: Plan, proteins: tuple[str, ...], n_slices: int, outlet: str, species: tuple[str, ...]
) -> None:
    """Raise StructureError unless all is told that balances are made from, naming what is missing."""
    places = {f"{outlet}.V_total", "held_volume", "pH", *(f"held_{name}" for name in species)}
    places |= {f"{outlet}.{what}" for name in species for what in (f"c_{name}", f"m_{name}_total")}
    for name in proteins:
        places |= {f"{name}_{where}[{i + 1}]" for where in ("liquid", "particles") for i in range(n_slices)}
    missing = sorted(places - set(plan.output_names))
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise StructureError(
            f"A column tells what leaves, what it holds and what is in its slices, and this FMU has no outputs "
            f"{', '.join(repr(name) for name in missing[:_SHOWN])}{more}. Add them, or choose another architecture."
        )
    outside = [name for name in proteins if name not in species]
    if outside:
        raise StructureError(
            f"The bed of this FMU has slices of '{outside[0]}', which '{outlet}' does not carry. Add it to the stream."
        )
    if n_slices < _LEAST_SLICES:
        raise StructureError(
            "The bed of this FMU is told in one slice, and what leaves follows from two at least. Tell more slices."
        )
