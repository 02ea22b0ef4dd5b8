"""What some instances can do beyond the contract; each is a type, and declared in ``Capabilities`` too.

An instance class may have an ability that one of its instances does not declare: ask both, before the first step.
Errors are as in :class:`cosim.instance.contract.AbstractInstance`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.instance.contract import StepOutcome, VariableGroup


class AbstractConcurrent(ABC):  # noqa: B024
    """May be stepped while another instance is, in another thread, unless ``can_be_instantiated_only_once``.

    FMI wants one instance's functions called one at a time; instances share nothing, apart from what a library keeps
    to itself, which is why an FMU may say that it can be instantiated only once per process (FMI 2.0.4 section 2.2.3,
    FMI 3.0.1 section 2.4.2). The step must release Python's lock, or threads gain nothing.
    """


class AbstractSerialising(ABC):
    """Writes a snapshot of its state as bytes (``can_serialise_state``)."""

    @abstractmethod
    def serialise_state(self, state: object) -> bytes:
        """Return ``state``, got from ``get_state``, in a form that another process can read."""

    @abstractmethod
    def deserialise_state(self, data: bytes) -> object:
        """Return the snapshot that ``data`` holds, for ``set_state`` and then ``free_state``."""


class AbstractEditable(ABC):
    """Tells its continuous states and parameters by name, and goes on from others."""

    @property
    @abstractmethod
    def numbers(self) -> Mapping[str, str]:
        """The names of its states and parameters, with their units; empty where an instance cannot tell them."""

    @property
    @abstractmethod
    def states(self) -> Sequence[str]:
        """The names of its continuous states."""

    @abstractmethod
    def read_numbers(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return the present values of some of ``numbers``."""

    @abstractmethod
    def write_numbers(self, names: Sequence[str], values: NDArray[np.float64]) -> None:
        """Go on from ``values`` (n,) of some of ``numbers``; outputs follow when they are read."""


class AbstractDifferentiable(ABC):
    """Knows how outputs change with inputs (``provides_directional_derivatives``)."""

    @abstractmethod
    def directional_derivative(
        self,
        unknowns: VariableGroup,
        knowns: VariableGroup,
        seed: NDArray[np.float64],
        sensitivity: NDArray[np.float64],
    ) -> None:
        """Fill ``sensitivity`` (n_unknowns,) with ∂unknowns/∂knowns · ``seed`` (n_knowns,) at the present point."""


class AbstractInterpolating(ABC):
    """Lets inputs change within a step (``can_interpolate_inputs``)."""

    @abstractmethod
    def write_derivatives(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:
        """Set the time derivatives of ``order`` ≥ 1 of the inputs of ``group`` at the start of the next step.

        ``values`` (n,) [unit/s^order]. They hold for the next step only: u(t₀ + τ) = u + Σ u⁽ᵏ⁾ τᵏ/k!, with u as last
        written. Write the inputs first, then order 1, 2, … without a gap.
        """


class AbstractExtrapolable(ABC):
    """Tells how its outputs were changing when the last step ended (``max_output_derivative_order``)."""

    @abstractmethod
    def read_derivatives(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:
        """Fill ``values`` (n,) [unit/s^order] with the time derivatives of ``order`` ≥ 1 of the outputs of ``group``.

        They are derivatives from the left, at the end of the last step. Where an output follows an input directly, and
        derivatives of the input have been written since, those count: write the inputs of an instance first, then read
        its outputs and their derivatives, in the order of feedthrough.
        """


class AbstractTelling(ABC):
    """Goes on after something that a reader of the result should know."""

    @abstractmethod
    def take_news(self) -> Sequence[tuple[Ticks, str]]:
        """Return what happened when since the last call, in sentences."""


@dataclass(frozen=True, slots=True)
class NativeMove:
    """One pair of C functions, given by address, that write and read variables of one type.

    ``buffer`` has the type they exchange, ``positions`` tells where its values belong in the group's array; None when
    they are the whole array in order. The arrays live as long as the instance.
    """

    set: int
    get: int
    references: NDArray[np.uint32]
    buffer: NDArray[Any]
    positions: NDArray[np.intp] | None
    is_boolean: bool


@dataclass(frozen=True, slots=True)
class NativeStep:
    """The C function that steps an instance as FMI defines it, and where it reports what (FMI 3.0; else 0)."""

    fmi_version: int
    """2 or 3: which signature the functions have."""
    component: int
    do_step: int
    needs_event: int = 0
    is_terminated: int = 0
    is_early: int = 0
    reached: int = 0


class AbstractNative(ABC):
    """Can be written, stepped and read by C code that calls FMI functions by their addresses.

    Between such calls the instance is as after ``write``, ``step`` and ``read``; tell it by ``stand_at``.
    """

    @abstractmethod
    def native_step(self) -> NativeStep | None:
        """Return how to step from C; None where a step takes more than a call of one function."""

    @abstractmethod
    def native_moves(self, group: VariableGroup) -> tuple[NativeMove, ...] | None:
        """Return how to write and read ``group`` from C; None where it takes more than such calls."""

    @abstractmethod
    def stand_at(self, time: Ticks) -> None:
        """Take note that the instance was brought to ``time``."""

    @abstractmethod
    def conclude_step(self, time: Ticks, size: Ticks, status: int) -> StepOutcome:
        """Return what ``step`` would, after its C function was called and returned ``status``."""

    @abstractmethod
    def refuse_move(self, group: VariableGroup, index: int, status: int, *, is_reading: bool) -> None:
        """Raise what ``write`` or ``read`` would, after the function of its move ``index`` returned ``status``."""
