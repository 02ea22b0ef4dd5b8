"""Expectations evaluated on trajectories."""

import numpy as np
import pytest

from cosim.clock import to_ticks
from cosim.execution.outcome import LedgerEntry, Outcome, PhaseRecord, SpeciesLedger
from cosim.scenario.expectations import Expectation, evaluate
from cosim.scenario.measures import Measure
from cosim.system.variable import VariableName

TIMES = np.array([0.0, 10.0, 20.0, 40.0])
VALUES = np.array([1.0, 3.0, 2.0, 4.0])
ZERO = LedgerEntry("kg", 0, 0, 0, 0, 0, 0, 0, 0, 0)


def outcome(streams=None):
    phases = (PhaseRecord("run", None, 1, to_ticks(10.0), to_ticks(20.0), "duration"),)
    ledger = {"mab": SpeciesLedger(ZERO, {}, streams or {})}
    return Outcome("completed", "", to_ticks(40.0), 0.1, phases, (), ledger, {})


def finding(function, operator="<", limit=0.0, **more):
    measure = Measure("text", function, "1", variable=VariableName("a", "x"), **more)
    expectation = Expectation(measure, operator, limit)
    return evaluate([expectation], lambda name: (TIMES, VALUES), outcome())[0]


@pytest.mark.parametrize(
    ("function", "value"),
    [("final", 4.0), ("min", 1.0), ("max", 4.0), ("integral", 20.0 + 25.0 + 60.0), ("mean", 105.0 / 40.0)],
)
def test_reductions(function, value):
    assert finding(function).value == value


def test_at_interpolates_and_stays_inside_the_record():
    assert finding("at", time=to_ticks(30.0)).value == 3.0
    outside = finding("at", time=to_ticks(50.0))
    assert (outside.holds, outside.value, outside.reason) == (False, None, "the record spans 0 s to 40 s")


def test_a_phase_restricts_the_times():
    assert finding("max", phase="run").value == 3.0
    assert finding("mean", phase="run").value == 2.5
    assert finding("max", phase="other").reason == "nothing was recorded"


@pytest.mark.parametrize(
    ("operator", "limit", "holds"),
    [("<", 4.0, False), ("<=", 4.0, True), (">", 4.0, False), (">=", 4.0, True), (">=", 4.1, False)],
)
def test_comparison(operator, limit, holds):
    assert finding("final", operator, limit).holds is holds


def test_the_value_is_shown_in_the_unit_written():
    measure = Measure("t", "final", "degC", "K", 1.0, -273.15, variable=VariableName("a", "x"))
    expectation = Expectation(measure, ">", 3.0)
    assert evaluate([expectation], lambda name: (TIMES, VALUES), outcome())[0].value == pytest.approx(4 - 273.15)


def test_a_value_that_is_not_a_number_does_not_hold():
    expectation = Expectation(Measure("t", "final", "1", variable=VariableName("a", "x")), "<", 3.0)
    found = evaluate([expectation], lambda name: (TIMES, np.full(4, np.nan)), outcome())[0]
    assert (found.holds, found.value, found.reason) == (False, None, "the value is not a number")


def test_yield_compares_amounts_through_streams():
    streams = {"sources": ("a.o => b.i",), "targets": ("c.o => d.i",)}
    expectation = Expectation(Measure("t", "yield", "%", "1", 100.0, species="mab", **streams), ">=", 0.9)
    streams = {"a.o => b.i": 2.0, "c.o => d.i": 1.9}
    assert evaluate([expectation], lambda name: (TIMES, VALUES), outcome(streams))[0].value == pytest.approx(95.0)
    empty = evaluate([expectation], lambda name: (TIMES, VALUES), outcome())[0]
    assert (empty.holds, empty.reason) == (False, "no mab passed a.o => b.i")
