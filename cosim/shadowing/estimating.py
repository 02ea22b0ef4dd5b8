"""What is estimated of a twin, from which sensors: the section of the shadow file bound to an open scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot, inf
from typing import Final

import numpy as np

from cosim.errors import CosimError, RequestError, ScenarioError, raise_all
from cosim.estimation.belief import Array, Bounds
from cosim.live.estimation_section import EstimationSection, Noise, Prior
from cosim.live.tag import Tag, TagMap, Use
from cosim.live.tag_file import number_in
from cosim.opened import OpenExecution
from cosim.shadowing.members import Estimated, bounds_of
from cosim.system.nearest import nearest
from cosim.units import Conversion, conversion

_SLACK: Final = 1e-9
"""By which a value may be outside limits, as a share of it: by no more than a change of units leaves."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """A tag that tells of ``variable``, whose unit ``change`` turns its values into; ``absolute`` noise is in that.

    ``offset`` is one sigma of a lasting error in that unit, 0 where none is expected.
    """

    tag: Tag
    variable: str
    change: Conversion
    absolute: float
    relative: float
    offset: float = 0.0

    @property
    def is_instrument(self) -> bool:
        """True where it shows something all the time; False for a laboratory."""
        return self.tag.use is Use.MEASURES

    def read(self, value: float) -> tuple[float, float, float]:
        """Return ``value`` of the tag in the variable's unit, and its variance: absolute, and as a share of the square.

        Of a unit whose zero lies elsewhere, such as degC, a share of the value shown is absolute.
        """
        found = value * self.change.factor + self.change.offset
        if self.change.offset:
            return found, hypot(self.absolute, self.relative * value * self.change.factor) ** 2, 0.0
        return found, self.absolute**2, self.relative**2


@dataclass(frozen=True, slots=True)
class Shown:
    """A variable that is told as ``name`` in ``unit``; it is never below ``low``."""

    name: str
    unit: str
    change: Conversion
    low: float = -inf


@dataclass(frozen=True, slots=True)
class Setup:
    """All of it; arrays are (n,) in the order of ``estimated``, shares of the value, ``noises`` per root of a day."""

    estimated: tuple[Estimated, ...]
    spreads: Array
    noises: Array
    n_states: int
    sensors: tuple[Sensor, ...]
    outputs: tuple[Shown, ...]
    units: tuple[str, ...]
    """Of ``estimated``; '' where nobody tells one."""
    drives: tuple[str, ...]

    @property
    def bounds(self) -> Bounds:
        """What is estimated cannot leave them."""
        return bounds_of(self.estimated)


def bind(section: EstimationSection, tags: TagMap, execution: OpenExecution) -> Setup:
    """Return what ``section`` means for ``execution``.

    Raises
    ------
    CosimError
        When it names what there is not; all problems at once.
    """
    problems: list[CosimError] = []
    states = list(_estimated(section.states, execution, problems, are_states=True))
    parameters = list(_estimated(section.parameters, execution, problems, are_states=False))
    found = _once([*states, *parameters])
    sensors = list(_sensors(section.noises, tags, execution, problems))
    outputs = list(_outputs(section, tags, execution, problems))
    raise_all(problems)
    return Setup(
        tuple(item for item, _ in found),
        np.array([prior.spread for _, prior in found]),
        np.array([prior.noise for _, prior in found]),
        sum(1 for item, _ in found if item in {state for state, _ in states}),
        tuple(sensors),
        tuple(outputs),
        tuple(_unit(execution, str(item)) for item, _ in found),
        tuple(tag.variable for tag in tags.of(Use.DRIVES)),
    )


def _once(found: Sequence[tuple[Estimated, Prior]]) -> list[tuple[Estimated, Prior]]:
    """Keep the last prior of each: a name of its own stands after a pattern."""
    last = {str(item): (item, prior) for item, prior in found}
    return list(last.values())


def _estimated(
    priors: Sequence[Prior], execution: OpenExecution, problems: list[CosimError], *, are_states: bool
) -> Iterator[tuple[Estimated, Prior]]:
    for prior in priors:
        component, _, pattern = prior.name.partition(".")
        try:
            is_set = not _tells_numbers(component, execution, are_states=are_states)
            matching = (
                {pattern: _set_value(prior.name, execution)}
                if is_set
                else _told(component, pattern or "*", execution, are_states=are_states)
            )
            low, high = (_limit(text, _unit(execution, prior.name)) for text in prior.limits)
        except CosimError as error:
            problems.append(ScenarioError(error.message, location=prior.origin))
            continue
        for name, value in matching.items():
            least = 0.0 if value >= 0.0 else -inf
            bounds = least if low is None else low, inf if high is None else high
            slack = _SLACK * abs(value)
            if not bounds[0] - slack <= value <= bounds[1] + slack or bounds[0] > bounds[1]:
                problems.append(_outside(f"{component}.{name}", value, bounds, prior, execution))
            yield Estimated(component, name, *bounds, is_set), prior


def _outside(
    name: str, value: float, bounds: tuple[float, float], prior: Prior, execution: OpenExecution
) -> ScenarioError:
    """Return what is wrong with limits that do not hold the ``value`` from which the estimate begins."""
    told = " to ".join(text or "none" for text in prior.limits)
    if bounds[0] > bounds[1]:
        text = f"The limits of '{name}', {told}, hold nothing: the first is the lower one. Exchange them."
    else:
        unit = _unit(execution, name)
        believed = f"{value:g} {unit}".removesuffix(" 1").rstrip()
        text = f"The limits of '{name}', {told}, do not hold what the twin has, {believed}. Widen them, or change that."
    return ScenarioError(text, location=prior.origin)


def _tells_numbers(component: str, execution: OpenExecution, *, are_states: bool) -> bool:
    """Tell whether ``component`` tells states and parameters by name, as it has to where states are estimated."""
    try:
        execution.numbers(component)
    except RequestError as error:
        if are_states:
            raise RequestError(
                f"{error.message} No state of it can be estimated; name tunable parameters of it under 'parameters', "
                "which copies of it are set to."
            ) from error
        return False
    return True


def _told(component: str, pattern: str, execution: OpenExecution, *, are_states: bool) -> dict[str, float]:
    """Return what ``pattern`` means, with the present values."""
    numbers, states = execution.numbers(component), execution.states(component)
    names = states if are_states else [name for name in numbers if name not in states]
    matching = {name: numbers[name] for name in names if _matches(pattern, name)}
    if not matching:
        kind = "state" if are_states else "parameter"
        hint = nearest(pattern, names)
        raise RequestError(f"'{component}' has no {kind} '{pattern}' that could be estimated.{hint}")
    return matching


def _set_value(name: str, execution: OpenExecution) -> float:
    """Return the present value of a parameter that can be set while running."""
    execution.check_settable(name)
    return execution[name]


def _matches(pattern: str, name: str) -> bool:
    """Tell whether ``name`` is ``pattern``, in which ``*`` stands for anything; brackets are indices here."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None


