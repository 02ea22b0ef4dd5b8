"""How an instance reaches the host of its FMU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from cosim.hosting.lane import Doing, Lane


class Lost(Exception):
    """The host does not answer any more: ``how`` it was lost, as the rest of a sentence about it.

    ``doing`` is what it was about to do, as far as that is known.
    """

    def __init__(self, how: str, doing: Doing = Doing.NOTHING) -> None:
        super().__init__(how)
        self.how, self.doing = how, doing


class AbstractLink(ABC):
    """A way to one host, which serves one instance.

    Methods raise :class:`Lost`, after which only ``close`` is legal.
    """

    @property
    @abstractmethod
    def lane(self) -> Lane | None:
        """The memory shared with the host, where there is some."""

    @property
    @abstractmethod
    def is_busy(self) -> bool:
        """True where a call was left before its answer had come; only ``close`` is legal then."""

    @abstractmethod
    def call(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Return the answer to a message."""

    @abstractmethod
    def exchange(self) -> None:
        """Let the host do what the words of the lane ask, and wait for its answer there."""

    @abstractmethod
    def close(self, *, is_sound: bool) -> None:
        """Give up the host, or keep it for the next instance where it ``is_sound``; legal any number of times."""
