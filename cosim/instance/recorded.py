"""Recorded data as an instance: its outputs follow a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import StepError, StructureError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variable


class RecordedInstance(AbstractInstance, AbstractSerialising):
    """Outputs interpolated linearly in a table, held before its first and after its last row."""

    def __init__(
        self,
        name: str,
        times: NDArray[np.int64],
        columns: Mapping[str, NDArray[np.float64]],
        *,
        units: Mapping[str, str] | None = None,
    ) -> None:
        """Check the table: ``times`` [ticks] (n,) strictly rising, each column (n,) finite."""
        if len(times) == 0 or bool(np.any(np.diff(times) <= 0)):
            raise StructureError(f"The times of recorded data '{name}' do not rise strictly.", component=name)
        for column, values in columns.items():
            if len(values) != len(times) or not bool(np.all(np.isfinite(values))):
                raise StructureError(
                    f"Recorded data '{name}' has a value that is missing or not finite in column '{column}'.",
                    component=name,
                    variable=column,
                )
        self._name, self._times, self._columns = name, times, dict(columns)
        self._description = ComponentDescription(
            model=f"recorded data {name}",
            variables={
                column: Variable(column, Causality.OUTPUT, unit=(units or {}).get(column)) for column in columns
            },
            capabilities=Capabilities(can_get_and_set_state=True, can_serialise_state=True),
        )
        self._groups: list[list[NDArray[np.float64]]] = []
        self._known: dict[tuple[str, ...], VariableGroup] = {}
        self._now = Ticks(0)

    @property
    def description(self) -> ComponentDescription:  # noqa: D102
        return self._description

    def group(self, names: Sequence[str]) -> VariableGroup:  # noqa: D102
        known = self._known.setdefault(tuple(names), VariableGroup(len(self._groups)))
        if known == len(self._groups):
            self._groups.append([self._columns[name] for name in names])
        return known

    def set_start(self, values: Mapping[str, StartValue]) -> None:  # noqa: D102
        for name in values:
            self._refuse(name)

    def enter_initialization(  # noqa: D102
        self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None
    ) -> None:
        self._now = time

    def exit_initialization(self) -> None:  # noqa: D102
        pass

    def write(self, group: VariableGroup, values: NDArray[np.float64]) -> None:  # noqa: D102
        if len(values):
            self._refuse("inputs")

    def read(self, group: VariableGroup, values: NDArray[np.float64]) -> None:  # noqa: D102
        for i, column in enumerate(self._groups[group]):
            values[i] = np.interp(self._now, self._times, column)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:  # noqa: D102
        self._now = Ticks(time + size)
        return StepOutcome(self._now)

    def get_state(self) -> object:  # noqa: D102
        return self._now

    def set_state(self, state: object) -> None:  # noqa: D102
        assert isinstance(state, int)
        self._now = Ticks(state)

    def free_state(self, state: object) -> None:  # noqa: D102
        pass

    def serialise_state(self, state: object) -> bytes:  # noqa: D102
        return str(state).encode()

    def deserialise_state(self, data: bytes) -> object:  # noqa: D102
        return int(data)

    def reset(self) -> None:  # noqa: D102
        self._now = Ticks(0)

    def terminate(self) -> None:  # noqa: D102
        pass

    def free(self) -> None:  # noqa: D102
        pass

    def _refuse(self, name: str) -> None:
        raise StepError(
            f"Cannot set {name} of '{self._name}': it is recorded data, which has outputs only. Remove what sets it.",
            component=self._name,
        )
