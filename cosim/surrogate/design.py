"""Designs: points that fill the ranges of parameters, and courses of inputs that look like those of a plant."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from cosim.surrogate.model import Array, Plan, Range

Counts = NDArray[np.intp]


def parameter_points(plan: Plan, n: int) -> Array:
    """Return ``n`` points (n, n_varied) in the ranges of what varies: Sobol's sequence, scrambled by the seed."""
    varied = [item for item in plan.parameters if not item.is_constant]
    if not varied:
        return np.empty((n, 0))
    points = qmc.Sobol(len(varied), seed=plan.seed).random(1 << max(n - 1, 1).bit_length())[:n]
    low, high = np.array([item.low for item in varied]), np.array([item.high for item in varied])
    return np.asarray(low + points * (high - low), dtype=np.float64)


def input_courses(plan: Plan, run: int) -> Array:
    """Return the inputs of ``run`` (n_steps, n_inputs), each held over a step; the same for the same seed."""
    courses = np.tile([plan.starts[name] for name in plan.input_names], (plan.n_steps, 1))
    turns = phase_turns(plan, run)
    for item in plan.inputs:
        place = plan.input_names.index(item.name)
        random = np.random.default_rng([plan.seed, run, place])
        if item.shape == "phases":
            courses[:, place] = _by_phase(item, turns, random)
        else:
            courses[:, place] = course(item, plan.n_steps, random, run)
    return courses


def phase_turns(plan: Plan, run: int) -> Counts:
    """Return which phase it is in each step of ``run`` (n_steps,), counted on through all repetitions."""
    random = np.random.default_rng([plan.seed, run, len(plan.input_names)])
    turns: list[int] = []
    n_turns = 0
    while plan.phases and len(turns) < plan.n_steps:
        shortest, longest = plan.phases[n_turns % len(plan.phases)]
        turns += [n_turns] * max(round(shortest + (longest - shortest) * random.random()), 1)
        n_turns += 1
    return np.array(turns[: plan.n_steps], dtype=np.intp)


def _by_phase(item: Range, turns: Counts, random: np.random.Generator) -> Array:
    """Return a level for each turn of a phase, in the range of that phase."""
    low, high = np.array(item.levels).T
    phase = np.arange(turns[-1] + 1) % len(item.levels)
    levels = low[phase] + (high - low)[phase] * random.random(len(phase))
    return np.asarray(levels[turns])


class Draws(Protocol):
    """What a course asks for its levels: one number between 0 and 1, or many."""

    def random(self, size: int | None = None) -> Any:
        """Return them."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The same level everywhere, as a share of the range."""

    share: float

    def random(self, size: int | None = None) -> Any:
        """Return that share, as often as asked for."""
        return self.share if size is None else np.full(size, self.share)


def course(item: Range, n: int, random: Draws | np.random.Generator, run: int = 0) -> Array:
    """Return one input over ``n`` steps.

    steps: a level in the range for every interval; ramps: straight lines between such levels; boluses: from ``first``,
    every interval a level for as long as it lasts, else the lower end; exponential: from ``first``, from a level near
    the lower end to one in the range, growing evenly; recorded: one of the tables.
    """
    t = np.arange(n, dtype=np.float64)
    span = item.high - item.low
    count = int(n / item.every) + 2
    levels = item.low + span * random.random(count)
    since = t - item.first
    match item.shape:
        case "constant":
            return np.full(n, levels[0] if span else item.low)
        case "steps":
            return np.asarray(np.where(since < 0, item.low, levels[(np.maximum(since, 0) / item.every).astype(int)]))
        case "ramps":
            return np.interp(since, np.arange(count) * item.every, levels)
        case "boluses":
            return _boluses(item, since, levels)
        case "exponential":
            end = item.low + span * random.random()
            begin = item.low + 0.2 * (end - item.low) * random.random()
            share = np.clip(since / max(n - item.first, 1), 0, 1)
            growth = np.expm1(3 * random.random() * share) if span else share
            return np.where(since < 0, item.low, begin + (end - begin) * growth / max(growth[-1], 1e-12))
        case "recorded":
            return item.tables[run % len(item.tables)]
        case "phases":
            raise ValueError("what depends on phases is no course by itself")


def _boluses(item: Range, since: Array, levels: Array) -> Array:
    """Return the mean over each step, so that additions shorter than a step are given too."""
    number = np.floor(since / item.every)
    start = number * item.every
    share = np.clip(np.minimum(start + item.lasting, since + 1) - np.maximum(start, since), 0, 1)
    dose = levels[np.clip(number, 0, len(levels) - 1).astype(int)]
    return np.where(since < 0, item.low, item.low + share * (dose - item.low))


def plan_text(plan: Plan) -> str:
    """Return what decides the samples, as text to be hashed."""
    document = asdict(plan)
    for item in (*document["inputs"], *document["parameters"]):
        item["tables"] = [np.asarray(table).tolist() for table in item["tables"]]
        if not item["levels"]:
            del item["levels"]  # plans without phases keep the text that their samples are kept by
    if not plan.phases:
        del document["phases"]
    return json.dumps(document, sort_keys=True)
