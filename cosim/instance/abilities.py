"""What some instances can do beyond the contract; each is a type, and declared in ``Capabilities`` too.

An instance class may have an ability that one of its instances does not declare: ask both, before the first step.
Errors are as in :class:`cosim.instance.contract.AbstractInstance`.
"""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from cosim.instance.contract import VariableGroup


class AbstractSerialising(ABC):
    """Writes a snapshot of its state as bytes (``can_serialise_state``)."""

    @abstractmethod
    def serialise_state(self, state: object) -> bytes:
        """Return ``state``, got from ``get_state``, in a form that another process can read."""

    @abstractmethod
    def deserialise_state(self, data: bytes) -> object:
        """Return the snapshot that ``data`` holds, for ``set_state`` and then ``free_state``."""


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
