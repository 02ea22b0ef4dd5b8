"""Curves and records for the tests of regression."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cosim.regression.curve import Curve
from cosim.regression.record import Record

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
"""For machines that do much else."""


@st.composite
def lines(draw):
    """Times that do not decrease, with jumps, and values."""
    steps = draw(st.lists(st.sampled_from([0, 1, 3, 10, 40]), min_size=1, max_size=40))
    ticks = np.cumsum(np.array([0, *steps], dtype=np.int64)) * 10
    n = len(ticks)
    values = draw(st.lists(st.floats(-10.0, 10.0), min_size=n, max_size=n))
    return ticks, np.array(values)


def curve(values, ticks=None, *, name="tank.level", unit="m", **more):
    values = np.asarray(values, dtype=float)
    ticks = np.arange(len(values)) * 1_000_000_000 if ticks is None else np.asarray(ticks)
    return Curve(name, ticks.astype(np.int64), values, unit, **more)


def record(*curves, **more):
    end = max((int(item.ticks[-1]) for item in curves), default=0)
    return Record({item.name: item for item in curves}, **{"end": end, **more})
