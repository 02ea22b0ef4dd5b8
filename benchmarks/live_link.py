"""How much of what a plant sends is stored: 5,000 tags at 1 s, and 1,000 at 100 ms, over loopback.

    python benchmarks/live_link.py [--seconds 300] [--server asyncua|node] [--json]

A server in a process of its own counts in every tag; the link stores what comes, as a shadow does. What is missing or
doubled is told by the numbers stored. The server keeps no history here, so that what the link misses is missing. With
``--server node`` NODE_PATH names the folder that holds node-opcua-server.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "live"))

from opcua_server import ServerProcess, tag_map

from cosim.live.endpoint import Endpoint
from cosim.live.known import Known
from cosim.live.opcua.link import Link
from cosim.live.record import Note
from cosim.live.store import Store, read_store

CASES = ((5_000, 1.0), (1_000, 0.1))
"""Tags, and seconds between their values."""


@dataclass(frozen=True)
class Figures:
    """What one case gave."""

    tags: int
    every: float
    seconds: float
    sent: int
    stored: int
    doubled: int
    share: float
    cpu_share: float
    megabytes: float


def serving(server: str, n: int, every: float, folder: Path) -> AbstractContextManager[Any]:
    """Return a server that counts in ``n`` tags."""
    if server == "asyncua":
        return ServerProcess(n=n, every=every, history=False)
    from test_link_node_opcua import NodeServer

    return NodeServer(folder, n=n, every=every)


def measure(server: str, n: int, every: float, seconds: float, *, settle: float = 5.0) -> Figures:
    """Follow ``n`` tags for so many seconds; count what was stored of what was sent meanwhile."""
    tags = tag_map(n, every)
    with tempfile.TemporaryDirectory() as name, serving(server, n, every, Path(name)) as running:
        folder = Path(name) / "received"
        store = Store(folder)
        with Link(Endpoint(running.url), tags, Known(tags), store.append):
            time.sleep(settle)
            began, cpu = time.monotonic(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            time.sleep(seconds)
            took, used = time.monotonic() - began, sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - cpu
            last = running.tell("stop counting")
            time.sleep(settle)
        store.close()
        counts: dict[str, list[int]] = defaultdict(list)
        for arrival in read_store(folder):
            for sample in () if isinstance(arrival, Note) else arrival:
                counts[sample.tag].append(int(sample.value))
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    sent = sum(last[tag] - min(found) + 1 for tag, found in counts.items())
    stored = sum(len(set(found)) for found in counts.values())
    doubled = sum(len(found) for found in counts.values()) - stored
    return Figures(
        n, every, round(took, 1), sent, stored, doubled, stored / sent, round(used / took, 3), round(size, 1)
    )


def main() -> None:
    """Measure the cases and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--server", choices=("asyncua", "node"), default="asyncua")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    found = [measure(options.server, n, every, options.seconds) for n, every in CASES]
    if options.json:
        print(json.dumps([asdict(item) for item in found], indent=2))
        return
    for item in found:
        print(
            f"{item.tags:5} tags every {item.every:g} s for {item.seconds:g} s: {item.stored} of {item.sent} values "
            f"stored ({item.share:.4%}), {item.doubled} doubled, {item.cpu_share:.0%} of a core, {item.megabytes} MB"
        )


if __name__ == "__main__":
    main()
