"""An intake report on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cosim.cli.messages import error_console
from cosim.clock import Ticks
from cosim.intake.page import judgement, write_page
from cosim.intake.probe import InterfaceType, probe
from cosim.intake.report import IntakeReport, store_report
from cosim.run import ALGORITHMS

_MARKS: Final = {"good": ("✓", "green"), "note": ("·", "cyan"), "limit": ("!", "yellow"), "bad": ("✗", "bold red")}
_WORKS: Final = {"yes": "green", "limited": "yellow", "no": "bold red"}
_TONES: Final = {"good": "green", "doubt": "yellow", "bad": "red"}


def try_out(
    file: Path,
    *,
    interface: InterfaceType | None,
    step: Ticks | None,
    starts: Mapping[str, str],
    patience: float,
    is_shown: bool,
) -> tuple[IntakeReport, Path]:
    """Probe ``file``, telling what is being tried; store the report and its page; return both."""
    console = error_console()
    with console.status("trying") as status:

        def tell(trial: str) -> None:
            if is_shown:
                status.update(f"trying {file.name}: {trial}")

        report = probe(
            file, ALGORITHMS, interface=interface, step=step, starts=starts, patience=patience, on_trial=tell
        )
    place = store_report(report, file)
    page = place.with_suffix(".html")
    write_page(report, page)
    return report, page


def show_report(report: IntakeReport, page: Path, console: Console | None = None) -> None:
    """Print ``report``, and where it lies."""
    console = console or Console(highlight=False)
    tone, title, text = judgement(report)
    console.print(
        Panel(Text(text), title=Text(report.file, style="bold"), title_align="left", subtitle=title,
              subtitle_align="right", border_style=_TONES[tone])
    )  # fmt: skip
    found = Table.grid(padding=(0, 1))
    found.add_column(no_wrap=True)
    found.add_column(no_wrap=True, style="dim")
    found.add_column(overflow="fold")
    for one in report.findings:
        mark, style = _MARKS[one.tone]
        found.add_row(Text(mark, style=style), Text(one.subject), Text(_clean(one.text)))
    console.print(found)
    console.print()
    works = Table.grid(padding=(0, 2))
    for verdict in report.verdicts:
        works.add_row(verdict.algorithm, Text(verdict.works, style=_WORKS[verdict.works]), _clean(verdict.text))
    console.print(works)
    console.print(f"\n{report.snippet}", markup=False, soft_wrap=True)
    console.print(str(page), soft_wrap=True, markup=False)


def _clean(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
