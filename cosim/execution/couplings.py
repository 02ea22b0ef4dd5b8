"""Which inputs of components that are initialised together follow from outputs of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cosim.algorithm.initialisation import Coupling
from cosim.algorithm.participant import Participant
from cosim.algorithm.transfer import Transfer
from cosim.execution.assembly import System


def couplings_between(system: System, group: Sequence[Participant]) -> list[Coupling]:
    """Return what connections and streams between participants of ``group`` will carry."""
    members = {participant.name: participant for participant in group}
    found: list[Coupling] = []
    for receiver in group:
        for target, wire in enumerate(system.wires.get(receiver.name, ())):
            sender = members.get(wire.sender)
            if sender is not None:
                source = wire.source - system.sources_begin(sender)
                found.append(Coupling(sender, source, receiver, target, wire.factor, wire.offset))
        for inflow in receiver.inflows:
            if inflow.sender.name in members:
                found.extend(_of_stream(inflow))
    return found


def _of_stream(flow: Transfer) -> Iterator[Coupling]:
    """Yield flow, composition and temperature as ``Transfer.prime`` sets them."""
    outlet, sender, receiver = flow.outlet, flow.sender, flow.target
    yield Coupling(sender, outlet.flow, receiver, flow.flow, flow.volume_factor, least=flow.least_flow)
    for i, (source, factor) in enumerate(zip(outlet.contents.tolist(), flow.factors.tolist(), strict=False)):
        yield Coupling(sender, source, receiver, flow.flow + 1 + i, factor)
    if flow.temperature is not None and outlet.temperature is not None:
        factor, offset = flow.temperature_factor, flow.temperature_offset
        yield Coupling(sender, outlet.temperature, receiver, flow.temperature, factor, offset)
