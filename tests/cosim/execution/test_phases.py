import pytest
from fakes import UNABLE, FakeInstance, Flowsheet, after, describe, lag, phase, tank

from cosim.clock import to_ticks
from cosim.errors import StructureError
from cosim.system.component import Capabilities
from cosim.system.experiment import (
    Collect,
    Comparison,
    DeliveredVolume,
    Duration,
    Event,
    PhaseStart,
    PhaseStep,
    Setting,
    Until,
)
from cosim.system.stream import PortName
from cosim.system.variable import VariableName

V = VariableName.parse


def set_(target: str, value: float) -> Setting:
    return Setting(V(target), value)


def when(left: str, operator: str, right: float) -> Comparison:
    return Comparison(V(left), operator, right, text=f"{left} {operator} {right:g}")


def until(condition: Comparison, at_most: float = 1e4, go_on: bool = False) -> Until:
    return Until((condition,), to_ticks(at_most), go_on)


def records(outcome, step: bool = False):
    return [
        (p.step if step else p.phase, p.cycle, p.start / 1e9, p.end / 1e9, p.ended_by)
        for p in outcome.phases
        if (p.step is not None) == step
    ]


def make() -> Flowsheet:
    return Flowsheet(a=tank("a", amount=2.0), b=tank("b")).stream("a.out", "b.in").stream("b.out")


def test_last_step_is_shortened():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    flowsheet.run(phase("run", "a", 25.0, 10.0))
    assert flowsheet.instances["a"].steps == [(0.0, 10.0), (10.0, 10.0), (20.0, 5.0)]


def test_phases_follow_and_overlap():
    outcome = make().run(
        phase("one", "a", 20.0, 10.0),
        phase("two", "b", 20.0, 10.0, start=after("one")),
        phase("beside", "a", 30.0, 10.0, start=after("one", "start", 5.0)),
    )
    assert sorted(records(outcome)) == [
        ("beside", 1, 5.0, 35.0, "duration"),
        ("one", 1, 0.0, 20.0, "duration"),
        ("two", 1, 20.0, 40.0, "duration"),
    ]


def test_component_is_initialised_when_first_active_with_what_others_put_out():
    seen = {}

    def follow(v, time, size):
        if size == 0.0:
            seen.update(v, time=time)
        v["y"] = v["u"]

    late = FakeInstance("late", describe(["u"], ["y"]), follow)
    flowsheet = Flowsheet(first=lag("first", 10.0, y0=3.0), late=late).connect("first.y", "late.u")
    flowsheet.run(phase("one", "first", 10.0, 10.0), phase("two", "first late", 10.0, 10.0, start=after("one")))
    value = dict(flowsheet.recorder.series("first.y"))[10.0]
    assert (seen["u"], seen["time"]) == (value, 10.0)
    assert late.calls == ["set_start", "enter_initialization", "exit_initialization", "step", "terminate"]
    assert flowsheet.recorder.series("late.y")[0] == (10.0, value)


def test_sleeper_ages_in_one_step_and_says_so():
    flowsheet = Flowsheet(a=lag("a", 50.0, y0=1.0), b=lag("b", 1.0))
    outcome = flowsheet.run(
        phase("one", "a", 10.0, 10.0),
        phase("two", "b", 100.0, 10.0, start=after("one")),
        phase("three", "a", 10.0, 10.0, start=after("two")),
    )
    assert flowsheet.instances["a"].steps == [(0.0, 10.0), (10.0, 100.0), (110.0, 10.0)]
    assert [(h.time / 1e9, h.subject) for h in outcome.happenings if h.kind == "wake"] == [(110.0, "a")]


def test_frozen_sleeper_has_a_clock_of_its_own():
    flowsheet = Flowsheet(a=lag("a", 50.0, y0=1.0), b=lag("b", 1.0))
    flowsheet.run(
        phase("one", "a", 10.0, 10.0),
        phase("two", "b", 100.0, 10.0, start=after("one")),
        phase("three", "a", 10.0, 10.0, start=after("two")),
        asleep={"a": "frozen"},
    )
    assert flowsheet.instances["a"].steps == [(0.0, 10.0), (10.0, 10.0)]
    assert flowsheet.recorder.times("a") == [0.0, 10.0, 120.0]


