"""Derivatives with respect to time: of inputs within a step, of outputs at its end."""

import math

import casadi as ca
import numpy as np
import pytest
from fmu_driver import ERROR, OK
from sketches import Event, Sketch

INTEGRAL = Sketch(
    "Integral",
    {"x": 0.0},
    lambda s: [s.u[0]],
    inputs={"u": 1.0},
    outputs={"y": lambda s: s.u[0] * s.x[0]},
)
CURVED = Sketch(
    "Curved",
    {"x": 0.7, "v": -0.2},
    lambda s: [s.z[0] + s.u[0] * s.x[1], -ca.sin(s.x[0]) * s.t - s.p[0] * s.x[1] + s.u[0] ** 2],
    inputs={"u": 0.5},
    parameters={"k": 0.3},
    algebraic={"w": 1.0},
    residuals=lambda s: [s.z[0] ** 3 + s.z[0] - s.x[0] * s.u[0] - s.t],
    outputs={"y": lambda s: ca.exp(-s.x[0]) * s.u[0] + s.z[0] ** 2 + ca.cos(3 * s.t)},
)
CROSSING = Sketch(
    "Crossing",
    {"x": 0.0},
    lambda s: [s.r[0]],
    inputs={"u": 0.0},
    relations=[lambda s: s.u[0] - 0.5],
    discrete={"n": 0.0},
    event=lambda s: Event(d=[s.d[0] + s.r[0] * (1 - s.c[0])], c=[s.r[0]]),
    n_conditions=1,
)
STATELESS = Sketch("Stateless", {}, lambda s: [], inputs={"u": 0.0}, outputs={"y": lambda s: s.u[0] ** 2 + s.t})


def test_inputs_follow_their_polynomial(open_fmu):
    fmu = open_fmu(INTEGRAL)
    assert fmu.set_rates(1, u=2.0) == OK
    assert fmu.set_rates(2, u=-3.0) == OK
    assert fmu.set_rates(3, u=6.0) == OK
    assert fmu.step(0.5) == OK
    h = 0.5
    assert fmu.get("x") == [pytest.approx(h + h**2 - 3 * h**3 / 6 + 6 * h**4 / 24, rel=1e-14)]
    end = 1 + 2 * h - 1.5 * h**2 + h**3
    assert fmu.get("u") == [pytest.approx(end, rel=1e-14)]
    assert fmu.get("y") == [pytest.approx(end * fmu.get("x")[0], rel=1e-14)]


def test_derivatives_hold_for_one_step_only(open_fmu):
    fmu = open_fmu(INTEGRAL)
    assert fmu.set_rates(1, u=2.0) == OK
    assert fmu.step(0.5) == OK
    x, u = fmu.get("x", "u")
    assert u == 2.0
    assert fmu.step(0.5) == OK
    assert fmu.get("x") == [pytest.approx(x + 0.5 * u, rel=1e-14)]
    assert fmu.set_rates(2, u=4.0) == OK  # alone: the slope of the last step but one is forgotten
    x = fmu.get("x")[0]
    assert fmu.step(0.5) == OK
    assert fmu.get("x") == [pytest.approx(x + 0.5 * u + 4 * 0.5**3 / 6, rel=1e-14)]


def test_derivatives_of_zero_hold_the_input_bit_for_bit(open_fmu):
    held, still = open_fmu(CURVED), open_fmu(CURVED)
    for k in range(10):
        for fmu in (held, still):
            assert fmu.set(u=math.sin(k)) == OK
        assert still.set_rates(1, u=0.0) == OK
        for fmu in (held, still):
            assert fmu.step(0.1) == OK
        assert held.get("x", "v", "y") == still.get("x", "v", "y")


