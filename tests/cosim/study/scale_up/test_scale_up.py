"""Scale-up against closed forms of the criteria, the spread of a linear prediction, and a truth that is known."""

import math

import numpy as np
import pytest

import cosim
from cosim.errors import CosimError

MODEL = """\
model Vessel "Stirred and sparged; transfer in proportion to K"
  parameter Real N(unit = "1/s", min = 0) = 4;
  parameter Real d(unit = "m") = 0.05;
  parameter Real T(unit = "m") = 0.12;
  parameter Real V(unit = "m3") = 0.002;
  parameter Real gas(unit = "m3/s") = 3.2e-7;
  parameter Real K = 1;
  parameter Real start(unit = "1") = 1;
  output Real power(unit = "W/m3") = 2979*N^3*d^5/V;
  output Real tip(unit = "m/s") = 3.141592653589793*N*d;
  output Real v(unit = "m/s") = 4*gas/(3.141592653589793*T^2);
  output Real kLa(unit = "1/s") = K*0.026*power^0.4*v^0.5;
  output Real mixing(unit = "s") = 5.9*T^(2/3)*(power/993)^(-1/3)*(d/T)^(-1/3);
  output Real oxygen(unit = "1", start = start, fixed = true);
equation
  der(oxygen) = kLa*(1 - oxygen);
end Vessel;
"""
SCENARIO = """\
scenario: vessel
components:
  r: {source: modelica:Vessel}
phases:
  run: {active: [r], duration: 1 h, step: 10 min}
"""
STUDY = """\
study: scale
scenario: vessel.yaml
factors:
  r.K: {from: 0.1, to: 10, distribution: log_uniform}
responses:
  transfer: {value: final(r.kLa), at_least: 2 1/h}
  mixing: {value: final(r.mixing), at_most: 60 s}
scale_up:
  small: {r.d: 5 cm, r.T: 12 cm, r.V: 2 L, r.gas: 3.2e-7 m3/s, r.N: 4 1/s}
  large: {r.d: 50 cm, r.T: 120 cm, r.V: 2000 L, r.gas: 3.2e-4 m3/s}
  adjust: {r.N: {from: 0.01 1/s, to: 50 1/s}}
  criteria:
    power: final(r.power)
    tip: {value: final(r.tip), unit: m/s}
    kLa: final(r.kLa)
    mixing: final(r.mixing)
method: {name: scale_up, data: data.csv, samples: 400, starts: 1}
"""
TRUTH = 2.0
SD = 0.01


def course(k, hours):
    """The closed form of dissolved oxygen, from 0.2 on, at small scale."""
    power = 2979 * 4**3 * 0.05**5 / 0.002
    transfer = k * 0.026 * power**0.4 * (4 * 3.2e-7 / (math.pi * 0.12**2)) ** 0.5
    return 1 - 0.8 * np.exp(-transfer * 3600 * np.asarray(hours))


def table(seed=0, n=6):
    rng = np.random.default_rng(seed)
    hours = np.arange(1, n + 1) / 6
    rows = [
        f"a,{hour:.10g},{value + SD * rng.standard_normal():.10g},{SD}"
        for hour, value in zip(hours, course(TRUTH, hours), strict=True)
    ]
    return "\n".join(["experiment,time [h],r.oxygen [1],sd r.oxygen [1]", *rows]) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vessel")
    (folder / "Vessel.mo").write_text(MODEL)
    (folder / "vessel.yaml").write_text(SCENARIO.replace("phases:", "parameters: {r: {start: 0.2}}\nphases:"))
    return folder


def run(folder, out, changes=(), data=None):
    text = STUDY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "data.csv").write_text(table() if data is None else data)
    (folder / "scale.yaml").write_text(text)
    return cosim.study(folder / "scale.yaml", out=out, workers=0)


@pytest.fixture
def ask(folder, tmp_path):
    """Run the study with some of its text, or its data, replaced."""
    return lambda changes=(), data=None, out="out": run(folder, tmp_path / out, changes, data)


@pytest.fixture(scope="module")
def result(folder, tmp_path_factory):
    """Return the study as it stands."""
    return run(folder, tmp_path_factory.mktemp("whole") / "out")


def rows_of(result, key):
    return {row[0]: row[1:] for row in result.answer.table(key).rows}


def test_settings_are_those_of_the_closed_forms_of_the_criteria(result):
    """Of similar vessels ten times as wide: N³d², Nd, (P/V)^0.4 v^0.5 with v ∝ D, and N for the mixing time."""
    rows = rows_of(result, "criteria")
    assert rows["small scale"][0] == pytest.approx(4.0)
    assert rows["constant power"][0] == pytest.approx(4.0 * 10 ** (-2 / 3), rel=1e-5)
    assert rows["constant tip"][0] == pytest.approx(0.4, rel=1e-5)
    power_ratio = 10 ** (-0.5 / 0.4)
    assert rows["constant kLa"][0] == pytest.approx(4.0 * (power_ratio / 100) ** (1 / 3), rel=1e-5)
    assert rows["constant mixing"][0] == pytest.approx(4.0, rel=1e-5)
    assert rows["constant tip"][2] == pytest.approx(math.pi * 4.0 * 0.05, rel=1e-5)


