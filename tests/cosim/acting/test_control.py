"""Control of a plant that misbehaves: what is moved, when it is held, and when it is handed over."""

import random
import time
from itertools import pairwise

import pytest
from acting_plant import HOUR, MOVES, FakePlant, acting

from cosim.acting.actions import Kind
from cosim.acting.control import Control, Situation, State
from cosim.acting.writing import Writer
from cosim.errors import AuditError

CYCLE = HOUR // 6


class Loop:
    """A control loop over a fake plant; ``trail`` is what was recorded."""

    def __init__(self, record=None, **values):
        self.plant, self.told, self.trail, self.now, self.wish, self.reached = FakePlant(**values), [], [], 0, None, 0
        self.record = record or (lambda *a, **k: self.trail.append((a, k)))
        self.control = self.begun()

    def begun(self):
        given, tell, record = acting(), self.told.append, self.record
        writer = Writer(given, self.plant, tell, record=record, sleep=lambda _: None, stopped=lambda: self.wish)
        return Control(
            given, self.plant, writer, tell, cycle=CYCLE, on_the_wall=lambda time: time / 1e9, record=record,
            latest=lambda: self.reached,
        )  # fmt: skip

    def go(self, n=1, targets=None, *, behind=0, trouble=None):
        for _ in range(n):
            self.now += CYCLE
            self.control.follow(Situation(self.now, self.now + behind, trouble), targets or {})
        return self.control.state


def test_nothing_is_written_before_it_is_armed():
    loop = Loop()
    assert loop.go(5, {"FEED": 4.0}) is State.OFF
    assert loop.plant.writes == []
    assert loop.plant.until == []


def test_armed_it_goes_to_the_target_at_the_rate_and_stays():
    loop = Loop()
    loop.control.arm("the night shift")
    assert loop.go(20, {"FEED": 4.0, "TEMP": 35.0}) is State.ACTIVE
    feeds = [value for tag, value in loop.plant.writes if tag == "FEED"]
    assert feeds == pytest.approx([2.0 + i / 6 for i in range(1, 13)])
    assert loop.plant.values["TEMP"] == pytest.approx(35.0)
    (arguments, options), *_ = loop.trail
    assert (arguments, options["why"]) == (("plant", "control"), "the night shift")
    assert options["after"]["moves"]["FEED"] == [0.5, 6.0, "L/h"]


def test_without_a_heartbeat_that_the_plant_takes_nothing_is_moved():
    loop = Loop()
    loop.plant.fault = "deaf"
    loop.control.arm("x")
    assert loop.go(3, {"FEED": 4.0}) is State.ACTIVE  # the first beat may be on its way
    time.sleep(0.06)
    assert loop.go(1, {"FEED": 4.0}) is State.HOLDING
    assert loop.control.reason == "the heartbeat is not taken"
    assert loop.plant.writes == []
    loop.plant.fault = None
    assert loop.go(1, {"FEED": 4.0}) is State.ACTIVE
    assert [tag for tag, _ in loop.plant.writes] == ["FEED"]
    loop.plant.fault = "deaf"
    assert loop.go(40, {"FEED": 4.0}) is State.OVER


def test_targets_outside_the_range_end_at_its_edge():
    loop = Loop(FEED=5.8)
    loop.control.arm("x")
    loop.go(10, {"FEED": 1e9})
    assert loop.plant.values["FEED"] == 6.0


def test_a_set_point_that_is_out_of_range_is_left_until_somebody_brings_it_in():
    loop = Loop(FEED=0.0)
    loop.control.arm("x")
    assert loop.go(5, {"FEED": 4.0, "TEMP": 35.9}) is State.ACTIVE
    assert {tag for tag, _ in loop.plant.writes} == {"TEMP"}
    loop.plant.values["FEED"] = 1.0
    loop.go(1, {"FEED": 4.0})
    assert loop.plant.values["FEED"] == pytest.approx(1.0 + 1 / 6)


def test_rates_count_from_where_the_plant_is_when_a_write_has_come_to_its_end():
    loop = Loop()
    loop.control.arm("x")
    loop.go(1, {"FEED": 4.0})
    loop.reached = 2 * CYCLE + CYCLE // 2  # half a cycle has passed while the plant was waited for
    loop.go(1, {"FEED": 4.0})
    assert loop.plant.values["FEED"] == pytest.approx(2.0 + 1 / 6)
    loop.go(1, {"FEED": 4.0})
    assert loop.plant.values["FEED"] == pytest.approx(2.0 + 1.5 / 6)


