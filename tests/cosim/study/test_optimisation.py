"""Whole optimisations: what they answer, what they refuse, and that they can be interrupted anywhere."""

import math
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from fakes import describe

import cosim
from cosim.errors import CosimError
from cosim.instance.function import FunctionInstance
from cosim.study.running import Listeners

SCENARIO = """\
scenario: bowl
components:
  f: {source: python}
phases:
  run: {active: [f], duration: 1 s, step: 1 s}
"""
RANGES = "  f.x: {from: -2, to: 2}\n  f.y: {from: -1, to: 3}\n"
MINIMUM = "  cost: {value: final(f.cost), goal: minimise}\n"


def bowl(name):
    """A bowl around (0.5, 0.25), another far away for ``other``; fails beyond ``limit``."""

    def step(v, time, size):
        if v["x"] + v["y"] > v["limit"]:
            raise ValueError("x + y is too large")
        v["cost"] = 2.0 + (v["x"] - 0.5) ** 2 + 3.0 * (v["y"] - 0.25) ** 2 + 10.0 * v["turned"]
        v["other"] = (v["x"] + 1.5) ** 2 + (v["y"] - 0.25) ** 2
        v["sum"] = v["x"] + v["y"]

    description = describe({}, ["cost", "other", "sum"], {"x": 0.0, "y": 0.0, "turned": 0.0, "limit": 10.0})
    return FunctionInstance(name, description, step)


@pytest.fixture
def ask(tmp_path):
    """Run a study of the bowl in this process; return its result."""

    def ask(responses=MINIMUM, method="optimisation", factors=RANGES, more="", seed=0, **options):
        (tmp_path / "bowl.yaml").write_text(SCENARIO)
        text = f"study: trial\nscenario: bowl.yaml\n{more}factors:\n{factors}responses:\n{responses}"
        (tmp_path / "trial.yaml").write_text(f"{text}method: {method}\nseed: {seed}\n")
        options.setdefault("out", tmp_path / "out")
        return cosim.study(tmp_path / "trial.yaml", components={"f": bowl}, **options)

    return ask


def rows(result, key):
    return {row[0]: row[1:] for row in result.answer.table(key).rows}


def test_the_bottom_of_a_bowl(ask):
    result = ask()
    optimum = rows(result, "optimum")
    assert optimum["f.x"] == (pytest.approx(0.5, abs=1e-3), -2.0, 2.0)
    assert optimum["f.y"][0] == pytest.approx(0.25, abs=1e-3)
    assert result.answer.verdict.startswith("cost is smallest, 2, at f.x = 0.5")
    assert result.answer.warnings == ()
    around = rows(result, "around")
    assert around["f.x"][0] == pytest.approx(0.16, abs=2e-3)
    assert around["f.x"][4] == pytest.approx(0.5 - math.sqrt(0.02), abs=0.02)
    assert around["f.y"][3] == pytest.approx(0.48, abs=5e-3)
    ends = rows(result, "starts")
    assert len(ends) == 4
    assert all(row[2] == "ended" for row in ends.values())
    assert len(result.rows) < 200
    page = (result.folder / "study.html").read_text()
    assert "the search ended because it moved by less than 0.001 of each range" in page
    assert "best so far" in page


def test_what_is_made_large_and_what_limits_it(ask):
    responses = "  sum: {value: final(f.sum), goal: maximise}\n  cost: {value: final(f.cost), at_most: 3}\n"
    result = ask(responses)
    slack = math.sqrt(4 / 3)  # of the multiplier: x − 1/2 = 1/(2λ), y − 1/4 = 1/(6λ), their cost 1
    assert rows(result, "optimum")["f.x"][0] == pytest.approx(0.5 + slack * 0.75, abs=4e-3)
    assert rows(result, "responses")["sum"][0] == pytest.approx(0.75 + slack, abs=1e-3)
    margin, state = rows(result, "responses")["cost"][3:]
    assert 0 <= margin < 0.01
    assert state == "active"
    assert result.answer.verdict.endswith("limited by cost at most 3.")


