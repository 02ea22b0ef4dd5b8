"""A scenario stepped by hand, with FMUs small enough to build in a second."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import describe

import cosim
from cosim.algorithm.compiled import KERNEL, CompiledNetwork
from cosim.errors import CosimError, RequestError, StepError, StructureError
from cosim.instance.function import FunctionInstance
from cosim.native import load
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


@pytest.mark.skipif(load(KERNEL) is None, reason="needs a C compiler")
def test_c_code_takes_many_steps_at_once_to_the_same_values(monkeypatch):
    taken = []
    advance = CompiledNetwork.advance

    def noted(self, time, n, *arguments, **options):
        taken.append(n)
        return advance(self, time, n, *arguments, **options)

    monkeypatch.setattr(CompiledNetwork, "advance", noted)
    with opened() as by_steps, opened() as at_once:
        for until, rate in ((95.0, 2e-6), (400.0, 3e-6), (590.0, 1e-6)):
            while by_steps.time < until:
                by_steps.step()
            assert not taken
            assert at_once.run_until(until)
            assert sum(taken) > 5
            taken.clear()
            assert at_once.time == by_steps.time
            assert at_once["tank.volume"] == by_steps["tank.volume"]
            for execution in (by_steps, at_once):
                execution["source.rate"] = rate


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
        ("tank", 1.0, r"'tank' names no variable\. Write one as in 'tank\."),
        ("source.outlt", 1.0, r"no variable 'outlt' in 'source'\. Do you mean 'outlet'\?"),
        (3, 1.0, r"named by a text such as 'reactor\.volume', not by 3"),
        (None, 1.0, r"named by a text such as 'reactor\.volume', not by None"),
        ("tank.volume_start", 1.0, r"Cannot set tank\.volume_start while running: it is a fixed parameter"),
        ("tank.demand", None, r"Cannot set tank\.demand: it takes a number or a quantity such as '2 L/h', not None"),
        ("tank.demand", [1.0], r"Cannot set tank\.demand: it takes a number .* not \[1\.0\]"),
        ("tank.demand", True, r"Cannot set tank\.demand: it takes a number .* not True"),
        ("tank.demand", np.array([1.0, 2.0]), r"Cannot set tank\.demand: it takes a number .* not array"),
        ("tank.demand", 1 + 2j, r"Cannot set tank\.demand: it takes a number .* not \(1\+2j\)"),
        ("tank.demand", 10**400, r"Cannot set tank\.demand: so large a number is not a finite number"),
        ("tank.demand", float("-inf"), r"Cannot set tank\.demand: -inf is not a finite number"),
    ],
)
def test_what_cannot_be_set_is_refused(name, value, message):
    with opened() as execution:
        with pytest.raises((RequestError, StructureError), match=message):
            execution[name] = value
        execution.step()


def test_errors_carry_the_names_they_are_about():
    with opened() as execution, pytest.raises(StructureError) as caught:
        execution["tank.demand"] = True
    assert (caught.value.component, caught.value.variable) == ("tank", "demand")


def test_numbers_of_numpy_are_numbers():
    with opened() as execution:
        for value in (np.float64(2e-6), np.float32(0.5), np.int64(0), np.array(3e-6)):
            execution["tank.demand"] = value
            assert execution["tank.demand"] == float(value)


@pytest.mark.parametrize("port", ["outlet.demand", "inlet.V_flow"])
@pytest.mark.parametrize("given", [-1.0, "-1", np.float64(-1e-9)])
def test_a_port_that_is_not_reversible_takes_no_negative_flow(port, given):
    def made(*, is_reversible):
        description = describe({"outlet.demand": 0.0, "inlet.V_flow": 0.0}, ["outlet.V_flow", "y"])
        ports = {name: replace(item, is_reversible=is_reversible) for name, item in description.ports.items()}

        def make(name):
            return FunctionInstance(name, replace(description, ports=ports), lambda v, t, h: None)

        return {"counter": make}

    with cosim.open("small.yaml", components=made(is_reversible=False)) as execution:
        with pytest.raises(StructureError, match=rf"Cannot set counter\.{port}: '-.*' is negative, and its port"):
            execution[f"counter.{port}"] = given
        execution["counter." + port] = 0.0
    with cosim.open("small.yaml", components=made(is_reversible=True)) as execution:
        execution[f"counter.{port}"] = given
    with pytest.raises(StructureError, match="is negative, and its port is not declared reversible"):
        cosim.open("small.yaml", {f"counter.{port}": given}, components=made(is_reversible=False))


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("-1 d", "Cannot run until -1 d: that is before the beginning"),
        (-5.0, r"Cannot run until -5\.0: that is before the beginning"),
        (float("nan"), "not nan"),
        (None, "A time is a number of seconds or a quantity such as '3 d', not None"),
        (True, "not True"),
        ("5", "The duration '5' has no unit"),
        ("5 L", "'5 L' is a volume, where a time is expected"),
    ],
)
def test_what_is_no_time_is_refused(time, message):
    with opened() as execution, pytest.raises(CosimError, match=message):
        execution.run_until(time)


@pytest.mark.parametrize("time", ["1e300 d", float("inf"), 1e300])
def test_a_time_beyond_all_scenarios_runs_to_the_end(time):
    with opened() as execution:
        assert not execution.run_until(time)
        assert execution.time == 610.0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([None], {}, "A scenario is given by the path of its file, not by None"),
        (["small.yaml", "abc"], {}, "Parameters are given by name, as in .* not as 'abc'"),
        (["small.yaml", {3: 4}], {}, "The parameter '3' is not of the form component.variable"),
        (["small.yaml", {"source.rate": -1.0}], {}, r"Cannot set source\.rate: '-1' is below its minimum, 0 m3/s"),
        (["small.yaml", {"source.rate": 10**400}], {}, r"Cannot set source\.rate: so large a number is not a finite"),
        (["small.yaml"], {"components": [3]}, r"Components are given by name, as in .* not as \[3\]"),
        (
            ["small.yaml"],
            {"components": {"counter": 3}},
            "'counter': it takes a function that returns an .* 3",
        ),
        (["small.yaml"], {"components": {"counter": lambda name: 4}}, "it takes a function .* 'counter', not 4"),
        (["small.yaml"], {"out": 3}, "The folder for the result cannot be made"),
    ],
)
def test_what_cannot_be_opened_is_told(arguments, options, message):
    with pytest.raises(CosimError, match=message):
        cosim.open(*arguments, **{"components": {"counter": counter}, **options})


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
    with pytest.raises(RequestError, match="has been closed"):
        execution["tank.demand"] = 0.0
    with pytest.raises(RequestError, match="has been closed"), execution:
        pass
    with pytest.raises(RequestError, match=r"No result was kept\. Give a folder"):
        execution.result()


def test_all_problems_of_a_scenario_are_told():
    with pytest.raises(CosimError, match="supplied by the caller"):
        cosim.open("small.yaml")


def test_a_state_is_amended_and_the_ledger_still_closes(folder):
    with cosim.open(folder / "small.yaml", components={"counter": counter}, out=folder / "amended") as execution:
        execution.run_until("5 min")
        before = execution.numbers("tank")
        assert before["volume"] == pytest.approx(execution["tank.volume"])
        execution.amend("tank", {"volume": before["volume"] + 0.002, "held_salt": 0.5 * before["held_salt"]})
        assert execution["tank.volume"] == pytest.approx(before["volume"] + 0.002)
        assert execution.numbers("tank")["held_salt"] == pytest.approx(0.5 * before["held_salt"])
        while execution.step():
            pass
        volume = execution["tank.volume"]
        result = execution.result()
    assert result.status == "completed"  # the ledger would have failed it
    assert volume > before["volume"] + 0.002
    entry = result.ledger["volume"].units["tank"]
    assert entry.entered == pytest.approx(entry.held - entry.start + entry.left)


def test_an_amended_state_goes_on_as_one_that_came_there_by_itself(folder):
    with cosim.open(folder / "small.yaml", components={"counter": counter}) as one:
        one.run_until("5 min")
        with one.fork() as other:
            kept = other.numbers("tank")
            other.run_until("6 min")
            other.amend("tank", kept)
            assert other.numbers("tank") == kept
            other.run_until("7 min")
            one.run_until("6 min")
            assert other["tank.volume"] == pytest.approx(one["tank.volume"], rel=1e-12)


@pytest.mark.parametrize(
    ("component", "values", "told"),
    [
        ("tonk", {"volume": 1.0}, "There is no component 'tonk'. Do you mean 'tank'"),
        ("tank", {"V": 1.0}, "'tank' has no state or parameter 'V'"),
        ("tank", {"volume": np.nan}, r"tank\.volume cannot become nan\. Give a finite number\."),
        ("counter", {"y": 1.0}, "'counter' has no state yet: it has not started"),
    ],
)
def test_what_cannot_be_amended(component, values, told, folder):
    with cosim.open(folder / "small.yaml", components={"counter": counter}) as execution:
        execution.run_until("1 min")
        with pytest.raises(RequestError, match=told):
            execution.amend(component, values)
        assert execution.step()
