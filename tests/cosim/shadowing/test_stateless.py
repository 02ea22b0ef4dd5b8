"""An FMU of others, whose state nobody can set: copies of it are told apart by a tunable parameter."""

import numpy as np
import pytest
from estimating_shadow import T0, S, run
from faulty import LIES, build_faulty

import cosim
from cosim.errors import CosimError
from cosim.live.record import Kind, Note, Sample
from cosim.live.tag import BATCH_ID, BATCH_TIME
from cosim.shadowing import shadow as module
from cosim.shadowing.estimating import bind
from cosim.shadowing.outlook import Health
from cosim.shadowing.shadow import read_plan

SCENARIO = """\
scenario: foreign
components: {unit: {source: faulty2.fmu, host: inline, fmi: co-simulation}}
parameters: {unit: {gain: 1, lie: %d}}
phases: {run: {active: [unit], duration: 30 h, step: 1 h}}
"""
TAGS = """\
tag_map: foreign
tags:
  Y1: {measures: unit.y, every: 1 h}
  U1: {drives: unit.u, every: 1 h}
"""
SHADOW = """\
shadow: foreign
scenario: foreign.yaml
tags: foreign.tags.yaml
cycle: 1 h
estimation:
  %s
  parameters: {unit.gain: {spread: 30 %%, noise: 1 %%}}
  measurements: {Y1: {noise: 0.05}}
  outputs: {unit.y: "1"}
"""


@pytest.fixture(params=["members: 12", "filter: unscented"])
def plan(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build_faulty(tmp_path / "faulty2.fmu", "2.0")
    (tmp_path / "foreign.yaml").write_text(SCENARIO % LIES["forgets"])
    (tmp_path / "foreign.tags.yaml").write_text(TAGS)
    (tmp_path / "s.yaml").write_text(SHADOW % request.param)
    return read_plan(tmp_path / "s.yaml")


def sent(hours, gain=1.4):
    """Return what a plant sends whose gain the twin does not know: at rest after an hour, y = gain u + 1."""
    found = [Note(Kind.CONNECTED, T0), Note(Kind.TEXT, T0, "batch 1", BATCH_ID)]
    for hour in range(hours):
        wall = T0 + hour * 3600 * S
        values = {"Y1": gain * (2.0 + np.sin(hour - 1)) + 1.0, "U1": 2.0 + np.sin(hour), BATCH_TIME: hour * 3600.0}
        found.append(tuple(Sample(name, wall, wall, wall, value, 0) for name, value in values.items()))
    return found


@pytest.mark.filterwarnings("ignore:'unit' cannot go back in time")
def test_a_tunable_parameter_of_it_is_found(plan, tmp_path):
    last = run(plan, sent(26), out=tmp_path / "out")[-1]
    (gain,) = last.parameters
    assert gain.low < 1.4 < gain.high
    assert gain.value == pytest.approx(1.4, rel=0.03)
    assert gain.high - gain.low < 0.15
    assert (last.estimates[0].name, last.health) == ("unit.y", Health.GOOD)


@pytest.mark.filterwarnings("ignore:'unit' cannot go back in time")
def test_it_goes_on_as_if_nothing_had_been(plan, tmp_path, monkeypatch):
    whole = run(plan, sent(14), out=tmp_path / "whole")
    monkeypatch.setattr(module, "KEEP", 0.0)
    run(plan, sent(9), out=tmp_path / "out")
    assert run(plan, sent(14), resume=tmp_path / "out")[-1] == whole[-1]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("states: {unit.x: {spread: 5 %}}", "s.yaml:7: 'unit' does not tell its state by name.* No state of it can be "
         "estimated; name tunable parameters of it under 'parameters', which copies of it are set to"),
        ("parameters: {unit.drift: {spread: 5 %}}", "s.yaml:7: Cannot set unit.drift while running: it is a fixed"),
        ("parameters: {unit.gian: {spread: 5 %}}", "s.yaml:7: There is no variable 'gian' in 'unit'.* 'gain'"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:'unit' cannot go back in time")
def test_what_cannot_be_estimated_of_it_is_refused_in_a_sentence(plan, tmp_path, section, message):
    path = plan.file.path
    text = path.read_text()
    line = next(line for line in text.splitlines() if "unit.gain" in line)
    path.write_text(text.replace(line, f"  {section}"))
    with pytest.raises(CosimError, match=message), cosim.open(plan.file.scenario) as execution:
        bind(read_plan(path).file.estimation, plan.tags, execution)