def test_accuracy_with_moving_inputs_is_that_of_the_solver(open_fmu):
    """u = cos t by cubics, in steps that the solver has to cut: against one run that knows u."""
    known = open_fmu(
        Sketch("Known", {"x": 0.0, "v": 1.0}, lambda s: [s.x[1], 40 * (ca.cos(s.t) - s.x[0] ** 3 - s.x[1])]),
        tolerance=1e-10,
    )
    moved = open_fmu(
        Sketch(
            "Moved",
            {"x": 0.0, "v": 1.0},
            lambda s: [s.x[1], 40 * (s.u[0] - s.x[0] ** 3 - s.x[1])],
            inputs={"u": 0.0},
        ),
        tolerance=1e-10,
    )
    h = 0.05
    for k in range(40):
        t = k * h
        assert moved.set(u=math.cos(t)) == OK
        for order, slope in ((1, -math.sin(t)), (2, -math.cos(t)), (3, math.sin(t))):
            assert moved.set_rates(order, u=slope) == OK
        for fmu in (known, moved):
            assert fmu.step(h) == OK
    assert moved.get("x", "v") == pytest.approx(
        known.get("x", "v"), abs=1e-7
    )  # the cubic itself is off by h^4 / 24 = 2.6e-7


def test_event_of_a_moving_input_is_found_within_the_step(open_fmu):
    fmu = open_fmu(CROSSING)
    assert fmu.set_rates(1, u=2.0) == OK
    assert fmu.step(1.0) == OK  # u = 0.5 at t = 0.25
    assert fmu.get("n") == [1.0]
    assert fmu.get("x") == [pytest.approx(0.75, abs=1e-9)]


def test_event_of_a_moving_input_without_states(open_fmu):
    sketch = Sketch(
        "Counter",
        {},
        lambda s: [],
        inputs={"u": 0.0},
        relations=CROSSING.relations,
        discrete={"n": 0.0},
        event=lambda s: Event(d=[ca.if_else(s.r[0] * (1 - s.c[0]), s.t, s.d[0])], c=[s.r[0]]),
        n_conditions=1,
    )
    fmu = open_fmu(sketch)
    assert fmu.set_rates(1, u=2.0) == OK
    assert fmu.step(1.0) == OK
    assert fmu.get("n") == [pytest.approx(0.25, abs=1e-9)]


def exact_rates(sketch: Sketch, fmu, du: float, ddu: float) -> tuple[float, float]:
    """Derivatives of y by differentiating symbolically along (f, u', 1), with w eliminated by its own derivative."""
    t, x, z, u, p = (ca.SX.sym(name, n) for name, n in (("t", 1), ("x", 2), ("z", 1), ("u", 1), ("p", 1)))

    class Point:
        pass

    s = Point()
    s.t, s.x, s.z, s.u, s.p = t, x, z, u, p
    f, y = ca.vertcat(*sketch.rhs(s)), sketch.outputs["y"](s)
    residual = ca.vertcat(*sketch.residuals(s))
    slope = ca.SX.sym("du")

    def total(e):
        flow = ca.jacobian(e, x) @ f + ca.jacobian(e, u) * slope + ca.jacobian(e, t)
        along_z = ca.jacobian(residual, x) @ f + ca.jacobian(residual, u) * slope + ca.jacobian(residual, t)
        return flow - ca.jacobian(e, z) @ ca.solve(ca.jacobian(residual, z), along_z)

    first = total(y)
    second = total(first) + ca.jacobian(first, slope) * ddu
    function = ca.Function("rates", [t, x, z, u, p, slope], [first, second])
    values = fmu.get("x", "v", "u", "k")
    (w,) = (root.real for root in np.roots([1, 0, 1, -values[0] * values[2] - fmu.time]) if abs(root.imag) < 1e-12)
    found = function(fmu.time, values[:2], w, values[2], values[3], du)
    return float(found[0]), float(found[1])


def test_output_derivatives_are_those_of_the_trajectory(open_fmu):
    fmu = open_fmu(CURVED, tolerance=1e-10)
    for k in range(20):
        assert fmu.set(u=0.5 + 0.1 * math.sin(k)) == OK
        assert fmu.set_rates(1, u=0.4) == OK
        assert fmu.set_rates(2, u=-0.9) == OK
        assert fmu.step(0.1) == OK
        first, second = exact_rates(CURVED, fmu, 0.4 - 0.9 * 0.1, -0.9)
        assert fmu.rates(1, "y") == [pytest.approx(first, rel=1e-12)]
        assert fmu.rates(2, "y") == [pytest.approx(second, rel=1e-8, abs=1e-8)]


