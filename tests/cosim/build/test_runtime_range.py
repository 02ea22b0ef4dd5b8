"""Ranges: inputs and parameters outside theirs are named before the next step; states stay above their minimum."""

import ctypes as ct
from dataclasses import replace

import casadi as ca
import pytest
from fmu_driver import ERROR, OK
from sketches import Sketch

LIMITS = {"V": (0.0, None), "pressure": (0.0, 4e5), "inlet.V_flow": (0.0, None), "k": (1e-9, None), "pH": (2.0, 9.0)}


def limited(model):
    variables = [
        replace(v, minimum=LIMITS[v.name][0], maximum=LIMITS[v.name][1]) if v.name in LIMITS else v
        for v in model.variables
    ]
    return replace(model, variables=tuple(variables))


def emptying(s):
    """A tank of 10 L of which 10 L/s are asked for; the outflow dries up below 0.1 L."""
    part = ca.fmin(ca.fmax(s.x[0] / 1e-4, 0), 1)
    return [-0.01 * part * part * (3 - 2 * part)]


RANGED = Sketch(
    "Ranged",
    {"x": 1.0},
    lambda s: [s.u[0] + s.u[1] + s.u[2] - s.p[0] * s.x[0]],
    inputs={"pressure": 1e5, "inlet.V_flow": 0.0, "pH": 7.0},
    parameters={"k": 1.0},
    units={"pressure": "Pa", "inlet.V_flow": "m3/s"},
    revise=limited,
)
EMPTYING = Sketch("Emptying", {"V": 0.01}, emptying, nominals={"V": 1000.0}, revise=limited)
UNLIMITED = Sketch("Unlimited", {"V": 0.01}, emptying, nominals={"V": 1000.0})
FALLING = Sketch("Falling", {"V": 1.0}, lambda s: [-1.0], revise=limited)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"pressure": 5e5}, "the input 'pressure' is 500000 Pa, outside its range, from 0 to 400000 Pa. Give it a"),
        ({"inlet.V_flow": -1e-6}, "the input 'inlet.V_flow' is -1e-06 m3/s, outside its range, at least 0 m3/s. Give"),
        ({"pH": 1.9}, "the input 'pH' is 1.9, outside its range, from 2 to 9. Give it a value within."),
        ({"k": 0.0}, "the parameter 'k' is 0, outside its range, at least 1e-09. Give it a value within."),
    ],
)
def test_value_outside_its_range_is_named_before_the_next_step(open_fmu, values, said):
    fmu = open_fmu(RANGED)
    assert fmu.set_values(values) == OK
    assert fmu.step(1.0) == ERROR
    assert fmu.log[-1].startswith(f"Assertion violated at t = 0 s: {said}")


def test_value_that_is_put_right_before_the_step_does_no_harm(open_fmu):
    fmu = open_fmu(RANGED)
    fmu.set(pressure=5e5)
    assert fmu.step(1.0) == ERROR
    fmu.set(pressure=4e5)
    assert fmu.step(1.0) == OK


def test_all_that_lie_outside_are_named_at_the_end_of_initialisation(open_fmu):
    fmu = open_fmu(RANGED, start=False)
    fmu.set(pressure=-1.0, pH=10.0)
    assert fmu.initialise() == ERROR
    assert [text.split("'")[1] for text in fmu.log] == ["pressure", "pH"]


@pytest.mark.parametrize("values", [{"pressure": -1e-3}, {"inlet.V_flow": -1e-12}, {"pressure": 4e5 * (1 + 1e-9)}])
def test_round_off_of_another_solver_is_no_violation(open_fmu, values):
    fmu = open_fmu(RANGED)
    fmu.set_values(values)
    assert fmu.step(1.0) == OK


def test_value_outside_is_found_in_model_exchange(open_fmu):
    fmu = open_fmu(RANGED, kind="me")
    fmu.set(pressure=5e5)
    assert fmu.call("EnterContinuousTimeMode") == OK
    assert fmu.call("CompletedIntegratorStep", 1, ct.byref(ct.c_int()), ct.byref(ct.c_int())) == ERROR
    assert "the input 'pressure' is 500000 Pa" in fmu.log[-1]


@pytest.mark.parametrize("h", [0.7, 60.0, 3600.0])
def test_state_stays_above_its_minimum(open_fmu, h):
    fmu = open_fmu(EMPTYING)
    assert fmu.run(20 * h, h, "V").min() >= -1e-9
    without = open_fmu(UNLIMITED)
    assert without.run(20 * h, h, "V").min() < -1e-6


def test_state_that_its_equations_take_below_its_minimum_goes_there(open_fmu):
    fmu = open_fmu(FALLING)
    assert fmu.run(4.0, 2.0, "V") == pytest.approx([-1.0, -3.0], abs=1e-6)
