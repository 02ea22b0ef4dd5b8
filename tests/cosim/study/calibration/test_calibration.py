"""Calibration through whole studies of real FMUs: known truth, certified values, what cannot be told, bad input."""

from itertools import count

import numpy as np
import pytest
from scipy import stats

import cosim
from cosim.errors import CosimError, RequestError, StudyError
from cosim.study.calibration.experiments import read_experiments
from cosim.study.running import Listeners

MODEL = """\
model Culture "Logistic growth; a product in proportion"
  parameter Real mu(unit = "1/h") = 0.1;
  parameter Real most(unit = "g/L", min = 0) = 20;
  parameter Real start(unit = "g/L") = 1;
  parameter Real a(unit = "1") = 1;
  parameter Real b(unit = "1") = 2;
  parameter Real fastest(unit = "1/h") = 10;
  output Real x(unit = "g/L", start = start, fixed = true);
  output Real product(unit = "g/L") = a*b*x;
equation
  assert(mu <= fastest, "mu is too large");
  der(x) = mu/3600*x*(1 - x/most);
end Culture;
"""
MISRA1A = """\
model Misra1a "NIST StRD, nonlinear regression, https://www.itl.nist.gov/div898/strd/nls/data/misra1a.shtml"
  parameter Real b1 = 500;
  parameter Real b2 = 0.0001;
  output Real y = b1*(1 - exp(-b2*time));
  output Real idle(start = 0, fixed = true);
equation
  der(idle) = 0;
end Misra1a;
"""
SCENARIO = """\
scenario: culture
components:
  r: {source: modelica:Culture}
phases:
  growth: {active: [r], duration: 60 h, step: 30 min}
"""
FACTORS = """\
  r.mu: {from: 0.02 1/h, to: 0.5 1/h, distribution: log_uniform}
  r.most: {from: 5 g/L, to: 60 g/L}
"""
TRUTH = {"r.mu": 0.12, "r.most": 18.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("culture")
    (folder / "Culture.mo").write_text(MODEL)
    (folder / "culture.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture
def calibrate(folder, tmp_path):
    """Write data and a study, run it, return its result."""

    def calibrate(data, factors=FACTORS, options="", before="", workers=0, out="out", **more):
        (folder / "data.csv").write_text(data)
        text = f"study: trial\nscenario: culture.yaml\n{before}factors:\n{factors}"
        options = options if "starts" in options else f"{options}, starts: 2"
        text += f"method: {{name: calibration, data: data.csv{options}}}\nseed: 3\n"
        (folder / "trial.yaml").write_text(text)
        return cosim.study(folder / "trial.yaml", out=tmp_path / out, workers=workers, **more)

    return calibrate


def course(start, hours, mu=0.12, most=18.0):
    return most / (1.0 + (most / start - 1.0) * np.exp(-mu * np.asarray(hours)))


HOURS = np.arange(4.0, 61.0, 4.0)
STARTS = {"slow": ("fit", 0.5), "fast": ("fit", 2.0), "third": ("check", 1.0)}


def measured(seed, deviation=0.3, stated=True):
    """A table of three experiments with known truth."""
    rng = np.random.default_rng(seed)
    head = "experiment,use,time [h],set r.start [g/L],r.x [mg/mL],sd r.x [mg/mL]\n"
    rows = []
    for name, (use, start) in STARTS.items():
        for hour, value in zip(HOURS, course(start, HOURS) + rng.normal(0.0, deviation, len(HOURS)), strict=True):
            rows.append(f"{name},{use},{hour},{start},{value:.6f},{deviation if stated else ''}\n")
    return head + "".join(rows)


def intervals(result):
    return {row[0].partition(" ")[0]: row[1:4] for row in result.answer.table("parameters").rows}


def test_known_parameters_are_found_with_their_uncertainty(calibrate):
    result = calibrate(measured(1))
    assert result.counts == {"completed": len(result.rows)}
    found = intervals(result)
    for name, truth in TRUTH.items():
        value, low, high = found[name]
        assert low < truth < high
        assert value == pytest.approx(truth, rel=0.03)
    assert "30 samples of 2 experiments" in result.answer.verdict
    fits = {row[0]: row for row in result.answer.table("fit.r.x").rows}
    assert [fits[name][1] for name in STARTS] == ["fit", "fit", "check"]
    assert fits["third"][3] == pytest.approx(0.3, rel=0.4)
    assert 0.6 < fits["third"][5] < 1.4
    assert result.answer.warnings == ()
    page = (result.folder / "study.html").read_text()
    for told in ("third, held out", "How well r.mu is known", "What the fit leaves of r.x"):
        assert told in page
    assert "nan" not in page.replace("nance", "")


def test_deviations_that_nobody_states_are_estimated(calibrate):
    result = calibrate(measured(2, stated=False))
    assert "is estimated from what the fit leaves: 0.3" in result.answer.sections[1].text
    for name, truth in TRUTH.items():
        _, low, high = intervals(result)[name]
        assert low < truth < high


def test_runs_are_the_same_in_other_processes_and_a_study_goes_on(calibrate):
    data = measured(1)
    here = calibrate(data, options=", starts: 2, profiles: false")
    there = calibrate(data, options=", starts: 2, profiles: false", workers=2, out="there")
    a, b = (item.to_dataframe().drop(columns="seconds") for item in (here, there))
    assert a.equals(b)
    assert here.answer == there.answer

    n_asked = count()
    stop = Listeners(should_stop=lambda: next(n_asked) > 20)
    stopped = calibrate(data, options=", starts: 2, profiles: false", out="cut", listeners=stop)
    assert stopped.status == "stopped"
    resumed = cosim.study(resume=stopped.folder, workers=0)
    assert resumed.answer == here.answer


def test_data_that_change_while_a_study_waits_are_found_out(calibrate, folder):
    n_asked = count()
    stopped = calibrate(measured(1), out="cut", listeners=Listeners(should_stop=lambda: next(n_asked) > 60))
    (folder / "data.csv").write_text(measured(1).replace("slow,fit,4.0,0.5,", "slow,fit,4.0,0.5,9"))
    with pytest.raises(RequestError, match=r"[Bb]egin anew"):
        cosim.study(resume=stopped.folder, workers=0)


def test_a_pair_that_cannot_be_told_apart_is_reported(calibrate):
    hours = [10, 20, 30]
    rows = "".join(f"one,{h},{2 * course(1.0, h):.4f}\n" for h in hours)
    factors = (
        "  r.a: {from: 0.1, to: 10, distribution: log_uniform}\n  r.b: {from: 0.1, to: 10, distribution: log_uniform}\n"
    )
    data = "experiment,time [h],r.product [g/L]\n" + rows
    result = calibrate(data, factors, before="parameters: {r.mu: 0.12 1/h, r.most: 18 g/L}\n")
    assert any("only a combination of r.a and r.b" in text for text in result.answer.warnings)
    assert None in [cell for row in intervals(result).values() for cell in row]
    a, b = (row[0] for row in intervals(result).values())
    assert a * b == pytest.approx(2.0, rel=1e-3)


def test_runs_that_fail_within_the_search_are_kept_away_from_and_told(calibrate):
    result = calibrate(measured(1), before="parameters: {r.fastest: 0.15 1/h}\n", options=", starts: 8")
    assert result.counts["failed"] > 0
    assert "mu is too large" in result.to_dataframe()["reason"].str.cat()
    assert any("starts could not be run" in text for text in result.answer.warnings)
    _, low, high = intervals(result)["r.mu"]
    assert low < 0.12 < high


def test_priors_and_signals_of_other_units(calibrate):
    factors = "  r.mu: {mean: 0.1 1/h, sd: 0.01 1/h}\n  r.most: {median: 20 g/L, gsd: 1.2}\n"
    result = calibrate(measured(1), factors)
    assert intervals(result)["r.mu"][0] == pytest.approx(0.12, rel=0.03)


def test_experiments_may_last_differently(calibrate):
    head = "experiment,time [h],set phases.growth.duration [h],set r.start [g/L],r.x [g/L]\n"
    rows = [
        f"{name},{h},{last},{start},{course(start, h) + 0.1 * np.sin(7 * h):.4f}\n"
        for name, last, start in (("short", 40, 0.5), ("long", 60, 2.0))
        for h in range(4, last + 1, 4)
    ]
    notes = []
    result = calibrate(head + "".join(rows), options=", starts: 1", listeners=Listeners(note=notes.append))
    assert notes == []
    for name, truth in TRUTH.items():
        assert intervals(result)[name][0] == pytest.approx(truth, rel=0.01)
    rows.insert(10, "short,44,40,0.5,15\n")
    with pytest.raises(StudyError, match=r"data\.csv', row 12: .* of r\.x in 'short' at 44 h has no prediction"):
        calibrate(head + "".join(rows), out="again")


def test_misra1a_of_nist_as_an_fmu(folder, tmp_path):
    x = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0]
    y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78]
    (folder / "Misra1a.mo").write_text(MISRA1A)
    (folder / "misra.yaml").write_text(
        "scenario: misra\ncomponents:\n  m: {source: modelica:Misra1a}\n"
        "phases:\n  run: {active: [m], duration: 760 s, step: 100 ms}\n"
    )
    (folder / "misra.csv").write_text(
        "experiment,time [s],m.y [1]\n" + "".join(f"nist,{a},{b}\n" for a, b in zip(x, y, strict=True))
    )
    (folder / "nist.yaml").write_text(
        "study: nist\nscenario: misra.yaml\nfactors:\n  m.b1: {from: 10, to: 2000}\n"
        "  m.b2: {from: 0.00001, to: 0.01, distribution: log_uniform}\n"
        "method: {name: calibration, data: misra.csv, starts: 2, difference: 1e-4, profiles: false}\n"
    )
    result = cosim.study(folder / "nist.yaml", out=tmp_path / "out", workers=0)
    (b1, b2) = (row for row in result.answer.table("parameters").rows)
    assert (b1[1], b2[1]) == pytest.approx((238.94212918, 5.5015643181e-4), rel=1e-6)
    assert (b1[6], b2[6]) == pytest.approx((2.7070075241, 7.2668688436e-6), rel=1e-5)
    assert any("strongly correlated" in text for text in result.answer.warnings)


