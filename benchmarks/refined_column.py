"""The columns of ``Columns.mo`` solved with scipy: central differences on many cells, shells in the particles, LSODA.

Nothing is shared with the library but the equations: no limiter (the Péclet number of a cell is below 2), no
collocation, concentrations as states. The difference of two grids tells how far the finer one is from the solution.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import ode

Values = NDArray[np.float64]
LENGTH, VELOCITY, DISPERSION = 0.014, 5.75e-4, 5.75e-8
CAPACITY, CHARGE, SHIELD = 1200.0, 4.7, 11.83
FILM, RADIUS, DIFFUSION = 6.9e-6, 4.5e-5, np.array([7e-10, 6.07e-11])
FASTEST = 1e3
"""Rates of binding are limited to this [1/s], as in the library: faster is equilibrium."""


def _inlet(t: float) -> Values:
    return np.array([50.0 if t < 90.0 else 100.0 + 0.2 * (t - 90.0), 1.0 if t < 10.0 else 0.0])


def _binding(salt: Values, protein: Values, bound: Values) -> Values:
    free = np.maximum(CAPACITY - bound * (CHARGE + SHIELD), 0.0)
    on, off = 35.5 * free**CHARGE, 1000.0 * np.maximum(salt, 1e-6) ** CHARGE
    return np.asarray((on * protein - off * bound) / (1.0 + (on + off) / FASTEST))


def _transport(c: Values, inlet: Values) -> Values:
    """Return dc/dt of convection and dispersion in cells, Danckwerts' condition at the inlet."""
    h = LENGTH / len(c)
    flux = np.empty((len(c) + 1, c.shape[1]))
    flux[0] = VELOCITY * inlet
    flux[1:-1] = VELOCITY * 0.5 * (c[1:] + c[:-1]) - DISPERSION / h * (c[1:] - c[:-1])
    flux[-1] = VELOCITY * c[-1]
    return np.asarray((flux[:-1] - flux[1:]) / h)


def _solve(
    rhs: Callable[[float, Values], Values], start: Values, band: int, outlet: int, step: float, stop: float
) -> Values:
    solver = ode(rhs).set_integrator(
        "lsoda", lband=band, uband=band, rtol=1e-7, atol=1e-9, nsteps=1_000_000, max_order_s=5
    )
    curve, state = [], start
    solver.set_initial_value(start, 0.0)
    for time in np.arange(1, round(stop / step) + 1) * step:
        state = solver.integrate(time)
        assert solver.successful()
        curve.append(float(state[outlet]))
        if time in (10.0, 90.0):  # the inlet jumps
            solver.set_initial_value(state, time)
    return np.array(curve)


def refined_lumped_rate(step: float, stop: float, n: int = 400) -> Values:
    """Return the protein at the outlet; per cell the states are salt, protein and bound protein."""
    phase = (1.0 - 0.8425) / 0.8425

    def rhs(t: float, state: Values) -> Values:
        y = state.reshape(n, 3)
        bound = _binding(y[:, 0], y[:, 1], y[:, 2])
        transport = _transport(y[:, :2], _inlet(t))
        return np.column_stack(
            [transport[:, 0] + phase * CHARGE * bound, transport[:, 1] - phase * bound, bound]
        ).ravel()

    start = np.tile([50.0, 0.0, 0.0], n)
    return _solve(rhs, start, 5, 3 * n - 2, step, stop)


def refined_general_rate(step: float, stop: float, n: int = 80, shells: int = 16) -> Values:
    """Return the protein at the outlet; per cell: salt and protein between the particles, then by shells from inside.

    A shell has salt, protein and bound protein. Shells have equal thickness; the film ends at the middle of the last.
    """
    r = np.linspace(0.0, RADIUS, shells + 1)
    volumes, areas = np.diff(r**3) / 3.0, r**2
    width = RADIUS / shells
    pores, between = 0.75, 0.37
    film = 1.0 / (1.0 / FILM + 0.5 * width / (pores * DIFFUSION))

    def rhs(t: float, state: Values) -> Values:
        y = state.reshape(n, 2 + 3 * shells)
        c, inside = y[:, :2], y[:, 2:].reshape(n, shells, 3)
        bound = _binding(inside[:, :, 0], inside[:, :, 1], inside[:, :, 2])
        uptake = film * (c - inside[:, -1, :2])
        flow = np.zeros((n, shells + 1, 2))
        flow[:, 1:-1] = areas[1:-1, None] * pores * DIFFUSION / width * (inside[:, 1:, :2] - inside[:, :-1, :2])
        flow[:, -1] = areas[-1] * uptake
        moved = (flow[:, 1:] - flow[:, :-1]) / volumes[:, None] / pores
        solid = (1.0 - pores) / pores
        new = np.empty_like(y)
        new[:, :2] = _transport(c, _inlet(t)) - (1.0 - between) / between * 3.0 / RADIUS * uptake
        new[:, 2:] = np.stack(
            [moved[:, :, 0] + solid * CHARGE * bound, moved[:, :, 1] - solid * bound, bound], axis=2
        ).reshape(n, -1)
        return new.ravel()

    cell = np.concatenate([[50.0, 0.0], np.tile([50.0, 0.0, 0.0], shells)])
    width_of_cell = 2 + 3 * shells
    return _solve(rhs, np.tile(cell, n), width_of_cell + 1, (n - 1) * width_of_cell + 1, step, stop)
