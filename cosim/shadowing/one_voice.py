"""What all copies of a model say is told once, with how many say it."""

from __future__ import annotations

import logging
import re
from collections import Counter
from types import TracebackType
from typing import Final, Self

from cosim.shadowing.following import AbstractFollower, Compared

_LOG: Final = logging.getLogger("cosim.fmu")
_MOMENT: Final = re.compile(r"\bt = [^:]*:")
"""When it is said, by which the same from copies that are elsewhere would seem to be something else."""


class OneVoice(AbstractFollower, logging.Filter):
    """While its block runs, keeps what FMUs log until the cycle ends; tells of each message once.

    Members of an estimate, forecasts and plans are copies of one model, made anew all the time: what an FMU says when
    it begins would be said a hundred times a cycle.
    """

    def __init__(self) -> None:
        logging.Filter.__init__(self)
        self._waiting: dict[str, logging.LogRecord] = {}
        self._counts: Counter[str] = Counter()
        self._said: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep ``record`` back unless it is our own; legal in any thread."""
        if getattr(record, "is_of_all", False):
            return True
        key = _MOMENT.sub("", record.getMessage())
        if key not in self._said:
            self._counts[key] += 1
            self._waiting.setdefault(key, record)
        return False

    def follow(self, compared: Compared) -> None:  # noqa: D102
        self.speak()

    def settle(self) -> None:  # noqa: D102
        pass

    def speak(self) -> None:
        """Tell what was kept back."""
        while self._waiting:
            key = next(iter(self._waiting))
            record, n = self._waiting.pop(key), self._counts.pop(key)
            self._said.add(key)
            more = f" ({n} copies of the model say so.)" if n > 1 else ""
            _LOG.log(record.levelno, "%s%s", record.getMessage(), more, extra={"is_of_all": True})

    def __enter__(self) -> Self:
        _LOG.addFilter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.speak()
        _LOG.removeFilter(self)
