"""Faults of a ramp FMU against what they do in closed form, and what a study may not say of them."""

import hashlib
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from study_project import linear, write_project

import cosim
from cosim.study.faults.drawing import _thinned
from cosim.study.running import Listeners

MODEL = """\
model Ramp "Integrates its rate; level is what was integrated"
  parameter Real rate(unit = "1/s", displayUnit = "1/h") = 1;
  parameter Real fixed_rate = 1 annotation(Evaluate = true);
  input Boolean stopped(start = false);
  input Real extra(unit = "1/s", start = 0, min = -5, max = 5);
  output Real level(start = 0, fixed = true);
equation
  der(level) = if stopped then 0 else rate + extra;
end Ramp;
"""
SCENARIO = """\
scenario: ramp
components:
  f: {source: modelica:Ramp}
phases:
  run: {active: [f], duration: 100 s, step: 1 s}
"""
FAULTS = """\
faults:
  stop: {at: {from: 20 s, to: 40 s}, for: {from: 5 s, to: 15 s}, set: {f.stopped: true}}
  surge: {at: 50 s, for: 10 s, set: {f.extra: {from: 1 1/s, to: 3 1/s}}}
  drift: {at: {from: 60 s, to: 80 s}, set: {f.rate: {from: 0.9 1/s, to: 0.1 1/s}}}
"""
STUDY = f"""\
study: trial
scenario: ramp.yaml
{FAULTS}responses:
  level: {{value: final(f.level), at_least: 95, at_most: 105}}
  highest: {{value: max(f.level), at_most: 101}}
signals: {{keep: [f.level, f.stopped], every: 0.5 s}}
method: {{name: faults, runs: 20, nominal: 0.25}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ramp")
    (folder / "Ramp.mo").write_text(MODEL)
    (folder / "ramp.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture
def ask(folder, tmp_path):
    """Run a study of the FMU; return its result."""

    def ask(changes=None, **options):
        text = STUDY
        for old, new in (changes or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / "trial.yaml").write_text(text)
        options.setdefault("workers", 0)
        return cosim.study(folder / "trial.yaml", out=tmp_path / "out", **options)

    return ask


def expected_level(row):
    """The level at 100 s."""
    onset, end = 3600 * row["onset"], 3600 * row["end"]
    lost = {
        "none": 0.0,
        "stop": -(end - onset),
        "surge": (1 + 2 * row["severity"]) * 10,
        "drift": -(0.1 + 0.8 * row["severity"]) * (100 - onset),
    }
    return 100 + lost[row["fault"]]


def test_every_run_is_labelled_with_the_fault_it_had(ask):
    frame = ask().to_dataframe()
    assert frame["fault"].value_counts().to_dict() == {"none": 5, "stop": 5, "surge": 5, "drift": 5}
    np.testing.assert_allclose(frame["level"], frame.apply(expected_level, axis=1), rtol=1e-6)
    faulty = frame[frame["fault"] != "none"]
    assert (frame[frame["fault"] == "none"][["onset", "end", "severity"]] == 0).all(axis=None)
    stop = 3600 * faulty[faulty["fault"] == "stop"][["onset", "end"]]
    assert stop["onset"].between(20, 40).all()
    assert (stop["end"] - stop["onset"]).between(5, 15).all()
    assert (faulty[faulty["fault"] == "stop"]["severity"] == 1).all()
    assert (3600 * faulty[faulty["fault"] == "drift"]["end"] == 100).all()
    assert frame.attrs["units"]["onset"] == frame.attrs["units"]["end"] == "h"


def test_every_run_says_whether_and_when_it_missed_a_specification(ask):
    result = ask()
    frame = result.to_dataframe()
    met = frame["level"].between(95, 105)
    assert (frame["level_specification"] == np.where(met, "met", "missed")).all()
    over = frame["highest"] > 101
    assert (frame["highest_specification"] == np.where(over, "missed", "met")).all()
    assert frame["highest_missed_at"].notna().equals(over)
    late = frame[over & (frame["fault"] == "surge")]
    slope = 1 + 1 + 2 * late["severity"]
    reached = np.where(50 + 10 * slope >= 101, 50 + 51 / slope, 60 + (101 - 50 - 10 * slope))
    np.testing.assert_allclose(3600 * late["highest_missed_at"], reached, rtol=1e-6)
    rows = {row[0]: row[1:] for row in result.answer.table("faults").rows}
    assert rows["none"][:2] == (5, 0.0)
    assert rows["surge"][:2] == (5, 1.0)
    assert "0% of 5 without a fault" in result.answer.verdict
    (delay,) = result.answer.table("delays").rows
    assert delay[:3] == ("surge", "highest_missed_at", 5)
    page = (result.folder / "study.html").read_text()
    assert "miss a specification" in page
    assert "What faults look like" in page
    assert [page.count(f">{name}</text>") for name in ("f.level", "f.stopped")] == [1, 1]  # one panel each
    assert "at 0.005556 h to 0.01111 h, for 0.001389 h to 0.004167 h: f.stopped" in page


def test_signals_are_a_dataset_with_labels_units_and_hashes(ask):
    result = ask()
    frame = pd.read_parquet(result.folder / "signals")
    assert list(frame) == ["run", "time", "f.level", "f.stopped", "fault", "active", "onset", "end", "severity"]
    assert len(frame) == 20 * 201
    rows = result.to_dataframe()
    for run, own in frame.groupby("run"):
        row = rows.loc[run]
        np.testing.assert_allclose(own["time"] * 3600, np.arange(201) * 0.5)
        assert set(own["fault"]) == {row["fault"]}
        during = (own["time"] >= row["onset"]) & (own["time"] < row["end"])
        assert own["active"].tolist() == during.astype(int).tolist()
        assert own["f.level"].iloc[-1] == row["level"]
        if row["fault"] == "stop":
            assert own[own["active"] == 1]["f.level"].diff().dropna().abs().max() < 1e-9
    schema = pq.read_schema(result.folder / "signals" / "run-000000.parquet")
    assert schema.field("time").metadata[b"unit"] == b"h"
    about = json.loads(schema.metadata[b"cosim"])
    document = json.loads((result.folder / "study.json").read_text())
    assert about["fmus"]["f"] == document["run"]["fmus"]["f"]["sha256"]
    assert (about["study"], about["run_id"]) == ("trial", document["run_id"])
    files = sorted((result.folder / "signals").iterdir())
    lines = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    assert document["signals"] == {"files": 20, "sha256": hashlib.sha256(lines.encode()).hexdigest()}


def test_processes_of_a_pool_give_the_same_labels_and_signals(ask, tmp_path):
    here = ask()
    signals = pd.read_parquet(here.folder / "signals")
    (tmp_path / "out").rename(tmp_path / "here")
    there = ask(workers=2)
    pd.testing.assert_frame_equal(
        here.to_dataframe().drop(columns="seconds"), there.to_dataframe().drop(columns="seconds"), check_exact=True
    )
    pd.testing.assert_frame_equal(signals, pd.read_parquet(there.folder / "signals"), check_exact=True)


def test_what_was_stopped_goes_on_with_the_same_faults(ask, tmp_path):
    made = []
    listeners = Listeners(lambda standing: made.append(standing.made), should_stop=lambda: made[-1] >= 7)
    stopped = ask(listeners=listeners)
    assert len(list((stopped.folder / "signals").iterdir())) == 7
    result = cosim.study(resume=stopped.folder, workers=0)
    assert (result.status, len(result.rows)) == ("completed", 20)
    np.testing.assert_allclose(result.to_dataframe()["level"], result.to_dataframe().apply(expected_level, axis=1))
    assert len(pd.read_parquet(result.folder / "signals")["run"].unique()) == 20


def test_other_factors_vary_beside_faults_and_are_what_a_fault_goes_back_to(ask):
    changes = {
        "faults:\n": "factors: {f.rate: {mean: 1 1/s, sd: 0.01 1/s}}\nfaults:\n",
        "  drift: {at: {from: 60 s, to: 80 s}, set": "  drift: {at: 60 s, for: 10 s, set",
    }
    frame = ask(changes).to_dataframe()
    drift = frame[frame["fault"] == "drift"]
    assert drift["f.rate"].std() > 0.001
    np.testing.assert_allclose(drift["level"], 90 * drift["f.rate"] + 10 * (0.9 - 0.8 * drift["severity"]))


def test_a_batch_that_ends_before_its_fault_begins_has_failed(ask):
    changes = {
        "faults:\n": "factors: {phases.run.duration: {from: 60 s, to: 62 s}}\nfaults:\n",
        "at: {from: 60 s, to: 80 s}": "at: {from: 70 s, to: 80 s}",
    }
    frame = ask(changes).to_dataframe()
    failed = frame[frame["status"] == "failed"]
    assert set(failed["fault"]) == {"drift"}
    assert failed["reason"].str.contains("It ended after 0.01.* h, before its fault began at 0.0").all()
    assert len(failed) == 5


def test_a_drawing_keeps_peaks_of_one_sample():
    times, values = np.arange(10_000.0), np.zeros(10_000)
    values[[123, 7777]] = 1.0, -2.0
    values[500] = np.nan
    thinned = dict(_thinned(times, values))
    assert len(thinned) <= 302
    assert (thinned[123.0], thinned[7777.0]) == (1.0, -2.0)
    assert {0.0, 9999.0} <= thinned.keys()
    assert _thinned(times[:2], np.full(2, np.nan)) == []


def test_any_method_may_keep_signals(tmp_path):
    path = write_project(tmp_path, {"method:": "signals: {keep: f.*, every: 2 s}\nmethod:"})
    result = cosim.study(path, components={"f": linear}, out=tmp_path / "out")
    frame = pd.read_parquet(result.folder / "signals")
    assert list(frame) == ["run", "time", "f.u", "f.y", "f.t"]
    assert frame[frame["run"] == 3]["f.t"].tolist() == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("f.stopped: true", "f.stoped: true", "no variable 'stoped' in 'f' .*. Do you mean 'stopped'"),
        ("f.stopped: true", "f.stopped: 2", "'2' is neither true nor false"),
        ("f.stopped: true", "f.stopped: {from: false, to: true}", "f.stopped is no real number"),
        ("f.stopped: true", "f.level: 1", "Cannot set f.level while running"),
        ("set: {f.stopped: true}", "set: {}", "'set' of Fault 'stop' is empty"),
        ("set: {f.stopped: true}", "sets: {f.stopped: true}", "Fault 'stop' has no key 'sets'"),
        ("to: 3 1/s", "to: 7 1/s", "'7 1/s' is above its maximum, 5 1/s"),
        ("to: 3 1/s", "to: 3 kg", "Cannot set f.extra"),
        ("at: 50 s", "at: 200 s", "Fault 'surge' may begin after the run has ended, at 0.0277778 h"),
        ("at: 50 s, ", "", "Fault 'surge' has no 'at'"),
        ("at: 50 s", "at: {from: 50 s}", "'at' of Fault 'surge' should be one value or {from: …, to: …}"),
        ("for: 10 s", "for: 0 s", "'for' of Fault 'surge' is 0 s; it should be above zero"),
        ("from: 20 s, to: 40 s", "from: 40 s, to: 20 s", "'at' of Fault 'stop' has no width or goes downwards"),
        ("  surge:", "  none:", "'none' cannot name a fault"),
        (FAULTS, "factors: {f.rate: {mean: 1 1/s, sd: 0.1 1/s}}\n", "Method 'faults' has none"),
        (
            "name: faults, runs: 20, nominal: 0.25",
            "name: latin_hypercube",
            "Method 'latin_hypercube' brings about no fa",
        ),
        ("runs: 20", "runs: 3", "2 runs with a fault are too few for 3 kinds"),
        ("  level:", "  severity:", "'severity' cannot name a response of a study with 'faults'"),
        ("every: 0.5 s", "every: 1 us", "'signals' may keep 200,000,000 numbers of each run"),
        ("every: 0.5 s", "often: 1 s", "'signals' has no key 'often'"),
        ("f.level, f.stopped", "f.levels", "There is no variable 'levels' in 'f'"),
        ("f.level, f.stopped", "g*.level", "'g.*level' in 'signals' matches no variable"),
        ("faults:\n", "factors: {severity: {from: 0, to: 1}}\nfaults:\n", "it is what a fault of a run is called"),
        (FAULTS, "", "There are no 'factors'"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_run(ask, tmp_path, old, new, message):
    with pytest.raises(cosim.CosimError, match=message):
        ask({old: new})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (SCENARIO.replace("step: 1 s}", "step: 1 s, set: {f.stopped: false}}"), "cannot set f.stopped: 'run' sets it"),
        (SCENARIO + "events: [{at: 1 s, set: {f.stopped: false}}]\n", "an event of the scenario sets it"),
        (SCENARIO.replace("duration: 100 s", "until: f.level > 50, at_most: 90 s"), "stop"),
    ],
)
def test_what_something_else_decides_is_refused(folder, tmp_path, scenario, message):
    (tmp_path / "Ramp.mo").write_text(MODEL)
    (tmp_path / "ramp.yaml").write_text(scenario)
    (tmp_path / "trial.yaml").write_text(STUDY.replace("at: {from: 20 s, to: 40 s}", "at: {from: 20 s, to: 95 s}"))
    with pytest.raises(cosim.CosimError, match=message):
        cosim.study(tmp_path / "trial.yaml", out=tmp_path / "out", workers=0)
