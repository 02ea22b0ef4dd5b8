"""Training files: read as written, every problem of a file at once, each with its line."""

import re

import pytest

from cosim.errors import CosimError, raise_all
from cosim.surrogate.architectures.known import check_ranges, read_options
from cosim.surrogate.bind import bind_plan
from cosim.surrogate.parse import parse_training
from cosim.system.component import ComponentDescription
from cosim.system.variable import Causality, Variable

GOOD = """\
surrogate: tank
source: Tank.fmu
architecture: {name: static_map, memory: 2}
step: 1 min
duration: 1 h
runs: {train: 10, validate: 5, test: 5}
parameters:
  k: {from: 1 1/h, to: 2 1/h}
inputs:
  T: 25 degC
  u: {from: 0 L/h, to: 60 L/h, shape: steps, every: 5 min}
focus: [y]
budget: 30 s
seed: 4
"""
VARIABLES = {
    "k": Variable("k", Causality.PARAMETER, unit="1/s", start=1e-3, minimum=0.0),
    "u": Variable("u", Causality.INPUT, unit="m3/s", start=0.0),
    "T": Variable("T", Causality.INPUT, unit="K", start=300.0),
    "y": Variable("y", Causality.OUTPUT, unit="m3"),
}


def read(tmp_path, *changes):
    text = GOOD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return parse_training(text, tmp_path / "tank.yaml")


def problem(tmp_path, *changes):
    with pytest.raises(CosimError) as caught:
        raise_all(read(tmp_path, *changes)[1])
    return str(caught.value)


def bound(tmp_path, *changes):
    from cosim.scenario.reading import Problems

    file, problems = read(tmp_path, *changes)
    assert not problems
    noted = Problems()
    plan = bind_plan(file, ComponentDescription("tank", VARIABLES), noted)
    raise_all(noted.found)
    return plan


def test_a_good_file_becomes_numbers_in_the_units_of_the_fmu(tmp_path):
    plan = bound(tmp_path)
    assert plan.n_steps == 60
    assert plan.varied == ("k",)
    assert plan.parameters[0].low == pytest.approx(1 / 3600)
    flow = next(item for item in plan.inputs if item.name == "u")
    assert (flow.high, flow.every) == (pytest.approx(60e-3 / 3600), 5.0)
    assert plan.starts["T"] == pytest.approx(298.15)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("surrogate: tank", "surrogate: ../tank", r"'../tank' cannot name a surrogate"),
        ("source: Tank.fmu\n", "", "There is no 'source'. Write where the FMU comes from"),
        ("step: 1 min", "stpe: 1 min", "A training file has no key 'stpe'. Do you mean 'step'?"),
        ("step: 1 min", "step: 0 s", "'step' is 0 s; it should be above zero"),
        ("duration: 1 h", "duration: 1 min", "'duration' should be two steps or more"),
        ("name: static_map", "name: oracle", "should be one of lumped_unit, static_map"),
        ("{name: static_map, memory: 2}", "{memory: 2}", "An architecture has a 'name'"),
        ("train: 10", "train: 1", "'train' of 'runs' is '1'; it should be a whole number from 2 on"),
        ("train: 10", "train: 1000000", "there may be 100000 runs at most"),
        ("shape: steps", "shape: stairs", "should be one of constant, steps, ramps"),
        ("shape: steps", "shape: recorded", "'shape: recorded' and 'files: <folder>/*.csv' go together"),
        ("from: 0 L/h, to", "to", "a range has 'from' and 'to'"),
        ("  k: {from", "  k: {shape: steps, from", "'k' has no key 'shape'"),
        ("seed: 4\n", "seed: 4\nfocus: [y]\n", "The key 'focus' is here a second time"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, before, after, why):
    assert why in problem(tmp_path, (before, after))


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("  k: {from", "  kk: {from", "The FMU has no parameter 'kk' that is a number. Do you mean 'k'?"),
        ("focus: [y]", "focus: [z]", "'focus' names 'z', which is no output of the FMU"),
        ("from: 1 1/h, to: 2 1/h", "from: 2 1/h, to: 1 1/h", "Exchange the two"),
        ("from: 1 1/h", "from: -1 1/h", "'k': '-1 1/h' is below its minimum, 0 1/s"),
        ("from: 1 1/h, to: 2 1/h", "from: 1 L, to: 2 L", "dimension"),
        (", every: 5 min", "", "'shape: steps' needs 'every'"),
        ("step: 1 min", "step: 1 us", "20 runs of 3600000000 steps of 3 variables are 2.2e+11 numbers, and 5e+08 fit"),
        ("from: 0 L/h, to: 60 L/h, shape: steps, every: 5 min", "shape: recorded, files: ../*.csv", "should be beside"),
        ("from: 0 L/h, to: 60 L/h, shape: steps, every: 5 min", "shape: recorded, files: no.csv", "There is no file"),
    ],
)
def test_what_does_not_fit_the_fmu_is_told(tmp_path, before, after, why):
    with pytest.raises(CosimError) as caught:
        bound(tmp_path, (before, after))
    assert why in str(caught.value)


