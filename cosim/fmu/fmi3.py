"""FMI 3.0: Co-Simulation and Model Exchange (FMI 3.0.1, chapters 2.2, 2.3, 3 and 4)."""

import ctypes
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import FmuError, StructureError
from cosim.fmu.arrays import ArrayLayout
from cosim.fmu.calls import (
    WARNING,
    AbilityFunctions,
    AbstractCalls,
    AbstractNativeCalls,
    CallRefused,
    StepReport,
    Transfer,
    address_of,
    buffer_type,
    encoded,
    pointer,
)
from cosim.fmu.clocks import Clocks
from cosim.fmu.equations import AbstractEquations, Functions
from cosim.fmu.library import SharedLibrary
from cosim.fmu.log import InstanceLog, fmi3_callback, kept_categories
from cosim.fmu.motion import AskedMotion
from cosim.fmu.stepping import AbstractEvents, DiscreteUpdate
from cosim.instance.abilities import NativeStep
from cosim.system.variable import VariableType

_FAMILIES: Final = {VariableType.ENUMERATION: "Int64"}


class Fmi3Calls(AbstractNativeCalls):
    """An instance of an FMI 3.0 FMU, for Co-Simulation or Model Exchange."""

    names = AbilityFunctions(
        output_derivatives="fmi3GetOutputDerivatives",
        save="fmi3GetFMUState",
        state_size="fmi3SerializedFMUStateSize",
        serialise="fmi3SerializeFMUState",
        deserialise="fmi3DeserializeFMUState",
        directional="fmi3GetDirectionalDerivative",
        counts_values=True,
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
        has_event_mode: bool = False,
        motion: AskedMotion | None = None,
    ) -> None:
        """Instantiate; raise FmuError when the FMU refuses or lacks a function.

        Logging is on from the start, because many FMUs tell no reason for a failure without it.
        """
        self._library = library
        self._log = log
        self._categories = categories
        self._functions: dict[str, Any] = {}
        self._log_message = fmi3_callback()
        self._free_instance = library.function("fmi3FreeInstance", None)
        self._do_step = None if is_model_exchange else library.function("fmi3DoStep")
        no, yes, nothing = ctypes.c_bool(False), ctypes.c_bool(True), ctypes.c_void_p(None)
        start = (encoded(name), encoded(guid), encoded(f"{resources}{os.sep}"), no, yes)
        if motion is not None:
            log.listen_to(motion.environment)
        environment = log.environment if motion is None else motion.environment
        callbacks = (ctypes.c_void_p(environment), self._log_message)
        if is_model_exchange:
            function = "fmi3InstantiateModelExchange"
            arguments: tuple[Any, ...] = (*start, *callbacks)
        else:
            asked = (nothing, 0) if motion is None else (pointer(motion.references), len(motion.references))
            options = (ctypes.c_bool(has_event_mode), yes, asked[0], ctypes.c_size_t(asked[1]))
            function = "fmi3InstantiateCoSimulation"
            arguments = (*start, *options, *callbacks, nothing if motion is None else motion.callback)
        instance = library.function(function, ctypes.c_void_p)(*arguments)
        if not instance:
            raise FmuError(f"{function} gave no instance: {log.collect() or 'the FMU gave no reason.'}")
        self._instance = ctypes.c_void_p(instance)
        self.clocks: Clocks | None = None
        self._start = 0.0
        if motion is not None:
            motion.attach(self)
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
            set_logging = self._library.function("fmi3SetDebugLogging")
            is_on, n_kept, names = kept_categories(self._categories)
            set_logging(self._instance, ctypes.c_bool(is_on), n_kept, names)

    @property
    def handle(self) -> int:
        return self._instance.value or 0

    def address(self, name: str) -> int:
        return ctypes.cast(self._library.function(name), ctypes.c_void_p).value or 0

    def call(self, name: str, *arguments: Any) -> None:
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._library.function(name)
        status = function(self._instance, *arguments)
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
        transfer = self._transfer(kind, names, references, positions, layout)
        if self.clocks is None or not self.clocks.is_clocked(references):
            return transfer
        if layout is not None:
            raise StructureError(
                f"{', '.join(names)} cannot be exchanged: elements of clocked arrays are not. Leave them "
                "unconnected, and out of 'record'.",
                variable=names[0],
            )
        pairs = zip(names, references, strict=True)
        parts = [self._transfer(kind, [name], [reference], None, None) for name, reference in pairs]
        return self.clocks.hold(transfer, references, parts)

    def _transfer(
        self,
        kind: VariableType,
        names: Sequence[str],
        references: Sequence[int],
        positions: NDArray[np.intp] | None,
        layout: ArrayLayout | None,
    ) -> Transfer:
        family = _FAMILIES.get(kind, kind.value)
        numbers = references if layout is None else layout.references
        buffer = np.zeros(len(names) if layout is None else layout.n_values, dtype=buffer_type(kind))
        handles = np.array(numbers, dtype=np.uint32)
        n, n_values = ctypes.c_size_t(len(numbers)), ctypes.c_size_t(len(buffer))
        return Transfer(
            names=tuple(names),
            get=self._library.function(f"fmi3Get{family}"),
            set=self._library.function(f"fmi3Set{family}"),
            get_name=f"fmi3Get{family}",
            set_name=f"fmi3Set{family}",
            arguments=(self._instance, pointer(handles), n, pointer(buffer), n_values),
            buffer=buffer,
            references=handles,
            positions=positions,
            is_boolean=kind is VariableType.BOOLEAN,
            is_float=kind in (VariableType.FLOAT32, VariableType.FLOAT64),
            elements=None if layout is None else layout.elements,
        )

    def set_string(self, reference: int, text: str) -> None:
        handle, value, one = ctypes.c_uint(reference), encoded(text), ctypes.c_size_t(1)
        self.call("fmi3SetString", ctypes.byref(handle), one, ctypes.byref(value), one)

    def set_binary(self, reference: int, content: bytes) -> None:
        handle, size, one = ctypes.c_uint(reference), ctypes.c_size_t(len(content)), ctypes.c_size_t(1)
        value = ctypes.c_char_p(content)
        self.call("fmi3SetBinary", ctypes.byref(handle), one, ctypes.byref(size), ctypes.byref(value), one)

    def configure(self, assign: Callable[[], None]) -> None:
        self.call("fmi3EnterConfigurationMode")
        assign()
        self.call("fmi3ExitConfigurationMode")

    def enter_initialization(self, start: float, stop: float | None, tolerance: float | None) -> None:
        self._start = start
        self.call(
            "fmi3EnterInitializationMode",
            ctypes.c_bool(tolerance is not None),
            ctypes.c_double(tolerance or 0.0),
            ctypes.c_double(start),
            ctypes.c_bool(stop is not None),
            ctypes.c_double(stop or 0.0),
        )

    def exit_initialization(self) -> None:
        if self.clocks is not None:
            self.clocks.begin(self._start)
        self.call("fmi3ExitInitializationMode")
        if self._log.is_trace:
            self._quieten()

    def step(self, time: float, size: float) -> StepReport | None:
        assert self._do_step is not None
        self._time.value = time
        self._size.value = size
        self._reached.value = time + size
        self._event.value = self._early.value = self._terminate.value = False
        return self.conclude(self._do_step(*self._step_arguments), time, size)

    def conclude(self, status: int, time: float, size: float) -> StepReport | None:
        if not 0 <= status <= WARNING:
            raise CallRefused("fmi3DoStep", status)
        early, ends, event = self._early.value, self._terminate.value, self._event.value
        if not early and not ends and not event:
            return None
        reached = self._reached.value if early or ends else time + size
        return StepReport(reached, is_early=early, is_terminated=ends, needs_event=event)

    def native_step(self) -> NativeStep | None:
        if self._do_step is None:
            return None
        flags = (ctypes.addressof(flag) for flag in (self._event, self._terminate, self._early, self._reached))
        return NativeStep(3, self.handle, address_of(self._do_step), *flags)

    def get_state(self) -> ctypes.c_void_p:
        state = ctypes.c_void_p()
        self.call("fmi3GetFMUState", ctypes.byref(state))
        return state

    def set_state(self, state: ctypes.c_void_p) -> None:
        self.call("fmi3SetFMUState", state)

    def free_state(self, state: ctypes.c_void_p) -> None:
        self.call("fmi3FreeFMUState", ctypes.byref(state))

    def reset(self) -> None:
        self.call("fmi3Reset")

    def terminate(self) -> None:
        self.call("fmi3Terminate")

    def free(self) -> None:
        self._free_instance(self._instance)


