"""Strict JSON of what a run tells of itself: no NaN, no Infinity, nothing but plain values."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path

import numpy as np

from cosim.errors import RequestError, ResultError
from cosim.whole_file import whole_file

Document = None | bool | int | float | str | list["Document"] | dict[str, "Document"]
"""A value that JSON can hold."""


def plain(value: object) -> Document:
    """Turn dataclasses, mappings, sequences, enumerations and numpy numbers into plain values.

    A number that is not finite becomes None, for JSON has no word for it.
    """
    match value:
        case None | bool() | str():
            return value
        case Enum():
            return plain(value.value)
        case int() | np.integer():
            return int(value)
        case float() | np.floating():
            return float(value) if math.isfinite(value) else None
        case Path() | datetime():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case np.ndarray() | Sequence() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [plain(item) for item in items]
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return str(value)


def encode(value: object, *, indent: int | None = None) -> str:
    """Write ``value`` as strict JSON."""
    return json.dumps(plain(value), allow_nan=False, ensure_ascii=False, indent=indent)


def write_text(path: Path, text: str) -> None:
    """Put ``text`` into ``path`` so that there is at every moment the old file or the new one, whole.

    Raises
    ------
    ResultError
        When the file cannot be written; the old one is then untouched.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes, *, before: Callable[[], None] = lambda: None) -> None:
    """Put ``data`` into ``path`` as ``write_text`` does, after ``before``, which may raise OSError."""
    try:
        before()
        with whole_file(path) as file:
            file.write(data)
    except OSError as error:
        if not path.parent.is_dir():
            raise RequestError(
                f"Cannot write '{path}': there is no folder '{path.parent}'. Make it, or choose another with --out."
            ) from error
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> ResultError:
    """Say that ``path`` cannot be written, why, and what to do."""
    why = error.strerror or str(error)
    return ResultError(
        f"Cannot write '{path}': {why[:1].lower() + why[1:]}. Free space or choose another folder with --out; what was "
        "written before is untouched."
    )
