"""Servers of FMUs for these tests."""

import signal

import pytest
from served import ServerProcess


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server that nothing here harms."""
    found = ServerProcess(tmp_path_factory.mktemp("server"))
    yield found
    assert found.stop() == 130
    assert not list(found.temporary.iterdir())


@pytest.fixture
def own(tmp_path):
    """A server that is harmed."""
    found = ServerProcess(tmp_path / "server")
    yield found
    if found.process.poll() is None:
        found.process.send_signal(signal.SIGCONT)
        found.stop()
