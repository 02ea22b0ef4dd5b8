"""Stepping instances with numbers, for the tests of their abilities."""

import numpy as np

from cosim.clock import Ticks

SECOND = 1_000_000_000


def begin(instance, **start):
    instance.set_start(start)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=1e-9)
    instance.exit_initialization()
    return instance


def get(instance, *names):
    found = np.empty(len(names))
    instance.read(instance.group(names), found)
    return found.tolist()


def put(instance, **numbers):
    instance.write(instance.group(list(numbers)), np.array(list(numbers.values()), dtype=float))


def move(instance, order, **numbers):
    instance.write_derivatives(instance.group(list(numbers)), order, np.array(list(numbers.values()), dtype=float))


def rates(instance, order, *names):
    found = np.empty(len(names))
    instance.read_derivatives(instance.group(names), order, found)
    return found.tolist()


def slopes(instance, unknowns, knowns, seed):
    found = np.empty(len(unknowns))
    groups = instance.group(unknowns), instance.group(knowns)
    instance.directional_derivative(*groups, np.array(seed, dtype=float), found)
    return found.tolist()


def step(instance, start, size):
    return instance.step(Ticks(round(start * SECOND)), Ticks(round(size * SECOND)))
