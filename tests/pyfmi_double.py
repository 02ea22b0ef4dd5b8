"""A stand-in for the package ``pyfmi`` where that is not installed: the functions that cosim calls, over cosim's own.

Names, arguments and what they return are those of PyFMI's ``FMUModelCS2``.
"""

import ctypes
import sys
import types
from contextlib import contextmanager, suppress
from pathlib import Path

from fmpy import read_model_description

from cosim.errors import FmuError
from cosim.fmu.calls import CallRefused
from cosim.fmu.fmi2 import Fmi2Calls
from cosim.fmu.library import SharedLibrary
from cosim.fmu.log import STATUS_NAMES, InstanceLog
from cosim.system.variable import VariableType


class FMUException(Exception):
    """PyFMI's error."""


def load_fmu(fmu, log_file_name="", kind="auto", log_level=2, allow_unzipped_fmu=False):
    assert (allow_unzipped_fmu, kind) == (True, "CS")
    return FMUModelCS2(Path(fmu), log_file_name)


class _Log(InstanceLog):
    """Writes what the FMU says into the file that PyFMI was given, as PyFMI does."""

    def __init__(self, sink):
        super().__init__("Model", verbose=False)
        self._sink = sink

    def take(self, status, message):
        if status:
            text = f"[ERROR][FMU status:{STATUS_NAMES[status]}] {message.decode()}"
            self._sink.write(f"FMIL: module = Model, log level = 2: {text}\n")


def guarded(method):
    """Let ``method`` raise what PyFMI raises."""

    def call(self, *arguments, **named):
        try:
            return method(self, *arguments, **named)
        except CallRefused as error:
            raise FMUException(f"Failed in {error.function}.") from error

    return call


class FMUModelCS2:
    def __init__(self, folder, sink):
        described = read_model_description(folder, validate=False)
        identifier = described.coSimulation.modelIdentifier
        self._library = SharedLibrary(folder, folder / "binaries" / "linux64" / f"{identifier}.so")
        try:
            self._calls = Fmi2Calls(
                self._library,
                _Log(sink),
                name="Model",
                guid=described.guid,
                resources=folder / "resources",
                categories=(),
            )
        except FmuError as error:
            raise FMUException("The instantiation failed. See the log for possibly more information.") from error

    def __del__(self):
        if hasattr(self, "_calls"):
            self._calls.free()
        with suppress(ImportError):  # what is never freed goes when Python ends
            self._library.close()

    def setup_experiment(self, tolerance_defined, tolerance, start_time, stop_time_defined, stop_time):
        self._experiment = (
            start_time,
            stop_time if stop_time_defined else None,
            tolerance if tolerance_defined else None,
        )

    @guarded
    def enter_initialization_mode(self):
        self._calls.enter_initialization(*self._experiment)
        return 0

    @guarded
    def exit_initialization_mode(self):
        self._calls.exit_initialization()
        return 0

    def do_step(self, current_t, step_size, new_step=True):
        arguments = ctypes.c_double(current_t), ctypes.c_double(step_size), ctypes.c_int(new_step)
        try:
            self._calls.call("fmi2DoStep", *arguments)
        except CallRefused as refusal:
            return refusal.status
        return 0

    def _moved(self, kind, references, values=None):
        transfer = self._calls.transfer(kind, [""] * len(references), references, None)
        if values is not None:
            transfer.buffer[:] = values
        if (transfer.get if values is None else transfer.set)(*transfer.arguments) > 1:
            raise FMUException("Failed to move the values.")
        return transfer.buffer

    def get_real(self, valueref):
        return self._moved(VariableType.FLOAT64, valueref)

    def get_integer(self, valueref):
        return self._moved(VariableType.INT32, valueref)

    def get_boolean(self, valueref):
        return self._moved(VariableType.BOOLEAN, valueref).astype(bool)

    def set_real(self, valueref, values):
        self._moved(VariableType.FLOAT64, valueref, values)

    def set_integer(self, valueref, values):
        self._moved(VariableType.INT32, valueref, values)

    def set_boolean(self, valueref, values):
        assert values.dtype == bool
        self._moved(VariableType.BOOLEAN, valueref, values)

    @guarded
    def set_string(self, valueref, values):
        self._calls.set_string(int(valueref[0]), values[0])

    def _status(self, family, kind, found):
        if not self._calls._status(family, kind, found):
            raise FMUException("An error occured while retriving the status")
        return found.value

    def get_real_status(self, status_kind):
        return self._status("Real", status_kind, ctypes.c_double())

    def get_boolean_status(self, status_kind):
        return self._status("Boolean", status_kind, ctypes.c_int())

    @guarded
    def get_fmu_state(self, state=None):
        return self._calls.get_state()

    @guarded
    def set_fmu_state(self, state):
        self._calls.set_state(state)

    @guarded
    def free_fmu_state(self, state):
        self._calls.free_state(state)

    @guarded
    def reset(self):
        self._calls.reset()

    @guarded
    def terminate(self):
        self._calls.terminate()


@contextmanager
def standing_in(monkeypatch):
    """Let ``import pyfmi`` find this."""
    package, module = types.ModuleType("pyfmi"), types.ModuleType("pyfmi.fmi")
    package.load_fmu, package.__path__, package.__spec__ = load_fmu, [], types.SimpleNamespace()
    module.FMUException = FMUException
    monkeypatch.setitem(sys.modules, "pyfmi", package)
    monkeypatch.setitem(sys.modules, "pyfmi.fmi", module)
    yield
