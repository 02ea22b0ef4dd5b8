"""What a co-simulation algorithm is: a rule that takes a network over one communication window."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

from cosim.algorithm.network import Network
from cosim.clock import Ticks

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time between two points at which all active components meet.

    ``is_last`` says that a phase is about to end and the window is long enough to hand over what is in transit.
    """

    start: Ticks
    end: Ticks
    is_last: bool = False


class Sweep(Enum):
    """Order in which an algorithm that steps every participant once per window gathers inputs and steps."""

    SEQUENTIAL = auto()
    """Each gathers and steps before the next does."""
    SIMULTANEOUS = auto()
    """All gather, one step late where streams are concerned, then all step."""


class AbstractSweeping(ABC):
    """An algorithm that may be no more than a sweep over a network of equal steps, which C code can do too."""

    @property
    @abstractmethod
    def sweep(self) -> Sweep | None:
        """The order, if ``step`` does nothing else in windows that are not the last, and its state never changes."""


class AbstractAlgorithm(ABC, Generic[State]):
    """A value without memory of its own: whatever it has to remember is in the state it takes and returns.

    ``init`` is called whenever the set of active components changes or a value was set by an event, a phase or a step
    (nothing is smooth there), ``step`` for every window. A state is immutable:
    it may be kept and given again after ``Network.restore``, and the same step must then follow. It is made of numbers,
    text, arrays, tuples, mappings, sets, frozen dataclasses and participants, so that a checkpoint can hold it.
    """

    needs_rollback: bool = False
    """True where instances should be able to get and set their state."""
    needs_variable_step: bool = False
    """True where instances should take steps of any size."""
    needs_equal_steps: bool = False
    """True where all components of a phase should have the same step."""
    solves_loops: bool = False
    """True where algebraic loops are solved at every communication point, in which all components can go back."""
    without_rollback: str = "no step is taken back, and errors are those of a prediction"
    """What happens where a component cannot go back."""
    delays_streams: bool = False
    """True where every stream arrives one communication step late, not only those that close a loop."""

    @abstractmethod
    def init(self, network: Network) -> State:
        """Return the state with which the first window of ``network`` is stepped."""

    @abstractmethod
    def step(self, network: Network, window: Window, state: State) -> State:
        """Take every participant of ``network`` from ``window.start`` to ``window.end``.

        Raises
        ------
        StepError
            When an instance fails; the network is then dead.
        """
