"""What every filter does."""

from abc import ABC, abstractmethod

from cosim.clock import Ticks
from cosim.estimation.belief import Belief, Innovation, Measurement
from cosim.estimation.process import AbstractProcess


class AbstractFilter(ABC):
    """Goes on in time and takes measurements; holds nothing that changes, so that a belief can be gone back to."""

    @property
    @abstractmethod
    def process(self) -> AbstractProcess:
        """The model."""

    @abstractmethod
    def predict(self, belief: Belief, end: Ticks) -> Belief:
        """Return what to believe at ``end`` from the model alone."""

    @abstractmethod
    def update(self, belief: Belief, measurement: Measurement) -> tuple[Belief, Innovation]:
        """Return what to believe after ``measurement``, which is of the belief's own time."""
