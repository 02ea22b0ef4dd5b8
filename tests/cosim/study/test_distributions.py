"""Quantiles of every distribution, against those of scipy."""

import numpy as np
import pytest
from scipy import stats

from cosim.study.distributions import Choice, Lognormal, LogUniform, Normal, Triangular, Uniform

U = np.array([0.001, 0.1, 0.35, 0.5, 0.8, 0.999])


@pytest.mark.parametrize(
    ("distribution", "reference"),
    [
        (Uniform(2.0, 5.0), stats.uniform(2.0, 3.0)),
        (LogUniform(0.1, 10.0), stats.loguniform(0.1, 10.0)),
        (Normal(36.8, 0.2), stats.norm(36.8, 0.2)),
        (Normal(0.0, 1.0, -1.0, 2.0), stats.truncnorm(-1.0, 2.0)),
        (Lognormal(3.0, 1.5), stats.lognorm(np.log(1.5), scale=3.0)),
        (Triangular(1.0, 2.0, 5.0), stats.triang(0.25, 1.0, 4.0)),
        (Triangular(1.0, 1.0, 5.0), stats.triang(0.0, 1.0, 4.0)),
    ],
)
def test_quantiles_are_those_of_scipy(distribution, reference):
    np.testing.assert_allclose(distribution.quantile(U), reference.ppf(U), rtol=1e-12)
    low, high = reference.support()
    assert distribution.bounds == pytest.approx((low, high))


def test_a_choice_takes_every_value_equally_often():
    u = (np.arange(300) + 0.5) / 300
    assert np.unique(Choice((1.0, 2.0, 7.0)).quantile(u), return_counts=True)[1].tolist() == [100, 100, 100]
    assert Choice((1.0, 2.0)).quantile(np.array([0.0, 1.0])).tolist() == [1.0, 2.0]
