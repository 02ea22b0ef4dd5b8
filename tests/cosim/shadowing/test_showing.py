"""What a shadow tells its page."""

import math
from pathlib import Path

import pytest

from cosim.acting.actions import Action, ActionLog
from cosim.acting.actions import Kind as Done
from cosim.acting.advice import Advice, Gain, Move, to_json
from cosim.clock import Ticks, to_ticks
from cosim.errors import RequestError
from cosim.live.cycle import Cycle
from cosim.live.page.board import NOTHING, Board
from cosim.live.quality import Quality
from cosim.live.record import Kind, Note, Sample
from cosim.live.tag import Tag, TagMap, Use, by_name
from cosim.results.segments import write_segment
from cosim.shadowing.comparison import COLUMNS
from cosim.shadowing.following import Compared, Ground, Pair
from cosim.shadowing.outlook import Alert, Concern, Course, Estimate, Health, Outlook
from cosim.shadowing.shadow import Plan
from cosim.shadowing.showing import SHOWN, Showing

S = 10**9
MINUTE = Ticks(60 * S)


class FakeFile:
    name, description, cycle = "r7", "Reactor 7", MINUTE


class FakeExecution:
    def variable(self, name):
        return type("Variable", (), {"unit": "mol/m3"})

    def __getitem__(self, name):
        if name == "r.asleep":
            raise RequestError("It has not begun.")
        return 20.0


def tag(name, use, unit="1", variable=None):
    return Tag(name, by_name(name), unit, use, variable or f"r.{name}", "", MINUTE, 0.0, 9.0)


TAGS = [
    tag("TT1", Use.MEASURES, "degC", "r.T"),
    tag("FT1", Use.DRIVES, "L/h"),
    tag("LAB", Use.SAMPLES, "mmol/L", "r.glucose"),
    tag("SP1", Use.NOTHING),
]


@pytest.fixture
def board():
    return Board()


def made(board, tags=TAGS, folder=Path("session"), begins=0):
    showing = Showing(Plan(FakeFile, TagMap({item.name: item for item in tags})), "opc.tcp://plc/", board.take)
    return showing.made(Ground(folder, FakeExecution(), Ticks(begins), None))


def compared(n=1, measured=36.8, samples=(), held=(), outlook=None):
    cycle = Cycle(n - 1, Ticks((n - 1) * MINUTE), Ticks(n * MINUTE), {}, (), "fed", n * 60 * S, 0)
    pairs = (Pair("TT1", cycle.end, measured, Quality.GOOD, 36.9),)
    return Compared(cycle, pairs, samples, {} if held else {"FT1": 2.0}, held, outlook)


def shown(board):
    return board.since(NOTHING)[1]


def active(board):
    return {alarm["id"]: alarm for alarm in shown(board)["alarms"] if alarm["until"] is None}


def test_the_head_says_what_is_shown_in_units_for_people(board):
    made(board)
    head = shown(board)["head"]
    assert (head["name"], head["plant"], head["cycle"], head["hidden"]) == ("r7", "opc.tcp://plc/", 60.0, 0)
    assert [(item["name"], item["unit"], item["use"]) for item in head["tags"]] == [
        ("LAB", "mmol/L", "samples"), ("TT1", "°C", "measures"), ("FT1", "L/h", "drives"),
    ]  # fmt: skip


def test_more_tags_than_anybody_follows_are_counted(board):
    made(board, [tag(f"T{i}", Use.MEASURES) for i in range(SHOWN + 5)])
    head = shown(board)["head"]
    assert (len(head["tags"]), head["hidden"]) == (SHOWN, 5)


def test_a_cycle_has_plant_and_twin_and_what_the_twin_says_of_the_laboratory(board):
    showing = made(board)
    showing.follow(compared(samples=(Pair("LAB", Ticks(5 * S), 18.0, Quality.GOOD, 19.0),)))
    found = shown(board)
    assert (found["times"], found["phase"]) == ([60.0], "fed")
    assert found["courses"]["TT1"][:2] == [[36.8], [36.9]]
    assert found["courses"]["FT1"][:2] == [[2.0], None]
    assert found["courses"]["LAB"][:2] == [None, [20.0]]
    assert found["samples"] == [("LAB", 5.0, 18.0, 19.0)]


def test_a_component_that_has_not_begun_says_nothing(board):
    showing = made(board, [tag("LAB", Use.SAMPLES, "mmol/L", "r.asleep")])
    showing.follow(compared())
    assert shown(board)["courses"]["LAB"] == [None] * 5


