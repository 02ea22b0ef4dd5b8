"""Which component a difference comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.regression.record import Record
from cosim.regression.signals import Compared
from cosim.system.graph import strongly_connected


@dataclass(frozen=True, slots=True)
class Culprit:
    """The component in which a difference begins, of all its signals in ``signal`` at ``time`` [ns]."""

    component: str
    signal: str
    time: int
    text: str


def find_culprit(baseline: Record, candidate: Record, compared: Iterable[Compared]) -> Culprit | None:
    """Find the component that differs first; of those that begin together, the one that the others are fed by.

    A difference counts from a tenth of the tolerance on, so that a component which multiplies what it is fed is not
    taken for the source of it. Only where some signal leaves its tube is there a culprit.
    """
    signals = [signal for signal in compared if signal.early is not None and signal.reference.axis == "time"]
    if not any(signal.first is not None for signal in signals):
        return None
    first: dict[str, Compared] = {}
    for signal in signals:
        known = first.get(signal.reference.component)
        if known is None or _begin(signal) < _begin(known):
            first[signal.reference.component] = signal
    order = _causal_order(baseline.flow, first)
    earliest = min(_begin(signal) for signal in first.values())
    together = [name for name, signal in first.items() if _begin(signal) <= earliest + TICKS_PER_SECOND]
    name = min(together, key=order.index)
    signal = first[name]
    when = format_ticks(Ticks(_begin(signal)))
    return Culprit(
        name,
        signal.name,
        _begin(signal),
        f"{name}: {signal.name} differs first, at {when}; {_why(name, baseline, candidate)}",
    )


def _begin(signal: Compared) -> int:
    assert signal.early is not None
    return signal.early


def _causal_order(flow: Sequence[tuple[str, str]], components: Mapping[str, object]) -> list[str]:
    edges: dict[str, list[str]] = {}
    for source, target in flow:
        edges.setdefault(source, []).append(target)
    names = list(dict.fromkeys([*(name for pair in flow for name in pair), *components]))
    return [name for part in strongly_connected(names, edges) for name in part]


def _why(name: str, baseline: Record, candidate: Record) -> str:
    before, after = baseline.models.get(name), candidate.models.get(name)
    if before == after:
        return "its model is the same, so look at its parameters, at what it is fed, and at cosim"
    return "its model has changed"
