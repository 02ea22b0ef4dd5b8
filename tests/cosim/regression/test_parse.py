"""Suite files: what they say, and every problem with its line."""

import re
from pathlib import Path

import pytest

from cosim.errors import CosimError, ProblemList
from cosim.regression.parse import parse_suite
from cosim.regression.suite import Data

WHOLE = """\
suite: library
description: All of it
tolerance: {relative: 1e-4, time: 2 s}
cases:
  hello:
    scenario: ../hello.yaml
    parameters: {reactor.mu_max: 0.04 1/h}
    signals: {reactor.*: , reactor.pH: {absolute: 0.01, time: 1 min}}
    kpis:
      titre: final(reactor.titre)
      cells: {value: max(reactor.cells), unit: 1e6/mL, relative: 1e-2, at_least: 5e6/mL}
    ledger: 1e-9
    cost: {steps: 1.1}
    accept: [start]
  alone:
    fmu: vendor/Tank.fmu
    inputs: flow.csv
    duration: 2 h
    step: 10 s
    signals: [fmu.level]
  versions:
    scenario: ../hello.yaml
    fmi: 3.0
    against: {fmi: 2.0}
    cost: {seconds: 1.5}
  plant:
    scenario: ../hello.yaml
    against: {data: batch_7.csv}
  spread:
    study: ../studies/hello.yaml
"""
FILE = Path("/project/regression/library.yaml")


def problems(old, new):
    assert old in WHOLE
    with pytest.raises(CosimError) as caught:
        parse_suite(WHOLE.replace(old, new), FILE)
    error = caught.value
    return "\n".join(map(str, error.problems)) if isinstance(error, ProblemList) else str(error)


