"""Adaptive steps: error under control, rejected steps undone, what falls back on less."""

import math

import pytest
from fakes import ABLE, UNABLE, FakeInstance, Flowsheet, after, describe, lag, phase
from two_mass import error, run_two_mass, two_mass

from cosim.algorithm.adaptive import Adaptive
from cosim.algorithm.suitability import degradations
from cosim.clock import to_ticks
from cosim.errors import StepDiscarded
from cosim.system.component import Capabilities
from cosim.system.experiment import Experiment

STIFF = Capabilities(fixed_step=0.1)


@pytest.mark.parametrize("estimate", ["doubling", "predictor"])
def test_a_smaller_tolerance_gives_a_smaller_error(estimate):
    rough, _ = run_two_mass(Adaptive(1e-3, estimate=estimate), 0.1)
    fine, _ = run_two_mass(Adaptive(1e-4, estimate=estimate), 0.1)
    assert fine < rough / 2 < 0.05


def test_an_error_of_one_in_a_thousand_at_fewer_steps_than_with_one_step_for_all():
    found, outcome = run_two_mass(Adaptive(2e-5), 0.1)
    assert found < 1e-3
    assert sum(cost.steps for cost in outcome.costs.values()) < 2500


def test_rejected_steps_are_counted_and_leave_nothing_behind():
    flowsheet = two_mass()
    outcome = flowsheet.run(phase("run", "left right", 0.5, 0.5), algorithm=Adaptive(1e-3, first=1.0))
    left = flowsheet.instances["left"]
    assert outcome.costs["left"].steps == len(left.steps)
    assert left.steps[0] == (0.0, 0.5)
    assert left.steps[1:3] == [(0.0, 0.25), (0.25, 0.25)]
    assert left.steps[3][0] == 0.0
    assert left.steps[3][1] < 0.5
    assert error(flowsheet) < 0.02


def test_results_keep_the_step_of_the_phase():
    flowsheet = two_mass()
    flowsheet.run(phase("run", "left right", 0.5, 0.1), algorithm=Adaptive())
    assert flowsheet.recorder.times("left") == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])


def test_steps_grow_to_that_of_the_phase_where_nothing_changes():
    constant = FakeInstance("c", describe([], ["y"]), lambda v, t, h: v.update(y=1.0))
    flowsheet = Flowsheet(c=constant, lag=lag("lag", 1.0, y0=1.0)).connect("c.y", "lag.u")
    flowsheet.run(phase("run", "c lag", 10.0, 1.0), algorithm=Adaptive())
    assert constant.steps[-3:] == [(9.0, 1.0), (9.0, 0.5), (9.5, 0.5)]
    assert len(constant.steps) < 60


def test_without_rollback_no_step_is_taken_back():
    flowsheet = two_mass(UNABLE)
    outcome = flowsheet.run(phase("run", "left right", 2.0, 0.1), algorithm=Adaptive(1e-4))
    assert outcome.status == "completed"
    starts = [start for start, _ in flowsheet.instances["left"].steps]
    assert starts == sorted(set(starts))
    assert error(flowsheet) < 0.02


def test_fixed_steps_are_taken_as_they_are():
    flowsheet = Flowsheet(a=lag("a", 1.0, capabilities=STIFF), b=lag("b", 1.0)).connect("a.y", "b.u")
    flowsheet.run(phase("run", "a b", 1.0, 0.1), algorithm=Adaptive())
    assert [size for _, size in flowsheet.instances["b"].steps] == pytest.approx([0.1] * 10)


def brittle(longest: float, reached: float | None = None, capabilities=ABLE) -> FakeInstance:
    """y' = −y; discards a step longer than ``longest``; where told, says that it came through ``reached`` of it."""

    def step(v: dict[str, float], time: float, size: float) -> None:
        if size > longest:
            error = StepDiscarded("Too long.")
            error.reached = None if reached is None else to_ticks(time + reached)
            raise error
        v["y"] = (v["y"] if size else 1.0) * math.exp(-size)

    return FakeInstance("a", describe({"u": 0.0}, ["y"], capabilities=capabilities), step)


@pytest.mark.parametrize("estimate", ["doubling", "predictor"])
@pytest.mark.parametrize("reached", [None, 0.07, 0.0])
def test_a_step_that_is_discarded_is_taken_shorter(estimate, reached):
    flowsheet = Flowsheet(a=brittle(0.1, reached), b=lag("b", 10.0)).connect("a.y", "b.u")
    algorithm = Adaptive(relative=1.0, absolute=1.0, first=1.0, estimate=estimate)
    outcome = flowsheet.run(phase("run", "a b", 2.0, 1.0), algorithm=algorithm)
    assert outcome.status == "completed", outcome.reason
    assert flowsheet.recorder.series("a.y")[-1] == pytest.approx((2.0, math.exp(-2.0)), rel=1e-12)
    sizes = [size for _, size in flowsheet.instances["a"].steps]
    assert sizes[:2] == pytest.approx([1.0, 0.07 if reached else 0.5])
    assert outcome.effort.rejected > 0


