"""What is used of pydoe, which the extra ``study`` installs."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Literal

import numpy as np

from cosim.study.problem import Array


def not_installed(method: str) -> Sequence[str]:
    """Object where pydoe is not there."""
    if importlib.util.find_spec("pydoe") is not None:
        return ()
    return (f"Method '{method}' needs pydoe: pip install 'bioprocess-cosim[study]'.",)


def fraction(k: int, resolution: int) -> Array | None:
    """Return levels −1 and 1 (n, k) of the smallest design of ``resolution``, None where there is none."""
    import pydoe

    try:
        return np.asarray(pydoe.fracfact_by_res(k, resolution))
    except ValueError:
        return None


def central_composite(k: int, face: Literal["faced", "inscribed"]) -> Array:
    """Return levels in −1…1 (n, k): corners, axial points, one centre."""
    import pydoe

    points: Array = np.asarray(pydoe.ccdesign(k, center=(0, 1), alpha="rotatable", face=face))
    return points.clip(-1.0, 1.0)
