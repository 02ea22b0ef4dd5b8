"""Patterns of Jacobians: narrow bands found, columns grouped so that no two of a group share a row."""

import numpy as np
import pytest

from cosim.fmu.jacobian import UNKNOWN, StateStructure, plan_jacobian


def structure(dependencies, *, provides_derivatives=True):
    numbers = tuple(range(len(dependencies)))
    return StateStructure(numbers, numbers, tuple(map(tuple, dependencies)), provides_derivatives, False)


def shuffled_chain(n):
    """Neighbours in a chain of ``n`` states whose numbers say nothing of their place."""
    rank = np.random.default_rng(1).permutation(n)
    place = np.argsort(rank)
    return [
        [int(rank[j]) for j in (place[i] - 1, place[i], place[i] + 1) if 0 <= j < n] for i in range(n)
    ]  # fmt: skip


def entries(groups):
    """The entries of each group."""
    begin = groups.entry_begin
    pairs = list(zip(groups.rows.tolist(), groups.entry_columns.tolist(), strict=True))
    return [pairs[begin[g] : begin[g + 1]] for g in range(len(begin) - 1)]


def test_a_chain_in_any_order_is_tridiagonal():
    dependencies = shuffled_chain(60)
    plan = plan_jacobian(structure(dependencies), 60)
    assert plan.bandwidths == (1, 1)
    rank = np.argsort(plan.order)
    expected = {(int(rank[row]), int(rank[column])) for row, columns in enumerate(dependencies) for column in columns}
    found = entries(plan.groups)
    assert {pair for group in found for pair in group} == expected
    assert len(found) == 3
    assert all(len({row for row, _ in group}) == len(group) for group in found)
    assert sorted(plan.groups.columns.tolist()) == list(range(60))


def test_what_everything_depends_on_makes_it_dense():
    dependencies = [sorted({0, *columns}) for columns in shuffled_chain(60)]
    dependencies[0] = list(range(60))
    plan = plan_jacobian(structure(dependencies), 60)
    assert plan.bandwidths is None
    assert plan.order is None
    assert sum(map(len, entries(plan.groups))) == sum(map(len, dependencies))


@pytest.mark.parametrize(
    ("known", "n", "has_groups"),
    [
        (UNKNOWN, 5, False),
        (structure([[0]] * 4), 5, False),
        (StateStructure((0, 1), (2, 3), None, provides_derivatives=True, needs_completed_step=False), 2, True),
        (StateStructure((0, 1), (2, 3), None, provides_derivatives=False, needs_completed_step=False), 2, False),
        (structure([]), 0, False),
    ],
)  # fmt: skip
def test_an_unknown_pattern_is_dense(known, n, has_groups):
    plan = plan_jacobian(known, n)
    assert plan.bandwidths is None
    assert (plan.groups is not None) == has_groups
