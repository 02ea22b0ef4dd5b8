"""The twin: a scenario that is driven by what the plant measures, and compared with it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.errors import CosimError, RequestError, ScenarioError, raise_all
from cosim.live.cycle import Cycle, LaboratorySample
from cosim.live.quality import Quality
from cosim.live.tag import Tag, TagMap, Use
from cosim.opened import OpenExecution
from cosim.shadowing.following import Compared, Pair
from cosim.system.variable import Variable
from cosim.units import Conversion, conversion


@dataclass(frozen=True, slots=True)
class _Bound:
    """A tag with the variable of the twin that it is about, and how to turn values into the tag's unit or from it."""

    tag: Tag
    variable: Variable
    change: Conversion

    def convert(self, value: float) -> float:
        return value * self.change.factor + self.change.offset


class Twin:
    """Follows cycles of a plant with ``execution``, which stands where the first of them begins.

    Raises
    ------
    CosimError
        When the tag map names what the twin does not have, all problems at once.
    """

    def __init__(self, execution: OpenExecution, tags: TagMap) -> None:
        self.execution = execution
        problems: list[CosimError] = []
        self._driving = _bind(execution, tags, Use.DRIVES, problems)
        self._measuring = _bind(execution, tags, Use.MEASURES, problems)
        self._sampling = _bind(execution, tags, Use.SAMPLES, problems)
        raise_all(problems)
        self._times: list[Ticks] = []
        self._courses: dict[str, list[float]] = {name: [] for name in self._sampling}
        if execution.time == 0:
            self._remember_now(Ticks(0))

    def follow(self, cycle: Cycle) -> Compared:
        """Take the inputs of ``cycle``, step to its end, and stand beside what was measured.

        Raises
        ------
        StepError
            When a model fails.
        """
        inputs, held = self._drive(cycle)
        self.execution.run_until(cycle.end / TICKS_PER_SECOND)
        pairs = [
            Pair(name, cycle.end, cycle.values[name].value, cycle.values[name].quality, self._value(bound))
            for name, bound in self._measuring.items()
        ]
        self._remember_now(cycle.end)
        samples = tuple(self._beside(sample) for sample in cycle.samples if sample.tag in self._courses)
        return Compared(cycle, tuple(pairs), samples, inputs, held)

    def _remember_now(self, time: Ticks) -> None:
        self.remember(time, {name: self._value(bound) for name, bound in self._sampling.items()})

    def remember(self, time: Ticks, values: Mapping[str, float]) -> None:
        """Keep what the twin says of the laboratory's tags at ``time``: samples of it may be reported later."""
        self._times.append(time)
        for name, course in self._courses.items():
            course.append(values.get(name, math.nan))

    def laboratory(self, since: Ticks) -> Iterator[tuple[Ticks, str, float]]:
        """Yield what the twin has said of the laboratory's tags from ``since`` on: time, tag and value."""
        for i in range(bisect_left(self._times, since), len(self._times)):
            for name, course in self._courses.items():
                yield self._times[i], name, course[i]

    def _drive(self, cycle: Cycle) -> tuple[dict[str, float], tuple[str, ...]]:
        """Set the inputs to what was measured, within their limits; keep those of which nothing usable came."""
        inputs, held = {}, []
        for name, bound in self._driving.items():
            aligned = cycle.values[name]
            if aligned.quality is Quality.MISSING:
                held.append(name)
                continue
            value = bound.convert(aligned.value)
            low, high = bound.variable.minimum, bound.variable.maximum
            value = max(value, low) if low is not None else value
            value = min(value, high) if high is not None else value
            self.execution[bound.tag.variable] = value
            inputs[name] = aligned.value
        return inputs, tuple(held)

    def _value(self, bound: _Bound) -> float:
        """Return what the twin says, in the tag's unit; NaN where a component has not begun."""
        try:
            return bound.convert(self.execution[bound.tag.variable])
        except RequestError:
            return math.nan

    def _beside(self, sample: LaboratorySample) -> Pair:
        """Return a laboratory's sample beside what the twin said of the time when it was taken."""
        course, i = self._courses[sample.tag], bisect_left(self._times, sample.taken)
        twin = math.nan
        if i < len(course) and self._times[i] == sample.taken:
            twin = course[i]
        elif 0 < i < len(course):
            share = (sample.taken - self._times[i - 1]) / (self._times[i] - self._times[i - 1])
            twin = course[i - 1] + share * (course[i] - course[i - 1])
        return Pair(sample.tag, sample.taken, sample.value, sample.quality, twin)


def _bind(execution: OpenExecution, tags: TagMap, use: Use, problems: list[CosimError]) -> dict[str, _Bound]:
    found = {}
    for tag in tags.of(use):
        try:
            variable = execution.variable(tag.variable)
            if use is Use.DRIVES:
                execution.check_settable(tag.variable)
            source, target = (tag.unit, variable.unit) if use is Use.DRIVES else (variable.unit, tag.unit)
            found[tag.name] = _Bound(tag, variable, conversion(source, target))
        except CosimError as error:
            problems.append(ScenarioError(f"Tag '{tag.name}' of the twin: {error.message}", location=tag.origin))
    return found
