"""Which number of an FMU's serialised state is which of its surrogate's: found by comparing, and tried."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cosim.clock import Ticks, to_seconds
from cosim.errors import CosimError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance
from cosim.surrogate.architectures.contract import AbstractModel
from cosim.surrogate.handover import Handover, find_handover
from cosim.surrogate.model import Array, Plan, Runs

if TYPE_CHECKING:
    from cosim.fmu import FmuFile

LAYOUT: Final = "resources/state_layout.json"
LARGEST_LAYOUT: Final = 20_000_000
"""Bytes."""
N_STEPS: Final = 4
"""Steps after which the states are compared."""
CLOSE: Final = 1e-4
"""Relative difference, over what a step changes, of an FMU that was written to and one that was not."""


def find_handover_of(source: FmuFile, plan: Plan, model: AbstractModel, runs: Runs) -> tuple[Handover | None, str]:
    """Return how the state of ``model`` is written into that of the FMU; None, and why not, where it cannot be."""
    layout = _layout(source)
    if layout is None:
        return None, "its FMU does not document its state"
    if not source.description.capabilities.can_serialise_state:
        return None, "the state of its FMU cannot be written"
    try:
        with source.instantiate("identified") as one, source.instantiate("written") as other:
            return _find(layout, one, other, plan, model, runs)
    except CosimError as error:
        return None, f"it could not be tried ({error.message.rstrip('.')})"


def _layout(source: FmuFile) -> Mapping[str, Any] | None:
    try:
        with zipfile.ZipFile(source.path) as archive:
            if archive.getinfo(LAYOUT).file_size > LARGEST_LAYOUT:
                return None
            layout = json.loads(archive.read(LAYOUT))
            return layout if layout["format"] == "cosim FMU state" and layout["version"] == 1 else None
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return None


def _find(
    layout: Mapping[str, Any],
    one: AbstractInstance,
    other: AbstractInstance,
    plan: Plan,
    model: AbstractModel,
    runs: Runs,
) -> tuple[Handover | None, str]:
    random = np.random.default_rng(0)
    courses = [model.probing_inputs(runs, random) for _ in range(N_STEPS + 1)]
    for instance in (one, other):
        _begin(instance, plan, runs, courses[0])
    before = _outputs(one, plan)
    for k in range(N_STEPS):
        before = _stepped(one, plan, k, courses[k])
    time = Ticks(N_STEPS * plan.step)
    state = model.encode(before[None], np.array([to_seconds(time)]))[0]
    assert isinstance(one, AbstractSerialising)
    snapshot = one.get_state()
    data = one.serialise_state(snapshot)
    one.free_state(snapshot)
    handover, why = find_handover(layout, data, state, n_kept=model.n_kept)
    if handover is None:
        return None, why
    handover.write(other, state, to_seconds(time))
    after, again = (_stepped(instance, plan, N_STEPS, courses[-1]) for instance in (one, other))
    changed = np.abs(after - before) + 1e-3 * np.abs(after)
    wrong = np.abs(again - after) > CLOSE * changed
    if wrong.any():
        i = int(np.argmax(wrong))
        name = plan.output_names[i]
        return None, f"after a step from a written state '{name}' was {again[i]:.6g} where {after[i]:.6g} was right"
    return handover, ""


def _begin(instance: AbstractInstance, plan: Plan, runs: Runs, inputs: Array) -> None:
    instance.set_start(dict(zip(plan.varied, runs.parameters[0].tolist(), strict=True)))
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.write(instance.group(plan.input_names), np.ascontiguousarray(inputs))
    instance.exit_initialization()


def _stepped(instance: AbstractInstance, plan: Plan, k: int, inputs: Array) -> Array:
    instance.write(instance.group(plan.input_names), np.ascontiguousarray(inputs))
    instance.step(Ticks(k * plan.step), plan.step)
    return _outputs(instance, plan)


def _outputs(instance: AbstractInstance, plan: Plan) -> Array:
    outputs = np.empty(len(plan.output_names))
    instance.read(instance.group(plan.output_names), outputs)
    return outputs
