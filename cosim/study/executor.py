"""Who makes the runs: the contract that this process, a pool of processes and a cluster satisfy."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from cosim.clock import format_ticks, to_ticks

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
    faults: Sequence[Mapping[str, Any]] = ()
    """As ``Fault`` writes them."""
    latest: float = 0.0
    """When a run with a fault ends at the latest [s]."""
    signals: Sequence[str] = ()
    """Variables whose trajectories are kept, at multiples of ``every`` [s]."""
    every: float = 0.0
    time_limit: float = 0.0
    """[s] of wall time that a run may take; 0 for any."""

    def document(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


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
    signals: NDArray[np.float64] | None = None
    """Times [s] and the signals of the order, in columns."""

    def document(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        missing = {str(key): text for key, text in self.missing.items()}
        return {
            "run": self.run, "status": self.status, "values": self.values, "reason": self.reason,
            "missing": missing, "seconds": self.seconds, "signals": _written(self.signals),
        }  # fmt: skip

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Done:
        """Read what ``document`` wrote."""
        missing = {int(key): text for key, text in document["missing"].items()}
        values = tuple(document["values"])
        how = document["status"], values, document["reason"], missing, document["seconds"]
        return cls(document["run"], *how, _read(document["signals"]))


def _written(signals: NDArray[np.float64] | None) -> list[Any] | None:
    if signals is None:
        return None
    return [signals.shape[1], base64.b64encode(signals.astype("<f8").tobytes()).decode("ascii")]


def _read(written: Sequence[Any] | None) -> NDArray[np.float64] | None:
    if written is None:
        return None
    found: NDArray[np.float64] = np.frombuffer(base64.b64decode(written[1]), dtype="<f8").reshape(-1, written[0])
    return found


def too_long(time_limit: float) -> str:
    """Return why a run was ended that had taken longer than ``time_limit`` [s]."""
    return f"It took longer than its time limit of {format_ticks(to_ticks(time_limit))}."


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
