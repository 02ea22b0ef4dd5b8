"""The guard over a surrogate of the real FMU: audits, states that go on alike, steps that are done again."""

import numpy as np
import pytest
from taught import FILE, scenario

import cosim
from cosim.clock import Ticks
from cosim.errors import StepError
from cosim.substitution.source import open_source
from cosim.surrogate.design import course
from cosim.surrogate.guarded import AuditPlan, GuardedInstance
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.model import Range
from cosim.surrogate.original import Original
from cosim.surrogate.parse import parse_training

HOUR = Ticks(3_600_000_000_000)


@pytest.fixture(scope="module")
def make(folder):
    """Makes the FMU with hidden changes."""
    file, _ = parse_training(FILE, folder / "small_reactor.yaml")
    with open_source(file) as source:

        def instantiate(**hidden):
            instance = source.instantiate("reactor")
            instance.set_start({name.replace("__", "."): value for name, value in hidden.items()})
            return instance

        yield instantiate


def guarded(taught, make, policy="fall_back", every=8):
    audit = taught.package.document["audit"]
    plan = AuditPlan(Ticks(every * HOUR), audit["steps"], audit["limits"])
    return GuardedInstance("reactor", SurrogateInstance("reactor", taught.package), make, policy, plan)


def begin(instance):
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()


def go(instance, first, last, flow=0.0):
    written = instance.group(["feed.V_flow"])
    for k in range(first, last):
        instance.write(written, np.array([flow]))
        instance.step(Ticks(k * HOUR), HOUR)


def values(instance, *names):
    found = np.empty(len(names))
    instance.read(instance.group(names), found)
    return found


def test_audits_are_silent_where_nothing_changed(taught, make):
    with guarded(taught, make) as instance:
        begin(instance)
        go(instance, 0, 40)
        assert instance.take_news() == []


def test_an_audit_finds_a_hidden_change_and_hands_over(taught, make):
    with guarded(taught, lambda: make(kinetics__q_mab_max=2 * 4.708e-19)) as instance:
        begin(instance)
        go(instance, 0, 40)
        news = [text for _, text in instance.take_news()]
        assert "Switch 1: 'reactor' goes on with its FMU, from the state of the surrogate: an audit over 6" in news[0]
        assert "titre" in news[0] or "mab" in news[0]


def test_an_audit_that_fails_is_told_once_where_the_policy_is_to_warn(taught, make):
    with guarded(taught, lambda: make(kinetics__q_mab_max=2 * 4.708e-19), "warn") as instance:
        begin(instance)
        go(instance, 0, 40)
        (news,) = instance.take_news()
        assert "The surrogate of 'reactor' should not be trusted: an audit over 6 steps found" in news[1]


def test_an_input_that_did_not_vary_has_to_keep_its_value(taught, make):
    with guarded(taught, make, "stop") as instance:
        begin(instance)
        instance.write(instance.group(["galactose_content"]), np.array([2.0]))
        with pytest.raises(StepError, match=r"its input galactose_content is 2, and it was trained with 0\.8 only"):
            go(instance, 0, 1)


def test_a_hand_over_is_close_to_seamless(taught, make):
    """The FMU goes on from a written state as from its own."""
    surrogate, original = SurrogateInstance("reactor", taught.package), Original("reactor", taught.package, make)
    with make() as always:
        begin(always)
        original.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        surrogate.follow(original.read)
        begin(surrogate)
        original.exit_initialization(surrogate.inputs)
        go(always, 0, 20)
        outputs = np.empty(len(taught.package.output_names))
        always.read(always.group(taught.package.output_names), outputs)
        surrogate.take_along(outputs, Ticks(20 * HOUR))
        original.take_over(surrogate.state, Ticks(20 * HOUR))
        go(always, 20, 21)
        original.step(Ticks(20 * HOUR), HOUR, surrogate.inputs)
        always.read(always.group(taught.package.output_names), outputs)
        np.testing.assert_allclose(original.read(surrogate.inputs), outputs, rtol=1e-5, atol=1e-9)
    original.free()


def test_steps_that_are_done_again_give_the_same_bits(taught, make):
    original = Original("reactor", taught.package, make)
    original.forget_handover()
    inputs = np.tile([taught.package.document["fixed"][name] for name in taught.package.input_names], (30, 1))
    inputs[:, taught.package.input_names.index("feed.V_flow")] = course(
        Range("feed.V_flow", 0, 1e-6, "steps", every=3), 30, np.random.default_rng(0)
    )
    with make() as always:
        always.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        written = always.group(taught.package.input_names)
        always.write(written, inputs[0])
        always.exit_initialization()
        original.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        original.exit_initialization(inputs[0])
        for k in range(30):
            always.write(written, inputs[k])
            always.step(Ticks(k * HOUR), HOUR)
            original.note(Ticks(k * HOUR), HOUR, inputs[k])
        assert original.take_over(np.empty(0), Ticks(30 * HOUR)) == "after doing 30 steps again"
        theirs = np.empty(len(taught.package.output_names))
        always.read(always.group(taught.package.output_names), theirs)
        assert original.read(inputs[-1]).tobytes() == theirs.tobytes()
    original.free()


@pytest.mark.parametrize("until", ["20 h", "26 h"], ids=["surrogate", "fmu"])
def test_a_fork_goes_on_alike(folder, until):
    large = ("  feeder: {first: 1 d}", "  feeder: {first: 1 d, target: 300 mmol/L, dose_max: 300 L}")
    with cosim.open(scenario(folder, large)) as one:
        one.run_until(until)
        with one.fork() as other:
            for execution in (one, other):
                execution.run_until("60 h")
            assert one["reactor.titre"] == other["reactor.titre"]
            assert one["reactor.glucose"] == other["reactor.glucose"]
