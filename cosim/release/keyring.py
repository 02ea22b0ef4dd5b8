"""Keys of people: files under a passphrase, one for each person, which nobody but he opens, each time he signs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cosim.audit.ed25519 import SecretKey, new_key, read_key, write_key
from cosim.errors import SignatureError

PASSPHRASE_VARIABLE: Final = "COSIM_PASSPHRASE_FILE"
"""Names a file with the passphrase, for tests and machines; people type it."""
LEAST: Final = 10
"""Characters of a passphrase."""
_MOST: Final = 1000


def key_file(person: str) -> Path:
    """Return where the key of ``person`` is kept, unless he says otherwise."""
    import platformdirs

    if not person.replace(".", "").replace("-", "").replace("_", "").isalnum():
        raise SignatureError(f"'{person}' cannot be the short name of a person.")
    return Path(platformdirs.user_config_dir("cosim")) / "people" / f"{person}.key"


def make_key(file: Path, ask: Callable[[], str]) -> SecretKey:
    """Make a key under the passphrase that ``ask`` returns, or the file that ``COSIM_PASSPHRASE_FILE`` names has.

    Raises
    ------
    SignatureError
        When the passphrase is too short, or there is a key already.
    """
    if file.exists():
        raise SignatureError(f"There is a key in '{file}' already. Name another file.")
    passphrase = _passphrase(ask)
    if len(passphrase) < LEAST:
        raise SignatureError(f"A passphrase has at least {LEAST} characters: some words that nobody would guess.")
    key = new_key()
    write_key(file, key, passphrase)
    return key


def open_key(file: Path, ask: Callable[[], str]) -> SecretKey:
    """Open the key in ``file``, to sign once.

    Raises
    ------
    SignatureError
        When the passphrase is not the one.
    """
    if not file.exists():
        raise SignatureError(f"There is no key in '{file}'. 'cosim release key' makes one; --key names one elsewhere.")
    return read_key(file, _passphrase(ask))


def _passphrase(ask: Callable[[], str]) -> str:
    named = os.environ.get(PASSPHRASE_VARIABLE)
    if not named:
        return ask()
    try:
        with Path(named).open("rb") as opened:
            text = opened.read(_MOST)
            mode = os.fstat(opened.fileno()).st_mode
        passphrase = text.decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SignatureError(
            f"The passphrase cannot be read from the file that {PASSPHRASE_VARIABLE} names."
        ) from error
    if os.name == "posix" and mode & 0o077:
        raise SignatureError(f"The file that {PASSPHRASE_VARIABLE} names can be read by others. Write: chmod 600 FILE")
    return passphrase