def _limit(text: str, unit: str) -> float | None:
    return number_in(text, unit or "1") if text else None


def _unit(execution: OpenExecution, name: str) -> str:
    try:
        return execution.variable(name).unit or "1"
    except CosimError:
        return ""


def _sensors(
    noises: Sequence[Noise], tags: TagMap, execution: OpenExecution, problems: list[CosimError]
) -> Iterator[Sensor]:
    """Yield the tags that have a noise, in the order of the tag map; the last pattern that matches counts."""
    usable = tags.of(Use.MEASURES, Use.SAMPLES)
    for noise in noises:
        if not any(_matches(noise.pattern, tag.name) for tag in usable):
            hint = nearest(noise.pattern, [tag.name for tag in usable])
            text = f"There is no tag '{noise.pattern}' that measures or samples.{hint}"
            problems.append(ScenarioError(text, location=noise.origin))
    for tag in usable:
        matching = [noise for noise in noises if _matches(noise.pattern, tag.name)]
        if not matching:
            continue
        try:
            unit = execution.variable(tag.variable).unit
            change = conversion(tag.unit, unit)
            absolute, offset = (
                abs(number_in(text, tag.unit, difference=True) * change.factor) if text else 0.0
                for text in (matching[-1].absolute, matching[-1].offset)
            )
            yield Sensor(tag, tag.variable, change, absolute, matching[-1].relative, offset)
        except CosimError as error:
            problems.append(ScenarioError(f"'{tag.name}': {error.message}", location=matching[-1].origin))


def _outputs(
    section: EstimationSection, tags: TagMap, execution: OpenExecution, problems: list[CosimError]
) -> Iterator[Shown]:
    """Yield what the laboratory samples, and what else is asked for."""
    wanted = {tag.variable: tag.unit for tag in tags.of(Use.SAMPLES)} | dict(section.outputs)
    for name, unit in wanted.items():
        try:
            yield shown(execution, name, unit)
        except CosimError as error:
            problems.append(ScenarioError(f"Output '{name}': {error.message}", location=section.origin))


def shown(execution: OpenExecution, name: str, unit: str) -> Shown:
    """Return how ``name`` is told in ``unit``.

    Raises
    ------
    CosimError
        When there is no such variable, or the unit does not fit.
    """
    variable = execution.variable(name)
    change = conversion(variable.unit, unit)
    low = -inf if variable.minimum is None else variable.minimum * change.factor + change.offset
    return Shown(name, unit, change, low)
