"""Runs made one after the other with instances that are kept: the same as if each were the first."""

from pathlib import Path

import numpy as np
import pytest
from fakes import describe
from fmu_factory import build_lag
from wreck import DEEDS, build_wreck

import cosim
from cosim.instance.contract import AbstractInstance
from cosim.instance.function import FunctionInstance

ROOT = Path(__file__).parents[2]
LAG = """\
scenario: lag
components:
  lag: {source: lag.fmu, host: inline}
parameters:
  lag: {u: 1 mol/m3}
phases:
  run: {active: [lag], duration: 2 s, step: 0.1 s}
"""
STUDY = """\
study: trial
scenario: lag.yaml
factors:
  lag.gain: {from: 1, to: 2}
  lag.tau: {from: 1 s, to: 2 s}
responses:
  y: final(lag.y)
method: {name: sobol_sequence, runs: 16}
"""
WRECK = """\
scenario: wreck
components:
  w: {source: wreck.fmu, host: inline}
parameters:
  w: {u: 1, at: 0.5}
phases:
  run: {active: [w], duration: 1 s, step: 0.1 s}
"""
DEEDS_STUDY = """\
study: trial
scenario: wreck.yaml
factors:
  w.deed: {values: [0, DEED]}
  w.u: {values: [1, 2, 3]}
responses:
  y: final(w.y)
method: full_factorial
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / "trial.yaml"


@pytest.fixture
def counting(monkeypatch):
    """Count how often instances of FMUs are made and reset."""
    from cosim.fmu.file import FmuFile
    from cosim.fmu.instance import FmuInstance

    counts = {"made": 0, "reset": 0}

    def counted(owner, name, key):
        original = getattr(owner, name)

        def count(self, *arguments):
            counts[key] += 1
            return original(self, *arguments)

        monkeypatch.setattr(owner, name, count)

    counted(FmuFile, "instantiate", "made")
    counted(FmuInstance, "reset", "reset")
    return counts


def test_rows_are_those_of_single_runs_to_the_bit(tmp_path, counting):
    text = (ROOT / "scenarios" / "hello.yaml").read_text().replace("7 d", "1 d").replace("0.5 g/L", "0 g/L")
    study = """\
study: trial
scenario: short.yaml
factors:
  reactor.mu_max: {from: 0.034 1/h, to: 0.040 1/h}
  feeder.target: {from: 25 mmol/L, to: 40 mmol/L}
  phases.batch.duration: {from: 3 d, to: 3.2 d}
responses:
  titre: {value: final(reactor.titre), unit: kg/m3}
  volume: {value: final(reactor.volume), unit: m3}
