"""A board gives pages what they have not seen yet."""

import json
import math

from cosim.live.page.board import ALARMS, NOTHING, Board


def cycle(t, **values):
    return {"kind": "cycle", "t": t, "phase": "fed", "values": values}


def five(measured, twin=None):
    return [measured, twin, None, None, None]


def test_a_page_gets_everything_and_then_what_is_new():
    board = Board()
    board.take({"kind": "head", "name": "r7"})
    board.take(cycle(600.0, TT1=five(36.81234567, 36.9)))
    seen, first = board.since(NOTHING)
    assert (first["anew"], first["times"], first["head"], first["phase"]) == (True, [600.0], {"name": "r7"}, "fed")
    assert first["courses"]["TT1"] == [[36.8123], [36.9], None, None, None]
    assert board.since(seen) == (seen, {})
    board.take(cycle(1200.0, TT1=five(36.7)))
    board.take({"kind": "sample", "sample": ["LAB", 60.0, 1.5, math.nan]})
    seen, more = board.since(seen)
    assert (more["anew"], more["times"]) == (False, [1200.0])
    assert more["courses"] == {"TT1": [[36.7], None, None, None, None]}
    assert more["samples"] == [("LAB", 60.0, 1.5, None)]
    assert "head" not in more


def test_a_course_that_comes_later_has_nothing_before():
    board = Board()
    board.take(cycle(1.0, A=five(1.0)))
    seen, _ = board.since(NOTHING)
    board.take(cycle(2.0, B=five(2.0)))
    _, new = board.since(seen)
    assert new["anew"]
    assert new["courses"]["A"][0] == [1.0, None]
    assert new["courses"]["B"][0] == [None, 2.0]


def test_a_long_batch_is_thinned_where_it_is_old():
    board = Board(cycles=100)
    for i in range(250):
        board.take(cycle(float(i), A=five(float(i))))
    _, found = board.since(NOTHING)
    assert len(found["times"]) < 100
    assert found["times"][-40:] == [float(i) for i in range(210, 250)]
    assert found["times"][0] == 0.0
    assert found["courses"]["A"][0] == found["times"]


def test_an_alarm_lasts_from_when_it_was_raised_first():
    board = Board()
    alarm = {"kind": "alarm", "id": "x", "tone": "bad", "text": "hot", "wall": 1.0}
    board.take(alarm)
    board.take({**alarm, "text": "hotter", "wall": 2.0})
    _, found = board.since(NOTHING)
    assert found["alarms"] == [{"id": "x", "tone": "bad", "text": "hotter", "wall": 1.0, "until": None}]
    assert board.brief()["alarms"] == 1
    board.take({"kind": "clear", "id": "x", "wall": 3.0})
    board.take({"kind": "clear", "id": "never raised", "wall": 3.0})
    assert board.since(NOTHING)[1]["alarms"][0]["until"] == 3.0
    assert board.brief()["alarms"] == 0
    board.take({**alarm, "wall": 4.0})
    assert board.since(NOTHING)[1]["alarms"][0]["wall"] == 4.0


def test_alarms_that_are_over_are_forgotten_first():
    board = Board()
    for i in range(ALARMS + 5):
        board.take({"kind": "alarm", "id": str(i), "tone": "doubt", "text": "", "wall": float(i)})
        if i == 50:
            board.take({"kind": "clear", "id": "50", "wall": 51.0})
    left = [alarm["id"] for alarm in board.since(NOTHING)[1]["alarms"]]
    assert len(left) == ALARMS
    assert "50" not in left
    assert left[-1] == str(ALARMS + 4)


def test_what_is_sent_is_json_whatever_was_told():
    board = Board()
    board.take(cycle(1.0, A=[math.inf, -math.inf, math.nan, None, 1e300]))
    board.take({"kind": "outlook", "parameters": [{"value": math.nan}]})
    text = json.dumps(board.since(NOTHING)[1], allow_nan=False)
    assert json.loads(text)["outlook"] == {"parameters": [{"value": None}]}
    json.dumps(board.brief(), allow_nan=False)
