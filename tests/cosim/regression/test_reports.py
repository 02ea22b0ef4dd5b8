"""The outcome of a suite as JUnit XML, JSON and a page."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from regression_records import curve, record

from cosim.regression.comparison import compare
from cosim.regression.document import document_of
from cosim.regression.junit import junit_of
from cosim.regression.outcome import CaseOutcome, SuiteOutcome
from cosim.regression.page import render
from cosim.regression.parse import parse_suite
from cosim.regression.record import Number
from cosim.regression.suite import Case, Subject, Suite
from cosim.regression.tolerance import Rules, Tolerance

BEFORE = curve(np.sin(np.linspace(0, 6, 200)))
AFTER = curve(np.sin(np.linspace(0, 6, 200)) + np.where(np.arange(200) > 100, 0.2, 0.0))


def case(name, rules=None):
    return Case(name, Subject("scenario", Path("a.yaml")), None, rules or Rules())


@pytest.fixture
def outcome():
    rules = Rules(Tolerance(reach=0))
    bad = compare(record(BEFORE), record(AFTER), rules)
    good = compare(record(BEFORE), record(BEFORE), rules)
    numbers = record(AFTER, numbers={"<peak>": Number(1.2, "m")})
    cases = [
        CaseOutcome(case("same"), "passed", "baseline abc", comparison=good, candidate=record(BEFORE)),
        CaseOutcome(case("moved"), "failed", "baseline abc", exit_code=1, comparison=bad, candidate=numbers),
        CaseOutcome(case("broken"), "error", reason="No <such> file \x00 & more", exit_code=2),
        CaseOutcome(case("elsewhere"), "skipped", reason="OpenModelica is not installed here"),
    ]
    return SuiteOutcome(Suite(Path("s.yaml"), "suite: <s>", "trial", "A & <b>"), cases, 1.5, {"cosim": "1"})


def test_the_worst_exit_code_counts(outcome):
    assert outcome.exit_code == 2
    assert SuiteOutcome(outcome.suite, outcome.cases[:2], 1.0, {}).exit_code == 1
    assert SuiteOutcome(outcome.suite, [outcome.cases[0], outcome.cases[3]], 1.0, {}).exit_code == 0


def test_junit(outcome):
    root = ET.fromstring(junit_of(outcome))
    (suite,) = root
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    same, moved, broken, elsewhere = suite
    assert len(same) == 0
    assert moved[0].tag == "failure"
    assert "tank.level leaves its tube at 1 min 41 s" in moved[0].get("message")
    assert moved[0].text.startswith("likely culprit: tank")
    assert broken[0].get("message") == "No <such> file � & more"
    assert elsewhere[0].tag == "skipped"


def test_json(outcome):
    document = json.loads(json.dumps(document_of(outcome), allow_nan=False))
    moved = document["cases"][1]
    assert (document["exit_code"], moved["status"], moved["culprit"]["component"]) == (2, "failed", "tank")
    assert moved["worst"] == {"signal": "tank.level", "size": pytest.approx(100.0, rel=0.02)}
    assert [finding["kind"] for finding in moved["findings"]] == ["value"]
    assert moved["first"]["time_s"] == 101.0
    assert [item["models"] for item in document["cases"]] == [dict(record(BEFORE).models)] * 2 + [{}] * 2


def test_the_page_is_whole_and_escaped(outcome):
    page = render(outcome, "now")
    assert "1 failed, 1 without an answer, 1 passed, 1 skipped" in page
    assert "A &amp; &lt;b&gt;" in page
    assert "<such>" not in page
    assert "<peak>" not in page
    assert page.count('class="tube"') == 3  # the nearest of what holds; the whole and a closer look of what does not
    assert page.count('class="parting"') == 2
    assert "://" not in page


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("scenario: a.yaml, compiler: omc, against: {compiler: cosim}", ["omc", "cosim"]),
        ("scenario: a.yaml, compiler: omc", ["omc"]),
        ("scenario: a.yaml, compiler: omc, against: {scenario: b.yaml, compiler: cosim}", []),
        ("scenario: a.yaml, compiler: omc, sources: {x: a.fmu}, against: {sources: {x: b.fmu}, compiler: cosim}", []),
        ("fmu: 'modelica:A', duration: 1 s, step: 1 s, compiler: omc, against: {compiler: cosim}", ["omc", "cosim"]),
        ("fmu: 'modelica:A', duration: 1 s, step: 1 s, compiler: omc, against: {fmu: a.fmu}", []),
        ("fmu: a.fmu, duration: 1 s, step: 1 s, against: {fmu: b.fmu}", []),
    ],
)
def test_compilers_are_told_where_they_alone_make_the_difference(more, told):
    suite = parse_suite(f"suite: s\ncases: {{c: {{{more}}}}}\n", Path("/project/s.yaml"))
    outcome = SuiteOutcome(suite, [CaseOutcome(suite.cases["c"], "passed")], 1.0, {})
    assert document_of(outcome)["cases"][0]["compilers"] == told
