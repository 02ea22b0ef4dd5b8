"""Records as bytes: an archive of arrays whose curves keep what a tolerance can see, and no more.

Ticks are stored as differences, and the bytes of all numbers by significance, which is what makes them compress. The
same record gives the same bytes, so that their hash names it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import ResultError
from cosim.regression.curve import Curve, thinned
from cosim.regression.form import by_name, each, flag, holding, maybe, number, one_of, plain, row, text, whole
from cosim.regression.record import Moment, Number, Record

FORMAT: Final = 1
_LARGEST: Final = 2_000_000_000
"""Bytes of a record that is read, unpacked; more is no record of ours."""
_ARRAYS: Final = ("lengths", "ticks", "values")


def thin(record: Record, share: Callable[[Curve], float]) -> Record:
    """Return ``record`` with fewer points: each curve is nowhere farther from what it was than ``share`` says."""
    curves = {}
    for name, curve in record.curves.items():
        kept = thinned(curve.ticks, curve.values, share(curve)) if curve.axis == "time" else slice(None)
        curves[name] = replace(curve, ticks=curve.ticks[kept], values=curve.values[kept])
    return replace(record, curves=curves)


def encode_record(record: Record) -> bytes:
    """Return ``record`` as bytes."""
    curves = list(record.curves.values())
    document = {
        "format": FORMAT,
        "curves": [[curve.name, curve.unit, curve.axis] for curve in curves],
        "numbers": {name: asdict(number) for name, number in record.numbers.items()},
        "moments": [[moment.time, moment.kind, moment.subject] for moment in record.moments],
        "flow": [list(pair) for pair in record.flow],
        "unmet": list(record.unmet),
        **{key: getattr(record, key) for key in _PLAIN},
    }
    ticks = [np.diff(curve.ticks, prepend=np.int64(0)) for curve in curves]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        document=np.frombuffer(json.dumps(document, allow_nan=False).encode(), dtype=np.uint8),
        lengths=np.array([len(curve.ticks) for curve in curves], dtype=np.int64),
        ticks=_by_significance(np.concatenate([*ticks, np.empty(0, np.int64)])),
        values=_by_significance(np.concatenate([*(curve.values for curve in curves), np.empty(0)])),
    )
    return buffer.getvalue()


_DAMAGE: Final = (ValueError, KeyError, TypeError, OSError, EOFError, RuntimeError, MemoryError)
"""What reading an archive that is none can raise."""
_PLAIN: Final = ("ledger", "interface", "models", "end", "steps", "seconds", "status", "reason", "is_measured")


def read_record(path: Path, sha256: str | None = None) -> Record:
    """Read the file of a record, whose hash is ``sha256`` where that is known.

    Raises
    ------
    ResultError
        When it cannot be read, has another hash, or is no record.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ResultError(f"'{path}' is no record of a run: it is too large. Restore it.")
        data = path.read_bytes()
    except OSError as error:
        raise ResultError(f"'{path}' cannot be read: {error.strerror}. Restore it.") from error
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise ResultError(f"'{path}' is not what it was when it was written. Restore it.")
    return decode_record(data, f"'{path}'")


_VARIABLE: Final = holding(causality=text, variability=text, type=text, unit=text, start=plain, shape=each(whole))
_DOCUMENT: Final = holding(
    format=whole,
    curves=each(row(text, maybe(text), one_of("time", "run"))),
    numbers=by_name(holding(value=maybe(number), unit=text, reason=text)),
    moments=each(row(whole, text, text)),
    flow=each(row(text, text)),
    unmet=each(text),
    ledger=by_name(number),
    interface=by_name(holding(variables=by_name(_VARIABLE), capabilities=by_name(plain))),
    models=by_name(text),
    end=whole,
    steps=whole,
    seconds=number,
    status=text,
    reason=text,
    is_measured=flag,
)


def decode_record(data: bytes, what: str) -> Record:
    """Read what ``encode_record`` wrote; ``what`` it is, for the message.

    Raises
    ------
    ResultError
        When it is no record.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise ValueError("it is too large")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            document = json.loads(np.asarray(arrays["document"]).tobytes())
            if document["format"] != FORMAT:
                raise ValueError(f"its format is {document['format']}, and this cosim reads {FORMAT}")
            if not _DOCUMENT(document):
                raise ValueError("it does not have the form of one")
            lengths, ticks, values = (np.asarray(arrays[name]) for name in _ARRAYS)
        if lengths.dtype != np.int64 or lengths.ndim != 1:
            raise ValueError("its lengths are in another form")
        return _record(document, lengths, _whole(ticks, np.int64), _whole(values, np.float64))
    except (*_DAMAGE, zipfile.BadZipFile, zlib.error) as error:
        raise ResultError(f"{what} is no record of a run, or it is damaged ({error}).") from error


def _record(
    document: Mapping[str, Any], lengths: NDArray[np.int64], ticks: NDArray[np.int64], values: NDArray[np.float64]
) -> Record:
    if len(lengths) != len(document["curves"]) or not len(ticks) == len(values) == int(lengths.sum()):
        raise ValueError("its curves have other lengths than it says")
    ends = np.cumsum(lengths)
    if np.any(lengths < 1) or np.any(np.delete(ticks, ends - lengths) < 0):
        raise ValueError("its curves are empty, or go back in time")
    curves = {}
    for (name, unit, axis), begin, end in zip(document["curves"], ends - lengths, ends, strict=True):
        curves[name] = Curve(name, np.cumsum(ticks[begin:end]), values[begin:end], unit, axis)
    return Record(
        curves,
        {name: Number(**number) for name, number in document["numbers"].items()},
        tuple(Moment(*moment) for moment in document["moments"]),
        unmet=tuple(document["unmet"]),
        flow=tuple((source, target) for source, target in document["flow"]),
        **{key: document[key] for key in _PLAIN},
    )


def _by_significance(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    little = np.ascontiguousarray(numbers.astype(numbers.dtype.newbyteorder("<")))
    return np.ascontiguousarray(little.view(np.uint8).reshape(-1, 8).T)


def _whole(parts: NDArray[np.uint8], kind: type) -> NDArray[Any]:
    if parts.dtype != np.uint8 or parts.ndim != 2:
        raise ValueError("its numbers are in another form")
    return np.frombuffer(np.ascontiguousarray(parts.T).tobytes(), dtype=np.dtype(kind).newbyteorder("<")).astype(kind)
