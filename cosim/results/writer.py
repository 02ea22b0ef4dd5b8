"""The observer that keeps a run: samples, happenings and outcome stream into ``result.h5``."""

from __future__ import annotations

import contextlib
import os
import time as wall
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.execution.observer import AbstractBlockObserver, AbstractObserver, Progress, SampleBlock
from cosim.execution.outcome import Happening, Outcome
from cosim.results import layout
from cosim.results.checkpoints import Recorded
from cosim.results.document import cannot_write, encode
from cosim.results.earlier import Earlier
from cosim.results.header import RunHeader, run_document
from cosim.results.records import FindingLike, expectation
from cosim.results.room import require_room
from cosim.system.variable import Variable, VariableName

Read = Callable[[VariableName], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Returns times [s] (n,) and values (n,) of a recorded variable, in its own unit."""

Evaluate = Callable[[Read, Outcome], Sequence[FindingLike]]
"""Judges the expectations of a scenario once the run has ended."""

BLOCK: int = 1024
"""Samples kept in memory per component before they are written; also the length of a chunk in the file."""


class ResultWriter(AbstractObserver, AbstractBlockObserver):
    """Streams a run into ``path``, under a temporary name until it ends.

    Until ``finished`` the file is ``path`` + ``.partial``; then it takes its name in one rename, so that an earlier
    result of that name is lost at no moment. Blocks are written when full and at least every ``flush_interval`` [s] of
    wall time in which progress is reported.

    Every method raises :class:`ResultError` naming the file when the disk is full or the file cannot be written; what
    was flushed before stays readable.
    """

    def __init__(
        self,
        path: Path,
        header: RunHeader,
        *,
        evaluate: Evaluate | None = None,
        flush_interval: float = 1.0,
        earlier: Earlier | None = None,
    ) -> None:
        """Keep what to write where, after what ``earlier`` holds; nothing is opened before ``started``."""
        self._path = path
        self._partial = path.with_name(path.name + layout.PARTIAL_SUFFIX)
        self._header = header
        self._evaluate = evaluate
        self._earlier = earlier
        self._flush_interval = flush_interval
        self._flushed_at = wall.monotonic()
        self._file: h5py.File | None = None
        self._recordings: dict[str, _Recording] = {}
        self._happenings: _Text | None = None
        self._n_happenings = 0 if earlier is None else earlier.recorded.n_happenings

    @property
    def path(self) -> Path:
        """Where the result will be."""
        return self._path

    def started(self, time: Ticks, recorded: Mapping[str, tuple[str, ...]]) -> None:
        """Open the file and create everything that it will hold."""
        with self._guarded():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._earlier is not None:
                self._earlier.set_aside()
            require_room(self._partial, 0)
            self._file = h5py.File(self._partial, "w", libver=("v110", "v110"), locking="best-effort")
            self._prepare(self._file, time if self._earlier is None else self._earlier.start, recorded)
            self._file.swmr_mode = True
            if self._earlier is not None:
                self._continue(self._earlier)

    def _continue(self, earlier: Earlier) -> None:
        """Copy what was recorded before; only then is the earlier file given up."""
        with earlier.opened():
            for name, recording in self._recordings.items():
                for ticks, values in earlier.samples(name, recording.length):
                    with self._guarded():  # else what cannot be written would seem to be what cannot be read
                        require_room(self._partial, recording.n_bytes)
                        recording.take_all(ticks, values)
            if self._happenings is not None:
                self._happenings.keep(earlier.happenings())
        self.flush()
        _sync(self._partial)
        earlier.give_up()

    def _prepare(self, file: h5py.File, time: Ticks, recorded: Mapping[str, tuple[str, ...]]) -> None:
        file.attrs["format"] = layout.FORMAT
        file.attrs["format_version"] = layout.FORMAT_VERSION
        file.attrs["start_ticks"] = time
        for name in layout.DOCUMENTS:
            file.create_dataset(name, (0,), maxshape=(None,), chunks=(4096,), dtype="u1")
        _Text(file[layout.RUN]).append(encode(run_document(self._header)))
        self._happenings = _Text(file[layout.HAPPENINGS])
        components = file.create_group(layout.COMPONENTS, track_order=True)
        described = self._header.structure.components
        for name, variables in recorded.items():
            if variables:
                table = described[name].description.variables if name in described else {}
                chosen = [table.get(variable) for variable in variables]
                self._recordings[name] = _Recording(components.create_group(name), variables, chosen)

    def sampled(self, component: str, time: Ticks, values: NDArray[np.float64]) -> None:
        """Keep a sample; write its block when that is full."""
        recording = self._recordings.get(component)
        if recording is not None and recording.take(time, values):
            with self._guarded():
                require_room(self._partial, recording.n_bytes)
                recording.write()
                recording.flush()

    def sampled_block(self, block: SampleBlock) -> None:
        """Keep samples; write each block of the file that they fill."""
        for name, columns in block.columns.items():
            recording = self._recordings.get(name)
            if recording is not None:
                self._take(recording, block.times, block.values[:, columns])

    def _take(self, recording: _Recording, times: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        taken = 0
        while taken < len(times):
            taken += recording.take_some(times[taken:], values[taken:])
            if recording.is_full:
                with self._guarded():
                    require_room(self._partial, recording.n_bytes)
                    recording.write()
                    recording.flush()

    def happened(self, happening: Happening) -> None:
        """Keep a happening for the next flush."""
        if self._happenings is not None:
            self._happenings.keep(encode(happening) + "\n")
            self._n_happenings += 1

    def progressed(self, progress: Progress) -> None:
        """Flush if it is time."""
        if wall.monotonic() - self._flushed_at >= self._flush_interval:
            self.flush()

    def flush(self) -> None:
        """Write everything taken so far; a reader, or a kill, finds it from now on."""
        with self._guarded():
            require_room(self._partial, sum(recording.n_bytes for recording in self._recordings.values()))
            for recording in self._recordings.values():
                recording.write()
                recording.flush()
            if self._happenings is not None:
                self._happenings.write()
        self._flushed_at = wall.monotonic()

    def settle(self) -> Recorded:
        """Write everything taken so far so that it outlives a loss of power; return how much that is."""
        self.flush()
        with self._guarded():
            _sync(self._partial)
        samples = {name: recording.n_samples for name, recording in self._recordings.items()}
        return Recorded(samples, self._n_happenings)

    def finished(self, outcome: Outcome) -> None:
        """Write the outcome, judge the expectations, and give the file its name."""
        if self._file is None:
            return
        self.flush()
        with self._guarded():
            _Text(self._file[layout.OUTCOME]).append(encode(outcome))
            _Text(self._file[layout.FAILURE]).append(encode(outcome.failure))
        if self._evaluate is not None:
            findings = [expectation(finding) for finding in self._evaluate(self.read, outcome)]
            with self._guarded():
                _Text(self._file[layout.EXPECTATIONS]).append(encode(findings))
        with self._guarded():
            self._file.close()
            self._file = None
            _sync(self._partial)
            os.replace(self._partial, self._path)

    def read(self, name: VariableName) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times [s] (n,) and values (n,) of ``name`` as recorded so far, in its own unit."""
        recording = self._recordings.get(name.component)
        if recording is None or name.variable not in recording.variables:
            return np.empty(0), np.empty(0)
        with self._guarded():
            recording.write()
            return recording.column(name.variable)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn a failure to write into an error for the user, and write no more."""
        try:
            yield
        except (OSError, RuntimeError) as error:
            self._abandon()
            problem = error if isinstance(error, OSError) else OSError(str(error))
            raise cannot_write(self._partial, problem) from error

    def _abandon(self) -> None:
        file, self._file = self._file, None
        self._recordings, self._happenings = {}, None
        if file is not None:
            # Closing flushes, and so may hit the same full disk again; what was flushed before is safe.
            with contextlib.suppress(OSError, RuntimeError):
                file.close()


class _Recording:
    """The samples of one component: a block in memory and the datasets it is written to."""

    def __init__(self, group: h5py.Group, variables: tuple[str, ...], described: Sequence[Variable | None]) -> None:
        self.variables = variables
        self._rows = {name: row for row, name in enumerate(variables)}
        n_variables = len(variables)
        length = BLOCK if n_variables <= 256 else max(16, BLOCK * 256 // n_variables)
        self._block = np.empty((length, n_variables))
        self._block_ticks = np.empty(length, dtype=np.int64)
        self._length = length
        self._n = 0
        self._first = 0
        self._ticks = group.create_dataset(layout.TICKS, (0,), maxshape=(None,), chunks=(length,), dtype="i8")
        self._time = group.create_dataset(layout.TIME, (0,), maxshape=(None,), chunks=(length,), dtype="f8")
        rows = max(1, n_variables // 256)
        self._values = group.create_dataset(
            layout.VALUES, (n_variables, 0), maxshape=(n_variables, None), chunks=(rows, length), dtype="f8"
        )
        self._ticks.attrs["unit"], self._time.attrs["unit"] = "ns", "s"
        group.create_dataset(layout.VARIABLES, data=_table(variables, described))

    @property
    def length(self) -> int:
        """Samples in a block."""
        return self._length

    @property
    def n_samples(self) -> int:
        """Samples taken so far."""
        return self._first + self._n

    @property
    def n_bytes(self) -> int:
        """Most bytes that the next write adds to the file: its chunks are written whole."""
        return self._block.nbytes + 2 * self._block_ticks.nbytes

    def take(self, time: Ticks, values: NDArray[np.float64]) -> bool:
        """Keep one sample; tell whether the block is full."""
        n = self._n
        self._block[n] = values
        self._block_ticks[n] = time
        self._n = n + 1
        return self._n == self._length

    def take_some(self, times: NDArray[np.int64], values: NDArray[np.float64]) -> int:
        """Keep the first of many samples (n, n_variables), as far as there is room; return how many."""
        n = min(self._length - self._n, len(times))
        self._block[self._n : self._n + n] = values[:n]
        self._block_ticks[self._n : self._n + n] = times[:n]
        self._n += n
        return n

    @property
    def is_full(self) -> bool:
        """True when the block has to be written."""
        return self._n == self._length

    def take_all(self, ticks: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Keep several samples (n_variables, n) that fit into a block, and write them."""
        n = len(ticks)
        self._block[:n], self._block_ticks[:n], self._n = values.T, ticks, n
        self.write()

    def write(self) -> None:
        """Put the block into the file; a block that is not full stays in memory to be completed."""
        if self._n == 0 or self._first + self._n == self._ticks.shape[0]:
            return
        stop = self._first + self._n
        for dataset in (self._ticks, self._time):
            dataset.resize(stop, 0)
        self._values.resize(stop, 1)
        self._ticks[self._first :] = self._block_ticks[: self._n]
        self._time[self._first :] = self._block_ticks[: self._n] / TICKS_PER_SECOND
        self._values[:, self._first :] = self._block[: self._n].T
        if self._n == self._length:
            self._first, self._n = stop, 0

    def flush(self) -> None:
        """Make the file complete up to the last block written."""
        for dataset in (self._values, self._time, self._ticks):
            dataset.flush()

    def column(self, variable: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times [s] and values of one variable."""
        return self._time[:], self._values[self._rows[variable]]


def _table(variables: Sequence[str], described: Sequence[Variable | None]) -> NDArray[np.void]:
    """Return the table of variables, text in UTF-8 of fixed length: HDF5 allows no other kind in this mode."""
    rows = [_row(name, variable) for name, variable in zip(variables, described, strict=True)]
    widths = [max(1, *(len(row[column]) for row in rows)) for column in range(len(layout.COLUMNS))]
    dtype = np.dtype(
        [(name, h5py.string_dtype("utf-8", width)) for name, width in zip(layout.COLUMNS, widths, strict=True)]
    )
    return np.array(rows, dtype=dtype)


def _row(name: str, variable: Variable | None) -> tuple[bytes, ...]:
    if variable is None:
        texts = (name, "", "", "", "", "", "")
    else:
        texts = (
            name,
            variable.unit or "",
            variable.display_unit or "",
            variable.description,
            variable.causality.value,
            variable.variability.value,
            variable.type.value,
        )
    return tuple(text.replace("\0", "").encode("utf-8", "replace") for text in texts)


class _Text:
    """A growing text in a dataset of bytes."""

    def __init__(self, dataset: h5py.Dataset) -> None:
        self._dataset = dataset
        self._kept: list[str] = []

    def keep(self, text: str) -> None:
        """Remember ``text`` for the next write."""
        self._kept.append(text)

    def write(self) -> None:
        """Append what is remembered."""
        kept, self._kept = self._kept, []
        if kept:
            self.append("".join(kept))

    def append(self, text: str) -> None:
        """Append ``text`` and flush."""
        data = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)
        first = self._dataset.shape[0]
        self._dataset.resize(first + len(data), 0)
        self._dataset[first:] = data
        self._dataset.flush()


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
