"""FMI 3.0 Co-Simulation without event mode and early return (FMI 3.0.1, chapters 2.2, 2.3 and 4)."""

import ctypes
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import FmuError
from cosim.fmu.calls import WARNING, AbstractCalls, CallRefused, StepReport, Transfer, buffer_type, encoded, pointer
from cosim.fmu.library import SharedLibrary
from cosim.fmu.log import ERROR_CATEGORIES, InstanceLog, fmi3_callback
from cosim.system.variable import VariableType

_FAMILIES: Final = {VariableType.ENUMERATION: "Int64"}


class Fmi3Calls(AbstractCalls):
    """An instance of an FMI 3.0 Co-Simulation FMU."""

    def __init__(
        self,
        library: SharedLibrary,
        log: InstanceLog,
        *,
        name: str,
        guid: str,
        resources: Path,
        categories: Sequence[str],
    ) -> None:
        """Instantiate; raise FmuError when the FMU refuses or lacks a function.

        Logging is on from the start, because many FMUs tell no reason for a failure without it.
        """
        self._library = library
        self._log = log
        self._categories = categories
        self._functions: dict[str, Any] = {}
        self._log_message = fmi3_callback()
        instantiate = library.function("fmi3InstantiateCoSimulation", ctypes.c_void_p)
        self._free_instance = library.function("fmi3FreeInstance", None)
        self._do_step = library.function("fmi3DoStep")
        no, nothing = ctypes.c_bool(False), ctypes.c_void_p(None)
        start = (encoded(name), encoded(guid), encoded(f"{resources}{os.sep}"), no, ctypes.c_bool(True))
        end = (no, no, nothing, ctypes.c_size_t(0), ctypes.c_void_p(log.environment), self._log_message, nothing)
        instance = instantiate(*start, *end)
        if not instance:
            reason = log.collect() or "the FMU gave no reason."
            raise FmuError(f"fmi3InstantiateCoSimulation gave no instance: {reason}")
        self._instance = ctypes.c_void_p(instance)
        self._prepare_step()

    def _prepare_step(self) -> None:
        self._time, self._size, self._reached = ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
        self._event, self._terminate, self._early = ctypes.c_bool(), ctypes.c_bool(), ctypes.c_bool()
        results = (self._event, self._terminate, self._early, self._reached)
        self._step_arguments = (
            self._instance,
            self._time,
            self._size,
            ctypes.c_bool(True),
            *(ctypes.byref(result) for result in results),
        )

    def _quieten(self) -> None:
        """Switch a trace of every call off, leaving on what tells why one is refused."""
        if self._library.has("fmi3SetDebugLogging"):
            kept = [category for category in ERROR_CATEGORIES if category in self._categories]
            names = (ctypes.c_char_p * len(kept))(*(name.encode() for name in kept))
            set_logging = self._library.function("fmi3SetDebugLogging")
            set_logging(self._instance, ctypes.c_bool(bool(kept)), ctypes.c_size_t(len(kept)), names)

    def _call(self, name: str, *arguments: Any) -> None:
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._library.function(name)
        status = function(self._instance, *arguments)
        if not 0 <= status <= WARNING:
            raise CallRefused(name, status)

    def transfer(
        self, kind: VariableType, names: Sequence[str], references: Sequence[int], positions: NDArray[np.intp] | None
    ) -> Transfer:
        family, n = _FAMILIES.get(kind, kind.value), ctypes.c_size_t(len(names))
        buffer, handles = np.zeros(len(names), dtype=buffer_type(kind)), np.array(references, dtype=np.uint32)
        return Transfer(
            names=tuple(names),
            get=self._library.function(f"fmi3Get{family}"),
            set=self._library.function(f"fmi3Set{family}"),
            get_name=f"fmi3Get{family}",
            set_name=f"fmi3Set{family}",
            arguments=(self._instance, pointer(handles), n, pointer(buffer), n),
            buffer=buffer,
            references=handles,
            positions=positions,
            is_boolean=kind is VariableType.BOOLEAN,
            is_float=kind in (VariableType.FLOAT32, VariableType.FLOAT64),
        )

    def set_string(self, reference: int, text: str) -> None:
        handle, value, one = ctypes.c_uint(reference), encoded(text), ctypes.c_size_t(1)
        self._call("fmi3SetString", ctypes.byref(handle), one, ctypes.byref(value), one)

    def configure(self, assign: Callable[[], None]) -> None:
        self._call("fmi3EnterConfigurationMode")
        assign()
        self._call("fmi3ExitConfigurationMode")

    def enter_initialization(self, start: float, stop: float | None, tolerance: float | None) -> None:
        self._call(
            "fmi3EnterInitializationMode",
            ctypes.c_bool(tolerance is not None),
            ctypes.c_double(tolerance or 0.0),
            ctypes.c_double(start),
            ctypes.c_bool(stop is not None),
            ctypes.c_double(stop or 0.0),
        )

    def exit_initialization(self) -> None:
        self._call("fmi3ExitInitializationMode")
        if self._log.is_trace:
            self._quieten()

    def step(self, time: float, size: float) -> StepReport | None:
        self._time.value = time
        self._size.value = size
        self._reached.value = time + size
        self._early.value = self._terminate.value = False
        status = self._do_step(*self._step_arguments)
        if not 0 <= status <= WARNING:
            raise CallRefused("fmi3DoStep", status)
        if not self._early.value and not self._terminate.value:
            return None
        return StepReport(self._reached.value, is_early=self._early.value, is_terminated=self._terminate.value)

    def get_state(self) -> ctypes.c_void_p:
        state = ctypes.c_void_p()
        self._call("fmi3GetFMUState", ctypes.byref(state))
        return state

    def set_state(self, state: ctypes.c_void_p) -> None:
        self._call("fmi3SetFMUState", state)

    def free_state(self, state: ctypes.c_void_p) -> None:
        self._call("fmi3FreeFMUState", ctypes.byref(state))

    def reset(self) -> None:
        self._call("fmi3Reset")

    def terminate(self) -> None:
        self._call("fmi3Terminate")

    def free(self) -> None:
        self._free_instance(self._instance)
