"""Torn algebraic blocks: Newton's method, its bounds, its failures."""

import casadi as ca
import numpy as np
import pytest
from fmu_driver import ERROR, OK
from scipy.optimize import brentq
from sketches import Sketch

from cosim.build.model import AlgebraicBlock


def charge(s, k):
    h = 10 ** -s.z[k]
    return s.x[k] + h - 1e-14 / h - 0.06 * 1.8e-5 / (1.8e-5 + h)


def ph_of(sodium):
    return brentq(lambda p: sodium + 10**-p - 1e-14 * 10**p - 0.06 * 1.8e-5 / (1.8e-5 + 10**-p), 0, 14, xtol=1e-15)


N = 20
BUFFERS = Sketch(
    "Buffers",
    {f"Na[{k + 1}]": 0.01 + 1e-4 * k for k in range(N)},
    lambda s: [1e-3 + 0 * s.z[k] for k in range(N)],
    algebraic=dict.fromkeys((f"pH[{k + 1}]" for k in range(N)), 7.0),
    residuals=lambda s: [charge(s, k) for k in range(N)],
    blocks=[AlgebraicBlock(k, 1, 0) for k in range(N)],
    z_bounds=(0.0, 14.0),
    outputs={f"out[{k + 1}]": (lambda s, k=k: s.z[k]) for k in range(N)},
)


def test_blocks_of_one_level_solve_together(open_fmu):
    """Titration of twenty acetate buffers through their equivalence points."""
    fmu = open_fmu(BUFFERS)
    names = [f"out[{k + 1}]" for k in range(N)]
    for _ in range(60):
        assert fmu.step(1.0) == OK
        sodium = [0.01 + 1e-4 * k + 1e-3 * fmu.time for k in range(N)]
        np.testing.assert_allclose(fmu.get(*names), [ph_of(q) for q in sodium], atol=1e-9)


def test_levels_feed_each_other(open_fmu):
    """w = cos(w) + x, then v^3 + v = w: the second block needs the first."""
    sketch = Sketch(
        "Levels",
        {"x": 0.0},
        lambda s: [s.z[1]],
        algebraic={"v": 0.0, "w": 0.0},
        residuals=lambda s: [s.z[0] ** 3 + s.z[0] - s.z[1], s.z[1] - ca.cos(s.z[1]) - s.x[0]],
        blocks=[AlgebraicBlock(1, 1, 0), AlgebraicBlock(0, 1, 1)],
        outputs={"v_out": lambda s: s.z[0]},
        block_diagonal=True,  # the entry of w in the residual of v is outside the blocks
    )
    fmu = open_fmu(sketch)
    w = brentq(lambda q: q - np.cos(q), 0, 1, xtol=1e-15)
    assert fmu.get("v_out")[0] == pytest.approx(brentq(lambda v: v**3 + v - w, 0, 1, xtol=1e-15), abs=1e-11)


def test_damping_reaches_a_far_solution(open_fmu):
    """arctan: plain Newton diverges from 3."""
    sketch = Sketch(
        "Damped",
        {"x": 0.0},
        lambda s: [0 * s.z[0]],
        algebraic={"w": 3.0},
        residuals=lambda s: [ca.atan(s.z[0]) - s.u[0]],
        inputs={"u": 0.0},
        outputs={"out": lambda s: s.z[0]},
    )
    fmu = open_fmu(sketch)
    assert fmu.get("out")[0] == pytest.approx(0.0, abs=1e-9)
    assert fmu.set(u=1.5) == OK
    assert fmu.get("out")[0] == pytest.approx(np.tan(1.5), rel=1e-9)


def test_coupled_block_with_pivoting(open_fmu):
    """Zero on the diagonal of the Jacobian: 2 unknowns, each residual mostly about the other."""
    sketch = Sketch(
        "Coupled",
        {"x": 1.0},
        lambda s: [-s.z[0]],
        algebraic={"a": 1.0, "b": 1.0},
        residuals=lambda s: [s.z[1] ** 2 - 4 * s.x[0], s.z[0] + s.z[1] - 3],
        outputs={"a_out": lambda s: s.z[0], "b_out": lambda s: s.z[1]},
    )
    assert open_fmu(sketch).get("a_out", "b_out") == [pytest.approx(1.0, abs=1e-12), pytest.approx(2.0, abs=1e-12)]


def test_loop_without_solution_names_its_variable(open_fmu):
    sketch = Sketch(
        "Unsolvable",
        {"x": 0.0},
        lambda s: [1.0 + 0 * s.z[0]],
        algebraic={"flow.w": 1.0},
        residuals=lambda s: [s.z[0] ** 2 - 1 + s.x[0]],
        outputs={"w": lambda s: s.z[0]},
    )
    fmu = open_fmu(sketch)
    assert fmu.step(0.5) == OK
    assert fmu.get("w")[0] == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert fmu.step(1.0) == ERROR
    assert any("around 'flow.w' has no solution" in line for line in fmu.log)
