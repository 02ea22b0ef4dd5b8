"""Parameters that leave what was expected of them, and the record of it."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from cosim.clock import to_ticks
from cosim.release.drift import read_drift
from cosim.shadowing.drifting import DriftWatch
from cosim.shadowing.outlook import Concern, Estimate

HOUR = to_ticks(3600.0)
SHA = "ab" * 32


@pytest.fixture
def watch(tmp_path):
    """One parameter, expected at 2 with a standard deviation of 0.1."""
    fmus = {"reactor": {"file": "reactor.fmu", "sha256": SHA}}
    (tmp_path / "run.json").write_text(json.dumps({"fmus": fmus}))
    estimated = [SimpleNamespace(component="reactor")] * 2
    setup = SimpleNamespace(n_states=1, spreads=np.array([0.3, 0.05]), estimated=estimated)
    told = []
    return DriftWatch(tmp_path, setup, np.array([9.0, 2.0]), told.append), told


def at(hour):
    return SimpleNamespace(end=hour * HOUR, received=1_700_000_000 * 10**9 + hour * HOUR)


def estimate(value, half=0.05):
    return [Estimate("reactor.k", "1/h", value, value - half, value + half)]


def test_what_has_drifted_is_put_on_record_once(watch, tmp_path):
    watch, told = watch
    assert watch.alerts(at(1), estimate(2.4), "B-7") == []
    assert watch.alerts(at(12), estimate(2.4), "B-7") == []
    (alert,) = watch.alerts(at(13), estimate(2.45), "B-7")
    assert (alert.concern, alert.name, alert.begun) == (Concern.DRIFT, "reactor.k", HOUR)
    assert alert.text.endswith("since 1 h: now 4.5.")
    found = read_drift(tmp_path)
    assert (found.batch, found.model.sha256) == ("B-7", SHA)
    (signal,) = found.signals
    assert (signal.name, signal.unit, signal.limit) == ("reactor.k", "1", 3.0)
    assert signal.statistic == pytest.approx(4.5)
    assert signal.since == "2023-11-14T23:13:20+00:00"
    (tmp_path / "drift.json").unlink()
    watch.alerts(at(14), estimate(2.45), "B-7")
    assert not (tmp_path / "drift.json").exists()
    assert told == []


@pytest.mark.parametrize("values", [[2.4, 2.2, 2.4], [2.29] * 3], ids=["it came back", "it is near"])
def test_chance_is_no_drift(watch, tmp_path, values):
    watch, _ = watch
    for hour, value in zip((1, 8, 14), values, strict=True):
        assert watch.alerts(at(hour), estimate(value), "") == []
    assert not (tmp_path / "drift.json").exists()


def test_what_a_batch_has_told_little_of_has_not_drifted(watch):
    watch, _ = watch
    assert [watch.alerts(at(hour), estimate(2.4, half=0.15), "") for hour in (1, 14)] == [[], []]


def test_it_goes_on_from_what_it_was(watch, tmp_path):
    watch, _ = watch
    watch.alerts(at(1), estimate(2.4), "")
    notes = json.loads(json.dumps(watch.notes()))
    watch.alerts(at(2), estimate(2.0), "")
    watch.recall(notes)
    assert len(watch.alerts(at(13), estimate(2.4), "")) == 1


def test_a_drift_that_cannot_be_recorded_is_said(watch, tmp_path):
    watch, told = watch
    (tmp_path / "run.json").write_text("{}")
    watch.alerts(at(1), estimate(2.4), "")
    assert len(watch.alerts(at(14), estimate(2.4), "")) == 1
    assert told[0].startswith("The drift of reactor.k cannot be put on record")
