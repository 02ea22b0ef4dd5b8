"""Runs of an FMU by itself: a point of the design and courses of inputs in, all outputs at every step out."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np

from cosim.clock import Ticks
from cosim.errors import ResultError, StudyError
from cosim.instance.contract import AbstractInstance
from cosim.surrogate.model import Array, Plan, Runs
from cosim.whole_file import whole_file

_NAMES: Final = ("parameters", "inputs", "outputs")


def sample(instance: AbstractInstance, plan: Plan, point: Array, inputs: Array) -> Array:
    """Return the outputs (n_steps + 1, n_outputs) of one run from the beginning of ``instance``, which is reset first.

    Raises
    ------
    StepError
        When the FMU fails.
    """
    instance.reset()
    starts = {name: value for name, value in plan.starts.items() if name not in plan.input_names}
    varied = dict(zip(plan.varied, point.tolist(), strict=True))
    declared = instance.description.variables
    changed = {name: value for name, value in {**starts, **varied}.items() if value != declared[name].start}
    instance.set_start(changed)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    written, told = instance.group(plan.input_names), instance.group(plan.output_names)
    instance.write(written, np.ascontiguousarray(inputs[0]))
    instance.exit_initialization()
    outputs = np.empty((plan.n_steps + 1, len(plan.output_names)))
    instance.read(told, outputs[0])
    for k in range(plan.n_steps):
        instance.write(written, np.ascontiguousarray(inputs[k]))
        instance.step(Ticks(k * plan.step), plan.step)
        instance.read(told, outputs[k + 1])
    instance.terminate()
    return outputs


class Store:
    """A folder with a file for each run that is done, so that what was sampled is sampled once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, run: int) -> Path:
        """Return where ``run`` is kept."""
        return self.folder / f"run-{run:06d}.npz"

    def has(self, run: int) -> bool:
        """Tell whether ``run`` is kept."""
        return self.path(run).is_file()

    def keep(self, run: int, point: Array, inputs: Array, outputs: Array) -> None:
        """Keep a run, whole or not at all."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, parameters=point, inputs=inputs, outputs=outputs)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with whole_file(self.path(run), mode=0o600) as file:
                file.write(buffer.getvalue())
        except OSError as error:
            raise ResultError(f"Cannot keep a sampled run in '{self.folder}': {error}. Free space there.") from error

    def load(self, runs: list[int], plan: Plan) -> Runs:
        """Return the ``runs``.

        Raises
        ------
        StudyError
            When what is kept is not what was planned.
        """
        parts: dict[str, list[Array]] = {name: [] for name in _NAMES}
        for run in runs:
            try:
                with np.load(self.path(run), allow_pickle=False) as kept:
                    for name in _NAMES:
                        parts[name].append(np.asarray(kept[name], dtype=np.float64))
            except (OSError, ValueError, KeyError, BadZipFile) as error:
                raise StudyError(f"The sampled run '{self.path(run)}' cannot be read. Remove that file.") from error
        shape = (len(runs), plan.n_steps + 1, len(plan.output_names))
        arrays = [np.stack(parts[name]) for name in _NAMES]
        if arrays[2].shape != shape:
            raise StudyError(f"The sampled runs in '{self.folder}' are not those of the plan. Remove the folder.")
        return Runs(*arrays)


def data_hash(runs: Runs) -> str:
    """Return the SHA-256 of all numbers of ``runs``."""
    digest = hashlib.sha256()
    for array in (runs.parameters, runs.inputs, runs.outputs):
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()
