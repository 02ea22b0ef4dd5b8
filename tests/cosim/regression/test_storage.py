"""Records as bytes, and back."""

import io
import zipfile

import numpy as np
import pytest
from regression_records import curve, record

from cosim.errors import ResultError
from cosim.regression.record import Moment, Number
from cosim.regression.storage import decode_record, encode_record, thin

WHOLE = record(
    curve([0.0, 1.0, np.nan], [0, 5, 5]),
    curve([7.0], [3], name="runs.x", unit=None, axis="run"),
    numbers={"titre": Number(None, "g/L", "never")},
    moments=(Moment(5, "event", "bolus"),),
    ledger={"mab": 1e-12},
    interface={"tank": {"variables": {}, "capabilities": {}}},
    models={"tank": "abc"},
    flow=(("feed", "tank"),),
    steps=7,
    seconds=0.5,
    status="failed",
    reason="It broke.",
)


def test_a_record_comes_back_as_it_was():
    back = decode_record(encode_record(WHOLE), "It")
    for name, own in WHOLE.curves.items():
        there = back.curves[name]
        assert (there.name, there.unit, there.axis) == (own.name, own.unit, own.axis)
        np.testing.assert_array_equal(there.ticks, own.ticks)
        np.testing.assert_array_equal(there.values, own.values)
    for field in ("numbers", "moments", "ledger", "interface", "models", "flow", "steps", "seconds", "status", "end"):
        assert getattr(back, field) == getattr(WHOLE, field), field


def test_the_same_record_is_the_same_bytes():
    assert encode_record(WHOLE) == encode_record(decode_record(encode_record(WHOLE), "It"))


def test_thinning_keeps_curves_near_and_runs_whole():
    wave = curve(np.sin(np.linspace(0, 6, 2001)))
    runs = curve([1.0, 1.0, 1.0], [0, 1, 2], name="runs.x", axis="run")
    less = thin(record(wave, runs), lambda _: 1e-3)
    assert len(less.curves["tank.level"].ticks) < 200
    assert len(less.curves["runs.x"].ticks) == 3
    back = np.interp(wave.ticks, less.curves["tank.level"].ticks, less.curves["tank.level"].values)
    assert np.max(np.abs(back - wave.values)) <= 1e-3


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_cut_file_is_refused(cut):
    with pytest.raises(ResultError, match="The baseline is no record of a run, or it is damaged"):
        decode_record(encode_record(WHOLE)[:cut], "The baseline")


def test_another_archive_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("document.npy", b"nothing")
    with pytest.raises(ResultError, match="damaged"):
        decode_record(buffer.getvalue(), "The baseline")
