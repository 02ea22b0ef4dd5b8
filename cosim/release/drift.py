"""Drift: what a shadow session writes when the plant goes away from its model, and what a proposal is opened with.

``drift.json`` lies in the folder of the session::

    {"detected": "2026-11-20T08:00:00+00:00", "batch": "B-0042",
     "signals": [{"name": "reactor.titre", "unit": "1", "statistic": 4.2, "limit": 3.0,
                  "since": "2026-11-19T20:00:00+00:00"}],
     "model": {"path": "reactor.fmu", "sha256": "<64 hex digits>"}}

``statistic`` is beyond ``limit``; ``unit`` is that of both, '1' for a ratio. Times have a zone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cosim.audit.plain import open_plain
from cosim.errors import ReleaseError
from cosim.release.gates import is_number
from cosim.release.storage import is_hash
from cosim.whole_file import whole_file

FILE: Final = "drift.json"
LARGEST: Final = 1 << 20
"""Bytes that are read."""
_LONGEST: Final = 500
_SIGNAL: Final[Mapping[str, type]] = {"name": str, "unit": str, "statistic": float, "limit": float, "since": str}


@dataclass(frozen=True, slots=True)
class DriftSignal:
    """A signal whose ``statistic`` is beyond ``limit``, both in ``unit``, since a time (ISO 8601, with its zone)."""

    name: str
    unit: str
    statistic: float
    limit: float
    since: str


@dataclass(frozen=True, slots=True)
class DriftedModel:
    """The file that the drift is of."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What was seen, when (ISO 8601, with its zone), in which batch, and of which model."""

    detected: str
    batch: str
    signals: tuple[DriftSignal, ...]
    model: DriftedModel

    @property
    def text(self) -> str:
        """Say it in a sentence."""
        shown = [
            f"{one.name} at {one.statistic:.4g}{_unit(one.unit)}, limit {one.limit:.4g}, since {one.since}"
            for one in self.signals
        ]
        return f"Drift in batch {self.batch or '(without a name)'}, seen {self.detected}: {'; '.join(shown)}."


def _unit(unit: str) -> str:
    return f" {unit}" if unit not in ("", "1") else ""


def write_drift(folder: Path, drift: Drift) -> Path:
    """Put ``drift`` into the folder of a session, in place of what was there; return the file.

    Raises
    ------
    ReleaseError
        When it says something that ``read_drift`` would refuse, or cannot be written.
    """
    file = folder / FILE
    document = asdict(drift)
    _checked(document, file)
    try:
        with whole_file(file) as opened:
            opened.write(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    except OSError as error:
        raise ReleaseError(f"'{file}' cannot be written: {error.strerror or error}.") from error
    return file


def read_drift(place: Path) -> Drift:
    """Read the ``drift.json`` that ``place`` is, or of the session whose folder it is.

    Raises
    ------
    ReleaseError
        When there is none, or it says something else than the schema.
    """
    file = place / FILE if place.is_dir() else place
    try:
        with open_plain(file) as opened:
            data = opened.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise ReleaseError(f"There is no '{file}': no drift was seen there.") from error
    except OSError as error:
        raise ReleaseError(f"'{file}' cannot be read: {error.strerror or error}.") from error
    try:
        if len(data) > LARGEST:
            raise ValueError(f"it is longer than {LARGEST} bytes")
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReleaseError(f"'{file}' is no record of drift: {error}.") from error
    return _checked(document, file)


def _checked(document: Any, file: Path) -> Drift:  # noqa: ANN401
    try:
        _require(isinstance(document, dict), "it is no mapping")
        _require(set(document) == {"detected", "batch", "signals", "model"}, "it has other keys")
        signals = tuple(_signal(one) for one in document["signals"])
        _require(len(signals) > 0, "it names no signal")
        model = DriftedModel(**document["model"])
        _require(isinstance(model.path, str) and is_hash(model.sha256), "'model' has no 'path' and 'sha256'")
        _require(isinstance(document["batch"], str) and document["batch"].isprintable(), "'batch' is no text")
        _require_time(document["detected"])
    except (ValueError, TypeError) as error:
        raise ReleaseError(f"'{file}' is no record of drift: {error}.") from error
    return Drift(document["detected"], document["batch"], signals, model)


def _signal(told: Any) -> DriftSignal:  # noqa: ANN401
    _require(isinstance(told, dict) and set(told) == set(_SIGNAL), f"a signal has {', '.join(_SIGNAL)}")
    for key, kind in _SIGNAL.items():
        value = told[key]
        is_good = is_number(value) if kind is float else isinstance(value, str) and value.isprintable()
        _require(is_good and len(str(value)) <= _LONGEST, f"'{key}' of a signal is {str(value)[:50]!r}")
    _require(told["statistic"] > told["limit"], "the 'statistic' of a signal is not beyond its 'limit'")
    _require_time(told["since"])
    return DriftSignal(**told)


def _require_time(text: Any) -> None:  # noqa: ANN401
    _require(isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None, f"{text!r} has no time zone")


def _require(is_good: bool, text: str) -> None:
    if not is_good:
        raise ValueError(text)