def test_an_estimate_stands_at_its_tag_in_the_unit_of_the_tag(board):
    showing = made(board)
    outlook = Outlook(
        MINUTE, Health.UNCERTAIN, "too sure",
        estimates=(Estimate("r.T", "K", 310.15, 309.15, 311.15), Estimate("r.cells", "1e6/mL", 5.0, 4.0, 6.0)),
        parameters=(Estimate("r.mu_max", "1/h", 0.035, math.nan, 0.036),),
        forecast=(Course("r.T", "K", (to_ticks(120),), (311.15,), (310.15,), (312.15,)),),
        envelope=(Course("r.cells", "1e6/mL", (to_ticks(60),), (5.0,), (4.0,), (6.0,)),),
    )  # fmt: skip
    showing.follow(compared(outlook=outlook))
    found = shown(board)
    assert found["courses"]["TT1"] == [[36.8], [36.9], [37.0], [36.0], [38.0]]
    assert found["courses"]["r.cells"] == [None, None, [5.0], [4.0], [6.0]]
    told = found["outlook"]
    assert (told["health"], told["reason"], told["units"]) == ("uncertain", "too sure", {"r.cells": "10⁶/mL"})
    assert told["forecast"]["TT1"] == [[120.0], *[[pytest.approx(value)] for value in (38.0, 37.0, 39.0)]]
    assert told["envelope"] == {"r.cells": [[60.0], [5.0], [4.0], [6.0]]}
    assert told["parameters"] == [{"name": "r.mu_max", "unit": "1/h", "value": 0.035, "low": None, "high": 0.036}]


def test_an_estimate_that_does_not_fit_the_unit_of_its_tag_is_shown_nowhere(board):
    showing = made(board)
    showing.follow(compared(outlook=Outlook(MINUTE, Health.GOOD, "", (Estimate("r.T", "kg", 1.0, 0.0, 2.0),))))
    assert shown(board)["courses"]["TT1"][2:] == [None, None, None]


def test_an_alert_is_an_alarm_while_it_lasts(board):
    showing = made(board)
    alert = Alert(Concern.LIMIT, "r.glucose", "Glucose falls below 10 mmol/L in 14 h.", "The pump is slow.", MINUTE)
    showing.follow(compared(1, outlook=Outlook(MINUTE, Health.GOOD, "", alerts=(alert,))))
    alarm = active(board)["limit r.glucose"]
    assert (alarm["tone"], alarm["text"]) == ("bad", "Glucose falls below 10 mmol/L in 14 h. The pump is slow.")
    showing.follow(compared(2, outlook=Outlook(Ticks(2 * MINUTE), Health.GOOD, "")))
    assert active(board) == {}


def test_what_is_missing_is_an_alarm_until_it_is_back(board):
    showing = made(board)
    showing.follow(compared(1, measured=math.nan, held=("FT1",)))
    assert {alarm["text"] for alarm in active(board).values()} == {"TT1 is missing.", "FT1 is missing."}
    showing.follow(compared(2))
    assert active(board) == {}


def test_the_link_is_told_with_its_troubles(board):
    showing = made(board)
    for kind, state in ((Kind.CONNECTED, "history"), (Kind.BACKFILL, "history"), (Kind.BACKFILLED, "live")):
        showing.arrived(Note(kind, S))
        assert shown(board)["link"]["state"] == state
    showing.arrived(Note(Kind.LOST, 2 * S, "Nothing has come for 6 s."))
    assert (shown(board)["link"]["state"], active(board)["link"]["text"]) == ("lost", "Nothing has come for 6 s.")
    showing.arrived(Note(Kind.BACKFILLED, 3 * S))
    assert active(board) == {}
    showing.arrived(Note(Kind.SKEW, 4 * S, "The server's clock is 3600 s ahead of ours."))
    showing.arrived(Note(Kind.REFUSED, 4 * S, "Tag 'TT1' cannot be used.", "TT1"))
    showing.arrived(Note(Kind.GAP, 5 * S, '{"why": "no history", "gaps": {"TT1": [1, 2]}}'))
    assert set(active(board)) == {"skew", "refused TT1"}
    assert "Samples of 1 tags are lost: no history." in {alarm["text"] for alarm in shown(board)["alarms"]}


