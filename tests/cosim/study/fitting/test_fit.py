"""Fits against certified values, and against what is known of models that cannot be told."""

import numpy as np
import pytest
from scipy import stats

from cosim.errors import StudyError
from cosim.study.fitting import FitProblem, Options, Parameter, fit
from cosim.study.fitting.doubts import doubts

# NIST Statistical Reference Datasets, nonlinear regression, https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml:
# data, certified parameters, certified standard deviations of these and of the residuals.
MISRA1A = np.array(
    [
        (77.6, 10.07), (114.9, 14.73), (141.1, 17.94), (190.8, 23.93), (239.9, 29.61), (289.0, 35.18), (332.8, 40.02),
        (378.4, 44.82), (434.8, 50.76), (477.3, 55.05), (536.8, 61.01), (593.1, 66.40), (689.1, 75.47), (760.0, 81.78),
    ]
)  # fmt: skip
THURBER = np.array(
    [
        (80.574, -3.067), (84.248, -2.981), (87.264, -2.921), (87.195, -2.912), (89.076, -2.840), (89.608, -2.797),
        (89.868, -2.702), (90.101, -2.699), (92.405, -2.633), (95.854, -2.481), (100.696, -2.363), (101.060, -2.322),
        (401.672, -1.501), (390.724, -1.460), (567.534, -1.274), (635.316, -1.212), (733.054, -1.100),
        (759.087, -1.046), (894.206, -0.915), (990.785, -0.714), (1090.109, -0.566), (1080.914, -0.545),
        (1122.643, -0.400), (1178.351, -0.309), (1260.531, -0.109), (1273.514, -0.103), (1288.339, 0.010),
        (1327.543, 0.119),
        (1353.863, 0.377), (1414.509, 0.790), (1425.208, 0.963), (1421.384, 1.006), (1442.962, 1.115),
        (1464.350, 1.572), (1468.705, 1.841), (1447.894, 2.047), (1457.628, 2.200),
    ]
)  # fmt: skip


def problem(parameters, values, deviations=None, groups=None):
    n = len(values)
    sd = np.full(n, np.nan) if deviations is None else np.broadcast_to(deviations, n).astype(float)
    return FitProblem(
        tuple(parameters), np.asarray(values), sd, np.zeros(n, dtype=np.int64) if groups is None else groups
    )


def each(model):
    """Predictions of a model of one point, NaN where it raises."""

    def predict(points):
        rows = []
        for point in points:
            try:
                rows.append(np.asarray(model(*point)))
            except ArithmeticError:
                rows.append(None)
        n = next(len(row) for row in rows if row is not None) if any(row is not None for row in rows) else 1
        return np.array([np.full(n, np.nan) if row is None else row for row in rows])

    return predict


def test_misra1a_of_nist():
    x, y = MISRA1A.T
    parameters = [Parameter("b1", 1.0, 2000.0), Parameter("b2", 1e-6, 1e-2, is_log=True)]
    found = fit(problem(parameters, y), each(lambda a, b: a * (1 - np.exp(-b * x))), Options(step=1e-4))
    np.testing.assert_allclose(found.values, [238.94212918, 5.5015643181e-4], rtol=1e-7)
    assert found.sigmas[0] == pytest.approx(0.10187876330, rel=1e-8)
    errors = found.curvature.errors * [1.0, 5.5015643181e-4]
    np.testing.assert_allclose(errors, [2.7070075241, 7.2668688436e-6], rtol=1e-6)
    assert found.curvature.freedoms.tolist() == pytest.approx([12.0, 12.0])
    # The profile is nearly that of linear theory, and says where it is not: b1 reaches farther up than down.
    (low, high), _ = found.intervals
    assert stats.t.ppf(0.975, 12) * 2.7070075 == pytest.approx((high - low) / 2, rel=0.01)
    assert high - found.values[0] > found.values[0] - low
    assert any("strongly correlated (-0.999)" in text for text in doubts(found))


def ratio(y):
    return lambda a, b, c, d, e, f, g: (a + b * y + c * y**2 + d * y**3) / (1 + e * y + f * y**2 + g * y**3)