HEAD = "experiment,use,time [h],set r.start [g/L],r.x [g/L]\n"
GOOD = "".join(f"a,fit,{h},1,{course(1.0, h):.3f}\n" for h in (10, 20, 30))


@pytest.mark.parametrize(
    ("data", "factors", "options", "told"),
    [
        (GOOD, FACTORS, ", data2: x", "has no option 'data2'"),
        (GOOD.replace("fit", "check"), FACTORS, "", "every experiment is to be checked only"),
        (GOOD + "b,fit,5,,1\n", FACTORS, "", r"r\.start is not given for experiment 'b', but for others"),
        (GOOD, "  r.start: {from: 0.5 g/L, to: 2 g/L}\n", "", r"r\.start is fitted, and a condition of experiments"),
        (GOOD, "  r.mu: {values: [0.1 1/h, 0.2 1/h]}\n", "", "r.mu varies as 'choice', which cannot be fitted"),
        (GOOD, "  r.mu: {mean: 0.1 1/h, sd: 0.01 1/h, from: 0.1 1/h, to: 0.1 1/h}\n", "", "has no width"),
        (GOOD + "a,fit,61,1,9\n", FACTORS, "", r"data\.csv:5: 'at\(r\.x, 219600 s\)' looks at .* the run ends at"),
        ("a,fit,10,1,2\na,fit,20,1,3\n", FACTORS, "", "2 samples cannot tell 2 parameters"),
        ("a,fit,10,1,x\n", FACTORS, "", r"row 2, column E: 'x' is not a number"),
        ("a,fit,10,1,<3\n", FACTORS, "", "lies beyond a limit"),
        (GOOD, FACTORS, ", beyond: guess", "should be one of refuse, leave_out, limit, half"),
        (GOOD, FACTORS, ", confidence: 2", "should be from 0.5 on and at most 0.999"),
    ],
)
def test_bad_input_is_told_before_the_first_run(calibrate, data, factors, options, told):
    with pytest.raises(CosimError, match=told):
        calibrate(HEAD + data, factors, options)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (
            HEAD.replace("r.x [g/L]", "r.x [h]"),
            r"data\.csv', row 1, column E: cannot be compared with r\.x: .*dimension",
        ),
        (HEAD.replace("r.x [g/L]", "r.x"), r"row 1, column E: what is measured of r\.x has no unit"),
        (HEAD.replace("r.x [g/L]", "r.y [g/L]"), "There is no variable 'y' in 'r'"),
        (HEAD.replace("start [g/L]", "start [h]"), r"r\.start.*dimension"),
    ],
)
def test_units_and_names_that_do_not_fit_are_told_once(calibrate, head, told):
    with pytest.raises(CosimError, match=told):
        calibrate(head + GOOD)


