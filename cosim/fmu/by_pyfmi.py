"""FMI 2.0 for Co-Simulation through PyFMI, where that is installed: the same instance, another caller of the FMU.

PyFMI gives numbers, steps and states. Derivatives, inputs that move and written states stay with cosim's own calls.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import CapabilityError, FmuError
from cosim.fmu.arrays import ArrayLayout
from cosim.fmu.calls import (
    DISCARD,
    ERROR,
    FATAL,
    OK,
    WARNING,
    AbilityFunctions,
    AbstractCalls,
    CallRefused,
    StepReport,
    Transfer,
)
from cosim.fmu.facts import FmuFacts, InterfaceType
from cosim.fmu.library import SharedLibrary
from cosim.fmu.log import STATUS_NAMES, InstanceLog
from cosim.fmu.motion import ToldMotion
from cosim.fmu.stepping import DirectStepper
from cosim.fmu.versions import Origin, Parts
from cosim.system.component import ComponentDescription
from cosim.system.variable import VariableType

LOG_LEVEL: Final = 3
"""PyFMI's: errors and warnings."""
_LAST_SUCCESSFUL_TIME: Final = 2
_TERMINATED: Final = 3
"""Kinds of status (FMI 2.0.4, section 4.2.3)."""
_MESSAGE: Final = re.compile(r"\[FMU status:(\w+)\]\s*(.*?)\s*$")
_FAMILIES: Final = {
    VariableType.FLOAT64: ("real", np.float64),
    VariableType.INT32: ("integer", np.int32),
    VariableType.ENUMERATION: ("integer", np.int32),
    VariableType.BOOLEAN: ("boolean", np.int32),
}


_abandoned: Final[list[Any]] = []
"""Models of which nothing may be called any more, which is what PyFMI does when one is forgotten."""


def as_pyfmi_gives_it(
    description: ComponentDescription, facts: FmuFacts, interface: InterfaceType
) -> ComponentDescription:
    """Return ``description`` without what PyFMI does not give here.

    Raises
    ------
    FmuError
        When PyFMI is not installed, or does not run such an FMU.
    """
    if find_spec("pyfmi") is None:
        raise FmuError(
            "'backend: pyfmi' needs PyFMI, which is not installed and has no wheel. Install it by conda "
            "(conda install -c conda-forge pyfmi), or leave 'backend' out."
        )
    if facts.major_version != 2 or interface != "Co-Simulation":
        what = f"FMI {facts.fmi_version} for {interface}"
        raise FmuError(f"'backend: pyfmi' is for FMI 2.0 Co-Simulation; this is {what}. Leave 'backend' out.")
    if description.capabilities.needs_execution_tool:
        raise FmuError("PyFMI runs no FMU that needs its author's tool (needsExecutionTool). Leave 'backend' out.")
    capabilities = replace(
        description.capabilities,
        can_serialise_state=False,
        provides_directional_derivatives=False,
        can_interpolate_inputs=False,
        max_output_derivative_order=0,
    )
    return replace(description, capabilities=capabilities)


def instantiate(_: SharedLibrary, log: InstanceLog, __: str, origin: Origin) -> Parts:
    """Make an instance of the FMU that is unpacked where ``origin`` says; raise FmuError when it refuses."""
    calls = PyfmiCalls(origin.resources.parent, log)
    return Parts(calls, DirectStepper(calls), ToldMotion(calls))


class _Listener:
    """A file to PyFMI, which it writes its log into; what the FMU says goes to ``log``."""

    def __init__(self, log: InstanceLog) -> None:
        self._log = log

    def write(self, text: str) -> int:
        """Take lines such as ``FMIL: … [WARNING][FMU status:Warning] too hot``."""
        for line in text.splitlines():
            if said := _MESSAGE.search(line):
                status = STATUS_NAMES.index(said[1]) if said[1] in STATUS_NAMES else WARNING
                self._log.take(status, said[2].encode())
        return len(text)

    def flush(self) -> None:
        """Have nothing to flush."""


