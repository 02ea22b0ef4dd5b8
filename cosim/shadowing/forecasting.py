"""How the batch will go on: the planned course of a scenario, from where the members of the estimate are, in turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.errors import CosimError, RequestError, ScenarioError, StepError, raise_all
from cosim.estimation.belief import Array
from cosim.execution.checkpoint import Checkpoint
from cosim.live.cycle import Cycle
from cosim.live.estimation_section import ForecastSection, Hold
from cosim.live.quality import Quality
from cosim.live.tag import TagMap
from cosim.live.tag_file import number_in
from cosim.loading import Factory
from cosim.opened import OpenExecution
from cosim.opened import open as open_scenario
from cosim.shadowing.estimating import Setup, Shown, shown
from cosim.shadowing.estimator import QUANTILE, Estimator
from cosim.shadowing.following import AbstractProspects
from cosim.shadowing.members import is_bookkeeping
from cosim.shadowing.outlook import Course
from cosim.units import Conversion, conversion

_LEAST: Final = 0.5
"""Share of the members that must have come to a time before it is told of."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What ``name`` should not leave, in the unit in which it is told; infinite where there is no limit."""

    name: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Deviation:
    """What a tag shows where the plan has something else, both in the tag's unit."""

    tag: str
    unit: str
    shown: float
    planned: float


@dataclass(frozen=True, slots=True)
class _Held:
    """A tag that sets ``variable`` of the plan unless it is closer than ``within`` [tag's unit] to what is planned."""

    hold: Hold
    unit: str
    change: Conversion
    back: Conversion
    within: float


@dataclass(frozen=True, slots=True)
class _Start:
    """Where forecasts set out: the plan at ``time``, numbers of the members by component (n, n_names), what is held."""

    time: Ticks
    plan: Checkpoint
    numbers: Mapping[str, Array]
    held: Mapping[str, float]


