"""What hosting an FMU in a process of its own costs per communication step, and what it takes to start many.

    python benchmarks/hosting.py [--steps N] [--rounds N] [--starts N] [--json FILE]

One FMU with 10 inputs and 10 outputs is written, stepped and read: inline, hosted with both sides spinning, hosted
with both asleep while they wait, hosted by messages, and at a server on loopback. Beside it the system's own round
trips between two processes: over a futex, each side asleep until it is woken, and over two pipes. All in turns,
several times; medians, and the least.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import mmap
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fmu_factory import compile_library, write_fmu

from cosim.clock import Ticks
from cosim.fmu import open_fmu
from cosim.hosting import lane, process
from cosim.hosting.host import HostedFile, ProcessHost
from cosim.hosting.network.host import RemoteHost
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


@contextmanager
def server(folder: Path) -> Iterator[RemoteHost]:
    """Run ``cosim serve`` on loopback."""
    token = folder / "token"
    command = [sys.executable, "-m", "cosim", "serve", "--port", "0", "--token-file", str(token)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    line = next(line for line in process.stderr if "Serving" in line)
    try:
        yield RemoteHost(line.split()[3].rstrip("."), token, Limits())
    finally:
        process.terminate()
        process.stderr.close()
        process.wait()


def at_server(host: RemoteHost, file: HostedFile, n_steps: int) -> float:
    """Return the time of a communication step of an FMU at a server [µs]."""
    with host.instantiate(file, "bench") as instance:
        return step(instance, n_steps)


def start_many(file: HostedFile, n: int) -> tuple[float, float]:
    """Return how long it takes until ``n`` FMUs are ready, each in a process of its own [s], and the CPU time of that.

    The process that forks the others is there already; the CPU time is that of this process only where it is not Linux.
    """
    hosts = [ProcessHost(Limits()) for _ in range(n + 1)]
    with ExitStack() as held:
        held.enter_context(hosts[0].instantiate(file, "first"))
        began, worked = perf_counter(), cpu_time()
        for host in hosts[1:]:
            held.enter_context(host.instantiate(file, "bench"))
        taken = perf_counter() - began, cpu_time() - worked
    for host in hosts:
        host.close()
    return taken


def cpu_time() -> float:
    """Return what all descendants of this process have worked, and it itself [s]."""
    parents, times = {}, {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(place.name)] = int(fields[1])
        times[int(place.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and is_ours(parents[pid]))

    return sum(time for pid, time in times.items() if is_ours(pid)) if times else process_time()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    n = options.steps
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as remote:
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
                "at a server": lambda: at_server(remote, known, n),
            }
            times: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(options.rounds):
                for name, measure in ways.items():
                    times[name].append(measure())
            starts = start_many(known, options.starts)
    show(times, starts, options.starts)
    if options.json:
        rows = {name: {"median": statistics.median(found), "least": min(found)} for name, found in times.items()}
        said = {
            "unit": "us per communication step, 10 inputs and 10 outputs",
            "load": os.getloadavg()[0],
            "cores": len(os.sched_getaffinity(0)),
            "steps": n,
            "rounds": options.rounds,
            "ways": rows,
            "starts": {"fmus": options.starts, "seconds": starts[0], "cpu_seconds": starts[1]},
        }
        options.json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def show(times: Mapping[str, Sequence[float]], starts: tuple[float, float], n_starts: int) -> None:
    print(f"{'µs per communication step':<28}{'median':>9}{'least':>9}   load {os.getloadavg()[0]:.1f}")
    for name, found in times.items():
        print(f"{name:<28}{statistics.median(found):>9.1f}{min(found):>9.1f}")
    seconds, worked = starts
    print(f"{n_starts} FMUs in processes of their own are ready in {seconds:.1f} s, {worked:.1f} s of CPU time.")


if __name__ == "__main__":
    main()
