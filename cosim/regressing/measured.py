"""Data of a plant as a record."""

from __future__ import annotations

import numpy as np

from cosim.clock import TICKS_PER_SECOND
from cosim.errors import ScenarioError
from cosim.measurements import Column, Layout, Rules, read_table
from cosim.measurements.columns import read_head
from cosim.measurements.sheet import read_sheet
from cosim.regression.curve import Curve
from cosim.regression.record import Record
from cosim.regression.suite import Data


def read_data(data: Data) -> Record:
    """Read a table of times and signals, ``reactor.titre [g/L]``; empty cells were not measured, other heads are notes.

    Raises
    ------
    ScenarioError, ProblemList
        When it cannot be read, or holds no signal.
    """
    try:
        names = [name for name in read_head(read_sheet(data.path, Rules())).names if "." in name]
        series = read_table(data.path, Layout({name: Column(name) for name in names}))
    except ScenarioError as error:
        raise ScenarioError(error.message, location=error.location or data.origin) from error
    curves = {}
    for item in series:
        ticks = np.rint(item.positions * TICKS_PER_SECOND).astype(np.int64)
        if len(ticks):
            curves[item.variable] = Curve(item.variable, ticks, item.values, item.unit)
    if not curves:
        text = f"'{data.path}' holds no signal: head its columns as in 'reactor.titre [g/L]'."
        raise ScenarioError(text, location=data.origin)
    return Record(curves, end=max(int(curve.ticks[-1]) for curve in curves.values()), is_measured=True)
