"""What a filter needs of a model: how states go on, and what sensors would show."""

from abc import ABC, abstractmethod

from cosim.clock import Ticks
from cosim.estimation.belief import Array


class AbstractProcess(ABC):
    """A model of which a filter knows ``n`` states, run for several members at once.

    What a model holds besides those states stays with each member: call ``advance`` and ``observe`` with the members in
    the same order.
    """

    @abstractmethod
    def advance(self, states: Array, start: Ticks, end: Ticks) -> Array:
        """Return where the members that are at ``states`` (N, n) at ``start`` are at ``end``."""

    @abstractmethod
    def observe(self, states: Array) -> Array:
        """Return what each sensor would show (N, m) if the members were at ``states`` now."""

    @abstractmethod
    def save(self) -> object:
        """Return what is needed to come back to the present time, besides the states that the filter knows."""

    @abstractmethod
    def restore(self, saved: object) -> None:
        """Come back to what ``save`` returned; legal any number of times."""
