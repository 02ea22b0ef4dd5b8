"""What a session tells of drift is read as written, and as hostile until shown otherwise."""

import json
import os

import pytest

from cosim.errors import ReleaseError
from cosim.release.drift import Drift, DriftedModel, DriftSignal, read_drift, write_drift

DRIFT = Drift(
    "2026-11-20T08:00:00+00:00",
    "B-0042",
    (DriftSignal("reactor.titre", "1", 4.2, 3.0, "2026-11-19T20:00:00+00:00"),),
    DriftedModel("reactor.fmu", "ab" * 32),
)


def test_what_is_written_is_read(tmp_path):
    file = write_drift(tmp_path, DRIFT)
    assert read_drift(tmp_path) == read_drift(file) == DRIFT
    assert DRIFT.text == (
        "Drift in batch B-0042, seen 2026-11-20T08:00:00+00:00: "
        "reactor.titre at 4.2, limit 3, since 2026-11-19T20:00:00+00:00."
    )


def test_there_is_none(tmp_path):
    with pytest.raises(ReleaseError, match=r"There is no '.*drift\.json': no drift was seen there"):
        read_drift(tmp_path)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"detected": "2026-11-20T08:00:00"}, "has no time zone"),
        ({"detected": 7}, "has no time zone"),
        ({"detected": "yesterday"}, "Invalid isoformat string"),
        ({"signals": []}, "it names no signal"),
        ({"signals": 3}, "not iterable"),
        ({"signals": [{"name": "x"}]}, "a signal has name, unit, statistic, limit, since"),
        ({"batch": "\x1b[2J"}, "'batch' is no text"),
        ({"model": {"path": "x", "sha256": "../.."}}, "'model' has no 'path' and 'sha256'"),
        ({"model": {"path": "x"}}, "missing 1 required positional argument"),
        ({"more": 1}, "it has other keys"),
    ],
)
def test_what_is_no_drift(tmp_path, change, text):
    file = write_drift(tmp_path, DRIFT)
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(ReleaseError, match=f"is no record of drift: .*{text}"):
        read_drift(tmp_path)


@pytest.mark.parametrize("value", ["NaN", "true", "1e999", '"4"'])
def test_statistics_that_are_no_numbers(tmp_path, value):
    file = write_drift(tmp_path, DRIFT)
    file.write_text(file.read_text().replace("4.2", value))
    with pytest.raises(ReleaseError, match="'statistic' of a signal is"):
        read_drift(tmp_path)


@pytest.mark.parametrize("value", ["3.0", "-4.2"])
def test_statistics_within_their_limit(tmp_path, value):
    file = write_drift(tmp_path, DRIFT)
    file.write_text(file.read_text().replace("4.2", value))
    with pytest.raises(ReleaseError, match="the 'statistic' of a signal is not beyond its 'limit'"):
        read_drift(tmp_path)


@pytest.mark.parametrize("data", [b"", b"[" * 100_000, b"\xff", b" " * (2 << 20), b"[]"], ids=len)
def test_files_that_are_none(tmp_path, data):
    (tmp_path / "drift.json").write_bytes(data)
    with pytest.raises(ReleaseError, match="is no record of drift"):
        read_drift(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no links that everybody may make")
def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "session").mkdir()
    (tmp_path / "session" / "drift.json").symlink_to(write_drift(tmp_path, DRIFT))
    with pytest.raises(ReleaseError, match="cannot be read"):
        read_drift(tmp_path / "session")


def test_a_drift_that_would_not_be_read_is_not_written(tmp_path):
    bad = Drift(DRIFT.detected, DRIFT.batch, (DriftSignal("x", "1", float("nan"), 1.0, DRIFT.detected),), DRIFT.model)
    with pytest.raises(ReleaseError, match="'statistic' of a signal is 'nan'"):
        write_drift(tmp_path, bad)
    assert not list(tmp_path.iterdir())