def test_thurber_of_nist():
    y, x = THURBER.T
    certified = [1288.1396800, 1491.0792535, 583.23836877, 75.416644291, 0.96629502864, 0.39797285797, 0.049727297349]
    wide = [(1000, 1600), (800, 2000), (200, 1000), (20, 150), (0.3, 1.5), (0.1, 0.8), (0.01, 0.1)]
    parameters = [Parameter(f"b{i}", *bounds) for i, bounds in enumerate(wide)]
    found = fit(problem(parameters, y), each(ratio(x)), Options(step=1e-4, starts=3, has_profiles=False))
    np.testing.assert_allclose(found.values, certified, rtol=1e-5)
    assert found.sigmas[0] == pytest.approx(13.714600784, rel=1e-7)


TIMES = np.linspace(0.0, 10.0, 21)


def decay(a, k):
    return a * np.exp(-k * TIMES)


def test_stated_deviations_give_gaussian_intervals():
    rng = np.random.default_rng(1)
    y = decay(2.0, 0.3) + rng.normal(0.0, 0.02, len(TIMES))
    parameters = [Parameter("a", 0.1, 10.0), Parameter("k", 0.01, 3.0, is_log=True)]
    found = fit(problem(parameters, y, 0.02), each(decay))
    assert found.sigmas == {}
    assert np.isinf(found.curvature.freedoms).all()
    jacobian = np.column_stack([np.exp(-0.3 * TIMES), -2.0 * TIMES * np.exp(-0.3 * TIMES)]) / 0.02
    expected = np.sqrt(np.diag(np.linalg.inv(jacobian.T @ jacobian)))
    np.testing.assert_allclose(found.curvature.errors * [1.0, found.values[1]], expected, rtol=0.03)
    assert np.all((found.intervals[:, 0] < [2.0, 0.3]) & (found.intervals[:, 1] > [2.0, 0.3]))
    assert doubts(found) == ()


def test_deviations_of_several_signals_are_estimated():
    rng = np.random.default_rng(2)
    y = np.concatenate([decay(2.0, 0.3) + rng.normal(0, 0.05, 21), 1 / decay(2.0, 0.3) + rng.normal(0, 0.2, 21)])
    parameters = [Parameter("a", 0.1, 10.0), Parameter("k", 0.01, 3.0)]
    model = each(lambda a, k: np.concatenate([decay(a, k), 1 / decay(a, k)]))
    found = fit(problem(parameters, y, groups=np.repeat([0, 1], 21)), model)
    assert found.sigmas == pytest.approx({0: 0.05, 1: 0.2}, rel=0.35)
    np.testing.assert_allclose(found.values, [2.0, 0.3], rtol=0.05)
    assert np.all((found.curvature.freedoms > 19.9) & (found.curvature.freedoms <= 40.1))


def test_a_product_of_parameters_cannot_be_told_apart():
    parameters = [
        Parameter("a", 0.1, 10.0, is_log=True),
        Parameter("b", 0.1, 10.0, is_log=True),
        Parameter("k", 0.01, 3.0),
    ]
    found = fit(problem(parameters, decay(2.0, 0.3), 0.02), each(lambda a, b, k: decay(a * b, k)))
    assert found.curvature.undetermined == ((0, 1),)
    assert np.isnan(found.curvature.errors[:2]).all()
    assert found.values[2] == pytest.approx(0.3, rel=1e-6)
    assert any(text.startswith("The data determine only a combination of a and b") for text in doubts(found))
    assert np.isinf(found.intervals[:2]).any()
    told = [text for text in doubts(found) if "comes from the range of" in text]
    # With b at the end of its range, a = 2 / 10 less what the deviation allows, and the other way round.
    for low, _ in found.intervals[:2]:
        assert not np.isfinite(low) or low == pytest.approx(0.2, rel=0.02)
    assert len(told) == np.isfinite(found.intervals[:2]).sum() > 0


def test_a_parameter_without_effect_is_told():
    parameters = [Parameter("a", 0.1, 10.0), Parameter("idle", 0.0, 1.0)]
    found = fit(problem(parameters, decay(2.0, 0.3), 0.02), each(lambda a, idle: decay(a, 0.3)))
    assert found.values[0] == pytest.approx(2.0, rel=1e-8)
    assert (
        doubts(found)[0]
        == "idle has no effect on what was measured: the data cannot tell it. Leave it out of the factors."
    )


