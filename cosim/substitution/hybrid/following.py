"""Experiments done again by the FMU with a network in it, and how what is measured changes with the weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.clock import Ticks, to_seconds
from cosim.instance.contract import AbstractInstance
from cosim.substitution.hybrid.slopes import Slope, Slopes, can_tell_slopes, over_step
from cosim.substitution.hybrid.trials import Trial, Trials
from cosim.surrogate.hybrid.model import TIME
from cosim.surrogate.hybrid.network import HybridNetwork
from cosim.surrogate.model import Array
from cosim.system.variable import Causality

N_PROBES: Final = 8
"""Moments of an experiment at which it is looked which states matter."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An experiment done again."""

    said: Array
    """(n_samples,): what the hybrid has where a sample was taken."""
    by_weights: Array
    """(n_samples, n_weights), none where it was not asked for."""
    seen: Array
    """(n_asked, n_seen)"""


@dataclass(frozen=True, slots=True)
class _Trace:
    """What the FMU has, where the network gives it nothing: the same whatever the weights are."""

    measured: Array
    """(n_knots, n_measured)"""
    seen: Array
    """(n_knots, n_seen)"""
    asked: Array


@dataclass(slots=True)
class _Tangent:
    """How states (scaled) and what is given change with the weights."""

    states: Array
    given: Array

    def through(self, read: Array) -> Array:
        """Return how what is read (n, n_states + n_given) changes with the weights."""
        n = len(self.states)
        return np.asarray(read[:, :n] @ self.states + read[:, n:] @ self.given)


