"""What reaches the set-points of a plant: read, write, and a heartbeat that stops by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from cosim.live.quality import GOOD, Quality, quality_of

RELEASED: Final = 0.0
"""What the heartbeat shows when control was handed over in order: nobody is there, and nobody is missed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a node holds now, as a number, NaN where it holds none, with an OPC UA status code."""

    value: float
    status: int = GOOD

    @property
    def is_usable(self) -> bool:
        """True where the value can be relied on."""
        return quality_of(self.status) is Quality.GOOD and isfinite(self.value)


class AbstractActuator(ABC):
    """Reads and writes nodes of a plant by tag, at once; what it may write at all was told when it was made."""

    @abstractmethod
    def read(self, tags: Sequence[str]) -> dict[str, Reading]:
        """Return what the nodes of ``tags`` hold now.

        Raises
        ------
        LinkError
            When there is no connection, or the server does not answer.
        """

    @abstractmethod
    def fitting(self, tag: str, value: float, present: float) -> float:
        """Return what the node of ``tag`` can hold of ``value``: the last on the way there from ``present``.

        Rounded so, it leaves neither the range nor the step in which ``value`` is, as long as ``present`` is in them.

        Raises
        ------
        LinkError
            When there is no connection, or the node holds no single number.
        """

    @abstractmethod
    def write(self, tag: str, value: float) -> None:
        """Write ``value``, which the node of ``tag`` can hold as it is.

        A value or a tag that it may not write is refused here once more, whatever was checked before.

        Raises
        ------
        LinkError
            When it is refused, by us or by the server, or there is no connection; nothing is known of the node then.
        """

    @abstractmethod
    def beat_until(self, moment: float) -> None:
        """Let the heartbeat go on until ``moment`` of the monotonic clock [s], and no longer unless told again."""

    @property
    @abstractmethod
    def last_beat(self) -> float:
        """When the plant last took a beat, on the monotonic clock [s]; minus infinity where it has taken none."""

    @abstractmethod
    def release(self) -> None:
        """End the heartbeat with ``RELEASED``, so that the plant stays as it is; without a connection it cannot."""
