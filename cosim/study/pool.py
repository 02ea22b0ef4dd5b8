"""Runs in processes of this machine, each of which keeps the scenario open; one that dies is replaced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing import connection
from socket import socketpair
from time import perf_counter
from typing import Any, Final

from cosim.errors import StudyError
from cosim.processes import command_of, environment_of
from cosim.study.executor import AbstractExecutor, Done, Order, Task, too_long

MOST_ATTEMPTS: Final = 2
"""How often a run is tried whose process dies."""
MOST_FALSE_STARTS: Final = 3
"""How many processes in a row may die before they have begun."""
HEARTBEAT: Final = 0.3
"""[s] between two moments at which whoever waits may stop waiting."""
AHEAD: Final = 4
"""Short runs given to a process at once, so that it need not wait for the next."""
SHORT: Final = 0.05
"""[s] of wall time: a run is short below it."""
GRACE: Final = 2.0
"""[s] after its time limit at which a run that hangs is ended; one that goes on ends by itself before."""
PATIENCE: Final = 5.0
"""[s] that a process has to end by itself."""


class _Process:
    """A process with the runs it was given, the first of which it is making."""

    def __init__(self, module: str, order: Mapping[str, Any]) -> None:
        ours, theirs = socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*command_of(module), str(theirs.fileno())], env=environment_of(), pass_fds=(theirs.fileno(),)
            )
        self.connection = connection.Connection(ours.detach())
        self.tasks: deque[Task] = deque()
        self.is_ready = False
        self.since = 0.0
        """When it began with the first of its runs, by ``perf_counter``."""
        self.send(order)

    def send(self, message: Mapping[str, Any]) -> None:
        """Send ``message``; one that cannot arrive is found out when the answer is read."""
        try:
            self.connection.send_bytes(json.dumps(message).encode())
        except OSError:
            return

    def give(self, task: Task) -> None:
        """Let it make ``task`` after those it has."""
        if not self.tasks:
            self.since = perf_counter()
        self.tasks.append(task)
        self.send({"run": task.run, "values": task.values})

    def receive(self) -> dict[str, Any] | None:
        """Return its next message, None where it has died."""
        try:
            message: dict[str, Any] = json.loads(self.connection.recv_bytes())
        except (EOFError, OSError, ValueError):
            return None
        return message

    def end(self) -> str:
        """Make sure that it has ended; say how it did."""
        self.connection.close()  # which tells it to
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return _how_ended(code)

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self._process.kill()
        self.end()

    def stop(self) -> None:
        """Ask it to end at once."""
        self._process.terminate()


def _how_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


class Pool(AbstractExecutor):
    """As many as ``n`` processes of ``module``, started when there is something to do."""

    def __init__(self, module: str, order: Order, n: int, moved: Mapping[str, Any] | None = None) -> None:
        """Keep ``moved``, which says where files are that are not where the scenario says."""
        self._module, self._order, self._n = module, {"order": order.document(), "moved": moved}, n
        self._time_limit, self._n_values = order.time_limit, len(order.measures)
        self._processes: list[_Process] = []
        self._attempts: dict[int, int] = {}
        self._seconds, self._n_done = 0.0, 0
        self._false_starts = 0

    def run(self, tasks: Sequence[Task]) -> Iterator[Done | None]:
        waiting = deque(tasks)
        n_left = len(waiting)
        while n_left:
            self._fill(waiting, n_left)
            ready = connection.wait([process.connection for process in self._processes], HEARTBEAT)
            if not ready:
                yield None
            for process in [item for item in self._processes if item.connection in ready]:
                message = process.receive()
                done = self._mourn(process, waiting) if message is None else self._take(process, message)
                if done is not None:
                    n_left -= 1
                    yield done
            for process in self._overdue():
                n_left -= 1
                yield self._give_up(process, waiting)

    def _overdue(self) -> list[_Process]:
        """Return processes whose run hangs."""
        if not self._time_limit:
            return []
        latest = perf_counter() - self._time_limit - GRACE
        return [process for process in self._processes if process.is_ready and process.tasks and process.since < latest]

    def _give_up(self, process: _Process, waiting: deque[Task]) -> Done:
        """End ``process`` and the run it makes; give the others to others."""
        self._processes.remove(process)
        process.kill()
        task = process.tasks.popleft()
        waiting.extendleft(reversed(process.tasks))
        seconds = perf_counter() - process.since
        return Done(task.run, "failed", (None,) * self._n_values, too_long(self._time_limit), {}, seconds)

    def _fill(self, waiting: deque[Task], n_left: int) -> None:
        """Start processes as far as there is work for them, and give each enough to do."""
        while len(self._processes) < min(self._n, n_left):
            self._processes.append(_Process(self._module, self._order))
        is_short = self._n_done > 0 and self._seconds < SHORT * self._n_done
        most = AHEAD if is_short and len(waiting) > AHEAD * self._n else 1
        for process in self._processes:
            while waiting and len(process.tasks) < most:
                process.give(waiting.popleft())

    def _take(self, process: _Process, message: Mapping[str, Any]) -> Done | None:
        if "error" in message:
            raise StudyError(f"A process that should make runs could not begin: {message['error']}")
        if "ready" in message:
            process.is_ready, self._false_starts = True, 0
            process.since = perf_counter()
            return None
        process.tasks.popleft()
        process.since = perf_counter()
        done = Done.read(message)
        self._seconds, self._n_done = self._seconds + done.seconds, self._n_done + 1
        return done

    def _mourn(self, process: _Process, waiting: deque[Task]) -> Done | None:
        """Give what a dead process had to others; give up the run that has killed as many as may be."""
        self._processes.remove(process)
        how = process.end()
        tasks = process.tasks
        if not process.is_ready:
            self._false_starts += 1
            if self._false_starts >= MOST_FALSE_STARTS:
                raise StudyError(f"A process that should make runs {how} before it had begun. Is there enough memory?")
        elif tasks:
            first = tasks[0].run
            self._attempts[first] = self._attempts.get(first, 0) + 1
            if self._attempts[first] >= MOST_ATTEMPTS:
                waiting.extendleft(reversed(list(tasks)[1:]))
                reason = f"The process that made it {how}, {MOST_ATTEMPTS} times."
                return Done(first, "crashed", (None,) * self._n_values, reason)
        waiting.extendleft(reversed(tasks))
        return None

    def close(self) -> None:
        for process in self._processes:
            process.stop()
        for process in self._processes:
            process.end()
        self._processes.clear()


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
