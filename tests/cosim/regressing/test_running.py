"""Whole suites with models of a few lines: what is run, what is known, what is found."""

import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from cosim.audit.trail import begin
from cosim.audit.verify import Reading
from cosim.build.builder import BuiltFmu
from cosim.errors import BuildError, CosimError, RequestError, ScenarioError
from cosim.regressing import staging
from cosim.regressing.baselining import set_baselines
from cosim.regressing.keys import code_digest, key_of
from cosim.regressing.reporting import write_reports
from cosim.regressing.running import regress
from cosim.regression.baselines import Baselines
from cosim.regression.document import document_of
from cosim.regression.parse import read_suite
from cosim.regression.suite import Case, Subject
from cosim.regression.tolerance import Rules

MODEL = """\
model Tank "Fills towards what is fed, and drains"
  parameter Real area(unit = "m2") = 2;
  input Real feed(unit = "m3/s", start = 0.1);
  output Real level(unit = "m", start = 0, fixed = true);
  output Real double(unit = "m");
protected
  Real rise;
equation
  rise = feed/area;
  der(level) = rise - 0.1*level;
  double = 2*level;
end Tank;
"""
SCENARIO = """\
scenario: tanks
components:
  upper: {source: modelica:Tank}
  lower: {source: modelica:Tank}
connections: []
phases:
  fill: {active: [upper, lower], duration: 20 s, step: 1 s}
  rest: {active: [upper, lower], duration: 10 s, step: 1 s, set: {upper.feed: 0 m3/s}}
"""
SUITE = """\
suite: tanks
tolerance: {relative: 1e-3, time: 0 s}
cases:
  both:
    scenario: tanks.yaml
    kpis: {highest: max(upper.level)}
  alone:
    fmu: modelica:Tank
    inputs: flow.csv
    duration: 10 s
    step: 1 s
  versions:
    scenario: tanks.yaml
    fmi: 3.0
    against: {fmi: 2.0}
    cost: {seconds: 100}
    accept: [capability]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    for module in ("running", "staging"):  # records of its own; FMUs are shared with other tests
        monkeypatch.setattr(f"cosim.regressing.{module}.cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "Tank.mo").write_text(MODEL)
    (tmp_path / "tanks.yaml").write_text(SCENARIO)
    (tmp_path / "flow.csv").write_text("time [s],feed [L/s]\n0,100\n10,300\n")
    (tmp_path / "suite.yaml").write_text(SUITE)
    monkeypatch.chdir(tmp_path)  # in the folder of a project, others would put their classes of this name there
    return tmp_path


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def outcomes(project, *cases, workers=0):
    return {item.case.name: item for item in regress(project / "suite.yaml", cases, workers=workers).cases}


def test_a_suite_from_its_first_baseline_to_a_regression(project):
    first = outcomes(project, workers=2)
    assert {name: item.status for name, item in first.items()} == {
        "both": "failed", "alone": "failed", "versions": "passed",
    }  # fmt: skip
    assert first["both"].comparison.failures[0].kind == "baseline"
    changes = set_baselines(project / "suite.yaml", reason="the first", by="Ada", workers=0)
    assert [change.case.name for change in changes] == ["both", "alone"]

    again = regress(project / "suite.yaml")
    assert again.exit_code == 0
    assert all(item.is_known for item in again.cases)
    assert not any(item.is_known for item in regress(project / "suite.yaml", ["both"], run_all=True, workers=0).cases)

    replace_in(project / "Tank.mo", "0.1*level", "0.11*level")
    changed = regress(project / "suite.yaml", workers=0)
    assert changed.exit_code == 1
    both = next(item for item in changed.cases if item.case.name == "both")
    assert both.comparison.culprit.component == "upper"
    assert "its model has changed" in both.comparison.culprit.text
    assert {finding.kind for finding in both.comparison.failures} == {"value", "kpi"}

    folder = write_reports(changed, project / "out")
    assert sorted(path.name for path in folder.iterdir()) == ["junit.xml", "regress.json", "report.html"]
    assert json.loads((folder / "regress.json").read_text())["exit_code"] == 1
    write_reports(again, project / "out")
    assert json.loads((folder / "regress.json").read_text())["exit_code"] == 0


def test_only_what_a_change_can_affect_is_run(project):
    set_baselines(project / "suite.yaml", ["both", "alone"], reason="the first", by="Ada", workers=0)
    assert all(item.is_known for item in outcomes(project, "both", "alone").values())
    replace_in(project / "flow.csv", "300", "301")
    known = {name: item.is_known for name, item in outcomes(project, "both", "alone").items()}
    assert known == {"both": True, "alone": False}
    replace_in(project / "tanks.yaml", "duration: 10 s", "duration: 9 s")
    found = outcomes(project, "both", "alone")
    assert {name: item.is_known for name, item in found.items()} == {"both": False, "alone": True}
    assert {"shorter", "event"} <= {finding.kind for finding in found["both"].comparison.failures}
    replace_in(project / "tanks.yaml", "scenario: tanks", "# a remark\nscenario: tanks")
    assert outcomes(project, "both")["both"].is_known


def test_a_harmless_change_of_the_model_passes(project):
    set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)
    replace_in(project / "Tank.mo", "rise", "gain")
    replace_in(project / "Tank.mo", "double = 2*level", "double = level + level")
    found = outcomes(project, "both")["both"]
    assert (found.status, found.is_known) == ("passed", False)


def test_a_change_inside_all_tolerances_keeps_the_baseline(project):
    set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)
    before = Baselines(read_suite(project / "suite.yaml")).current("both")
    replace_in(project / "Tank.mo", "0.1*level", "0.100001*level")
    (change,) = set_baselines(project / "suite.yaml", ["both"], reason="a change", by="Ada", workers=0)
    assert change.entry is None
    assert Baselines(read_suite(project / "suite.yaml")).current("both") == before
    replace_in(project / "Tank.mo", "0.100001*level", "0.2*level")
    (change,) = set_baselines(project / "suite.yaml", ["both"], reason="a change", by="Bob", workers=0)
    assert (change.entry.previous, change.entry.by) == (before.sha256, "Bob")
    assert not change.comparison.holds


def test_a_run_that_fails_is_an_answer_of_its_own(project):
    set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)
    replace_in(project / "Tank.mo", "equation", 'equation\n  assert(level < 0.4, "It overflows");')
    outcome = regress(project / "suite.yaml", ["both"], workers=0)
    assert outcome.exit_code == 3
    assert "It overflows" in outcome.cases[0].comparison.failures[0].text
    assert not outcomes(project, "both")["both"].is_known  # what made it fail may have passed
    (project / "baselines" / "tanks" / "index.json").unlink()
    assert [item.kind for item in outcomes(project, "both")["both"].comparison.failures] == ["failed"]
    with pytest.raises(CosimError, match="A run that has failed is no baseline"):
        set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)


def test_wrong_input_is_told_by_case_and_the_others_go_on(project):
    set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)
    replace_in(project / "suite.yaml", "inputs: flow.csv", "inputs: flows.csv")
    outcome = regress(project / "suite.yaml", ["both", "alone"], workers=0)
    assert {*document_of(outcome)["left_out"], "both", "alone"} == {*outcome.suite.cases}
    assert outcome.exit_code == 2
    assert [item.status for item in outcome.cases] == ["passed", "error"]
    assert "flows.csv" in outcome.cases[1].reason
    replace_in(project / "suite.yaml", "max(upper.level)", "{value: max(upper.level), unit: s}")
    assert "'max(upper.level)' is in [m], not in [s]" in outcomes(project, "both")["both"].reason


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", {"upper.level", "upper.double", "upper.feed", "lower.level", "lower.double", "lower.feed"}),
        ("upper*", {"upper.level", "upper.double", "upper.feed"}),
        ("*level", {"upper.level", "lower.level"}),
        ("*e*r*l", {"upper.level", "lower.level"}),
    ],
)
def test_a_pattern_in_which_a_dot_is_anything_too(project, pattern, names):
    with (project / "suite.yaml").open("a") as file:
        file.write(f"  some: {{scenario: tanks.yaml, signals: {{'{pattern}': }}, against: {{fmi: 3.0}}}}\n")
    found = outcomes(project, "some")["some"]
    assert found.status == "passed", found.reason
    assert {signal.name for signal in found.comparison.signals} == names


def test_a_model_that_is_not_there_is_wrong_input(project):
    (project / "lost.yaml").write_text(SCENARIO.replace("modelica:Tank", "lost.fmu", 1))
    with (project / "suite.yaml").open("a") as file:
        file.write("  swap: {scenario: tanks.yaml, sources: {lower: nowhere.fmu}}\n")
        file.write("  gone: {fmu: nowhere.fmu, duration: 1 s, step: 1 s}\n  lost: {scenario: lost.yaml}\n")
    found = outcomes(project, "swap", "gone", "lost")
    line = SUITE.count("\n") + 1
    for name, place in (("swap", f"suite.yaml:{line}"), ("gone", f"suite.yaml:{line + 1}"), ("lost", "lost.yaml:3")):
        assert found[name].exit_code == 2
        assert found[name].reason.startswith(f"{project / place}: There is no file '{project}/")


def test_a_model_in_place_of_another(project):
    (project / "Other.mo").write_text(MODEL.replace("Tank", "Other").replace("0.1*level", "0.1*level + 0"))
    with (project / "suite.yaml").open("a") as file:
        file.write("  swap:\n    scenario: tanks.yaml\n    against: {sources: {lower: modelica:Other}}\n")
        file.write("  typo:\n    scenario: tanks.yaml\n    against: {sources: {lover: modelica:Other}}\n")
    found = outcomes(project, "swap", "typo")
    assert (found["swap"].status, found["swap"].baseline) == ("passed", "beside it")
    assert "has no component 'lover'. Do you mean 'lower'?" in found["typo"].reason


@pytest.mark.parametrize("against", ["scenario: tanks.yaml", "scenario: twin.yaml", "fmi: 2.0", "compiler: cosim"])
def test_a_case_does_not_stand_against_itself(project, against):
    (project / "Other.mo").write_text(MODEL.replace("Tank", "Other").replace("0.1", "0.2"))
    (project / "twin.yaml").write_text(SCENARIO)
    with (project / "suite.yaml").open("a") as file:
        file.write(
            f"  same:\n    scenario: tanks.yaml\n    sources: {{lower: modelica:Other}}\n    against: {{{against}}}\n"
        )
    found = outcomes(project, "same")["same"]
    assert (found.status, found.exit_code) == ("error", 2)
    assert found.reason.startswith(
        f"{project / 'suite.yaml'}:{SUITE.count(chr(10)) + 4}: Case 'same' stands against itself"
    )
    replace_in(project / "suite.yaml", f"against: {{{against}}}", "against: {sources: {lower: modelica:Tank}}")
    assert outcomes(project, "same")["same"].status == "failed"


def test_against_data_of_a_plant(project):
    (project / "plant.csv").write_text("time [s],upper.level [cm],note\n0,0,\n10,31.6,\n30,,\n")
    with (project / "suite.yaml").open("a") as file:
        file.write("  plant:\n    scenario: tanks.yaml\n    against: {data: plant.csv}\n    signals: [upper.level]\n")
        file.write("    accept: [unit]\n")
    found = outcomes(project, "plant")["plant"]
    assert found.status == "passed", found.comparison.findings if found.comparison else found.reason
    replace_in(project / "plant.csv", "31.6", "35")
    found = outcomes(project, "plant")["plant"]
    assert [finding.kind for finding in found.comparison.failures] == ["value"]


def test_omc_is_skipped_where_it_is_not(project, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    replace_in(project / "suite.yaml", "fmi: 3.0\n    against: {fmi: 2.0}", "compiler: omc\n    against: {fmi: 2.0}")
    found = outcomes(project, "versions")["versions"]
    assert (found.status, found.reason) == ("skipped", "OpenModelica is not installed here")


def test_requests_that_make_no_sense(project):
    with pytest.raises(ScenarioError, match=r"There is no case 'bot' in .* Do you mean 'both'"):
        regress(project / "suite.yaml", ["bot"])
    with pytest.raises(RequestError, match="A baseline is changed for a reason"):
        set_baselines(project / "suite.yaml", reason="", by="Ada", workers=0)
    with pytest.raises(ScenarioError, match="Case 'versions' stands 'against' something"):
        set_baselines(project / "suite.yaml", ["versions"], reason="x", by="Ada", workers=0)


def test_the_code_that_a_run_passes_through_is_part_of_its_key():
    assert len(code_digest()) == 64


STUDY = """\
study: areas
scenario: tanks.yaml
factors:
  upper.area: {from: 1 m2, to: 3 m2}
