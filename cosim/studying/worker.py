"""A process that makes runs of a study for another process, which talks to it over a socket in lines of JSON."""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from cosim.errors import CosimError
from cosim.study.executor import Order, Task
from cosim.warm import WarmScenario


def serve(connection: Connection) -> None:
    """Prepare what the first message orders, then make the run of each that follows, until the other end closes."""
    messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, messages), daemon=True).start()

    def send(message: dict[str, Any]) -> None:
        connection.send_bytes(json.dumps(message).encode())

    try:
        warm = _open(messages.get())
    except CosimError as error:
        send({"error": str(error)})
        return
    send({"ready": True})
    with warm:
        while True:
            message = messages.get()
            send(warm.run(Task(message["run"], tuple(message["values"]))).document())


def _open(message: Mapping[str, Any]) -> WarmScenario:
    """Open what ``message`` orders; it says where files are if the scenario does not."""
    order, moved = Order(**message["order"]), message["moved"]
    if moved is None:
        return WarmScenario.open(order)
    from cosim.studying.bundle import relocated

    return WarmScenario.open(order, lambda scenario: relocated(scenario, moved["sources"], moved["others"]))


def _listen(connection: Connection, messages: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Pass messages on; end the process, in the middle of a run too, when the other end is gone."""
    try:
        while True:
            messages.put(json.loads(connection.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    _main()
