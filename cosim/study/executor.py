"""Who makes the runs: the contract that this process, a pool of processes and a cluster satisfy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

Status = Literal["completed", "failed", "crashed"]
"""'failed': the run ended with an error; 'crashed': whatever ran it was lost, more than once."""


@dataclass(frozen=True, slots=True)
class Order:
    """What all runs of a study have in common; plain values, for it travels as JSON.

    ``measures`` are as ``parse_measure`` reads them, with the unit, factor and offset in which each is told.
    """

    scenario: str
    sha256: str
    """Of the scenario's text."""
    parameters: Mapping[str, str | float | int | bool]
    targets: Sequence[str]
    measures: Sequence[tuple[str, str, float, float]]

    def document(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        names = ("scenario", "sha256", "parameters", "targets", "measures")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Task:
    """One run: its number in the plan and the values of the factors as the variables take them."""

    run: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """One run that has ended; a response is None where the run gave no value, with the reason in ``missing``."""

    run: int
    status: Status
    values: tuple[float | None, ...]
    reason: str = ""
    missing: Mapping[int, str] = field(default_factory=dict)
    """Why, by the number of the response."""
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        missing = {str(key): text for key, text in self.missing.items()}
        return {
            "run": self.run, "status": self.status, "values": self.values, "reason": self.reason,
            "missing": missing, "seconds": self.seconds,
        }  # fmt: skip

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Done:
        """Read what ``document`` wrote."""
        missing = {int(key): text for key, text in document["missing"].items()}
        values = tuple(document["values"])
        return cls(document["run"], document["status"], values, document["reason"], missing, document["seconds"])


class AbstractExecutor(ABC):
    """Makes runs, in any order; use it in a ``with`` block, which ends whatever it started."""

    @abstractmethod
    def run(self, tasks: Sequence[Task]) -> Iterator[Done | None]:
        """Yield runs as they end, and None now and then while none does. Closing the iterator gives up the others.

        Raises
        ------
        StudyError
            When no run can be made at all.
        """

    @abstractmethod
    def close(self) -> None:
        """End what was started; legal any number of times."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