def test_recorded_runs_are_held_over_steps(tmp_path):
    (tmp_path / "run.csv").write_text("time [min],u [L/h]\n0,0\n10,36\n", encoding="utf-8")
    recorded = "shape: recorded, files: run*.csv"
    plan = bound(tmp_path, ("from: 0 L/h, to: 60 L/h, shape: steps, every: 5 min", recorded))
    (table,) = plan.inputs[1].tables
    assert table[9] == 0.0
    assert table[10] == pytest.approx(1e-5)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("{name: static_map, memmory: 2}", "'static_map' has no option 'memmory'. Do you mean 'memory'?"),
        ("{name: static_map, memory: 0}", "'memory' is '0'; it should be a whole number from 1 to 1000"),
        ("{name: static_map, width: 1e3}", "'width' is '1e3'"),
    ],
)
def test_options_are_those_of_the_architecture(tmp_path, written, why):
    file, _ = read(tmp_path, ("{name: static_map, memory: 2}", written))
    with pytest.raises(CosimError) as caught:
        read_options(file.architecture, file.options)
    assert why in str(caught.value)


PHASED = (
    "parameters:\n",
    "phases:\n  fill: {from: 5 min, to: 10 min}\n  rest: 3 min\nparameters:\n",
)
BY_PHASE = "u: {phases: {fill: {from: 30 L/h, to: 60 L/h}}}"
COURSE = "u: {from: 0 L/h, to: 60 L/h, shape: steps, every: 5 min}"


def test_inputs_may_follow_phases(tmp_path):
    plan = bound(tmp_path, PHASED, (COURSE, BY_PHASE))
    assert plan.phases == ((5.0, 10.0), (3.0, 3.0))
    item = next(item for item in plan.inputs if item.name == "u")
    assert item.levels == (pytest.approx((30e-3 / 3600, 60e-3 / 3600)), (0.0, 0.0))


@pytest.mark.parametrize(
    ("phases", "course", "message"),
    [
        (PHASED, "u: {phases: {fil: 30 L/h}}", "'fil' is none of the phases. Do you mean 'fill'?"),
        (PHASED, "u: {phases: {fill: {from: 60 L/h, to: 30 L/h}}}", "in phase 'fill' the range goes from"),
        (PHASED, "u: {phases: {fill: {from: 60 L/h}}}", "u in phase 'fill': write a value, or 'from' and 'to'."),
        (PHASED, "u: {phases: {fill: 30 L/h}, to: 60 L/h}", "'phases' says all; leave out the other keys."),
        ((PHASED[0], PHASED[1].replace("10 min", "2 min")), BY_PHASE, "phase 'fill' lasts 'from' a time 'to' one that"),
    ],
)
def test_what_does_not_fit_the_phases_is_told(tmp_path, phases, course, message):
    def bind():
        raise_all(read(tmp_path, phases, (COURSE, course))[1])
        bound(tmp_path, phases, (COURSE, course))

    with pytest.raises(CosimError) as caught:
        bind()
    assert message in str(caught.value)


SEARCH = ("seed: 4", "search: {trials: 6, budget: 5 s, width: {from: 8, to: 32}}\nseed: 4")


def test_a_search_is_read(tmp_path):
    file, problems = read(tmp_path, SEARCH)
    assert not problems
    assert (file.search.n_trials, file.search.budget, file.search.ranges) == (6, 5.0, {"width": (8, 32)})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ((("from: 8, to: 32", "from: 32, to: 8"),), r"'width' of 'search' is a range of whole numbers"),
        (
            (("width: {from: 8, to: 32}", "memory: {from: 1, to: 3}"),),
            r"'memory' is searched for, and the architecture",
        ),
        (((", width: {from: 8, to: 32}", ""),), r"'search' has trials, the budget of each, and ranges"),
        ((("trials: 6, ", ""),), r"'search' has trials, the budget of each, and ranges"),
    ],
    ids=["backwards", "stated", "nothing", "no trials"],
)
def test_a_search_that_cannot_be_is_refused(tmp_path, changes, message):
    assert re.search(message, problem(tmp_path, SEARCH, *changes))


@pytest.mark.parametrize(
    ("name", "to", "message"),
    [
        ("depth", 9, r"'static_map' has no number 'depth' to be searched for; it has members, width, memory"),
        ("width", 9999, r"'width' is searched up to 9999, and 1024 is the most"),
    ],
)
def test_a_search_for_what_is_no_option_is_refused(tmp_path, name, to, message):
    file, _ = read(tmp_path, SEARCH, ("width: {from: 8, to: 32}", f"{name}: {{from: 8, to: {to}}}"))
    with pytest.raises(CosimError, match=message):
        check_ranges(file.architecture, file.search)