def test_sleeper_with_fixed_steps_wakes_by_them():
    capabilities = Capabilities(can_vary_step=False, fixed_step=10.0)
    flowsheet = Flowsheet(a=lag("a", 50.0, capabilities=capabilities), b=lag("b", 1.0))
    outcome = flowsheet.run(
        phase("one", "a", 10.0, 10.0),
        phase("two", "b", 25.0, 5.0, start=after("one")),
        phase("three", "a", 10.0, 10.0, start=after("two")),
    )
    assert flowsheet.instances["a"].steps == [(0.0, 10.0), (10.0, 10.0), (20.0, 10.0), (30.0, 10.0)]
    assert outcome.warnings == ("'a' cannot vary its step: it woke 5 s younger than it is.",)


def test_flow_while_asleep_is_an_error():
    flowsheet = Flowsheet(a=tank("a", flow=1e-3), b=lag("b", 1.0)).stream("a.out")
    outcome = flowsheet.run(
        phase("one", "a", 10.0, 10.0),
        phase("two", "b", 100.0, 10.0, start=after("one")),
        phase("three", "a", 10.0, 10.0, start=after("two")),
    )
    assert outcome.status == "failed"
    assert "a.out sent 0.1 while 'a' was asleep" in outcome.reason


def test_flow_of_a_sleeper_reads_zero():
    flowsheet = Flowsheet(a=tank("a", flow=1e-3), b=tank("b")).stream("a.out", "b.in").stream("b.out")
    outcome = flowsheet.run(phase("one", "a b", 10.0, 10.0), phase("two", "b", 10.0, 10.0, start=after("one")))
    assert [item["in.V_flow"] for item in flowsheet.instances["b"].delivered] == [1e-3, 0.0]
    assert flowsheet.recorder.series("a.out.V_flow")[-2:] == [(10.0, 1e-3), (10.0, 0.0)]
    assert outcome.status == "completed"


def test_settings_hold_while_their_phase_or_step_lasts():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    steps = (
        PhaseStep("one", Duration(to_ticks(10)), (set_("a.u", 2.0),)),
        PhaseStep("two", Duration(to_ticks(10))),
    )
    flowsheet.run(
        phase("first", "a", None, 10.0, steps=steps, settings=(set_("a.u", 1.0),)),
        phase("second", "a", 10.0, 10.0, start=after("first")),
        start_values={"a": {"u": 9.0}},
    )
    assert [item["u"] for item in flowsheet.instances["a"].delivered] == [2.0, 1.0, 9.0]


def test_settings_of_the_first_step_are_there_at_initialisation():
    first = FakeInstance("a", describe(["u"], ["y"]), lambda v, t, h: v.update(y=v["u"]))
    flowsheet = Flowsheet(a=first)
    steps = (PhaseStep("one", Duration(to_ticks(10)), (set_("a.u", 2.0),)),)
    flowsheet.run(phase("first", "a", None, 10.0, steps=steps))
    assert flowsheet.recorder.series("a.y")[0] == (0.0, 2.0)


def test_tunable_parameters_can_be_set():
    gain = FakeInstance("a", describe([], ["y"], {"k": 1.0}), lambda v, t, h: v.update(y=v["k"]))
    flowsheet = Flowsheet(a=gain)
    flowsheet.run(
        phase("one", "a", 10.0, 10.0, settings=(set_("a.k", 5.0),)), phase("two", "a", 10.0, 10.0, start=after("one"))
    )
    assert [value for _, value in flowsheet.recorder.series("a.y")] == [5.0, 5.0, 1.0]


def test_until_is_located_by_rollback():
    outcome = make().run(
        phase("empty", "a b", None, 60.0, settings=(set_("a.flow", 1e-3),), ending=until(when("a.level", "<", 0.75)))
    )
    assert records(outcome)[0][3] == pytest.approx(250.0, abs=1e-3)
    assert records(outcome)[0][4] == "a.level < 0.75"
    assert outcome.status == "completed"


