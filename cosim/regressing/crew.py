"""Processes that make the runs of a suite, as many at a time as there are cores."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Final

from cosim.processes import command_of, environment_of

MODULE: Final = "cosim.regressing.worker"
PATIENCE: Final = 5.0
"""[s] that a process has to end by itself."""
Order = Mapping[str, Any]


def carry_out_orders(orders: Sequence[Order], n: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each order with the answer to it, as they come; ``n`` at a time.

    A process that dies answers ``crashed``; the next order gets a new one. With ``n`` 0 this process makes the runs.
    """
    if n == 0:
        from cosim.regressing.worker import answer

        yield from ((i, answer(order)) for i, order in enumerate(orders))
        return
    idle: SimpleQueue[_Process] = SimpleQueue()
    everyone: list[_Process] = []
    for _ in range(min(n, len(orders))):
        everyone.append(_Process())
        idle.put(everyone[-1])

    def carry_out(order: Order) -> dict[str, Any]:
        process = idle.get()
        try:
            return process.ask(order)
        finally:
            idle.put(process)

    try:
        with ThreadPoolExecutor(max(len(everyone), 1)) as threads:
            futures: dict[Future[dict[str, Any]], int] = {threads.submit(carry_out, o): i for i, o in enumerate(orders)}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            except BaseException:
                for waiting in futures:
                    waiting.cancel()
                for process in everyone:
                    process.stop()
                raise
    finally:
        for process in everyone:
            process.close()


class _Process:
    """A process, started when there is something to ask, and again when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._is_over = False

    def ask(self, order: Order) -> dict[str, Any]:
        """Send ``order`` and wait for the answer."""
        if self._is_over:
            return {"crashed": "it was stopped"}
        if self._process is None:
            self._process = subprocess.Popen(
                command_of(MODULE),
                env=environment_of(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
        except (OSError, ValueError):
            process.kill()
            return {"crashed": f"the process ended with {self.close()}"}
        return answer

    def stop(self) -> None:
        """End it at once, in the middle of a run too, and let no other take its place."""
        self._is_over = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> int | None:
        """Let it end, which it does when nothing more can come; return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not sent yet has nobody to go to
                    pipe.close()
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
