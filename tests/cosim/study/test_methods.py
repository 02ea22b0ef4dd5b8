"""What methods answer against what is known, through real studies of a real FMU.

The FMU evaluates a linear model and the function of Ishigami and Homma 1990 (doi:10.1109/ISUMA.1990.151285), whose
indices are known in closed form.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from study_project import run_linear
from verification.sensitivity import ishigami

import cosim

MODEL = """\
model Known "Two functions whose analysis is known"
  parameter Real x1 = 0;
  parameter Real x2 = 0;
  parameter Real x3 = 0;
  parameter Real limit = 100;
  input Boolean doubled(start = false);
  output Real ishigami = sin(x1) + 7*sin(x2)^2 + 0.1*x3^4*sin(x1);
  output Real linear = (if doubled then 2 else 1)*(10 + 3*x1 - 2*x2 + 0.5*x1*x2);
  output Real plain = 10 + 3*x1 - 2*x2 + 0*x3;
  output Real time_passed(start = 0, fixed = true);
equation
  assert(x1 <= limit, "x1 is beyond its limit");
  der(time_passed) = 1;
end Known;
"""
SCENARIO = """\
scenario: known
components:
  f: {source: modelica:Known}
phases:
  run: {active: [f], duration: 1 s, step: 1 s}
"""
PI = "3.141592653589793"
CIRCLES = "".join(f"  f.x{i}: {{from: -{PI}, to: {PI}}}\n" for i in (1, 2, 3))
UNITS = "".join(f"  f.x{i}: {{from: -1, to: 1}}\n" for i in (1, 2, 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    (folder / "Known.mo").write_text(MODEL)
    (folder / "known.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture
def ask(folder, tmp_path):
    """Run a study of the FMU; return its result."""

    def ask(factors, responses, method, more="", before="", seed=0):
        text = f"study: trial\nscenario: known.yaml\n{before}factors:\n{factors}{more}responses:\n{responses}"
        (folder / "trial.yaml").write_text(f"{text}method: {method}\nseed: {seed}\n")
        return cosim.study(folder / "trial.yaml", out=tmp_path / "out", workers=0)

    return ask


def indices(result, name):
    table = result.answer.table(f"sobol.{name}")
    return {row[0]: row[1:] for row in table.rows}


def test_sobol_indices_of_ishigami_within_their_confidence(ask):
    result = ask(CIRCLES, "  y: final(f.ishigami)\n", "{name: sobol, samples: 256}")
    assert len(result.rows) == 256 * 5
    for name, first, total in (("f.x1", 0.3139, 0.5576), ("f.x2", 0.4424, 0.4424), ("f.x3", 0.0, 0.2437)):
        s1, s1_half, st, st_half = indices(result, "y")[name]
        assert abs(s1 - first) < 1.5 * s1_half
        assert abs(st - total) < 1.5 * st_half
    assert "of the variance of y comes with f.x" in result.answer.verdict
    assert any("known to ±0." in warning for warning in result.answer.warnings)


@pytest.mark.slow
def test_sobol_indices_of_ishigami_at_2_to_14():
    """V21."""
    assert [check.what for check in ishigami({}) if not check.holds] == []


def test_sobol_leaves_out_blocks_with_runs_that_failed(ask):
    before = "parameters: {f.limit: 3}\n"
    result = ask(CIRCLES, "  y: final(f.ishigami)\n", "{name: sobol, samples: 128}", before=before)
    assert 0 < result.counts["failed"] < 200
    assert any("of 128 blocks are left out of 'y'" in warning for warning in result.answer.warnings)
    assert abs(indices(result, "y")["f.x2"][0] - 0.44) < 0.25


def test_a_response_that_does_not_vary_has_no_indices(ask):
    result = ask(CIRCLES, "  t: end(run)\n", "{name: sobol, samples: 16}")
    assert result.answer.verdict == "No response varies."
    assert "'t' does not vary" in result.answer.warnings[0]


def test_morris_finds_the_effects_of_a_linear_model_exactly(ask):
    result = ask(UNITS, "  y: final(f.plain)\n", "{name: morris, trajectories: 6}")
    rows = {row[0]: row[1:] for row in result.answer.table("morris.y").rows}
    np.testing.assert_allclose([rows[f"f.x{i}"][0] for i in (1, 2, 3)], [6.0, 4.0, 0.0], atol=1e-9)
    np.testing.assert_allclose([rows[f"f.x{i}"][2] for i in (1, 2, 3)], [6.0, -4.0, 0.0], atol=1e-9)
    np.testing.assert_allclose([row[3] for row in rows.values()], 0.0, atol=1e-9)
    assert len(result.rows) == 6 * 4


def test_morris_sees_interaction_in_the_spread_of_effects(ask):
    result = ask(UNITS, "  y: final(f.linear)\n", "{name: morris, trajectories: 30}")
    rows = {row[0]: row[1:] for row in result.answer.table("morris.y").rows}
    assert rows["f.x1"][3] > 0.3
    assert rows["f.x3"][3] == pytest.approx(0.0, abs=1e-9)


def test_factorial_effects_of_a_linear_model_are_exact(ask):
    result = ask(UNITS, "  y: final(f.linear)\n", "full_factorial")
    rows = dict(result.answer.table("effects.y").rows)
    assert len(result.rows) == 8
    assert rows["f.x1"] == pytest.approx(6.0)
    assert rows["f.x2"] == pytest.approx(-4.0)
    assert rows["f.x1 × f.x2"] == pytest.approx(1.0)
    assert rows["f.x3"] == pytest.approx(0.0, abs=1e-12)
    assert next(iter(rows)) == "f.x1"


def test_a_categorical_factor_in_a_factorial(ask):
    factors = "  f.x1: {from: -1, to: 1}\n  f.doubled: {values: [false, true]}\n"
    result = ask(factors, "  y: final(f.linear)\n", "{name: full_factorial, levels: 3}")
    frame = result.to_dataframe()
    assert len(frame) == 6
    factor = frame["f.doubled"].map({"false": 1.0, "true": 2.0})
    np.testing.assert_allclose(frame["y"], factor * (10 + 3 * frame["f.x1"]))
    assert dict(result.answer.table("effects.y").rows)["f.doubled"] == pytest.approx(10.0)


def test_monte_carlo_of_a_linear_model_against_its_closed_form(ask):
    """Y = 10 + 3 x1 − 2 x2 with correlated normal factors is normal with known mean and variance."""
    factors = "  f.x1: {mean: 1, sd: 0.5}\n  f.x2: {mean: 2, sd: 0.25}\n"
    more = "correlations:\n  - {between: [f.x1, f.x2], value: 0.6}\n"
    responses = "  y: {value: final(f.plain), at_least: 7, at_most: 12}\n"
    result = ask(factors, responses, "{name: monte_carlo, runs: 4000}", more)
    mean, sd = 9.0, np.sqrt(9 * 0.25 + 4 * 0.0625 - 2 * 6 * 0.6 * 0.5 * 0.25)
    frame, n = result.to_dataframe(), 4000
    assert abs(frame["y"].mean() - mean) < 3.3 * sd / np.sqrt(n)
    assert abs(frame["y"].std() / sd - 1) < 3.3 / np.sqrt(2 * n)
    assert abs(np.corrcoef(frame["f.x1"], frame["f.x2"])[0, 1] - 0.6) < 3.3 * (1 - 0.36) / np.sqrt(n)
    rows = {row[0]: row[1:] for row in result.answer.table("capability.y").rows}
    share = stats.norm.cdf(7, mean, sd) + stats.norm.sf(12, mean, sd)
    assert rows["share out of specification"][1] < share < rows["share out of specification"][2]
    ppk = (mean - 7) / (3 * sd)
    assert rows["Ppk"][1] < ppk < rows["Ppk"][2]
    assert rows["Cpk"][0] == pytest.approx(ppk, rel=0.05)
    assert not result.answer.warnings


def test_monte_carlo_says_when_capability_means_little(ask):
    factors = "  f.x3: {from: 1, to: 3}\n  f.x1: {from: 0, to: 3}\n"
    responses = "  y: {value: final(f.ishigami), at_most: 5}\n  z: {value: final(f.plain), at_most: 15}\n"
    result = ask(factors, responses, "{name: monte_carlo, runs: 400}")
    assert any("'y' is not normally distributed" in warning for warning in result.answer.warnings)
    n, of, share, low, high = result.answer.table("all_specifications").rows[0]
    frame = result.to_dataframe()
    assert n == ((frame["y"] <= 5) & (frame["z"] <= 15)).sum()
    assert low < share == n / of < high
    assert f"{n} of 400 runs meet all specifications" in result.answer.verdict
    assert result.answer.sections[0].key == "all_specifications"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"runs: 8}": "run: 8}"}, "Method 'latin_hypercube' has no option 'run'. Do you mean 'runs'"),
        ({"runs: 8}": "runs: 1}"}, "'runs' is '1'; it should be a whole number from 2 on"),
        ({"latin_hypercube, runs: 8": "latin_cube"}, "There is no method 'latin_cube'; .*'latin_hypercube'"),
        ({"latin_hypercube, runs: 8": "sobol_sequence, runs: 100"}, "even at powers of two only. Write 128"),
        ({"latin_hypercube, runs: 8": "sobol, samples: 100"}, "'samples' is 100; .* Write 128"),
        ({"latin_hypercube, runs: 8": "morris, levels: 5"}, "'levels' is 5; it should be even"),
        (
            {"latin_hypercube, runs: 8": "morris", "f.a: {from: 0, to: 1}": "f.a: {mean: 0, sd: 1}"},
            "trial.yaml:8: Method 'morris' goes to the ends of ranges, and f.a has none. Give from and to",
        ),
        (
            {"latin_hypercube, runs: 8": "full_factorial, levels: 2000"},
            "2 factors have 4,000,000 combinations of levels",
        ),
        ({"latin_hypercube, runs: 8": "table"}, "Method 'table' has no 'file'"),
        ({"latin_hypercube, runs: 8": "table, file: none.csv"}, "There is no table of runs '.*none.csv'"),
        (
            {"responses:": "correlations:\n  - {between: [f.a, f.b], value: 0.5}\nresponses:"},
            "Method 'latin_hypercube' takes factors as independent. Remove 'correlations', or use monte_carlo",
        ),
    ],
)
def test_a_method_that_cannot_be_used_is_refused_before_the_first_run(tmp_path, changes, message):
    with pytest.raises(cosim.CosimError, match=message):
        run_linear(tmp_path, changes)
    assert not (tmp_path / "out").exists()


def test_a_categorical_factor_is_refused_by_sobol(folder, ask):
    factors = "  f.x1: {from: -1, to: 1}\n  f.doubled: {values: [false, true]}\n"
    with pytest.raises(
        cosim.CosimError, match=r"Method 'sobol' needs numbers, and f.doubled is categorical. Leave it out"
    ):
        ask(factors, "  y: final(f.linear)\n", "sobol")
    with pytest.raises(cosim.CosimError, match=r"Factor 'f.doubled': it is a Boolean. List what it may be"):
        ask("  f.doubled: {from: 0, to: 1}\n", "  y: final(f.linear)\n", "sobol")


def test_a_table_of_runs(tmp_path):
    (tmp_path / "runs.csv").write_text("f.b,f.a,note\n0.5,0.25,first\n-1,1,\n")
    frame = run_linear(tmp_path, {"latin_hypercube, runs: 8": "table, file: runs.csv"}).to_dataframe()
    expected = pd.DataFrame({"f.a": [0.25, 1.0], "f.b": [0.5, -1.0]}, index=pd.Index([0, 1], name="run"))
    pd.testing.assert_frame_equal(frame[["f.a", "f.b"]], expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f.a\n1\n", "has no column 'f.b'"),
        ("f.a,f.b\n", "has no rows"),
        ("f.a,f.b\n0.5,x\n", r"runs.csv:2: 'x' is not a quantity"),
        ("f.a,f.b\n0.5,7\n", r"runs.csv:2: f.b is '7', outside its range of -1 to 1"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path, text, message):
    (tmp_path / "runs.csv").write_text(text)
    with pytest.raises(cosim.CosimError, match=message):
        run_linear(tmp_path, {"latin_hypercube, runs: 8": "table, file: runs.csv"})


def test_points_fill_every_stratum(tmp_path):
    frame = run_linear(tmp_path, {"latin_hypercube, runs: 8": "sobol_sequence, runs: 16"}).to_dataframe()
    assert sorted(np.floor(frame["f.a"] * 16).astype(int)) == list(range(16))


def test_a_fraction_tells_the_same_effects_from_fewer_runs(ask):
    factors = "".join(f"  f.x{i}: {{from: -1, to: 1}}\n" for i in (1, 2, 3)) + "  f.doubled: {values: [false, true]}\n"
    result = ask(factors, "  y: final(f.plain)\n", "fractional_factorial")
    rows = dict(result.answer.table("effects.y").rows)
    assert len(result.rows) == 8
    assert [rows[f"f.x{i}"] for i in (1, 2, 3)] == pytest.approx([6.0, -4.0, 0.0])
    assert rows["f.doubled"] == pytest.approx(0.0)
    assert "Interactions of two factors are mixed with each other" in result.answer.warnings[0]


def test_a_central_composite_design_gives_a_quadratic_surface_exactly(ask):
    result = ask(UNITS, "  y: final(f.linear)\n", "{name: central_composite, face: inscribed}")
    assert len(result.rows) == 8 + 6 + 1
    assert result.to_dataframe()[["f.x1", "f.x2", "f.x3"]].abs().max().max() == 1.0
    rows = dict(result.answer.table("surface.y").rows)
    assert rows["f.x1"] == pytest.approx(3.0)
    assert rows["f.x2"] == pytest.approx(-2.0)
    assert rows["f.x1 × f.x2"] == pytest.approx(0.5)
    assert rows["f.x3²"] == pytest.approx(0.0, abs=1e-9)
    assert "explain 100.0% of the variance of y" in result.answer.verdict
    assert "y over f.x1 and f.x2" in (result.folder / "study.html").read_text()


def test_a_surface_that_does_not_fit_is_doubted(ask):
    result = ask(CIRCLES, "  y: final(f.ishigami)\n", "central_composite")
    assert any("of its variance only" in warning for warning in result.answer.warnings)


@pytest.mark.parametrize(
    ("method", "factors", "message"),
    [
        ("fractional_factorial", "  f.x1: {values: [1, 2, 3]}\n  f.x2: {from: 0, to: 1}\n", "f.x1 has more"),
        ("fractional_factorial", "  f.x1: {from: 0, to: 1}\n", "There is no fraction of resolution 4 for 1 factors"),
        ("central_composite", "  f.x1: {from: 0, to: 1}\n", "1 factors are too few or too many: from 2 to 12"),
        (
            "central_composite",
            "  f.x1: {values: [1, 2]}\n  f.x2: {from: 0, to: 1}\n",
            "needs ranges, and f.x1 is a list",
        ),
        ("{name: central_composite, face: inward}", UNITS, "'face' is 'inward'; it should be one of faced, inscribed"),
    ],
)
def test_a_design_that_cannot_be_is_refused(ask, method, factors, message):
    with pytest.raises(cosim.CosimError, match=message):
        ask(factors, "  y: final(f.linear)\n", method)
