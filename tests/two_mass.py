"""Two masses, split in two: a force goes one way, position and velocity the other; each stepped exactly, inputs held.

m = 1 kg; each held by a spring of 1 N/m and a damper of 0.1 N.s/m, and joined by 100 N/m and 1 N.s/m. ``left`` takes
the force; ``right`` takes position and velocity and gives the force, which depends on them directly.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from fakes import ABLE, FakeInstance, Flowsheet, describe, phase

SPRING, DAMPER, COUPLING_SPRING, COUPLING_DAMPER = 1.0, 0.1, 100.0, 1.0
_LEFT = np.array([[0.0, 1.0, 0.0], [-SPRING, -DAMPER, 1.0], [0.0, 0.0, 0.0]])
_K, _D = SPRING + COUPLING_SPRING, DAMPER + COUPLING_DAMPER
_RIGHT = np.zeros((4, 4))
_RIGHT[:2] = [[0.0, 1.0, 0.0, 0.0], [-_K, -_D, COUPLING_SPRING, COUPLING_DAMPER]]
_WHOLE = np.array(
    [
        [0.0, 1.0, 0.0, 0.0],
        [-_K, -_D, COUPLING_SPRING, COUPLING_DAMPER],
        [0.0, 0.0, 0.0, 1.0],
        [COUPLING_SPRING, COUPLING_DAMPER, -_K, -_D],
    ]
)


class Force:
    """The coupling force as the right half puts it out; computed anew whenever it is read."""

    def __init__(self, instance: FakeInstance) -> None:
        self._read = instance.inner.read
        self._instance = instance
        instance.inner.read = self.read

    def read(self, group, values) -> None:
        v = self._instance.inner.values
        v["force"] = COUPLING_SPRING * (v["x2"] - v["x1"]) + COUPLING_DAMPER * (v["v2"] - v["v1"])
        self._read(group, values)


@cache
def _modes(which: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values, vectors = np.linalg.eig({"left": _LEFT, "right": _RIGHT}[which])
    return values, vectors, np.linalg.inv(vectors)


def _propagator(which: str, size: float) -> np.ndarray:
    values, vectors, inverse = _modes(which)
    return np.real((vectors * np.exp(values * size)) @ inverse)


def _left(v, time, size):
    if size == 0.0:
        v["x1"], v["v1"] = 1.0, 0.0
    v["x1"], v["v1"], _ = (_propagator("left", size) @ [v["x1"], v["v1"], v["force"]]).tolist()


def _right(v, time, size):
    if size == 0.0:
        v["x2"], v["v2"] = 0.0, 0.0
    v["x2"], v["v2"], *_ = (_propagator("right", size) @ [v["x2"], v["v2"], v["x1"], v["v1"]]).tolist()


def two_mass(capabilities=ABLE) -> Flowsheet:
    left = FakeInstance("left", describe({"force": -100.0}, ["x1", "v1"], capabilities=capabilities), _left)
    right = FakeInstance(
        "right", describe({"x1": 1.0, "v1": 0.0}, ["x2", "v2", "force"], capabilities=capabilities), _right
    )
    Force(right)
    flowsheet = Flowsheet(left=left, right=right)
    return flowsheet.connect("left.x1", "right.x1").connect("left.v1", "right.v1").connect("right.force", "left.force")


def exact(times) -> np.ndarray:
    """Return x1 and x2 at ``times`` (n, 2)."""
    values, vectors = np.linalg.eig(_WHOLE)
    share = np.linalg.solve(vectors, np.array([1.0, 0.0, 0.0, 0.0], dtype=complex))
    return np.real((vectors[[0, 2]] @ (np.exp(np.outer(values, times)) * share[:, None])).T)


def error(flowsheet: Flowsheet) -> float:
    """Return the relative root mean square error of both positions at the times recorded of both."""
    left, right = dict(flowsheet.recorder.series("left.x1")), dict(flowsheet.recorder.series("right.x2"))
    times = sorted(left.keys() & right.keys())
    found = np.array([[left[time], right[time]] for time in times])
    reference = exact(times)
    return float(np.linalg.norm(found - reference) / np.linalg.norm(reference))


def run_two_mass(algorithm, step: float, *, duration: float = 2.0, **options):
    """Run for a while; return the error and the outcome."""
    flowsheet = two_mass()
    outcome = flowsheet.run(phase("run", "left right", duration, step, **options), algorithm=algorithm)
    assert outcome.status == "completed", outcome.reason
    return error(flowsheet), outcome
