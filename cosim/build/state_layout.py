"""The layout of a serialised FMU state, documented in the FMU so that filters and hand-overs can work on the numbers.

The bytes are a 32-byte header (magic, hash of this layout, size, checksum) and then float64 numbers, little endian on
every platform we build for. ``runtime/instance.c`` carves the same sequence.
"""

import hashlib
import json
from dataclasses import dataclass

from cosim.build.model import CompiledModel, Slot

HEADER_SIZE = 32
"""Bytes before the first number: magic[8], layout hash (uint64), size (uint64), checksum (uint64)."""

INPUT_ORDERS = (1, 2, 3)
"""Orders of the derivatives that an input may have, ``INPUT_ORDERS`` in ``runtime/instance.h``."""

SCALARS = (
    ("time", "s", "current time"),
    ("solver.step_size", "s", "step that the error control wants next; 0 starts afresh"),
    ("solver.tolerance", "1", "relative tolerance"),
    ("fmi.stop_time", "s", "stop time given at set-up; 1e300 if none"),
    ("fmi.mode", "1", "state of the FMI state machine; leave as it is"),
    ("fmi.is_cosimulation", "1", "1 for Co-Simulation; leave as it is"),
    ("fmi.initialised", "1", "1 when the initial values have been computed"),
    ("fmi.inputs_changed", "1", "1 makes the next step look for events first; set on its own for an edited state"),
    ("fmi.terminated", "1", "1 after terminate()"),
    ("events.last_time", "s", "time of the last reinit"),
    ("events.last_interval", "s", "time between the last two reinits"),
    ("events.last_ratio", "1", "that interval over the one before"),
    ("events.shrinking_from", "s", "first of the ever shorter intervals between reinits"),
    ("events.shrinking_count", "1", "number of ever shorter intervals between reinits"),
    ("events.rapid_time", "s", "start of the count of rapid events"),
    ("events.rapid_count", "1", "number of rapid events"),
    ("fmi.last_step", "s", "length of the last communication step"),
    ("inputs.move", "1", "1 when an input has a derivative that is not zero"),
    ("inputs.are_past", "1", "1 when the derivatives are those of the step that ended; the next one holds its inputs"),
)
"""Name, unit, meaning of the numbers at the head; the order of the ``S_`` constants in ``runtime/instance.h``."""


@dataclass(frozen=True, slots=True)
class StateLayout:
    """``text`` is ``resources/state_layout.json``; ``hash64`` marks the serialised states that it describes."""

    text: str
    hash64: int


def describe_state(model: CompiledModel) -> StateLayout:
    """Return the layout of the serialised state of ``model``."""
    entries = [_entry(index, *scalar) for index, scalar in enumerate(SCALARS)]
    for name, unit, meaning in _vector_entries(model):
        entries.append(_entry(len(entries), name, unit, meaning))
    body = ",\n  ".join(json.dumps(entry) for entry in entries)
    digest = int.from_bytes(hashlib.sha256(body.encode()).digest()[:8], "little")
    document = {
        "format": "cosim FMU state",
        "version": 1,
        "byte_order": "little",
        "size": HEADER_SIZE + 8 * len(entries),
        "header": [
            {"name": "magic", "offset": 0, "type": "bytes[8]", "value": "COSIMFS1"},
            {"name": "layout_hash", "offset": 8, "type": "uint64", "value": f"{digest:016x}"},
            {"name": "size", "offset": 16, "type": "uint64"},
            {"name": "checksum", "offset": 24, "type": "uint64", "description": "need not be updated after an edit"},
        ],
    }
    head = json.dumps(document, indent=1).removesuffix("\n}")
    return StateLayout(text=f'{head},\n "entries": [\n  {body}\n ]\n}}\n', hash64=digest)


def _entry(index: int, name: str, unit: str, meaning: str) -> dict[str, object]:
    return {"name": name, "offset": HEADER_SIZE + 8 * index, "type": "float64", "unit": unit, "description": meaning}


def _vector_entries(model: CompiledModel) -> list[tuple[str, str, str]]:
    names = {(v.slot, v.index): (v.name, v.unit or "1") for v in reversed(model.variables)}
    n_states, n_relations, n_asserts = len(model.state_nominals), len(model.relations), len(model.asserts)

    def named(slot: Slot, count: int, fallback: str, prefix: str = "", meaning: str = "") -> list[tuple[str, str, str]]:
        found = [names.get((slot, i), (f"{fallback}[{i + 1}]", "1")) for i in range(count)]
        return [(prefix + name, unit, meaning or slot.name.lower()) for name, unit in found]

    def numbered(name: str, count: int, meaning: str) -> list[tuple[str, str, str]]:
        return [(f"{name}[{i + 1}]", "1", meaning) for i in range(count)]

    def rates(order: int) -> list[tuple[str, str, str]]:
        inputs = named(Slot.INPUT, count_slot(model, Slot.INPUT), "input")
        return [(f"der[{order}].{name}", f"({unit})/s^{order}", "derivative of an input") for name, unit, _ in inputs]

    flag = "1 when the start value was given from outside"
    return [
        *named(Slot.STATE, n_states, "state"),
        *((name, "1", "iteration variable; solved again when read") for name in model.z_names),
        *named(Slot.INPUT, count_slot(model, Slot.INPUT), "input"),
        *named(Slot.PARAMETER, count_slot(model, Slot.PARAMETER), "parameter"),
        *named(Slot.DISCRETE, model.n_discrete, "events.discrete"),
        *numbered("events.relation", n_relations, "frozen relation"),
        *numbered("events.condition", model.n_conditions, "when-condition at the last event"),
        *(entry for order in INPUT_ORDERS for entry in rates(order)),
        *named(Slot.STATE, n_states, "state", "start.", "start value given from outside"),
        *((f"start.is_set.{name}", "1", flag) for name, _, _ in named(Slot.STATE, n_states, "state")),
        *named(Slot.DISCRETE, model.n_discrete, "events.discrete", "start.", "start value given from outside"),
        *((f"start.is_set.{n}", "1", flag) for n, _, _ in named(Slot.DISCRETE, model.n_discrete, "events.discrete")),
        *numbered("events.relation_scale", n_relations, "magnitude of a relation, for its hysteresis"),
        *numbered("asserts.is_reported", n_asserts, "1 when the violation has been reported"),
    ]


def count_slot(model: CompiledModel, slot: Slot) -> int:
    """Return the length of the runtime vector of ``slot``, which the variables index densely."""
    return max((v.index + 1 for v in model.variables if v.slot is slot), default=0)
