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
    console.print()
    console.print(_stages(stages))
    console.print(_components(components, effort))
    for line in effort_lines(effort):
        console.print(line, soft_wrap=True)


def _stages(stages: Mapping[str, float]) -> Table:
    table = Table(box=None, title="where the time went", title_justify="left", title_style="bold", pad_edge=False)
    for name in (*stages, "total"):
        table.add_column(name, justify="right")
    table.add_row(*(time(item) for item in (*stages.values(), sum(stages.values()))))
    return table


def _components(components: Mapping[str, Mapping[str, Any]], effort: Mapping[str, Any]) -> Table:
    engine = float(effort.get("engine", 0.0))
    total = sum(float(item["seconds"]) for item in components.values()) + engine
    used = [name for name in GROUPS if any(_calls(item, name) for item in components.values())]
    table = Table(box=None, title="stepping", title_justify="left", title_style="bold", pad_edge=False)
    table.add_column("component")
    for name in ("time", "share", "steps", "per step", *(f"{name} calls" for name in used)):
        table.add_column(name, justify="right")
    for name, item in sorted(components.items(), key=lambda pair: -float(pair[1]["seconds"])):
        seconds, steps = float(item["seconds"]), int(item["steps"])
        per_step = time(seconds / steps) if steps else "–"
        calls = [f"{_calls(item, group)}" for group in used]
        table.add_row(name, time(seconds), share(seconds, total), str(steps), per_step, *calls)
    windows = int(effort.get("windows", 0))
    per_window = time(engine / windows) if windows else "–"
    table.add_row("[i]engine[/i]", time(engine), share(engine, total), str(windows), per_window)
    return table


def _calls(item: Mapping[str, Any], group: str) -> int:
    return int(item["calls"].get(group, {}).get("n", 0))
