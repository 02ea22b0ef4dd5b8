"""`cosim serve` says what it does, and refuses what would protect nothing."""

import socket

import pytest
from served import ServerProcess

from cosim.cli.app import run_app


@pytest.fixture(autouse=True)
def _no_token(monkeypatch):
    monkeypatch.delenv("COSIM_TOKEN", raising=False)
    monkeypatch.delenv("COSIM_TOKEN_FILE", raising=False)


def refused(arguments, capfd):
    assert run_app(["serve", *arguments]) == 2
    return " ".join(capfd.readouterr().err.split())


def test_without_a_token(capfd):
    assert "A server of FMUs is reached with a token. Name its file" in refused([], capfd)


def test_a_token_that_protects_nothing(capfd):
    said = refused(["--token", "hello"], capfd)
    assert "The token of '--token' is not one line of 20 to 1000 characters" in said
    assert "other users of this machine can see the token" in said
    assert "hello" not in said


def test_two_tokens(tmp_path, capfd):
    said = refused(["--token", "hello", "--token-file", str(tmp_path / "x")], capfd)
    assert "Give '--token' or '--token-file', not both." in said


def test_a_port_that_is_taken(tmp_path, capfd):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = refused(["--token-file", str(tmp_path / "new"), "--port", port], capfd)
    assert f"Cannot listen at 127.0.0.1, port {port}: Address already in use" in said
    assert "A new token was written to" in said
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_an_address_that_is_not_ours(tmp_path, capfd):
    said = refused(["--token-file", str(tmp_path / "new"), "--bind", "192.0.2.1"], capfd)
    assert "Cannot listen at 192.0.2.1, port 7070" in said


def test_all_addresses_are_a_warning(tmp_path):
    server = ServerProcess(tmp_path, "--bind", "0.0.0.0")
    said = " ".join(server.said().split())
    assert server.stop() == 130
    assert "whoever has the token runs programs here as user" in said
    assert server.said().splitlines()[-1] == "Stopped."
