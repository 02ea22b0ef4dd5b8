"""States of an FMU that were saved: kept by handle, restored, written as bytes."""

import ctypes
import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import CheckpointError, StepError
from cosim.fmu.calls import ERROR, CallRefused, pointer
from cosim.fmu.versions import Parts

MOST_BYTES: Final = 1 << 32
"""Size of a written state beyond which an FMU is not believed."""

_Beside = tuple[object, tuple[float, ...]]
"""What the stepper, and what the motion of inputs, has to know besides the FMU's own state."""


class Snapshots:
    """The saved states of the instance ``name``, each with what has to be known besides the FMU's own state."""

    def __init__(self, name: str, model: str, parts: Parts) -> None:
        self._name, self._model = name, model
        self._calls, self._stepper, self._motion = parts.calls, parts.stepper, parts.motion
        self._saved: dict[int, tuple[ctypes.c_void_p, _Beside]] = {}

    def save(self) -> object:
        """Save the state; return its handle."""
        return self._keep(self._calls.get_state(), self._beside(), self._calls.names.save)

    def restore(self, handle: object) -> None:
        """Go back to a saved state."""
        state, beside = self._known(handle)
        self._calls.set_state(state)
        stepper, motion = beside
        self._stepper.restore(stepper)
        self._motion.restore(motion)

    def free(self, handle: object) -> None:
        """Forget a saved state."""
        state, _ = self._known(handle)
        del self._saved[id(handle)]
        self._calls.free_state(state)

    def free_all(self) -> None:
        """Forget all, whatever the FMU says to it."""
        for state, _ in self._saved.values():
            try:
                self._calls.free_state(state)
            except CallRefused:
                continue
        self._saved.clear()

    def write(self, handle: object) -> bytes:
        """Return a saved state in a form that another process can read."""
        state, beside = self._known(handle)
        buffer = self._written(state)
        stepper, motion = beside
        head = json.dumps({"model": self._model, "stepper": stepper, "motion": motion, "size": len(buffer)})
        return head.encode() + b"\n" + buffer.tobytes()

    def numbers(self) -> NDArray[np.uint8]:
        """Return the bytes of the present state, as the FMU writes them."""
        state = self._calls.get_state()
        try:
            return self._written(state)
        finally:
            self._calls.free_state(state)

    def take(self, numbers: NDArray[np.uint8]) -> None:
        """Go on from the bytes of a state; what is known beside the FMU's state stays."""
        state, size = ctypes.c_void_p(), ctypes.c_size_t(len(numbers))
        self._calls.call(self._calls.names.deserialise, pointer(numbers), size, ctypes.byref(state))
        try:
            self._calls.set_state(state)
        finally:
            self._calls.free_state(state)

    def _written(self, state: ctypes.c_void_p) -> NDArray[np.uint8]:
        names = self._calls.names
        size = ctypes.c_size_t(0)
        self._calls.call(names.state_size, state, ctypes.byref(size))
        if not 0 < size.value <= MOST_BYTES:
            detail = f"It states a size of {size.value} bytes."
            raise CallRefused(names.state_size, ERROR, detail)
        buffer = np.zeros(size.value, dtype=np.uint8)
        self._calls.call(names.serialise, state, pointer(buffer), size)
        return buffer

    def read(self, data: bytes) -> object:
        """Take in a state that :meth:`write` wrote; return its handle."""
        head, _, body = data.partition(b"\n")
        beside = self._read_beside(head, len(body))
        buffer, state = np.frombuffer(body, dtype=np.uint8), ctypes.c_void_p()
        size = ctypes.c_size_t(len(buffer))
        self._calls.call(self._calls.names.deserialise, pointer(buffer), size, ctypes.byref(state))
        return self._keep(state, beside, self._calls.names.deserialise)

    def _beside(self) -> _Beside:
        return self._stepper.snapshot(), self._motion.snapshot()

    def _read_beside(self, head: bytes, size: int) -> _Beside:
        """Return what is known besides the FMU's state, checked against what an instance like this knows."""
        try:
            content = json.loads(head)
            model, stepper, motion, stated = (content[key] for key in ("model", "stepper", "motion", "size"))
            found = tuple(stepper) if isinstance(stepper, list) else stepper, tuple(map(float, motion))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CheckpointError(f"The state given to '{self._name}' was not written by an FMU instance.") from error
        if model != self._model or _shape(found) != _shape(self._beside()):
            raise CheckpointError(f"The state given to '{self._name}' ({self._model}) was written by '{model}'.")
        if stated != size or size == 0:
            raise CheckpointError(f"The state given to '{self._name}' has {size} bytes instead of {stated}.")
        return found

    def _keep(self, state: ctypes.c_void_p, beside: _Beside, function: str) -> object:
        if not state:
            raise CallRefused(function, ERROR, "It said that all was well, but gave no state.")
        self._saved[id(state)] = state, beside
        return state

    def _known(self, handle: object) -> tuple[ctypes.c_void_p, _Beside]:
        known = self._saved.get(id(handle))
        if known is None:
            raise StepError(f"A state of another instance, or a freed one, was given to '{self._name}'.")
        return known


def _shape(beside: _Beside) -> object:
    stepper, motion = beside
    return [type(item) for item in stepper] if isinstance(stepper, tuple) else stepper, len(motion)
