"""Whether an FMU's word that its state can be written is believed."""

import json
from pathlib import Path

import pytest
from fmu_factory import build_lag

import cosim
from cosim.build.builder import build
from cosim.preparation import prepare
from cosim.round_trip import Verdict, judge
from cosim.run import ALGORITHMS

SCENARIO = """\
scenario: lag
components:
  lag: {source: lag.fmu, host: inline}
parameters:
  lag: {u: 1 mol/m3, enabled: true, mode: follow, level: 0}
phases:
  run: {active: [lag], duration: 1 min, step: 1 s}
"""


def declare(xml: str) -> str:
    return xml.replace('canGetAndSetFMUstate="true"', 'canGetAndSetFMUstate="true" canSerializeFMUstate="true"')


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "round_trips"


def verdict(scenario=SCENARIO, **options) -> Verdict:
    build_lag(Path("lag.fmu"), change=declare, **options)
    Path("lag.yaml").write_text(scenario)
    return verdict_again()


def verdict_again() -> Verdict:
    prepared = prepare("lag.yaml", None, ALGORITHMS)
    try:
        return judge(prepared)["lag"]
    finally:
        prepared.components["lag"].close()


def test_a_state_that_comes_back_is_trusted_and_not_tried_again(cache, monkeypatch):
    assert verdict() == Verdict(True)
    [kept] = cache.iterdir()
    assert json.loads(kept.read_text()) == {"is_trusted": True, "why": ""}
    monkeypatch.setattr("subprocess.run", None)
    assert verdict_again() == Verdict(True)


def test_a_state_without_the_inputs_is_found_out(cache):
    found = verdict(defines=["FORGETS_INPUT"])
    assert not found.is_trusted
    assert found.why.startswith("x was ") or found.why.startswith("y was ")
    assert " 1 steps after its state was restored" in found.why
    assert len(list(cache.iterdir())) == 1


def test_a_state_that_is_not_taken_is_found_out():
    found = verdict(SCENARIO.replace("lag: {u", "lag: {fault: 10, fault_at: 99, x_start: 3 mol/m3, u"))
    assert not found.is_trusted
    assert " 0 steps after its state was restored" in found.why


def test_what_is_declared_and_missing_is_found_out():
    found = verdict(defines=["NO_SERIALISATION"])
    assert not found.is_trusted
    assert "fmi2SerializedFMUstateSize" in found.why


def test_what_breaks_down_takes_nothing_with_it(cache):
    found = verdict(defines=["BREAKS_DOWN"])
    assert found == Verdict(False, "the process in which its FMU was to show that it can broke down", is_lasting=False)
    assert not cache.exists()


def test_nothing_of_the_working_folder_is_run():
    for name in ("json.py", "numpy.py", "cosim.py"):
        Path(name).write_text("raise SystemExit('run from the working folder')")
    assert verdict() == Verdict(True)


PLANT = Path(__file__).parents[1] / "scenarios" / "broken" / "Plant.mo"


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_fmus_that_cosim_builds_are_trusted(version, monkeypatch):
    monkeypatch.delenv("COSIM_CACHE")
    Path("Plant.mo").write_bytes(PLANT.read_bytes())
    [built] = build(["Plant.Tank"], search_path=[Path()], output=Path(), fmi_versions=(version,))
    text = SCENARIO.replace("lag.fmu", str(built.path)).replace(
        "parameters:", "streams: [lag.outlet => waste]\nparameters:"
    )
    Path("lag.yaml").write_text(
        text.replace("{u: 1 mol/m3, enabled: true, mode: follow, level: 0}", "{volume_start: 2 L}")
    )
    monkeypatch.setenv("COSIM_CACHE", "cache")
    assert verdict_again() == Verdict(True)


def test_a_run_whose_fmu_is_trusted_goes_on_from_its_state(tmp_path):
    assert verdict() == Verdict(True)
    asked = iter(range(30))
    run = cosim.run("lag.yaml", out="run", checkpoint="10 s", should_stop=lambda: next(asked) == 29)
    assert run.status == "stopped"
    whole, resumed = cosim.run("lag.yaml", out="whole"), cosim.resume("run")
    assert resumed["lag.y"].values.tolist() == whole["lag.y"].values.tolist()
