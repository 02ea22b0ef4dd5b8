"""What ``cosim run --profile`` shows: where the time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from cosim.results.effort import effort_lines, share, time

GROUPS: Final = ("set", "step", "get", "state", "derivatives")
"""Groups of calls that have a column where any component was called for them."""


def print_profile(profile: Mapping[str, Any]) -> None:
    """Print stages, components and effort of a profiled run."""
    console = Console(highlight=False)
    stages: Mapping[str, float] = profile.get("stages", {})
    components: Mapping[str, Mapping[str, Any]] = profile.get("components", {})
    effort: Mapping[str, Any] = profile.get("effort", {})
    console.print(_stages(stages))
    console.print(_components(components, effort))
    if any(item["calls"] for item in components.values()):
        console.print(_calls_made(components))
    for line in effort_lines(effort):
        console.print(line, soft_wrap=True)


def _stages(stages: Mapping[str, float]) -> Table:
    total = sum(stages.values())
    table = _table("where the time went", "stage", "time", "share")
    for name, seconds in (*stages.items(), ("total", total)):
        table.add_row(name, time(seconds), share(seconds, total))
    return table


def _components(components: Mapping[str, Mapping[str, Any]], effort: Mapping[str, Any]) -> Table:
    engine = float(effort.get("engine", 0.0))
    total = sum(float(item["seconds"]) for item in components.values()) + engine
    table = _table("stepping", "component", "time", "share", "steps", "per step")
    for name, item in _costliest_first(components):
        seconds, steps = float(item["seconds"]), int(item["steps"])
        table.add_row(
            _placed(name, item),
            time(seconds),
            share(seconds, total),
            str(steps),
            time(seconds / steps) if steps else "–",
        )
    windows = int(effort.get("windows", 0))
    per_window = time(engine / windows) if windows else "–"
    table.add_row("[i]engine[/i]", time(engine), share(engine, total), str(windows), per_window)
    return table


def _placed(name: str, item: Mapping[str, Any]) -> str:
    """Name a component, with its host where that is another process."""
    host = item.get("host", "inline")
    return name if host == "inline" else f"{name} ({host})"


def _calls_made(components: Mapping[str, Mapping[str, Any]]) -> Table:
    used = [name for name in GROUPS if any(_n(item, name) for item in components.values())]
    table = _table("calls", "component", *used)
    for name, item in _costliest_first(components):
        table.add_row(name, *(str(_n(item, group)) for group in used))
    return table


def _table(title: str, first: str, *others: str) -> Table:
    """Return a table whose numbers are never cut: where the line is short, the first column wraps."""
    table = Table(box=None, title=f"\n{title}", title_justify="left", title_style="bold", pad_edge=False)
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _costliest_first(components: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    return sorted(components.items(), key=lambda pair: -float(pair[1]["seconds"]))


def _n(item: Mapping[str, Any], group: str) -> int:
    return int(item["calls"].get(group, {}).get("n", 0))