class Forecaster(AbstractProspects):
    """Lets a few members run ahead each cycle, so that all have done so once in a period.

    When a tag comes to be off its plan, or is no longer, all begin anew.

    Opens the scenario of ``section``, which ends with ``close``. At a communication point of it the states of the
    members are put into copies; what a member cannot know, the plan, goes on as the scenario says.
    """

    def __init__(
        self, section: ForecastSection, setup: Setup, tags: TagMap, estimator: Estimator, cycle: Ticks,
        components: Mapping[str, Factory],
    ) -> None:  # fmt: skip
        self._section, self._estimator = section, estimator
        self._plan = open_scenario(section.scenario, components=components)
        try:
            self._mixture = estimator.mixture(section.members)
            self._names = _common(estimator.members.first, self._plan, setup)
            self._bounds = {str(item): (item.low, item.high) for item in setup.estimated}
            self.shown, self.limits = _watched(section, setup, self._plan)
            self._held = _holds(section.holds, tags, self._plan)
        except BaseException:
            self.close()
            raise
        self.times = tuple(Ticks(time) for time in range(section.step, section.until + 1, section.step))
        self.courses = np.full((len(self._mixture), len(self.times), len(self.shown)), np.nan)
        self.deviations: tuple[Deviation, ...] = ()
        self._turn = -(-len(self._mixture) * cycle // max(section.every, cycle))
        self._waiting: list[int] = []
        self._off: list[str] = []
        self._planned: dict[str, list[float]] = {}
        self._start: _Start | None = None

    def close(self) -> None:
        """End the plan; legal any number of times."""
        self._plan.close()

    def go_on(self, cycle: Cycle) -> None:
        """Follow the plan to the end of ``cycle``, and let the members whose turn it is run ahead."""
        self._plan.run_until(to_seconds(cycle.end))
        self.deviations = self._deviating(cycle)
        off = [item.tag for item in self.deviations]
        is_other = off != self._off
        if (is_other or not self._waiting) and to_ticks(self._plan.time) == cycle.end and not self._plan.is_over:
            self._start, self._off = self._starting(cycle.end), off
            self._waiting += [place for place in range(len(self._mixture)) if place not in self._waiting]
        for _ in range(min(self._turn, len(self._waiting))):
            place = self._waiting.pop(0)
            assert self._start is not None
            self.courses[place] = self._course(self._start, place)

    def copies(self, n: int) -> list[OpenExecution]:  # noqa: D102
        if to_ticks(self._plan.time) != self._estimator.time:
            raise RequestError("There is no communication point of the forecast's scenario here. Ask again next cycle.")
        start, found = self._starting(self._estimator.time), []
        try:
            for place in np.unique(np.linspace(0, len(self._mixture) - 1, n).round().astype(int)).tolist():
                found.append(self._copy(start, place))
        except BaseException:
            for copy in found:
                copy.close()
            raise
        return found

    def forecast(self, time: Ticks) -> tuple[Course, ...]:
        """Return what is expected after ``time``; nothing before enough members have run ahead."""
        ahead = [i for i, at in enumerate(self.times) if at > time]
        known = np.isfinite(self.courses[:, ahead, 0]).mean(axis=0) > _LEAST if self.shown else np.array([])
        ahead = [i for i, is_known in zip(ahead, known, strict=True) if is_known]
        if not ahead:
            return ()
        times = tuple(self.times[i] for i in ahead)
        return tuple(_course(item, times, self.courses[:, ahead, k]) for k, item in enumerate(self.shown))

    def notes(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return what ``recall`` takes: plain values and arrays."""
        arrays = {"courses": self.courses}
        plain: dict[str, Any] = {
            "waiting": self._waiting, "off": self._off, "planned": self._planned, "start": None
        }  # fmt: skip
        if self._start is not None:
            plain["start"] = {"time": self._start.time, "held": dict(self._start.held)}
            arrays |= {f"numbers_{name}": values for name, values in self._start.numbers.items()}
        return plain, arrays

    def recall(self, plain: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Go on from ``notes``; the plan is followed again from its beginning."""
        if arrays["courses"].shape != self.courses.shape:
            return
        self.courses, self._waiting = arrays["courses"], list(plain["waiting"])
        self._off, self._planned = list(plain["off"]), dict(plain["planned"])
        if plain["start"] is not None:
            self._plan.run_until(to_seconds(plain["start"]["time"]))
            numbers = {name: arrays[f"numbers_{name}"] for name in self._names}
            self._start = _Start(plain["start"]["time"], self._plan.checkpoint(), numbers, plain["start"]["held"])

    def _starting(self, time: Ticks) -> _Start:
        chosen = {component: self._mixed(component, names) for component, names in self._names.items()}
        held = {
            item.hold.variable: deviation.shown * item.change.factor + item.change.offset
            for deviation in self.deviations
            for item in self._held
            if item.hold.tag == deviation.tag
        }
        return _Start(time, self._plan.checkpoint(), chosen, held)

    def _mixed(self, component: str, names: Sequence[str]) -> Array:
        """Return ``names`` of ``component`` in those that run ahead (n, len(names)), within what they cannot leave."""
        numbers = self._estimator.members.numbers(component, names)
        free = [(0.0 if least >= 0.0 else -np.inf, np.inf) for least in numbers.min(axis=0).tolist()]
        low, high = np.transpose([self._bounds.get(f"{component}.{n}", f) for n, f in zip(names, free, strict=True)])
        return np.clip(self._mixture @ numbers, low, high)

    def _copy(self, start: _Start, place: int) -> OpenExecution:
        copy = self._plan.copy_at(start.plan)
        try:
            for component, names in self._names.items():
                copy.amend(component, dict(zip(names, start.numbers[component][place].tolist(), strict=True)))
            for variable, value in start.held.items():
                copy[variable] = value
        except BaseException:
            copy.close()
            raise
        return copy

    def _course(self, start: _Start, place: int) -> Array:
        """Return the course (n_times, n_shown) of a member, NaN before ``start`` and after its model has failed."""
        course = np.full((len(self.times), len(self.shown)), np.nan)
        try:
            with self._copy(start, place) as copy:
                for row, time in zip(course, self.times, strict=True):
                    if time > start.time:
                        copy.run_until(to_seconds(time))
                        row[:] = [copy[item.name] * item.change.factor + item.change.offset for item in self.shown]
        except StepError:
            pass
        return course

    def _deviating(self, cycle: Cycle) -> tuple[Deviation, ...]:
        """Return which tags show something else than is planned, or was at the ends of the two cycles before."""
        found = []
        for item in self._held:
            planned = self._plan[item.hold.variable] * item.back.factor + item.back.offset
            lately = self._planned[item.hold.tag] = [*self._planned.get(item.hold.tag, []), planned][-3:]
            aligned = cycle.values.get(item.hold.tag)
            if aligned is None or aligned.quality is Quality.MISSING:
                continue
            if not min(lately) - item.within <= aligned.value <= max(lately) + item.within:
                found.append(Deviation(item.hold.tag, item.unit, aligned.value, planned))
        return tuple(found)


def _course(item: Shown, times: tuple[Ticks, ...], values: Array) -> Course:
    """Return mean and interval of ``values`` (n_members, n_times)."""
    mean, half = np.nanmean(values, axis=0), QUANTILE * np.nanstd(values, axis=0, ddof=1)
    low = np.maximum(mean - half, item.low)
    return Course(item.name, item.unit, times, tuple(mean.tolist()), tuple(low.tolist()), tuple((mean + half).tolist()))


def _common(member: OpenExecution, plan: OpenExecution, setup: Setup) -> dict[str, list[str]]:
    """Return the states that member and plan share, and what else is estimated, by component of the plan."""
    found: dict[str, list[str]] = {}
    for component in dict.fromkeys(item.component for item in setup.estimated):
        try:
            known, states = plan.numbers(component), member.states(component)
        except RequestError:
            continue
        names = [name for name in states if name in known and not is_bookkeeping(name)]
        more = [item.name for item in setup.estimated if item.component == component and item.name in known]
        found[component] = list(dict.fromkeys([*names, *more]))
    if not found:
        raise ScenarioError(
            "The scenario of the forecast has no component of which anything is estimated and whose state can be set, "
            "so it cannot begin where the estimate is."
        )
    return found


def _watched(section: ForecastSection, setup: Setup, plan: OpenExecution) -> tuple[list[Shown], list[Limit]]:
    """Return what is forecast, and its limits."""
    problems: list[CosimError] = []
    found, limits = [], []
    for name, unit in {item.name: item.unit for item in setup.outputs}.items():
        try:
            found.append(shown(plan, name, unit))
        except CosimError:
            continue  # the plan does not have it
    for name, texts in section.limits.items():
        try:
            item = next((one for one in found if one.name == name), None)
            if item is None:
                item = shown(plan, name, plan.variable(name).unit or "1")
                found.append(item)
            low, high = (number_in(text, item.unit) if text else None for text in texts)
            limits.append(Limit(name, item.unit, -np.inf if low is None else low, np.inf if high is None else high))
        except CosimError as error:
            problems.append(ScenarioError(f"The limits of '{name}': {error.message}", location=section.origin))
    raise_all(problems)
    return found, limits


def _holds(holds: Sequence[Hold], tags: TagMap, plan: OpenExecution) -> list[_Held]:
    problems: list[CosimError] = []
    found = []
    for hold in holds:
        try:
            if hold.tag not in tags.tags:
                raise RequestError(f"There is no tag '{hold.tag}'.")
            unit = tags.tags[hold.tag].unit
            plan.check_settable(hold.variable)
            variable = plan.variable(hold.variable)
            within = abs(number_in(hold.within, unit, difference=True)) if hold.within else 0.0
            changes = conversion(unit, variable.unit), conversion(variable.unit, unit)
            found.append(_Held(hold, unit, *changes, within))
        except CosimError as error:
            problems.append(ScenarioError(f"'hold' of '{hold.tag}': {error.message}", location=hold.origin))
    raise_all(problems)
    return found
