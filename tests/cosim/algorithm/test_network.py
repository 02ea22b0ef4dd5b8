"""Going back undoes everything a window has changed."""

import numpy as np
import pytest
from fakes import Flowsheet, lag, phase, source, tank
from hypothesis import given, settings
from hypothesis import strategies as st

from cosim.algorithm.contract import Window
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.algorithm.network import can_roll_back, can_vary_step
from cosim.clock import Ticks, to_ticks
from cosim.execution.execution import Execution
from cosim.system.component import Capabilities
from cosim.system.experiment import Experiment


def network(algorithm, **sizes):
    flowsheet = Flowsheet(
        s=source("s", lambda t: 1e-3 * (1 + t % 3)), a=tank("a", flow=1e-3, amount=1.0), b=tank("b", flow=1e-3)
    )
    flowsheet.stream("s.out").stream("a.out", "b.in").stream("b.out", "a.in")
    run = phase("run", "s a b", 100.0, 10.0, step_sizes=sizes)
    execution = Execution(flowsheet.structure, Experiment((run,)), flowsheet.instances, algorithm)
    execution.start()
    return execution._network


@settings(max_examples=20, deadline=None)
@given(st.booleans(), st.floats(1.0, 10.0), st.floats(0.5, 10.0))
def test_same_step_after_going_back(is_jacobi, size, other):
    algorithm = Jacobi() if is_jacobi else GaussSeidel()
    net = network(algorithm, a=size)
    start = Ticks(0)
    for _ in range(3):
        end = Ticks(start + to_ticks(10.0))
        memory = net.save()
        algorithm.step(net, Window(start, end), None)
        board = net.board.copy()
        net.restore(memory)
        algorithm.step(net, Window(start, Ticks(start + to_ticks(other))), None)
        net.restore(memory)
        algorithm.step(net, Window(start, end), None)
        net.release(memory)
        np.testing.assert_array_equal(net.board, board)
        start = end


def test_facts_of_a_network():
    net = network(GaussSeidel())
    assert [participant.name for participant in net.participants] == ["s", "a", "b"]
    assert not net.is_multi_rate
    assert net.has_streams
    assert net.can_roll_back
    slow = network(GaussSeidel(), a=2.0)
    assert slow.is_multi_rate
    assert slow.window == to_ticks(10.0)


@pytest.mark.parametrize(
    ("capabilities", "varies", "goes_back"),
    [
        (Capabilities(can_get_and_set_state=True), True, True),
        (Capabilities(), True, False),
        (Capabilities(can_vary_step=False, can_get_and_set_state=True), False, False),
        (Capabilities(fixed_step=1.0, can_get_and_set_state=True), False, False),
    ],
)
def test_abilities(capabilities, varies, goes_back):
    flowsheet = Flowsheet(a=lag("a", 1.0, capabilities=capabilities))
    run = phase("run", "a", 10.0, 1.0)
    execution = Execution(flowsheet.structure, Experiment((run,)), flowsheet.instances, GaussSeidel())
    execution.start()
    (participant,) = execution._network.participants
    assert (can_vary_step(participant), can_roll_back(participant)) == (varies, goes_back)


def test_same_temperature_after_going_back():
    flowsheet = (
        Flowsheet(s=source("s", lambda t: 1e-3 * (1.0 + t)), a=tank("a")).stream("s.out", "a.in").stream("a.out")
    )
    execution = Execution(
        flowsheet.structure, Experiment((phase("run", "s a", 10.0, 10.0),)), flowsheet.instances, GaussSeidel()
    )
    execution.start()
    net, window = execution._network, Window(Ticks(0), to_ticks(10.0))
    memory = net.save()
    GaussSeidel().step(net, window, None)
    first = dict(flowsheet.instances["a"].delivered[-1])
    net.restore(memory)
    GaussSeidel().step(net, window, None)
    assert flowsheet.instances["a"].delivered[-1] == first
    assert first["in.T"] > 305.0