def test_an_optimum_on_the_end_of_a_range_is_warned_of(ask):
    result = ask(factors="  f.x: {from: 1, to: 2}\n  f.y: {from: -1, to: 3}\n")
    assert rows(result, "optimum")["f.x"][0] == 1.0
    assert any(
        "at the lower end of the range of f.x, 1: what lies beyond may be better" in w for w in result.answer.warnings
    )


def test_where_nothing_is_feasible_the_nearest_run_and_its_misses_are_told(ask):
    responses = (
        "  cost: {value: final(f.cost), goal: minimise, at_most: 1.5}\n  sum: {value: final(f.sum), at_least: -2.5}\n"
    )
    result = ask(responses)
    assert result.answer.verdict.startswith("No run of ")
    assert "it misses cost at most 1.5 by 0.5." in result.answer.verdict
    table = rows(result, "limits")
    assert table["cost at most"][1] == 0
    assert table["cost at most"][2] == pytest.approx(2.0, abs=1e-3)
    assert table["sum at least"][1] > 100
    assert result.answer.warnings[0].startswith("No run at all meets cost at most 1.5. Relax a limit")


def test_limits_that_conflict_are_told_apart_from_one_that_cannot_be_met(ask):
    responses = (
        "  cost: {value: final(f.cost), goal: minimise, at_most: 2.5}\n"
        "  other: {value: final(f.other), goal: minimise, at_most: 0.5}\n"
    )
    result = ask(responses, "{name: optimisation, runs: 100}")
    assert result.answer.warnings[0].startswith("Each limit is met by some run, but not all by one.")
    assert "doubt" in (result.folder / "study.html").read_text()


def test_runs_that_fail_do_not_stop_it(ask):
    result = ask(more="parameters: {f.limit: 0.8}\n")
    assert 0 < result.counts["failed"] < 60
    assert rows(result, "optimum")["f.x"][0] == pytest.approx(0.5, abs=3e-3)
    assert "gave no value" in result.answer.warnings[0]


def test_a_search_cut_short_says_so(ask):
    result = ask(method="{name: optimisation, runs: 30, tolerance: 1e-6}")
    assert len(result.rows) <= 30
    assert any("No start came to its end before the runs were spent" in w for w in result.answer.warnings)
    page = (result.folder / "study.html").read_text()
    assert "the search ended because its runs were spent" in page


@pytest.mark.parametrize("solver", ["tpe", "nsga2"])
def test_samplers_come_near_and_take_lists(ask, solver):
    factors = f"{RANGES}  f.turned: {{values: [0, 1, 2]}}\n"
    result = ask(factors=factors, method=f"{{name: optimisation, solver: {solver}, runs: 168}}")
    assert rows(result, "optimum")["f.turned"][0] == 0.0
    assert rows(result, "responses")["cost"][0] == pytest.approx(2.0, abs=0.1)
    assert len(result.rows) == 168
    assert len(rows(result, "around")) == 2


def test_a_sampler_keeps_limits_and_learns_from_failures(ask):
    responses = f"{MINIMUM}  sum: {{value: final(f.sum), at_most: 0.5}}\n"
    result = ask(responses, "{name: optimisation, solver: tpe, runs: 128}", more="parameters: {f.limit: 0.9}\n")
    assert result.counts["failed"] > 0
    assert rows(result, "responses")["sum"][0] <= 0.5
    assert rows(result, "responses")["cost"][0] == pytest.approx(2.0469, abs=0.1)


def test_several_objectives_give_a_front(ask):
    """Both are squared distances but for the 3: the front lies between (0.5, 0.25) and (−1.5, 0.25)."""
    result = ask(f"{MINIMUM}  other: {{value: final(f.other), goal: minimise}}\n", "{name: optimisation, runs: 400}")
    front = result.answer.table("front")
    assert front.columns == ("run", "cost", "other", "f.x", "f.y")
    assert len(front.rows) >= 12
    for _, cost, other, x, y in front.rows:
        assert -1.6 < x < 0.6
        assert y == pytest.approx(0.25, abs=0.35)
        assert math.sqrt(cost - 2) + math.sqrt(other) == pytest.approx(2.0, abs=0.25)
    assert "runs are on the Pareto front, cost from 2" in result.answer.verdict
    shares = [row[1] for row in result.answer.table("hypervolume").rows]
    assert shares == sorted(shares)
    assert "compromise" in (result.folder / "study.html").read_text()


