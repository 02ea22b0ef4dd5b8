"""Factors and responses checked against the scenario before the first run."""

import numpy as np
import pytest
from study_project import run_linear

from cosim.errors import CosimError

A = "f.a: {from: 0, to: 1}"


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("f.q: {from: 0, to: 1}", r"trial.yaml:4: Factor 'f.q': there is no variable 'q' in 'f'"),
        ("g.a: {from: 0, to: 1}", r"Factor 'g.a': there is no component 'g'"),
        ("nonsense: {from: 0, to: 1}", "'nonsense' cannot be a factor. Write 'component.variable'"),
        ("f.a: {from: 1, to: 1}", r"Factor 'f.a': its range from 1 to 1 has no width"),
        ("f.a: {from: 1, to: 0}", r"its range from 1 to 0 goes downwards. Swap the two"),
        ("f.a: {from: 0 L, to: 1 L}", r"\[L\] is a unit, and the model states none for it"),
        ("f.a: {from: 0}", "a uniform distribution lacks 'to'; it has from, to"),
        ("f.a: {mean: 0}", "a normal distribution lacks 'sd'"),
        ("f.a: {mean: 0, sd: 0}", "its sd is 0; it should be above 0"),
        ("f.a: {median: 1, gsd: 0.9}", "its gsd is 0.9; it should be above 1"),
        ("f.a: {median: 0, gsd: 2}", "its 'median' is 0; a logarithm needs a value above zero"),
        ("f.a: {distribution: log_uniform, from: 0, to: 2}", "a logarithm needs a value above zero"),
        ("f.a: {distribution: triangular, from: 0, mode: 3, to: 2}", "its mode, 3, lies outside its range"),
        ("f.a: {distribution: unifrom, from: 0, to: 2}", r"there is no distribution 'unifrom'.*'uniform'\?"),
        ("f.a: {}", "it says not how it varies"),
        ("f.a: {from: nothing, to: 2}", "'nothing' is not a quantity"),
        ("f.a: {values: [1, 1]}", "its 'values' should be two or more, all different"),
        ("f.a: {values: [1, 2], from: 0}", "it has 'values' and 'from'. Remove one of the two"),
        ("f.y: {from: 0, to: 1}", "its causality is output, not a parameter, input or start value"),
        ("f.u: {from: 0, to: 1}", r"'warm_up' sets it. Name that: 'phases.warm_up.set.f.u'"),
        ("phases.warm.duration: {from: 1 s, to: 2 s}", r"there is no phase 'warm'. Do you mean 'warm_up'\?"),
        ("phases.run.set.f.v: {from: 1, to: 2}", r"'f.v' is not set there. Do you mean 'f.u'\?"),
        ("phases.run.length: {from: 1, to: 2}", "'phases.run.length' cannot be a factor. Write"),
        ("phases.run.duration: {from: 1, to: 2}", r"its values have no unit. Write one that fits \[s\]"),
        ("phases.run.duration: {from: -1 s, to: 2 s}", "'-1 s' is below its minimum, 0 s"),
    ],
)
def test_a_factor_that_cannot_be_is_named(tmp_path, new, message):
    with pytest.raises(CosimError, match=message):
        run_linear(tmp_path, {A: new})


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("y: final(f.z)", r"trial.yaml:7: There is no variable 'z' in 'f'"),
        ("y: {value: final(f.y), unit: g/L}", r"Response 'y': 'final\(f.y\)' is in \[no unit\], not in \[g/L\]"),
        ("y: {value: end(run), unit: g/L}", r"'end\(run\)' is in \[s\], not in \[g/L\]"),
        ("y: end(stop)", "There is no phase 'stop'"),
        ("y: {value: final(f.y), at_least: 2, at_most: 1}", "its 'at_least' is not below its 'at_most'"),
        ("y: {value: end(run), unit: h, at_most: 1}", r"its limit '1' has no unit. Write one that fits \[h\]"),
        ("y: at(f.y, 1 h)", r"looks at 1 h, and the run ends at 5 s at the latest"),
        ("y: time(f.y)", "'f.y' is not one comparison"),
        ("y: time(f.y > f.t)", "compares two variables. Compare one with a quantity"),
    ],
)
def test_a_response_that_cannot_be_is_named(tmp_path, new, message):
    with pytest.raises(CosimError, match=message):
        run_linear(tmp_path, {"y: final(f.y)": new})


def test_all_problems_come_at_once(tmp_path):
    with pytest.raises(CosimError) as caught:
        run_linear(tmp_path, {A: "f.q: {from: 0, to: 1}", "f.b: {from: -1, to: 1}": "f.b: {from: 1, to: 1}"})
    assert [problem.location.line for problem in caught.value.problems] == [4, 5]
    assert not (tmp_path / "out").exists()


def test_a_factor_that_is_also_a_parameter_is_refused(tmp_path):
    with pytest.raises(CosimError, match=r"f.a is a factor and has a value under 'parameters'"):
        run_linear(tmp_path, {"scenario: linear.yaml": "scenario: linear.yaml\nparameters: {f.a: 1}"})


def test_correlations_that_cannot_hold_together_are_refused(tmp_path):
    text = "responses:"
    three = "  f.limit: {mean: 9, sd: 1}\ncorrelations:\n" + "".join(
        f"  - {{between: [{pair}], value: {value}}}\n"
        for pair, value in (("f.a, f.b", 0.9), ("f.b, f.limit", 0.9), ("f.a, f.limit", -0.9))
    )
    with pytest.raises(CosimError, match="cannot all hold together: their matrix is not positive definite"):
        run_linear(tmp_path, {text: three + text})
    with pytest.raises(CosimError, match=r"There is no factor 'f.c' to correlate"):
        run_linear(tmp_path, {text: "correlations:\n  - {between: [f.a, f.c], value: 0.5}\n" + text})


def test_phases_can_be_varied(tmp_path):
    factors = "phases.run.duration: {values: [1 s, 3 s]}\n  phases.run.set.f.u: {values: [1, 2]}"
    method = {"{name: latin_hypercube, runs: 8}": "full_factorial", "y: final(f.y)": "y: final(f.y)\n  last: end(run)"}
    frame = run_linear(tmp_path, {A: factors, "  f.b: {from: -1, to: 1}\n": "", **method}).to_dataframe()
    seconds, u = frame["phases.run.duration"], frame["phases.run.set.f.u"]
    np.testing.assert_allclose(frame["y"], 1.5 + 0.1 * u * (2 + seconds))
    np.testing.assert_allclose(frame["last"], (2 + seconds) / 3600.0)
