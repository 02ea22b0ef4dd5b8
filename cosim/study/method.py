"""What a method is: which runs it wants, and what it makes of their responses.

A method is a frozen dataclass whose options are declared with ``cosim.algorithm.option.option``. It takes one file in
``methods/``, one line in ``methods/__init__.py`` and one test.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cosim.study.model import StudyFile
from cosim.study.problem import Array, Problem

Cell = float | int | str | None
MOST_RUNS: Final = 1_000_000
"""Of a study: more would not fit into memory and patience."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of numbers and names; ``units`` by column, '' for none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the answer: a ``key`` for programs, a title, a sentence, a table and a drawing (SVG)."""

    key: str
    title: str
    text: str
    table: Table
    drawing: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a study found; ``verdict`` is one sentence, ``warnings`` what should make one doubt it."""

    verdict: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = field(default=())

    def table(self, key: str) -> Table:
        """Return the table of the section ``key``; raise KeyError when there is none."""
        return {section.key: section.table for section in self.sections}[key]


@dataclass(frozen=True, slots=True)
class Runs:
    """Points (n, k) in the units of the factors and responses (n, m), NaN where a run gave no value."""

    points: Array
    values: Array


Batches = Generator[Array, Array, None]
"""Yields points (n, k) to run next and is sent their responses (n, m)."""


class AbstractMethod(ABC):
    """Plans runs and answers the question they were made for."""

    @abstractmethod
    def objections(self, problem: Problem) -> Sequence[str]:
        """Return why this method cannot be used for ``problem``, in sentences."""

    @abstractmethod
    def batches(self, problem: Problem) -> Batches:
        """Plan the runs, batch by batch; the same at every call with the same ``problem`` and responses."""

    @abstractmethod
    def answer(self, problem: Problem, runs: Runs) -> Answer:
        """Answer from all ``runs``, in the order planned."""


class AbstractCompletion(ABC):
    """What a method also is whose files say more of a study: factors, parameters, responses."""

    @abstractmethod
    def completed(self, study: StudyFile) -> StudyFile:
        """Return ``study`` with what the files of the method ask of it.

        Raises
        ------
        CosimError
            When they cannot be used.
        """


def correlated(problem: Problem, name: str) -> list[str]:
    """Object to correlations."""
    if problem.correlations is None:
        return []
    return [f"Method '{name}' takes factors as independent. Remove 'correlations', or use monte_carlo."]


def unbounded(problem: Problem, name: str) -> list[str]:
    """Object to factors without a range."""
    names = [factor.name for factor in problem.factors if not factor.distribution.is_bounded]
    listed = ", ".join(names)
    return [f"Method '{name}' goes to the ends of ranges, and {listed} has none. Give from and to."] if names else []


def categorical(problem: Problem, name: str) -> list[str]:
    """Object to factors whose values have no order."""
    names = [factor.name for factor in problem.factors if factor.is_categorical]
    listed = ", ".join(names)
    why = f"Method '{name}' needs numbers, and {listed} is categorical"
    return [f"{why}. Leave it out, or use full_factorial, latin_hypercube or table."] if names else []
