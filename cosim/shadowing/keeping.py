"""What an estimator needs to go on, in the folder of its shadow: written whole or not at all, the last few kept.

A file is a line ``cosim estimator 2 <SHA-256 of the rest>`` and a ZIP archive: ``state.json``, arrays as
``<name>.npy``, and ``members/<number>``, a checkpoint each.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosim.clock import Ticks
from cosim.errors import CheckpointError
from cosim.estimation import Belief, Consistency, Memory
from cosim.estimation.belief import Array
from cosim.execution.checkpoint import Checkpoint
from cosim.results.checkpoints import LARGEST, Recorded, pack, unpack
from cosim.results.document import write_bytes

FOLDER: Final = "estimator"
KEPT: Final = 3
"""Files kept: as many as checkpoints of the twin, and one that may be ahead of them."""
_MAGIC: Final = b"cosim estimator 2 "
_SUFFIX: Final = ".kept"


@dataclass(frozen=True, slots=True)
class Kept:
    """An estimator at one time; ``notes`` are plain values that others keep along with it."""

    checkpoints: Sequence[Checkpoint]
    belief: Belief
    consistency: Consistency
    memory: Memory
    prior: Array
    notes: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)


def write_kept(run: Path, kept: Kept) -> None:
    """Put ``kept`` into the folder of ``run``, and remove all but the last few.

    Raises
    ------
    ResultError
        When it cannot be written; those written before are untouched.
    """
    folder = run / FOLDER
    data = _packed(kept)
    path = folder / f"{kept.belief.time:020}{_SUFFIX}"
    head = _MAGIC + hashlib.sha256(data).hexdigest().encode() + b"\n"
    write_bytes(path, head + data, before=lambda: folder.mkdir(exist_ok=True))
    for earlier in sorted(folder.glob(f"*{_SUFFIX}"))[:-KEPT]:
        earlier.unlink(missing_ok=True)


def read_kept(run: Path, time: Ticks) -> Kept:
    """Return what was kept at ``time``; what was kept later is removed.

    Raises
    ------
    CheckpointError
        When there is none, or it is damaged.
    """
    for path in (run / FOLDER).glob(f"*{_SUFFIX}"):
        if path.stem.isdigit() and int(path.stem) > time:
            path.unlink(missing_ok=True)
    path = run / FOLDER / f"{time:020}{_SUFFIX}"
    try:
        head, _, data = path.read_bytes().partition(b"\n")
        if head != _MAGIC + hashlib.sha256(data).hexdigest().encode():
            raise ValueError("its content is not what was written")
        return _unpacked(data)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"What the estimator kept in '{path}' cannot be read: {error}.") from error


def remove_kept(run: Path) -> None:
    """Remove what was kept in the folder of ``run``, whose batch is over; what is not ours stays."""
    for path in (run / FOLDER).glob(f"*{_SUFFIX}"):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        (run / FOLDER).rmdir()


def _packed(kept: Kept) -> bytes:
    consistency = kept.consistency
    state = {
        "time": kept.belief.time,
        "inflation": kept.belief.inflation,
        "consistency": {
            "window": consistency.window, "most": consistency.most, "rate": consistency.rate,
            "squares": list(consistency.squares), "freedoms": list(consistency.freedoms),
            "inflation": consistency.inflation,
        },
        "remembered": list(kept.memory.times),
        "n_members": len(kept.checkpoints),
        "notes": dict(kept.notes),
        "memory": list(kept.memory.arrays),
        "more": list(kept.arrays),
    }  # fmt: skip
    belief = kept.belief
    arrays = {"mean": belief.mean, "covariance": belief.covariance, "members": belief.members, "prior": kept.prior}
    arrays |= {f"memory/{name}": array for name, array in kept.memory.arrays.items()}
    arrays |= {f"more/{name}": array for name, array in kept.arrays.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("state.json", json.dumps(state))
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
        for i, checkpoint in enumerate(kept.checkpoints):
            archive.writestr(f"members/{i}", pack(checkpoint, Recorded({}, 0)))
    return stream.getvalue()


def _unpacked(data: bytes) -> Kept:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise ValueError(f"it needs more than {LARGEST >> 30} GiB")
        state = json.loads(archive.read("state.json"))
        names = ["mean", "covariance", "members", "prior"]
        names += [f"{group}/{name}" for group in ("memory", "more") for name in state[group]]
        arrays = {}
        for name in names:
            with archive.open(f"{name}.npy") as file:
                arrays[name] = np.lib.format.read_array(file, allow_pickle=False)
        checkpoints = [unpack(archive.read(f"members/{i}"))[0] for i in range(state["n_members"])]
    consistency = Consistency(**state["consistency"])
    time, mean, covariance = Ticks(state["time"]), arrays["mean"], arrays["covariance"]
    belief = Belief(time, mean, covariance, arrays["members"], state["inflation"])
    remembered = {name: arrays[f"memory/{name}"] for name in state["memory"]}
    memory = Memory(tuple(Ticks(time) for time in state["remembered"]), remembered)
    more = {name: arrays[f"more/{name}"] for name in state["more"]}
    return Kept(checkpoints, belief, consistency, memory, arrays["prior"], state["notes"], more)