def test_everything_that_a_suite_says():
    suite = parse_suite(WHOLE, FILE)
    assert (suite.name, suite.description, list(suite.cases)) == (
        "library", "All of it", ["hello", "alone", "versions", "plant", "spread"],
    )  # fmt: skip
    hello = suite.cases["hello"]
    assert hello.subject.path == FILE.parent / "../hello.yaml"
    assert hello.subject.parameters["reactor.mu_max"].text == "0.04 1/h"
    assert [pattern.text for pattern in hello.rules.signals] == ["reactor.*", "reactor.pH"]
    acid = hello.rules.of_signal("reactor.pH")
    assert (acid.relative, acid.absolute_in("1"), acid.reach) == (1e-4, 0.01, 60_000_000_000)
    assert hello.rules.of_signal("reactor.T").reach == 2_000_000_000
    assert hello.rules.of_signal("feeder.dose") is None
    assert [(entry.name, entry.measure.text) for entry in hello.numbers] == [
        ("titre", "final(reactor.titre)"), ("cells", "max(reactor.cells)"),
    ]  # fmt: skip
    cells = hello.rules.numbers["cells"]
    assert (cells.tolerance.relative, cells.at_least.text, cells.at_most) == (1e-2, "5e6/mL", None)
    assert hello.rules.numbers["titre"].tolerance.relative == 1e-4
    assert (hello.rules.ledger, hello.rules.steps, hello.rules.accept) == (1e-9, 1.1, {"start"})
    alone = suite.cases["alone"].subject
    assert (alone.kind, alone.source.text) == ("fmu", "/project/regression/vendor/Tank.fmu")
    assert (alone.inputs, alone.duration.text) == (Path("/project/regression/flow.csv"), "2 h")
    versions = suite.cases["versions"]
    assert (versions.subject.fmi, versions.against.fmi, versions.rules.seconds) == ("3.0", "2.0", 1.5)
    assert versions.against.path == versions.subject.path
    assert suite.cases["plant"].against == Data(FILE.parent / "batch_7.csv", suite.cases["plant"].against.origin)
    assert suite.cases["spread"].subject.kind == "study"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("suite: library", "suit: library", "library.yaml:1: A suite has no key 'suit'. Do you mean 'suite'?"),
        ("suite: library", "suite: two words", "1: 'two words' cannot name a suite"),
        ("time: 2 s", "time: 2", "3: 'time' of 'tolerance': The duration '2' has no unit"),
        ("relative: 1e-4", "relative: -1", "3: 'relative' of 'tolerance' is -1; it should be zero or more"),
        ("relative: 1e-4", "relative: 2", "3: 'relative' of 'tolerance' is 2: more than the whole range of a signal"),
        ("relative: 1e-4", "absolute: 1 g", "3: 'tolerance' has no key 'absolute'. There are relative, time"),
        ("    scenario: ../hello.yaml\n    parameters", "    parameters", "5: Case 'hello' has nothing to run"),
        ("hello:\n", "hello:\n    fmu: a.fmu\n", "5: Case 'hello' has 'scenario' and 'fmu'. Write one of"),
        ("final(reactor.titre)", "last(reactor.titre)", "10: There is no function 'last' of a run"),
        ("value: max(reactor.cells), ", "", "11: The number 'cells' has no 'value'"),
        ("at_least: 5e6/mL", "at_least: many", "11: 'at_least' of The number 'cells': 'many' is not a quantity"),
        ("time: 2 s", "time: 1e300 s", "3: 'time' of 'tolerance' is longer than a hundred years"),
        ("absolute: 0.01", "absolute: 1e308 km", "8: 'absolute' of 'reactor.pH' is 1e308 km; no signal is so large"),
        ("scenario: ../hello.yaml", f"scenario: {'x' * 5000}", "6: Case 'hello' names 'xxxx"),
        ("fmi: 3.0\n", 'sources: {tank: "a\\0b.fmu"}\n', "23: 'tank' names 'a\\x00b.fmu', which can be no file"),
        ("flow.csv", '"\\0.csv"', "17: 'inputs' of Case 'alone' names '\\x00.csv', which can be no file"),
        ("data: batch_7.csv", 'data: "a\\0b"', "28: 'against' of Case 'plant' names 'a\\x00b', which can be no file"),
        ("ledger: 1e-9", "ledger: tight", "12: 'ledger' of Case 'hello' is 'tight'; it should be a number"),
        ("cost: {steps: 1.1}", "cost: {seconds: 2}", "13: Case 'hello' limits 'seconds', which mean something only"),
        ("accept: [start]", "accept: [stat]", "14: There is no finding of the kind 'stat'. Do you mean 'start'?"),
        ("    step: 10 s\n", "", "15: Case 'alone' runs an FMU alone: say its 'step'"),
        ("vendor/Tank.fmu", "csv:tank.csv", "16: Case 'alone' runs 'csv:tank.csv' alone, which is neither"),
        ("vendor/Tank.fmu", "vendor/Tank.exe", "16: The source 'vendor/Tank.exe' of Case 'alone' is not"),
        ("fmi: 3.0\n", "fmi: 4.0\n", "23: 'fmi' of Case 'versions' is '4.0'; it should be one of 2.0, 3.0"),
        ("against: {fmi: 2.0}", "against: {}", "24: 'against' of Case 'versions' says nothing"),
        ("against: {fmi: 2.0}", "against: {fmu: a.fmu}", "24: 'against' of Case 'versions' is another fmu, but"),
        ("data: batch_7.csv", "data: a.csv, fmi: 2.0", "28: 'against' of Case 'plant' has 'data' and 'fmi'"),
        ("study: ../studies/hello.yaml", "study: a.yaml\n    step: 1 s", "31: Case 'spread' has 'step', which is for"),
        ("study: ../studies/hello.yaml", "study: a.yaml\n    fmi: 2.0", "29: Case 'spread' is a study: it is run as"),
    ],
)  # fmt: skip
def test_a_problem_is_told_with_its_line(old, new, told):
    assert told in problems(old, new)


def test_all_problems_come_at_once():
    text = problems("ledger: 1e-9", "ledger: x\n    cots: {}")
    assert ":12:" in text
    assert ":13: Case 'hello' has no key 'cots'. Do you mean 'cost'?" in text


def test_an_empty_suite():
    with pytest.raises(CosimError, match="There are no 'cases'"):
        parse_suite("suite: a\n", FILE)


@pytest.mark.parametrize("more", ["    compiler: omc\n", "    against: {fmu: other.fmu, compiler: omc}\n"])
def test_a_compiler_where_nothing_is_compiled(more):
    text = problems("    inputs: flow.csv\n", f"    inputs: flow.csv\n{more}")
    assert re.search(r"has a 'compiler', and '.*(Tank|other)\.fmu' is built already", text)