def test_predictions_follow_and_so_do_their_intervals(result):
    """Transfer is K times a known number, so that its interval is that of K, but for the samples' chance."""
    parameters = rows_of(result, "parameters")
    value, low, high = parameters["r.K"][:3]
    assert low < TRUTH < high
    rows = rows_of(result, "prediction.transfer")
    small = rows["small scale"][0]
    assert rows["constant kLa"][0] == pytest.approx(small, rel=1e-5)
    assert rows["constant power"][0] == pytest.approx(small * 10**0.5, rel=1e-5)
    assert rows["constant tip"][0] == pytest.approx(small * (0.1**3 * 100) ** 0.4 * 10**0.5, rel=1e-5)
    for _, (best, least, most, _) in rows.items():
        assert least / best == pytest.approx(low / value, rel=0.01)
        assert most / best == pytest.approx(high / value, rel=0.01)


def test_intervals_at_large_scale_hold_the_truth_as_often_as_they_say(ask):
    """Of 12 calibrations with new noise, 10 or more."""
    held = 0
    others = STUDY[STUDY.index("    tip:") : STUDY.index("method:")]
    for seed in range(12):
        result = ask([("samples: 400", "samples: 60"), (others, "")], table(seed), out=f"out{seed}")
        rows = rows_of(result, "prediction.transfer")
        truth = rows["constant power"][0] / rows_of(result, "parameters")["r.K"][0] * TRUTH
        held += rows["constant power"][1] <= truth <= rows["constant power"][2]
    assert 10 <= held <= 12


def test_the_criterion_that_keeps_the_specifications_is_named_and_what_to_verify_is_ranked(result):
    mixing = rows_of(result, "prediction.mixing")
    assert mixing["constant power"][3] == 100.0
    assert mixing["constant tip"][3] == 0.0
    assert "Constant power keeps all specifications with a probability of 100%" in result.answer.verdict
    assert "(tip 0%, kLa 0%, mixing 100%)" in result.answer.verdict
    order = [row[0] for row in result.answer.table("verify").rows]
    rooms = rows_of(result, "verify")
    assert order == sorted(order, key=lambda name: -max(rooms[name][3], rooms[name][4]))
    small, large = mixing["small scale"][0], mixing[f"constant {_chosen(result)}"][0]
    assert rooms["mixing"][3] == pytest.approx(100 * max(large - small, 0.0) / (60 - small), abs=1e-3)
    page = result.report.read_text()
    assert "What to verify at large scale" in page
    assert "transfer at both scales" in page


def _chosen(result):
    return result.answer.verdict.removeprefix("Constant ").partition(" ")[0]


def test_a_criterion_that_cannot_be_reached_is_told(ask):
    """The stirrer does not move the velocity of the gas; the tip speed would need 0.4 1/s."""
    result = ask([("kLa: final(r.kLa)", "gas: final(r.v)"), ("from: 0.01", "from: 0.5"), ("400", "10")])
    assert any("gas cannot be held at large scale" in text for text in result.answer.warnings)
    assert any("tip cannot be held at large scale" in text for text in result.answer.warnings)
    assert "constant tip" not in rows_of(result, "criteria")
    assert "constant power" in rows_of(result, "criteria")


def test_without_any_criterion_the_calibration_is_left(ask):
    criteria = STUDY[STUDY.index("    power:") : STUDY.index("method:")]
    result = ask([(criteria, "    tip: final(r.tip)\n"), ("from: 0.01", "from: 0.5"), ("400", "10")])
    assert result.answer.verdict.startswith("No criterion can be held at large scale. At small scale: Fitted to 6")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  adjust: {r.N: {from: 0.01 1/s, to: 50 1/s}}\n", "", r"scale.yaml:8: 'scale_up' has no 'adjust'. Write"),
        ("r.N: 4 1/s}", "r.M: 4 1/s}", r"'small' has no r.N, which is adjusted"),
        ("large: {", "large: {r.N: 1 1/s, ", r"'large' has r.N, which is adjusted"),
        ("r.gas: 3.2e-4 m3/s}", "r.gs: 3.2e-4 m3/s}", r"'large' has no r.gas, which 'small' has"),
        ("r.V: 2 L", "r.V: 2 g", r"r.V"),
        ("to: 50 1/s", "to: 3 1/s", r"with the 4 1/s of the small scale between them"),
        ("final(r.tip)", "final(r.tp)", r"There is no variable 'tp' in 'r'"),
        ("  criteria:\n", "  like: b\n  criteria:\n", r"'like' is 'b', and there is no such experiment"),
        ("r.K: {from", "r.d: {from: 1 cm, to: 2 cm}\n  r.K: {from", r"r.d stands under 'scale_up' and is a factor"),
        ("data: data.csv, ", "", r"Method 'scale_up' has no 'data'"),
        ("data.csv", "none.csv", r"none.csv"),
        ("responses:\n", "parameters: {}\nresponses:\n", r"should stand above"),
    ],
)
def test_bad_input_is_told_before_the_first_run(ask, tmp_path, old, new, message):
    with pytest.raises(CosimError, match=message):
        ask([(old, new)])
    assert not (tmp_path / "out").exists()


def test_the_section_is_needed(ask):
    text = STUDY[STUDY.index("scale_up:") : STUDY.index("method:")]
    with pytest.raises(CosimError, match="Method 'scale_up' needs the key 'scale_up'"):
        ask([(text, "")])


def test_something_has_to_be_predicted(ask):
    text = STUDY[STUDY.index("responses:") : STUDY.index("scale_up:")]
    with pytest.raises(CosimError, match=r"There are no 'responses'. Write what is predicted"):
        ask([(text, "")])
