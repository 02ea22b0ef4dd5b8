"""FMI 1.0: Co-Simulation and Model Exchange (FMI 1.0.1). It has neither initialisation mode nor access to the state."""

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
    ERROR,
    WARNING,
    AbilityFunctions,
    AbstractCalls,
    CallRefused,
    StepReport,
    Transfer,
    encoded,
    pointer,
)
from cosim.fmu.equations import AbstractEquations, Functions
from cosim.fmu.library import SharedLibrary
from cosim.fmu.log import InstanceLog, begin_fmi1, fmi1_callbacks
from cosim.fmu.stepping import DiscreteUpdate
from cosim.system.variable import VariableType

_MIME_TYPE: Final = "application/x-fmu-sharedlibrary"
_FAMILIES: Final = {
    VariableType.FLOAT64: ("Real", np.float64),
    VariableType.INT32: ("Integer", np.int32),
    VariableType.ENUMERATION: ("Integer", np.int32),
    VariableType.BOOLEAN: ("Boolean", np.int8),
}


class _EventInfo(ctypes.Structure):
    """``fmiEventInfo``."""

    _fields_ = (
        ("has_converged", ctypes.c_bool),
        ("references_changed", ctypes.c_bool),
        ("states_changed", ctypes.c_bool),
        ("terminate", ctypes.c_bool),
        ("has_next_event", ctypes.c_bool),
        ("next_event", ctypes.c_double),
    )


class Fmi1Calls(AbstractCalls):
    """An instance of an FMI 1.0 FMU; it is initialised as a whole when initialisation is entered."""

    names = AbilityFunctions("fmiGetRealOutputDerivatives", "fmiSetRealInputDerivatives")

    def __init__(
        self,
        library: SharedLibrary,
        log: InstanceLog,
        *,
        name: str,
        guid: str,
        identifier: str,
        folder: Path,
        is_model_exchange: bool,
    ) -> None:
        """Instantiate; raise FmuError when the FMU refuses or lacks a function."""
        self._library, self._prefix = library, f"{identifier}_"
        self._is_model_exchange = is_model_exchange
        self._callbacks = fmi1_callbacks(log)
        self._functions: dict[str, Any] = {}
        kind, self._suffix = ("Model", "") if is_model_exchange else ("Slave", "Slave")
        self._free_instance = self._function(f"fmiFree{kind}Instance", None)
        function = f"fmiInstantiate{kind}"
        no, yes = ctypes.c_bool(False), ctypes.c_bool(True)
        arguments: list[Any] = [encoded(name), encoded(guid)]
        if not is_model_exchange:
            self._function("fmiDoStep")
            arguments += [encoded(folder.as_uri()), encoded(_MIME_TYPE), ctypes.c_double(0.0), no, no]
        with begin_fmi1(log) as begun:
            component = self._function(function, ctypes.c_void_p)(*arguments, self._callbacks, yes)
            if component:
                begun(component)
        if not component:
            raise FmuError(f"{function} gave no instance: {log.collect() or 'the FMU gave no reason.'}")
        self._component = ctypes.c_void_p(component)

    def _function(self, name: str, result: Any = ctypes.c_int) -> Any:
        return self._library.function(self._prefix + name, result)

    @property
    def handle(self) -> int:
        return self._component.value or 0

    def address(self, name: str) -> int:
        return ctypes.cast(self._function(name), ctypes.c_void_p).value or 0

    def call(self, name: str, *arguments: Any) -> None:
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._function(name)
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
        assert layout is None, "FMI 1.0 has no arrays"
        family, dtype = _FAMILIES[kind]
        buffer, handles = np.zeros(len(names), dtype=dtype), np.array(references, dtype=np.uint32)
        return Transfer(
            names=tuple(names),
            get=self._function(f"fmiGet{family}"),
            set=self._function(f"fmiSet{family}"),
            get_name=f"fmiGet{family}",
            set_name=f"fmiSet{family}",
            arguments=(self._component, pointer(handles), ctypes.c_size_t(len(names)), pointer(buffer)),
            buffer=buffer,
            references=handles,
            positions=positions,
            is_boolean=kind is VariableType.BOOLEAN,
            is_float=kind is VariableType.FLOAT64,
        )

    def set_string(self, reference: int, text: str) -> None:
        handle, value = ctypes.c_uint(reference), encoded(text)
        self.call("fmiSetString", ctypes.byref(handle), ctypes.c_size_t(1), ctypes.byref(value))

    def set_binary(self, reference: int, content: bytes) -> None:
        raise AssertionError("FMI 1.0 has no binary variables")

    def configure(self, assign: Callable[[], None]) -> None:
        raise CapabilityError("Structural parameters cannot be set: FMI 1.0 has none. Export the FMU as FMI 3.0.")

    def enter_initialization(self, start: float, stop: float | None, tolerance: float | None) -> None:
        if self._is_model_exchange:
            info = _EventInfo()
            self.call("fmiSetTime", ctypes.c_double(start))
            is_controlled = ctypes.c_bool(tolerance is not None)
            self.call("fmiInitialize", is_controlled, ctypes.c_double(tolerance or 0.0), ctypes.byref(info))
        else:
            end = (ctypes.c_bool(stop is not None), ctypes.c_double(stop or 0.0))
            self.call("fmiInitializeSlave", ctypes.c_double(start), *end)

    def exit_initialization(self) -> None:
        pass

    def step(self, time: float, size: float) -> StepReport | None:
        try:
            self.call("fmiDoStep", ctypes.c_double(time), ctypes.c_double(size), ctypes.c_bool(True))
        except CallRefused as refusal:
            if refusal.status == DISCARD:
                refusal.detail = "Try a smaller step."
            raise
        return None

    def get_state(self) -> ctypes.c_void_p:
        raise CapabilityError("FMI 1.0 gives no access to the state of an FMU.")

    def set_state(self, state: ctypes.c_void_p) -> None:
        raise CapabilityError("FMI 1.0 gives no access to the state of an FMU.")

    def free_state(self, state: ctypes.c_void_p) -> None:
        raise CapabilityError("FMI 1.0 gives no access to the state of an FMU.")

    def reset(self) -> None:
        if self._is_model_exchange:
            raise CallRefused("fmiReset", ERROR, "FMI 1.0 cannot reset a Model Exchange FMU.")
        self.call("fmiResetSlave")

    def terminate(self) -> None:
        self.call(f"fmiTerminate{self._suffix}")

    def free(self) -> None:
        self._free_instance(self._component)


