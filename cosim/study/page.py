"""``study.html``: one self-contained page that tells a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cosim.results.display import number, pretty_unit
from cosim.results.document import plain, write_text
from cosim.results.templating import fill
from cosim.study.distributions import Choice
from cosim.study.faults.fault import HOUR, Fault
from cosim.study.method import Cell, Section, Table
from cosim.study.problem import Factor, Response
from cosim.study.result import StudyResult
from cosim.study.signals import picture

_MOST_FAILURES: Final = 20
_MOST_RESPONSES: Final = 40
"""Those of a calibration are as many as its samples."""


def write_page(result: StudyResult, document: Mapping[str, Any]) -> None:
    """Write the page of ``result``, of which ``document`` tells how it came to be.

    Raises
    ------
    ResultError
        When it cannot be written.
    """
    write_text(result.report, render(result, document))


def render(result: StudyResult, document: Mapping[str, Any]) -> str:
    """Return the page as text; all of it is escaped but the drawings, which escape what they hold."""
    failures = [row for row in result.rows if row["status"] != "completed"]
    return fill(
        "study.html.j2",
        result=result,
        document=document,
        parts=document.get("parts") or {"": document["run"]},
        answer=result.answer,
        tone=_tone(result),
        title=_title(result),
        sections=_sections(result),
        factors=[
            *(_factor(factor) for factor in result.problem.factors if factor.target.kind != "label"),
            *(_fault(fault) for fault in result.problem.faults),
        ],
        responses=[_response(response) for response in result.problem.responses[:_MOST_RESPONSES]],
        n_responses=len(result.problem.responses),
        failures=failures[:_MOST_FAILURES],
        n_failures=len(failures),
        seconds=sum(row["seconds"] for row in result.rows),
    )


def _sections(result: StudyResult) -> list[dict[str, Any]]:
    """Return what is answered, and behind its first part what the faults look like."""
    if result.answer is None:
        return []
    found = [_shown(section) for section in result.answer.sections]
    drawing = picture(result)
    if drawing:
        text = "Of each kind the most severe run that was completed; its fault begins and ends at times of its own."
        found.insert(1, _shown(Section("signals", "What faults look like", text, Table((), ()), drawing)))
    return found


def _tone(result: StudyResult) -> str:
    if result.answer is None:
        return "bad"
    return "doubt" if result.answer.warnings or result.counts.get("completed", 0) < len(result.rows) else "good"


def _title(result: StudyResult) -> str:
    n, counts = len(result.rows), result.counts
    lost = n - counts.get("completed", 0)
    made = f"{n} run{'' if n == 1 else 's'}" if n == result.n_planned else f"{n} of {result.n_planned} runs"
    return f"{made}, {lost} failed" if lost else made


def _shown(section: Section) -> dict[str, Any]:
    units = section.table.units or ("",) * len(section.table.columns)
    heads = [
        f"{name} [{pretty_unit(unit)}]" if pretty_unit(unit) else name
        for name, unit in zip(section.table.columns, units, strict=True)
    ]
    return {
        "title": section.title,
        "text": section.text,
        "drawing": section.drawing,
        "heads": heads,
        "rows": [[_cell(cell) for cell in row] for row in section.table.rows],
    }


def _cell(cell: Cell) -> str:
    if cell is None:
        return "–"
    return cell if isinstance(cell, str) else number(cell)


def _factor(factor: Factor) -> tuple[str, str, str]:
    unit = pretty_unit(factor.unit)
    if factor.labels:
        return factor.name, "one of", ", ".join(factor.labels)
    if isinstance(factor.distribution, Choice):
        return factor.name, "one of", f"{', '.join(map(number, factor.distribution.values))} {unit}".strip()
    parts: dict[str, float] = plain(factor.distribution)  # type: ignore[assignment]
    told = ", ".join(f"{name} {number(value)}" for name, value in parts.items() if value is not None)
    return factor.name, type(factor.distribution).__name__.lower(), f"{told} {unit}".strip()


def _fault(fault: Fault) -> tuple[str, str, str]:
    at = " to ".join(f"{number(time / HOUR)} h" for time in dict.fromkeys(fault.at))
    lasts = " to ".join(f"{number(time / HOUR)} h" for time in dict.fromkeys(fault.lasts or ()))
    targets = ", ".join(str(setting.target) for setting in fault.settings)
    return fault.name, "fault", f"at {at}, {f'for {lasts}' if lasts else 'to the end'}: {targets}"


def _response(response: Response) -> tuple[str, str, str]:
    unit = pretty_unit(response.unit)
    limits = [
        f"{word} {number(limit)} {unit}".strip()
        for word, limit in (("at least", response.at_least), ("at most", response.at_most))
        if limit is not None
    ]
    return response.name, f"{response.measure.text} [{unit}]" if unit else response.measure.text, ", ".join(limits)
