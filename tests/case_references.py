"""Independent solutions of the models in ``models/Cases``: scipy at tight tolerances, events solved by hand.

Each function returns the values at ``t`` of some variables, by name.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.sparse import csr_matrix

Times = NDArray[np.float64]
Solution = Mapping[str, NDArray[np.float64]]
RTOL, ATOL = 1e-10, 1e-12


def _integrated(f: Callable[..., object], t: Times, y0: object, method: str = "LSODA") -> NDArray[np.float64]:
    solution = solve_ivp(f, (t[0], t[-1]), np.asarray(y0, float), t_eval=t, method=method, rtol=RTOL, atol=ATOL)
    assert solution.success
    return solution.y


def _monod(s: float, k: float) -> float:
    return max(s, 0.0) / (k + max(s, 0.0))


def chemostat(t: Times) -> Solution:
    """Constant volume, feed 40 L/h with 20 g/L."""

    def f(_: float, y: NDArray[np.float64]) -> list[float]:
        dilution, growth = 40.0 / 500.0, 0.3 * _monod(y[1], 0.2)
        return [(growth - dilution) * y[0], dilution * (20.0 - y[1]) - growth * y[0] / 0.5]

    X, S = _integrated(f, t, [0.5, 10.0])
    return {"X": X, "S": S, "OUR": 1.2 * 0.3 * S / (0.2 + S) * X}


def fed_batch_bolus(t: Times) -> Solution:
    """Segments between boluses, the threshold S = 0.5 and t_end; feed 2 L/h with 300 g/L in mode 2."""
    state, mode, count, now, is_low = np.array([1000.0, 0.3, 6.0, 0.0]), 1, 0, float(t[0]), False
    next_bolus, is_over = 48.0, False
    values, modes, counts = np.zeros((4, len(t))), np.zeros(len(t)), np.zeros(len(t))

    def rhs(_: float, y: NDArray[np.float64]) -> list[float]:
        V, X, S, P = y
        pump, growth = (2.0 if mode == 2 else 0.0), 0.05 * _monod(S, 0.3)
        return [
            pump,
            (growth - 0.002) * X - pump / V * X,
            -growth * X / 0.5 + pump / V * (300.0 - S),
            0.02 * X - pump / V * P,
        ]

    def threshold(_: float, y: NDArray[np.float64]) -> float:
        return y[2] - 0.5

    while now < t[-1]:
        stop = min(next_bolus, 240.0 if not is_over else np.inf, t[-1])
        threshold.terminal, threshold.direction = True, (1 if is_low else -1)  # type: ignore[attr-defined]
        run = solve_ivp(
            rhs, (now, stop), state, method="LSODA", rtol=RTOL, atol=ATOL, dense_output=True, events=threshold
        )
        chosen = (t >= now) & ((t < run.t[-1]) | (run.t[-1] == t[-1]))
        values[:, chosen], modes[chosen], counts[chosen] = run.sol(t[chosen]), mode, count
        state, now = run.y[:, -1].copy(), float(run.t[-1])
        if run.status == 1:
            is_low = not is_low
            mode = 2 if is_low else mode
        elif now == 240.0 and not is_over:
            is_over, mode = True, 3
        if now == next_bolus:
            V = state[0]
            state = np.array(
                [V + 20, state[1] * V / (V + 20), (state[2] * V + 8000) / (V + 20), state[3] * V / (V + 20)]
            )
            next_bolus, count = next_bolus + 24.0, count + 1
            is_low = is_low and state[2] < 0.5
    return {"V": values[0], "X": values[1], "S": values[2], "P": values[3], "n": counts, "mode": modes}


def kinetic_column(t: Times) -> Solution:
    """50 cells, one component."""
    n, dz, ratio = 50, 20.0 / 50, 1.5

    def f(_: float, y: NDArray[np.float64]) -> NDArray[np.float64]:
        c, q = y[:n], y[n:]
        dq = 100 * (10 * c * (1 - q / 60) - q / 60)
        before, after = np.r_[1.0, c[:-1]], np.r_[c[1:], c[-1]]
        return np.r_[-100 * (c - before) / dz + 5 * (after - 2 * c + before) / dz**2 - ratio * dq, dq]

    y = _integrated(f, t, np.zeros(2 * n))
    return {"c[1]": y[0], "q[25]": y[n + 24], "c_out": y[n - 1]}


def langmuir_column(t: Times) -> Solution:
    """50 cells, two components that compete, no dispersion through the inlet."""
    n, dz, v, ratio = 50, 20.0 / 50, 250.0, 1.5
    q_max, b, k, feed = np.array([60.0, 40.0]), np.array([2.0, 0.5]), np.array([200.0, 300.0]), np.array([1.0, 0.5])

    def f(_: float, y: NDArray[np.float64]) -> NDArray[np.float64]:
        c, q = y[: 2 * n].reshape(n, 2), y[2 * n :].reshape(n, 2)
        dq = k * (q_max * b * c / (1 + c @ b)[:, None] - q)
        steps = np.diff(c, axis=0)
        spread = 5 * (np.vstack([steps, [[0, 0]]]) - np.vstack([[[0, 0]], steps])) / dz**2
        dc = -v * (c - np.vstack([feed, c[:-1]])) / dz + spread - ratio * dq
        return np.r_[dc.ravel(), dq.ravel()]

    reads = csr_matrix(
        np.kron([[1, 1], [1, 1]], np.kron(np.eye(n, k=-1) + np.eye(n) + np.eye(n, k=1), np.ones((2, 2))))
    )
    run = solve_ivp(f, (t[0], t[-1]), np.zeros(4 * n), "BDF", t, rtol=1e-9, atol=1e-11, jac_sparsity=reads)
    y = run.y
    return {"c_out[1]": y[98], "c_out[2]": y[99], "q[25,1]": y[148]}


def _ph(acetate: float, sodium: float) -> float:
    def balance(pH: float) -> float:
        H = 10.0**-pH
        return sodium + H - 1e-14 / H - acetate * 1.8e-5 / (1.8e-5 + H)

    return float(brentq(balance, 0.0, 14.0, xtol=1e-14))


def charge_balance(t: Times) -> Solution:
    """Linear changes of the totals, then one root for each time."""
    acetate, sodium = 0.06 - 0.01 * np.exp(-0.01 * t), 0.01 + 0.001 * t
    return {
        "acetate": acetate,
        "sodium": sodium,
        "pH": np.array([_ph(a, s) for a, s in zip(acetate, sodium, strict=True)]),
    }


def surge_tank(t: Times) -> Solution:
    """Filling at 1, draining between the two levels."""
    state, now, draining, count = np.zeros(2), float(t[0]), False, 0
    values, flags, counts = np.zeros((2, len(t))), np.zeros(len(t)), np.zeros(len(t))
    while now < t[-1]:

        def f(_: float, y: NDArray[np.float64]) -> list[float]:
            out = 5 * y[0] / (y[0] + 0.01) if draining and y[0] > 0 else 0.0  # noqa: B023
            return [1.0 - out, out]

        def level(_: float, y: NDArray[np.float64]) -> float:
            return y[0] - (1.0 if draining else 10.0)  # noqa: B023

        level.terminal, level.direction = True, (-1 if draining else 1)  # type: ignore[attr-defined]
        run = solve_ivp(f, (now, t[-1]), state, method="LSODA", rtol=RTOL, atol=ATOL, dense_output=True, events=level)
        chosen = (t >= now) & (t <= run.t[-1])
        values[:, chosen], flags[chosen], counts[chosen] = run.sol(t[chosen]), draining, count
        state, now = run.y[:, -1], float(run.t[-1])
        if run.status == 1:
            draining = not draining
            count += draining
    return {"V": values[0], "total": values[1], "draining": flags, "n": counts}


def three_tanks(t: Times) -> Solution:
    """Flows in proportion to differences of level."""

    def f(_: float, h: NDArray[np.float64]) -> list[float]:
        wide, narrow = 0.3 * (h[0] - h[1]), 0.1 * (h[1] - h[2])
        return [-wide / 2, wide - narrow, narrow / 2]

    h = _integrated(f, t, [5.0, 0.5, 0.0])
    return {"first.h": h[0], "second.h": h[1], "third.h": h[2], "level": h[1]}


def steady_start(t: Times) -> Solution:
    """Steady at u = 0.4; the supply doubles at t = 5."""

    def rate(x: float) -> float:
        return 0.5 * x / (1 + x / 2)

    start = float(brentq(lambda x: 0.4 - rate(x), 0.0, 50.0, xtol=1e-14))
    early, late = t[t < 5], t[t >= 5]
    before = _integrated(lambda _, y: [0.4 - rate(y[0]), y[0] - y[1]], np.r_[early, 5.0], [start, 2 * start])
    after = _integrated(lambda _, y: [0.8 - rate(y[0]), y[0] - y[1]], np.unique(np.r_[5.0, late]), before[:, -1])
    both = np.hstack([before[:, : len(early)], after[:, -len(late) :]])
    return {"x": both[0], "z": both[1]}


def tank_chain(t: Times) -> Solution:
    """Five tanks of 0.5 and one of 2 after a step."""

    def f(_: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return (np.r_[1.0, x[:-1]] - x) / np.array([0.5] * 5 + [2.0])

    x = _integrated(f, t, np.zeros(6))
    return {"tank[5].x": x[4], "y": x[5]}


def sampled_controller(t: Times) -> Solution:
    """Exact first-order response between samples of 0.5."""
    x, integral, now = 5.0, 0.0, 0.0
    values = np.zeros((3, len(t)))
    while now <= t[-1] + 1e-9:
        integral += 0.4 * 0.5 * (7 - x)
        u = min(max(2 * (7 - x) + integral, 0.0), 10.0)
        chosen = (t >= now - 1e-9) & (t < now + 0.5 - 1e-9)
        goal = 0.5 * u / 0.3
        values[:, chosen] = [
            goal + (x - goal) * np.exp(-0.3 * (t[chosen] - now)),
            u + 0 * t[chosen],
            integral + 0 * t[chosen],
        ]
        x, now = goal + (x - goal) * np.exp(-0.15), now + 0.5
    return {"x": values[0], "u": values[1], "I": values[2]}


def step_sequence(t: Times) -> Solution:
    """Idle 0.5, load 2 at 3, wash 1 at -0.2, elute to 0.5 with rate 2, again."""
    m, now, step, cycle = 0.0, 0.0, 1, 0
    values = np.zeros((2, len(t)))
    while now < t[-1]:
        length = {1: 0.5, 2: 2.0, 3: 1.0, 4: np.log(m / 0.5) / 2 if m else 0.0}[step]
        chosen = (t >= now) & (t <= now + length)
        passed = t[chosen] - now
        values[0, chosen] = {1: m + 0 * passed, 2: m + 3 * passed, 3: m - 0.2 * passed, 4: m * np.exp(-2 * passed)}[
            step
        ]
        values[1, chosen] = cycle
        m = {1: m, 2: m + 6.0, 3: m - 0.2, 4: 0.5}[step]
        now, step = now + length, {1: 2, 2: 3, 3: 4, 4: 2}[step]
        cycle += step == 2
    return {"m": values[0], "cycle": values[1]}


def table_rate(t: Times) -> Solution:
    """Rates follow a table of time."""
    k = np.array([0.1, 0.2, 0.3])
    values, begin, state = np.zeros((3, len(t))), 0.0, np.array([1.0, 2.0, 3.0])
    for end in (10.0, 20.0, 40.0):
        inside = (t >= begin) & (t <= end)
        times = np.unique(np.r_[begin, t[inside], min(end, t[-1])])
        run = _integrated(lambda s, x: -k * x * np.interp(s, [0, 10, 20, 40], [1, 3, 4, 10]) + 0.1, times, state)
        values[:, inside], state, begin = run[:, np.isin(times, t[inside])], run[:, -1], end
        if end >= t[-1]:
            break
    return {"y": values.sum(axis=0) + k @ values, "w[3]": np.minimum(values[2] ** 2, 1.0)}
