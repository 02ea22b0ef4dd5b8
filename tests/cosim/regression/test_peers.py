"""What other comparers pass, on purpose or not, and a suite does not: each judges the same two runs."""

import csv
import dataclasses

import numpy as np
import pyfunnel
import pytest
from fmpy.util import validate_result
from regression_records import curve, record

from cosim.regression.comparison import compare
from cosim.regression.record import Moment
from cosim.regression.tolerance import Rules, Tolerance
from cosim.units import parse_quantity

S = 1_000_000_000
TIMES = np.linspace(0.0, 100.0, 201)
TICKS = np.rint(TIMES * S)
WAVE = np.sin(TIMES / 10)
LEVEL = curve(WAVE, TICKS)
STRICT = Rules(Tolerance(relative=1e-3, reach=S))
WIDE = Rules(Tolerance(relative=1e-3, absolute=parse_quantity("3 m"), reach=S))
OPENED, LATE = (Moment(time * S, "event", "valve") for time in (20, 26))
VARIABLE = dict(causality="output", variability="continuous", type="Float64", shape=[], unit="m", start=None)


def pulse(begin):
    """A valve that is open for three seconds."""
    return ((begin <= TIMES) & (begin + 3 >= TIMES)).astype(float)


def interface(**changes):
    """An interface whose capabilities or variables are others."""
    variables = {"level": VARIABLE, "set": {**VARIABLE, "causality": "input", "start": 1.0}}
    capabilities = {"can_handle_variable_step_size": True}
    return {"tank": {"variables": variables, "capabilities": capabilities, **changes}}


def with_values(values, ticks=TICKS, **changes):
    return record(dataclasses.replace(LEVEL, values=values, ticks=np.asarray(ticks, dtype=np.int64), **changes))


def spoilt():
    values = WAVE.copy()
    values[50:] = np.nan
    return values


FLOW = curve(WAVE, TICKS, name="tank.flow")
INPUT = {**VARIABLE, "causality": "input"}
# what has changed: finding, before, after, rules, peers that pass it
CHANGES = {
    "no number": ("nan", record(LEVEL), with_values(spoilt()), STRICT, {"fmpy", "pyfunnel"}),
    "a signal is gone": ("missing", record(LEVEL, FLOW), record(LEVEL), STRICT, {"fmpy", "pyfunnel"}),
    "a signal is new": ("new", record(LEVEL), record(LEVEL, FLOW), STRICT, {"fmpy", "pyfunnel"}),
    "another unit": ("unit", record(LEVEL), with_values(WAVE, unit="s"), STRICT, {"fmpy", "pyfunnel"}),
    "a shorter run": ("shorter", record(LEVEL), with_values(WAVE[:150], TICKS[:150]), STRICT, {"fmpy"}),
    "dead": ("constant", record(LEVEL), with_values(0 * WAVE), WIDE, {"pyfunnel"}),
    "a dead valve": ("constant", with_values(pulse(20)), with_values(pulse(200)), STRICT, {"fmpy"}),
    "mirrored": ("sign", record(LEVEL), with_values(-WAVE), WIDE, {"pyfunnel"}),
    "a mirrored pulse": ("sign", with_values(pulse(20)), with_values(-pulse(20)), STRICT, {"fmpy"}),
    "a later pulse": ("value", with_values(pulse(20)), with_values(pulse(26)), STRICT, {"fmpy"}),
    "a later event": (
        "event", record(LEVEL, moments=(OPENED,)), record(LEVEL, moments=(LATE,)), STRICT, {"fmpy", "pyfunnel"},
    ),
    "a variable is gone": (
        "variable", record(LEVEL, interface=interface()),
        record(LEVEL, interface=interface(variables={"level": VARIABLE})), STRICT, {"fmpy", "pyfunnel"},
    ),
    "another causality": (
        "variable", record(LEVEL, interface=interface()),
        record(LEVEL, interface=interface(variables={**interface()["tank"]["variables"], "level": INPUT})), STRICT,
        {"fmpy", "pyfunnel"},
    ),
    "another start value": (
        "start", record(LEVEL, interface=interface()),
        record(LEVEL, interface=interface(variables={"level": VARIABLE, "set": {**INPUT, "start": 1.001}})), STRICT,
        {"fmpy", "pyfunnel"},
    ),
    "another capability": (
        "capability", record(LEVEL, interface=interface()),
        record(LEVEL, interface=interface(capabilities={"can_handle_variable_step_size": False})), STRICT,
        {"fmpy", "pyfunnel"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_others_pass_is_found(change, tmp_path):
    kind, before, after, rules, passing = CHANGES[change]
    assert [finding.kind for finding in compare(before, after, rules).failures] == [kind]
    assert compare(before, before, rules).holds
    assert ("fmpy" in passing) == fmpy_passes(before, after)
    assert ("pyfunnel" in passing) == funnel_passes(before, after, rules.tolerance, tmp_path)


def fmpy_passes(before, after):
    """By the limit of 10 % outliers that fmpy's own cross-check has."""
    return validate_result(table(after), table(before)) <= 0.1


def table(run):
    curves = list(run.curves.values())
    found = np.zeros(len(curves[0].ticks), dtype=[("time", float), *((item.name, float) for item in curves)])
    found["time"] = curves[0].ticks / S
    for item in curves:
        found[item.name] = item.values
    return found


def funnel_passes(before, after, tolerance, folder):
    """Signal by signal, of those that both have, with the tolerances of the suite."""
    for name in before.curves.keys() & after.curves.keys():
        old, new = before.curves[name], after.curves[name]
        status = pyfunnel.compareAndReport(
            (old.ticks / S).tolist(), old.values.tolist(), (new.ticks / S).tolist(), new.values.tolist(),
            outputDirectory=str(folder / "funnel"), atolx=tolerance.reach / S,
            atoly=tolerance.absolute_in(old.unit), rtoly=tolerance.relative,
        )  # fmt: skip
        if status != 0:
            return False
        with (folder / "funnel" / "errors.csv").open() as file:
            if any(float(row["y"]) > 0 for row in csv.DictReader(file)):
                return False
    return True
