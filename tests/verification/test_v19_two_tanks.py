"""V19: two stirred tanks in series, tau 10, unit step, value of the second at t = 10, inputs held over each step.

Closed forms with a = exp(−H/tau), N = 10/H: Jacobi 1 − aᴺ − N (1 − a) aᴺ⁻¹, Gauss–Seidel 1 − aᴺ − N (1 − a) aᴺ.
"""

import itertools
import math

import pytest
from fakes import Flowsheet, lag, phase

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.system.experiment import Setting
from cosim.system.variable import VariableName

TAU = 10.0
EXACT = 1.0 - 2.0 * math.exp(-1.0)


def second_tank(algorithm, size: float) -> float:
    flowsheet = Flowsheet(first=lag("first", TAU), second=lag("second", TAU)).connect("first.y", "second.u")
    step = Setting(VariableName("first", "u"), 1.0)
    outcome = flowsheet.run(phase("run", "first second", 10.0, size, settings=(step,)), algorithm=algorithm)
    assert outcome.status == "completed"
    time, value = flowsheet.recorder.series("second.y")[-1]
    assert time == 10.0
    return value


@pytest.mark.parametrize(
    ("algorithm", "size", "expected"),
    [
        (Jacobi(), 1.0, 0.245218373137),
        (Jacobi(), 0.1, 0.262395573768),
        (GaussSeidel(), 1.0, 0.282036984095),
        (GaussSeidel(), 0.1, 0.266074398837),
    ],
)
def test_tabulated_values(algorithm, size, expected):
    assert second_tank(algorithm, size) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("size", [2.5, 0.5])
def test_closed_forms(size):
    a, n = math.exp(-size / TAU), round(10.0 / size)
    assert second_tank(Jacobi(), size) == pytest.approx(1 - a**n - n * (1 - a) * a ** (n - 1), abs=1e-12)
    assert second_tank(GaussSeidel(), size) == pytest.approx(1 - a**n - n * (1 - a) * a**n, abs=1e-12)


@pytest.mark.parametrize("algorithm", [Jacobi(1), Jacobi(2), GaussSeidel(1), GaussSeidel(2)])
def test_with_extrapolation_halving_the_step_quarters_the_error(algorithm):
    errors = [abs(second_tank(algorithm, size) - EXACT) for size in (0.4, 0.2, 0.1, 0.05)]
    ratios = [coarse / fine for coarse, fine in itertools.pairwise(errors)]
    assert ratios == pytest.approx([4.0, 4.0, 4.0], rel=0.1)


@pytest.mark.parametrize("algorithm", [Jacobi(), GaussSeidel()])
def test_halving_the_step_halves_the_error(algorithm):
    errors = [abs(second_tank(algorithm, size) - EXACT) for size in (0.4, 0.2, 0.1, 0.05)]
    ratios = [coarse / fine for coarse, fine in itertools.pairwise(errors)]
    assert ratios == pytest.approx([2.0, 2.0, 2.0], rel=0.03)
