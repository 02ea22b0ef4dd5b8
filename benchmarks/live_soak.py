"""A shadow that follows a virtual plant for hours on the wall: no cycle missed, memory flat.

    python benchmarks/live_soak.py [--hours 24] [--speed 14] [--trouble 600] [--file FILE] [--json]

Plant and shadow are processes of their own; the shadow has a page that is asked every minute, as one that is left open.
Between them is a wire that is cut for half a minute and frozen for a minute, in turn, every ten minutes. At the default
speed the two weeks of the batch take a day. The nightly run is this command as it stands; it ends with code 1 when a
cycle is missed, a value is lost, or memory grows by more than 1 % per hour over the second half.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from opcua_server import FreezingWire

from cosim.live.store import FOLDER, gaps_of, read_store
from cosim.processes import command_of, environment_of
from cosim.shadowing.comparison import compared_rows

ROOT = Path(__file__).parents[1]
MOST = 0.01
"""Growth of memory per hour that counts as flat."""


@dataclass(frozen=True)
class Figures:
    """What a soak gave; memory is resident, in MB, ``growth`` the share per hour over the second half."""

    hours: float
    speed: float
    cycles: int
    missed: int
    gaps: int
    connections: int
    megabytes_first: float
    megabytes_last: float
    growth: float

    @property
    def is_good(self) -> bool:
        """Tell whether it is what a shadow promises."""
        return self.cycles > 0 and not self.missed and not self.gaps and self.growth < MOST


def soak(file: Path, hours: float, speed: float, every: float) -> Figures:
    """Let a shadow run for so long."""
    with tempfile.TemporaryDirectory() as name, started("plant", file, "--port", "0", "--speed", f"{speed:g}") as plant:
        wire = FreezingWire(int(wait_for(plant, r"opc\.tcp://\S+?:(\d+)/cosim")))
        out = Path(name) / "out"
        arguments = (file, "--plant", f"{wire.url.rpartition('/')[0]}/cosim", "--out", out, "--page-at", "127.0.0.1:0")
        with started("shadow", *arguments) as shadow:
            page = wait_for(shadow, r"The page is at (\S+)")
            log = (Path(name) / "log").open("w")
            drain = subprocess.Popen(["cat"], stdin=shadow.stderr, stdout=log)
            memory = trouble(wire, shadow, page, 3600 * hours, every)
        drain.wait()
        wire.close()
        numbers = sorted({row[0] for row in compared_rows(out / "compared")})
        arrivals = list(read_store(out / FOLDER))
    times, megabytes = np.array(memory).T
    half = len(times) // 2
    slope = np.polyfit(times[half:] / 3600, megabytes[half:], 1)[0] if len(times) - half > 2 else 0.0
    return Figures(
        round(hours, 3), speed, len(numbers), (numbers[-1] + 1 - len(numbers)) if numbers else 0,
        len(gaps_of(iter(arrivals))), sum(getattr(item, "kind", "") == "connected" for item in arrivals),
        round(float(megabytes[half]), 1), round(float(megabytes[-1]), 1), round(float(slope / megabytes[half]), 4),
    )  # fmt: skip


def trouble(
    wire: FreezingWire, shadow: subprocess.Popen[str], page: str, seconds: float, every: float
) -> list[tuple[float, float]]:
    """Cut and freeze the wire ``every`` so often while the shadow runs; return its memory over time."""
    began, n, memory = time.monotonic(), 0, []
    while (now := time.monotonic() - began) < seconds and shadow.poll() is None:
        memory.append((now, resident(shadow.pid)))
        with urllib.request.urlopen(f"{page}events", timeout=30) as stream:
            stream.readline()
        if now > every * (n + 1) and now < seconds - 120:
            n += 1
            begin, end, last = (wire.cut, wire.mend, 30.0) if n % 2 else (wire.freeze, wire.thaw, 60.0)
            begin()
            time.sleep(last)
            end()
        time.sleep(min(60.0, seconds / 20))
    return memory


@contextmanager
def started(verb: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a verb of cosim while the block does."""
    command = [*command_of("cosim"), verb, *map(str, arguments)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment_of()
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(300)


def wait_for(process: subprocess.Popen[str], pattern: str) -> str:
    """Return what a process says about itself."""
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found[1]
    raise RuntimeError(f"'{' '.join(map(str, process.args))}' ended")


def resident(pid: int) -> float:
    """Return the memory of a process [MB]."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) / 1000


def main() -> None:
    """Soak, and print what that gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--speed", type=float, default=14.0)
    parser.add_argument("--file", type=Path, default=ROOT / "scenarios" / "live" / "fed_batch.yaml")
    parser.add_argument("--trouble", type=float, default=600.0, help="seconds between troubles of the wire")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = soak(options.file.resolve(), options.hours, options.speed, options.trouble)
    if options.json:
        print(json.dumps(asdict(found), indent=2))
    else:
        print(
            f"{found.hours:g} h at speed {found.speed:g}: {found.cycles} cycles, {found.missed} missed, {found.gaps} "
            f"tags with gaps over {found.connections} connections; {found.megabytes_first} MB in the middle, "
            f"{found.megabytes_last} MB in the end ({found.growth:+.2%} per hour)"
        )
    sys.exit(0 if found.is_good else 1)


if __name__ == "__main__":
    main()
