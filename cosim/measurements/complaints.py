"""Problems of one file of data, each with its row and column, collected and raised at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from cosim.errors import CosimError, ScenarioError, raise_all

Value = TypeVar("Value")

MOST_SHOWN: Final = 50


def letters(column: int) -> str:
    """Return what spreadsheets call the column with this number, from 0 on: A to Z, then AA."""
    text = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


class Complaints:
    """Collects what is wrong with the file at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: list[CosimError] = []

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)

    def add(self, text: str, row: int | None = None, column: int | None = None) -> None:
        """Note ``text``, a sentence without its subject's place; rows count from 1, columns from 0."""
        place = f"'{self.path}'"
        if row is not None:
            place += f", row {row}"
        if column is not None:
            place += f", column {letters(column)}"
        self._found.append(ScenarioError(f"{place}: {text}"))

    def attempt(self, read: Callable[[], Value], row: int | None = None, column: int | None = None) -> Value | None:
        """Return what ``read`` returns; when it raises, note that and return None."""
        try:
            return read()
        except CosimError as error:
            self.add(error.message, row, column)
            return None

    def raise_all(self) -> None:
        """Raise what was found, at most 50 problems and how many more there are.

        Raises
        ------
        ScenarioError, ProblemList
            When anything was.
        """
        more = len(self._found) - MOST_SHOWN
        shown = self._found[:MOST_SHOWN]
        if more > 0:
            shown.append(ScenarioError(f"'{self.path}': {more} more problems are not shown."))
        raise_all(shown)
