"""Data of a plant as a record."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Final

import numpy as np

from cosim.clock import TICKS_PER_SECOND
from cosim.errors import ProblemList, ScenarioError, raise_all
from cosim.measurements import Column, Layout, Rules, read_table
from cosim.measurements.columns import read_head
from cosim.measurements.sheet import read_sheet
from cosim.regression.curve import Curve
from cosim.regression.record import Record
from cosim.regression.suite import Data

_STATED: Final = re.compile(f"'({'|'.join(field.name for field in fields(Rules))})\\b")
"""What is stated beside a table elsewhere, where a message advises it."""


def _for_suite(message: str) -> str:
    """Add to what is wrong with a table what a suite lets one do about it."""
    if _STATED.search(message) is None:
        return message
    return (
        f"{message} A suite states nothing of that kind: write it so in the table, where an empty cell stands for no "
        "value."
    )


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
    except (ScenarioError, ProblemList) as error:
        problems = error.problems if isinstance(error, ProblemList) else (error,)
        raise_all([ScenarioError(_for_suite(one.message), location=one.location or data.origin) for one in problems])
    curves = {}
    for item in series:
        ticks = np.rint(item.positions * TICKS_PER_SECOND).astype(np.int64)
        if len(ticks):
            curves[item.variable] = Curve(item.variable, ticks, item.values, item.unit)
    if not curves:
        text = f"'{data.path}' holds no signal: head its columns as in 'reactor.titre [g/L]'."
        raise ScenarioError(text, location=data.origin)
    return Record(curves, end=max(int(curve.ticks[-1]) for curve in curves.values()), is_measured=True)
