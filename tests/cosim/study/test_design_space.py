"""Design spaces of a linear FMU against their closed forms: planes, and Φ where noise is normal."""

import numpy as np
import pytest
from scipy import stats
from study_project import run_linear

import cosim
from cosim.study.design_space.contours import crossings
from cosim.study.design_space.surfaces import best_fit
from cosim.study.gaussian_process import _cost, fit_process

MODEL = """\
model Planes "Two planes and a bend"
  parameter Real a = 0;
  parameter Real b = 0;
  parameter Real c = 0;
  parameter Real e = 0;
  parameter Real limit = 100;
  output Real y = 10 + 3*a - 2*b + c + e;
  output Real z = a + b;
  output Real bent = sin(3*a) + 0.5*cos(2*b)*a + c;
  output Real wild = sin(40*a + 31*b);
  output Real passed(start = 0, fixed = true);
equation
  assert(a <= limit, "a is beyond its limit");
  der(passed) = 1;
end Planes;
"""
SCENARIO = """\
scenario: planes
components:
  f: {source: modelica:Planes}
phases:
  run: {active: [f], duration: 1 s, step: 1 s}
"""
A = "  f.a: {from: -1, to: 1}\n"
B = "  f.b: {from: -1, to: 1}\n"
NOISE = "  f.c: {mean: 0, sd: 0.5}\n"
Y = "  y: {value: final(f.y), at_least: 9}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planes")
    (folder / "Planes.mo").write_text(MODEL)
    (folder / "planes.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture
def ask(folder, tmp_path):
    """Run a study of the FMU; return its result."""

    def ask(factors, responses, options="", before="", more=""):
        text = f"study: trial\nscenario: planes.yaml\n{before}factors:\n{factors}{more}responses:\n{responses}"
        (folder / "trial.yaml").write_text(f"{text}method: {{name: design_space{options}}}\n")
        return cosim.study(folder / "trial.yaml", out=tmp_path / "out", workers=0)

    return ask


def table(result, key):
    return {row[0]: row[1:] for row in result.answer.table(key).rows}


def test_a_plane_without_noise_ends_where_it_should(ask):
    """3 a − 2 b ≥ −1, from the set point (0, 0)."""
    result = ask(A + B, Y, ", levels: 5")
    assert len(result.rows) == 25
    a, b = table(result, "design_space").values()
    assert a[1:5] == (pytest.approx(-1 / 3, abs=1e-9), 1.0, "y", "as studied")
    assert b[1:5] == (-1.0, pytest.approx(0.5, abs=1e-9), "as studied", "y")
    assert a[5:] == (pytest.approx(0.0, abs=0.04), 1.0)
    assert b[5:] == (-1.0, pytest.approx(0.5, abs=0.04))
    probability, low, high, distance, *point = table(result, "edge_of_failure")["y"]
    assert (probability, high) == (1.0, 1.0)
    assert low < 0.03
    assert distance == pytest.approx(1 / np.hypot(6, 4), rel=0.01)
    assert 3 * point[0] - 2 * point[1] == pytest.approx(-1.0, abs=1e-9)
    for row in result.answer.table("grid").rows:
        assert row[2] == (3 * row[0] - 2 * row[1] >= -1)
    assert "67% of the ranges studied" in result.answer.verdict  # 8/3 of 4
    assert "met at the set point. The nearest edge of failure is that of y" in result.answer.verdict
    assert "No factor scatters" in result.answer.warnings[0]


def check_normal(result, n, tolerance):
    """Y = 10 + 3 a + c with c normal: P(y ≥ 9) = Φ((1 + 3 a)/0.5)."""
    outside = 0
    for a, _, low, high, *_ in result.answer.table("grid").rows:
        outside += not low <= stats.norm.cdf((1 + 3 * a) / 0.5) <= high
    assert outside <= 1
    proven = table(result, "design_space")["f.a"]
    expected = (0.5 * stats.norm.ppf(0.9) - 1) / 3
    quantile_sd = np.sqrt(0.9 * 0.1 / n) / stats.norm.pdf(stats.norm.ppf(0.9)) * 0.5 / 3
    assert abs(proven[1] - expected) < 3.3 * quantile_sd + tolerance
    assert proven[2:5] == (1.0, "y", "as studied")


def test_normal_noise_gives_the_normal_distribution(ask):
    result = ask(A + NOISE, Y, ", levels: 5, draws: 400")
    assert len(result.rows) == 5 * 400
    frame = result.to_dataframe()
    assert frame.groupby("f.a")["f.c"].apply(tuple).nunique() == 1  # the same draws at every point
    check_normal(result, 400, 1e-9)
    assert not result.answer.warnings
    assert "y alone" in (result.folder / "study.html").read_text()


@pytest.mark.parametrize("surface", ["quadratic", "gaussian_process", "best"])
def test_a_surface_gives_the_same_from_few_runs(ask, surface):
    result = ask(A + NOISE, Y, f", surface: {surface}, samples: 32, draws: 5000")
    assert len(result.rows) == 32
    check_normal(result, 5000, 1e-3)
    kind, error, explained = table(result, "surfaces")["y"]
    assert kind == ("gaussian process" if surface == "gaussian_process" else "quadratic")
    assert error < 1e-2
    assert explained > 0.9999


def test_correlated_noise_counts_with_its_correlation(ask):
    factors = f"{A}{NOISE}  f.e: {{mean: 0, sd: 0.5}}\n"
    more = "correlations:\n  - {between: [f.c, f.e], value: -0.9}\n"
    result = ask(factors, Y, ", surface: quadratic, samples: 64, draws: 5000", more=more)
    spread = np.sqrt(2 * 0.25 * (1 - 0.9))
    for a, _, low, high, *_ in result.answer.table("grid").rows:
        assert low - 1e-3 <= stats.norm.cdf((1 + 3 * a) / spread) <= high + 1e-3


def test_two_specifications_and_three_factors(ask):
    """0 ≤ 10 + 3 a − 2 b + c − 9 and a + b ≤ 0.5: each with its own edge."""
    factors = f"{A}{B}  f.c: {{from: -0.5, to: 0.5, set_point: 0.25}}\n"
    result = ask(factors, f"{Y}  z: {{value: final(f.z), at_most: 0.5}}\n", ", levels: 3")
    assert len(result.rows) == 3 * 3 * 4  # the set point is a level
    proven = table(result, "design_space")
    assert proven["f.a"][:5] == (
        0.0,
        pytest.approx(-1.25 / 3, abs=1e-9),
        pytest.approx(0.5, abs=1e-9),
        "y",
        "z",
    )
    assert proven["f.c"][:5] == (0.25, -0.5, 0.5, "as studied", "as studied")
    edges = table(result, "edge_of_failure")
    assert edges["z"][3] == pytest.approx(0.5 / np.hypot(2, 2), rel=0.02)
    assert edges["all at once"][3] == pytest.approx(min(edges["y"][3], edges["z"][3]), rel=0.02)
    (lows, highs) = zip(*(row[5:] for row in proven.values()), strict=True)
    assert 1 + 3 * lows[0] - 2 * highs[1] + lows[2] >= -1e-9  # the worst corner of the box
    assert highs[0] + highs[1] <= 0.5 + 1e-9
    page = (result.folder / "study.html").read_text()
    assert page.count('class="panel-name mid') == 5
    assert page.count('class="panel-name mid set"') == 1


def test_a_set_point_that_fails_has_no_ranges(ask):
    result = ask("  f.a: {from: -1, to: 1, set_point: -0.5}\n" + B, Y, ", levels: 3")
    assert table(result, "design_space")["f.a"] == (-0.5, *(None,) * 6)
    assert table(result, "edge_of_failure")["y"][:1] == (0.0,)
    assert table(result, "edge_of_failure")["y"][3:] == (0.0, -0.5, 0.0)
    assert "not met at the set point, where y is met too seldom" in result.answer.verdict


def test_a_list_of_values_is_a_factor_too(ask):
    result = ask("  f.a: {values: [-1, 0, 1], set_point: 1}\n" + B, Y, ", levels: 5")
    assert len(result.rows) == 15
    assert table(result, "design_space")["f.a"][:5] == (1.0, 0.0, 1.0, "y", "as studied")
    assert "3 a" not in result.answer.verdict


def test_runs_that_fail_count_as_out_of_specification(ask):
    result = ask(A, Y, ", levels: 5", before="parameters: {f.limit: 0.6}\n")
    assert result.counts["failed"] == 1
    assert result.answer.table("grid").rows[-1][1] == 0.0
    proven = table(result, "design_space")["f.a"]
    assert 0.5 <= proven[2] < 1.0
    assert "1 of 5 runs gave no value for 'y': they count as out of specification." in result.answer.warnings


def test_a_bend_needs_a_process_and_noise_on_top_is_told(ask):
    responses = "  bent: {value: final(f.bent), at_least: 0}\n"
    result = ask(A + B + NOISE, responses, ", surface: best, samples: 64, draws: 2000")
    kind, error, explained = table(result, "surfaces")["bent"]
    assert (kind, explained > 0.99) == ("gaussian process", True)
    for a, b, share, *_ in result.answer.table("grid").rows:
        expected = stats.norm.cdf((np.sin(3 * a) + 0.5 * np.cos(2 * b) * a) / np.hypot(0.5, error))
        assert share == pytest.approx(expected, abs=0.06)


def test_a_surface_that_does_not_fit_gives_no_design_space(ask):
    result = ask(A + B, "  w: {value: final(f.wild), at_least: 0}\n", ", surface: best, samples: 32")
    assert "No design space: the surface of w predicts less than 90% of the variance" in result.answer.verdict
    assert [section.key for section in result.answer.sections] == ["surfaces", "statistics"]
    assert result.status == "completed"


def test_the_process_predicts_runs_left_out(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (25, 2))
    y = np.sin(2 * x[:, 0]) + x[:, 1] ** 2 + 0.05 * rng.standard_normal(25)
    process = fit_process(x, y)
    np.testing.assert_allclose(process(x[:, :1], x[:, 1:]).diagonal(), process(x, np.empty((1, 0)))[:, 0])
    assert np.sqrt(np.mean(process.missed**2)) == pytest.approx(0.05, rel=0.9)
    assert best_fit("gaussian_process", x[:5], y[:5]) is None


def test_the_slope_of_the_likelihood_is_that_of_its_values():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (12, 2))
    y = np.sin(2 * x[:, 0]) + x[:, 1]
    squares = [(x[:, i, None] - x[None, :, i]) ** 2 for i in range(2)]
    at = np.log([0.7, 2.0, 1e-3])
    _, slope = _cost(at, squares, y)
    steps = 1e-5 * np.eye(3)
    found = [(_cost(at + step, squares, y)[0] - _cost(at - step, squares, y)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(slope, found, rtol=1e-5, atol=1e-6)


def test_contours_of_a_saddle_hang_together_as_the_middle_says():
    ends = np.array([0.0, 1.0])
    for middle, isolated in ((0.5, (0.0, 1.0)), (-0.5, (0.0, 0.0))):
        values = np.array([[1.0, -1.0], [-1.0, 1.0]]) + middle / 2
        for (ax, ay), (bx, by) in crossings(ends, ends, values):
            corner = (round((ax + bx) / 2), round((ay + by) / 2))
            assert (corner[0] + corner[1]) % 2 == (isolated[0] + isolated[1]) % 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "No response has a specification. Write 'at_least' or 'at_most'"),
        ({"f.a: {from: 0, to: 1}": "f.a: {mean: 0, sd: 1}", "{from: -1, to: 1}": "{mean: 0, sd: 1}"}, "0 factors have"),
        ({"f.a: {from: 0, to: 1}": "f.a: {from: 0, to: 1, set_point: 2}"}, "its set_point, 2, lies outside its range"),
        ({"f.a: {from: 0, to: 1}": "f.a: {mean: 0, sd: 1, set_point: 0}"}, "it has a 'set_point' and no range"),
        ({"f.a: {from: 0, to: 1}": "f.a: {values: [1, 2], set_point: 1.5}"}, "its set_point, 1.5, is none of its val"),
        ({"runs: 8": "levels: 2"}, "'levels' is '2'; it should be a whole number from 3"),
        ({"runs: 8": "surface: plane"}, "'surface' is 'plane'; it should be one of none, best, quadratic"),
        ({"runs: 8": "surface: best, samples: 100"}, "'samples' is 100; .* Write 128"),
        (
            {
                "runs: 8": "levels: 200, draws: 1000",
                "responses:": "  f.limit: {mean: 5, sd: 0.1}\nresponses:",
                "final(f.y)": "{value: final(f.y), at_most: 1}",
            },
            "40,401,000 runs are too many. Take fewer levels or draws, or 'surface: best'",
        ),
        (
            {"responses:": "correlations:\n  - {between: [f.a, f.b], value: 0.5}\nresponses:"},
            "f.a, f.b is set, and correlated with another factor. Remove the correlation",
        ),
    ],
)
def test_a_design_space_that_cannot_be_is_refused(tmp_path, changes, message):
    changes = {"latin_hypercube": "design_space", **changes}
    if "runs: 8" not in changes:
        changes["runs: 8"] = "levels: 4"
    with pytest.raises(cosim.CosimError, match=message):
        run_linear(tmp_path, changes)
    assert not (tmp_path / "out").exists()
