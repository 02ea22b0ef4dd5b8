"""The outcome of a suite for continuous integration: JUnit XML, one test case per case."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from cosim.regression.outcome import CaseOutcome, SuiteOutcome

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""


def junit_of(outcome: SuiteOutcome) -> str:
    """Return ``outcome`` as JUnit XML."""
    counts = outcome.counts
    sums = f'tests="{len(outcome.cases)}" failures="{counts.get("failed", 0)}" errors="{counts.get("error", 0)}"'
    sums += f' skipped="{counts.get("skipped", 0)}" time="{outcome.seconds:.3f}"'
    cases = "".join(_case(outcome.suite.name, item) for item in outcome.cases)
    suite = f"<testsuite name={_quoted(outcome.suite.name)} {sums}>\n{cases}</testsuite>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {sums}>\n{suite}\n</testsuites>\n'


def _case(suite: str, item: CaseOutcome) -> str:
    names = f"classname={_quoted(f'cosim.regress.{suite}')} name={_quoted(item.case.name)}"
    head = f'<testcase {names} time="{item.seconds:.3f}"'
    if item.status == "passed":
        return f"{head}/>\n"
    if item.status == "skipped":
        return f"{head}><skipped message={_quoted(item.reason)}/></testcase>\n"
    if item.comparison is None:
        return f"{head}><error message={_quoted(item.reason)}/></testcase>\n"
    failures = item.comparison.failures
    first = item.comparison.first or failures[0]
    lines = [f"{finding.kind}: {finding.text}" for finding in failures]
    if item.comparison.culprit is not None:
        lines.insert(0, f"likely culprit: {item.comparison.culprit.text}")
    text = escape(_UNWRITABLE.sub("�", "\n".join(lines)))
    return f"{head}><failure type={_quoted(first.kind)} message={_quoted(first.text)}>{text}</failure></testcase>\n"


def _quoted(text: str) -> str:
    return quoteattr(_UNWRITABLE.sub("�", text))