def test_a_step_that_is_always_discarded_ends_the_run_at_the_smallest():
    flowsheet = Flowsheet(a=brittle(1e-9), b=lag("b", 10.0)).connect("a.y", "b.u")
    outcome = flowsheet.run(phase("run", "a b", 2.0, 1.0), algorithm=Adaptive(smallest=0.01))
    assert (outcome.status, outcome.reason) == ("failed", "Too long.")
    assert min(size for _, size in flowsheet.instances["a"].steps) == 0.01


def test_without_rollback_a_discarded_step_ends_the_run():
    flowsheet = Flowsheet(a=brittle(0.1, capabilities=UNABLE), b=lag("b", 10.0)).connect("a.y", "b.u")
    outcome = flowsheet.run(phase("run", "a b", 2.0, 1.0), algorithm=Adaptive(first=1.0))
    assert (outcome.status, outcome.reason) == ("failed", "Too long.")
    assert len(flowsheet.instances["a"].steps) == 1


def warnings_of(capabilities, **options):
    flowsheet = Flowsheet(a=lag("a", 1.0, capabilities=capabilities), b=lag("b", 1.0)).connect("a.y", "b.u")
    return degradations(
        Adaptive(), "adaptive", flowsheet.structure, Experiment((phase("p", "a b", 1.0, 0.1, **options),))
    )


@pytest.mark.parametrize(
    ("capabilities", "options", "expected"),
    [
        (UNABLE, {}, "'a' cannot go back in time: where it is active, with algorithm 'adaptive' no step is taken back"),
        (STIFF, {}, "'a' cannot vary its step: where it is active, algorithm 'adaptive' takes the phase's step"),
        (Capabilities(can_get_and_set_state=True), {"step_sizes": {"a": 0.05}}, "has no say in phase 'p'"),
    ],
)
def test_what_is_missing_is_said_before_the_run(capabilities, options, expected):
    (warning,) = warnings_of(capabilities, **options)
    assert expected in warning


@pytest.mark.parametrize(("delay", "size", "n_warnings"), [(0.5, 0.2, 1), (0.5, 0.1, 0), (1.0, 0.2, 0)])
def test_phases_that_overlap_with_other_steps_are_said_before_the_run(delay, size, n_warnings):
    phases = phase("p", "a", 1.0, 0.1), phase("q", "b", 1.0, size, start=after("p", edge="start", delay=delay))
    structure = Flowsheet(a=lag("a", 1.0), b=lag("b", 1.0)).structure
    warnings = degradations(Adaptive(), "adaptive", structure, Experiment(phases))
    assert len(warnings) == n_warnings
    assert all("has no say while phases 'p' and 'q' run at the same time" in warning for warning in warnings)


def test_nothing_is_said_where_nothing_is_missing():
    assert warnings_of(Capabilities(can_get_and_set_state=True)) == ()


@pytest.mark.parametrize(
    ("options", "capabilities", "n_missed"),  # the predictor has nothing to go by in the first step, from zero
    [
        ({}, ABLE, 0),
        ({"estimate": "predictor"}, ABLE, 0),
        ({"relative": 1e-12, "absolute": 0.0, "first": 0.5, "smallest": 0.5}, ABLE, 40),
        ({"relative": 1e-12, "absolute": 0.0, "first": 0.5, "smallest": 0.5}, UNABLE, 39),
    ],
)
def test_errors_that_are_too_large_and_kept_are_told(options, capabilities, n_missed):
    flowsheet = Flowsheet(a=lag("a", 1.0, y0=1.0, capabilities=capabilities), b=lag("b", 1.0)).connect("a.y", "b.u")
    flowsheet.connect("b.y", "a.u")
    outcome = flowsheet.run(phase("run", "a b", 2.0, 0.1), algorithm=Adaptive(**options))
    texts = [text for text in outcome.warnings if "kept although the error was larger than allowed" in text]
    assert len(texts) == (n_missed > 0)
    if texts:
        assert texts[0].startswith(f"{n_missed} steps were kept")
        assert min(size for _, size in flowsheet.instances["a"].steps) >= 0.025  # two halves of one