method: {name: latin_hypercube, runs: 4}
"""
    path = write(tmp_path, short=text.replace("1 d, step", "3 d, step"), trial=study)
    result = cosim.study(path, out=tmp_path / "out", workers=0)
    assert counting["reset"] == 2 * 4
    for row in result.rows:
        factors = result.problem.factors
        values = {factor.name: factor.own(row[factor.name]) for factor in factors}
        duration = values.pop("phases.batch.duration")
        (tmp_path / "single.yaml").write_text(text.replace("duration: 1 d", f"duration: {duration!r} s"))
        single = cosim.run(tmp_path / "single.yaml", values, out=tmp_path / f"run{row['run']}")
        assert single["reactor.titre"].values[-1] == row["titre"]
        assert single["reactor.volume"].values[-1] == row["volume"]


def test_an_fmu_of_others_is_made_anew_unless_it_was_seen_to_reset(tmp_path, counting):
    build_lag(tmp_path / "lag.fmu")
    path = write(tmp_path, lag=LAG, trial=STUDY)
    frame = cosim.study(path, out=tmp_path / "out", workers=0).to_dataframe()
    assert counting["reset"] == 0
    assert counting["made"] >= 16
    np.testing.assert_allclose(frame["y"], frame["lag.gain"] * (1 - np.exp(-2 / frame["lag.tau"])), rtol=1e-9)


def test_a_run_after_one_that_failed_is_as_if_it_were_the_first(tmp_path):
    def forgetful(name: str) -> AbstractInstance:
        def step(v, time, size):
            v["n"] += 1
            v["y"] = v["n"]
            if v["bad"] and v["n"] > 2:
                raise ValueError("it breaks")

        return FunctionInstance(name, describe({}, ["y", "n"], {"bad": 0.0, "x": 0.0}), step)

    scenario = (
        "scenario: s\ncomponents: {f: {source: python}}\nphases: {run: {active: [f], duration: 5 s, step: 1 s}}\n"
    )
    study = "study: trial\nscenario: s.yaml\nfactors:\n  f.bad: {values: [0, 1]}\n  f.x: {values: [1, 2, 3]}\n"
    path = write(tmp_path, s=scenario, trial=f"{study}responses: {{y: final(f.y)}}\nmethod: full_factorial\n")
    result = cosim.study(path, out=tmp_path / "out", components={"f": forgetful})
    frame = result.to_dataframe()
    assert dict(result.counts) == {"completed": 3, "failed": 3}
    assert frame[frame["f.bad"] == 0]["y"].nunique() == 1


@pytest.mark.parametrize("deed", ["segfault", "exit"])
def test_a_run_that_takes_its_process_down_is_a_row_and_the_others_are_made(tmp_path, deed):
    build_wreck(tmp_path / "wreck.fmu")
    path = write(tmp_path, wreck=WRECK, trial=DEEDS_STUDY.replace("DEED", str(DEEDS[deed])))
    result = cosim.study(path, out=tmp_path / "out", workers=2)
    frame = result.to_dataframe()
    fine, lost = frame[frame["w.deed"] == 0], frame[frame["w.deed"] != 0]
    np.testing.assert_allclose(fine["y"], fine["w.u"])
    assert set(lost["status"]) == {"crashed"}
    expected = "was ended by SIGSEGV, 2 times" if deed == "segfault" else "ended with exit code"
    assert lost["reason"].str.contains(expected).all()


def test_a_host_of_its_own_makes_a_crash_a_failure_with_its_reason(tmp_path):
    build_wreck(tmp_path / "wreck.fmu")
    scenario = WRECK.replace("host: inline", "host: process")
    path = write(tmp_path, wreck=scenario, trial=DEEDS_STUDY.replace("DEED", str(DEEDS["segfault"])))
    result = cosim.study(path, out=tmp_path / "out", workers=0)
    assert dict(result.counts) == {"completed": 3, "failed": 3}
    assert all("SIGSEGV" in row["reason"] for row in result.rows if row["status"] == "failed")


def test_a_factor_may_move_what_a_unit_of_the_scenario_is_worth(tmp_path):
    """Half a tank is more where the tank is larger: what is written in it is read anew for every run."""

    def tank(name: str) -> AbstractInstance:
        def step(v, time, size):
            v["y"] = v["level"]

        description = describe({}, ["y"], {"level": 0.0, "size": 1.0})
        for variable in ("level", "size", "y"):
            object.__setattr__(description.variables[variable], "unit", "m3")
        return FunctionInstance(name, description, step)

    scenario = """\
scenario: s
units: {tank: f.size}
components: {f: {source: python}}
parameters: {f: {level: 0.5 tank}}
phases: {run: {active: [f], duration: 1 s, step: 1 s}}
"""
    study = "study: trial\nscenario: s.yaml\nfactors: {f.size: {values: [1 m3, 3 m3]}}\nresponses: {y: final(f.y)}\n"
    path = write(tmp_path, s=scenario, trial=f"{study}method: full_factorial\n")
    frame = cosim.study(path, out=tmp_path / "out", components={"f": tank}).to_dataframe()
    assert frame["y"].tolist() == [0.5, 1.5]


def test_licences_limit_how_many_processes_there_are(tmp_path, monkeypatch):
    build_lag(tmp_path / "lag.fmu")
    licensed = LAG.replace("host: inline", "host: inline, licence: {name: study_test, seats: 1}")
    path = write(tmp_path, lag=licensed, trial=STUDY)
    told = []
    result = cosim.study(path, out=tmp_path / "out", workers=4, on_planned=lambda plan, n, folder: told.append(n))
    assert told == [1]
    assert dict(result.counts) == {"completed": 16}
