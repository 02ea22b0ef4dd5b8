"""How a step of an FMU changes with its states and with what it is given, from its directional derivatives.

With J = ∂f/∂x and G = ∂f/∂p at both ends of a step of size h, on average:

    exp(h [[J, G], [0, 0]]) = [[A, B], [0, 1]],      ∂x⁺/∂x = A,  ∂x⁺/∂p = B     (exact for a linear model)

All states are over their largest value seen. States that nothing depends on, such as totals, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

from cosim.errors import CosimError
from cosim.instance.abilities import AbstractDifferentiable, AbstractEditable
from cosim.instance.contract import AbstractInstance, VariableGroup
from cosim.surrogate.model import Array


@dataclass(frozen=True, slots=True)
class Slope:
    """Derivatives of the rates of states, and of what is read, by scaled states and by what is given."""

    rates: Array
    """(n_states, n_states + n_given)"""
    read: Array
    """(n_read, n_states + n_given)"""


class Slopes:
    """The derivatives of one instance; ``probe`` it here and there, then ``settle``, before asking ``at_present``."""

    def __init__(self, instance: AbstractInstance, given: Sequence[str], read: Sequence[str]) -> None:
        assert isinstance(instance, AbstractDifferentiable)
        assert isinstance(instance, AbstractEditable)
        self._instance, self._names = instance, list(instance.states)
        self._given = [instance.group([name]) for name in given]
        self._read = list(read)
        self._states = [instance.group([name]) for name in self._names]
        self._rows = self._group(self._names)
        self._n_rows = len(self._names) + len(self._read)
        self._pattern = np.zeros((self._n_rows, len(self._names)), dtype=bool)
        self.scale = np.zeros(len(self._names))

    def _group(self, states: Sequence[str]) -> VariableGroup:
        return self._instance.group([*(f"der({name})" for name in states), *self._read])

    @property
    def n_states(self) -> int:
        """How many states matter."""
        return len(self._names)

    def probe(self) -> None:
        """Note which states matter here, and how large they are."""
        assert isinstance(self._instance, AbstractEditable)
        self.scale = np.maximum(self.scale, np.abs(self._instance.read_numbers(self._names)))
        for i, state in enumerate(self._states):
            self._pattern[:, i] |= self._column(state, 1.0) != 0

    def settle(self) -> None:
        """Leave out the states that nothing read depends on, not even through other states."""
        n = len(self._names)
        matters = self._pattern[n:].any(0)
        while (more := matters | self._pattern[:n][matters].any(0)).sum() > matters.sum():
            matters = more
        kept = np.flatnonzero(matters)
        self._names = [self._names[i] for i in kept]
        self._states = [self._states[i] for i in kept]
        self.scale = np.where(self.scale > 0, self.scale, 1.0)[kept]
        self._rows = self._group(self._names)
        self._n_rows = len(kept) + len(self._read)

    def _column(self, known: VariableGroup, seed: float) -> Array:
        assert isinstance(self._instance, AbstractDifferentiable)
        found = np.empty(self._n_rows)
        self._instance.directional_derivative(self._rows, known, np.array([seed]), found)
        return found

    def at_present(self) -> Slope:
        """Return the derivatives where the instance is."""
        columns = [self._column(state, size) for state, size in zip(self._states, self.scale, strict=True)]
        columns += [self._column(group, 1.0) for group in self._given]
        whole = np.stack(columns, axis=1) if columns else np.zeros((self._n_rows, 0))
        n = len(self._names)
        return Slope(whole[:n] / self.scale[:, None], whole[n:])


def can_tell_slopes(instance: AbstractInstance) -> bool:
    """Tell whether the derivatives of the states of ``instance`` can be asked for."""
    if not isinstance(instance, AbstractEditable) or not isinstance(instance, AbstractDifferentiable):
        return False
    if not instance.description.capabilities.provides_directional_derivatives or not instance.states:
        return False
    try:
        instance.group([f"der({name})" for name in instance.states])
    except CosimError:
        return False
    return True


def over_step(first: Slope, last: Slope, size: float) -> tuple[Array, Array]:
    """Return ∂x⁺/∂x (n, n) and ∂x⁺/∂p (n, n_given) over a step of ``size`` [s]."""
    n, whole = first.rates.shape
    mean = np.zeros((whole, whole))
    mean[:n] = 0.5 * size * (first.rates + last.rates)
    moved = expm(mean)
    return moved[:n, :n], moved[:n, n:]