def test_output_derivatives_of_states_and_inputs(open_fmu):
    fmu = open_fmu(INTEGRAL)
    assert fmu.set_rates(1, u=2.0) == OK
    assert fmu.set_rates(2, u=6.0) == OK
    assert fmu.step(0.5) == OK
    u, x = fmu.get("u", "x")
    slope = 2 + 6 * 0.5
    assert fmu.rates(1, "x", "der(x)", "u", "y") == pytest.approx([u, slope, slope, slope * x + u * u], rel=1e-14)
    assert fmu.rates(2, "x", "der(x)", "u") == pytest.approx([slope, 6, 6], rel=1e-14)
    assert fmu.rates(2, "y") == [pytest.approx(6 * x + 3 * slope * u, rel=1e-9)]


def test_output_derivatives_before_the_first_step(open_fmu):
    fmu = open_fmu(CURVED)
    first, second = exact_rates(CURVED, fmu, 0.0, 0.0)
    assert fmu.rates(1, "y") == [pytest.approx(first, rel=1e-12)]
    assert fmu.rates(2, "y") == [pytest.approx(second, rel=1e-7)]


def test_output_derivatives_survive_saving(open_fmu):
    fmu, other = open_fmu(CURVED), open_fmu(CURVED)
    assert fmu.set_rates(1, u=0.4) == OK
    assert fmu.step(0.1) == OK
    assert fmu.set_rates(1, u=-0.7) == OK
    data = fmu.serialise()
    expected = fmu.rates(1, "y"), fmu.rates(2, "y")
    assert other.deserialise(data) == OK
    assert (other.rates(1, "y"), other.rates(2, "y")) == expected
    other.time = fmu.time
    for instance in (fmu, other):
        assert instance.step(0.1) == OK
    assert other.get("x", "v", "u") == fmu.get("x", "v", "u")


def test_outputs_of_a_model_without_states(open_fmu):
    fmu = open_fmu(STATELESS)
    assert fmu.set_rates(1, u=3.0) == OK
    assert fmu.step(1.0) == OK
    assert fmu.get("y") == [10.0]
    assert fmu.rates(1, "y") == [2 * 3 * 3 + 1]
    assert fmu.rates(2, "y") == [pytest.approx(2 * 3 * 3, rel=1e-9)]


def test_side_that_cannot_be_evaluated_is_left_out(open_fmu):
    """At t = 0 the root of t has no value before it."""
    sketch = Sketch(
        "Root", {"x": 0.0}, lambda s: [1.0], outputs={"y": lambda s: (s.t * (s.t + 1)) ** 2.5 + s.x[0] ** 2}
    )
    fmu = open_fmu(sketch)
    assert fmu.rates(2, "y") == [pytest.approx(2.0, abs=1e-2)]


def test_reset_forgets_derivatives(open_fmu):
    fmu = open_fmu(INTEGRAL)
    assert fmu.set_rates(1, u=2.0) == OK
    assert fmu.call("Reset") == OK
    assert fmu.initialise() == OK
    assert fmu.step(1.0) == OK
    assert fmu.get("x") == [pytest.approx(1.0, rel=1e-14)]


@pytest.mark.parametrize(
    ("order", "rates", "message"),
    [
        (1, {"x": 1.0}, "variable 'x' is no input"),
        (0, {"u": 1.0}, "the derivative of 'u' has order 0; this FMU takes 1 to 3"),
        (4, {"u": 1.0}, "has order 4"),
        (1, {"u": math.nan}, "derivative 1 of 'u' cannot be set to nan at t = 0 s; give a finite number"),
    ],
)
def test_derivative_that_cannot_be_is_refused(open_fmu, order, rates, message):
    fmu = open_fmu(INTEGRAL)
    assert fmu.set_rates(order, **rates) == ERROR
    assert message in fmu.log[-1]
    assert fmu.step(0.1) == OK


@pytest.mark.parametrize("order", [0, 3, -1])
def test_order_of_output_derivative_is_checked(open_fmu, order):
    fmu = open_fmu(INTEGRAL)
    with pytest.raises(AssertionError, match=f"the derivative of 'y' has order {order}; this FMU gives 1 to 2"):
        fmu.rates(order, "y")


def test_model_exchange_has_no_input_derivatives(open_fmu):
    fmu = open_fmu(INTEGRAL, kind="me")
    assert fmu.set_rates(1, u=1.0) == ERROR
    assert "must not be called while 'it' is in the state 'event mode'" in fmu.log[-1]