def test_values_are_told_as_they_arrive(board):
    showing = made(board)
    bad = 0x80000000
    showing.arrived((Sample("TT1", S, S, 2 * S, 36.8, 0), Sample("FT1", S, S, 2 * S, math.nan, bad)))
    showing.arrived((Sample("SP1", S, S, 3 * S, 1.0, 0), Sample("Speed", S, S, 3 * S, 60.0, 0)))
    now = shown(board)["now"]
    assert now["values"] == {
        "TT1": [36.8, "good", 1000.0], "FT1": [None, "missing", 1000.0], "Speed": [60.0, "good", 1000.0],
    }  # fmt: skip
    assert now["wall"] == 3000.0


def test_advice_is_told_with_what_it_promises(board):
    showing = made(board)
    move = Move("SP1", "degC", 36.8, 35.0, 34.0, 30.0, 40.0)
    gain = Gain(0.2, 0.1, 0.3, 0.05, 0.9)
    showing.advised(Advice(7, MINUTE, (move,), to_ticks(120), to_ticks(240), 4.2, 4.0, gain, 0.1, 0.2, True, "", 20))
    advice = shown(board)["advice"]
    assert (advice["number"], advice["t"], advice["switch"], advice["harvest"]) == (7, 60.0, 120.0, 240.0)
    assert advice["moves"][0]["changes"]
    assert (advice["moves"][0]["unit"], advice["moves"][0]["to"]) == ("°C", 35.0)
    assert (advice["gain"]["relative"], advice["risk"]) == (0.05, 0.1)
    showing.advised(Advice(8, MINUTE, (move,), MINUTE, MINUTE, 4.0, 4.0, gain, 0.0, 0.0, False, "it gains nothing", 20))
    advice = shown(board)["advice"]
    assert (advice["moves"], advice["text"]) == ([], "Go on as now: it gains nothing.")


def test_what_was_done_is_listed(board):
    showing = made(board)
    for i in range(30):
        showing.acted(Action(Done.WRITTEN, 0, i * S, "SP1", f"written {i}", {}))
        showing.acted(Action(Done.INTENT, 0, i * S, "SP1", "not listed", {}))
    showing.acted(Action(Done.REFUSED, 0, S, "SP1", "outside its limits", {}))
    showing.acted(Action(Done.STATE, 0, S, "control", "Control is armed.", {}))
    found = shown(board)
    assert len(found["done"]["items"]) == 20
    assert [item["tone"] for item in found["done"]["items"][-3:]] == ["good", "doubt", "none"]
    assert found["control"]["text"] == "Control is armed."


def test_a_shadow_that_goes_on_shows_what_was_before(board, tmp_path):
    log = ActionLog(tmp_path)
    move = Move("SP1", "L/h", 1.0, 1.5, 2.0, 0.0, 5.0)
    for number in (3, 7):
        gain = Gain(0.1, 0.0, 0.2, 0.1, 0.9)
        advice = Advice(number, MINUTE, (move,), MINUTE, MINUTE, 1.0, 0.9, gain, 0.0, 0.0, True, "", 20)
        log.add(Action(Done.ADVICE, 0, 0, str(number), "", to_json(advice)))
    log.add(Action(Done.DECISION, 0, 0, "7", "", {"number": 7, "verdict": "rejected", "person": "Ada"}))
    log.close()
    rows = [
        (0, "measured", "TT1", 60.0, 36.5, "good", 36.6),
        (0, "input", "FT1", 60.0, 2.0, "good", 2.0),
        (1, "measured", "TT1", 120.0, 36.7, "good", 36.8),
        (1, "laboratory", "LAB", 30.0, 18.0, "good", 19.0),
    ]
    write_segment_in(tmp_path / "compared", rows)
    made(board, folder=tmp_path, begins=120 * S)
    found = shown(board)
    assert found["times"] == [60.0, 120.0]
    assert found["courses"]["TT1"][:2] == [[36.5, 36.7], [36.6, 36.8]]
    assert found["courses"]["FT1"][0] == [2.0, None]
    assert found["samples"] == [("LAB", 30.0, 18.0, 19.0)]
    assert found["advice"]["number"] == found["verdict"]["number"] == 7
    assert (found["verdict"]["verdict"], found["verdict"]["who"]) == ("rejected", "Ada")


def write_segment_in(folder, rows):
    folder.mkdir()
    write_segment(folder / "00000000.parquet", rows, COLUMNS)
