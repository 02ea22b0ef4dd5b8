"""What ``cosim study`` says at the end: how many runs, the answer in tables, where the page is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from cosim.results.display import number

if TYPE_CHECKING:
    from cosim.study.method import Cell, Section
    from cosim.study.result import StudyResult

_MOST_ROWS = 20


def print_study(result: StudyResult) -> None:
    """Print the outcome of a study on the output stream."""
    console = Console(soft_wrap=True, highlight=False)
    style = "bold green" if result.status == "completed" else "bold yellow"
    counts = ", ".join(f"{n} {status}" for status, n in sorted(result.counts.items()))
    line = Text(result.status, style=style)
    line.append(f": {result.n_planned} runs planned, {counts or 'none made'}", style="default")
    console.print(line)
    if result.answer is not None:
        console.print(Text(f"  {result.answer.verdict}"))
        for warning in result.answer.warnings:
            console.print(Text(f"  warning: {warning}", style="yellow"))
        for section in result.answer.sections:
            if section.table.rows:
                _print_section(console, section)
    console.print(Text(f"  {result.report}"))


def _print_section(console: Console, section: Section) -> None:
    console.print(Text(f"\n  {section.title}", style="bold"))
    units = section.table.units or ("",) * len(section.table.columns)
    heads = [
        f"{name} [{unit}]" if unit not in ("", "1") else name
        for name, unit in zip(section.table.columns, units, strict=True)
    ]
    rows = [[_cell(cell) for cell in row] for row in section.table.rows[:_MOST_ROWS]]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for i, cells in enumerate([heads, *rows]):
        others = (f"{cell:>{width}}" for cell, width in zip(cells[1:], widths[1:], strict=True))
        console.print(Text("  ".join([f"  {cells[0]:<{widths[0]}}", *others]), style="" if i else "dim"))
    if len(section.table.rows) > _MOST_ROWS:
        console.print(Text(f"  … {len(section.table.rows) - _MOST_ROWS} more in the page"))


def _cell(cell: Cell) -> str:
    return "–" if cell is None else cell if isinstance(cell, str) else number(cell)
