"""Baselines: changed by somebody, for a reason, and never by accident."""

import json

import pytest
from regression_records import curve, record

from cosim.errors import RequestError, ResultError
from cosim.regression.baselines import Baselines
from cosim.regression.suite import Suite

FIRST, SECOND = record(curve([0.0, 1.0])), record(curve([0.0, 2.0]))
WHO = {"reason": "it is better", "by": "Ada"}


@pytest.fixture
def kept(tmp_path):
    return Baselines(Suite(tmp_path / "library.yaml", "", "library"))


def test_the_first_and_the_next(kept):
    assert kept.current("hello") is None
    first = kept.write("hello", FIRST, **WHO, previous="")
    assert (first.by, first.reason, first.previous) == ("Ada", "it is better", "")
    second = kept.write("hello", SECOND, reason="  and better ", by="Bob", previous=first.sha256)
    assert (second.reason, second.previous) == ("and better", first.sha256)
    assert kept.current("hello") == second
    assert kept.history()["hello"] == (first, second)
    assert kept.read("hello", second).curves["tank.level"].values.tolist() == [0.0, 2.0]
    assert kept.read("hello", first).curves["tank.level"].values.tolist() == [0.0, 1.0]
    assert sorted(path.suffix for path in kept.folder.iterdir()) == [".json", ".npz", ".npz"]


def test_the_same_again_writes_nothing(kept):
    first = kept.write("hello", FIRST, **WHO, previous="")
    assert kept.write("hello", FIRST, **WHO, previous=first.sha256) is None
    assert len(kept.history()["hello"]) == 1


@pytest.mark.parametrize("lacking", ["reason", "by"])
def test_without_a_reason_or_a_person_nothing_is_written(kept, lacking):
    with pytest.raises(RequestError, match="changed by somebody, for a reason"):
        kept.write("hello", FIRST, **{**WHO, lacking: " "}, previous="")
    assert not kept.folder.exists()


def test_one_that_somebody_has_changed_meanwhile_is_not_replaced(kept):
    first = kept.write("hello", FIRST, **WHO, previous="")
    with pytest.raises(RequestError, match=f"is {first.sha256[:16]} by now, not none: somebody has changed it"):
        kept.write("hello", SECOND, **WHO, previous="")
    assert kept.current("hello") == first


def test_a_file_that_was_changed_or_lost_is_found(kept):
    entry = kept.write("hello", FIRST, **WHO, previous="")
    (path,) = kept.folder.glob("*.npz")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ResultError, match="is not what it was when it was written"):
        kept.read("hello", entry)
    path.unlink()
    with pytest.raises(ResultError, match="cannot be read: No such file"):
        kept.read("hello", entry)


NUMBERS = json.dumps(
    {
        "format": "cosim baselines 1",
        "cases": {"hello": [dict.fromkeys(("sha256", "previous", "at", "by", "reason", "cosim"), 1)]},
    }
)


@pytest.mark.parametrize(
    "text", ["", "[]", json.dumps({"format": "other", "cases": {}}), '{"cases": 1}', "[" * 9999, NUMBERS]
)
def test_a_damaged_index_is_refused(kept, text):
    kept.write("hello", FIRST, **WHO, previous="")
    (kept.folder / "index.json").write_text(text)
    with pytest.raises(ResultError, match="is no index of baselines"):
        kept.current("hello")
