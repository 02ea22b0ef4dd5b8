"""Cost of a communication step, of cosim and of every other master on the package index, side by side.

    python benchmarks/masters.py [--quick] [--json] [--out FILE] [--install] [--peers FOLDER]

A trivial FMU (`peers/lag.c`) in chains and rings of 2 to 512, each FMU joined to the one before by 1 to 20 connections;
with and without recording of all connected outputs. Every master runs in a process of its own, all of a cell take
turns, and medians are shown, with the range of all samples; start-up is measured apart. Results are compared with an
independent computation. Peers are taken from a virtual environment, which `--install` makes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from peers.cell import Cell, build_fmu, references

from cosim.native import cache_folder

PEERS = ("fmpy==0.3.32", "libcosimpy==0.0.6", "ecospy==0.7.2", "fmu-manipulation-toolbox==2.0", "pathsim==0.27.1")
MASTERS = {
    "c": ("c_loop",),
    "cosim": ("ours",),
    "cosim-python": ("ours", "python"),
    "fmpy-container": ("fmpy_container",),
    "fmpy-container-at-once": ("fmpy_container", "at_once"),
    "fmpy-ssp": ("fmpy_ssp",),
    "fmu-manipulation-toolbox": ("toolbox",),
    "libcosim": ("libcosim",),
    "ecos": ("ecos",),
    "pathsim": ("pathsim_blocks",),
}
PASSING = {"pathsim": "gauss_seidel", "fmpy-ssp": "unset"}
"""How a master passes values on, as ``peers.cell.references`` calls it, where it is not as Jacobi."""
OWN = ("c", "cosim", "cosim-python")
"""Run with the Python that runs this script; the others with that of the peers."""
NOT_ON_INDEX = ("pyfmi", "OMSimulator")
SLOWEST = {"pathsim": 32, "fmpy-ssp": 32, "cosim-python": 32}
"""Most FMUs that a master is asked to take, where more would take minutes."""
WORTH = 0.05
"""Wall time [s] that one measurement should take."""
MOST_STEPS = 200_000
TOLERANCE = 1e-9
"""Relative, of results against the independent computation; their round-off differs in the order of sums."""


@dataclass(frozen=True, slots=True)
class Row:
    """One master in one cell."""

    master: str
    kind: str
    n: int
    connections: int
    recorded: bool
    us_per_fmu_step: float


class Worker:
    """A process with one master and one cell."""

    def __init__(self, name: str, cell: Cell, python: str) -> None:
        self.name, self.cell = name, cell
        self.seconds: list[float] = []
        self.n_steps = 0
        command = [python, str(Path(__file__).parent / "peers" / "worker.py"), *MASTERS[name]]
        self._errors = tempfile.TemporaryFile()
        self._folder = tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)  # some leave FMUs there
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, "TMPDIR": self._folder.name},
        )
        self.startup = 0.0

    def start(self, n_first: int = 20) -> None:
        """Load the cell, compare the result of a few steps, then choose how many are worth measuring."""
        self.startup = self._ask(asdict(self.cell))["startup"]
        answer = self._ask({"steps": n_first, "outputs": True})
        self._compare(np.array(answer["outputs"]), n_first)
        self.n_steps = 100
        for _ in range(2):  # the first calls of some cost much more than those that follow
            per_step = self._ask({"steps": self.n_steps, "outputs": False})["seconds"] / self.n_steps
            self.n_steps = int(min(max(WORTH / max(per_step, 1e-9), 20), MOST_STEPS))

    def measure(self) -> None:
        """Take one more sample."""
        self.seconds.append(self._ask({"steps": self.n_steps, "outputs": False})["seconds"])

    @property
    def row(self) -> Row:
        """The median of all samples."""
        cell = self.cell
        median = float(f"{statistics.median(self._costs):.3g}")
        return Row(self.name, cell.kind, cell.n, cell.connections, cell.recorded, median)

    def __str__(self) -> str:
        cell, row = self.cell, self.row
        how = "recorded" if cell.recorded else ""
        return (
            f"{cell.kind:10s}{cell.n:4d} × {cell.connections:2d} {how:9s} {self.name:25s}{row.us_per_fmu_step:9.3g} µs "
            f"({min(self._costs):.3g} … {max(self._costs):.3g}), ready in {self.startup:.2f} s"
        )

    @property
    def _costs(self) -> list[float]:
        return [seconds / (self.n_steps * self.cell.n) * 1e6 for seconds in self.seconds]

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()
        self._folder.cleanup()

    def _ask(self, request: dict) -> dict:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._errors.seek(0)
            last = self._errors.read().decode(errors="replace").strip().splitlines()[-1:] or ["without a word"]
            raise ChildProcessError(f"{self.name} ended: {last[0]}")
        return json.loads(line)

    def _compare(self, found: np.ndarray, n_steps: int) -> None:
        expected = references(self.cell, n_steps)[PASSING.get(self.name, "jacobi")].ravel()
        if not np.allclose(found, expected, rtol=TOLERANCE, atol=0.0):
            raise ChildProcessError(f"{self.name} gives another result: {found[:3]} in place of {expected[:3]}")


def measure(cell: Cell, names: Iterable[str], python: str, repeats: int, complaints: set[str]) -> list[Row]:
    """Let all masters take turns in one cell; what goes wrong is said once, and added to ``complaints``."""
    workers: list[Worker] = []
    try:
        for name in names:
            if not takes(name, cell):
                continue
            worker = Worker(name, cell, sys.executable if name in OWN else python)
            workers.append(worker)
            try:
                worker.start()
            except ChildProcessError as error:
                workers.pop().close()
                if str(error) not in complaints:
                    print(f"{cell.kind} {cell.n} × {cell.connections}: {error}", file=sys.stderr)
                complaints.add(str(error))
        for _ in range(repeats):
            for worker in workers:
                worker.measure()
        for worker in workers:
            print(worker, file=sys.stderr, flush=True)
        return [worker.row for worker in workers]
    finally:
        for worker in workers:
            worker.close()


def takes(name: str, cell: Cell) -> bool:
    """Tell whether a master is measured in ``cell``."""
    if cell.kind.endswith("-full"):
        return name.startswith("cosim")
    return cell.n <= SLOWEST.get(name, cell.n) and not (cell.recorded and name == "fmpy-container-at-once")


def cells(folder: Path, *, is_quick: bool, numbers: Iterable[int] | None) -> list[Cell]:
    """Return the cells to measure; the quick ones are those with 5 connections in a ring."""
    plain, full = build_fmu(folder / "plain"), build_fmu(folder / "full", units=("kg", "g"))
    sizes = list(numbers or ((2, 32) if is_quick else (2, 8, 32, 128, 512)))
    kinds = ("ring",) if is_quick else ("chain", "ring")
    connections = (5,) if is_quick else (1, 5, 20)
    found = [
        Cell(kind, n, c, recorded, str(plain))
        for kind, n, c, recorded in itertools.product(kinds, sizes, connections, (False, True))
    ]
    return found + [Cell("ring-full", n, 5, recorded, str(full)) for n in sizes for recorded in (False, True)]


def install(folder: Path) -> None:
    """Make the peers' virtual environment."""
    venv.create(folder, with_pip=True)
    subprocess.run([python_of(folder), "-m", "pip", "install", "--quiet", *PEERS], check=True)


