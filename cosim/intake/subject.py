"""The FMU under trial: how its instances are started, read and disturbed, and what they take of their process."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, format_ticks
from cosim.fmu import FmuFile
from cosim.instance.contract import AbstractInstance
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variable, VariableType

Values = NDArray[np.float64]

PERTURBATION: Final = 1e-4
"""Of inputs, relative to their start or nominal values: to see what depends on them."""
MOST_INPUTS: Final = 200
MOST_OUTPUTS: Final = 2000


@dataclass(frozen=True, slots=True)
class Subject:
    """The FMU under trial, how it is started, the communication step [ticks], and whom to tell what comes next."""

    file: FmuFile
    starts: Mapping[str, StartValue]
    size: Ticks
    tell: Callable[[str], None]

    def names(self, causalities: Sequence[Causality], *, are_real: bool) -> list[str]:
        """Return the numeric scalar variables of ``causalities``; ``are_real``: no counters, no switches."""
        variables = self.file.description.variables.values()
        found = [item.name for item in variables if _is_plain(item, causalities) and (_is_real(item) or not are_real)]
        return found[:MOST_OUTPUTS]

    @contextmanager
    def instance(self, name: str = "probe") -> Iterator[AbstractInstance]:
        """Make an instance and free it in the end."""
        self.tell("instantiating it")
        with self.file.instantiate(name) as instance:
            yield instance
            self.tell("freeing it")

    def initialise(self, instance: AbstractInstance) -> None:
        """Bring ``instance`` to the point from which it steps."""
        self.tell("setting start values")
        instance.set_start(self.starts)
        self.tell("initialising it")
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        instance.exit_initialization()

    def step(self, instance: AbstractInstance, time: Ticks, size: Ticks) -> None:
        """Step ``instance``, having said so."""
        self.tell(f"stepping it from {format_ticks(time)} by {format_ticks(size)}")
        instance.step(time, size)


def _is_plain(item: Variable, causalities: Sequence[Causality]) -> bool:
    return item.causality in causalities and item.type.is_numeric and not item.shape


def _is_real(item: Variable) -> bool:
    return item.type in (VariableType.FLOAT64, VariableType.FLOAT32)


class Reader:
    """Reads outputs and local variables of an instance as numbers."""

    def __init__(
        self, subject: Subject, instance: AbstractInstance, *causalities: Causality, are_real: bool = False
    ) -> None:
        """Prepare them; outputs alone where nothing is said."""
        self.names = subject.names(causalities or (Causality.OUTPUT,), are_real=are_real)
        self._instance = instance
        self._group = instance.group(self.names)

    def read(self) -> Values:
        """Return the values now."""
        values = np.zeros(len(self.names))
        self._instance.read(self._group, values)
        return values


def digest(values: Values) -> str:
    """Return a fingerprint of ``values``."""
    return hashlib.blake2b(values.tobytes(), digest_size=8).hexdigest()


def resident() -> int:
    """Return the memory of this process that is in use [bytes]; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def handles() -> int:
    """Return the number of open files of this process; 0 where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 0


def threads() -> int:
    """Return the number of threads of this process, those of libraries included."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


def disturb(subject: Subject, instance: AbstractInstance) -> None:
    """Give real inputs other values than at the start."""
    inputs = real_inputs(subject)
    values = np.array([start_of(item) + change_of(item) for item in inputs])
    subject.tell("writing its inputs")
    instance.write(instance.group([item.name for item in inputs]), values)


def real_inputs(subject: Subject) -> list[Variable]:
    """Return the real inputs, at most ``MOST_INPUTS``."""
    variables = subject.file.description.variables.values()
    inputs = [item for item in variables if _is_plain(item, (Causality.INPUT,)) and _is_real(item)]
    return inputs[:MOST_INPUTS]


def start_of(item: Variable) -> float:
    """Return the start value, 0 where there is none."""
    return float(item.start) if isinstance(item.start, int | float) else 0.0


def change_of(item: Variable) -> float:
    """Return a small change that stays within the stated range."""
    start = start_of(item)
    change = PERTURBATION * (abs(start) or abs(item.nominal or 0.0) or 1.0)
    return -change if item.maximum is not None and start + change > item.maximum else change
