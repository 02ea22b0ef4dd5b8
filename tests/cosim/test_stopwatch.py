"""Where the time of a run goes."""

import pytest
from fakes import describe, lag

from cosim.errors import StepError
from cosim.instance.function import FunctionInstance
from cosim.run import run
from cosim.stopwatch import Stopwatch, time_calls

SCENARIO = """\
scenario: pair
components:
  left: {source: python}
  right: {source: python}
connections: [left.y -> right.u, right.y -> left.u]
phases:
  run: {active: [left, right], duration: 20 s, step: 1 s}
algorithm: ALGORITHM
record: [left.*]
"""


def held(name):
    description = describe(["u"], ["y"])
    return FunctionInstance(name, description, lambda v, t, h: v.update(y=v["y"] + h * (v["u"] + 1.0 - v["y"]) / 20.0))


@pytest.fixture
def profiled(tmp_path):
    def go(algorithm="gauss_seidel", **options):
        path = tmp_path / "pair.yaml"
        path.write_text(SCENARIO.replace("ALGORITHM", algorithm), encoding="utf-8")
        out = tmp_path / algorithm.strip("{").split(",")[0].replace(":", "").replace(" ", "")
        return run(path, out=out, components={"left": held, "right": held}, **options)

    return go


@pytest.mark.filterwarnings("ignore:The connections may make an algebraic loop")
@pytest.mark.filterwarnings("ignore:'.*' cannot go back in time")
class TestProfile:
    def test_stages_and_calls(self, profiled):
        profile = profiled(profile=True).profile
        assert list(profile["stages"]) == [
            "read", "build", "load", "check", "instantiate", "initialise", "run", "write", "report",
        ]  # fmt: skip
        assert all(seconds >= 0.0 for seconds in profile["stages"].values())
        assert profile["stages"]["report"] > 0.0
        left = profile["components"]["left"]
        assert left["steps"] == 20
        assert left["calls"]["step"]["n"] == 20
        assert left["calls"]["get"]["n"] >= 21
        assert profile["effort"]["windows"] == 20

    def test_who_decides_the_step_size(self, profiled):
        result = profiled("{name: adaptive, relative: 1e-6}", profile=True)
        effort = result.profile["effort"]
        assert set(effort["deciding"]) <= {"left.y", "right.y"}
        assert sum(effort["deciding"].values()) > 0
        report = (result.folder / "report.html").read_text(encoding="utf-8")
        assert "Step size decided by: " in report
        assert "<dt>initialise</dt>" in report

    def test_without_it_nothing_is_timed_but_the_counts_are_there(self, profiled):
        result = profiled()
        assert result.profile == {}
        assert result.outcome.effort.windows == 20
        assert result.outcome.effort.engine > 0.0


def test_a_stage_that_fails_is_timed():
    stopwatch = Stopwatch()
    with pytest.raises(ValueError, match="half way"), stopwatch.during("read"):
        raise ValueError("half way")
    assert stopwatch.seconds["read"] > 0.0


def test_an_instance_that_is_timed_keeps_its_type_and_its_errors():
    instance = lag("a", 1.0)
    kind = type(instance)
    costs = time_calls(instance)
    assert type(instance) is kind
    with pytest.raises(StepError):
        instance.group(["nothing"])
    instance.get_state()
    assert costs["state"].n == 1


def test_an_instance_that_cannot_be_timed_is_left_alone():
    class Sealed(FunctionInstance):
        def __setattr__(self, name, value):
            if name in ("set_start", "step"):
                raise AttributeError(name)
            super().__setattr__(name, value)

    sealed = Sealed("a", describe(["u"], ["y"]), lambda v, t, h: None)
    assert time_calls(sealed) == {}
