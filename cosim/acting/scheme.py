"""A plan for set-points and what it comes to: run ahead with copies, one for each of the things believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.acting.ahead import Levers
from cosim.acting.aim import Aim
from cosim.clock import TICKS_PER_SECOND, Ticks, to_seconds, to_ticks
from cosim.errors import StepError
from cosim.opened import OpenExecution

EVERY: Final = Ticks(6 * 3600 * TICKS_PER_SECOND)
"""Time of the batch between looks at the limits and at what the batch is worth, at most."""
_MOST: Final = 2000
"""Looks in a run ahead, at most: more than a year."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Set-points ``first``, from ``switch`` on ``later``, by tag and in the tag's unit; looked at every ``every``.

    Where it has none, all goes on as it is and as the scenario says.
    """

    first: Mapping[str, float]
    later: Mapping[str, float]
    switch: Ticks
    every: Ticks = EVERY


@dataclass(frozen=True, slots=True)
class Course:
    """What a batch would be worth (n,) if it ended at ``times`` (n,), and the worst excess (n,) until then.

    It has none where a model failed at once.
    """

    times: tuple[Ticks, ...]
    worth: NDArray[np.float64]
    excess: NDArray[np.float64]


def run_ahead(copy: OpenExecution, scheme: Scheme, levers: Levers, aim: Aim) -> Course:
    """Let a copy of ``copy`` go on by ``scheme``, as far as its scenario and its model go or the harvest allows."""
    times: list[Ticks] = []
    seen: list[tuple[float, float]] = []
    last = aim.harvest.last if aim.harvest is not None else None
    with copy.fork() as going:
        start = to_ticks(going.time)
        for k in range(1, _MOST + 1):
            time = Ticks(start + k * scheme.every) if last is None else min(Ticks(start + k * scheme.every), last)
            levers.set(going, scheme.first if time <= scheme.switch else scheme.later)
            try:
                going.run_until(to_seconds(time))
            except StepError:
                break
            now = to_ticks(going.time)
            if times and now <= times[-1]:
                break
            times.append(now)
            seen.append((aim.worth(going, now), aim.excess(going)))
            if going.is_over or (last is not None and now >= last):
                break
    values = np.array(seen, dtype=np.float64).reshape(-1, 2)
    return Course(tuple(times), values[:, 0], np.maximum.accumulate(values[:, 1]))


@dataclass(frozen=True, slots=True)
class Sight:
    """What a scheme comes to, ``worth`` (m,) and ``excess`` (m,) of the members, when the batch ends at ``harvest``."""

    harvest: Ticks
    worth: NDArray[np.float64]
    excess: NDArray[np.float64]

    @property
    def risk(self) -> float:
        """Share of members that leave a limit."""
        return float((self.excess > 0.0).mean())


def look(
    copies: Sequence[OpenExecution], scheme: Scheme, levers: Levers, aim: Aim, pulse: Callable[[], None] = lambda: None
) -> Sight | None:
    """Return what ``scheme`` comes to, harvested when that is best on average; None where a model fails on the way.

    None as well where what it comes to is no number: nothing is better or worse than that.
    """
    courses = []
    for copy in copies:
        pulse()
        courses.append(run_ahead(copy, scheme, levers, aim))
    n = min(len(course.times) for course in courses)
    if n == 0 or n < max(len(course.times) for course in courses):
        return None
    worth = np.array([course.worth for course in courses])
    if not (np.isfinite(worth).all() and all(np.isfinite(course.excess).all() for course in courses)):
        return None
    times = np.array(courses[0].times)
    allowed = times >= (aim.harvest.first if aim.harvest is not None else times[-1])
    allowed[-1] = True
    best = int(np.argmax(np.where(allowed, worth.mean(axis=0), -np.inf)))
    excess = np.array([course.excess[best] for course in courses])
    return Sight(courses[0].times[best], worth[:, best], excess)
