"""The Model Exchange functions of one instance, alike for every FMI version."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from cosim.fmu.stepping import AbstractEvents


@dataclass(frozen=True, slots=True)
class Functions:
    """FMI's names; '' where a version has no such function."""

    set_time: str
    set_states: str
    get_derivatives: str
    get_indicators: str
    complete_step: str
    directional: str = ""


class AbstractEquations(AbstractEvents):
    """The Model Exchange functions of an instance; addresses are of arrays with one number per state or indicator."""

    version: ClassVar[int]
    """Of FMI: 1, 2 or 3."""
    functions: ClassVar[Functions]
    """What FMI calls the functions behind the methods."""

    @abstractmethod
    def sizes(self) -> tuple[int, int]:
        """Return the number of continuous states and of event indicators."""

    @abstractmethod
    def set_time(self, time: float) -> None:
        """Set the time [s]."""

    @abstractmethod
    def set_states(self, address: int) -> None:
        """Set the continuous states."""

    @abstractmethod
    def get_states(self, address: int) -> None:
        """Read the continuous states."""

    @abstractmethod
    def get_derivatives(self, address: int) -> None:
        """Compute the derivatives of the continuous states."""

    @abstractmethod
    def get_indicators(self, address: int) -> None:
        """Compute the event indicators."""

    @abstractmethod
    def get_nominals(self, address: int) -> None:
        """Read the nominal values of the continuous states."""

    @abstractmethod
    def complete_step(self) -> tuple[bool, bool]:
        """Tell that a step was accepted; return whether it asks for Event Mode, and whether for the end."""