class Fmi3Events(AbstractEvents):
    """Event Mode of FMI 3.0, left for Step Mode."""

    update_name = "fmi3UpdateDiscreteStates"

    def __init__(self, calls: AbstractCalls, leave_name: str = "fmi3EnterStepMode") -> None:
        self._call, self._leave_name = calls.call, leave_name
        self._flags = tuple(ctypes.c_bool() for _ in range(5))
        self._next_event = ctypes.c_double()
        self._arguments = (*(ctypes.byref(flag) for flag in self._flags), ctypes.byref(self._next_event))

    def enter(self) -> None:
        self._call("fmi3EnterEventMode")

    def update(self) -> DiscreteUpdate:
        self._call(self.update_name, *self._arguments)
        needs_more, ends, nominals_changed, states_changed, has_next = (flag.value for flag in self._flags)
        next_event = self._next_event.value if has_next else math.inf
        return DiscreteUpdate(needs_more, ends, nominals_changed, states_changed, next_event)

    def leave(self) -> None:
        self._call(self._leave_name)


class Fmi3Equations(AbstractEquations):
    """The Model Exchange functions of FMI 3.0."""

    update_name = Fmi3Events.update_name
    version = 3
    functions = Functions(
        "fmi3SetTime",
        "fmi3SetContinuousStates",
        "fmi3GetContinuousStateDerivatives",
        "fmi3GetEventIndicators",
        "fmi3CompletedIntegratorStep",
        "fmi3GetDirectionalDerivative",
    )

    def __init__(self, calls: AbstractCalls) -> None:
        self._call = calls.call
        self._events = Fmi3Events(calls, "fmi3EnterContinuousTimeMode")
        self._n_states, self._n_indicators = ctypes.c_size_t(), ctypes.c_size_t()

    def sizes(self) -> tuple[int, int]:
        self._call("fmi3GetNumberOfContinuousStates", ctypes.byref(self._n_states))
        self._call("fmi3GetNumberOfEventIndicators", ctypes.byref(self._n_indicators))
        return self._n_states.value, self._n_indicators.value

    def enter(self) -> None:
        self._events.enter()

    def update(self) -> DiscreteUpdate:
        return self._events.update()

    def leave(self) -> None:
        self._events.leave()

    def set_time(self, time: float) -> None:
        self._call("fmi3SetTime", ctypes.c_double(time))

    def set_states(self, address: int) -> None:
        self._call("fmi3SetContinuousStates", ctypes.c_void_p(address), self._n_states)

    def get_states(self, address: int) -> None:
        self._call("fmi3GetContinuousStates", ctypes.c_void_p(address), self._n_states)

    def get_derivatives(self, address: int) -> None:
        self._call("fmi3GetContinuousStateDerivatives", ctypes.c_void_p(address), self._n_states)

    def get_indicators(self, address: int) -> None:
        self._call("fmi3GetEventIndicators", ctypes.c_void_p(address), self._n_indicators)

    def get_nominals(self, address: int) -> None:
        self._call("fmi3GetNominalsOfContinuousStates", ctypes.c_void_p(address), self._n_states)

    def complete_step(self) -> tuple[bool, bool]:
        asks, ends = ctypes.c_bool(), ctypes.c_bool()
        self._call("fmi3CompletedIntegratorStep", ctypes.c_bool(False), ctypes.byref(asks), ctypes.byref(ends))
        return asks.value, ends.value