def test_however_often_it_is_armed_a_set_point_moves_no_faster_than_its_rate():
    loop = Loop()
    for _ in range(50):  # a hundred times within a cycle, and once a cycle
        for _ in range(100):
            loop.control = loop.begun()
            loop.control.arm("again")
            loop.control.follow(Situation(loop.now, loop.now), {"FEED": 6.0})
            loop.control.disarm("the operator said so")
        loop.now += CYCLE
    assert loop.plant.writes == []
    loop.control = loop.begun()
    loop.control.arm("at last")
    start = loop.now
    for _ in range(10):
        loop.now += CYCLE // 10
        loop.control.follow(Situation(loop.now, loop.now), {"FEED": 6.0})
    assert 2.0 < loop.plant.values["FEED"] <= 2.0 + (loop.now - start) / HOUR


def test_a_node_that_is_coarse_is_moved_within_range_and_rate_and_comes_to_its_safe_value():
    loop = Loop(FEED=0.75)
    loop.plant.unit = 0.25  # more than the sixth that a cycle allows
    loop.control.arm("x")
    times = []
    for _ in range(24):
        n = len(loop.plant.writes)
        loop.go(1, {"FEED": 2.4})
        times += [loop.now] * (len(loop.plant.writes) - n)
    assert [value for _, value in loop.plant.writes] == [1.0, 1.25, 1.5, 1.75, 2.0, 2.25]
    assert all(after - before >= 2 * CYCLE for before, after in pairwise(times))
    loop.plant.writes.clear()
    assert loop.go(60, {}, trouble="TT is missing") is State.OVER
    assert loop.control.reason == "set-points are at their safe values"
    assert loop.plant.writes[-1] == ("FEED", 1.0)


def test_time_in_which_nothing_was_moved_is_not_saved_up_for_a_coarse_node():
    loop = Loop()
    loop.plant.unit = 0.125
    loop.control.arm("x")
    loop.go(60, {"FEED": 2.1})  # as near as it gets
    loop.go(1, {"FEED": 6.0})
    assert loop.plant.writes == [("FEED", 2.125)]
    loop.go(1, {"FEED": 6.0})
    assert loop.plant.values["FEED"] == 2.25


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_who_ends_it_between_two_writes_finds_both_in_the_trail_and_control_handed_over(is_interrupted):
    loop = Loop()
    loop.control.arm("x")
    loop.go(1, {"FEED": 4.0, "TEMP": 35.0})
    write = loop.plant.write

    def interrupted(tag, value):
        write(tag, value)
        if tag == "TEMP":
            raise KeyboardInterrupt
        loop.wish = None if is_interrupted else "somebody wants the shadow to end"

    loop.plant.write = interrupted
    if is_interrupted:
        with pytest.raises(KeyboardInterrupt):
            loop.go(1, {"FEED": 4.0, "TEMP": 35.0})
        loop.control.disarm("the shadow ends")  # as whatever ends it does
    else:
        loop.go(1, {"FEED": 4.0, "TEMP": 35.0})
    assert loop.control.state is State.OVER
    assert loop.plant.n_released == 1
    told = [(arguments[1], (options["after"] or {}).get("status")) for arguments, options in loop.trail]
    assert told[1:] == [
        ("FEED", "to be written"), ("FEED", "written"), ("TEMP", "to be written"),
        ("TEMP", "unknown" if is_interrupted else "not written"), ("control", None),
    ]  # fmt: skip
    assert {tag for tag, _ in loop.plant.writes} == ({"FEED", "TEMP"} if is_interrupted else {"FEED"})


@pytest.mark.parametrize("trouble", ["TT is missing", "the estimate is bad"])
def test_trouble_holds_and_passes(trouble):
    loop = Loop()
    loop.control.arm("x")
    loop.go(2, {"FEED": 4.0})
    n = len(loop.plant.writes)
    assert loop.go(3, {"FEED": 4.0}, trouble=trouble) is State.HOLDING
    assert len(loop.plant.writes) == n
    assert loop.go(1, {"FEED": 4.0}) is State.ACTIVE
    assert len(loop.plant.writes) == n + 1
    assert loop.plant.values["FEED"] == pytest.approx(2.0 + 2 / 6)  # the time it held gives no larger step


