"""Checkpoints in the folder of a run: written whole or not at all, the last two kept.

A file is a line ``cosim checkpoint 1 <SHA-256 of the rest>`` and a ZIP archive: ``state.json``, the arrays that it
refers to as ``<place>.npy``, and ``instances/<component>``, the state of each instance in its own form.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from cosim.clock import Ticks
from cosim.errors import CheckpointError
from cosim.execution.checkpoint import Checkpoint
from cosim.results.document import cannot_write, write_bytes
from cosim.results.room import require_room

FOLDER: Final = "checkpoints"
KEPT: Final = 2
"""Checkpoints kept: the last one, and the one before in case the last is damaged."""
LARGEST: Final = 1 << 36
"""Bytes that a checkpoint may need in memory; more is taken for damage [B]."""
_MAGIC: Final = b"cosim checkpoint 1 "
_LOCK: Final = "lock"
_NAME: Final = re.compile(r"([0-9]{6,})\.checkpoint")
_HALF: Final = re.compile(r"\.[0-9]{6,}\.checkpoint\..*")
"""What ``write_bytes`` calls a checkpoint that is being written."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """How much of a result had been written: samples by component, and happenings."""

    samples: Mapping[str, int]
    n_happenings: int


def write_checkpoint(run: Path, checkpoint: Checkpoint, recorded: Recorded) -> Path:
    """Write ``checkpoint`` into the folder of ``run`` and remove all but the last ones.

    Raises
    ------
    ResultError
        When it cannot be written; those written before are untouched.
    """
    data = pack(checkpoint, recorded)
    folder = run / FOLDER
    path = folder / f"{max((number for number, _ in _found(run)), default=0) + 1:06}.checkpoint"

    def make_room() -> None:
        folder.mkdir(exist_ok=True)
        require_room(folder / path.name, len(data))

    write_bytes(path, _MAGIC + hashlib.sha256(data).hexdigest().encode() + b"\n" + data, before=make_room)
    for _, earlier in _found(run)[:-KEPT]:
        earlier.unlink(missing_ok=True)
    return path


def checkpoints(run: Path) -> list[Path]:
    """Return the checkpoints of ``run``, the last one first."""
    return [path for _, path in reversed(_found(run))]


def remove_checkpoints(run: Path) -> None:
    """Remove the checkpoints of a run that has been completed; what is not ours stays."""
    halves = [path for path in (run / FOLDER).glob(".*") if _HALF.fullmatch(path.name)]  # of killed processes
    for path in (*checkpoints(run), *halves, run / FOLDER / _LOCK):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (run / FOLDER).rmdir()


@contextlib.contextmanager
def locked(run: Path) -> Iterator[bool]:
    """Keep other processes from writing checkpoints of ``run``; False when one does already."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        yield True
        return
    try:
        (run / FOLDER).mkdir(exist_ok=True)
        descriptor = os.open(run / FOLDER / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise cannot_write(run / FOLDER, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def read_checkpoint(path: Path) -> tuple[Checkpoint, Recorded]:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError
        When it cannot be read or is damaged.
    """
    try:
        head, _, data = path.read_bytes().partition(b"\n")
        if not head.startswith(_MAGIC):
            raise ValueError("it is no checkpoint of this version of cosim")
        if hashlib.sha256(data).hexdigest().encode() != head[len(_MAGIC) :]:
            raise ValueError("its content is not what was written")
        return unpack(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"The checkpoint '{path}' cannot be read: {error}.") from error


def _found(run: Path) -> list[tuple[int, Path]]:
    folder = run / FOLDER
    names = [(_NAME.fullmatch(path.name), path) for path in folder.iterdir()] if folder.is_dir() else []
    return sorted((int(match[1]), path) for match, path in names if match)


def pack(checkpoint: Checkpoint, recorded: Recorded) -> bytes:
    """Return the archive that ``unpack`` reads."""
    state = {
        "time": checkpoint.time,
        "recorded": {"samples": dict(recorded.samples), "happenings": recorded.n_happenings},
        "execution": checkpoint.document,
        "instances": list(checkpoint.instances),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("state.json", json.dumps(state, allow_nan=False))
        for i, array in enumerate(checkpoint.arrays):
            with archive.open(f"{i}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
        for name, state_of_instance in checkpoint.instances.items():
            archive.writestr(f"instances/{name}", state_of_instance)
    return stream.getvalue()


def unpack(data: bytes) -> tuple[Checkpoint, Recorded]:
    """Return what ``pack`` put into ``data``; other data raise ValueError, KeyError, TypeError or BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise ValueError(f"it needs more than {LARGEST >> 30} GiB")
        state = json.loads(archive.read("state.json"))
        n_arrays = sum(name.endswith(".npy") and "/" not in name for name in archive.namelist())
        arrays = []
        for i in range(n_arrays):
            with archive.open(f"{i}.npy") as file:
                arrays.append(np.lib.format.read_array(file, allow_pickle=False))
        instances = {name: archive.read(f"instances/{name}") for name in state["instances"]}
    recorded = Recorded(state["recorded"]["samples"], state["recorded"]["happenings"])
    return Checkpoint(Ticks(state["time"]), state["execution"], arrays, instances), recorded
