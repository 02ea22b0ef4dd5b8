"""Each problem by its message; a sound structure has none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeInstance, Flowsheet, after, describe, lag, phase, tank

from cosim.clock import Ticks, to_ticks
from cosim.errors import CapabilityError, SourceLocation
from cosim.system.component import Capabilities, Component
from cosim.system.experiment import (
    Comparison,
    DeliveredVolume,
    Duration,
    Event,
    Experiment,
    PhaseStep,
    Setting,
    Signal,
    Until,
)
from cosim.system.stream import PortName
from cosim.system.structure import SystemStructure
from cosim.system.validation import examine, validate
from cosim.system.variable import Causality, Variable, VariableName, VariableType

V = VariableName.parse
RUN = phase("run", "a b", 100.0, 10.0)


def sound() -> Flowsheet:
    return Flowsheet(a=tank("a"), b=tank("b")).stream("a.out", "b.in").stream("b.out")


def problems(flowsheet: Flowsheet, *phases, **options) -> list[str]:
    return [problem.message for problem in validate(flowsheet.structure, Experiment(phases or (RUN,), **options))]


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def set_(target: str, value: float) -> Setting:
    return Setting(V(target), value)


def test_sound():
    assert problems(sound()) == []


def test_unknown_component_with_the_nearest():
    flowsheet = Flowsheet(reactor=lag("reactor", 1.0), a=lag("a", 1.0)).connect("reacter.y", "a.u")
    assert only(problems(flowsheet, phase("run", "a", 10.0, 1.0))) == (
        "Connection reacter.y -> a.u names component 'reacter', which does not exist. Do you mean 'reactor'?"
    )


def test_unknown_variable_with_the_nearest():
    message = only(problems(sound().connect("a.levle", "b.flow")))
    assert message.endswith("names a.levle, but 'a' has no variable 'levle'. Do you mean 'level'?")


def test_target_that_is_no_input():
    message = only(problems(sound().connect("a.level", "b.level")))
    assert "ends at b.level, which is not an input but of causality output." in message


def test_source_that_is_an_input():
    assert "starts at an input" in only(problems(sound().connect("a.flow", "b.flow")))


def test_text_cannot_be_connected():
    flowsheet = sound()
    variables = dict(flowsheet.instances["a"].description.variables)
    variables["name"] = Variable("name", Causality.OUTPUT, type=VariableType.STRING)
    flowsheet.instances["a"].inner._description = replace(flowsheet.instances["a"].description, variables=variables)
    assert "names a.name, which is of type String." in only(problems(flowsheet.connect("a.name", "b.flow")))


ITEMS = (("off", 1), ("on", 2))


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("FLOAT64", "INT32", "leads from Float64 to Int32: values are rounded to whole numbers."),
        ("FLOAT32", "BOOLEAN", "leads from Float32 to Boolean: everything but 0 arrives as true."),
        ("INT8", "BOOLEAN", "leads from Int8 to Boolean: everything but 0 arrives as true."),
        (
            "INT32",
            "ENUMERATION",
            "leads from Int32 to Enumeration: what arrives is not checked to be one of off (1), on (2).",
        ),
        ("ENUMERATION", "ENUMERATION", ""),
        ("BOOLEAN", "BOOLEAN", ""),
        ("BOOLEAN", "INT32", ""),
        ("INT64", "FLOAT64", ""),
        ("FLOAT32", "FLOAT64", ""),
    ],
)
def test_connections_that_change_values_are_told(source, target, expected):
    kinds = {name: VariableType[kind] for name, kind in (("y", source), ("u", target))}
    causalities = {"y": Causality.OUTPUT, "u": Causality.INPUT}
    flowsheet = Flowsheet(a=lag("a", 1.0), b=lag("b", 1.0)).connect("a.y", "b.u")
    for item in flowsheet.instances.values():
        variables = {
            name: Variable(
                name, causalities[name], type=kind, start=0, enumeration=ITEMS if "ENUM" in kind.name else ()
            )
            for name, kind in kinds.items()
        }
        item.inner._description = replace(item.description, variables=variables)
    _, warnings = examine(flowsheet.structure, Experiment((RUN,)))
    assert warnings == ([f"Connection a.y -> b.u {expected}"] if expected else [])


def test_doubly_driven_by_connections():
    flowsheet = sound().connect("a.level", "b.flow").connect("a.held_x", "b.flow")
    assert only(problems(flowsheet)) == (
        "b.flow is driven twice: by connection a.level -> b.flow and by connection a.held_x -> b.flow. Remove one."
    )


def test_doubly_driven_by_stream_and_connection():
    message = only(problems(sound().connect("a.level", "b.in.c_x")))
    assert "b.in.c_x is driven twice" in message
    assert "stream a.out => b.in" in message


def test_doubly_driven_by_setting_and_connection():
    run = replace(RUN, settings=(set_("b.flow", 1.0),))
    assert "b.flow is driven twice" in only(problems(sound().connect("a.level", "b.flow"), run))


def test_doubly_driven_by_signal_and_setting():
    signal = Signal(V("b.flow"), np.array([0]), np.array([1.0]))
    run = replace(RUN, settings=(set_("b.flow", 1.0),))
    assert "the recorded signal for b.flow" in only(problems(sound(), run, signals=(signal,)))


def test_undriven_input_without_a_start():
    flowsheet = sound()
    variables = dict(flowsheet.instances["a"].description.variables)
    variables["pressure"] = Variable("pressure", Causality.INPUT)
    flowsheet.instances["a"].inner._description = replace(flowsheet.instances["a"].description, variables=variables)
    assert only(problems(flowsheet)).startswith("Nothing drives input a.pressure, and it has no default.")
    assert problems(flowsheet, start_values={"a": {"pressure": 1.0}}) == []


def test_unknown_port_with_the_nearest():
    flowsheet = Flowsheet(a=tank("a"), b=tank("b")).stream("b.out")
    flowsheet.streams.append(replace(flowsheet.streams[0], source=PortName("a", "outt"), target=PortName("b", "in")))
    assert any("has no port 'outt'. Do you mean 'out'?" in message for message in problems(flowsheet))


def test_wrong_directions():
    flowsheet = sound()
    flowsheet.streams = [replace(flowsheet.streams[0], source=PortName("b", "in"), target=PortName("a", "out"))]
    found = " ".join(problems(flowsheet))
    assert "starts at b.in, which is an inlet" in found
    assert "ends at a.out, which is an outlet" in found


def test_port_joined_twice():
    assert "Port b.out is joined twice" in only(problems(sound().stream("b.out")))


def test_outlet_that_leads_nowhere():
    source = FakeInstance("s", describe([], ["out.V_flow", "out.c_x"]), lambda v, t, h: None)
    flowsheet = Flowsheet(s=source)
    assert only(problems(flowsheet, phase("run", "s", 10.0, 1.0))) == (
        "Outlet s.out leads nowhere. Join it to an inlet, or write 's.out => waste'."
    )


def test_outlet_on_demand_may_stay_open():
    assert problems(Flowsheet(a=tank("a")), phase("run", "a", 10.0, 1.0)) == []


def test_species_that_is_lacking_or_ignored():
    found = problems(Flowsheet(a=tank("a"), b=tank("b")).stream("a.out", "b.in", links=()).stream("b.out"))
    assert "b.in needs species 'x', which a.out does not send. Name it in 'absent'" in found[0]
    assert "a.out sends species 'x', which b.in does not know. Name it in 'drop'" in found[1]


def test_loop_of_feedthrough():
    def valve(name: str) -> FakeInstance:
        description = describe(["in.V_flow", "in.c_x"], ["out.V_flow", "out.c_x"])
        through = {"out.V_flow": frozenset({"in.V_flow"}), "out.c_x": frozenset({"in.c_x"})}
        return FakeInstance(name, replace(description, feedthrough=through), lambda v, t, h: None)

    flowsheet = Flowsheet(a=valve("a"), b=valve("b")).stream("a.out", "b.in").stream("b.out", "a.in")
    message = only(problems(flowsheet))
    assert message.startswith("The stream loop a => b => a has no unit in it that holds anything")
    broken = Flowsheet(a=valve("a"), b=tank("b")).stream("a.out", "b.in").stream("b.out", "a.in")
    assert problems(broken) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"active": ("a", "c")}, "Phase 'run' names component 'c', which does not exist."),
        ({"active": ()}, "Phase 'run' has no active component."),
        ({"step_size": Ticks(0)}, "Phase 'run' steps 'a' by a time that is not above zero."),
        ({"repeat": 0}, "Phase 'run' is repeated 0 times; it takes at least 1."),
        ({"ending": None}, "Phase 'run' never ends."),
        ({"ending": Duration(Ticks(0))}, "Phase 'run' has a duration that is not above zero."),
        ({"ending": Duration(Ticks(-5))}, "Phase 'run' has a duration that is not above zero."),
        ({"ending": Duration(to_ticks(5.0))}, "Phase 'run' lasts 5 s, less than one communication step of 10 s."),
        ({"ending": Until((), to_ticks(5.0))}, "Phase 'run' ends on a condition, but has none."),
        (
            {"ending": DeliveredVolume((PortName("b", "out"),), 1.0, to_ticks(5.0))},
            "Phase 'run' counts through b.out, which is an outlet.",
        ),
        (
            {"ending": DeliveredVolume((PortName("b", "in"),), 0.0, to_ticks(5.0))},
            "Phase 'run' ends after a volume that is not above zero.",
        ),
        (
            {"ending": Until((Comparison(V("a.lvl"), ">", 1.0),), to_ticks(5.0))},
            "Phase 'run' names a.lvl, but 'a' has no variable 'lvl'.",
        ),
        ({"start": after("run")}, "Phase 'run' never starts: phases wait for each other, run → run."),
        ({"start": after("rum")}, "Phase 'run' never starts: it waits for phase 'rum', which does not exist."),
        ({"settings": (Setting(V("a.level"), 1.0),)}, "The setting of a.level in phase 'run' cannot take effect"),
    ],
)
def test_phase(changes, message):
    found = problems(sound(), replace(RUN, **changes))
    assert found
    assert found[0].startswith(message)


def test_ring_of_phases():
    found = problems(
        sound(), replace(RUN, name="one", start=after("two")), replace(RUN, name="two", start=after("one"))
    )
    assert found[0] == "Phase 'one' never starts: phases wait for each other, one → two → one."
    assert len(found) == 2


def test_setting_of_a_component_that_is_not_active():
    run = phase("run", "a", 100.0, 10.0, settings=(set_("b.flow", 0.0),))
    assert only(problems(sound(), run)).startswith("Phase 'run' sets b.flow, but 'b' is not active in phase 'run'.")


def test_overlap_with_another_step():
    beside = phase("beside", "a b", 50.0, 5.0, start=after("run", "start", 20.0))
    found = problems(sound(), RUN, beside)
    assert found[0] == (
        "Phases 'run' and 'beside' run at the same time and step 'a' by 10 s and 5 s. Give 'a' one step."
    )
    assert problems(sound(), RUN, replace(beside, start=after("run"))) == []
    late = replace(beside, start=after("run", "start", 150.0))
    assert problems(sound(), RUN, late) == []
    assert len(problems(sound(), replace(RUN, repeat=2), late)) == 2


def test_flow_opened_into_a_sleeper():
    flowsheet = sound()
    through = {"out.V_flow": frozenset({"flow"})}
    flowsheet.instances["a"].inner._description = replace(flowsheet.instances["a"].description, feedthrough=through)
    run = phase("run", "a", 100.0, 10.0, settings=(set_("a.flow", 1e-3),))
    assert only(problems(flowsheet, run)) == (
        "Phase 'run' sets a.flow, which lets a.out flow into b.in, but 'b' is asleep in this phase. Add it to 'active'."
    )
    assert problems(flowsheet, replace(run, settings=(set_("a.flow", 0.0),))) == []
    assert problems(flowsheet, replace(run, active=("a", "b"))) == []


def test_events_and_records():
    found = problems(sound(), events=(Event(()),), recorded={"a": ("nothing",)}, start_values={"b": {"volum": 1.0}})
    assert "An event needs either a time or a condition." in found
    assert any("The record names a.nothing" in message for message in found)
    assert any(message.startswith("Cannot set b.volum: there is no such variable.") for message in found)


def test_no_phase():
    message = [p.message for p in validate(sound().structure, Experiment(()))]
    assert message == ["There is no phase, so nothing would run. Write at least one."]


@pytest.mark.parametrize("can_vary_step", [False, True])
def test_fixed_step(can_vary_step):
    able = Capabilities(can_vary_step=can_vary_step, fixed_step=10.0)
    flowsheet = Flowsheet(a=lag("a", 1.0, capabilities=able))
    structure = flowsheet.structure
    found = validate(structure, Experiment((phase("run", "a", 100.0, 5.0),)))
    assert found[0].message == (
        "'a' accepts communication steps of 10 s only, and phase 'run' steps it by 5 s. Write 'step: 10 s'."
    )
    assert isinstance(found[0], CapabilityError)
    found = validate(structure, Experiment((phase("run", "a", 105.0, 10.0),)))
    assert "the last would have to be shorter" in found[0].message
    assert validate(structure, Experiment((phase("run", "a", 100.0, 10.0),))) == []


def test_fixed_step_has_to_divide_the_largest():
    rigid = lag("a", 1.0, capabilities=Capabilities(can_vary_step=False))
    run = phase("run", "a b", 100.0, 10.0, step_sizes={"a": 4.0})
    assert "which does not divide the largest step" in only(problems(Flowsheet(a=rigid, b=lag("b", 1.0)), run))


def test_locations_are_kept():
    origin = SourceLocation(Path("s.yaml"), 7)
    run = replace(RUN, repeat=0, origin=origin)
    assert str(validate(sound().structure, Experiment((run,)))[0]).startswith("s.yaml:7: Phase 'run' is repeated")


def test_steps_of_equal_name():
    step = PhaseStep("wash", Duration(to_ticks(10)))
    assert "Phase 'run' has two steps called 'wash'." in problems(
        sound(), replace(RUN, ending=None, steps=(step, step))
    )


def test_component_names_are_those_of_the_structure():
    structure = SystemStructure({"a": Component("a", lag("a", 1.0).description)})
    assert validate(structure, Experiment((phase("run", "a", 10.0, 1.0),))) == []


def test_doubly_driven_by_value_and_connection():
    place = SourceLocation(Path("s.yaml"), 6)
    flowsheet = sound().connect("a.level", "b.flow")
    flowsheet.connections[0] = replace(flowsheet.connections[0], origin=SourceLocation(Path("s.yaml"), 5))
    message = only(problems(flowsheet, start_values={"b": {"flow": 1.0}}, start_origins={V("b.flow"): place}))
    assert message == (
        "b.flow is driven twice: by connection a.level -> b.flow (line 5) and by the value given for it (line 6). "
        "Remove one."
    )


@pytest.mark.parametrize("depends", [True, False])
def test_a_start_value_in_a_loop_is_a_guess_and_elsewhere_a_second_driver(depends):
    flowsheet = Flowsheet(a=lag("a", 1.0), b=lag("b", 1.0)).connect("a.y", "b.u").connect("b.y", "a.u")
    structure = flowsheet.structure
    parts = {
        name: replace(
            part,
            description=replace(
                part.description, initial_dependencies={"y": frozenset({"u"} if depends else ())}, feedthrough={"y": ()}
            ),
        )
        for name, part in structure.components.items()
    }
    found = validate(replace(structure, components=parts), Experiment((RUN,), start_values={"b": {"u": 1.0}}))
    assert [problem.message for problem in found] == (
        [] if depends else ["b.u is driven twice: by connection a.y -> b.u and by the value given for it. Remove one."]
    )


def test_doubly_driven_by_value_and_signal():
    signal = Signal(V("b.flow"), np.array([0]), np.array([1.0]))
    message = only(problems(sound(), signals=(signal,), start_values={"b": {"flow": 1.0}}))
    assert "by the recorded signal for b.flow and by the value given for it." in message


def test_two_streams_into_one_inlet_are_one_problem():
    flowsheet = Flowsheet(a=tank("a"), b=tank("b"), c=tank("c")).stream("a.out", "b.in").stream("c.out", "b.in")
    message = only(problems(flowsheet.stream("b.out"), phase("run", "a b c", 100.0, 10.0)))
    assert message.startswith("Port b.in is joined twice")


def with_inputs(flowsheet: Flowsheet, component: str, *variables: Variable, **options) -> Flowsheet:
    inner = flowsheet.instances[component].inner
    known = {**inner.description.variables, **{variable.name: variable for variable in variables}}
    inner._description = replace(inner.description, variables=known, **options)
    return flowsheet


def test_undriven_inputs_of_a_component_are_one_problem():
    flowsheet = with_inputs(sound(), "a", *(Variable(name, Causality.INPUT) for name in ("p", "q")))
    assert only(problems(flowsheet)) == (
        "Nothing drives inputs a.p, a.q, and they have no defaults. Connect each ('… -> a.p'), or give a value under "
        "'inputs'."
    )


def test_the_composition_of_a_closed_inlet_may_be_open():
    open_ = Variable("in.c_x", Causality.INPUT)
    flowsheet = with_inputs(Flowsheet(a=tank("a")), "a", open_)
    run = phase("run", "a", 100.0, 10.0)
    assert problems(flowsheet, run) == []
    assert "Nothing drives input a.in.c_x," in only(problems(flowsheet, run, start_values={"a": {"in.V_flow": 1.0}}))


def test_undriven_inputs_with_a_start_of_unknown_meaning_are_a_warning():
    flowsheet = with_inputs(sound(), "a", states_defaults=False)
    found, warnings = examine(flowsheet.structure, Experiment((RUN,)))
    assert found == []
    assert warnings == ["Nothing drives a.flow, a.out.demand: they keep the start values in the FMU."]


@pytest.mark.parametrize(
    ("duration", "step", "message"),
    [
        (1e30, 1.0, "Phase 'run' lasts more than 100 years."),
        (10.0, 1e20, "Phase 'run' has a communication step of more than 100 years."),
        (604800.0, 1e-9, "takes 6e+14 communication steps of 1e-09 s; 1e+09 can be run. Make the step larger."),
    ],
)
def test_what_would_never_end_is_refused(duration, step, message):
    assert message in only(problems(sound(), phase("run", "a b", duration, step)))