def test_trouble_that_lasts_ends_at_the_safe_value_and_without_a_heartbeat():
    loop = Loop()
    loop.control.arm("x")
    loop.go(12, {"FEED": 3.0})
    assert loop.plant.values["FEED"] == pytest.approx(3.0)
    assert loop.go(60, {"FEED": 3.0}, trouble="TT is missing") is State.OVER
    assert loop.plant.values["FEED"] == pytest.approx(1.0)
    assert loop.plant.values["TEMP"] == 36.0  # it has no safe value
    assert loop.plant.until[-1] == 0.0
    n = len(loop.plant.writes)
    assert loop.go(5, {"FEED": 3.0}) is State.OVER
    assert len(loop.plant.writes) == n


def test_old_data_move_nothing():
    loop = Loop()
    loop.control.arm("x")
    loop.go(1)
    n = len(loop.plant.until)
    assert loop.go(1, {"FEED": 4.0}, behind=2 * HOUR) is State.HOLDING
    assert loop.plant.writes == []
    assert len(loop.plant.until) == n
    assert loop.go(1, {"FEED": 4.0}) is State.ACTIVE


@pytest.mark.parametrize("behind", [2 * HOUR, -HOUR])
def test_control_begins_with_the_first_cycle_that_is_current(behind):
    loop = Loop()
    loop.control.arm("late")
    assert loop.go(100, {"FEED": 4.0}, behind=behind, trouble="TT is missing") is State.ACTIVE
    loop.control.beat()
    assert loop.plant.writes == []
    assert loop.plant.until == []
    assert loop.go(2, {"FEED": 4.0}) is State.ACTIVE
    assert loop.plant.values["FEED"] == pytest.approx(2.0 + 1 / 6)


