"""The physical state of a surrogate written into the serialised state of its FMU, whose layout our FMUs document."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance
from cosim.surrogate.model import Array

SAME: Final = 1e-9
"""Relative difference up to which two numbers are the same quantity."""
TIME: Final = "time"
"""Entry of the layout that holds the simulated time [s]."""
MAGIC: Final = b"COSIMFS1"
"""What a serialised state of an FMU that cosim made begins with; the instance may put something of its own before."""
_FRESH: Final[Mapping[str, float]] = {"fmi.inputs_changed": 1.0, "solver.step_size": 0.0}
"""What an edited state says: look for events first, choose a step afresh."""


@dataclass(frozen=True, slots=True)
class Handover:
    """Offsets in bytes: of places in the state of the surrogate, of the time, and of what has to be set besides."""

    places: Mapping[int, int]
    """Offset by place in the state."""
    time: int
    fresh: Mapping[int, float]
    """Value by offset."""

    def write(self, instance: AbstractInstance, state: Array, time: float) -> None:
        """Bring ``instance`` to ``state`` at ``time`` [s]; its parameters and discrete values stay."""
        assert isinstance(instance, AbstractSerialising)
        snapshot = instance.get_state()
        try:
            data = bytearray(instance.serialise_state(snapshot))
        finally:
            instance.free_state(snapshot)
        numbers = {offset: float(state[place]) for place, offset in self.places.items()}
        begin = data.find(MAGIC)
        for offset, value in {**numbers, self.time: time, **self.fresh}.items():
            struct.pack_into("<d", data, begin + offset, value)
        edited = instance.deserialise_state(bytes(data))
        try:
            instance.set_state(edited)
        finally:
            instance.free_state(edited)

    def read(self, instance: AbstractInstance) -> dict[int, float]:
        """Return the numbers of ``instance`` by their place in the state of the surrogate."""
        assert isinstance(instance, AbstractSerialising)
        snapshot = instance.get_state()
        try:
            data = instance.serialise_state(snapshot)
        finally:
            instance.free_state(snapshot)
        begin = data.find(MAGIC)
        return {place: struct.unpack_from("<d", data, begin + offset)[0] for place, offset in self.places.items()}

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "places": {str(place): offset for place, offset in self.places.items()},
            "time": self.time,
            "fresh": {str(offset): value for offset, value in self.fresh.items()},
        }


def read_handover(document: Mapping[str, Any] | None, n_state: int) -> Handover | None:
    """Read what ``document`` wrote; None where there is none. ValueError where a place is none of the state."""
    if document is None:
        return None
    places = {int(place): int(offset) for place, offset in document["places"].items()}
    fresh = {int(offset): float(value) for offset, value in document["fresh"].items()}
    if not all(0 <= place < n_state for place in places) or min([*places.values(), *fresh]) < 0:
        raise ValueError("its hand-over names places that are not there")
    return Handover(places, int(document["time"]), fresh)


def find_handover(layout: Mapping[str, Any], data: bytes, state: Array, *, n_kept: int) -> tuple[Handover | None, str]:
    """Find where the numbers of ``state`` stand in a serialised state, by comparing; else say what is missing.

    Every continuous state of the FMU that is not zero has to be one of ``state``, and every number of ``state`` that is
    not zero, but for the last ``n_kept``, has to stand somewhere: what is kept from the start follows from parameters.
    """
    offsets = {str(entry["name"]): int(entry["offset"]) for entry in layout["entries"]}
    continuous = [str(entry["name"]) for entry in layout["entries"] if entry["description"] == "state"]
    places: dict[int, int] = {}
    taken: set[int] = set()
    begin = data.find(MAGIC)
    if begin < 0:
        return None, "its FMU does not write the state that it documents"
    for name in continuous:
        (value,) = struct.unpack_from("<d", data, begin + offsets[name])
        if value == 0:
            continue
        near = np.flatnonzero(np.abs(state - value) <= SAME * abs(value))
        free = [int(place) for place in near if place not in taken]
        if not free:
            return None, f"'{name}' of its FMU is none of the numbers that the surrogate keeps"
        places[free[0]] = offsets[name]
        taken.add(free[0])
    missing = [i for i in range(len(state) - n_kept) if state[i] != 0 and i not in taken]
    if missing:
        return None, f"number {missing[0]} of the surrogate's state is no state of its FMU"
    return Handover(places, offsets[TIME], {offsets[name]: value for name, value in _FRESH.items()}), ""


def name_handover(
    layout: Mapping[str, Any], begun: bytes, data: bytes, names: Sequence[str], state: Array
) -> tuple[Handover | None, str]:
    """Find by ``names`` where the numbers of ``state`` stand in a serialised state; else say what is missing.

    Every continuous state of the FMU that is not zero has to have one of the names. A number without a name in the FMU
    is found by its value among the discrete ones that have changed since ``begun``.
    """
    offsets = {str(entry["name"]): int(entry["offset"]) for entry in layout["entries"]}
    first, begin = begun.find(MAGIC), data.find(MAGIC)
    if first < 0 or begin < 0:
        return None, "its FMU does not write the state that it documents"
    named = {name: place for place, name in enumerate(names)}
    places: dict[int, int] = {}
    for entry in layout["entries"]:
        name, offset = str(entry["name"]), int(entry["offset"])
        value, before = (struct.unpack_from("<d", data, begin + offset)[0],
                         struct.unpack_from("<d", begun, first + offset)[0])  # fmt: skip
        if entry["description"] == "state" and name in named:
            places[named[name]] = offset
        elif entry["description"] == "state" and value:
            return None, f"'{name}' of its FMU is none of the numbers that the surrogate keeps"
        elif entry["description"] == "discrete" and value != before:
            same = [
                place for place, own in enumerate(state.tolist())
                if names[place] not in offsets and place not in places and abs(own - value) <= SAME * abs(value)
            ]  # fmt: skip
            if not same:
                return None, f"'{name}' of its FMU is none of the numbers that the surrogate keeps"
            places[same[0]] = offset
    missing = [i for i in range(len(state)) if i not in places]
    if missing:
        return None, f"'{names[missing[0]]}' is no state of its FMU"
    return Handover(places, offsets[TIME], {offsets[name]: value for name, value in _FRESH.items()}), ""
