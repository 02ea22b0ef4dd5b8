"""Matching and sorting of equations."""

import numpy as np
import pytest

from cosim.build.compiler.causalise import assemble, order
from cosim.build.compiler.equations import EquationFamily
from cosim.build.compiler.kernel import Symbols
from cosim.build.compiler.space import Ids, Origin, Space
from cosim.errors import ModelError


def unknowns(space: Space, count: int) -> Ids:
    return space.allocate(Origin.UNKNOWN, [f"v{index}" for index in range(count)], is_continuous=True)


def family(space: Space, *columns: Ids) -> EquationFamily:
    """Say that the sum of one scalar from each column is 0, for every row."""
    symbols = Symbols(space, len(columns[0]))
    total = sum(symbols.of(column) for column in columns)
    return EquationFamily(symbols.kernel([total, symbols.symbolic(0.0)]), "test")


def test_a_chain_has_one_level_for_each_link() -> None:
    space = Space()
    v = unknowns(space, 4)
    system = assemble([family(space, v[1:], v[:-1]), family(space, v[:1])], v, space)
    result = order(system, space)
    assert sorted(result.level) == [0, 1, 2, 3]
    assert len(set(result.block)) == 4


def test_equations_that_need_one_another_form_a_block() -> None:
    space = Space()
    v = unknowns(space, 3)
    a, b, c = v[:1], v[1:2], v[2:]
    result = order(assemble([family(space, a, b), family(space, a, b), family(space, b, c)], v, space), space)
    assert result.block[0] == result.block[1] != result.block[2]
    assert result.level[2] == result.level[0] + 1


def test_a_missing_equation_is_counted() -> None:
    space = Space()
    v = unknowns(space, 2)
    with pytest.raises(ModelError, match="1 equations for 2 unknowns"):
        order(assemble([family(space, v[:1], v[1:])], v, space), space)


def test_a_singular_system_names_what_cannot_be_computed() -> None:
    space = Space()
    v = unknowns(space, 2)
    x = space.allocate(Origin.STATE, ["x", "z"], is_continuous=True)
    system = assemble([family(space, x[:1], x[1:]), family(space, v[:1], v[1:])], v, space)
    with pytest.raises(ModelError, match=r"cannot be solved for v[01]: an equation between x and z .*index above 1"):
        order(system, space)


def test_levels_of_many_equations_are_fast() -> None:
    space = Space()
    n = 20_000
    v, w = unknowns(space, n), unknowns(space, n)
    system = assemble([family(space, w, v), family(space, v)], np.concatenate([v, w]), space)
    assert order(system, space).level.max() == 1