def test_a_condition_has_no_second_value(calibrate):
    told = r"r\.start is given under 'parameters', and a condition of experiments"
    with pytest.raises(CosimError, match=told):
        calibrate(HEAD + GOOD, before="parameters: {r.start: 2 g/L}\n")


def test_a_study_needs_data_and_no_responses(folder, tmp_path):
    path = folder / "trial.yaml"
    text = f"study: trial\nscenario: culture.yaml\nfactors:\n{FACTORS}"
    path.write_text(f"{text}method: calibration\n")
    with pytest.raises(CosimError, match="Method 'calibration' has no 'data'"):
        cosim.study(path, out=tmp_path / "out")
    (folder / "data.csv").write_text(HEAD + GOOD)
    path.write_text(f"{text}responses: {{x: final(r.x)}}\nmethod: {{name: calibration, data: data.csv}}\n")
    with pytest.raises(CosimError, match="remove 'responses'"):
        cosim.study(path, out=tmp_path / "out")
    path.write_text(f"{text}method: {{name: calibration, data: none.csv}}\n")
    with pytest.raises(CosimError, match=r"There is no file '.*none\.csv'"):
        cosim.study(path, out=tmp_path / "out")


LISTED = f"""\
study: trial
scenario: culture.yaml
factors:
{FACTORS}method: {{name: calibration, data: experiments.yaml}}
"""
EXPERIMENTS = """\
experiments:
  slow:
    conditions: {r.start: 0.5 g/L}
    data:
      - file: lab.csv
        start: 2026-03-01 08:00
        missing: [n.d.]
        beyond: half
        columns: {X: {variable: r.x, unit: g/L, sd: 0.3 g/L}}
  run:
    use: check
    conditions: {r.start: 2000 mg/L}
    data:
      - file: uv.txt
        kind: chromatogram
        decimal: ","
        zero: Injection
        flow: 1 mL/h
        points: 5
        columns: {UV: {variable: r.x, unit: g/L, relative_sd: 5 %}}
"""


