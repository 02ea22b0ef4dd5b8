"""FMI 2.0: Co-Simulation and Model Exchange (FMI 2.0.4, chapters 2.1, 3.2 and 4.2)."""

import ctypes
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import CapabilityError, FmuError
from cosim.fmu.arrays import ArrayLayout
from cosim.fmu.calls import (
    DISCARD,
    OK,
    WARNING,
    AbilityFunctions,
    AbstractCalls,
    AbstractNativeCalls,
    CallRefused,
    StepReport,
    Transfer,
    address_of,
    encoded,
    pointer,
)
from cosim.fmu.equations import AbstractEquations, Functions
from cosim.fmu.library import SharedLibrary
from cosim.fmu.log import InstanceLog, fmi2_callbacks, kept_categories
from cosim.fmu.stepping import DiscreteUpdate
from cosim.instance.abilities import NativeStep
from cosim.system.variable import VariableType

_MODEL_EXCHANGE: Final = 0
_CO_SIMULATION: Final = 1
_LAST_SUCCESSFUL_TIME: Final = 2
_TERMINATED: Final = 3
_FAMILIES: Final = {
    VariableType.FLOAT64: ("Real", np.float64),
    VariableType.INT32: ("Integer", np.int32),
    VariableType.ENUMERATION: ("Integer", np.int32),
    VariableType.BOOLEAN: ("Boolean", np.int32),
}


class Fmi2Calls(AbstractNativeCalls):
    """An instance of an FMI 2.0 FMU, for Co-Simulation or Model Exchange."""

    names = AbilityFunctions(
        output_derivatives="fmi2GetRealOutputDerivatives",
        input_derivatives="fmi2SetRealInputDerivatives",
        save="fmi2GetFMUstate",
        state_size="fmi2SerializedFMUstateSize",
        serialise="fmi2SerializeFMUstate",
        deserialise="fmi2DeSerializeFMUstate",
        directional="fmi2GetDirectionalDerivative",
    )

    def __init__(
        self,
        library: SharedLibrary,
        log: InstanceLog,
        *,
        name: str,
        guid: str,
        resources: Path,
        categories: Sequence[str],
        is_model_exchange: bool = False,
    ) -> None:
        """Instantiate; raise FmuError when the FMU refuses or lacks a function.

        Logging is on from the start, because many FMUs tell no reason for a failure without it.
        """
        self._library = library
        self._log = log
        self._categories = categories
        self._callbacks = fmi2_callbacks(log)
        self._functions: dict[str, Any] = {}
        instantiate = library.function("fmi2Instantiate", ctypes.c_void_p)
        self._free_instance = library.function("fmi2FreeInstance", None)
        self._do_step = None if is_model_exchange else library.function("fmi2DoStep")
        kind = ctypes.c_int(_MODEL_EXCHANGE if is_model_exchange else _CO_SIMULATION)
        arguments: list[Any] = [encoded(name), kind, encoded(guid), encoded(resources.as_uri())]
        arguments += [ctypes.byref(self._callbacks), ctypes.c_int(0)]
        component = instantiate(*arguments, ctypes.c_int(1))
        if not component:
            raise FmuError(f"fmi2Instantiate gave no instance: {log.collect() or 'the FMU gave no reason.'}")
        self._component = ctypes.c_void_p(component)
        self._time, self._size = ctypes.c_double(), ctypes.c_double()
        self._step_arguments = (self._component, self._time, self._size, ctypes.c_int(1))

    def _quieten(self) -> None:
        """Switch a trace of every call off, leaving on what tells why one is refused."""
        if self._library.has("fmi2SetDebugLogging"):
            set_logging = self._library.function("fmi2SetDebugLogging")
            is_on, n_kept, names = kept_categories(self._categories)
            set_logging(self._component, ctypes.c_int(is_on), n_kept, names)

    @property
    def handle(self) -> int:
        return self._component.value or 0

    def address(self, name: str) -> int:
        return ctypes.cast(self._library.function(name), ctypes.c_void_p).value or 0

    def call(self, name: str, *arguments: Any) -> None:
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._library.function(name)
        status = function(self._component, *arguments)
        if not 0 <= status <= WARNING:
            raise CallRefused(name, status)

    def transfer(
        self,
        kind: VariableType,
        names: Sequence[str],
        references: Sequence[int],
        positions: NDArray[np.intp] | None,
        layout: ArrayLayout | None = None,
    ) -> Transfer:
        assert layout is None, "FMI 2.0 has no arrays"
        family, dtype = _FAMILIES[kind]
        buffer, handles = np.zeros(len(names), dtype=dtype), np.array(references, dtype=np.uint32)
        return Transfer(
            names=tuple(names),
            get=self._library.function(f"fmi2Get{family}"),
            set=self._library.function(f"fmi2Set{family}"),
            get_name=f"fmi2Get{family}",
            set_name=f"fmi2Set{family}",
            arguments=(self._component, pointer(handles), ctypes.c_size_t(len(names)), pointer(buffer)),
            buffer=buffer,
            references=handles,
            positions=positions,
            is_boolean=kind is VariableType.BOOLEAN,
            is_float=kind is VariableType.FLOAT64,
        )

    def set_string(self, reference: int, text: str) -> None:
        handle, value = ctypes.c_uint(reference), encoded(text)
        self.call("fmi2SetString", ctypes.byref(handle), ctypes.c_size_t(1), ctypes.byref(value))

    def set_binary(self, reference: int, content: bytes) -> None:
        raise AssertionError("FMI 2.0 has no binary variables")

    def configure(self, assign: Callable[[], None]) -> None:
        raise CapabilityError("Structural parameters cannot be set: FMI 2.0 has none. Export the FMU as FMI 3.0.")

    def enter_initialization(self, start: float, stop: float | None, tolerance: float | None) -> None:
        self.call(
            "fmi2SetupExperiment",
            ctypes.c_int(tolerance is not None),
            ctypes.c_double(tolerance or 0.0),
            ctypes.c_double(start),
            ctypes.c_int(stop is not None),
            ctypes.c_double(stop or 0.0),
        )
        self.call("fmi2EnterInitializationMode")

    def exit_initialization(self) -> None:
        self.call("fmi2ExitInitializationMode")
        if self._log.is_trace:
            self._quieten()

    def step(self, time: float, size: float) -> StepReport | None:
        assert self._do_step is not None
        self._time.value = time
        self._size.value = size
        return self.conclude(self._do_step(*self._step_arguments), time, size)

    def conclude(self, status: int, time: float, size: float) -> StepReport | None:
        if 0 <= status <= WARNING:
            return None
        if status == DISCARD:
            return self._discarded(time)
        raise CallRefused("fmi2DoStep", status)

    def native_step(self) -> NativeStep | None:
        return None if self._do_step is None else NativeStep(2, self.handle, address_of(self._do_step))

    def _discarded(self, time: float) -> StepReport:
        """Find out whether a discarded step means the end of the simulation or a step that is too long (4.2.2)."""
        reached, terminated = ctypes.c_double(time), ctypes.c_int(0)
        known = self._status("Real", _LAST_SUCCESSFUL_TIME, reached)
        if self._status("Boolean", _TERMINATED, terminated) and terminated.value:
            return StepReport(reached.value, is_early=known, is_terminated=True)
        detail = (
            f"The FMU came as far as {reached.value:.9g} s; try a smaller step." if known else "Try a smaller step."
        )
        raise CallRefused("fmi2DoStep", DISCARD, detail, reached.value if known else None)

    def _status(self, family: str, kind: int, value: Any) -> bool:
        name = f"fmi2Get{family}Status"
        if not self._library.has(name):
            return False
        status: int = self._library.function(name)(self._component, ctypes.c_int(kind), ctypes.byref(value))
        return status == OK

    def get_state(self) -> ctypes.c_void_p:
        state = ctypes.c_void_p()
        self.call("fmi2GetFMUstate", ctypes.byref(state))
        return state

    def set_state(self, state: ctypes.c_void_p) -> None:
        self.call("fmi2SetFMUstate", state)

    def free_state(self, state: ctypes.c_void_p) -> None:
        self.call("fmi2FreeFMUstate", ctypes.byref(state))

    def reset(self) -> None:
        self.call("fmi2Reset")

    def terminate(self) -> None:
        self.call("fmi2Terminate")

    def free(self) -> None:
        self._free_instance(self._component)


