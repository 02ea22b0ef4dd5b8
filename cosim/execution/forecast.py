"""How much of an experiment is done: a guess from durations, limits and step sizes, for people who wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cosim.clock import Ticks
from cosim.execution.phase_run import PhaseRun
from cosim.system.experiment import Duration, Ending, Phase

UNKNOWN_STEPS: Final = 1000
"""Communication steps assumed for what ends by a condition or volume."""
_NEARLY: Final = 0.99
"""Largest share of a cycle or step that still runs."""


def fraction_done(runs: Sequence[PhaseRun], time: Ticks) -> float:
    """Return the share of component steps done at ``time``, in 0…1, never falling while a run goes on."""
    works = [_work(run.phase) for run in runs]
    done = sum(work * _share(run, time) for run, work in zip(runs, works, strict=True))
    return done / (sum(works) or 1.0)


def expected_steps(phases: Iterable[Phase]) -> float:
    """Return about how many steps components will take."""
    return sum(_work(phase) for phase in phases)


def _share(run: PhaseRun, time: Ticks) -> float:
    if run.began is None:
        return 0.0
    if run.ended is not None:
        return 1.0
    phase = run.phase
    names = [step.name for step in phase.steps]
    index = names.index(run.step_name) if run.step_name in names else 0
    n_parts = max(len(names), 1) * phase.repeat
    part = (run.cycle - 1) * max(len(names), 1) + index
    guess = (time - run.began) / (_length(phase) * phase.repeat)
    return min(max(part / n_parts, guess), (part + _NEARLY) / n_parts)


def _work(phase: Phase) -> float:
    return phase.repeat * len(phase.active) * _length(phase) / phase.step_size


def _length(phase: Phase) -> float:
    """Return the expected length of one cycle [ticks]."""
    endings = [phase.ending] if phase.ending is not None else [step.ending for step in phase.steps]
    return max(sum(_expected(ending, phase.step_size) for ending in endings), 1)


def _expected(ending: Ending, step_size: Ticks) -> float:
    return ending.duration if isinstance(ending, Duration) else min(ending.at_most, UNKNOWN_STEPS * step_size)
