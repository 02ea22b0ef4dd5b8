"""The pH of buffers, against what textbooks say of them."""

import numpy as np
import pytest

from cosim.surrogate.architectures.acidity import ACIDS, hydrogen, lost_protons, solve_acidity


def acidity(start=7.0, n_iterations=12, **concentrations):
    values = np.array([list(concentrations.values())])
    return float(solve_acidity(np.array([start]), list(concentrations), values, n_iterations)[0])


@pytest.mark.parametrize(
    ("expected", "concentrations"),
    [
        (7.0, {}),
        (4.76, {"acetate": 100.0, "sodium": 50.0}),
        (8.07, {"tris": 50.0, "chloride": 25.0}),
        (7.20, {"phosphate": 50.0, "sodium": 75.0}),
        (3.03, {"acetate": 50.0}),
        (12.0, {"sodium": 10.0}),
        (2.0, {"chloride": 10.0}),
    ],
)
def test_buffers_have_the_pH_that_is_known(expected, concentrations):
    assert acidity(**concentrations) == pytest.approx(expected, abs=0.01)


def test_it_is_found_from_far_across_a_range_without_buffer():
    assert acidity(start=7.4, n_iterations=7, acetate=50.0, sodium=2.3) == pytest.approx(3.50, abs=0.01)


def test_protons_are_lost_one_by_one():
    for name, (_, constants) in ACIDS.items():
        if constants:
            halfway = hydrogen(np.array([constants[0]]))
            assert float(lost_protons(halfway, [name])[0][0]) == pytest.approx(0.5, abs=0.06), name
