"""FMUs of the library's classes for tests: built once, kept in pytest's cache, driven step by step."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import byref
from pathlib import Path
from tempfile import TemporaryDirectory

import fmpy
import numpy as np
from fmpy.fmi1 import printLogMessage
from fmpy.fmi2 import FMU2Slave, fmi2CallbackFunctions, fmi2CallbackLoggerTYPE
from fmpy.logging import addLoggerProxy

from cosim.build.builder import build

REPOSITORY = Path(__file__).resolve().parents[1]
LIBRARY = REPOSITORY / "modelica" / "BioProcess"
SPECIES = tuple(json.loads((LIBRARY / "Resources" / "species.json").read_text(encoding="utf-8")))


def library_fmus(folder: Path, class_names: Sequence[str], search_path: Sequence[Path] = ()) -> dict[str, Path]:
    """Build the FMI 2.0 FMUs of ``class_names`` into ``folder``, or find them there."""
    built = build(class_names, search_path=(*search_path, LIBRARY.parent), output=folder, fmi_versions=("2.0",), jobs=2)
    return {fmu.class_name: fmu.path for fmu in built}


class Course:
    """Variables over time; ``course[name, t]`` interpolates."""

    def __init__(self, rows: np.ndarray) -> None:
        self.time = np.asarray(rows["time"])
        self._rows = rows

    def __getitem__(self, key: tuple[str, float]) -> float:
        name, time = key
        return float(np.interp(time, self.time, self._rows[name]))

    def all(self, name: str) -> np.ndarray:
        """Return every value of ``name``."""
        return np.asarray(self._rows[name])


def simulate(
    fmu: Path, outputs: Sequence[str], *, stop: float, interval: float, tolerance: float, **start: float
) -> Course:
    """Run an FMU in Co-Simulation; a failed assertion inside raises."""
    rows = fmpy.simulate_fmu(
        str(fmu), stop_time=stop, output_interval=interval, relative_tolerance=tolerance, output=list(outputs),
        start_values=start, fmi_type="CoSimulation",
    )  # fmt: skip
    return Course(rows)


class Unit:
    """One FMU in Co-Simulation. Inputs hold until they are set again."""

    def __init__(self, slave: FMU2Slave, description: fmpy.model_description.ModelDescription) -> None:
        self._slave = slave
        self.variables = {v.name: v for v in description.modelVariables}
        self.time = 0.0

    def set(self, values: Mapping[str, float]) -> None:
        """Set inputs or parameters by name."""
        for name, value in values.items():
            variable = self.variables[name]
            setter = {"Real": self._slave.setReal, "Boolean": self._slave.setBoolean}.get(
                variable.type, self._slave.setInteger
            )
            setter([variable.valueReference], [value])

    def get(self, names: Sequence[str]) -> np.ndarray:
        """Read variables by name."""
        return np.array(self._slave.getReal([self.variables[name].valueReference for name in names]))

    def read(self, name: str) -> float:
        """Read one variable."""
        return float(self.get([name])[0])

    def step(self, size: float) -> None:
        """Advance by ``size`` seconds."""
        self._slave.doStep(self.time, size)
        self.time += size


_LOGGER = fmi2CallbackLoggerTYPE(printLogMessage)
"""Lives as long as the process, see ``keep_logger``."""


def keep_logger() -> None:
    """Let FMUs with fmpy's default callbacks log to a function that stays.

    fmpy's proxy in C has one logger for the whole process: that of whoever registered last. After a test that brought
    its own it is gone, and the next FMU that has something to say would call freed memory.
    """
    callbacks = fmi2CallbackFunctions()
    callbacks.logger = _LOGGER
    addLoggerProxy(byref(callbacks))


@contextmanager
def unit(fmu: Path, *, tolerance: float = 1e-6, **start: float) -> Iterator[Unit]:
    """Run an FMU for the length of a ``with`` block."""
    description = fmpy.read_model_description(str(fmu))
    with TemporaryDirectory() as folder:
        fmpy.extract(str(fmu), folder)
        slave = FMU2Slave(
            guid=description.guid, unzipDirectory=folder, instanceName="it",
            modelIdentifier=description.coSimulation.modelIdentifier,
        )  # fmt: skip
        slave.instantiate()
        it = Unit(slave, description)
        it.set(start)
        slave.setupExperiment(startTime=0.0, tolerance=tolerance)
        slave.enterInitializationMode()
        slave.exitInitializationMode()
        try:
            yield it
        finally:
            slave.terminate()
            slave.freeInstance()
