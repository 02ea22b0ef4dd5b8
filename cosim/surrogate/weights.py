"""Tensors in safetensors files: numbers and shapes only, nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from cosim.errors import FmuError, ResultError
from cosim.surrogate.model import Array
from cosim.whole_file import whole_file

LARGEST: Final = 256_000_000
"""Bytes of a file of weights."""


def write_weights(path: Path, tensors: Mapping[str, Array]) -> None:
    """Put ``tensors`` into ``path``, whole or not at all."""
    from safetensors.numpy import save

    data = save({name: np.ascontiguousarray(value, dtype=np.float64) for name, value in sorted(tensors.items())})
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with whole_file(path, mode=0o600) as file:
            file.write(data)
    except OSError as error:
        raise ResultError(f"Cannot write '{path}': {error}. Free space there, or choose another folder.") from error


def read_weights(path: Path) -> dict[str, Array]:
    """Read the tensors in ``path``, all numbers finite.

    Raises
    ------
    FmuError
        Naming the file and the tensor.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise FmuError(f"'{path}' is larger than {LARGEST // 1_000_000} MB, the limit for weights.")
        data = path.read_bytes()
    except OSError as error:
        raise FmuError(f"The weights '{path}' cannot be read: {error.strerror}.") from error
    return decode_weights(data, str(path))


def decode_weights(data: bytes, name: str) -> dict[str, Array]:
    """Read the tensors in ``data``, called ``name`` in messages."""
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load
    except ImportError as error:
        raise FmuError("Surrogates need more packages: pip install 'bioprocess-cosim[surrogate]'.") from error
    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise FmuError(f"'{name}' is no file of weights: {error}.") from error
    for key, value in tensors.items():
        if value.dtype != np.float64:
            raise FmuError(f"Tensor '{key}' in '{name}' holds {value.dtype} where float64 is meant.")
        if key != "standing" and not np.isfinite(value).all():
            raise FmuError(f"Tensor '{key}' in '{name}' holds numbers that are not finite. Train it again.")
    return dict(tensors)
