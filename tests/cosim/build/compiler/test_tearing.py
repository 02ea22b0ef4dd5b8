"""Blocks of equations: explicit, eliminated, inverted or torn."""

import math

import casadi as ca
import pytest

from cosim.build.compiler.inversion import inverted
from cosim.build.compiler.tearing import solve_block
from cosim.build.compiler.values import SX
from cosim.errors import ModelError

a, b, u, v = (SX.sym(name) for name in "abuv")


def value(expression: ca.SX, **numbers: float) -> float:
    symbols = {"a": a, "b": b, "u": u, "v": v}
    function = ca.Function("f", [symbols[name] for name in numbers], [expression])
    return float(function(*numbers.values()))


def test_a_side_that_is_the_unknown_gives_the_other_side() -> None:
    (solution,) = solve_block([(a * b, u)], [u], [False]).outputs
    assert ca.is_equal(solution, a * b, 3)


def test_a_linear_equation_is_solved() -> None:
    (solution,) = solve_block([(a * u + b, 3 * u)], [u], [False]).outputs
    assert value(solution, a=1, b=4) == pytest.approx(2.0)


def test_a_linear_system_is_eliminated() -> None:
    torn = solve_block([(u + v, a), (u - v, b)], [u, v], [False, False])
    assert not torn.iterates
    assert [value(item, a=3, b=1) for item in torn.outputs] == pytest.approx([2.0, 1.0])


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (10 ** (-u), -0.30102999566398),
        (ca.exp(2 * u + 1), (0.69314718055994 - 1) / 2),
        (3 / u, 1.5),
        (ca.log(u), 7.38905609893065),
        (5 - u, 3.0),
    ],
)
def test_one_occurrence_is_undone(left: ca.SX, expected: float) -> None:
    solution = inverted(left, a, u)
    assert solution is not None
    assert value(solution, a=2) == pytest.approx(expected)


@pytest.mark.parametrize("left", [u**2, ca.sin(u), ca.sqrt(u), u * ca.exp(u), b * ca.exp(u) * 0 + ca.fabs(u)])
def test_an_operation_with_several_or_no_solutions_is_not_undone(left: ca.SX) -> None:
    assert inverted(left, a, u) is None


def test_the_tear_that_decides_most_is_chosen() -> None:
    w = SX.sym("w")
    sides = [(u * v, a), (w, b * ca.sin(u)), (u + 1, v + w)]
    torn = solve_block(sides, [u, v, w], [False, False, True])
    assert torn.positions == (0,)
    residual = ca.substitute(torn.residuals[0], torn.iterates[0], SX(1.0))
    assert value(residual, a=1, b=2) == pytest.approx(2 - 1 - 2 * math.sin(1))


def test_a_tear_with_a_start_value_is_preferred_among_equals() -> None:
    sides = [(u * u + v, a), (v * v + u, b)]
    assert solve_block(sides, [u, v], [False, True]).positions == (1,)


@pytest.mark.parametrize(
    "sides",
    [
        [(0.1 * u + 0.3 * v, a), (0.3 * u + 0.9 * v, b)],
        [(a * u + b * v, 1), (0.1 * a * u + 0.1 * b * v, 2)],
        [(u / a + v / b, 1), (b * u + a * v, 2)],
        [(ca.exp(a) * u + v, 1), (u + ca.exp(-a) * v, b)],
    ],
)
def test_a_system_that_is_singular_up_to_round_off_is_refused(sides: list[tuple[ca.SX, ca.SX]]) -> None:
    with pytest.raises(ModelError, match="Some equations repeat or contradict one another"):
        solve_block([(SX(left), SX(right)) for left, right in sides], [u, v], [False, False])


@pytest.mark.parametrize(
    ("sides", "numbers", "expected"),
    [
        ([(1e12 * u + v, a), (u + 1e-11 * v, b)], {"a": 1e12 + 1, "b": 1 + 1e-11}, [1.0, 1.0]),
        ([(1e-9 * a * u + v, b), (u - 1e9 * v, 0 * a)], {"a": 1.0, "b": 2.0}, [1e9, 1.0]),
        ([(ca.if_else(a > 50, 1, 0) * u + v, b), (u * a, a)], {"a": 60.0, "b": 3.0}, [1.0, 2.0]),
    ],
)
def test_a_system_with_coefficients_of_any_size_is_solved(sides: list, numbers: dict, expected: list[float]) -> None:
    torn = solve_block([(SX(left), SX(right)) for left, right in sides], [u, v], [False, False])
    assert [value(item, **numbers) for item in torn.outputs] == pytest.approx(expected, rel=1e-4)
