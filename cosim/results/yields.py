"""What each unit did with the product it got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cosim.execution.outcome import LedgerEntry
from cosim.results.display import amount, number
from cosim.results.result import Result


@dataclass(frozen=True, slots=True)
class YieldRow:
    """A unit's volume in; product at the start or in, made, passed on, out, consumed, held; yield, as texts."""

    unit: str
    cells: tuple[str, ...]


def yield_rows(result: Result, product: str) -> list[YieldRow]:
    """Return a row for each unit that had some of ``product``, in the order of the scenario."""
    if product not in result.ledger:
        return []
    units = result.ledger[product].units
    volumes = result.ledger["volume"].units if "volume" in result.ledger else {}
    order = [name for name in result.run.get("structure", {}).get("components", {}) if name in units]
    return [
        _row(name, units[name], volumes, result.ledger[product].streams)
        for name in order
        if units[name].start or units[name].entered or units[name].made
    ]


def _row(unit: str, entry: LedgerEntry, volumes: Mapping[str, LedgerEntry], streams: Mapping[str, float]) -> YieldRow:
    passed = sum(
        value for stream, value in streams.items() if stream.startswith(f"{unit}.") and not stream.endswith("=> waste")
    )
    had = entry.start + entry.entered + entry.made
    values = (entry.start + entry.entered, entry.made, passed, entry.left - passed, entry.consumed, entry.held)
    # What is left of a difference of sums is round-off.
    cells = [amount(value, entry.unit) if abs(value) > 1e-12 * had else "0" for value in values]
    volume = amount(volumes[unit].entered, volumes[unit].unit) if unit in volumes else "–"
    return YieldRow(unit, (volume, *cells, f"{number(100 * passed / had)} %" if passed else "–"))