def test_a_backlog_moves_set_points_no_faster_than_the_plant_goes():
    loop = Loop()
    loop.control.arm("x")
    latest = 6 * CYCLE
    for number in range(1, 6):  # all at once
        loop.control.follow(Situation(number * CYCLE, latest), {"FEED": 4.0})
    assert loop.plant.writes == []
    for number in range(6, 9):
        loop.control.follow(Situation(number * CYCLE, latest + 3 * CYCLE), {"FEED": 4.0})
    assert loop.plant.values["FEED"] == pytest.approx(2.0 + 1 / 6)
    loop.control.follow(Situation(9 * CYCLE, latest + 3 * CYCLE + CYCLE // 2), {"FEED": 4.0})
    assert loop.plant.values["FEED"] == pytest.approx(2.0 + 1.5 / 6)


def test_patience_is_in_the_time_of_the_plant_and_not_in_that_of_a_backlog():
    loop = Loop()
    loop.control.arm("x")
    loop.go(2, {"FEED": 4.0})
    for number in range(3, 100):
        loop.control.follow(Situation(number * CYCLE, 100 * CYCLE, "TT is missing"), {"FEED": 4.0})
    assert loop.control.state is State.HOLDING


def test_a_retreat_leaves_what_it_has_not_moved():
    loop = Loop(FEED=0.0)  # an operator's, and out of range
    loop.control.arm("x")
    loop.go(2, {"FEED": 4.0, "TEMP": 36.1})
    assert loop.go(20, {}, trouble="TT is missing") is State.OVER
    loop.plant.values["FEED"] = 1.5
    loop.go(20, {}, trouble="TT is missing")
    assert {tag for tag, _ in loop.plant.writes} == {"TEMP"}
    assert loop.plant.n_released == 1


def test_a_retreat_that_comes_to_no_end_is_given_up_and_the_plant_falls_back():
    loop = Loop()
    loop.control.arm("x")
    loop.go(12, {"FEED": 4.0})
    assert loop.go(14, {}, trouble="TT is missing") is State.RETREATING
    loop.now += 100 * HOUR  # nothing was gone through for as long
    assert loop.go(1, {}, trouble="TT is missing") is State.OVER
    assert loop.plant.n_released == 0
    assert loop.plant.until[-1] == 0.0


def test_handed_over_in_order_the_plant_is_told_so():
    loop = Loop()
    loop.control.arm("x")
    loop.go(2, {"FEED": 4.0})
    loop.plant.values["FEED"] = 5.5
    loop.go(1, {"FEED": 4.0})
    assert (loop.control.state, loop.plant.n_released) == (State.OVER, 1)


def test_the_heartbeat_goes_on_for_three_cycles_at_most():
    loop = Loop()
    loop.control.arm("x")
    before = time.monotonic()
    loop.go(1)
    assert loop.plant.until[-1] <= time.monotonic() + 3 * CYCLE / 1e9
    assert loop.plant.until[-1] >= before + 3 * CYCLE / 1e9


@pytest.mark.parametrize("trouble", [None, "TT is missing"])
def test_a_set_point_of_uncertain_quality_is_not_known(trouble):
    loop = Loop()
    loop.control.arm("x")
    loop.go(1)
    loop.plant.fault = "uncertain"
    assert loop.go(1, {"FEED": 4.0}, trouble=trouble) is State.HOLDING
    assert loop.control.reason == "it is not known where FEED is"


def test_what_an_operator_sets_is_his():
    loop = Loop()
    loop.control.arm("x")
    loop.go(2, {"FEED": 4.0})
    loop.plant.values["FEED"] = 5.5
    assert loop.go(3, {"FEED": 4.0}) is State.OVER
    assert loop.plant.values["FEED"] == 5.5
    assert "FEED is at 5.5 and not at 2.16667, where it was left" in loop.told[-1].text


@pytest.mark.parametrize("fault", ["refuse", "ignore", "round"])
def test_a_write_that_is_not_confirmed_hands_over(fault):
    loop = Loop()
    loop.control.arm("x")
    loop.go(1)
    loop.plant.fault = fault
    assert loop.go(1, {"FEED": 4.0}) is State.OVER
    assert Kind.REFUSED in [action.kind for action in loop.told]


@pytest.mark.parametrize("fault", ["gone", "bad"])
def test_a_plant_that_is_not_there_is_waited_for_and_then_given_up(fault):
    loop = Loop()
    loop.control.arm("x")
    loop.go(2, {"FEED": 4.0})
    loop.plant.fault = fault
    assert loop.go(3, {"FEED": 4.0}) is State.HOLDING
    loop.plant.fault = None
    assert loop.go(1, {"FEED": 4.0}) is State.ACTIVE
    loop.plant.fault = fault
    assert loop.go(40, {"FEED": 4.0}) is State.OVER


def test_disarming_leaves_all_as_it_is_and_is_final():
    loop = Loop()
    loop.control.arm("x")
    loop.go(2, {"FEED": 4.0})
    before = dict(loop.plant.values)
    loop.control.disarm("the operator said so")
    assert loop.go(3, {"FEED": 4.0}) is State.OVER
    assert loop.plant.values == before


def test_a_trail_that_cannot_be_written_stops_everything():
    def record(*arguments, **options):
        if loop.now > 3 * CYCLE:
            raise AuditError("The disk is full.")

    loop = Loop(record)
    loop.control.arm("x")
    loop.go(3, {"FEED": 4.0})
    n = len(loop.plant.writes)
    with pytest.raises(AuditError):
        loop.go(1, {"FEED": 4.0})
    assert len(loop.plant.writes) == n


@pytest.mark.parametrize("seed", range(100))
def test_whatever_goes_wrong_nothing_outside_range_and_rate_is_written(seed):
    """A hundred faulty batches: faults, operators and absurd targets at random."""
    rng = random.Random(seed)
    loop = Loop(FEED=rng.uniform(0.5, 6.0), TEMP=rng.uniform(30.0, 40.0))
    loop.control.arm("x")
    since = dict.fromkeys(MOVES, 0)
    for _ in range(200):
        if rng.random() < 0.1:
            loop.plant.fault = rng.choice([None, None, "refuse", "ignore", "round", "gone", "bad"])
        if rng.random() < 0.02:
            loop.plant.unit = rng.choice([None, 0.25, 2.0**-20])
            loop.plant.values[rng.choice(["FEED", "TEMP"])] = rng.choice([float("nan"), 1e300, rng.uniform(-1.0, 40.0)])
        if loop.control.state is State.OVER and rng.random() < 0.3:
            loop.control = loop.begun()
            loop.control.arm("again")
            since = dict.fromkeys(MOVES, loop.now)
            loop.plant.fault = None
            loop.plant.values |= {"FEED": rng.uniform(0.5, 6.0), "TEMP": rng.uniform(33.0, 37.0)}
        before, n = dict(loop.plant.values), len(loop.plant.writes)
        targets = {tag: rng.choice([float("inf"), -1e9, 1e300, rng.uniform(0.0, 40.0)]) for tag in MOVES}
        behind, trouble = rng.choice([0, 0, 0, 2 * HOUR]), rng.choice([None, None, None, "TT is missing"])
        loop.go(1, targets, behind=behind, trouble=trouble)
        for tag, value in loop.plant.writes[n:]:
            move = MOVES[tag]
            assert move.low <= value <= move.high
            passed = min(loop.now - since[tag], CYCLE if loop.plant.unit is None else loop.now)
            assert abs(value - before[tag]) <= move.rate * passed / move.per * (1 + 1e-6)
            assert behind == 0
            since[tag] = loop.now
    assert loop.plant.writes
