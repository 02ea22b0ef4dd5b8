"""Secrets asked for at the terminal, and refused in words where there is none."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

from cosim.errors import ScenarioError


def ask_secret(prompt: str, what: str, otherwise: str, **options: Any) -> str:  # noqa: ANN401
    """Ask for ``what``, which is not shown as it is typed; ``otherwise`` says how else to give it.

    Raises
    ------
    ScenarioError
        When there is no terminal to ask at.
    """
    if not has_terminal():
        raise ScenarioError(f"There is no terminal to ask for {what}: {otherwise}.")
    return str(typer.prompt(prompt, hide_input=True, err=True, **options))


def has_terminal() -> bool:
    """Tell whether somebody could be asked: at the standard input, or at the terminal that the process belongs to."""
    if sys.stdin is not None and sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | getattr(os, "O_NOCTTY", 0)))
    except OSError:
        return False
    return True
