"""Compiling one class in a process of its own, so that classes build in parallel and a crash costs one of them.

``python -m cosim.build.worker`` reads a pickled request from its input and writes the pickled problems to its output.
A plain process, not :mod:`multiprocessing`: that would run the caller's main script again.
"""

import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Final

from cosim.build.request import BuildRequest
from cosim.errors import BuildError, CosimError, ProblemList, raise_all
from cosim.processes import command_of, environment_of

GRACE: Final = 3.0
"""How long a process may take to end when it is asked to [s]."""

MEMORY: Final = 16 * 2**30
"""What a process may use [bytes of address space], where the system can limit it."""

TIME: Final = 3600.0
"""How long a process may take [s]."""

Process = subprocess.Popen[bytes]


def compile_in_process(request: BuildRequest, running: set[Process] | None = None) -> None:
    """Build ``request`` in a new Python process, in ``running`` while it does; raise what was raised there."""
    running = set() if running is None else running
    plain = {name: getattr(request, name) for name in BuildRequest.__dataclass_fields__}
    with subprocess.Popen(
        command_of("cosim.build.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment_of(),
    ) as process:
        running.add(process)
        try:
            reply, said = process.communicate(pickle.dumps(plain), TIME)
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
    problems: Sequence[CosimError] = pickle.loads(reply)
    raise_all(problems)


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
    request = BuildRequest(**pickle.load(sys.stdin.buffer))
    reply = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get into the reply
    problems: Sequence[CosimError] = ()
    try:
        compile_request(request)
    except ProblemList as error:
        problems = error.problems
    except CosimError as error:
        problems = (error,)
    pickle.dump(list(problems), reply)


if __name__ == "__main__":
    main()