class Follower:
    """Follows experiments with one instance, which is reset for each.

    The order at a knot is that of a run: what is measured is read, inputs are written, the network is asked, a step is
    taken.
    """

    def __init__(self, make: Callable[[], AbstractInstance], network: HybridNetwork, trials: Trials) -> None:
        facts = network.facts
        self._make, self._network, self._trials = make, network, trials
        self.mean, self.deviation = np.zeros(len(facts.seen)), np.ones(len(facts.seen))
        self.scale = np.ones(len(facts.corrected))
        self._own = np.array([item.start for item in facts.given])
        self._seen_places = [i for i, name in enumerate(facts.seen) if name != TIME]
        self._corrected = [trials.measured.index(name) for name in facts.corrected if name in trials.measured]
        self._numbers = [i for i, name in enumerate(facts.corrected) if name in trials.measured]
        self._traces: dict[str, _Trace] = {}
        self._open()

    def _open(self) -> None:
        facts, instance = self._network.facts, self._make()
        variables = instance.description.variables
        seen = [facts.seen[i] for i in self._seen_places]
        self._moving = [i for i, name in enumerate(seen) if variables[name].causality is not Causality.INPUT]
        self._inputs, self._seen = instance.group(self._trials.input_names), instance.group(seen)
        self._measured = instance.group(self._trials.measured)
        given = [item.name for item in facts.given]
        self._given = instance.group(given) if given else None
        read = [*(seen[i] for i in self._moving), *self._trials.measured]
        self._slopes = Slopes(instance, given, read) if can_tell_slopes(instance) else None
        self._is_settled = False
        self._instance = instance

    def renew(self) -> None:
        """Go on with another instance, after the FMU has failed; look again which states matter."""
        self._instance.free()
        self._open()
        self.follow(self._trials.learned[0], None)

    def close(self) -> None:
        """Release the instance."""
        self._instance.free()

    @property
    def is_differentiable(self) -> bool:
        """True where the FMU tells its derivatives, or none are needed."""
        return self._slopes is not None or not self._own.size

    @property
    def gradients(self) -> str:
        """Where derivatives by the weights come from, for people."""
        if not self._own.size:
            return "exact: the network only corrects"
        return "directional derivatives of the FMU" if self._slopes else "differences"

    def follow(self, trial: Trial, weights: Array | None, *, with_slopes: bool = False) -> Followed:
        """Do ``trial`` again; without ``weights`` the mechanism is alone.

        With the weights of many members (n, n_weights) it gets their mean, as in a run.

        Raises
        ------
        StepError
            When the FMU fails.
        """
        if not self._own.size:
            return self._corrected_only(trial, weights)
        slopes = self._slopes if with_slopes else None
        tangent = _Tangent(np.zeros((slopes.n_states if slopes else 0, self._network.n_weights)),
                           np.zeros((len(self._own), self._network.n_weights)))  # fmt: skip
        self._begin(trial)
        told: list[Array] = []
        turned: list[Array] = []
        seen: list[Array] = []
        first: Slope | None = None
        for k, knot in enumerate(trial.knots):
            last = slopes.at_present() if slopes else None
            if slopes and k and first is not None and last is not None:
                moved, driven = over_step(first, last, to_seconds(Ticks(knot - trial.knots[k - 1])))
                tangent.states = moved @ tangent.states + driven @ tangent.given
            values, change = self._measure(knot, weights, tangent, last)
            told.append(values)
            turned.append(change)
            if k == len(trial.knots) - 1:
                break
            self._instance.write(self._inputs, np.ascontiguousarray(trial.inputs[k]))
            if trial.is_asked[k]:
                seen.append(self._ask(knot, weights, tangent, last))
            first = slopes.at_present() if slopes else None
            self._instance.step(knot, Ticks(trial.knots[k + 1] - knot))
            self._probe(trial, k)
        self._instance.terminate()
        if self._slopes and not self._is_settled:
            self._slopes.settle()
            self._is_settled = True
        said = np.stack(told)[trial.at, trial.what]
        by_weights = np.stack(turned)[trial.at, trial.what] if slopes else np.empty((0, 0))
        return Followed(said, by_weights, np.stack(seen))

    def _corrected_only(self, trial: Trial, weights: Array | None) -> Followed:
        """Do ``trial`` again where the network only corrects: the FMU runs once for all weights."""
        if trial.name not in self._traces:
            self._traces[trial.name] = self._trace(trial)
        trace = self._traces[trial.name]
        told, turned = trace.measured.copy(), np.zeros((*trace.measured.shape, self._network.n_weights))
        if weights is not None:
            for k, seen in enumerate(trace.seen):
                z = (seen - self.mean) / self.deviation
                self._correct(told[k], turned[k], z, weights, np.zeros((len(z), self._network.n_weights)))
        return Followed(told[trial.at, trial.what], turned[trial.at, trial.what], trace.asked)

    def _trace(self, trial: Trial) -> _Trace:
        self._begin(trial)
        measured = np.empty((len(trial.knots), len(self._trials.measured)))
        seen, asked = [], []
        for k, knot in enumerate(trial.knots):
            self._instance.read(self._measured, measured[k])
            seen.append(self._look(knot) * self.deviation + self.mean)
            if k == len(trial.knots) - 1:
                break
            self._instance.write(self._inputs, np.ascontiguousarray(trial.inputs[k]))
            if trial.is_asked[k]:
                asked.append(self._look(knot) * self.deviation + self.mean)
            self._instance.step(knot, Ticks(trial.knots[k + 1] - knot))
        self._instance.terminate()
        return _Trace(measured, np.stack(seen), np.stack(asked))

    def _begin(self, trial: Trial) -> None:
        own = {item.name: item.start for item in self._network.facts.given}
        self._instance.reset()
        self._instance.set_start({**own, **trial.starts})
        self._instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        self._instance.write(self._inputs, np.ascontiguousarray(trial.inputs[0]))
        self._instance.exit_initialization()

    def _probe(self, trial: Trial, k: int) -> None:
        if self._slopes and not self._is_settled and k % max(len(trial.knots) // N_PROBES, 1) == 0:
            self._slopes.probe()

    def _look(self, knot: Ticks) -> Array:
        """Return what the network sees, scaled."""
        seen = np.full(len(self.mean), to_seconds(knot))
        values = np.empty(len(self._seen_places))
        self._instance.read(self._seen, values)
        seen[self._seen_places] = values
        return (seen - self.mean) / self.deviation

    def _seen_tangent(self, tangent: _Tangent, slope: Slope) -> Array:
        """Return how what is seen changes with the weights (n_seen, n_weights)."""
        n = len(self._moving)
        by = tangent.through(slope.read[:n])
        found = np.zeros((len(self.mean), by.shape[1]))
        found[[self._seen_places[i] for i in self._moving]] = by
        return found / self.deviation[:, None]

    def _measure(
        self, knot: Ticks, weights: Array | None, tangent: _Tangent, slope: Slope | None
    ) -> tuple[Array, Array]:
        """Return what is measured (n_measured,) and how it changes with the weights."""
        values = np.empty(len(self._trials.measured))
        self._instance.read(self._measured, values)
        change = np.zeros((0, 0))
        if slope is not None:
            change = tangent.through(slope.read[len(self._moving) :])
        if weights is not None and self._corrected:
            by_seen = None if slope is None else self._seen_tangent(tangent, slope)
            self._correct(values, change, self._look(knot), weights, by_seen)
        return values, change

    def _correct(self, values: Array, change: Array, z: Array, weights: Array, seen_tangent: Array | None) -> None:
        """Correct ``values`` (n_measured,) and how they change with the weights, at scaled ``z``."""
        chosen, scale = [len(self._own) + i for i in self._numbers], self.scale[self._numbers]
        said = [self._network.say(one, z) for one in np.atleast_2d(weights)]
        values[self._corrected] += scale * np.mean([one.values[chosen] for one in said], axis=0)
        if weights.ndim == 2:  # as in a run; a fit should feel how far below zero it is
            is_positive = [self._network.facts.is_positive[i] for i in self._numbers]
            corrected = values[self._corrected]
            values[self._corrected] = np.where(is_positive, np.maximum(corrected, 0.0), corrected)
        elif seen_tangent is not None:
            moved = said[0].by_weights[chosen] + said[0].by_seen[chosen] @ seen_tangent
            change[self._corrected] += scale[:, None] * moved

    def _ask(self, knot: Ticks, weights: Array | None, tangent: _Tangent, slope: Slope | None) -> Array:
        """Give the FMU what the network says; return what it saw, in the units of the FMU."""
        z = self._look(knot)
        given = self._own
        if weights is not None and len(self._own):
            said = [self._network.say(one, z) for one in np.atleast_2d(weights)]
            given = np.mean([self._network.given(one.values) for one in said], axis=0)
            if slope is not None:
                n = len(self._own)
                moved = said[0].by_weights[:n] + said[0].by_seen[:n] @ self._seen_tangent(tangent, slope)
                tangent.given = self._network.slopes(said[0].values)[:, None] * moved
        if self._given is not None:
            self._instance.write(self._given, np.ascontiguousarray(given))
        return np.asarray(z * self.deviation + self.mean)
