"""Compiling one class in a process of its own, so that classes build in parallel and a crash costs one of them.

``python -m cosim.build.worker`` reads a pickled request from its input and writes the pickled problems to its output.
A plain process, not :mod:`multiprocessing`: that would run the caller's main script again.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cosim.build.request import BuildRequest
from cosim.errors import BuildError, CosimError, ProblemList, raise_all


def compile_in_process(request: BuildRequest) -> None:
    """Build ``request`` in a new Python process; raise what was raised there."""
    plain = {name: getattr(request, name) for name in BuildRequest.__dataclass_fields__}
    own = str(Path(__file__).resolve().parents[2])  # the cosim that is running, wherever the caller found it
    path = os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "cosim.build.worker"],
        input=pickle.dumps(plain),
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path},
    )
    if done.returncode != 0:
        last = "\n".join(done.stderr.decode(errors="replace").strip().splitlines()[-5:])
        raise BuildError(
            f"The compiler's process for {request.class_name} ended with exit status {done.returncode}.\n{last}"
        )
    problems: Sequence[CosimError] = pickle.loads(done.stdout)
    raise_all(problems)


def main() -> None:
    """Serve one request."""
    from cosim.build.compilation import compile_request

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
