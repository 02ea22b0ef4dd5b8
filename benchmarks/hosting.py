"""What hosting an FMU in a process of its own costs per communication step: python benchmarks/hosting.py [--steps N].

One FMU with 10 inputs and 10 outputs is written, stepped and read: inline, hosted with both sides spinning, hosted with
both asleep while they wait, hosted by messages. Beside it the system's own round trips between two processes: over a
futex, each side asleep until it is woken, and over two pipes. All in turns, several times; medians, and the least.
"""

from __future__ import annotations

import argparse
import ctypes
import mmap
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fmu_factory import compile_library, write_fmu

from cosim.clock import Ticks
from cosim.fmu import open_fmu
from cosim.hosting import lane, process
from cosim.hosting.host import HostedFile, ProcessHost
from cosim.hosting.process import Limits
from cosim.instance.contract import AbstractInstance

N = 10


def build(path: Path) -> Path:
    """Write an FMU of ``N`` inputs and ``N`` outputs."""
    names = [(f"u{i}", "input", ' start="0"') for i in range(N)] + [(f"y{i}", "output", "") for i in range(N)]
    variables = "".join(
        f'<ScalarVariable name="{name}" valueReference="{i}" causality="{causality}"><Real{start}/></ScalarVariable>'
        for i, (name, causality, start) in enumerate(names)
    )
    outputs = "".join(f'<Unknown index="{N + i + 1}"/>' for i in range(N))
    description = (
        '<?xml version="1.0"?><fmiModelDescription fmiVersion="2.0" modelName="Bench" guid="{b}"><CoSimulation '
        'modelIdentifier="bench" canHandleVariableCommunicationStepSize="true"/><ModelVariables>'
        f"{variables}</ModelVariables><ModelStructure><Outputs>{outputs}</Outputs></ModelStructure></fmiModelDescription>"
    )
    library = compile_library("bench_fmi2.c")
    return write_fmu(path, {"modelDescription.xml": description, "binaries/linux64/bench.so": library})


def step(instance: AbstractInstance, n_steps: int) -> float:
    """Return the time of a communication step [µs]."""
    inputs = instance.group([f"u{i}" for i in range(N)])
    outputs = instance.group([f"y{i}" for i in range(N)])
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()
    u, y, size = np.zeros(N), np.zeros(N), Ticks(1_000_000)
    began = perf_counter()
    for i in range(n_steps):
        u[0] = i
        instance.write(inputs, u)
        instance.step(Ticks(i * size), size)
        instance.read(outputs, y)
    return (perf_counter() - began) / n_steps * 1e6


def futex_pair(n_steps: int) -> float:
    """Return the round trip of two processes that wake each other through a futex [µs]."""
    functions = lane.functions()
    assert functions is not None
    memory = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    child = os.fork()
    if child == 0:
        for i in range(n_steps + 1):
            functions.lane_answer(address, i, 0, 10**10)
        os._exit(0)
    began = perf_counter()
    for i in range(n_steps):
        functions.lane_ask(address, i + 1, 0, 10**10)
    taken = (perf_counter() - began) / n_steps * 1e6
    functions.lane_tell(address, n_steps + 1)
    os.waitpid(child, 0)
    return taken


def pipe_pair(n_steps: int) -> float:
    """Return the round trip of a byte through two pipes [µs]."""
    (there_read, there), (back_read, back) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        for _ in range(n_steps):
            os.write(back, os.read(there_read, 1))
        os._exit(0)
    began = perf_counter()
    for _ in range(n_steps):
        os.write(there, b"x")
        os.read(back_read, 1)
    taken = (perf_counter() - began) / n_steps * 1e6
    os.waitpid(child, 0)
    for descriptor in (there_read, there, back_read, back):
        os.close(descriptor)
    return taken


def hosted(file: HostedFile, n_steps: int, *, spin: int, shares: bool = True) -> float:
    """Return the time of a communication step of a hosted FMU [µs]; ``spin`` [ns]."""
    kept = lane.functions
    process.functions = kept if shares else lambda: None  # type: ignore[attr-defined]
    os.environ["COSIM_SPIN"] = str(spin)
    host = ProcessHost(Limits())
    try:
        with host.instantiate(file, "bench") as instance:
            return step(instance, n_steps)
    finally:
        host.close()
        process.functions = kept  # type: ignore[attr-defined]
        del os.environ["COSIM_SPIN"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    n = options.steps
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder) / "bench.fmu")
        with open_fmu(path) as file:
            known = HostedFile(file.path, file.sha256, file.interface_type, 2, file.description)

            def inline() -> float:
                with file.instantiate("bench") as instance:
                    return step(instance, n)

            ways: dict[str, Callable[[], float]] = {
                "inline": inline,
                "hosted, spinning": lambda: hosted(known, n, spin=1_000_000),
                "hosted, as it is": lambda: hosted(known, n, spin=lane.SPIN),
                "hosted, sleeping": lambda: hosted(known, n, spin=0),
                "futex pair": lambda: futex_pair(n),
                "hosted, by messages": lambda: hosted(known, n, spin=0, shares=False),
                "pipe pair": lambda: pipe_pair(n),
            }
            times: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(options.rounds):
                for name, measure in ways.items():
                    times[name].append(measure())
    print(f"{'µs per communication step':<28}{'median':>9}{'least':>9}   load {os.getloadavg()[0]:.1f}")
    for name, found in times.items():
        print(f"{name:<28}{statistics.median(found):>9.1f}{min(found):>9.1f}")


if __name__ == "__main__":
    main()
