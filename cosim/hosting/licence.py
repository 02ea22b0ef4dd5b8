"""Seats of a licence, shared by everything that this user runs on this machine: one locked file for each seat.

The system takes a lock back when the process that holds it ends, however it does.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Final
from weakref import finalize

from cosim.errors import FmuError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

POLL: Final = 0.2
"""Between two looks for a free seat [s]."""


@dataclass(frozen=True, slots=True)
class Licence:
    """Of licence ``name`` there are ``seats``; one that wants one waits ``patience`` [s] for it."""

    name: str
    seats: int
    patience: float


class Seat:
    """One seat, held until ``leave``."""

    def __init__(self, descriptor: int) -> None:
        self._leave = finalize(self, os.close, descriptor)

    def leave(self) -> None:
        """Give it back; legal any number of times."""
        self._leave()


def take_seat(licence: Licence, component: str) -> Seat:
    """Return a seat of ``licence`` for ``component``, when one is free.

    Raises
    ------
    FmuError
        When none becomes free in time, or seats cannot be counted here.
    """
    folder = state_folder() / "licences" / licence.name
    if fcntl is None:
        raise FmuError("The seats of a licence cannot be counted on this system. Remove 'licence'.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        begin, is_told = monotonic(), False
        while True:
            for number in range(licence.seats):
                seat = _try_seat(folder / f"{number + 1}.lock")
                if seat is not None:
                    return seat
            if monotonic() - begin >= licence.patience:
                raise FmuError(_none_free(licence, component), component=component)
            if not is_told:
                text = "'%s' waits for one of %d seats of licence '%s', for at most %g s."
                logging.getLogger("cosim.hosting").warning(
                    text, component, licence.seats, licence.name, licence.patience
                )
                is_told = True
            sleep(min(POLL, licence.patience))
    except OSError as error:
        text = f"The seats of licence '{licence.name}' cannot be counted in '{folder}': {error.strerror}."
        raise FmuError(text, component=component) from error


def state_folder() -> Path:
    """Return the folder of what concerns all runs of this user; ``COSIM_STATE`` overrides it."""
    override = os.environ.get("COSIM_STATE")
    if override:
        return Path(override)
    import platformdirs

    return Path(platformdirs.user_state_dir("cosim"))


def _try_seat(path: Path) -> Seat | None:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return Seat(descriptor)


def _none_free(licence: Licence, component: str) -> str:
    seats = f"the seat of licence '{licence.name}' is" if licence.seats == 1 else _all_seats(licence)
    return (
        f"'{component}' got no licence: {seats} taken, and none became free in {licence.patience:g} s. Wait until "
        "other runs have ended, or give 'wait' of the licence more time."
    )


def _all_seats(licence: Licence) -> str:
    return f"all {licence.seats} seats of licence '{licence.name}' are"
