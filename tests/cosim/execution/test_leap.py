"""Whether a network is stepped by C code is found again where a component was only just restored."""

import ctypes

import numpy as np
import pytest

from cosim.algorithm.jacobi import Jacobi
from cosim.algorithm.network import Network
from cosim.execution import leap
from cosim.execution.leap import Leaping


@pytest.fixture
def answers(monkeypatch):
    """What compiling gives, one after the other; what is not asked for stays."""
    answers = []
    monkeypatch.setattr(leap, "compile_network", lambda library, network, is_simultaneous: answers.pop(0))
    return answers


@pytest.fixture
def leaping():
    return Leaping(ctypes.CDLL(None), Jacobi())


def empty() -> Network:
    return Network((), np.zeros(0))


def test_network_of_restored_components_is_compiled_at_the_second_try(answers, leaping):
    network, compiled = empty(), object()
    answers += [None, compiled]
    assert [leaping.compiled(network) for _ in range(3)] == [None, compiled, compiled]


def test_network_that_needs_python_is_not_tried_for_ever(answers, leaping):
    network = empty()
    answers += [None, None, "never asked for"]
    assert [leaping.compiled(network) for _ in range(5)] == [None] * 5
    assert answers == ["never asked for"]


def test_network_that_was_given_up_is_not_tried_again(answers, leaping):
    network = empty()
    answers += [object(), "never asked for"]
    leaping.compiled(network)
    leaping.give_up()
    assert leaping.compiled(network) is None
    assert answers == ["never asked for"]


def test_another_network_is_compiled_anew(answers, leaping):
    first, second = object(), object()
    answers += [first, second]
    assert leaping.compiled(empty()) is first
    assert leaping.compiled(empty()) is second