responses:
  highest: max(upper.level)
  filled: time(upper.level >= 0.3 m)
method: {name: full_factorial, levels: 3}
"""


def test_a_study_is_compared_run_by_run(project):
    (project / "areas.yaml").write_text(STUDY)
    with (project / "suite.yaml").open("a") as file:
        file.write("  areas:\n    study: areas.yaml\n")
    set_baselines(project / "suite.yaml", ["areas"], reason="the first", by="Ada", workers=0)
    found = outcomes(project, "areas")["areas"]
    assert (found.status, found.is_known, len(found.comparison.signals)) == ("passed", True, 2)
    replace_in(
        project / "tanks.yaml",
        "fill: {active: [upper, lower], duration: 20 s",
        "fill: {active: [upper, lower], duration: 19 s",
    )
    found = outcomes(project, "areas")["areas"]
    assert not found.is_known
    assert {(item.kind, item.subject) for item in found.comparison.failures} == {("value", "responses.highest")}


def test_a_baseline_is_recorded_in_the_trail_of_its_suite(project, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    here, there = Path("audit").absolute(), project / "audit"
    begin(here)
    set_baselines(project / "suite.yaml", ["alone"], reason="the first", by="Ada", workers=0)
    begin(there)
    set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)
    told = {
        folder: [record.subject for record in Reading(folder).records() if record.kind == "regression"]
        for folder in (here, there)
    }
    assert told == {here: ["tanks, alone"] * 2, there: ["tanks, both"] * 2}


def test_what_a_study_reads_through_another_file_is_part_of_its_key(project):
    method = "{name: calibration, data: told.yaml, starts: 1, profiles: false}"
    told = "experiments: {one: {data: [{file: deep.csv, time: time, columns: {level: {variable: upper.level}}}]}}\n"
    (project / "fit.yaml").write_text(f"study: fit\nscenario: tanks.yaml\nmethod: {method}\n")
    (project / "told.yaml").write_text(f"again: [told.yaml, fit.yaml]\n{told}")
    case = Case("fit", Subject("study", project / "fit.yaml"), None, Rules())
    keys = []
    for content in ("time\n0\n", "time\n1\n", "time\n0\n"):
        (project / "deep.csv").write_text(content)
        keys.append(key_of(case.subject, case, None))
    assert keys[0] == keys[2] != keys[1]


def test_what_a_comparison_of_studies_runs_is_part_of_its_key(project):
    (project / "Other.mo").write_text(MODEL.replace("Tank", "Other"))
    (project / "others.yaml").write_text(SCENARIO.replace("modelica:Tank", "modelica:Other"))
    for name in ("tanks", "others"):
        (project / f"of_{name}.yaml").write_text(f"study: {name}\nscenario: {name}.yaml\nmethod: cost\n")
    (project / "both.yaml").write_text(
        "study: both\ncompare: {one: of_tanks.yaml, two: of_others.yaml, odd: both.yaml}\n"
    )
    case = Case("both", Subject("study", project / "both.yaml"), None, Rules())
    keys = [key_of(case.subject, case, None)]
    replace_in(project / "Other.mo", "0.1*level", "0.2*level")
    keys.append(key_of(case.subject, case, None))
    replace_in(project / "Other.mo", "0.2*level", "0.1*level")
    assert keys[0] == key_of(case.subject, case, None) != keys[1]


def test_baselines_changed_at_one_moment_are_all_kept(project, monkeypatch):
    history = Baselines.history

    def slowly(baselines):
        found = history(baselines)
        sleep(0.2)
        return found

    set_baselines(project / "suite.yaml", reason="the first", by="Ada", workers=0)
    replace_in(project / "Tank.mo", "0.1*level", "0.2*level")
    regress(project / "suite.yaml", workers=0)  # so that the records are there
    monkeypatch.setattr(Baselines, "history", slowly)
    with ThreadPoolExecutor(2) as pool:
        changing = [
            pool.submit(set_baselines, project / "suite.yaml", [name], reason="a change", by="Ada", workers=0)
            for name in ("both", "alone")
        ]
        assert [change.entry is not None for future in changing for change in future.result()] == [True, True]
    kept = Baselines(read_suite(project / "suite.yaml"))
    assert {name: len(entries) for name, entries in history(kept).items()} == {"both": 2, "alone": 2}


@pytest.mark.parametrize(
    "alter",
    [
        lambda index: index.write_text(index.read_text().replace('"by": "Ada"', '"by": "Eve"')),
        lambda index: index.write_text(index.read_text().replace("the second", "the first")),
        lambda index: index.write_text(json.dumps(without_the_last(json.loads(index.read_text())))),
    ],
    ids=["by", "reason", "former"],
)
def test_an_index_that_was_altered_is_told(project, alter):
    set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)
    replace_in(project / "Tank.mo", "0.1*level", "0.2*level")
    set_baselines(project / "suite.yaml", ["both"], reason="the second", by="Ada", workers=0)
    found = outcomes(project, "both")["both"]
    assert (found.status, found.baseline.partition(", ")[2]) == ("passed", "unapproved")
    alter(project / "baselines" / "tanks" / "index.json")
    found = outcomes(project, "both")["both"]
    assert found.baseline.endswith(", unapproved, changed since it was written")


def without_the_last(index):
    index["cases"]["both"].pop()
    return index


def test_a_compiler_is_asked_for_each_side(project, monkeypatch):
    asked = []
    real = staging.build

    def build(names, *, compiler, **options):
        asked.append((names[0], compiler))
        return real(names, compiler="cosim", **options)

    monkeypatch.setattr(staging, "build", build)
    monkeypatch.setattr(staging, "is_runnable", lambda _: "")
    monkeypatch.setattr("cosim.regressing.running.is_runnable", lambda _: "")
    with (project / "suite.yaml").open("a") as file:
        file.write(
            "  compilers:\n    scenario: tanks.yaml\n    compiler: omc\n    fmi: 3.0\n    accept: [capability]\n"
        )
        file.write("    against: {compiler: cosim, fmi: 2.0}\n")
    assert outcomes(project, "compilers")["compilers"].status == "passed"
    assert set(asked) == {("Tank", "omc"), ("Tank", "cosim")}


def test_what_two_compilers_make_of_a_class_stays_apart(project):
    built = project / "fmus" / "Tank.fmi2.fmu"
    built.parent.mkdir()
    kept = []
    for content in (b"by one", b"by another", b"by one"):
        built.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        kept.append(staging._kept(BuiltFmu("Tank", "2.0", built, sha256, False, 1.0)))
    assert kept[0] == kept[2] != kept[1]
    assert [path.read_bytes() for path in kept] == [b"by one", b"by another", b"by one"]
    with pytest.raises(BuildError, match=r"Tank\.fmi2\.fmu' was built and is another file by now"):
        staging._kept(BuiltFmu("Tank", "2.0", built, "ab" * 32, False, 1.0))


def test_a_record_that_was_broken_off_is_made_again(project):
    set_baselines(project / "suite.yaml", ["both"], reason="the first", by="Ada", workers=0)
    assert outcomes(project, "both")["both"].is_known
    (kept,) = (project / "cache" / "regression").glob("*.npz")
    whole = kept.read_bytes()
    for broken in (b"", whole[: len(whole) // 2], whole[:-1], b"\0" * len(whole)):
        kept.write_bytes(broken)
        found = outcomes(project, "both")["both"]
        assert (found.status, found.is_known) == ("passed", False)
        assert outcomes(project, "both")["both"].is_known


def test_a_process_that_dies_costs_its_case_and_no_other(project, monkeypatch):
    dies = """if True:
        import json, os, sys
        if json.loads(sys.stdin.readline())["case"] == "both":
            os.abort()
        print("{}", flush=True)
    """
    monkeypatch.setattr("cosim.regressing.crew.command_of", lambda _: [sys.executable, "-c", dies])
    outcome = regress(project / "suite.yaml", ["both", "alone"], workers=1)
    assert outcome.exit_code == 3
    both, alone = outcome.cases
    assert both.reason == "The run of case 'both' has crashed: the process ended with -6."
    assert "cannot be read: No such file" in alone.reason  # the next process, which answered and wrote nothing
