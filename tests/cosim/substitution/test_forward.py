"""An FMU that crashes in its process, or gets no licence: its surrogate goes on, and the result says why."""

import numpy as np
import pytest
from fmu_factory import compile_library, write_fmu

import cosim
from cosim.errors import CosimError
from cosim.hosting.licence import Licence, take_seat
from cosim.substitution.teaching import train

XML = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="Fragile" guid="{f}">
<CoSimulation modelIdentifier="fragile" canHandleVariableCommunicationStepSize="true" canGetAndSetFMUstate="true"
 canSerializeFMUstate="true"/>
<ModelVariables>
<ScalarVariable name="u" valueReference="0" causality="input"><Real start="1"/></ScalarVariable>
<ScalarVariable name="y" valueReference="1" causality="output"><Real/></ScalarVariable>
</ModelVariables>
<ModelStructure><Outputs><Unknown index="2" dependencies=""/></Outputs>
<InitialUnknowns><Unknown index="2"/></InitialUnknowns></ModelStructure></fmiModelDescription>
"""

TRAINING = """\
surrogate: fragile
source: fragile.fmu
architecture: {name: static_map, memory: 3, members: 2, width: 16, iterations: 1000}
step: 5 min
duration: 5 h
runs: {train: 16, validate: 6, test: 6}
inputs:
  u: {from: 1, to: 3, shape: steps, every: 15 min}
budget: 60 s
seed: 3
"""

SCENARIO = """\
scenario: fragile
components:
  unit: {source: fragile.fmu, on_failure: surrogate}
inputs:
  unit.u: 1.5
phases:
  run: {active: [unit], duration: 4 h, step: 5 min}
events:
  - {at: 1 h, set: {unit.u: 2.5}}
surrogates:
  unit: surrogates/fragile
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fragile")
    library = compile_library("fragile_fmi2.c")
    write_fmu(folder / "fragile.fmu", {"modelDescription.xml": XML, "binaries/linux64/fragile.so": library})
    (folder / "fragile.yaml").write_text(TRAINING, encoding="utf-8")
    train(folder / "fragile.yaml", out=folder / "surrogates" / "fragile", workers=0)
    return folder


def write(project, *changes):
    text = SCENARIO
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = project / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def switches(result):
    return [(item.time // 60_000_000_000, item.text) for item in result.happenings if item.text.startswith("Switch")]


def exact(times):
    """y over the events of the scenario: 1.5 until 1 h, then 2.5 with a time constant of 100 s."""
    return np.where(times <= 3600, 1.5, 2.5 - np.exp(-np.maximum(times - 3600, 0) / 100))


def test_as_long_as_nothing_happens_it_is_the_fmu(project, tmp_path):
    result = cosim.run(write(project), out=tmp_path / "out")
    assert switches(result) == []
    np.testing.assert_allclose(result["unit.y"].values, exact(result["unit.y"].time), rtol=1e-12)
    text = (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    assert "with the surrogate 'fragile' behind it (sha256 " in text


def test_a_crash_hands_over_to_the_surrogate(project, tmp_path, monkeypatch):
    monkeypatch.setenv("FRAGILE_AT", "7200")
    result = cosim.run(write(project), out=tmp_path / "out")
    assert result.status == "completed"
    ((minute, text),) = switches(result)
    assert minute == 120
    assert text.startswith("Switch 1: 'unit' goes on with its surrogate: ")
    assert "SIGSEGV" in text
    assert "on_failure" not in text
    y, times = result["unit.y"].values, result["unit.y"].time
    apart, before = np.abs(y - exact(times)), times <= 7200
    assert np.max(apart[before]) < 1e-12
    assert 0 < np.max(apart[~before]) < 0.1


def test_an_fmu_without_a_licence_is_replaced_from_the_beginning(project, tmp_path, monkeypatch):
    monkeypatch.setenv("FRAGILE_UNLICENSED", "1")
    result = cosim.run(write(project), out=tmp_path / "out")
    ((minute, text),) = switches(result)
    assert (minute, "no licence for Fragile" in text) == (0, True)
    assert np.max(np.abs(result["unit.y"].values - exact(result["unit.y"].time))) < 0.2


def test_seats_that_are_all_taken_are_a_loss_too(project, tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_STATE", str(tmp_path / "state"))
    seat = take_seat(Licence("vendor", 1, 0.0), "other")
    try:
        path = write(
            project, ("on_failure: surrogate", "on_failure: surrogate, licence: {name: vendor, seats: 1, wait: 0 s}")
        )
        result = cosim.run(path, out=tmp_path / "out")
    finally:
        seat.leave()
    ((minute, text),) = switches(result)
    assert minute == 0
    assert "vendor" in text


def test_outside_its_domain_there_is_nobody_to_fall_back_to(project, tmp_path, monkeypatch):
    monkeypatch.setenv("FRAGILE_AT", "3000")
    result = cosim.run(write(project, ("unit.u: 2.5", "unit.u: 8")), out=tmp_path / "out")
    assert result.status == "failed"
    assert "The FMU of 'unit' is lost, and its surrogate should not be trusted at t = 1 h: u is 8" in (
        result.outcome.reason
    )


def test_a_policy_to_warn_goes_on(project, tmp_path, monkeypatch):
    monkeypatch.setenv("FRAGILE_AT", "3000")
    path = write(
        project,
        ("unit.u: 2.5", "unit.u: 8"),
        ("  unit: surrogates/fragile", "  unit: {package: surrogates/fragile, policy: warn}"),
    )
    result = cosim.run(path, out=tmp_path / "out")
    assert result.status == "completed"
    told = [item.text for item in result.happenings if "should not be trusted" in item.text]
    assert len(told) == 1


@pytest.mark.parametrize("until", ["1 h", "3 h"], ids=["fmu", "surrogate"])
def test_a_fork_goes_on_alike(project, until, monkeypatch):
    monkeypatch.setenv("FRAGILE_AT", "7200")
    with cosim.open(write(project)) as one:
        one.run_until(until)
        with one.fork() as other:
            for execution in (one, other):
                execution.run_until("4 h")
            assert one["unit.y"] == other["unit.y"]


def test_a_surrogate_that_is_not_there_is_named(project):
    path = write(project, ("surrogates:\n  unit: surrogates/fragile\n", ""))
    with pytest.raises(CosimError, match=r"'unit' is to go on with its surrogate where its FMU is lost, and 'surroga"):
        cosim.check(path)
