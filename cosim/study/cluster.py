"""Runs on the workers of a Dask cluster that is there already."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from time import sleep
from typing import Any, Final
from urllib.parse import urlsplit

from distributed import Client, Future, KilledWorker, WorkerPlugin

from cosim.errors import CosimError, StudyError
from cosim.study.executor import AbstractExecutor, Done, Task

PATIENCE: Final = 10.0
"""[s] to wait for the scheduler."""
POLL: Final = 0.01
"""[s] between two looks for runs that have ended."""
IN_FLIGHT: Final = 4
"""Runs given to the cluster at once, per thread of its workers: enough to keep them busy."""


@dataclass(frozen=True, slots=True)
class Service:
    """What workers do, as functions that they can import: ``cosim.studying.on_cluster``."""

    about: Callable[[], object]
    receive: Callable[[Any], None]
    make: Callable[[str, Mapping[str, Any]], dict[str, Any]]
    forget: Callable[[str], None]


class Cluster(AbstractExecutor):
    """Sends ``bundle``, known by ``sha256``, to every worker once, also to those that join later."""

    def __init__(
        self, address: str, service: Service, bundle: object, sha256: str, *, n_values: int, most: int | None
    ) -> None:
        """``most`` is how many workers may be used, None for all.

        Raises
        ------
        StudyError
            When no scheduler answers, it has no workers, or they are not like this machine.
        """
        self._service, self._sha256, self._n_values = service, sha256, n_values
        self._name = f"cosim-{sha256}"
        self._client = _connect(address)
        try:
            self.n = self._prepare(address, bundle, most)
        except BaseException:
            self._client.close()
            raise

    def _prepare(self, address: str, bundle: object, most: int | None) -> int:
        """Check the workers, send them the bundle; return how many runs they make at a time."""
        threads = self._client.nthreads()
        if not threads:
            raise StudyError(f"The scheduler at '{address}' has no workers. Start some: dask worker {address}.")
        self._workers = sorted(threads)[:most] if most is not None else None
        ours = self._service.about()
        for worker, theirs in self._client.run(self._service.about, on_error="return").items():
            if theirs != ours:
                raise StudyError(
                    f"The worker {worker} has {theirs!r} where this machine has {ours!r}. Install the same version of "
                    "cosim there."
                )
        self._client.register_plugin(Shipment(self._service, bundle, self._sha256), name=self._name)
        return sum(threads[worker] for worker in self._workers or threads)

    def run(self, tasks: Sequence[Task]) -> Iterator[Done | None]:
        waiting = iter(tasks)
        running: dict[Future, int] = {}

        def submit(n: int) -> None:
            for task in islice(waiting, n):
                document = {"run": task.run, "values": task.values}
                make = self._service.make
                future = self._client.submit(make, self._sha256, document, pure=False, workers=self._workers)
                running[future] = task.run

        submit(IN_FLIGHT * self.n)
        try:
            while running:
                ended = [future for future in running if future.done()]
                for future in ended:
                    yield self._done(future, running.pop(future))
                submit(len(ended))
                if not ended:
                    sleep(POLL)
                    yield None
        finally:
            self._client.cancel(list(running), force=True)

    def _done(self, future: Future, run: int) -> Done:
        """Return what became of a run.

        Raises
        ------
        StudyError
            When the scenario cannot be opened there, or the scheduler is lost.
        """
        try:
            return Done.read(future.result())
        except KilledWorker as error:
            reason = f"The workers that made it were lost, one after the other: {error}"
            return Done(run, "crashed", (None,) * self._n_values, reason)
        except CosimError as error:
            raise StudyError(f"A worker of the cluster could not begin: {error}") from error
        except (OSError, RuntimeError) as error:
            raise StudyError(f"The cluster was lost: {error}. What was made is kept; go on with --resume.") from error

    def close(self) -> None:
        with suppress(OSError, RuntimeError, ValueError):
            self._client.unregister_worker_plugin(self._name)
        self._client.close()


def _connect(address: str) -> Client:
    parts = urlsplit(address)
    try:
        if parts.scheme in ("tcp", "tls"):  # a client that fails to connect complains again when the program ends
            socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE).close()
        return Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise StudyError(
            f"No Dask scheduler answers at '{address}': {error or type(error).__name__}. Give its address, as in "
            "tcp://host:8786."
        ) from error


class Shipment(WorkerPlugin):  # type: ignore[misc]
    """Brings a bundle to a worker that meets the study, and closes what it opened when the study ends."""

    def __init__(self, service: Service, bundle: object, sha256: str) -> None:
        self._service, self._bundle, self._sha256 = service, bundle, sha256

    def setup(self, worker: object) -> None:
        """Unpack it."""
        self._service.receive(self._bundle)

    def teardown(self, worker: object) -> None:
        """Close what was opened."""
        self._service.forget(self._sha256)
