"""Whether a connection is alive: by the age of what it delivers, not by whether it still answers."""

from __future__ import annotations

import time
from collections.abc import Callable


class Watch:
    """Remembers when anything was last delivered, the server's clock if nothing else, and what was lost."""

    def __init__(self, silence: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._silence, self._clock = silence, clock
        self._beat = clock()
        self._reason: str | None = None

    def beat(self) -> None:
        """Note that the subscription has delivered something."""
        self._beat = self._clock()

    def lose(self, reason: str) -> None:
        """Note that the connection is lost."""
        self._reason = self._reason or reason

    def verdict(self) -> str | None:
        """Return why the connection should be given up, None while it is good."""
        if self._reason is not None:
            return self._reason
        age = self._clock() - self._beat
        return f"the server has delivered nothing for {age:.1f} s" if age > self._silence else None
