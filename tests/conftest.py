"""What every test stands on."""

import os
import signal

import pytest
from library_fmu import LIBRARY, keep_logger
from many_builds import claim_and_build

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell makes what it starts in the background deaf to Ctrl-C, and every process that the tests start with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def logger_that_stays():
    """A test that gave fmpy a logger of its own does not leave it to the next."""
    keep_logger()


@pytest.fixture(scope="session", autouse=True)
def library_that_is_built(request, tmp_path_factory):
    """Where the whole library is going to be tested, all its classes are built first, and each of them once.

    Processes of pytest-xdist share that work. What several of them asked for at one moment would be built by each.
    """
    tested = {item.path.name for item in request.session.items}
    if not {"test_library.py", "test_robustness.py"} <= tested:
        return
    names = [
        f"BioProcess.{package}.{file.stem}"
        for package in ("Fmus", "Examples", "Tests")
        for file in sorted((LIBRARY / package).glob("*.mo"))
        if file.stem != "package"
    ]
    n_workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    shared = tmp_path_factory.getbasetemp()
    claims = (shared.parent if n_workers > 1 else shared) / "claims"
    claims.mkdir(exist_ok=True)
    n = max((os.cpu_count() or 1) // n_workers, 1)
    output = tmp_path_factory.mktemp("library")
    claim_and_build(names, search_path=[LIBRARY.parent], output=output, claims=claims, n=n)
