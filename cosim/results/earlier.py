"""What a run had recorded before it was interrupted, to be completed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import h5py
import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import CheckpointError, ResultError
from cosim.results import layout
from cosim.results.checkpoints import Recorded
from cosim.results.result import opened

SUFFIX: Final = ".earlier"
"""Added to the name while what it holds is copied."""


class Earlier:
    """The result file that an interrupted run left, up to ``recorded``.

    Until ``give_up`` it is complete on disk at every moment, under one name or another.
    """

    def __init__(self, folder: Path, recorded: Recorded) -> None:
        """Find the file.

        Raises
        ------
        CheckpointError
            When there is none, or it holds less than ``recorded``.
        """
        self.recorded = recorded
        self._final = folder / layout.FILE_NAME
        self._partial = folder / (layout.FILE_NAME + layout.PARTIAL_SUFFIX)
        self._aside = folder / (layout.FILE_NAME + SUFFIX)
        self._path = self._find()
        with self.opened() as file:
            self.start = Ticks(int(file.attrs["start_ticks"]))

    def _find(self) -> Path:
        """Return the file that holds enough; there are several where completing one was interrupted as well."""
        problems: list[ResultError] = []
        for path in (self._aside, self._partial, self._final):
            if path.is_file():
                self._path = path
                try:
                    with self.opened() as file:
                        self._check(file)
                    return path
                except ResultError as error:
                    problems.append(error)
        if problems:
            raise problems[0]
        raise CheckpointError(f"'{self._final.parent}' has no '{layout.FILE_NAME}' that could be completed.")

    def set_aside(self) -> None:
        """Make way for the file that will hold everything."""
        if self._path == self._partial:
            os.replace(self._partial, self._aside)
            self._path = self._aside

    def give_up(self) -> None:
        """Remove the file, unless it is a result of its own that the completed one replaces at the end."""
        if self._path == self._aside:
            self._aside.unlink()

    @contextmanager
    def opened(self) -> Iterator[h5py.File]:
        """Open the file for ``samples`` and ``happenings``."""
        with opened(self._path) as file:
            self._file = file
            yield file

    def samples(self, component: str, length: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Yield ticks (n,) and values (n_variables, n) in blocks of ``length``, the last one shorter."""
        group = self._file[layout.COMPONENTS][component]
        n_samples = self.recorded.samples[component]
        for first in range(0, n_samples, length):
            part = slice(first, min(first + length, n_samples))
            yield group[layout.TICKS][part], group[layout.VALUES][:, part]

    def happenings(self) -> str:
        """Return the happenings as they were written."""
        lines = bytes(self._file[layout.HAPPENINGS][:]).decode("utf-8").splitlines(keepends=True)
        return "".join(lines[: self.recorded.n_happenings])

    def _check(self, file: h5py.File) -> None:
        for name, n_samples in self.recorded.samples.items():
            group = file[layout.COMPONENTS][name]
            n_found = min(group[layout.TICKS].shape[0], group[layout.VALUES].shape[1])
            if n_found < n_samples:
                raise CheckpointError(
                    f"'{self._path}' holds {n_found} samples of '{name}', and the checkpoint was taken after "
                    f"{n_samples}."
                )
        if len(self.happenings().splitlines()) < self.recorded.n_happenings:
            raise CheckpointError(f"'{self._path}' holds less than when the checkpoint was taken.")
