import math

import numpy as np
import pytest
from fakes import Flowsheet, lag, phase

from cosim.clock import to_ticks
from cosim.errors import StepError, StructureError
from cosim.instance.recorded import RecordedInstance

TIMES = np.array([0, to_ticks(10.0)], dtype=np.int64)


def test_outputs_follow_the_table_and_hold_beyond_it():
    flowsheet = Flowsheet(data=RecordedInstance("data", TIMES, {"t": np.array([1.0, 3.0])}), b=lag("b", 1.0))
    outcome = flowsheet.connect("data.t", "b.u").run(phase("run", "data b", 15.0, 5.0))
    assert outcome.status == "completed"
    assert flowsheet.recorder.series("data.t") == [(0.0, 1.0), (5.0, 2.0), (10.0, 3.0), (15.0, 3.0)]


def test_times_have_to_rise():
    with pytest.raises(StructureError, match="The times of recorded data 'data' do not rise strictly"):
        RecordedInstance("data", TIMES[::-1], {"t": np.zeros(2)})


@pytest.mark.parametrize("values", [np.array([1.0, math.nan]), np.array([1.0])])
def test_missing_values_are_refused(values):
    with pytest.raises(StructureError, match="not finite in column 't'"):
        RecordedInstance("data", TIMES, {"t": values})


def test_nothing_can_be_set():
    with pytest.raises(StepError, match="Cannot set t of 'data': it is recorded data, which has outputs only"):
        RecordedInstance("data", TIMES, {"t": np.zeros(2)}).set_start({"t": 1.0})


def test_going_back():
    instance = RecordedInstance("data", TIMES, {"t": np.array([0.0, 10.0])})
    group, values = instance.group(["t"]), np.empty(1)
    state = instance.get_state()
    instance.step(to_ticks(0.0), to_ticks(4.0))
    instance.read(group, values)
    assert values[0] == 4.0
    instance.set_state(state)
    instance.read(group, values)
    assert values[0] == 0.0


def test_its_state_can_be_written():
    instance = RecordedInstance("data", TIMES, {"t": np.array([0.0, 10.0])})
    instance.step(to_ticks(0.0), to_ticks(4.0))
    other = RecordedInstance("data", TIMES, {"t": np.array([0.0, 10.0])})
    other.set_state(other.deserialise_state(instance.serialise_state(instance.get_state())))
    values = np.empty(1)
    other.read(other.group(["t"]), values)
    assert values[0] == 4.0
