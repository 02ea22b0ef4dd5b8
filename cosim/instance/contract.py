"""The one contract that FMUs, networks, recorded data and Python functions satisfy.

Order of calls: (``set_start``)* → ``enter_initialization`` → (``write`` | ``read``)* → ``exit_initialization`` →
(``write`` | ``step`` | ``read`` | ``get_state`` | ``set_state``)* → ``terminate`` → ``free``. ``reset`` goes back to
the beginning from any point. After a method has raised, only ``free`` is legal: the instance is dead. After
:class:`cosim.errors.StepDiscarded`, ``set_state`` is legal too, and brings it back to life.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NewType, Self

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue

VariableGroup = NewType("VariableGroup", int)
"""Handle of a fixed list of variables of one instance, prepared once and then written or read as one array."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How a step ended: the time reached (earlier than asked only on early return), and whether the model is done."""

    time: Ticks
    is_terminated: bool = False


class AbstractInstance(ABC):
    """A running model, seen by the engine through numbers only.

    All numeric types travel as float64 (Booleans 0 and 1, enumerations and integers as their value). Every method
    raises :class:`cosim.errors.StepError` when the model fails, naming what was called, when, with which status.
    """

    @property
    @abstractmethod
    def description(self) -> ComponentDescription:
        """The interface of the model, the same at all times."""

    @abstractmethod
    def group(self, names: Sequence[str]) -> VariableGroup:
        """Prepare ``names`` (numeric scalar variables) to be written or read together, in that order."""

    @abstractmethod
    def set_start(self, values: Mapping[str, StartValue]) -> None:
        """Set parameters and start values, in the variables' own units, before initialisation."""

    @abstractmethod
    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        """Begin initialisation at ``time``; inputs may be written and outputs read until ``exit_initialization``."""

    @abstractmethod
    def exit_initialization(self) -> None:
        """Complete initialisation; the instance is then ready to step."""

    @abstractmethod
    def write(self, group: VariableGroup, values: NDArray[np.float64]) -> None:
        """Set the inputs or tunable parameters of ``group`` to ``values`` (n,), contiguous; copied."""

    @abstractmethod
    def read(self, group: VariableGroup, values: NDArray[np.float64]) -> None:
        """Fill ``values`` (n,), contiguous, with the variables of ``group``."""

    @abstractmethod
    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        """Advance from ``time`` by ``size`` > 0 with the inputs last written held constant."""

    @abstractmethod
    def get_state(self) -> object:
        """Return a snapshot that ``set_state`` of this instance accepts any number of times until ``free_state``."""

    @abstractmethod
    def set_state(self, state: object) -> None:
        """Go back to ``state``, inputs included."""

    @abstractmethod
    def free_state(self, state: object) -> None:
        """Release ``state``."""

    @abstractmethod
    def reset(self) -> None:
        """Return to the state after construction; start values must be set again."""

    @abstractmethod
    def terminate(self) -> None:
        """End the simulation; the outputs may still be read."""

    @abstractmethod
    def free(self) -> None:
        """Release everything; legal at any time, any number of times."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.free()
