"""V27: what is sent arrives, at any communication step, with unequal steps, against the order and in loops."""

import math

import pytest
from fakes import Flowsheet, after, phase, source, tank
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cosim.algorithm.adaptive import Adaptive
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.iterated import Iterated
from cosim.algorithm.jacobi import Jacobi
from cosim.system.experiment import PhaseStart, Setting
from cosim.system.variable import VariableName

ALGORITHMS = [
    Jacobi(),
    GaussSeidel(),
    Jacobi(2),
    GaussSeidel(2),
    Iterated(),
    Adaptive(1e-2),
    Adaptive(1e-2, estimate="predictor"),
]
CLOSURE = 1e-9


def worst(outcome) -> float:
    entries = [entry for ledger in outcome.ledger.values() for entry in (ledger.flowsheet, *ledger.units.values())]
    assert outcome.status == "completed", outcome.reason
    return max(entry.closure for entry in entries)


def wave(time: float) -> float:
    return 1e-3 * (1.0 + math.sin(time / 7.0))


def chain() -> Flowsheet:
    flowsheet = Flowsheet(feed=source("feed", wave, c=3.0), a=tank("a", flow=1e-3, made=1e-5), b=tank("b", flow=5e-4))
    return flowsheet.stream("feed.out", "a.in").stream("a.out", "b.in").stream("b.out")


def loop() -> Flowsheet:
    """A loop of two tanks, a ⇄ b."""
    flowsheet = Flowsheet(a=tank("a", amount=2.0, flow=2e-3), b=tank("b", amount=0.5, flow=2e-3))
    return flowsheet.stream("a.out", "b.in").stream("b.out", "a.in")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [0.7, 5.0, 37.0])
def test_chain_at_any_step(algorithm, size):
    outcome = chain().run(phase("run", "feed a b", 500.0, size), algorithm=algorithm)
    assert worst(outcome) < CLOSURE
    assert all(ledger.flowsheet.in_transit == 0.0 for ledger in outcome.ledger.values())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("sizes", [{"feed": 2.0}, {"a": 3.0}, {"b": 2.0, "feed": 5.0}, {"a": 30.0, "b": 7.0}])
def test_chain_with_unequal_steps(algorithm, sizes):
    outcome = chain().run(phase("run", "feed a b", 500.0, 10.0, step_sizes=sizes), algorithm=algorithm)
    assert worst(outcome) < CLOSURE
    entered = outcome.ledger["volume"].units["b"].entered
    assert entered == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("sizes", [{}, {"a": 2.5}, {"b": 4.0}])
def test_loop(algorithm, sizes):
    outcome = loop().run(phase("run", "a b", 200.0, 10.0, step_sizes=sizes), algorithm=algorithm)
    assert worst(outcome) < CLOSURE
    whole = outcome.ledger["x"].flowsheet
    assert whole.start == 2.5
    assert whole.held + whole.in_transit == pytest.approx(2.5, rel=1e-12)
    assert 0.0 < whole.in_transit < 0.2


def test_many_steps_do_not_add_up_round_off():
    outcome = chain().run(phase("run", "feed a b", 2000.0, 0.1), recorded={})
    assert worst(outcome) < 1e-11


@settings(max_examples=40, deadline=None)
@example(sizes=[1, 1, 1], flows=(0.001953125, 0.001953125), amounts=(0.0, 5e-324), is_jacobi=False, is_loop=True)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=3, max_size=3),
    flows=st.tuples(st.floats(1e-5, 2e-3), st.floats(1e-5, 2e-3)),
    amounts=st.tuples(st.floats(0.0, 10.0), st.floats(0.0, 10.0)),
    is_jacobi=st.booleans(),
    is_loop=st.booleans(),
)
def test_any_steps_and_flows(sizes, flows, amounts, is_jacobi, is_loop):
    flowsheet = Flowsheet(
        feed=source("feed", wave),
        a=tank("a", amount=amounts[0], flow=flows[0]),
        b=tank("b", amount=amounts[1], flow=flows[1]),
    )
    if is_loop:
        flowsheet.stream("feed.out").stream("a.out", "b.in").stream("b.out", "a.in")
    else:
        flowsheet.stream("feed.out", "a.in").stream("a.out", "b.in").stream("b.out")
    run = phase(
        "run", "feed a b", 200.0, 40.0, step_sizes=dict(zip("feed a b".split(), map(float, sizes), strict=True))
    )
    assert worst(flowsheet.run(run, algorithm=Jacobi() if is_jacobi else GaussSeidel())) < CLOSURE


PHASES = st.lists(
    st.tuples(st.sets(st.sampled_from(["a", "b"]), min_size=1), st.integers(1, 60), st.floats(0.1, 3.0), st.booleans()),
    min_size=2,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(PHASES, st.booleans())
def test_any_sequence_of_phases(plan, is_jacobi):
    """Tanks in a loop fall asleep and wake, with contents in transit; they send only while both are awake."""
    flowsheet = Flowsheet(a=tank("a", amount=2.0), b=tank("b", amount=0.5))
    flowsheet.stream("a.out", "b.in").stream("b.out", "a.in")
    phases = []
    for i, (active, seconds, flow, is_delayed) in enumerate(plan):
        both = tuple(Setting(VariableName(name, "flow"), flow / 1e3) for name in "ab") if len(active) == 2 else ()
        start = after(str(i - 1), delay=13.0 if is_delayed else 0.0) if i else PhaseStart()
        phases.append(phase(str(i), " ".join(sorted(active)), 60.0, float(seconds), start=start, settings=both))
    outcome = flowsheet.run(*phases, algorithm=Jacobi() if is_jacobi else GaussSeidel())
    assert worst(outcome) < CLOSURE
    whole = outcome.ledger["x"].flowsheet
    assert whole.held + whole.in_transit == pytest.approx(whole.start, rel=1e-12)