@pytest.fixture
def laboratory(folder):
    rows = "".join(
        f"2026-03-{1 + (8 + h) // 24:02d} {(8 + h) % 24:02d}:00,{course(0.5, h):.4f}\n" for h in range(10, 60, 10)
    )
    (folder / "lab.csv").write_text("time,X\n2026-03-01 08:00,n.d.\n2026-03-01 09:00,<1\n" + rows)
    pairs = [f"{h + 10},0\t{course(2.0, h):.4f}".replace(".", ",") for h in range(1, 50)]
    marks = ["10,0\t1"] + ["\t"] * (len(pairs) - 1)
    body = "\n".join(f"{pair}\t{mark}" for pair, mark in zip(pairs, marks, strict=True))
    (folder / "uv.txt").write_bytes(f"UV\t\tInjection\t\nml\tmAU\tml\tInjection\n{body}\n".encode("utf-16"))
    (folder / "experiments.yaml").write_text(EXPERIMENTS)
    return folder / "experiments.yaml"


def test_experiments_of_tables_and_chromatograms(laboratory):
    slow, run = read_experiments(laboratory)
    assert (slow.conditions, slow.is_held_out, run.is_held_out) == ({"r.start": "0.5 g/L"}, False, True)
    assert slow.series[0].values[0] == 0.5
    assert slow.series[0].positions[:2].tolist() == [3600.0, 36000.0]
    (uv,) = run.series
    assert (uv.axis, len(uv.values)) == ("time", 5)
    np.testing.assert_allclose(uv.positions[[0, -1]], [3600.0, 49 * 3600.0])
    np.testing.assert_allclose(uv.deviations, 0.05 * uv.values)


