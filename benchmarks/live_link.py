"""How much of what a plant sends is stored: 5,000 tags at 1 s, and 1,000 at 100 ms, over loopback.

    python benchmarks/live_link.py [--seconds 300] [--server asyncua|node] [--scale 1] [--json]

A server in a process of its own counts in every tag; the link stores what comes, as a shadow does. What is missing or
doubled is told by the numbers stored. The server keeps no history here, so that what the link misses is missing. With
``--server node`` NODE_PATH names the folder that holds node-opcua-server.

On a busy machine the server itself falls behind. That is told apart: ``pace`` is how much of what was due it has
counted, ``share`` how much of what it has counted is stored, ``overflows`` how many values it has marked as following
others that its own queues dropped. ``p99`` is the 99th percentile of the time from a value's source timestamp until it
is stored [s]; ``cpu_share`` is that of the whole process of the link, of one core.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "live"))

import numpy as np
from opcua_server import ServerProcess, tag_map, wait_for

from cosim.live.endpoint import Endpoint
from cosim.live.known import Known
from cosim.live.opcua.link import Link
from cosim.live.record import Arrival, Note, Origin
from cosim.live.store import Store, read_store

OVERFLOW = 0x0480
"""Bits of a status that say: data value, overflow. Source: OPC 10000-4, 7.39.1."""
START = 300.0
"""Seconds in which every tag has to have come once."""
CASES = ((5_000, 1.0), (1_000, 0.1))
"""Tags, and seconds between their values."""


@dataclass(frozen=True)
class Figures:
    """What one case gave."""

    tags: int
    every: float
    server: str
    seconds: float
    pace: float
    sent: int
    stored: int
    doubled: int
    share: float
    overflows: int
    p99: float | None
    cpu_share: float
    megabytes: float


def serving(server: str, n: int, every: float, folder: Path) -> AbstractContextManager[Any]:
    """Return a server that counts in ``n`` tags."""
    if server == "asyncua":
        return ServerProcess(n=n, every=every, history=False)
    from test_link_node_opcua import NodeServer

    return NodeServer(folder, n=n, every=every, history=False)


def measure(server: str, n: int, every: float, seconds: float, *, silence: float = 15.0) -> Figures:
    """Follow ``n`` tags for so many seconds, once all have come; count what was stored of what was counted then."""
    tags = tag_map(n, every)
    came: set[str] = set()
    latest = [0.0]
    with tempfile.TemporaryDirectory() as name, serving(server, n, every, Path(name)) as running:
        folder = Path(name) / "received"
        store = Store(folder)

        def keep(arrival: Arrival) -> None:
            store.append(arrival)
            if not isinstance(arrival, Note):
                latest[0] = time.monotonic()
                if len(came) < n:
                    came.update(sample.tag for sample in arrival)

        with Link(Endpoint(running.url), tags, Known(tags), keep):
            wait_for(lambda: len(came) == n, START)
            first = running.tell("count")
            began, cpu = time.monotonic(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            time.sleep(seconds)
            last = running.tell("stop counting")
            took, used = time.monotonic() - began, sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - cpu
            # what is in the queues of the server is late, not lost; its clock keeps the link alive meanwhile
            wait_for(lambda: time.monotonic() - latest[0] > silence, START)
        store.close()
        arrivals = [arrival for arrival in read_store(folder) if not isinstance(arrival, Note)]
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    samples = [s for arrival in arrivals for s in arrival if first[s.tag] < s.value <= last[s.tag]]
    sent = sum(last[tag] - first[tag] for tag in tags.tags)
    stored = len({(sample.tag, sample.value) for sample in samples})
    live = [sample for sample in samples if sample.origin is Origin.LIVE]
    delays = [(sample.received - sample.source) / 1e9 for sample in live]
    return Figures(
        tags=n,
        every=every,
        server=server,
        seconds=round(took, 1),
        pace=round(sent / (n * took / every), 4),
        sent=sent,
        stored=stored,
        doubled=len(samples) - stored,
        share=stored / sent,
        overflows=sum((sample.status & OVERFLOW) == OVERFLOW for sample in live),
        p99=round(float(np.percentile(delays, 99)), 3) if delays else None,
        cpu_share=round(used / took, 3),
        megabytes=round(size, 1),
    )


def main() -> None:
    """Measure the cases and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--server", choices=("asyncua", "node"), default="asyncua")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the tags, where a machine is too busy")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    found = [measure(options.server, round(options.scale * n), every, options.seconds) for n, every in CASES]
    if options.json:
        print(json.dumps([asdict(item) for item in found], indent=2))
        return
    for item in found:
        print(
            f"{item.tags:5} tags every {item.every:g} s for {item.seconds:g} s: {item.stored} of {item.sent} values "
            f"stored ({item.share:.4%}), {item.doubled} doubled, {item.overflows} overflows; the server kept "
            f"{item.pace:.1%} of its pace; stored within {item.p99} s (p99), {item.cpu_share:.0%} of a core, "
            f"{item.megabytes} MB"
        )


if __name__ == "__main__":
    main()
