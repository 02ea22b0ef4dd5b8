"""The elimination plan: the factor it describes solves the system, and the cheaper method is chosen."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cosim.build.elimination import EliminationPlan, Method, plan_elimination
from cosim.build.model import SparsityPattern


def pattern_of(matrix: np.ndarray) -> SparsityPattern:
    columns, rows = np.nonzero(matrix.T)
    return SparsityPattern(*matrix.shape, tuple(rows.tolist()), tuple(columns.tolist()))


def solve_sparse(plan: EliminationPlan, jacobian: np.ndarray, pattern: SparsityPattern, b: np.ndarray) -> np.ndarray:
    """What factor_sparse and solve_sparse of linear.c do, on (10 n) I - J."""
    n = pattern.n_rows
    lu = np.zeros(plan.n_storage)
    for k, (i, j) in enumerate(zip(pattern.rows, pattern.columns, strict=True)):
        lu[plan.jac_slot[k]] -= jacobian[i, j]
    lu[list(plan.diag_slot)] += 10.0 * n
    row = np.zeros(n)
    for i in range(n):
        entries = range(plan.row_start[i], plan.row_start[i + 1])
        columns = [plan.column[e] for e in entries]
        assert columns == sorted(columns)
        row[columns] = lu[list(entries)]
        for e in range(plan.row_start[i], plan.diag_slot[i]):
            k = plan.column[e]
            row[k] /= lu[plan.diag_slot[k]]
            for q in range(plan.diag_slot[k] + 1, plan.row_start[k + 1]):
                assert plan.column[q] in columns, "fill outside the pattern"
                row[plan.column[q]] -= row[k] * lu[q]
        lu[list(entries)] = row[columns]
        row[:] = 0.0
    x = np.zeros(n)
    x[list(plan.position)] = b
    for i in range(n):
        x[i] -= sum(lu[e] * x[plan.column[e]] for e in range(plan.row_start[i], plan.diag_slot[i]))
    for i in reversed(range(n)):
        x[i] -= sum(lu[e] * x[plan.column[e]] for e in range(plan.diag_slot[i] + 1, plan.row_start[i + 1]))
        x[i] /= lu[plan.diag_slot[i]]
    return x[list(plan.position)]


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 25), density=st.floats(0.0, 0.5), seed=st.integers(0, 2**31))
def test_plan_solves_any_pattern(n, density, seed):
    random = np.random.default_rng(seed)
    jacobian = np.where(random.random((n, n)) < density, random.normal(size=(n, n)), 0.0)
    pattern = pattern_of(jacobian)
    plan = plan_elimination(pattern)
    assert sorted(plan.position) == list(range(n))
    if plan.method is Method.SPARSE:
        b = random.normal(size=n)
        expected = np.linalg.solve(10.0 * n * np.eye(n) - jacobian, b)
        np.testing.assert_allclose(solve_sparse(plan, jacobian, pattern, b), expected, atol=1e-12)
    else:
        for k, (i, j) in enumerate(zip(pattern.rows, pattern.columns, strict=True)):
            assert -plan.upper <= plan.position[i] - plan.position[j] <= plan.lower
            leading = 2 * plan.lower + plan.upper + 1
            place = plan.position[j] * leading + plan.lower + plan.upper + plan.position[i] - plan.position[j]
            assert plan.jac_slot[k] == place


def test_scattered_chain_becomes_a_band():
    """A chain whose nodes are numbered at random: bandwidth 1."""
    n = 300
    order = np.random.default_rng(1).permutation(n)
    jacobian = np.zeros((n, n))
    for a, b in itertools.pairwise(order):
        jacobian[a, b] = jacobian[b, a] = 1.0
    plan = plan_elimination(pattern_of(jacobian))
    assert plan.method is Method.BANDED
    assert (plan.lower, plan.upper) == (1, 1)


def test_arrow_is_eliminated_without_fill():
    """A total of all cells and a feed into all cells: a band would be the whole matrix."""
    n = 200
    jacobian = np.eye(n)
    jacobian[-1, :] = jacobian[:, -1] = 1.0
    plan = plan_elimination(pattern_of(jacobian))
    assert plan.method is Method.SPARSE
    assert plan.n_storage == 3 * n - 2


def test_independent_states_cost_nothing():
    plan = plan_elimination(SparsityPattern(50, 50, (), ()))
    assert plan.multiplications == 0
    assert plan.n_storage == 50


@pytest.mark.parametrize("n", [0, 1])
def test_smallest_models(n):
    assert plan_elimination(SparsityPattern(n, n, (), ())).position == tuple(range(n))


def test_large_column_is_planned_quickly():
    """4,000 states: 100 cells of 20 shells with 2 components; must not eat the build's time."""
    cells, shells = 100, 40
    n = cells * shells
    rows, columns = [], []
    for cell in range(cells):
        for shell in range(shells):
            me = cell * shells + shell
            others = [me, *(me + d for d in (-2, 2) if 0 <= shell + d < shells), me ^ 1]
            if shell < 2:
                others += [q for q in (me - shells, me + shells) if 0 <= q < n]
            rows += [me] * len(others)
            columns += others
    start = time.process_time()
    plan = plan_elimination(SparsityPattern(n, n, tuple(rows), tuple(columns)))
    assert time.process_time() - start < 1.5
    assert plan.n_storage < 15 * n
