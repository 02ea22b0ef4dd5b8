"""Records as bytes, and back."""

import io
import json
import re
import zipfile

import numpy as np
import pytest
from regression_records import curve, record

from cosim.errors import ResultError
from cosim.regression.record import Moment, Number
from cosim.regression.storage import decode_record, encode_record, read_record, thin

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


def changed(**members):
    """Return a record some of whose arrays are others, or whose document is."""
    with np.load(io.BytesIO(encode_record(WHOLE))) as archive:
        arrays = dict(archive) | members
    document = json.loads(arrays["document"].tobytes()) | members.get("texts", {})
    arrays.pop("texts", None)
    arrays["document"] = np.frombuffer(json.dumps(document).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"texts": {"ledger": {"mab": "none"}}}, "it does not have the form of one"),
        ({"texts": {"end": 2**70}}, "it does not have the form of one"),
        ({"texts": {"interface": {"tank": {"variables": {"x": {}}, "capabilities": {}}}}}, "the form of one"),
        ({"texts": {"numbers": {"titre": {"value": 1.0, "unit": 3, "reason": ""}}}}, "the form of one"),
        ({"texts": {"surprise": 1}}, "it does not have the form of one"),
        ({"texts": {"format": 2}}, "its format is 2, and this cosim reads 1"),
        ({"lengths": np.array([4, 0])}, "its curves are empty, or go back in time"),
        ({"lengths": np.array([3, 2])}, "its curves have other lengths than it says"),
        ({"lengths": np.array([3.0, 1.0])}, "its lengths are in another form"),
        ({"values": np.zeros(4)}, "its numbers are in another form"),
        ({"ticks": np.full((8, 4), 255, np.uint8)}, "its curves are empty, or go back in time"),
    ],
)
def test_a_record_that_is_none_is_refused(members, why):
    with pytest.raises(ResultError, match=re.escape(why)):
        decode_record(changed(**members), "It")


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "record.npz"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(ResultError, match="is no record of a run: it is too large"):
        read_record(path)
