"""What a shadow has read of its store: a session, what is known already, and bookmarks to go on from.

Without a bookmark a shadow that goes on reads all that was ever stored, which for thousands of tags takes longer than
it took to come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from cosim.clock import Ticks
from cosim.errors import ResultError
from cosim.live.cycle import Cycle
from cosim.live.known import Known
from cosim.live.record import Arrival, Note
from cosim.live.session import Session
from cosim.live.tag import TagMap
from cosim.results.document import write_text

FOLDER: Final = "bookmarks"
EVERY: Final = 500_000
"""Samples after which a bookmark is due."""
_KEPT: Final = 2
"""Bookmarks that are kept: the last checkpoint of the twin may be older than the last of them."""


class Reading:
    """Feeds arrivals to a session, in the order of the store.

    A bookmark may be taken between two arrivals only.
    """

    def __init__(self, tags: TagMap, cycle: Ticks) -> None:
        self.session, self.known = Session(tags, cycle), Known(tags)
        self.n_arrivals = 0
        self._n_samples = 0

    def feed(self, arrival: Arrival) -> Iterator[Cycle]:
        """Take in what arrived; yield the cycles that are over then."""
        self.n_arrivals += 1
        self._n_samples += 0 if isinstance(arrival, Note) else len(arrival)
        self.known.recall([arrival])
        yield from self.session.feed(arrival)

    @property
    def is_bookmark_due(self) -> bool:
        """Tell whether much was read since the last one."""
        return self._n_samples >= EVERY

    def bookmark(self, folder: Path) -> None:
        """Write down in ``folder`` how far reading has come.

        Raises
        ------
        ResultError
            When it cannot be written.
        """
        folder.mkdir(exist_ok=True)
        state = {"arrivals": self.n_arrivals, "session": self.session.state(), "known": self.known.state()}
        write_text(folder / f"{self.session.number:08}.json", json.dumps(state))
        for path in sorted(folder.glob("*.json"))[:-_KEPT]:
            path.unlink()
        self._n_samples = 0

    def go_on(self, folder: Path, cycle: int, n_stored: int) -> None:
        """Go on from the latest bookmark in ``folder`` that lies no later than ``cycle``; else from nothing.

        A bookmark that cannot be used costs time only: what it would have told is in the store, of ``n_stored``
        arrivals. One that knows of more is later than what a power failure has left.
        """
        for path in sorted(folder.glob("*.json"), reverse=True):
            if path.stem.isdigit() and int(path.stem) <= cycle and self._restore(path, n_stored):
                return

    def _restore(self, path: Path, n_stored: int) -> bool:
        session, known = self.session.empty(), self.known.empty()
        try:
            state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            session.restore(state["session"])
            known.restore(state["known"])
            n_arrivals = int(state["arrivals"])
        except (OSError, ResultError, ValueError, KeyError, TypeError):
            return False
        if n_arrivals > n_stored:
            return False
        self.session, self.known, self.n_arrivals = session, known, n_arrivals
        return True
