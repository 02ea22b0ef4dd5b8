"""The ways in which FMUs are hosted, for the tests of all of them."""

import pytest
from hosted import Way
from served import ServerProcess

from cosim.hosting import lane, process, starting
from cosim.hosting.network.host import RemoteHost
from cosim.hosting.process import Limits


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = ServerProcess(tmp_path_factory.mktemp("server"))
    yield server
    assert server.stop() == 130


@pytest.fixture(params=["lane", "messages", "spawned", "loopback", "server"])
def way(request, monkeypatch):
    """With memory that is shared, without, with a new interpreter, as on Windows, and at a server."""
    if request.param == "server":
        server = request.getfixturevalue("server")
        monkeypatch.setattr(Way, "make_host", lambda: RemoteHost(server.address, server.token_file, Limits()))
    elif request.param == "spawned":
        monkeypatch.setattr(starting, "FORKS", False)
    elif request.param == "loopback":
        monkeypatch.setattr(starting, "PASSES_DESCRIPTORS", False)
    elif request.param == "messages":
        monkeypatch.setattr(process, "functions", lambda: None)
    elif lane.functions() is None:
        pytest.skip("needs a C compiler")
