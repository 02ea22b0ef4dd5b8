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
from cosim.surrogate.handover import Handover, find_handover, name_handover
from cosim.surrogate.model import Array, Plan, Runs

if TYPE_CHECKING:
    from cosim.fmu import FmuFile

LAYOUT: Final = "resources/state_layout.json"
LARGEST_LAYOUT: Final = 20_000_000
"""Bytes."""
N_STEPS: Final = 4
"""Steps after which the states are compared."""
ALIKE: Final = 1e-3
"""Difference, over the range, up to which outputs follow from the state of an FMU as it says them."""
CLOSE: Final = 1e-4
"""Relative difference, over what a step changes, of an FMU that was written to and one that was not."""


def find_handover_of(
    source: FmuFile, plan: Plan, model: AbstractModel, tensors: Mapping[str, Array], runs: Runs
) -> tuple[Handover | None, str]:
    """Return how the state of ``model`` is written into that of the FMU; None, and why not, where it cannot be."""
    layout = _layout(source)
    if layout is None:
        return None, "its FMU does not document its state"
    if not source.description.capabilities.can_serialise_state:
        return None, "the state of its FMU cannot be written"
    try:
        with source.instantiate("identified") as one, source.instantiate("written") as other:
            pair = (one, other)
            if model.is_told:
                return _find(layout, *pair, plan, model, runs)
            return _find_by_name(layout, *pair, plan, model, tensors, runs)
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
    handover, why = find_handover(layout, _serialised(one), state, n_kept=model.n_kept)
    if handover is None:
        return None, why
    return _tried(handover, one, other, plan, state, N_STEPS, courses[-1])


def _find_by_name(
    layout: Mapping[str, Any],
    one: AbstractInstance,
    other: AbstractInstance,
    plan: Plan,
    model: AbstractModel,
    tensors: Mapping[str, Array],
    runs: Runs,
) -> tuple[Handover | None, str]:
    """Take a run, and compare what the surrogate says of the state of the FMU with the outputs of the FMU."""
    run = model.probing_run(runs)
    inputs, n = runs.inputs[run], plan.n_steps
    chosen = runs.part(run, 1)
    for instance in (one, other):
        _begin(instance, plan, chosen, inputs[0])
    begun = _serialised(one)
    outputs = _outputs(one, plan)
    state = model.encode(outputs[None], np.zeros(1))
    for k in range(n):
        outputs = _stepped(one, plan, k, inputs[k])
        time = np.array([to_seconds(Ticks((k + 1) * plan.step))])
        state = model.follow(state, inputs[k : k + 1], outputs[None], time)
    handover, why = name_handover(layout, begun, _serialised(one), model.state_names, state[0])
    if handover is None:
        return None, why
    for place, value in handover.read(one).items():
        state[0, place] = value
    told = model.outputs(tensors, state, inputs[-1:], chosen.parameters)[0]
    span = np.maximum(np.ptp(chosen.outputs[0], axis=0), np.abs(outputs))
    apart = np.abs(told - outputs) / np.where(span > 0, span, 1.0)
    worst = int(np.argmax(apart))
    if not apart[worst] <= ALIKE:
        name = plan.output_names[worst]
        return None, f"from the state of its FMU '{name}' is {told[worst]:.6g} where {outputs[worst]:.6g} is right"
    return _tried(handover, one, other, plan, state[0], n, inputs[-1])


def _serialised(instance: AbstractInstance) -> bytes:
    assert isinstance(instance, AbstractSerialising)
    snapshot = instance.get_state()
    data = instance.serialise_state(snapshot)
    instance.free_state(snapshot)
    return data


def _tried(
    handover: Handover,
    one: AbstractInstance,
    other: AbstractInstance,
    plan: Plan,
    state: Array,
    n: int,
    inputs: Array,
) -> tuple[Handover | None, str]:
    """Return the hand-over where ``other``, with the ``state`` that ``one`` has after ``n`` steps, goes on like it."""
    before = _outputs(one, plan)
    handover.write(other, state, to_seconds(Ticks(n * plan.step)))
    after, again = (_stepped(instance, plan, n, inputs) for instance in (one, other))
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
