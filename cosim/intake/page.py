"""The intake report as a page."""

from __future__ import annotations

from pathlib import Path

from cosim.intake.assess import seconds
from cosim.intake.report import IntakeReport
from cosim.results.document import write_text
from cosim.results.templating import fill


def judgement(report: IntakeReport) -> tuple[str, str, str]:
    """Return the report in a tone, two words and a sentence."""
    n_bad = sum(finding.tone == "bad" for finding in report.findings)
    if not report.is_usable:
        first = next((finding.text for finding in report.findings if finding.tone == "bad"), "")
        return "bad", "Not usable here", first
    if n_bad:
        return "doubt", "Usable with care", f"{n_bad} thing{'s' if n_bad > 1 else ''} that it does wrong; see below."
    limited = [verdict.algorithm for verdict in report.verdicts if verdict.works != "yes"]
    if limited:
        return "doubt", "Usable", f"Not, or less accurately, with {', '.join(limited)}."
    return "good", "Usable", "Every algorithm can use it."


def write_page(report: IntakeReport, path: Path) -> None:
    """Write the report to ``path`` as a page that needs nothing but itself.

    Raises
    ------
    ResultError
        When ``path`` cannot be written.
    """
    tone, title, text = judgement(report)
    step = seconds(report.step_size)
    write_text(path, fill("intake.html.j2", report=report, tone=tone, title=title, text=text, step=step))
