"""What stepping took besides the steps of components."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(slots=True)
class Counts:
    """Work done by an execution and its algorithm; whoever does it adds to the counts of the network.

    A communication step takes all components together; ``repeated`` ones were taken again from where they began.
    """

    VARYING: ClassVar = (
        "windows", "compiled", "rejected", "repeated", "iterations", "located", "deciding", "missed", "largest_miss",
    )  # fmt: skip
    """What a checkpoint holds."""

    windows: int = 0
    """Communication points reached, at which everything is recorded and conditions are looked at."""
    compiled: int = 0
    """Those of them that C code reached."""
    rejected: int = 0
    """Communication steps taken back because their error was too large."""
    repeated: int = 0
    """Communication steps taken again: to estimate an error, to iterate, to find when a condition began to hold."""
    iterations: int = 0
    """Passes over loops, of algorithms that iterate."""
    located: int = 0
    """Conditions whose moment was found within a step."""
    deciding: dict[str, int] = field(default_factory=dict)
    """By output: how many accepted steps were sized by its error, of algorithms that choose their steps."""
    missed: dict[str, int] = field(default_factory=dict)
    """By output: how many steps were kept although its error was larger than allowed."""
    largest_miss: float = 0.0
    """The largest of these errors over what is allowed."""

    def miss(self, name: str, error: float) -> None:
        """Note that a step was kept although the ``error`` of output ``name``, over what is allowed, was above 1."""
        self.missed[name] = self.missed.get(name, 0) + 1
        self.largest_miss = max(self.largest_miss, error)

    def decide(self, name: str) -> None:
        """Note that the error of the output ``name`` decided over a step."""
        self.deciding[name] = self.deciding.get(name, 0) + 1
