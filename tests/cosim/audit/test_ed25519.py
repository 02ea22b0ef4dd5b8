"""Keys are kept under a passphrase, open with that only, and are never shown."""

import json
import os

import pytest

from cosim.audit import ed25519
from cosim.audit.ed25519 import fingerprint, is_signed, new_key, read_key, write_key
from cosim.errors import SignatureError

WORDS = "some words that nobody guesses"


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(ed25519, "_COST", 2**8)
    write_key(tmp_path / "keys" / "ada.key", new_key(), WORDS)
    return tmp_path / "keys" / "ada.key"


def test_a_signature_is_that_of_its_key_and_message():
    key, other = new_key(), new_key()
    signature = key.sign(b"message")
    assert is_signed(key.public, b"message", signature)
    assert not is_signed(key.public, b"massage", signature)
    assert not is_signed(other.public, b"message", signature)
    for nonsense in ("", "zz" * 64, signature[:-2], "00" * 64):
        assert not is_signed(key.public, b"message", nonsense)
    assert not is_signed("00", b"message", signature)


def test_a_key_is_the_same_after_it_was_kept(tmp_path, file):
    assert read_key(file, WORDS).public == json.loads(file.read_text())["public"]
    key = new_key()
    write_key(tmp_path / "plain.key", key, None)
    assert read_key(tmp_path / "plain.key").sign(b"x") == key.sign(b"x")


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps files of others apart in another way")
def test_a_key_is_its_owners(file):
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(SignatureError, match=r"can be read by other users of this machine.*chmod 600"):
        read_key(file, WORDS)


def test_another_passphrase_opens_nothing(file):
    for words in ("", WORDS.upper(), WORDS + " "):
        with pytest.raises(SignatureError, match="The passphrase is not that of the key in"):
            read_key(file, words)
    with pytest.raises(SignatureError, match="has a passphrase, and none was given"):
        read_key(file)


def test_a_key_that_is_there_is_not_overwritten(file):
    before = file.read_bytes()
    with pytest.raises(SignatureError, match=r"A key cannot be written to .*: File exists"):
        write_key(file, new_key(), WORDS)
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["public", "salt", "nonce", "sealed"])
def test_a_key_file_that_was_changed_opens_nothing(file, name):
    document = json.loads(file.read_text())
    for value in (document[name][:-1] + ("0" if document[name][-1] != "0" else "1"), "", "xyz", None):
        file.write_text(json.dumps({**document, name: value}))
        with pytest.raises(SignatureError, match=r"passphrase is not that of|does not hold a key as cosim writes one"):
            read_key(file, WORDS)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "other"}', "[" * 4000])
def test_what_is_no_key(file, text):
    file.write_text(text)
    with pytest.raises(SignatureError, match="does not hold a key as cosim writes one"):
        read_key(file, WORDS)


def test_there_is_no_key(tmp_path):
    with pytest.raises(SignatureError, match="cannot be read: No such file"):
        read_key(tmp_path / "none", WORDS)


def test_a_key_is_never_shown(file):
    key = read_key(file, WORDS)
    for shown in (repr(key), str(key), f"{key}", json.dumps(json.loads(file.read_text()))):
        assert key.raw().hex() not in shown
        assert WORDS not in shown


def test_what_signs_is_not_installed(monkeypatch):
    key = new_key()
    monkeypatch.setattr(ed25519, "can_sign", lambda: False)
    with pytest.raises(
        SignatureError, match=r"Signing needs another package: pip install 'bioprocess-cosim\[release\]'"
    ):
        new_key()
    with pytest.raises(SignatureError, match="Checking signatures needs another package"):
        is_signed(key.public, b"", "")


def test_the_number_of_a_key_is_what_people_compare():
    assert fingerprint("00" * 32) == "6668 7aad f862 bd77 6c8f"