def test_located_curve_is_within_the_tolerance():
    flowsheet = Flowsheet(a=lag("a", 10.0, y0=1.0))
    outcome = flowsheet.run(phase("decay", "a", None, 25.0, ending=until(when("a.y", "<=", 0.1))))
    assert outcome.time / 1e9 == pytest.approx(23.025850929940457, abs=1e-3)
    assert flowsheet.recorder.times("a")[-1] == outcome.time / 1e9


def test_without_rollback_lateness_is_told():
    flowsheet = Flowsheet(a=lag("a", 10.0, y0=1.0, capabilities=UNABLE))
    steps = (PhaseStep("decay", until(when("a.y", "<=", 0.1))),)
    outcome = flowsheet.run(phase("run", "a", None, 10.0, steps=steps))
    assert outcome.time == to_ticks(30.0)
    assert outcome.warnings == (
        "'run.decay: a.y <= 0.1' was noticed up to 10 s late, at the next communication point: a cannot go back in "
        "time. A smaller step makes it earlier.",
    )


def test_limit_reached_fails_the_run():
    outcome = make().run(phase("wait", "a b", None, 10.0, ending=until(when("a.level", "<", 0.5), 100.0)))
    assert outcome.status == "failed"
    assert outcome.reason.startswith("'wait' did not reach a.level < 0.5 within 1 min 40 s.")
    assert records(outcome) == [("wait", 1, 0.0, 100.0, "failure")]


def test_limit_reached_goes_on_where_allowed():
    outcome = make().run(phase("wait", "a b", None, 10.0, ending=until(when("a.level", "<", 0.5), 100.0, True)))
    assert records(outcome) == [("wait", 1, 0.0, 100.0, "limit")]


@pytest.mark.parametrize("size", [1.0, 7.0, 60.0, 400.0])
def test_volume_is_hit_at_any_step(size):
    ending = DeliveredVolume((PortName("b", "in"),), 0.3, to_ticks(1000.0))
    outcome = make().run(phase("push", "a b", None, size, settings=(set_("a.flow", 1e-3),), ending=ending))
    assert outcome.time / 1e9 == pytest.approx(300.0, abs=1e-3)
    assert outcome.ledger["volume"].units["b"].entered == pytest.approx(0.3, rel=1e-5)


def test_repeat_counts_cycles_and_counts_volume_anew():
    ending = DeliveredVolume((PortName("b", "in"),), 0.1, to_ticks(1000.0))
    steps = (PhaseStep("push", ending, (set_("a.flow", 1e-3),)), PhaseStep("rest", Duration(to_ticks(20))))
    outcome = make().run(phase("cycle", "a b", None, 10.0, steps=steps, repeat=3))
    times = [(cycle, round(start, 3), round(end, 3)) for name, cycle, start, end, _ in records(outcome)]
    assert times == [(1, 0.0, 120.0), (2, 120.0, 240.0), (3, 240.0, 360.0)]
    assert [(name, cycle) for name, cycle, *_ in records(outcome, step=True)] == [
        (name, cycle) for cycle in (1, 2, 3) for name in ("push", "rest")
    ]


def test_fresh_components_begin_anew_and_keep_what_is_carried():
    def wear(v, time, size):
        if size == 0.0:
            v["y"] = 0.0
        v["y"] += size
        v["k"] -= 0.01 * size

    column = FakeInstance("a", describe([], ["y"], {"k": 1.0}), wear)
    flowsheet = Flowsheet(a=column)
    flowsheet.run(phase("cycle", "a", 10.0, 10.0, repeat=2, fresh=("a",), carry=(V("a.k"),)))
    assert [value for _, value in flowsheet.recorder.series("a.y")] == [0.0, 10.0, 0.0, 10.0]
    assert column.inner.values["k"] == pytest.approx(0.8)
    assert column.calls.count("reset") == 1