def test_a_calibration_with_a_list_of_experiments(laboratory, tmp_path):
    study = laboratory.parent / "trial.yaml"
    study.write_text(LISTED)
    result = cosim.study(study, out=tmp_path / "out", workers=0)
    for name, truth in TRUTH.items():
        _, low, high = intervals(result)[name]
        assert low < truth < high


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("missing: [n.d.]", "missing: []", r"lab\.csv', row 2, column B: 'n\.d\.' is not a number"),
        ("beyond: half", "beyond: third", "'beyond' is 'third'; it should be one of"),
        ("start: 2026-03-01 08:00", "start: yesterday", "'start': 'yesterday' is not a date and time"),
        ("flow: 1 mL/h", "flow: 1 mL", "'flow': .*dimension"),
        ("relative_sd: 5 %", "relative_sd: 5 g", "'relative_sd': .*dimension"),
        ("columns: {UV", "colums: {UV", "A file of data has no key 'colums'"),
        ("{UV: {variable", "{UV2: {variable", "has no curve 'UV2'; it has 'UV'"),
        ("zero: Injection", "zero: Inject", "or the name of marks: 'Injection'"),
        ("use: check", "use: held", r"experiments\.yaml:11: 'use' of Experiment 'run' is 'held'"),
        ("file: lab.csv", "file: none.csv", "There is no file"),
        ("variable: r.x, unit: g/L, sd", "unit: g/L, sd", "Column 'X' has no 'variable'"),
    ],
)
def test_what_is_wrong_with_a_list_of_experiments_is_told(laboratory, old, new, told):
    assert old in EXPERIMENTS
    laboratory.write_text(EXPERIMENTS.replace(old, new))
    with pytest.raises(CosimError, match=told):
        read_experiments(laboratory)


def test_volumes_need_a_flow(laboratory, tmp_path):
    laboratory.write_text(EXPERIMENTS.replace("        flow: 1 mL/h\n", ""))
    study = laboratory.parent / "trial.yaml"
    study.write_text(LISTED)
    with pytest.raises(CosimError, match=r"stands over volume\. State 'flow'"):
        cosim.study(study, out=tmp_path / "out")


@pytest.mark.slow
def test_intervals_of_an_fmu_cover_the_truth_as_often_as_they_say(calibrate):
    n, covered = 60, dict.fromkeys(TRUTH, 0)
    for seed in range(n):
        found = intervals(calibrate(measured(100 + seed), options=", starts: 1", out=f"out{seed}"))
        for name, truth in TRUTH.items():
            covered[name] += found[name][1] < truth < found[name][2]
    for n_covered in covered.values():
        assert stats.binomtest(n_covered, n, 0.95).pvalue > 0.005, covered
