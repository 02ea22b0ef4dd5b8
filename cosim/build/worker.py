"""Compiling one class in a process of its own, so that classes build in parallel and a crash costs one of them.

``python -m cosim.build.worker`` reads a request from its input and writes the problems to its output, both as JSON.
A plain process, not :mod:`multiprocessing`: that would run the caller's main script again.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cosim.build.request import BuildRequest
from cosim.errors import (
    BuildError,
    CosimError,
    FmuError,
    ModelError,
    ProblemList,
    SourceLocation,
    StructureError,
    raise_all,
)
from cosim.processes import command_of, environment_of

GRACE: Final = 3.0
"""How long a process may take to end when it is asked to [s]."""

MEMORY: Final = 16 * 2**30
"""What a process may use [bytes of address space], where the system can limit it."""

TIME: Final = 3600.0
"""How long a process may take [s]."""

Process = subprocess.Popen[bytes]
_KINDS: Final = (BuildError, FmuError, ModelError, StructureError, CosimError)


def compile_in_process(request: BuildRequest, running: set[Process] | None = None) -> None:
    """Build ``request`` in a new Python process, in ``running`` while it does; raise what was raised there."""
    running = set() if running is None else running
    with subprocess.Popen(
        command_of("cosim.build.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment_of(),
    ) as process:
        running.add(process)
        try:
            reply, said = process.communicate(request.to_json().encode(), TIME)
        except subprocess.TimeoutExpired:
            stop([process])
            text = f"Building {request.class_name} took longer than {TIME:g} s. Make the model smaller."
            raise BuildError(text) from None
        finally:
            running.discard(process)
    if process.returncode != 0:
        last = "\n".join(said.decode(errors="replace").strip().splitlines()[-5:])
        raise BuildError(
            f"The compiler's process for {request.class_name} ended with exit status {process.returncode}; it may use "
            f"{MEMORY / 2**30:g} GiB of memory. Make the model smaller, or give the machine more memory.\n{last}"
        )
    raise_all([_problem(told) for told in json.loads(reply)])


def _told(problem: CosimError) -> dict[str, Any]:
    place = problem.location
    return {
        "kind": next(kind.__name__ for kind in type(problem).__mro__ if kind in _KINDS),
        "message": problem.message,
        "component": problem.component,
        "variable": problem.variable,
        "location": [str(place.file), place.line, place.column] if place else None,
    }


def _problem(told: Mapping[str, Any]) -> CosimError:
    kind = next(kind for kind in _KINDS if kind.__name__ == told["kind"])
    place = told["location"]
    location = SourceLocation(Path(place[0]), place[1], place[2]) if place else None
    return kind(told["message"], component=told["component"], variable=told["variable"], location=location)


def stop(running: Iterable[Process]) -> None:
    """End processes: ask all of them, then kill those that have not ended after ``GRACE``."""
    processes = list(running)
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE
    for process in processes:
        try:
            process.wait(max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            process.kill()


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        if most == resource.RLIM_INFINITY or most > MEMORY:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))


def main() -> None:
    """Serve one request."""
    _limit_memory()
    from cosim.build.compilation import compile_request

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an exception, so that nothing half-made is left
    request = BuildRequest.from_json(sys.stdin.read())
    reply = sys.stdout
    sys.stdout = sys.stderr  # what a library prints must not get into the reply
    problems: Sequence[CosimError] = ()
    try:
        compile_request(request)
    except ProblemList as error:
        problems = error.problems
    except CosimError as error:
        problems = (error,)
    json.dump([_told(problem) for problem in problems], reply)


if __name__ == "__main__":
    main()