@pytest.mark.parametrize("more", ["", "  other: {value: final(f.other), goal: minimise}\n"])
def test_other_responses_may_lack_values_and_seeds_be_large(ask, more):
    responses = f"{MINIMUM}{more}  late: time(f.cost < 0)\n"
    result = ask(responses, "{name: optimisation, solver: nsga2, runs: 60}", seed=10**11)
    key, place = ("front", 3) if more else ("responses", 1)
    lacking = [row[place] for row in result.answer.table(key).rows if more or row[0].startswith("late")]
    assert set(lacking) == {None}
    assert "gave no value for 'late'" in result.answer.warnings[0]


def test_patience_ends_a_search_that_gains_nothing(ask):
    method = "{name: optimisation, solver: tpe, runs: 2000, batch: 10, patience: 2, tolerance: 0.1}"
    result = ask(method=method)
    assert len(result.rows) < 200
    assert "2 batches brought nothing better" in (result.folder / "study.html").read_text()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"responses": "  cost: final(f.cost)\n"},
            "Method 'optimisation' has no objective. Mark a response with 'goal'",
        ),
        ({"responses": MINIMUM.replace("minimise", "minimize")}, "its 'goal' is 'minimize'.*Do you mean 'minimise'"),
        (
            {
                "responses": f"{MINIMUM}  o: {{value: final(f.other), goal: minimise}}\n",
                "method": "{name: optimisation, solver: local}",
            },
            "Solver 'local' takes one objective, and cost, o are marked. Use nsga2",
        ),
        (
            {"factors": "  f.x: {values: [0, 1]}\n", "method": "{name: optimisation, solver: local}"},
            "Solver 'local' moves in small steps, and f.x takes values of a list. Use tpe",
        ),
        ({"factors": "  f.x: {mean: 0, sd: 1}\n"}, "goes to the ends of ranges, and f.x has none"),
        (
            {"method": "{name: optimisation, runs: 20}"},
            "'runs' is 20, and solver 'local' needs 24 for a beginning: 12 to look at the ranges, 4 in a",
        ),
        (
            {"method": "{name: optimisation, solver: tpe, runs: 20}"},
            "solver 'tpe' needs 28 for a beginning: 20 in the first batch, 8 around the optimum",
        ),
        ({"method": "{name: optimisation, solver: simplex}"}, "simplex"),
        (
            {
                "more": "",
                "factors": f"{RANGES}correlations:\n  - {{between: [f.x, f.y], value: 0.3}}\n",
            },
            "takes factors as independent",
        ),
        (
            {"responses": "".join(f"  r{i}: {{value: final(f.cost), goal: minimise}}\n" for i in range(5))},
            "There are 5 objectives.*4 at most",
        ),
    ],
)
def test_what_cannot_be_optimised_is_refused_before_the_first_run(ask, tmp_path, changes, message):
    with pytest.raises(CosimError, match=message):
        ask(**changes)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("lacking", "solver", "message"),
    [
        (
            "optuna",
            "nsga2",
            r"Solver 'nsga2' of method 'optimisation' needs optuna: pip install 'bioprocess-cosim\[study\]'",
        ),
        ("cobyqa", "local", r"Solver 'local' of method 'optimisation' needs COBYQA"),
    ],
)
def test_a_package_that_is_not_there_is_named(ask, monkeypatch, lacking, solver, message):
    from importlib import util

    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == lacking else found(name))
    with pytest.raises(CosimError, match=message):
        ask(method=f"{{name: optimisation, solver: {solver}}}")


def frame_of(result):
    return result.to_dataframe().drop(columns="seconds")


