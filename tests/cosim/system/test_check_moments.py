"""What will act late, said before the run."""

import pytest
from fakes import Flowsheet, after, lag, phase

from cosim.clock import to_ticks
from cosim.system.check_moments import late_moments
from cosim.system.component import Capabilities
from cosim.system.experiment import Comparison, Duration, Event, Experiment, PhaseStep, Setting, Until
from cosim.system.variable import VariableName

V = VariableName.parse
ABLE = Capabilities(can_get_and_set_state=True)
CLOSE = (Setting(V("a.u"), 0.0),)
WARM = Comparison(V("a.y"), ">", 1.0)


def found(capabilities, *phases, **more):
    flowsheet = Flowsheet(a=lag("a", 1.0, capabilities=ABLE), b=lag("b", 1.0, capabilities=capabilities))
    return late_moments(flowsheet.structure, Experiment(phases, **more))


@pytest.mark.parametrize("where", ["until", "step", "event"])
def test_conditions_of_what_cannot_go_back(where):
    ending = Until((WARM,), to_ticks(100.0))
    run = {
        "until": phase("run", "a b", None, 10.0, ending=ending),
        "step": phase("run", "a b", None, 10.0, steps=(PhaseStep("one", ending),)),
        "event": phase("run", "a b", 100.0, 10.0),
    }[where]
    events = (Event(CLOSE, condition=WARM),) if where == "event" else ()
    assert found(Capabilities(), run, events=events) == [
        "In phase 'run' conditions act at the next communication point, up to 10 s late: b cannot go back in time. A "
        "smaller step makes them earlier."
    ]
    assert found(ABLE, run, events=events) == []
    assert found(Capabilities(), run, events=events, event_tolerance=to_ticks(10.0)) == []


def test_nothing_is_said_where_no_condition_waits():
    run = phase("run", "a b", None, 10.0, steps=(PhaseStep("one", Duration(to_ticks(20.0))),))
    assert found(Capabilities(), run, events=(Event(CLOSE, time=to_ticks(3.0)),)) == []


@pytest.mark.parametrize("rigid", [Capabilities(can_vary_step=False), Capabilities(fixed_step=10.0)])
def test_times_between_communication_points_of_fixed_steps(rigid):
    one = phase("one", "a b", 100.0, 10.0)
    two = phase("two", "a", 26.0, 1.0, start=after("one", edge="start", delay=4.0))
    events = tuple(Event(CLOSE, time=to_ticks(time)) for time in (0.0, 20.0, 33.0, 100.0, 105.0))
    assert [warning.partition(" late")[0] for warning in found(rigid, one, two, events=events)] == [
        "The event at 33 s comes 7 s",
        "The beginning of phase 'two' at 4 s comes 6 s",
    ]
    assert found(ABLE, one, two, events=events) == []
