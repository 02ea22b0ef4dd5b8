"""The co-simulation solver: accuracy, tolerance, and the price of a communication step."""

import re
import struct
import time

import casadi as ca
import fmpy
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sketches import Sketch, compile_sketch

from cosim.build.elimination import Method, plan_elimination
from cosim.build.state_layout import HEADER_SIZE, SCALARS
from cosim.build.toolchain import RUNTIME

VAN_DER_POL = Sketch(
    "VanDerPol",
    {"x": 2.0, "v": 0.0},
    lambda s: [s.x[1], s.p[0] * (1 - s.x[0] ** 2) * s.x[1] - s.x[0] + s.u[0]],
    inputs={"f": 0.0},
    parameters={"mu": 1000.0},
    outputs={"y": lambda s: 2 * s.x[0]},
    units={"x": "m", "v": "m/s"},
)
DRIVEN = Sketch(
    "Driven",
    {"x": 0.0},
    lambda s: [-1e3 * (s.x[0] - ca.cos(s.t)) - ca.sin(s.t)],
)


def overflowing(s):
    """The depth over an edge, in m: what runs over grows from nothing to its most within 30 um."""
    part = ca.fmin(ca.fmax(s.x[0] / 3e-5, 0), 1)
    return [s.u[0] - part * part * (3 - 2 * part)]


OVERFLOWING = Sketch("Overflowing", {"x": 0.0}, overflowing, inputs={"u": 0.5})
TANK = Sketch("Tank", {"x": 1.0}, lambda s: [(s.u[0] - s.x[0]) / s.p[0]], inputs={"u": 0.0}, parameters={"tau": 10.0})


def column(n: int = 50) -> Sketch:
    """Two components, Langmuir, kinetic binding, ``n`` cells, all c before all q."""
    velocity, diffusion, ratio, dz = 250.0, 5.0, 1.5, 20.0 / n
    capacity, affinity, rate = (60.0, 40.0), (2.0, 0.5), (200.0, 300.0)

    def rhs(s):
        c = [[s.x[2 * i + j] for j in range(2)] for i in range(n)]
        q = [[s.x[2 * n + 2 * i + j] for j in range(2)] for i in range(n)]
        dc, dq = [], []
        for i in range(n):
            below = 1 + affinity[0] * c[i][0] + affinity[1] * c[i][1]
            for j in range(2):
                left = c[i - 1][j] if i else s.u[j]
                flux = (c[min(i + 1, n - 1)][j] - c[i][j]) - (c[i][j] - c[max(i - 1, 0)][j])
                dq.append(rate[j] * (capacity[j] * affinity[j] * c[i][j] / below - q[i][j]))
                dc.append(-velocity * (c[i][j] - left) / dz + diffusion * flux / dz**2 - ratio * dq[-1])
        return dc + dq

    names = [f"{v}[{i + 1},{j + 1}]" for v in "cq" for i in range(n) for j in range(2)]
    return Sketch(
        "Column",
        dict.fromkeys(names, 0.0),
        rhs,
        inputs={"in1": 1.0, "in2": 0.5},
        outputs={"out1": lambda s: s.x[2 * n - 2], "out2": lambda s: s.x[2 * n - 1]},
    )


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize(
    ("kind", "tolerance", "accuracy"), [("CoSimulation", 1e-8, 3e-7), ("ModelExchange", 1e-6, 3e-4)]
)
def test_stiff_oscillator_meets_the_published_value(make_fmu, version, kind, tolerance, accuracy):
    """x(2000) for mu = 1000: Test Set for IVP Solvers, problem VDPOL, 1.706167732170483."""
    path = make_fmu(VAN_DER_POL)[version]
    result = fmpy.simulate_fmu(
        str(path), fmi_type=kind, stop_time=2000.0, output_interval=2.0, relative_tolerance=tolerance, output=["x", "y"]
    )
    assert result["x"][-1] == pytest.approx(1.706167732170483, rel=accuracy)
    assert result["y"][-1] == pytest.approx(2 * result["x"][-1], rel=1e-12)


