"""One cell of the comparison: which system, and what its result must be."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

STEP = 1e-3
"""Communication step [s]."""
N_CHANNELS = 20
"""Of the FMU; a cell connects the first of them."""
FIRST_OUTPUT = 100
"""Value reference of the first output; inputs begin at 0."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``n`` FMUs in a chain or ring, each with ``connections`` from the one before; ``kind`` also 'ring-full'."""

    kind: str
    n: int
    connections: int
    recorded: bool
    fmu: str

    @property
    def factor(self) -> float:
        """Between an output and the input it is joined to: outputs in g go to inputs in kg in a full system."""
        return 1e-3 if self.kind.endswith("-full") else 1.0

    @property
    def links(self) -> list[tuple[int, int, int, int]]:
        """Connections as (source FMU, output, target FMU, input), from channel k to channel k + 1."""
        first = 1 if self.kind == "chain" else 0
        c = self.connections
        return [((i - 1) % self.n, k, i, (k + 1) % c) for i in range(first, self.n) for k in range(c)]


class AbstractMaster(ABC):
    """A master with a system loaded and initialised."""

    @abstractmethod
    def __init__(self, cell: Cell, folder: Path) -> None:
        """Load ``cell``; ``folder`` is for files."""

    @abstractmethod
    def run(self, n_steps: int) -> float:
        """Go on for ``n_steps`` communication steps; return the wall time [s] of stepping (and recording) alone."""

    @abstractmethod
    def outputs(self) -> list[float]:
        """Return the connected outputs of all FMUs as they are now, FMU by FMU."""


def references(cell: Cell, n_steps: int) -> dict[str, np.ndarray]:
    """Return the outputs after ``n_steps`` by the ways in which masters pass values on.

    ``jacobi``: each FMU gets what the others put out before the step. ``gauss_seidel``: one after the other, with what
    has just been put out. ``unset``: as jacobi, but inputs keep their start values in the first step.
    """
    sources, targets = _places(cell)
    start = np.tile(0.1 * np.arange(cell.connections), (cell.n, 1))
    x = {name: start.copy() for name in ("jacobi", "gauss_seidel", "unset")}
    u = np.zeros_like(start)
    for step in range(n_steps):
        for name in ("jacobi", "unset"):
            u.flat[targets] = 0.0 if name == "unset" and step == 0 else cell.factor * x[name].flat[sources]
            x[name] = _stepped(x[name], u)
    if cell.n * n_steps <= 200_000:
        own, first = x["gauss_seidel"], 1 if cell.kind == "chain" else 0
        shift = np.roll(np.arange(cell.connections), 1)
        for _ in range(n_steps):
            for i in range(cell.n):
                inputs = cell.factor * own[i - 1][shift] if i >= first else np.zeros(cell.connections)
                own[i] = _stepped(own[i], inputs)
    return x


def _places(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    c, links = cell.connections, cell.links
    sources = np.array([i * c + k for i, k, _, _ in links], dtype=int)
    targets = np.array([j * c + m for _, _, j, m in links], dtype=int)
    return sources, targets


def _stepped(x: np.ndarray, u: np.ndarray) -> np.ndarray:
    return x + STEP * (-x + 0.5 * u + 1.0)


def build_fmu(folder: Path, *, units: tuple[str, str] = ("", "")) -> Path:
    """Compile the FMU with the machine's C compiler; ``units`` of inputs and outputs."""
    folder.mkdir(parents=True, exist_ok=True)
    source = Path(__file__).with_name("lag.c")
    compile_c(source, folder / "lag.so")
    identity = "lag" if units == ("", "") else "lag_units"
    path = folder / f"{identity}.fmu"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("modelDescription.xml", _description(units))
        archive.write(folder / "lag.so", "binaries/linux64/lag.so")
    return path


def compile_c(source: Path, target: Path) -> None:
    """Compile to a shared library with -O2."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise SystemExit("masters.py needs a C compiler (cc) for its FMU and for the C loop; none was found.")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(target), str(source)], check=True)


def _description(units: tuple[str, str]) -> str:
    inputs = [_variable(f"u{k}", k, "input", ' start="0"', units[0]) for k in range(N_CHANNELS)]
    outputs = [_variable(f"y{k}", FIRST_OUTPUT + k, "output", "", units[1]) for k in range(N_CHANNELS)]
    inputs += [_variable("held_volume", 200, "output", "", "m3")] if units != ("", "") else []
    unknowns = "".join(f'<Unknown index="{N_CHANNELS + 1 + k}" dependencies=""/>' for k in range(N_CHANNELS))
    if units != ("", ""):
        inputs, held = inputs[:-1], inputs[-1:]
        unknowns += f'<Unknown index="{2 * N_CHANNELS + 1}" dependencies=""/>'
        outputs += held
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="lag" guid="lag" variableNamingConvention="flat">
<CoSimulation modelIdentifier="lag" canHandleVariableCommunicationStepSize="true" canGetAndSetFMUstate="true"/>
{_unit_definitions(units)}<DefaultExperiment stepSize="{STEP}"/>
<ModelVariables>
{"".join(inputs)}{"".join(outputs)}</ModelVariables>
<ModelStructure><Outputs>{unknowns}</Outputs><InitialUnknowns>{unknowns}</InitialUnknowns></ModelStructure>
</fmiModelDescription>
"""


def _variable(name: str, reference: int, causality: str, start: str, unit: str) -> str:
    text = f' unit="{unit}"' if unit else ""
    return (
        f'<ScalarVariable name="{name}" valueReference="{reference}" causality="{causality}" '
        f'variability="continuous"><Real{start}{text}/></ScalarVariable>\n'
    )


def _unit_definitions(units: Sequence[str]) -> str:
    if not any(units):
        return ""
    scale = {"kg": 1.0, "g": 1e-3}
    definitions = "".join(f'<Unit name="{unit}"><BaseUnit kg="1" factor="{scale[unit]}"/></Unit>' for unit in units)
    return f'<UnitDefinitions>{definitions}<Unit name="m3"><BaseUnit m="3"/></Unit></UnitDefinitions>\n'