def python_of(folder: Path) -> str:
    """Return the Python of a virtual environment."""
    return str(folder / "bin" / "python")


def name_missing(python: str) -> None:
    """Say which of the masters that are not on the package index as wheels are absent."""
    code = f"import importlib.util as u; print(*(n for n in {NOT_ON_INDEX} if u.find_spec(n) is None))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    for name in NOT_ON_INDEX:
        print(f"{name}: {'not installed' if name in found else 'not measured here'}", file=sys.stderr)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON; what else there is to say goes to stderr")
    parser.add_argument("--out", type=Path, help="write JSON into a file")
    parser.add_argument("--quick", action="store_true", help="rings of 2 and 32 FMUs with 5 connections")
    parser.add_argument("--install", action="store_true", help="install the peers first")
    parser.add_argument("--peers", type=Path, default=cache_folder() / "peers", help="the peers' virtual environment")
    parser.add_argument("--masters", nargs="+", choices=MASTERS, default=list(MASTERS))
    parser.add_argument("--n", nargs="+", type=int, help="numbers of FMUs")
    parser.add_argument("--repeats", type=int, default=7)
    return parser.parse_args()


def main() -> None:
    """Measure, and write JSON; the table goes to stderr as it grows."""
    arguments = parse()
    if arguments.install:
        install(arguments.peers)
    python, names = python_of(arguments.peers), arguments.masters
    if any(name not in OWN for name in names):
        if Path(python).exists():
            name_missing(python)
        else:
            print("The peers are not installed: run with --install, or name their folder by --peers.", file=sys.stderr)
            names = [name for name in names if name in OWN]
    rows: list[Row] = []
    complaints: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for cell in cells(Path(folder), is_quick=arguments.quick, numbers=arguments.n):
            rows += measure(cell, names, python, arguments.repeats, complaints)
    text = "[\n" + ",\n".join("  " + json.dumps(asdict(row)) for row in rows) + "\n]\n"
    if arguments.out is not None:
        arguments.out.write_text(text, encoding="utf-8")
    if arguments.json:
        print(text, end="")


if __name__ == "__main__":
    main()