def test_a_profile_that_is_open_on_one_side_is_told():
    # Saturated: any rate that is fast enough fits as well.
    times = np.linspace(1.0, 10.0, 10)
    parameters = [Parameter("level", 0.1, 10.0), Parameter("rate", 0.1, 1e3, is_log=True)]
    rng = np.random.default_rng(3)
    y = 1.0 + rng.normal(0.0, 0.05, 10)
    found = fit(problem(parameters, y, 0.05), each(lambda a, k: a * (1 - np.exp(-k * times))))
    assert np.isinf(found.intervals[1, 1])
    assert found.intervals[1, 0] > 0.5
    assert any("The data give rate no upper limit" in text for text in doubts(found))


def test_a_parameter_at_its_bound_is_told():
    parameters = [Parameter("a", 0.1, 1.5, unit="g/L"), Parameter("k", 0.01, 3.0)]
    found = fit(problem(parameters, decay(2.0, 0.3), 0.02), each(decay))
    assert found.values[0] == pytest.approx(1.5, rel=1e-4)
    assert any(text.startswith("a is at the upper end of its range, 1.5 g/L") for text in doubts(found))


def test_a_prior_helps_where_data_cannot_tell():
    known = Parameter("a", 0.1, 10.0, is_log=True, prior=(0.0, 0.1))
    parameters = [known, Parameter("b", 0.1, 10.0, is_log=True), Parameter("k", 0.01, 3.0)]
    found = fit(problem(parameters, decay(2.0, 0.3), 0.02), each(lambda a, b, k: decay(a * b, k)))
    np.testing.assert_allclose(found.values, [1.0, 2.0, 0.3], rtol=1e-5)
    assert found.curvature.undetermined == ()
    assert found.curvature.errors[0] == pytest.approx(0.1, rel=1e-6)


def test_runs_that_fail_are_kept_away_from():
    def fragile(a, k):
        if k > 1.0 or a > 4.0:
            raise ZeroDivisionError
        return decay(a, k)

    parameters = [Parameter("a", 0.1, 10.0), Parameter("k", 0.01, 3.0, is_log=True)]
    found = fit(problem(parameters, decay(3.9, 0.9), 0.1), each(fragile), Options(starts=8))
    np.testing.assert_allclose(found.values, [3.9, 0.9], rtol=1e-4)
    assert found.n_starts_failed > 0
    assert any("starts could not be run" in text for text in doubts(found))
    assert any("points could not be run" in text for text in doubts(found))


def test_where_nothing_can_be_run_the_fit_says_so():
    with pytest.raises(StudyError, match="None of the 5 points from which the fit could begin gives a value"):
        fit(problem([Parameter("a", 0.0, 1.0)], [1.0, 2.0]), lambda points: np.full((len(points), 2), np.nan))


def test_the_best_of_several_starts_is_taken():
    times = np.linspace(0, 10, 60)
    parameters = [Parameter("frequency", 0.5, 6.0)]
    found = fit(problem(parameters, np.sin(3.3 * times), 0.1), each(lambda w: np.sin(w * times)), Options(starts=30))
    assert found.values[0] == pytest.approx(3.3, rel=1e-6)
    assert len({round(chi2, 3) for _, chi2 in found.optima}) > 1


def test_the_same_seed_asks_the_same_points():
    def asked():
        points = []

        def predict(batch):
            points.append(batch)
            return each(decay)(batch)

        parameters = [Parameter("a", 0.1, 10.0), Parameter("k", 0.01, 3.0)]
        fit(problem(parameters, decay(2.0, 0.3) + 0.01 * np.sin(7 * TIMES)), predict)
        return points

    for first, second in zip(asked(), asked(), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.slow
@pytest.mark.parametrize("deviation", [0.05, None], ids=["stated", "estimated"])
def test_intervals_cover_the_truth_as_often_as_they_say(deviation):
    rng = np.random.default_rng(20)
    parameters = [Parameter("a", 0.1, 10.0), Parameter("k", 0.01, 3.0, is_log=True)]
    n, covered = 400, np.zeros(2)
    for _ in range(n):
        y = decay(2.0, 0.3) + rng.normal(0.0, 0.05, len(TIMES))
        found = fit(problem(parameters, y, deviation), each(decay), Options(starts=1))
        covered += (found.intervals[:, 0] < [2.0, 0.3]) & (found.intervals[:, 1] > [2.0, 0.3])
    for count in covered:
        assert stats.binomtest(int(count), n, 0.95).pvalue > 0.005, covered / n
