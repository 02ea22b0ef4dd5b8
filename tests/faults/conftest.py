"""The FMUs that fail on demand, built once."""

import pytest
from faulty import build_faulty


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with `faulty2.fmu` and `faulty3.fmu`."""
    folder = tmp_path_factory.mktemp("faulty")
    for fmi in ("2.0", "3.0"):
        build_faulty(folder / f"faulty{fmi[0]}.fmu", fmi)
    return folder
