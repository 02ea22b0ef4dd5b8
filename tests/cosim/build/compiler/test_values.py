"""Powers of which base and exponent are symbols."""

import casadi as ca
import numpy as np
import pytest

from cosim.build.compiler.values import power

X, P, DX, DP = (ca.SX.sym(name) for name in ("x", "p", "dx", "dp"))
RESULT = power(X, P)
VALUE = ca.Function("value", [X, P], [RESULT])
SLOPE = ca.Function("slope", [X, P, DX, DP], [ca.jtimes(RESULT, ca.vertcat(X, P), ca.vertcat(DX, DP))])


@pytest.mark.parametrize("x", [0.0, 1e-300, 0.3, 1.0, 7.5])
@pytest.mark.parametrize("p", [0.0, 0.5, 1.0, 2.0, 3.7])
def test_its_value_is_the_power(x, p):
    assert float(VALUE(x, p)) == x**p


@pytest.mark.parametrize(("p", "expected"), [(1.0, 2.0), (2.0, 0.0), (2.5, 0.0)])
def test_it_has_a_derivative_at_zero(p, expected):
    assert float(SLOPE(0.0, p, 2.0, 0.0)) == expected
    assert float(SLOPE(0.0, p, 0.0, 1.0)) == 0.0


def test_elsewhere_derivatives_are_those_of_the_power():
    x, p = 0.7, 2.3
    expected = p * x ** (p - 1) * 2.0 + x**p * np.log(x) * 3.0
    assert float(SLOPE(x, p, 2.0, 3.0)) == pytest.approx(expected, rel=1e-14)
