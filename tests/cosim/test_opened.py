"""A scenario stepped by hand, with FMUs small enough to build in a second."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import describe

import cosim
from cosim.errors import CosimError, RequestError, StepError, StructureError
from cosim.instance.function import FunctionInstance
from cosim.system.component import Capabilities

PLANT = Path(__file__).parents[1] / "scenarios" / "broken" / "Plant.mo"
SCENARIO = """\
scenario: small
components:
  source: {source: modelica:Plant.Source}
  tank: {source: modelica:Plant.Tank}
  counter: {source: python}
streams: [source.outlet => tank.inlet, tank.outlet => waste]
connections: [tank.volume -> source.measured]
parameters:
  source: {rate: 1 mL/s, c_feed: 0.1 mol/L}
phases:
  fill: {active: [source, tank], duration: 10 min, step: 10 s}
  count: {active: [counter], duration: 10 s, step: 1 s}
expect:
  - final(tank.volume) >= 1.5 L
"""


def counter(name: str) -> FunctionInstance:
    """Counts its steps, in units of ``by``, until it breaks at ``limit``."""

    def step(v, time, size):
        if v["y"] + v["by"] > v["limit"]:
            raise ValueError("the counter is full")
        v["y"] += v["by"] if size else 0.0

    description = describe({"by": 1.0}, ["y"], {"limit": 100.0}, Capabilities(can_serialise_state=True))
    return FunctionInstance(name, description, step)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "Plant.mo").write_bytes(PLANT.read_bytes())
    (folder / "small.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture(autouse=True)
def project(folder, monkeypatch):
    monkeypatch.chdir(folder)


def opened(**options):
    return cosim.open("small.yaml", components={"counter": counter}, **options)


def test_stepping_shows_time_and_values():
    with opened() as execution:
        assert (execution.time, execution.phase, execution["tank.volume"]) == (0.0, "fill", pytest.approx(1e-3))
        assert execution.step()
        assert execution.time == 10.0
        assert execution["tank.volume"] == pytest.approx(1.01e-3)
        assert execution.run_until("5 min")
        assert execution.time == 300.0
        assert execution.run_until(305.0)
        assert execution.time == 310.0, "it stops at communication points only"
        assert execution.run_until("610 s")
        assert execution.is_over
        assert not execution.run_until("1 d")
        assert execution.time == 610.0
        assert not execution.step()


def test_untouched_it_does_what_run_does(tmp_path):
    run = cosim.run("small.yaml", components={"counter": counter}, out=tmp_path / "run")
    with opened(out=tmp_path / "hand") as execution:
        while execution.step():
            pass
        result = execution.result()
    assert result.status == "completed"
    assert result.expectations == run.expectations
    assert all(np.array_equal(result[name].values, run[name].values) for name in run)
    assert result.ledger == run.ledger


def test_values_are_set_from_the_next_step_on(tmp_path):
    with opened(out=tmp_path / "hand") as execution:
        execution.run_until("1 min")
        execution["tank.demand"] = "3 mL/s"
        before = execution["tank.volume"]
        execution.step()
        assert execution["tank.volume"] == pytest.approx(before - 20e-6, rel=1e-6)
        execution["tank.demand"] = 0.0
        before = execution["tank.volume"]
        execution.step()
        assert execution["tank.volume"] == pytest.approx(before + 10e-6, rel=1e-6)
        result = execution.result()
    assert [item.text for item in result.happenings if item.kind == "event"] == [
        "Set by hand: tank.demand = 3e-06.",
        "Set by hand: tank.demand = 0.",
    ]
    assert (result.status, result.ledger["salt"].flowsheet.closure < 1e-9) == ("stopped", True)


def test_a_port_stands_for_its_flow():
    with opened() as execution:
        assert execution["source.outlet"] == execution["source.outlet.V_flow"] == pytest.approx(1e-6)
        with pytest.raises(StructureError, match=r"tank\.inlet: the stream from source\.outlet drives it"):
            execution["tank.inlet"] = "1 mL/s"


def test_a_fork_goes_its_own_way():
    with opened() as execution:
        execution.run_until("1 min")
        with execution.fork() as other:
            other["tank.demand"] = "1 mL/s"
            other.run_until("2 min")
            assert other["tank.volume"] == pytest.approx(1.06e-3, rel=1e-6)
        execution.run_until("2 min")
        assert execution["tank.volume"] == pytest.approx(1.12e-3, rel=1e-6)
        with execution.fork() as other, other.fork() as another:
            execution.run_until("10 min")
            another.run_until("10 min")
            assert another["tank.held_salt"] == execution["tank.held_salt"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("tan.demand", 1.0, r"no component 'tan'\. Do you mean 'tank'\?"),
        ("tank.demnd", 1.0, r"no variable 'demnd' in 'tank'\. Do you mean 'demand'\?"),
        ("tank.demand", "1 kg", r"Cannot set tank\.demand: '1 kg' is a mass"),
        ("tank.demand", "1", r"Cannot set tank\.demand: '1' has no unit"),
        ("tank.demand", float("nan"), r"Cannot set tank\.demand: nan is not a finite number"),
        ("tank.volume", 1.0, r"Cannot set tank\.volume while running: it is a continuous output"),
        ("tank.inlet.V_flow", 1.0, r"tank\.inlet\.V_flow: the stream from source\.outlet drives it"),
        ("source.measured", 1.0, r"source\.measured: the connection from tank\.volume drives it"),
    ],
)
def test_what_cannot_be_set_is_refused(name, value, message):
    with opened() as execution:
        with pytest.raises((RequestError, StructureError), match=message):
            execution[name] = value
        execution.step()


def valve(name: str) -> FunctionInstance:
    description = describe({"opening": 0.5}, ["y"])
    limited = {key: replace(item, minimum=0.0, maximum=1.0) for key, item in description.variables.items()}
    return FunctionInstance(name, replace(description, variables=limited), lambda v, t, h: None)


def test_limits_hold():
    with cosim.open("small.yaml", components={"counter": valve}) as execution:
        with pytest.raises(StructureError, match=r"counter\.opening: '2' is above its maximum, 1"):
            execution["counter.opening"] = 2
        execution["counter.opening"] = 1
        assert execution["counter.opening"] == 1.0


def test_a_value_that_is_not_there_yet_is_told():
    with opened() as execution, pytest.raises(RequestError, match="'counter' has not started"):
        execution["counter.y"]


def test_after_a_failure_it_can_only_be_closed(tmp_path):
    with opened(out=tmp_path / "hand") as execution:
        execution["counter.limit"] = 3.0
        execution.run_until("10 min")
        with pytest.raises(StepError, match="the counter is full"):
            execution.run_until("11 min")
        with pytest.raises(RequestError, match="has failed at t = 10 min 3 s"):
            execution.step()
        result = execution.result()
    assert (result.status, result.outcome.failure["component"]) == ("failed", "counter")
    assert ["the counter is full" in item.text for item in result.happenings if item.kind == "failure"] == [True]


def test_closed_is_closed():
    with opened() as execution:
        execution.step()
    execution.close()
    with pytest.raises(RequestError, match="has been closed"):
        execution.step()
    with pytest.raises(RequestError, match=r"No result was kept\. Give a folder"):
        execution.result()


def test_all_problems_of_a_scenario_are_told():
    with pytest.raises(CosimError, match="supplied by the caller"):
        cosim.open("small.yaml")
