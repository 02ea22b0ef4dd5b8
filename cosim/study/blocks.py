"""Runs that belong together: a block counts only where all of its runs gave a value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cosim.study.problem import Array


def whole_blocks(values: Array, size: int) -> NDArray[np.bool_]:
    """Return which of ``values`` (n,), blocks of ``size``, are in a block without a gap."""
    whole = np.isfinite(values.reshape(-1, size)).all(axis=1)
    return np.repeat(whole, size)


def lost_warning(name: str, kept: NDArray[np.bool_], size: int, what: str) -> tuple[str, ...]:
    """Warn of blocks, each a ``what``, that were left out."""
    n, lost = len(kept) // size, int(np.sum(~kept)) // size
    return (
        (f"{lost} of {n} {_plural(what)} are left out of '{name}', for some of their runs gave no value.",)
        if lost
        else ()
    )


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
