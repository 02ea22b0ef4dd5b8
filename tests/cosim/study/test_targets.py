"""What factors act on, seen in what runs give."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import describe

import cosim
from cosim.clock import Ticks
from cosim.errors import CosimError
from cosim.instance.function import FunctionInstance
from cosim.study.targets import apply, find_target
from cosim.system.experiment import DeliveredVolume, Experiment, Phase, PhaseStep

SCENARIO = """\
scenario: fed
components:
  f: {source: python}
inputs:
  f.feed: {file: feed.csv, column: feed, interpolation: hold}
phases:
  fill: {active: [f], step: 1 s, until: [f.level >= 4 L, f.other > 99], at_most: 60 s}
  rest:
    active: [f]
    step: 1 s
    steps:
      wait: {until: f.clock > 30, at_most: 60 s}
      go: {duration: 10 s}
events:
  - {at: 2 s, set: {f.extra: 1 L/s}}
  - {when: f.level > 2 L, set: {f.extra: 0 L/s}}
"""
FEED = "time [s],feed [L/s]\n0,1\n1,0.5\n50,2\n"


def tank(name):
    """A tank that tells its level and when it is."""

    def step(v, time, size):
        v["level"] += size * (v["feed"] + v["extra"])
        v["clock"] += size

    description = describe({"feed": 0.0, "extra": 0.0}, ["level", "other", "clock"])
    units = {"feed": "m3/s", "extra": "m3/s", "level": "m3"}
    variables = {key: replace(item, unit=units.get(key)) for key, item in description.variables.items()}
    return FunctionInstance(name, replace(description, variables=variables), step)


def run(folder, factor, values, response):
    (folder / "fed.yaml").write_text(SCENARIO)
    (folder / "feed.csv").write_text(FEED)
    (folder / "trial.yaml").write_text(
        f"study: trial\nscenario: fed.yaml\nfactors:\n  {factor}: {{values: [{values}]}}\nresponses:\n  y: {response}\n"
        "method: full_factorial\n"
    )
    return cosim.study(folder / "trial.yaml", components={"f": tank}, out=folder / "out").to_dataframe()["y"].tolist()


@pytest.mark.parametrize(
    ("factor", "values", "response", "expected"),
    [
        ("phases.fill.until.f.level", "4 L, 6 L", "{value: end(fill), unit: s}", [6.333, 10.333]),
        ("phases.rest.wait.until", "30, 40", "{value: end(rest), unit: s}", [40.0, 50.0]),
        ("inputs.f.feed.at.1 s", "0.5 L/s, 1 L/s", "{value: end(fill), unit: s}", [6.333, 4.0]),
        ("events.1.set.f.extra", "0 L/s, 1 L/s", "{value: end(fill), unit: s}", [7.0, 6.333]),
        ("events.1.at", "2 s, 4 s", "{value: end(fill), unit: s}", [6.333, 5.0]),
    ],
)
def test_a_factor_acts_on_what_it_names(tmp_path, factor, values, response, expected):
    np.testing.assert_allclose(run(tmp_path, factor, values, response), expected, atol=0.01)


@pytest.mark.parametrize(
    ("factor", "values", "message"),
    [
        ("phases.fill.until", "4 L, 6 L", "several conditions end it. Write 'phases.fill.until.f.level'"),
        ("phases.fill.until.f.levl", "4 L, 6 L", r"no condition there compares 'f.levl'. Do you mean 'f.level'\?"),
        ("phases.rest.go.until", "1, 2", "it ends otherwise than by 'until'"),
        ("phases.rest.go.volume", "1 L, 2 L", "it ends otherwise than after a 'volume'"),
        (
            "inputs.f.feed.at.2 s",
            "1 L/s, 2 L/s",
            "the course has no row at 2 s. It has rows at 0 s, 1 s, 50 s: add one",
        ),
        ("inputs.f.feed.at.later", "1 L/s, 2 L/s", "'later' is not a quantity"),
        ("inputs.f.fed.at.1 s", "1 L/s, 2 L/s", r"no file gives a course for 'f.fed'. Do you mean 'f.feed'\?"),
        ("inputs.f.feed", "1 L/s, 2 L/s", "no file gives a course for 'f.feed'"),
        ("inputs.f.feed.at.1 s", "1 kg, 2 kg", "kg"),
        ("events.3.at", "1 s, 2 s", "of 2 events, counted from 1, none is '3'"),
        ("events.0.at", "1 s, 2 s", "none is '0'"),
        ("events.2.at", "1 s, 2 s", "the event waits for a condition"),
        ("events.1.set.f.feed", "1 L/s, 2 L/s", "'f.feed' is not set there"),
        ("events.1.now", "1 s, 2 s", "'events.1.now' cannot be a factor. Write"),
    ],
)
def test_a_factor_that_names_nothing_is_told(tmp_path, factor, values, message):
    with pytest.raises(CosimError, match=message):
        run(tmp_path, factor, values, "final(f.level)")
    assert not (tmp_path / "out").exists()


def test_the_volume_of_a_step_is_a_factor():
    ending = DeliveredVolume((), 0.5, Ticks(10**12))
    phase = Phase("elute", ("f",), Ticks(10**9), None, steps=(PhaseStep("wash", ending), PhaseStep("strip", ending)))
    experiment = Experiment((phase,))
    target = find_target("phases.elute.strip.volume", experiment, ("f",))
    steps = apply(experiment, [target], [0.7]).phases[0].steps
    assert [step.ending.volume for step in steps] == [0.5, 0.7]
