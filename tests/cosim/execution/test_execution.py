"""Stepping by hand, and what cannot be hit to the tick."""

from fakes import Flowsheet, after, lag, phase

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.clock import to_ticks
from cosim.execution import Execution
from cosim.system.component import Capabilities
from cosim.system.experiment import Event, Experiment, Setting
from cosim.system.variable import VariableName


def test_stepping_by_hand():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    run = phase("run", "a", 25.0, 10.0)
    execution = Execution(flowsheet.structure, Experiment((run,)), flowsheet.instances, GaussSeidel())
    execution.start()
    times = [execution.time]
    while execution.advance():
        times.append(execution.time)
    assert times == [0, to_ticks(10.0), to_ticks(20.0), to_ticks(25.0)]
    assert execution.progress().phase == ""


def test_progress_names_phase_step_and_cycle():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    run = phase("run", "a", 20.0, 10.0, repeat=2)
    execution = Execution(flowsheet.structure, Experiment((run,)), flowsheet.instances, GaussSeidel())
    execution.start()
    for _ in range(3):
        execution.advance()
    progress = execution.progress()
    assert (progress.phase, progress.step, progress.cycle) == ("run", None, 2)


def test_event_between_fixed_steps_is_late_and_says_so():
    rigid = lag("a", 1.0, capabilities=Capabilities(can_vary_step=False))
    flowsheet = Flowsheet(a=rigid)
    event = Event((Setting(VariableName("a", "u"), 1.0),), time=to_ticks(12.0))
    outcome = flowsheet.run(phase("run", "a", 30.0, 10.0), events=(event,))
    (happening,) = [item for item in outcome.happenings if item.kind == "event"]
    assert (happening.time, happening.lateness) == (to_ticks(20.0), to_ticks(8.0))
    assert [size for _, size in rigid.steps] == [10.0, 10.0, 10.0]
    assert outcome.warnings == (
        "What was due at t = 12 s came 8 s late, at the next communication point: a cannot vary its step. Choose a "
        "step that divides it.",
    )


def test_phase_that_begins_and_ends_between_fixed_steps_is_late_and_says_so():
    flowsheet = Flowsheet(a=lag("a", 1.0, capabilities=Capabilities(can_vary_step=False)), b=lag("b", 1.0))
    outcome = flowsheet.run(
        phase("one", "a", 60.0, 10.0), phase("two", "b", 25.0, 1.0, start=after("one", edge="start", delay=3.0))
    )
    late = [(item.time / 1e9, item.lateness / 1e9) for item in outcome.happenings if item.subject == "two"]
    assert late == [(10.0, 7.0), (40.0, 5.0)]
    assert [warning[:44] for warning in outcome.warnings] == [
        "What was due at t = 3 s came 7 s late, at th", "What was due at t = 35 s came 5 s late, at t"
    ]  # fmt: skip


def test_event_while_nothing_runs_is_on_time():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    event = Event((Setting(VariableName("a", "u"), 1.0),), time=to_ticks(15.0))
    outcome = flowsheet.run(
        phase("one", "a", 10.0, 10.0), phase("two", "a", 10.0, 10.0, start=after("one", delay=20.0)), events=(event,)
    )
    (happening,) = [item for item in outcome.happenings if item.kind == "event"]
    assert (happening.time, happening.lateness) == (to_ticks(15.0), 0)


def test_event_at_the_very_beginning_is_there_at_initialisation():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    event = Event((Setting(VariableName("a", "u"), 4.0),), time=to_ticks(0.0))
    flowsheet.run(phase("one", "a", 10.0, 10.0), events=(event,))
    assert [item["u"] for item in flowsheet.instances["a"].delivered] == [4.0]
