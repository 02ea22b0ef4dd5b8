"""What ``cosim run`` says at the end: how it ended, expectations, ledger, where the report is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from cosim.clock import format_ticks

if TYPE_CHECKING:
    from cosim.results import Result
    from cosim.results.records import ExpectationRecord

_STYLES = {"completed": "bold green", "failed": "bold red", "stopped": "bold yellow"}


def print_summary(result: Result) -> None:
    """Print the outcome of a run on the output stream."""
    console = Console(soft_wrap=True, highlight=False)
    outcome = result.outcome
    line = Text(outcome.status, style=_STYLES[outcome.status])
    line.append(f": {format_ticks(outcome.time)} simulated in {outcome.wall_seconds:.2g} s", style="default")
    console.print(line)
    for finding in result.expectations:
        mark = Text("  ✓ " if finding.holds else "  ✗ ", style="green" if finding.holds else "bold red")
        shown = finding.reason if finding.value is None else f"is {_shown_value(finding)} {_shown_unit(finding.unit)}"
        mark.append(f"{finding.text}   {shown}".rstrip(), style="default")
        console.print(mark)
    worst = max(outcome.ledger.items(), key=lambda item: item[1].flowsheet.closure, default=None)
    if worst is not None:
        name, ledger = worst
        console.print(Text(f"  ledger: closes to {ledger.flowsheet.closure:.1e} ({name})"))
    console.print(Text(f"  {result.folder / 'report.html'}"))


def _shown_value(finding: ExpectationRecord) -> str:
    """Write six digits, or all where six would look like the limit that is missed."""
    assert finding.value is not None
    short = f"{finding.value:.6g}"
    return repr(finding.value) if not finding.holds and short in finding.text else short


def _shown_unit(unit: str) -> str:
    return "" if unit == "1" else unit
