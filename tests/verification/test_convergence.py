"""Columns converge as their scheme promises, and a shock neither overshoots nor undershoots."""

import pytest
from verification.convergence import COLUMNS, Convergence, build_columns, convergence


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> dict[str, Convergence]:
    shown = convergence(build_columns(request.config.cache.mkdir("converging_columns")))
    return {item.column: item for item in shown}


@pytest.mark.slow
@pytest.mark.parametrize("column", COLUMNS)
def test_the_error_falls_by_second_order_as_cells_are_doubled(column: str, found: dict[str, Convergence]) -> None:
    assert found[column].order > 1.75
    assert found[column].fine < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("column", COLUMNS)
def test_a_shock_is_not_overshot_and_nothing_is_negative(column: str, found: dict[str, Convergence]) -> None:
    assert found[column].lowest > -1e-9
    assert found[column].highest < 1.001