def test_inputs_are_given_again_to_what_begins_anew():
    constant = FakeInstance("s", describe([], ["y"]), lambda v, t, h: v.update(y=3.0))
    flowsheet = Flowsheet(s=constant, a=lag("a", 1.0)).connect("s.y", "a.u")
    flowsheet.run(phase("cycle", "s a", 10.0, 10.0, repeat=2, fresh=("a",)))
    assert [inputs["u"] for inputs in flowsheet.instances["a"].delivered] == [3.0, 3.0]


def test_fresh_contents_enter_and_old_ones_leave():
    outcome = make().run(phase("cycle", "a b", 100.0, 10.0, repeat=2, fresh=("a",), settings=(set_("a.flow", 1e-3),)))
    assert outcome.status == "completed", outcome.reason
    entry = outcome.ledger["volume"].units["a"]
    assert (entry.start, entry.entered, entry.held) == pytest.approx((1.0, 1.0, 0.9))
    assert entry.left == pytest.approx(0.2 + 0.9)


def test_collect_switches_an_input_on_and_off():
    peak = FakeInstance("p", describe([], ["y"]), lambda v, t, h: v.update(y=1.0 - abs(t + h - 50.0) / 50.0))
    valve = FakeInstance("v", describe(["collecting"], ["z"]), lambda v, t, h: v.update(z=v["collecting"]))
    flowsheet = Flowsheet(p=peak, v=valve)
    collect = Collect(V("v.collecting"), when("p.y", ">", 0.51), when("p.y", "<", 0.255))
    steps = (PhaseStep("elute", Duration(to_ticks(100)), (), (collect,)),)
    outcome = flowsheet.run(phase("run", "p v", None, 10.0, steps=steps))
    times = [h.time / 1e9 for h in outcome.happenings if h.kind == "collect"]
    assert times == pytest.approx([25.5, 87.25], abs=1e-3)
    on = [time for (time, _), item in zip(valve.steps, valve.delivered, strict=True) if item["collecting"] == 1.0]
    assert min(on) == pytest.approx(25.5, abs=1e-3)
    assert 77.0 < max(on) < 87.25


def test_timed_event_is_hit_to_the_tick():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    flowsheet.run(phase("run", "a", 20.0, 10.0), events=(Event((set_("a.u", 4.0),), time=to_ticks(13.000000001)),))
    assert [
        (time, item["u"])
        for (time, _), item in zip(flowsheet.instances["a"].steps, flowsheet.instances["a"].delivered, strict=True)
    ] == [(0.0, 0.0), (10.0, 0.0), (13.000000001, 4.0)]


def test_conditional_events_fire_once_or_every_time():
    def saw(v, time, size):
        v["y"] = (time + size) % 10.0

    for repeats, expected in ((False, 1), (True, 3)):
        flowsheet = Flowsheet(s=FakeInstance("s", describe(["u"], ["y"]), saw))
        event = Event((set_("s.u", 1.0),), condition=when("s.y", ">", 4.5), repeats=repeats)
        outcome = flowsheet.run(phase("run", "s", 29.0, 1.0), events=(event,))
        assert sum(h.kind == "event" for h in outcome.happenings) == expected


def test_phases_that_turn_out_to_disagree():
    flowsheet = Flowsheet(a=lag("a", 10.0, y0=1.0), b=lag("b", 10.0))
    run = [
        phase("one", "a", None, 5.0, ending=until(when("a.y", "<=", 0.5))),
        phase("two", "b", 60.0, 5.0),
        phase("three", "b", 60.0, 10.0, start=after("one")),
    ]
    with pytest.raises(
        StructureError, match="steps 'b' by 10 s while another phase that runs at the same time steps it"
    ):
        flowsheet.run(*run)
    assert flowsheet.recorder.outcome.status == "failed"


def test_nothing_runs_between_phases():
    outcome = make().run(
        phase("one", "a", 10.0, 10.0), phase("two", "a", 10.0, 10.0, start=PhaseStart("one", "end", to_ticks(100.0)))
    )
    assert records(outcome) == [("one", 1, 0.0, 10.0, "duration"), ("two", 1, 110.0, 120.0, "duration")]
