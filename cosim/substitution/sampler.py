"""Who samples an FMU: this process, or processes of a pool, each of which keeps one instance and resets it."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Self

import numpy as np

from cosim.errors import CosimError, ScenarioError, StudyError, raise_all
from cosim.scenario.reading import Problems
from cosim.study.executor import AbstractExecutor, Done, Order, Task
from cosim.substitution.source import open_source
from cosim.surrogate.bind import bind_plan
from cosim.surrogate.design import input_courses
from cosim.surrogate.model import Plan, TrainingFile
from cosim.surrogate.parse import read_training
from cosim.surrogate.sampling import Store, sample


class Sampler(AbstractExecutor):
    """Samples one after the other in this process, with one instance."""

    def __init__(self, file: TrainingFile, store: Store) -> None:
        self._source = open_source(file)
        problems = Problems()
        self._plan: Plan = bind_plan(file, self._source.description, problems)
        raise_all(problems.found)
        self._store = store
        self._instance = self._source.instantiate(file.name)

    @classmethod
    def open(cls, order: Order) -> Self:
        """Open what ``order`` tells: a training file, its hash, and the folder to keep runs in.

        Raises
        ------
        CosimError
            When it cannot be used, or is not the same any more.
        """
        file, problems = read_training(Path(order.scenario))
        raise_all(problems)
        assert file is not None
        if hashlib.sha256(file.text.encode()).hexdigest() != order.sha256:
            raise ScenarioError(f"'{order.scenario}' has changed since the sampling began. Begin anew.")
        return cls(file, Store(Path(order.targets[0])))

    def run(self, tasks: Sequence[Task]) -> Iterator[Done | None]:
        for task in tasks:
            yield self.make(task)

    def make(self, task: Task) -> Done:
        """Make the run of ``task`` and keep it; what fails in it is told, not raised."""
        began = perf_counter()
        point, inputs = np.array(task.values), input_courses(self._plan, task.run)
        try:
            outputs = sample(self._instance, self._plan, point, inputs)
            if not np.isfinite(outputs).all():
                raise StudyError("An output was not a finite number.")
            self._store.keep(task.run, point, inputs, outputs)
        except CosimError as error:
            self._instance.free()
            self._instance = self._source.instantiate("sampled")
            return Done(task.run, "failed", (), str(error), {}, perf_counter() - began)
        return Done(task.run, "completed", (), "", {}, perf_counter() - began)

    def close(self) -> None:
        self._instance.free()
        self._source.close()


def order_of(file: TrainingFile, store: Store) -> Order:
    """Return what a process of a pool has to know."""
    digest = hashlib.sha256(file.text.encode()).hexdigest()
    return Order(str(file.path.resolve()), digest, {}, [str(store.folder)], [])


def serve(connection: Connection) -> None:
    """Open what the first message orders, then make the run of each that follows, until the other end closes."""
    try:
        sampler = Sampler.open(Order(**json.loads(connection.recv_bytes())["order"]))
    except CosimError as error:
        connection.send_bytes(json.dumps({"error": str(error)}).encode())
        return
    connection.send_bytes(json.dumps({"ready": True}).encode())
    with sampler:
        while True:
            try:
                message = json.loads(connection.recv_bytes())
            except (EOFError, OSError):
                return
            done = sampler.make(Task(message["run"], tuple(message["values"])))
            connection.send_bytes(json.dumps(done.document()).encode())


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    _main()