class _EventInfo(ctypes.Structure):
    """``fmi2EventInfo``."""

    _fields_ = (
        ("needs_more", ctypes.c_int),
        ("terminate", ctypes.c_int),
        ("nominals_changed", ctypes.c_int),
        ("states_changed", ctypes.c_int),
        ("has_next_event", ctypes.c_int),
        ("next_event", ctypes.c_double),
    )


class Fmi2Equations(AbstractEquations):
    """The Model Exchange functions of FMI 2.0; the sizes are stated in modelDescription.xml."""

    update_name = "fmi2NewDiscreteStates"
    version = 2
    functions = Functions(
        "fmi2SetTime",
        "fmi2SetContinuousStates",
        "fmi2GetDerivatives",
        "fmi2GetEventIndicators",
        "fmi2CompletedIntegratorStep",
        "fmi2GetDirectionalDerivative",
    )

    def __init__(self, calls: AbstractCalls, n_states: int, n_indicators: int) -> None:
        self._call = calls.call
        self._sizes = n_states, n_indicators
        self._n_states, self._n_indicators = ctypes.c_size_t(n_states), ctypes.c_size_t(n_indicators)
        self._info = _EventInfo()

    def sizes(self) -> tuple[int, int]:
        return self._sizes

    def enter(self) -> None:
        self._call("fmi2EnterEventMode")

    def update(self) -> DiscreteUpdate:
        info = self._info
        self._call(self.update_name, ctypes.byref(info))
        return DiscreteUpdate(
            needs_more=bool(info.needs_more),
            is_terminated=bool(info.terminate),
            nominals_changed=bool(info.nominals_changed),
            states_changed=bool(info.states_changed),
            next_event=info.next_event if info.has_next_event else math.inf,
        )

    def leave(self) -> None:
        self._call("fmi2EnterContinuousTimeMode")

    def set_time(self, time: float) -> None:
        self._call("fmi2SetTime", ctypes.c_double(time))

    def set_states(self, address: int) -> None:
        self._call("fmi2SetContinuousStates", ctypes.c_void_p(address), self._n_states)

    def get_states(self, address: int) -> None:
        self._call("fmi2GetContinuousStates", ctypes.c_void_p(address), self._n_states)

    def get_derivatives(self, address: int) -> None:
        self._call("fmi2GetDerivatives", ctypes.c_void_p(address), self._n_states)

    def get_indicators(self, address: int) -> None:
        self._call("fmi2GetEventIndicators", ctypes.c_void_p(address), self._n_indicators)

    def get_nominals(self, address: int) -> None:
        self._call("fmi2GetNominalsOfContinuousStates", ctypes.c_void_p(address), self._n_states)

    def complete_step(self) -> tuple[bool, bool]:
        asks, ends = ctypes.c_int(), ctypes.c_int()
        self._call("fmi2CompletedIntegratorStep", ctypes.c_int(0), ctypes.byref(asks), ctypes.byref(ends))
        return bool(asks.value), bool(ends.value)