@pytest.mark.parametrize("method", ["{name: optimisation, runs: 60}", "{name: optimisation, solver: tpe, runs: 60}"])
def test_a_search_goes_on_from_wherever_it_was_stopped(ask, tmp_path, method):
    whole = ask(method=method, out=tmp_path / "whole")
    for stop in (1, 13, 21, 35, len(whole.rows) - 1):
        made = []
        listeners = Listeners(
            progress=lambda standing, made=made: made.append(standing.made),
            should_stop=lambda made=made, stop=stop: made[-1] >= stop,
        )
        out = tmp_path / f"out{stop}"
        assert ask(method=method, out=out, listeners=listeners).status == "stopped"
        result = cosim.study(resume=out, components={"f": bowl})
        pd.testing.assert_frame_equal(frame_of(result), frame_of(whole), check_exact=True)
        assert result.answer == whole.answer


MODEL = """\
model Bowl "A bowl that takes its time"
  parameter Real x = 0;
  parameter Real y = 0;
  output Real cost = 2 + (x - 0.5)^2 + 3*(y - 0.25)^2 + 0.3*x*y^2;
  output Real other = (x + 1.5)^2 + (y - 0.25)^2;
  output Real time_passed(start = 0, fixed = true);
equation
  der(time_passed) = 1;
end Bowl;
"""
METHODS = {
    "local": ("", "{name: optimisation, runs: 48}"),
    "tpe": ("", "{name: optimisation, solver: tpe, runs: 32, batch: 8}"),
    "nsga2": ("  other: {value: final(f.other), goal: minimise}\n", "{name: optimisation, runs: 32, batch: 8}"),
}

NAMES = ("local", *(pytest.param(name, marks=pytest.mark.slow) for name in ("tpe", "nsga2")))


@pytest.fixture
def project(tmp_path):
    """A project whose FMU steps long enough to be killed in a run."""
    scenario = SCENARIO.replace("source: python", "source: modelica:Bowl")
    (tmp_path / "Bowl.mo").write_text(MODEL)
    (tmp_path / "bowl.yaml").write_text(scenario.replace("duration: 1 s, step: 1 s", "duration: 5 s, step: 1 ms"))
    for name, (more, method) in METHODS.items():
        text = f"study: {name}\nscenario: bowl.yaml\nfactors:\n{RANGES}responses:\n{MINIMUM}{more}method: {method}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_no_one_and_two_workers_give_the_same_bits(project, name):
    whole = None
    for n in (0, 1, 2):
        result = cosim.study(project / f"{name}.yaml", out=project / f"{name}{n}", workers=n)
        whole = whole or result
        pd.testing.assert_frame_equal(frame_of(result), frame_of(whole), check_exact=True)
        assert result.answer == whole.answer


def command(*arguments):
    return [sys.executable, "-m", "cosim", "study", *arguments, "--quiet"]


@pytest.mark.parametrize("name", NAMES)
def test_a_search_killed_in_the_middle_gives_the_same_bits(project, name):
    """It is killed when some batches have been kept; strings then have other hashes."""
    whole = frame_of(cosim.study(project / f"{name}.yaml", out=project / "whole", workers=0))
    begin = command(f"{name}.yaml", "--out", "out", "--workers", "2")
    process = subprocess.Popen(begin, cwd=project, env={**os.environ, "PYTHONHASHSEED": "1"})
    deadline = time.monotonic() + 60
    while len(parts(project)) < 3 and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL, "it had ended before it could be killed"
    n_kept = len(pd.read_parquet(project / "out" / "runs"))
    assert 0 < n_kept < len(whole)
    done = subprocess.run(command("--resume", "out"), cwd=project, env={**os.environ, "PYTHONHASHSEED": "2"})
    assert done.returncode == 0
    frame = pd.read_parquet(project / "out" / "runs").set_index("run")
    for column in whole.columns:
        assert frame[column].tolist() == whole[column].tolist()


def parts(project):
    folder = project / "out" / "runs"
    return list(folder.glob("[!.]*.parquet")) if folder.exists() else []
