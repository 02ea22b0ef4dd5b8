"""A token is found where it may be, is refused when it protects nothing, and is never shown."""

import os

import pytest

from cosim.errors import FmuError
from cosim.hosting.network.keys import find_token, keys_of, new_token, write_token


@pytest.fixture(autouse=True)
def _no_token(monkeypatch):
    monkeypatch.delenv("COSIM_TOKEN", raising=False)
    monkeypatch.delenv("COSIM_TOKEN_FILE", raising=False)


def test_where_it_is_found(tmp_path, monkeypatch):
    token = write_token(tmp_path / "token")
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert find_token(tmp_path / "token") == token
    monkeypatch.setenv("COSIM_TOKEN_FILE", str(tmp_path / "token"))
    assert find_token(None) == token
    monkeypatch.setenv("COSIM_TOKEN", "another-token-of-length")
    assert find_token(None) == "another-token-of-length"
    assert find_token(tmp_path / "token") == token


def test_without_one():
    with pytest.raises(FmuError, match=r"Name its file under 'token_file', or in COSIM_TOKEN_FILE\."):
        find_token(None)


@pytest.mark.parametrize(
    "content", ["", "short", "x" * 1001, "twenty characters and blanks", "two-lines-of-token\nx-x-x-x-x"]
)
def test_one_that_protects_nothing_is_refused_without_being_shown(content, tmp_path):
    (tmp_path / "token").write_text(content)
    (tmp_path / "token").chmod(0o600)
    with pytest.raises(FmuError, match="is not one line of 20 to 1000 characters") as caught:
        find_token(tmp_path / "token")
    assert not content or content not in str(caught.value)


def test_a_file_that_is_not_there_or_that_others_can_read(tmp_path, caplog):
    with pytest.raises(FmuError, match=r"cannot be read from .*: No such file"):
        find_token(tmp_path / "none")
    (tmp_path / "token").write_text(new_token())
    (tmp_path / "token").chmod(0o644)
    find_token(tmp_path / "token")
    assert "can be read by other users of this machine" in caplog.text
    with pytest.raises(FmuError, match=r"cannot be written to .*: File exists"):
        write_token(tmp_path / "token")


def test_keys_differ_and_are_not_shown():
    keys, others = keys_of(new_token()), keys_of(new_token())
    assert len({keys.client_public, keys.server_public, others.client_public, others.server_public}) == 4
    assert keys.server_secret.decode() not in repr(keys)


def test_an_fmu_is_not_told_the_token(monkeypatch):
    from cosim.hosting.process import WorkerProcess

    monkeypatch.setenv("COSIM_TOKEN", new_token())
    process = WorkerProcess()
    try:
        with open(f"/proc/{process.pid}/environ", "rb") as file:
            assert os.environ["COSIM_TOKEN"].encode() not in file.read()
    finally:
        process.end()
