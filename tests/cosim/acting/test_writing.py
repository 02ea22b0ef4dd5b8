"""One write: judged, audited first, sent, read back."""

import json
import math

import pytest
from acting_plant import HOUR, FakePlant, acting

from cosim import audit
from cosim.acting.actions import Kind
from cosim.acting.writing import Writer
from cosim.audit.trail import begin
from cosim.errors import AuditError
from cosim.live.acting import Mode


class Trail(list):
    """What was recorded, in order with what was written."""

    def __call__(self, kind, subject, *, why="", before=None, after=None, person=""):
        self.append((kind, subject, before, after))


def writer(plant, mode=Mode.CONTROL, record=None):
    told = []
    found = Writer(acting(mode), plant, told.append, record=Trail() if record is None else record, sleep=lambda _: None)
    return found, told


def move(found, tag="FEED", value=2.5, **options):
    return found.move(tag, value, "because", **{"now": HOUR, "elapsed": HOUR, "is_armed": True, **options})


def test_a_write_is_in_the_trail_before_it_is_sent_and_read_back_after():
    plant, trail = FakePlant(), Trail()
    found, told = writer(plant, record=lambda *a, **k: (trail(*a, **k), trail.append(list(plant.writes))))
    outcome = move(found)
    assert (outcome.value, outcome.problem, plant.values["FEED"]) == (2.5, None, 2.5)
    (kind, tag, before, after), writes_then, second, writes_later = trail
    assert (kind, tag, before, after) == (
        "plant", "FEED", {"value": 2.0, "unit": "L/h"}, {"value": 2.5, "status": "to be written"},
    )  # fmt: skip
    assert writes_then == []
    assert second[3] == {"value": 2.5, "status": "written"}
    assert writes_later == [("FEED", 2.5)]
    assert [action.kind for action in told] == [Kind.INTENT, Kind.WRITTEN]


@pytest.mark.parametrize(
    ("arguments", "mode", "reason"),
    [
        ({"tag": "BOILER"}, Mode.CONTROL, "not among the set-points that may be moved"),
        ({"is_armed": False}, Mode.CONTROL, "control is not armed"),
        ({}, Mode.ADVISE, "control is not armed"),
        ({}, Mode.MONITOR, "control is not armed"),
        ({"value": 6.5}, Mode.CONTROL, "outside the range"),
        ({"value": math.nan}, Mode.CONTROL, "no number"),
        ({"value": 4.0}, Mode.CONTROL, "more than the 1 L/h of its rate"),
        ({"expected": 2.1}, Mode.CONTROL, "at 2 and not at 2.1, where it was left"),
    ],
)
def test_what_is_not_allowed_is_refused_and_recorded_and_nothing_is_sent(arguments, mode, reason):
    plant, trail = FakePlant(), Trail()
    found, told = writer(plant, mode, trail)
    outcome = move(found, **arguments)
    assert reason in outcome.problem
    assert plant.writes == []
    assert [(action.kind, reason in action.text) for action in told] == [(Kind.REFUSED, True)]
    assert reason in trail[0][3]["refused"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("refuse", "BadUserAccessDenied"), ("ignore", "shows 2 L/h after 2.25"), ("round", "shows 2 L/h")],
)
def test_what_the_plant_does_not_take_is_told(fault, reason):
    plant = FakePlant()
    plant.fault = fault
    found, told = writer(plant)
    assert reason in move(found, value=2.25).problem
    assert [action.kind for action in told] == [Kind.INTENT, Kind.REFUSED]


def test_where_the_set_point_is_must_be_known():
    plant = FakePlant()
    plant.fault = "bad"
    assert "not known where the set-point is" in move(writer(plant)[0]).problem
    assert plant.writes == []


def test_nothing_is_sent_that_the_trail_does_not_take(tmp_path, monkeypatch):
    begin(tmp_path)
    monkeypatch.setenv("COSIM_AUDIT", str(tmp_path))
    plant = FakePlant()
    found, _ = writer(plant, record=audit.record)
    assert move(found).problem is None
    lines = [json.loads(line) for line in (tmp_path / "trail.jsonl").read_text().splitlines()]
    assert [line["record"]["kind"] for line in lines[1:]] == ["plant", "plant"]
    (tmp_path / "head.json").write_text("{}")
    with pytest.raises(AuditError):
        move(found, value=2.75)
    assert plant.writes == [("FEED", 2.5)]


def test_advice_is_shown_at_its_own_node_only():
    plant = FakePlant()
    found, _ = writer(plant, Mode.ADVISE)
    assert found.show("FEED", 3.5, "because", now=HOUR).problem is None
    assert plant.writes == [("FEED_ADVICE", 3.5)]
    assert "no advice node" in found.show("TEMP", 35.0, "because", now=HOUR).problem
    assert "outside the range" in found.show("FEED", 7.0, "because", now=HOUR).problem
    assert "writes nothing" in writer(plant, Mode.MONITOR)[0].show("FEED", 3.5, "because", now=HOUR).problem
    assert plant.writes == [("FEED_ADVICE", 3.5)]


def test_what_is_stopped_at_the_last_moment_is_not_sent():
    plant, told, trail = FakePlant(), [], Trail()
    found = Writer(acting(), plant, told.append, record=trail, stopped=lambda: "there is a file 'disarm'")
    assert move(found).problem == "there is a file 'disarm'"
    assert plant.writes == []
    assert trail[-1][3]["status"] == "not written"


def test_of_a_write_without_an_answer_nobody_says_that_it_was_not_written():
    plant, trail = FakePlant(), Trail()
    plant.fault = "refuse"
    found, _ = writer(plant, record=trail)
    assert move(found, value=2.25).value == 2.0
    assert (trail[-1][3]["status"], trail[-1][3]["value"]) == ("unknown", 2.0)