class PyfmiCalls(AbstractCalls):
    """An instance held by PyFMI. An exception of PyFMI is an error of the function that it stands for."""

    names = AbilityFunctions(output_derivatives="", save="fmi2GetFMUstate")

    def __init__(self, folder: Path, log: InstanceLog) -> None:
        """Instantiate; raise FmuError when the FMU refuses."""
        import pyfmi
        from pyfmi.fmi import FMUException

        self._refusal: type[Exception] = FMUException
        try:
            self._model: Any = pyfmi.load_fmu(
                str(folder), log_file_name=_Listener(log), kind="CS", log_level=LOG_LEVEL, allow_unzipped_fmu=True
            )
        except FMUException as error:
            raise FmuError(f"PyFMI cannot load it: {str(error).rstrip('.')}. {log.collect()}".rstrip()) from error

    @property
    def handle(self) -> int:
        raise AssertionError("PyFMI keeps it to itself")

    def address(self, name: str) -> int:
        raise AssertionError("PyFMI keeps it to itself")

    def call(self, name: str, *arguments: Any) -> None:
        raise AssertionError(f"{name} is not declared")

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
        read, write = getattr(self._model, f"get_{family}"), getattr(self._model, f"set_{family}")

        def get() -> int:
            return self._status(lambda: np.copyto(buffer, read(handles), casting="unsafe"))

        def put() -> int:
            return self._status(lambda: write(handles, buffer.astype(bool) if family == "boolean" else buffer))

        return Transfer(
            names=tuple(names),
            get=get,
            set=put,
            get_name=f"fmi2Get{family.capitalize()}",
            set_name=f"fmi2Set{family.capitalize()}",
            arguments=(),
            buffer=buffer,
            references=handles,
            positions=positions,
            is_boolean=kind is VariableType.BOOLEAN,
            is_float=kind is VariableType.FLOAT64,
        )

    def set_string(self, reference: int, text: str) -> None:
        self._do("fmi2SetString", lambda: self._model.set_string([reference], [text]))

    def set_binary(self, reference: int, content: bytes) -> None:
        raise AssertionError("FMI 2.0 has no binary variables")

    def configure(self, assign: Callable[[], None]) -> None:
        raise CapabilityError("Structural parameters cannot be set: FMI 2.0 has none. Export the FMU as FMI 3.0.")

    def enter_initialization(self, start: float, stop: float | None, tolerance: float | None) -> None:
        self._do(
            "fmi2SetupExperiment",
            lambda: self._model.setup_experiment(
                tolerance_defined=tolerance is not None,
                tolerance=tolerance or 0.0,
                start_time=start,
                stop_time_defined=stop is not None,
                stop_time=stop or 0.0,
            ),
        )
        self._do("fmi2EnterInitializationMode", self._model.enter_initialization_mode)

    def exit_initialization(self) -> None:
        self._do("fmi2ExitInitializationMode", self._model.exit_initialization_mode)

    def step(self, time: float, size: float) -> StepReport | None:
        status = self._model.do_step(time, size, True)
        if 0 <= status <= WARNING:
            return None
        if status == FATAL:
            _abandoned.append(self._model)
        if status != DISCARD:
            raise CallRefused("fmi2DoStep", status)
        reached = self._asked(lambda: self._model.get_real_status(_LAST_SUCCESSFUL_TIME))
        if self._asked(lambda: self._model.get_boolean_status(_TERMINATED)):
            return StepReport(time if reached is None else reached, is_early=reached is not None, is_terminated=True)
        raise CallRefused("fmi2DoStep", DISCARD, "Try a smaller step.", reached)

    def get_state(self) -> ctypes.c_void_p:
        found: list[Any] = []
        self._do("fmi2GetFMUstate", lambda: found.append(self._model.get_fmu_state()))
        return found[0]  # type: ignore[no-any-return]

    def set_state(self, state: ctypes.c_void_p) -> None:
        self._do("fmi2SetFMUstate", lambda: self._model.set_fmu_state(state))

    def free_state(self, state: ctypes.c_void_p) -> None:
        self._do("fmi2FreeFMUstate", lambda: self._model.free_fmu_state(state))

    def reset(self) -> None:
        self._do("fmi2Reset", self._model.reset)

    def terminate(self) -> None:
        self._do("fmi2Terminate", self._model.terminate)

    def free(self) -> None:
        self._model = None  # PyFMI frees the FMU with its last reference, and twice if it is also told to

    def _status(self, call: Callable[[], object]) -> int:
        try:
            call()
        except self._refusal:
            return ERROR
        return OK

    def _do(self, function: str, call: Callable[[], object]) -> None:
        try:
            status = call()
        except self._refusal as error:
            raise CallRefused(function, ERROR, str(error)) from error
        if isinstance(status, int) and not 0 <= status <= WARNING:
            raise CallRefused(function, status)

    def _asked(self, ask: Callable[[], float]) -> float | None:
        try:
            value = float(ask())
        except self._refusal:
            return None
        return value if math.isfinite(value) else None
