"""Driving an FMI 2.0 FMU call by call through ctypes, with its log kept."""

import ctypes as ct
import struct
import sys
from pathlib import Path

import fmpy
import numpy as np

OK, WARNING, DISCARD, ERROR = 0, 1, 2, 3
_LOGGER = ct.CFUNCTYPE(None, ct.c_void_p, ct.c_char_p, ct.c_int, ct.c_char_p, ct.c_char_p)


class _Callbacks(ct.Structure):
    _fields_ = (
        ("logger", _LOGGER),
        ("allocate", ct.c_void_p),
        ("free", ct.c_void_p),
        ("finished", ct.c_void_p),
        ("environment", ct.c_void_p),
    )


class Fmu:
    """One instance of an extracted FMI 2.0 FMU. ``call`` returns the FMI status; names stand for value references."""

    def __init__(
        self, folder: Path, *, kind: str = "cs", name: str = "it", start: bool = True, tolerance: float = 1e-6
    ):
        self.log: list[str] = []
        self.description = fmpy.read_model_description(str(folder), validate=False)
        self.variables = {v.name: v for v in self.description.modelVariables}
        identifier = self.description.coSimulation.modelIdentifier
        extension = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
        self.library = ct.CDLL(str(folder / "binaries" / fmpy.platform / f"{identifier}{extension}"))
        self._logger = _LOGGER(lambda _env, _name, _status, _category, text: self.log.append(text.decode()))
        self._callbacks = _Callbacks(self._logger, None, None, None, None)
        instantiate = self.library.fmi2Instantiate
        instantiate.restype = ct.c_void_p
        self.kind = kind
        self.component = ct.c_void_p(
            instantiate(
                name.encode(),
                1 if kind == "cs" else 0,
                self.description.guid.encode(),
                b"",
                ct.byref(self._callbacks),
                0,
                0,
            )
        )
        assert self.component, self.log
        self.time = 0.0
        if start:
            self.initialise(tolerance=tolerance)

    def call(self, function: str, *arguments: object) -> int:
        """Call ``fmi2<function>`` and return its status."""
        converted = [ct.c_double(q) if isinstance(q, float) else q for q in arguments]
        return int(getattr(self.library, "fmi2" + function)(self.component, *converted))

    def initialise(self, *, tolerance: float = 1e-6, start: float = 0.0, stop: float | None = None) -> int:
        """Go through initialisation; return the last status."""
        assert self.call("SetupExperiment", 1, tolerance, start, int(stop is not None), stop or 0.0) == OK
        assert self.call("EnterInitializationMode") == OK
        self.time = start
        return self.call("ExitInitializationMode")

    def set(self, **values: float) -> int:
        """Set real variables, one call for all; dots in names are written as ``__``."""
        return self.set_values({name.replace("__", "."): value for name, value in values.items()})

    def set_values(self, values: dict[str, float]) -> int:
        references = (ct.c_uint * len(values))(*(self.variables[name].valueReference for name in values))
        return self.call("SetReal", references, ct.c_size_t(len(values)), (ct.c_double * len(values))(*values.values()))

    def get(self, *names: str) -> list[float]:
        """Read real variables; fails the test when the FMU refuses."""
        references = (ct.c_uint * len(names))(*(self.variables[name].valueReference for name in names))
        values = (ct.c_double * len(names))()
        assert self.call("GetReal", references, ct.c_size_t(len(names)), values) == OK, self.log
        return list(values)

    def set_rates(self, order: int, **rates: float) -> int:
        """Set derivatives of one order of inputs."""
        references = (ct.c_uint * len(rates))(*(self.variables[name].valueReference for name in rates))
        orders, values = (ct.c_int * len(rates))(*[order] * len(rates)), (ct.c_double * len(rates))(*rates.values())
        return self.call("SetRealInputDerivatives", references, ct.c_size_t(len(rates)), orders, values)

    def rates(self, order: int, *names: str) -> list[float]:
        """Read derivatives of one order of outputs; fails the test when the FMU refuses."""
        references = (ct.c_uint * len(names))(*(self.variables[name].valueReference for name in names))
        orders, values = (ct.c_int * len(names))(*[order] * len(names)), (ct.c_double * len(names))()
        status = self.call("GetRealOutputDerivatives", references, ct.c_size_t(len(names)), orders, values)
        assert status == OK, self.log
        return list(values)

    def step(self, h: float) -> int:
        """One communication step from where the last one ended."""
        status = self.call("DoStep", self.time, float(h), 1)
        if status == OK:
            self.time += h
        return status

    def run(self, stop: float, h: float, name: str) -> np.ndarray:
        """Step to ``stop``; return the values of ``name`` after each step."""
        values = []
        for _ in range(round((stop - self.time) / h)):
            assert self.step(h) == OK, self.log
            values += self.get(name)
        return np.array(values)

    def save(self, state: ct.c_void_p | None = None) -> ct.c_void_p:
        """Return the FMU state, or update ``state``."""
        state = state or ct.c_void_p()
        assert self.call("GetFMUstate", ct.byref(state)) == OK
        return state

    def restore(self, state: ct.c_void_p) -> int:
        return self.call("SetFMUstate", state)

    def discard(self, state: ct.c_void_p) -> None:
        assert self.call("FreeFMUstate", ct.byref(state)) == OK

    def serialise(self) -> bytes:
        """Return the current state as bytes."""
        state, size = self.save(), ct.c_size_t()
        assert self.call("SerializedFMUstateSize", state, ct.byref(size)) == OK
        data = ct.create_string_buffer(size.value)
        assert self.call("SerializeFMUstate", state, data, size) == OK
        self.discard(state)
        return data.raw

    def deserialise(self, data: bytes) -> int:
        """Set the state from bytes; return the first status that is not OK."""
        state = ct.c_void_p()
        status = self.call("DeSerializeFMUstate", data, ct.c_size_t(len(data)), ct.byref(state))
        if status == OK:
            status = self.restore(state)
            self.discard(state)
        return status

    def terminated_status(self) -> tuple[bool, float]:
        """What fmi2GetBooleanStatus(terminated) and fmi2GetRealStatus(lastSuccessfulTime) say."""
        flag, last = ct.c_int(), ct.c_double()
        assert self.call("GetBooleanStatus", 3, ct.byref(flag)) == OK
        assert self.call("GetRealStatus", 2, ct.byref(last)) == OK
        return bool(flag.value), last.value

    def free(self) -> None:
        if self.component:
            self.library.fmi2FreeInstance(self.component)
            self.component = ct.c_void_p()


def edit(data: bytes, offset: int, value: float) -> bytes:
    """Return ``data`` with the float64 at ``offset`` replaced."""
    return data[:offset] + struct.pack("<d", value) + data[offset + 8 :]
