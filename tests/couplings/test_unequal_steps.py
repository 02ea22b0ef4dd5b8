"""A ⇒ B with steps of their own: A's totals are interpolated linearly, B gets their differences."""

import pytest
from fakes import Flowsheet, lag, phase, source, tank

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.clock import to_ticks
from cosim.system.experiment import Event, Setting
from cosim.system.variable import VariableName


def deliveries(sizes, algorithm):
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-3 * t), b=tank("b")).stream("a.out", "b.in").stream("b.out")
    outcome = flowsheet.run(phase("run", "a b", 40.0, 10.0, step_sizes=sizes), algorithm=algorithm)
    assert outcome.status == "completed", outcome.reason
    b = flowsheet.instances["b"]
    return [flow * size for (_, size), flow in zip(b.steps, (x["in.V_flow"] for x in b.delivered), strict=True)]


def test_slow_sender_is_interpolated():
    expected = [0.01] * 5 + [0.03] * 5 + [0.05] * 5 + [0.07] * 5  # 5e-4 t² over 10 s, in five parts
    assert deliveries({"b": 2.0}, GaussSeidel()) == pytest.approx(expected)


def test_slow_receiver_gets_the_sum():
    assert deliveries({"a": 2.0}, GaussSeidel()) == pytest.approx([0.05, 0.15, 0.25, 0.35])


def test_jacobi_is_one_step_late_and_drained_at_the_end():
    assert deliveries({}, Jacobi()) == pytest.approx([0.0, 0.05, 0.15, 0.6])


def test_jacobi_spreads_a_slow_sender():
    expected = [0.0] * 5 + [0.01] * 5 + [0.03] * 5
    assert deliveries({"b": 2.0}, Jacobi())[:15] == pytest.approx(expected)


def test_connections_at_unequal_steps():
    flowsheet = Flowsheet(a=lag("a", 1.0), b=lag("b", 1.0)).connect("a.y", "b.u")
    flowsheet.run(phase("run", "a b", 6.0, 3.0, step_sizes={"b": 1.0}))
    assert flowsheet.instances["a"].steps == [(0.0, 3.0), (3.0, 3.0)]
    assert [time for time, _ in flowsheet.instances["b"].steps] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert flowsheet.recorder.times("b") == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_shortened_steps_hand_over_their_share():
    """One step late, 0.01 a step is waiting: a step of 2.5 s takes a quarter of it, not four times the flow."""
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-3), b=tank("b")).stream("a.out", "b.in").stream("b.out")
    event = Event((Setting(VariableName("b", "flow"), 1e-4),), time=to_ticks(22.5))
    flowsheet.run(phase("run", "a b", 60.0, 10.0), algorithm=Jacobi(), events=(event,))
    flows = [inputs["in.V_flow"] for inputs in flowsheet.instances["b"].delivered]
    assert flows[1:3] == pytest.approx([1e-3, 1e-3])
    assert max(flows[:-1]) == pytest.approx(1e-3)