class Fmi1Equations(AbstractEquations):
    """The Model Exchange functions of FMI 1.0, which has no modes: events are handled by ``fmiEventUpdate`` alone."""

    update_name = "fmiEventUpdate"
    version = 1
    functions = Functions(
        "fmiSetTime",
        "fmiSetContinuousStates",
        "fmiGetDerivatives",
        "fmiGetEventIndicators",
        "fmiCompletedIntegratorStep",
    )

    def __init__(self, calls: AbstractCalls, n_states: int, n_indicators: int) -> None:
        self._call = calls.call
        self._sizes = n_states, n_indicators
        self._n_states, self._n_indicators = ctypes.c_size_t(n_states), ctypes.c_size_t(n_indicators)
        self._info = _EventInfo()

    def sizes(self) -> tuple[int, int]:
        return self._sizes

    def enter(self) -> None:
        pass

    def update(self) -> DiscreteUpdate:
        info = self._info
        self._call(self.update_name, ctypes.c_bool(True), ctypes.byref(info))
        return DiscreteUpdate(
            needs_more=not info.has_converged,
            is_terminated=info.terminate,
            nominals_changed=info.references_changed,
            states_changed=info.states_changed,
            next_event=info.next_event if info.has_next_event else math.inf,
        )

    def leave(self) -> None:
        pass

    def set_time(self, time: float) -> None:
        self._call("fmiSetTime", ctypes.c_double(time))

    def set_states(self, address: int) -> None:
        self._call("fmiSetContinuousStates", ctypes.c_void_p(address), self._n_states)

    def get_states(self, address: int) -> None:
        self._call("fmiGetContinuousStates", ctypes.c_void_p(address), self._n_states)

    def get_derivatives(self, address: int) -> None:
        self._call("fmiGetDerivatives", ctypes.c_void_p(address), self._n_states)

    def get_indicators(self, address: int) -> None:
        self._call("fmiGetEventIndicators", ctypes.c_void_p(address), self._n_indicators)

    def get_nominals(self, address: int) -> None:
        self._call("fmiGetNominalContinuousStates", ctypes.c_void_p(address), self._n_states)

    def complete_step(self) -> tuple[bool, bool]:
        asks = ctypes.c_bool()
        self._call("fmiCompletedIntegratorStep", ctypes.byref(asks))
        return asks.value, False
