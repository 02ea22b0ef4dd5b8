"""Options of the verbs that speak OPC UA: security, user, certificates."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from cosim.cli.asking import ask_secret
from cosim.errors import LinkError, ScenarioError

PASSWORD: Final = "COSIM_PASSWORD"
"""The environment variable that may hold the password."""
POLICIES: Final = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
_LONGEST: Final = 4096

SECURITY = Annotated[
    str | None,
    typer.Option("--security", metavar="POLICY", help=f"Sign and encrypt: {', '.join(POLICIES)}.", show_default=False),
]
USER = Annotated[
    str | None,
    typer.Option("--user", metavar="NAME", help="User; the password is asked for if not given otherwise.",
                 show_default=False),
]  # fmt: skip
PASSWORD_FILE = Annotated[
    Path | None,
    typer.Option("--password-file", help=f"File with the password; else {PASSWORD} is looked at.", show_default=False),
]
PKI = Annotated[
    Path | None,
    typer.Option("--pki", metavar="FOLDER", help="Folder of certificates; default one of this user.",
                 show_default=False),
]  # fmt: skip
SPEED = Annotated[float, typer.Option("--speed", help="Seconds of the batch per second.", min=0.001, max=1e6)]


def check_security(security: str | None, user: str | None) -> None:
    """Raise ScenarioError for an unknown policy, or a password that would pass unencrypted."""
    if security is not None and security not in POLICIES:
        raise ScenarioError(f"There is no security policy '{security}'. Choose one of {', '.join(POLICIES)}.")
    if user is not None and security is None:
        raise ScenarioError("The password would pass unencrypted. Give '--security Basic256Sha256' with '--user'.")


def find_password(user: str | None, file: Path | None) -> str | None:
    """Return the password of ``user`` from ``file``, the environment or the terminal; None without a user.

    Raises
    ------
    ScenarioError
        When there is no terminal to ask at.
    LinkError
        When there is none, or others can read the file.
    """
    if user is None:
        return None
    if file is not None:
        return read_secret(file, "password")
    if os.environ.get(PASSWORD):
        return os.environ[PASSWORD]
    otherwise = f"give --password-file, or set {PASSWORD}"
    try:
        return ask_secret(f"Password of {user}", f"the password of '{user}'", otherwise)
    except typer.Abort as error:
        raise LinkError(f"There is no password of '{user}': {otherwise}.") from error


def read_secret(file: Path, what: str) -> str:
    """Return the password or token in ``file``.

    Raises
    ------
    LinkError
        When there is none, or others can read the file.
    """
    try:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise LinkError(f"Others can read the {what} in '{file}': chmod 600 {file}.")
        with file.open(encoding="utf-8") as opened:
            secret = opened.read(_LONGEST).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LinkError(f"The {what} in '{file}' cannot be read: {error}.") from error
    if not secret:
        raise LinkError(f"'{file}' is empty; it should hold the {what}.")
    return secret


def pki_folder(given: Path | None) -> Path:
    """Return the folder of certificates."""
    import platformdirs

    return given if given is not None else Path(platformdirs.user_config_dir("cosim")) / "pki"


def require_asyncua() -> None:
    """Raise LinkError where asyncua is not installed; keep it from printing what cosim says in its own words."""
    import logging
    from importlib.util import find_spec

    if find_spec("asyncua") is None:
        raise LinkError("OPC UA needs asyncua: pip install 'bioprocess-cosim[live]'.")
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
