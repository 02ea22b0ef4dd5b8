"""A shadow on a page: its board, and what people decide on its advice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cosim.acting.advice import Verdict
from cosim.acting.decisions import decide
from cosim.errors import RequestError
from cosim.live.page.board import Board, Message

FOLDER: Final = "folder"
"""The kind of message that tells where a shadow keeps what it does, which no page is told."""


class Displayed:
    """Takes what a shadow tells, in this process or another."""

    def __init__(self) -> None:
        self.board = Board()
        self._folder: Path | None = None

    def take(self, message: Message) -> None:
        """Take in a message; legal in any thread."""
        if message["kind"] == FOLDER:
            self._folder = Path(message["folder"])
        else:
            self.board.take(message)

    def decide(self, advice: str, person: str, why: str, *, is_accepted: bool) -> None:
        """Record what ``person`` says to ``advice``, in the audit trail first.

        Raises
        ------
        CosimError
            When there is no such advice, it is decided already, or the trail cannot be written.
        """
        if self._folder is None or not (advice.isascii() and advice.isdigit() and len(advice) < 10):
            raise RequestError(f"There is no advice '{advice}'. Look at the page again.")
        verdict = Verdict.ACCEPTED if is_accepted else Verdict.REJECTED
        decide(self._folder, int(advice), verdict, person=person, why=why)
        self.board.take({"kind": "verdict", "number": int(advice), "verdict": verdict.value, "who": person})