def test_error_follows_the_tolerance(open_fmu):
    errors = {}
    for tolerance in (1e-4, 1e-6, 1e-8, 1e-10):
        fmu = open_fmu(DRIVEN, tolerance=tolerance)
        assert fmu.step(2.0) == 0
        errors[tolerance] = abs(fmu.get("x")[0] - np.cos(2.0) + np.exp(-2000.0))
    assert all(error < 10 * tolerance for tolerance, error in errors.items())
    assert errors[1e-10] < errors[1e-4] / 1e3


def test_method_has_order_four():
    """The tableau in rosenbrock.c, run in Python on y' = 2 t y^2, y(0) = 1/2, whose solution is 1 / (2 - t^2)."""
    text = (RUNTIME / "rosenbrock.c").read_text()

    def table(name, rows):
        body = re.search(rf"{name}\[STAGES\](?:\[STAGES - 1\])? = {{(.*?)}};", text, re.DOTALL).group(1)
        values = [[float(q) for q in re.findall(r"-?[\d.]+(?:e-?\d+)?", row)] for row in re.findall(r"{([^}]*)}", body)]
        return values if rows else [float(q) for q in re.findall(r"-?[\d.]+", body)]

    a, c, alpha, gamma = table("A", True), table("C", True), table("ALPHA", False), table("D_GAMMA", False)

    def integrate(n):
        h, t, y = 1.0 / n, 0.0, 0.5
        for _ in range(n):
            slope, dt, k = 4 * t * y, 2 * y * y, []
            for i in range(6):
                stage = y + sum(q * v for q, v in zip(a[i], k, strict=False))
                f = 2 * (t + alpha[i] * h) * stage**2
                k.append(
                    (f + h * gamma[i] * dt + sum(q * v for q, v in zip(c[i], k, strict=False)) / h) / (4 / h - slope)
                )
            y, t = stage + k[5], t + h
        return y

    errors = [abs(integrate(n) - 1.0) for n in (100, 200)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(4.0, abs=0.3)


def test_column_to_breakthrough_is_fast_and_right(open_fmu):
    sketch = column()
    fmu = open_fmu(sketch)
    start = time.process_time()
    out = fmu.run(8.0, 0.1, "out2")
    assert time.process_time() - start < 0.15
    fine = open_fmu(sketch, tolerance=1e-9).run(8.0, 0.1, "out2")
    np.testing.assert_allclose(out, fine, atol=2e-5)
    assert out[-1] == pytest.approx(0.5, abs=1e-6)
    assert out.max() > 0.6  # the weaker component is displaced: it leaves above its feed


def test_column_agrees_with_scipy(open_fmu):
    sketch, n = column(10), 10
    sketch.name = "ShortColumn"
    fmu = open_fmu(sketch, tolerance=1e-8)
    f = _python_rhs(sketch)
    reference = solve_ivp(lambda t, x: f(t, x, [1.0, 0.5]), (0, 1), np.zeros(4 * n), "LSODA", rtol=1e-10, atol=1e-12)
    assert fmu.step(1.0) == 0
    np.testing.assert_allclose(fmu.get(*sketch.states), reference.y[:, -1], atol=1e-7)


def _python_rhs(sketch):
    x, u = ca.SX.sym("x", len(sketch.states)), ca.SX.sym("u", len(sketch.inputs))

    class S:
        pass

    s = S()
    s.x, s.u = x, u
    function = ca.Function("f", [x, u], [ca.vertcat(*sketch.rhs(s))])
    return lambda _t, values, inputs: np.array(function(values, inputs)).ravel()


def test_small_input_changes_cost_one_solver_step(open_fmu):
    """A held input that moves a little each time must not start the solver afresh: compare with a steady input."""
    sketch = column()
    steady, moving = open_fmu(sketch), open_fmu(sketch)
    for fmu in (steady, moving):
        assert fmu.step(2.0) == 0
    cost = {}
    for name, fmu in (("steady", steady), ("moving", moving)):
        start = time.process_time()
        for k in range(2000):
            if name == "moving":
                assert fmu.set(in1=1.0 + 1e-4 * np.sin(0.1 * k)) == 0
            assert fmu.step(1e-3) == 0
        cost[name] = (time.process_time() - start) / 2000
    assert cost["moving"] < 2.0 * cost["steady"]
    assert cost["moving"] < 200e-6


def test_step_size_survives_communication_steps(open_fmu):
    fmu = open_fmu(TANK)
    assert fmu.set(u=1.0) == 0
    assert fmu.step(5.0) == 0
    for k in range(20):
        assert fmu.set(u=1.0 + 1e-3 * k) == 0
        assert fmu.step(0.01) == 0
        assert _entry(fmu, "solver.step_size") > 1.0


def _entry(fmu, name):
    offset = HEADER_SIZE + 8 * [scalar[0] for scalar in SCALARS].index(name)
    return struct.unpack_from("<d", fmu.serialise(), offset)[0]


def test_input_jump_is_followed(open_fmu):
    fmu = open_fmu(TANK, tolerance=1e-9)
    assert fmu.step(50.0) == 0
    assert fmu.set(u=1.0) == 0
    assert fmu.step(10.0) == 0
    expected = 1 + (np.exp(-5) - 1) * np.exp(-1)
    assert fmu.get("x")[0] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("inflow", [0.06, 0.3, 0.7, 0.94])
def test_input_jump_after_long_rest_is_followed(open_fmu, inflow):
    """The step that rest allowed is far too long, and its error hardly falls until it is short."""
    fmu = open_fmu(OVERFLOWING)
    for _ in range(12):
        assert fmu.step(3600.0) == 0
    assert fmu.set(u=inflow) == 0
    for _ in range(5):
        assert fmu.step(3600.0) == 0
    part = fmu.get("x")[0] / 3e-5
    assert part * part * (3 - 2 * part) == pytest.approx(inflow, abs=1e-3)


def test_tunable_parameter_takes_effect_at_once(open_fmu):
    fmu = open_fmu(TANK, tolerance=1e-9)
    assert fmu.step(1.0) == 0
    assert fmu.set(tau=1.0) == 0
    assert fmu.step(1.0) == 0
    assert fmu.get("x")[0] == pytest.approx(np.exp(-1.1), abs=1e-8)


def test_linear_invariant_is_kept_to_round_off(open_fmu):
    """Amounts as states: what one state loses the other gains, whatever the tolerance."""
    sketch = Sketch("Transfer", {"a": 3.0, "b": 0.1}, lambda s: [-(f := s.x[0] / (0.1 + s.x[0])), f])
    fmu = open_fmu(sketch, tolerance=1e-3)
    for _ in range(100):
        assert fmu.step(0.1) == 0
    assert sum(fmu.get("a", "b")) == pytest.approx(3.1, rel=5e-15)


def test_states_of_very_different_size_do_not_shorten_the_step(open_fmu):
    """Cells (1e12) fed by a vanishing substrate, rates of change across 13 decades in one row of the matrix."""

    def rhs(s):
        growth = 1e-5 * s.x[1] / (1e-2 + s.x[1]) * s.x[0]
        return [
            growth - 1e-6 * s.x[0],
            -2e-12 * growth,
            growth - s.x[2] * 1e-5,
            *(s.x[2] - s.x[k] for k in range(3, 9)),
        ]

    states = {"cells": 1e12, "substrate": 30.0, "product": 0.0, **{f"lag{k}": 0.0 for k in range(6)}}
    nominals = {name: 1e12 for name in states if name != "substrate"}
    sketch = Sketch("Scales", states, rhs, nominals=nominals)
    fmu = open_fmu(sketch)
    assert plan_elimination(compile_sketch(sketch).jacobian).method is Method.SPARSE
    for _ in range(100):
        assert fmu.step(3600.0) == 0
    assert _entry(fmu, "solver.step_size") > 3600.0


def test_model_without_states(open_fmu):
    sketch = Sketch("Static", {}, lambda s: [], inputs={"u": 1.0}, outputs={"y": lambda s: s.u[0] * s.t})
    fmu = open_fmu(sketch)
    assert fmu.step(2.0) == 0
    assert fmu.set(u=3.0) == 0
    assert fmu.get("y") == [6.0]
