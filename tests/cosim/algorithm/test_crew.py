"""Crew: threads where they pay, the same results, the error that comes first in order."""

import threading
from time import sleep

import numpy as np
import pytest
from fakes import FakeInstance, Flowsheet, describe, lag, phase, tank

from cosim.algorithm import crew
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.instance.abilities import AbstractConcurrent

ALGORITHMS = [GaussSeidel(), Jacobi()]
LOOKED = crew.WINDOWS_BETWEEN_LOOKS + 1
"""Steps [s] after which threads are used, if they pay."""


class Concurrent(FakeInstance, AbstractConcurrent):
    """A fake that may be stepped beside others."""


def concurrent(instance: FakeInstance) -> Concurrent:
    instance.__class__ = type(instance.__class__.__name__, (instance.__class__, AbstractConcurrent), {})
    return instance


@pytest.fixture
def eager(monkeypatch):
    """Take every component for heavy, on two cores."""
    monkeypatch.setattr(crew, "WORTH", 0.0)
    monkeypatch.setattr(crew, "n_cores", lambda: 2)


def meeting(n: int):
    """Return fakes of which each waits, once threads are used, until all are in a step."""
    barrier = threading.Barrier(n, timeout=20.0)

    def step(values, time, size):
        values["y"] = time
        if LOOKED < time < 95.0:  # Jacobi takes the last window in order
            barrier.wait()

    return {name: Concurrent(name, describe(["u"], ["y"]), step) for name in "abc"[:n]}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_heavy_components_step_at_once(eager, algorithm):
    outcome = Flowsheet(**meeting(2)).run(phase("run", "a b", 100.0, 1.0), algorithm=algorithm)
    assert outcome.status == "completed", outcome.reason


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_threads_are_used_from_the_second_step_on(eager, algorithm):
    where = []

    def step(values, time, size):
        if size > 0.0:
            where.append((time, threading.current_thread().name))

    flowsheet = Flowsheet(**{name: Concurrent(name, describe(["u"], ["y"]), step) for name in "ab"})
    flowsheet.run(phase("run", "a b", 10.0, 1.0), algorithm=algorithm)
    assert min(time for time, name in where if name == "cosim-step") == 1.0


def test_one_that_feeds_the_other_steps_before_it(eager):
    order = []

    def noted(name):
        return Concurrent(name, describe(["u"], ["y"]), lambda v, t, h: order.append((t, name)))

    flowsheet = Flowsheet(a=noted("a"), b=noted("b"), c=noted("c")).connect("a.y", "b.u").connect("b.y", "c.u")
    flowsheet.run(phase("run", "a b c", 100.0, 1.0), algorithm=GaussSeidel())
    assert [name for _, name in order[3:]] == list("abc") * 100


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_results_are_those_without_threads(eager, monkeypatch, algorithm):
    def run():
        flowsheet = Flowsheet(
            one=concurrent(tank("one", amount=2.0, flow=2e-3)),
            two=concurrent(tank("two", amount=0.5, flow=2e-3)),
            three=concurrent(tank("three", amount=0.1, flow=1e-3)),
            x=concurrent(lag("x", 3.0, y0=1.0)),
            z=concurrent(lag("z", 2.0)),
        )
        flowsheet.stream("one.out", "two.in").stream("three.out", "one.in").stream("two.out")
        flowsheet.connect("x.y", "z.u").connect("z.y", "x.u", -1.0)
        outcome = flowsheet.run(phase("run", "one two three x z", 100.0, 1.0), algorithm=algorithm)
        assert outcome.status == "completed", outcome.reason
        return {name: np.array([v for _, v in found]) for name, found in flowsheet.recorder.samples.items()}

    parallel = run()
    monkeypatch.setattr(crew, "n_cores", lambda: 1)
    alone = run()
    assert all(parallel[name].tobytes() == alone[name].tobytes() for name in alone)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_first_in_order_is_named(eager, algorithm):
    def fail(values, time, size):
        if time > LOOKED:
            raise ValueError("broken")

    names = ("a", "b", "c")
    flowsheet = Flowsheet(**{name: Concurrent(name, describe(["u"], ["y"]), fail) for name in names})
    outcome = flowsheet.run(phase("run", "a b c", 100.0, 1.0), algorithm=algorithm)
    assert outcome.status == "failed"
    assert "in 'a'" in outcome.reason
    assert outcome.failure["component"] == "a"
    assert all(instance.is_freed for instance in flowsheet.instances.values())


def test_what_is_not_declared_concurrent_is_left_alone(eager):
    threads = set()

    def step(values, time, size):
        threads.add(threading.current_thread().name)

    flowsheet = Flowsheet(**{name: FakeInstance(name, describe(["u"], ["y"]), step) for name in "ab"})
    flowsheet.run(phase("run", "a b", 100.0, 1.0), algorithm=Jacobi())
    assert threads == {threading.current_thread().name}


def test_light_components_are_left_alone(monkeypatch):
    monkeypatch.setattr(crew, "WORTH", 1e3)
    monkeypatch.setattr(crew, "n_cores", lambda: 2)
    threads = set()

    def step(values, time, size):
        threads.add(threading.current_thread().name)

    flowsheet = Flowsheet(**{name: Concurrent(name, describe(["u"], ["y"]), step) for name in "ab"})
    flowsheet.run(phase("run", "a b", 100.0, 1.0), algorithm=Jacobi())
    assert threads == {threading.current_thread().name}


class Interrupting:
    """Signs of which the first ones are lost to an interrupt that comes just after they were got."""

    def __init__(self, signs, n: int) -> None:
        self.signs, self.n = signs, n
        self.put = signs.put

    def get(self):
        sign = self.signs.get()
        self.n -= 1
        if self.n >= 0:
            raise KeyboardInterrupt
        return sign


@pytest.mark.parametrize("n", [1, 2, 3])
def test_interrupts_while_threads_step_end_the_run_when_all_have_come_back(eager, monkeypatch, n):
    monkeypatch.setattr(crew, "n_cores", lambda: 3)
    inside, most = [], []

    def step(values, time, size):
        inside.append(0)
        sleep(0.01)
        inside.pop()

    flowsheet = Flowsheet(**{name: Concurrent(name, describe(["u"], ["y"]), step) for name in "abc"})
    begin = crew.Crew.__init__

    def interrupted(self, participants):
        begin(self, participants)
        self._signs = Interrupting(self._signs, n)

    monkeypatch.setattr(crew.Crew, "__init__", interrupted)
    free = Concurrent.free
    monkeypatch.setattr(Concurrent, "free", lambda self: most.append(len(inside)) or free(self))
    with pytest.raises(KeyboardInterrupt):
        flowsheet.run(phase("run", "a b c", 100.0, 1.0), algorithm=Jacobi())
    assert most == [0, 0, 0]


def test_a_step_that_was_withdrawn_is_not_taken():
    job = crew.Job(None, 0)
    assert not job.is_over
    assert job.take("nobody")
    assert job.take("nobody")
    assert not job.take("thread")
    assert job.is_over
