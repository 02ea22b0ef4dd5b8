"""Copies of the scenario that looks ahead, standing where the twin stands, each for one of the things believed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from cosim.clock import to_seconds, to_ticks
from cosim.errors import RequestError
from cosim.live.acting import Advising, Manipulated
from cosim.live.cycle import Cycle
from cosim.live.reading import Reading
from cosim.live.store import FOLDER as RECEIVED
from cosim.live.store import read_store
from cosim.opened import OpenExecution
from cosim.opened import open as open_scenario
from cosim.shadowing.following import AbstractProspects, Compared, Ground
from cosim.shadowing.members import states_of
from cosim.shadowing.shadow import Plan
from cosim.units import Conversion, conversion


class Levers:
    """What the set-points in ``moves`` set in a scenario like ``execution``.

    Raises
    ------
    StructureError
        When it does not have that variable, it cannot be set, or its unit does not fit.
    """

    def __init__(self, execution: OpenExecution, moves: Mapping[str, Manipulated]) -> None:
        self._bound: dict[str, tuple[str, Conversion]] = {}
        for tag, move in moves.items():
            execution.check_settable(move.variable)
            self._bound[tag] = (move.variable, conversion(move.unit, execution.variable(move.variable).unit))

    def set(self, execution: OpenExecution, values: Mapping[str, float]) -> None:
        """Set what stands behind ``values``, by tag and in the unit of the tag."""
        for tag, value in values.items():
            variable, change = self._bound[tag]
            execution[variable] = value * change.factor + change.offset


class Ahead(AbstractProspects):
    """Keeps the scenario that looks ahead in step with the twin, where no estimator does.

    Its set-points are those of the plant: where a shadow goes on, it goes through what the store tells of them first.
    Before a look ahead it takes over the states and parameters of components that the twin has too. Members differ by
    parameters that are in doubt: the first has those of the twin, and is alone where nothing is in doubt.

    Raises
    ------
    CosimError
        When the scenario cannot be used, or has not what is moved or in doubt.
    """

    def __init__(self, plan: Plan, ground: Ground, advising: Advising, moves: Mapping[str, Manipulated]) -> None:
        self._twin, self._doubt, self._moves = ground.execution, advising.doubt, tuple(moves)
        self._own: OpenExecution | None = None
        self._now = ground.begins
        if advising.scenario is not None:
            self._own = open_scenario(advising.scenario, dict(advising.parameters), components=plan.components)
        self.execution = self._own or self._twin
        try:
            self._levers = Levers(self.execution, moves)
            self._catch_up(plan, ground)
            for name in self._doubt:
                component, _, parameter = name.partition(".")
                self.execution.numbers(component, [parameter])
        except BaseException:
            self.close()
            raise

    def _catch_up(self, plan: Plan, ground: Ground) -> None:
        """Go to where the shadow was interrupted, by the same steps as it did."""
        if self._own is None or ground.begins == 0:
            return
        reading = Reading(plan.tags, plan.file.cycle)
        for arrival in read_store(ground.folder / RECEIVED):
            for cycle in reading.feed(arrival):
                if cycle.end > ground.begins:
                    return
                self._go_on(self._own, cycle)

    def follow(self, compared: Compared) -> None:
        """Go to the end of the cycle, with the set-points that the plant had."""
        if self._own is not None:
            self._go_on(self._own, compared.cycle)
        self._now = compared.cycle.end

    def _go_on(self, own: OpenExecution, cycle: Cycle) -> None:
        self._levers.set(own, set_points(cycle, self._moves))
        own.run_until(to_seconds(cycle.end))

    def copies(self, n: int) -> list[OpenExecution]:  # noqa: D102
        if to_ticks(self.execution.time) != self._now:
            raise RequestError("The scenario that looks ahead has no communication point here. Ask again next cycle.")
        found: list[OpenExecution] = []
        try:
            for shift in _shifts(n if self._doubt else 1, len(self._doubt)):
                found.append(self.execution.fork())
                self._take_over(found[-1])
                self._vary(found[-1], shift)
        except BaseException:
            for copy in found:
                copy.close()
            raise
        return found

    def _take_over(self, copy: OpenExecution) -> None:
        """Give ``copy`` what the twin has."""
        if self._own is None:
            return
        for component in dict.fromkeys(name.partition(".")[0] for name, *_ in copy.exposed()):
            try:
                theirs, ours = self._twin.numbers(component), copy.numbers(component)
            except RequestError:
                continue  # the twin has none of that name, or it tells no numbers, as measured data
            states = {item.name for item in states_of(copy, [component])}
            wanted = states | (set(ours) - set(copy.states(component)))
            values = {
                name: theirs[name] for name in ours if name in wanted and theirs.get(name, ours[name]) != ours[name]
            }
            if states and values:
                copy.amend(component, values)

    def _vary(self, copy: OpenExecution, shift: NDArray[np.float64]) -> None:
        for (name, doubt), z in zip(self._doubt.items(), shift, strict=True):
            component, _, parameter = name.partition(".")
            value = copy.numbers(component, [parameter])[parameter]
            copy.amend(component, {parameter: value * max(1.0 + doubt * z, 0.01)})

    def close(self) -> None:
        """End its scenario; legal any number of times."""
        if self._own is not None:
            self._own.close()


def set_points(cycle: Cycle, tags: Sequence[str]) -> dict[str, float]:
    """Return where the plant's set-points are, as far as it has told."""
    values = cycle.values
    return {tag: values[tag].value for tag in tags if tag in values and math.isfinite(values[tag].value)}


def _shifts(n: int, k: int) -> NDArray[np.float64]:
    """Return (n, k) numbers of standard normal distributions, the first of them 0, each column spread evenly."""
    found = np.zeros((n, k))
    levels = [NormalDist().inv_cdf((i + 0.5) / max(n - 1, 1)) for i in range(n - 1)]
    rng = np.random.default_rng(0)
    for column in range(k):
        found[1:, column] = rng.permutation(levels)
    return found
