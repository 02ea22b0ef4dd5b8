"""What a shadow prints: connection, cycles once a day, and at the end how far plant and twin are apart."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from cosim.acting.actions import Action
from cosim.acting.actions import Kind as Act
from cosim.cli.messages import show_line, show_warning
from cosim.clock import Ticks, format_ticks, to_ticks
from cosim.live.record import Arrival, Kind, Note
from cosim.shadowing.following import AbstractFollower, Compared
from cosim.shadowing.outlook import Health, Outlook

if TYPE_CHECKING:
    from cosim.shadowing.shadow import ShadowResult

_DAY: Final = to_ticks(86_400)


class ShadowLines(AbstractFollower):
    """Prints what is worth a line on the error stream."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._missing: set[str] = set()
        self._told: set[tuple[str, str]] = set()

    def heard(self, arrival: Arrival) -> None:
        """Tell of the link."""
        if not isinstance(arrival, Note):
            return
        if arrival.kind in (Kind.SKEW, Kind.REFUSED, Kind.LOST) and arrival.text:
            show_warning(arrival.text)
        elif arrival.kind is Kind.GAP:
            told = json.loads(arrival.text)
            show_warning(f"Samples of {len(told['gaps'])} tags are lost: {told['why']}.")
        elif arrival.kind is Kind.CONNECTED and self._is_shown:
            show_line(f"Connected to {arrival.text}.")

    def acted(self, action: Action) -> None:
        """Tell of advice, of control, and of what was refused."""
        if action.kind in (Act.STATE, Act.REFUSED):
            show_warning(action.text)
        elif action.kind in (Act.ADVICE, Act.WRITTEN) and self._is_shown:
            show_line(f"{format_ticks(Ticks(action.time)):>12}  {action.text}")

    def follow(self, compared: Compared) -> None:  # noqa: D102
        missing = {pair.tag for pair in compared.pairs if math.isnan(pair.measured)} | set(compared.held)
        time = format_ticks(compared.cycle.end)
        if self._is_shown and missing != self._missing:
            for tag in sorted(missing - self._missing):
                show_line(f"{time:>12}  {tag} is missing.")
            for tag in sorted(self._missing - missing):
                show_line(f"{time:>12}  {tag} is back.")
        self._missing = missing
        if self._is_shown and compared.cycle.end % _DAY == 0:
            told = [f"{pair.tag} {pair.measured:.4g} / {pair.twin:.4g}" for pair in compared.pairs[:4]]
            show_line(f"{time:>12}  plant / twin: {', '.join(told)}")
        if self._is_shown and compared.outlook is not None:
            self._show(compared.outlook, time)

    def _show(self, outlook: Outlook, time: str) -> None:
        """Print alerts as they begin and end, and once a day what is believed."""
        now = {(alert.concern.value, alert.name): alert for alert in outlook.alerts}
        for key in sorted(now.keys() - self._told):
            show_warning(f"{time}: {now[key].text} {now[key].cause}".rstrip())
        for _, name in sorted(self._told - now.keys()):
            show_line(f"{time:>12}  It is over with {name or 'the estimate'}.")
        self._told = set(now)
        if outlook.time % _DAY == 0:
            told = [f"{_short(item.name)} {item.value:.4g} ({item.low:.3g} to {item.high:.3g}) {item.unit}"
                    for item in outlook.estimates]  # fmt: skip
            health = (
                outlook.health.value if outlook.health is Health.GOOD else f"{outlook.health.value}: {outlook.reason}"
            )
            show_line(f"{time:>12}  estimate ({health}): {', '.join(told)}")

    def settle(self) -> None:  # noqa: D102
        pass


def _short(name: str) -> str:
    return name.partition(".")[2]


def print_mismatches(told: Mapping[str, Any], name: str = "") -> None:
    """Print what ``shadow_json`` tells of the shadow ``name``: how far plant and twin were apart, as a table."""
    table = Table("tag", "n", "mean of twin - plant", "rms", box=None, pad_edge=False)
    for tag, item in told["mismatch"].items():
        numbers = (f"{item['mean']:.4g}", f"{item['rms']:.4g}") if item["n"] else ("", "")
        table.add_row(tag, str(item["n"]), *numbers)
    console = Console()
    console.print(f"{name}: {told['cycles']} cycles." if name else f"{told['cycles']} cycles.")
    console.print(table)
    console.print(f"  {told['folder']}", soft_wrap=True)


def shadow_json(result: ShadowResult) -> dict[str, object]:
    """Return the same for a program."""
    return {
        "folder": str(result.result.folder),
        "cycles": result.n_cycles,
        "complete": result.is_over,
        "mismatch": {
            name: {"n": item.n, "mean": item.mean if item.n else None, "rms": item.rms if item.n else None}
            for name, item in result.mismatches.items()
        },
    }
