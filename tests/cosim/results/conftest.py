"""One made-up mAb run on disk for all tests that only read."""

import mab_run
import pytest

from cosim.results import load


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    mab_run.write(folder, coarse=4)
    return folder


@pytest.fixture
def result(run_folder):
    return load(run_folder)
