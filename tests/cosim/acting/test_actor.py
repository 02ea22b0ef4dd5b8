"""When a follower that acts relies on what a cycle says, and what it does when a look ahead fails."""

from pathlib import Path

import pytest
from acting_plant import HOUR, FakePlant, acting

from cosim.acting.actions import Action, ActionLog, Kind
from cosim.acting.actor import AbstractAdvisor, Actor
from cosim.acting.advice import Advice, Gain, Move, Verdict, to_json
from cosim.acting.control import Control, State
from cosim.acting.decisions import Decision, decide
from cosim.acting.pulse import Pulse
from cosim.acting.writing import Writer
from cosim.audit.trail import begin
from cosim.errors import EstimationError
from cosim.live.acting import Mode
from cosim.live.cycle import Aligned, Cycle
from cosim.live.quality import Quality
from cosim.live.tag import TagMap
from cosim.shadowing.following import Compared
from cosim.shadowing.outlook import Health, Outlook

CYCLE = HOUR // 6


def compared(number, quality=Quality.GOOD, health=None, age=0, is_held=False):
    end = (number + 1) * CYCLE
    values = {"TT": Aligned(20.0, quality, age, 1, is_held)}
    outlook = Outlook(end, health, "few samples.") if health is not None else None
    return Compared(Cycle(number, end - CYCLE, end, values, (), "", 0, 0), (), (), {}, (), outlook)


class Advisor(AbstractAdvisor):
    """Wants 4 L/h at first, and fails later."""

    def __init__(self):
        self.followed, self.is_closed, self.n_renewed = [], False, 0
        self.moves = (Move("FEED", "L/h", 2.0, 4.0, 4.0, 0.5, 6.0),)

    def follow(self, compared):
        self.followed.append(compared.cycle.number)

    def advise(self, compared, pulse):
        number, end = compared.cycle.number, compared.cycle.end
        if number == 5:
            raise EstimationError("All models have failed.")
        if number:
            return None
        return Advice(0, end, self.moves, end, end, 2.0, 1.0, Gain(1.0, 1.0, 1.0, 1.0, 0.9), 0.0, 0.0, True, "", 1)

    def renew(self):
        self.n_renewed += 1

    def close(self):
        self.is_closed = True


@pytest.fixture(autouse=True)
def trail(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT", str(tmp_path / "audit"))
    begin(tmp_path / "audit")


def put(folder, advice):
    log = ActionLog(folder)
    log.add(Action(Kind.ADVICE, advice.time, 1, str(advice.number), "", to_json(advice)))
    log.close()


class Session:
    """An actor with a fake plant."""

    def __init__(self, mode=Mode.CONTROL, *, folder=Path("nowhere"), **options):
        self.plant, self.told, self.advisor, self.pulse = FakePlant(), [], Advisor(), Pulse(TagMap({}))
        given, tell, record = acting(mode), self.told.append, lambda *_, **__: None
        writer = Writer(
            given, self.plant, tell, record=record, sleep=lambda _: None, rejected=lambda: self.actor.rejected()
        )
        self.control = Control(
            given, self.plant, writer, tell, cycle=CYCLE, on_the_wall=lambda t: t / 1e9, record=record
        )
        self.control.arm("x")
        self.actor = Actor(
            given, folder, tell=tell, advisor=self.advisor, writer=writer, control=self.control,
            pulse=self.pulse, record=record, **options,
        )  # fmt: skip

    def follow(self, compared):
        """A cycle that comes as soon as the plant has told of its end."""
        self.pulse.latest = max(self.pulse.latest, compared.cycle.end)
        self.actor.follow(compared)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"quality": Quality.MISSING}, "TT is missing"),
        ({"is_held": True}, "TT is bad"),
        ({"age": HOUR + 1}, "TT is older than is allowed"),
        ({"health": Health.BAD}, "the estimate is bad: few samples"),
        ({"health": Health.UNCERTAIN}, "the estimate is uncertain: few samples"),
    ],
)
def test_what_cannot_be_relied_on_holds(options, said):
    session = Session()
    session.follow(compared(0))
    session.follow(compared(1))
    assert session.plant.values["FEED"] > 2.0
    before = dict(session.plant.values)
    session.follow(compared(2, **options))
    assert (session.control.state, session.control.reason) == (State.HOLDING, said)
    session.follow(compared(3, health=Health.GOOD))
    assert session.control.state is State.ACTIVE
    assert session.plant.values["FEED"] > before["FEED"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"quality": Quality.MISSING}, "TT is missing"),
        ({"age": HOUR + 1}, "TT is older than is allowed"),
        ({"health": Health.UNCERTAIN}, "the estimate is uncertain: few samples"),
    ],
)
def test_advice_found_on_what_cannot_be_relied_on_is_never_followed(options, said):
    session = Session()
    session.follow(compared(0, **options))
    for number in range(1, 4):
        session.follow(compared(number))
    assert session.control.state is State.ACTIVE
    assert session.plant.values["FEED"] == 2.0
    assert f"Advice 0 is not followed, as it was found while {said}." in [action.text for action in session.told]


def test_how_far_the_plant_is_since_the_cycle_is_part_of_the_age_of_data():
    session = Session()
    session.follow(compared(0))
    session.follow(compared(1, age=HOUR // 2))
    moved = session.plant.values["FEED"]
    assert moved > 2.0
    session.pulse.latest = 3 * CYCLE + HOUR // 2 + 1
    session.follow(compared(2, age=HOUR // 2))
    assert (session.control.reason, session.plant.values["FEED"]) == ("TT is older than is allowed", moved)


def test_advice_that_is_rejected_between_two_writes_moves_nothing_more(tmp_path, monkeypatch):
    session = Session(folder=tmp_path)
    session.advisor.moves = (*session.advisor.moves, Move("TEMP", "degC", 36.0, 34.0, 34.0, 33.0, 37.0))
    session.follow(compared(0))
    put(tmp_path, Advisor().advise(compared(0), None))
    write = session.plant.write

    def reject_after(tag, value):
        write(tag, value)
        decide(tmp_path, 0, Verdict.REJECTED, person="ada")

    monkeypatch.setattr(session.plant, "write", reject_after)
    session.plant.writes.clear()
    for number in range(1, 4):
        session.follow(compared(number))
    assert [tag for tag, _ in session.plant.writes] == ["FEED"]
    assert session.plant.values["TEMP"] == 36.0
    assert session.control.state is State.ACTIVE  # whoever rejects advice does not end control
    assert any("advice 0 was rejected by ada" in action.text for action in session.told)


def test_a_look_ahead_that_fails_is_told_and_the_advice_of_before_stays():
    session = Session()
    for number in range(8):
        session.follow(compared(number))
    assert [action.text for action in session.told if action.kind is Kind.REFUSED] == [
        "No advice could be found: All models have failed."
    ]
    assert session.plant.values["FEED"] == pytest.approx(2.0 + 7 / 6)
    assert session.plant.values["FEED_ADVICE"] == 4.0
    session.actor.close()
    assert session.advisor.is_closed
    assert session.control.state is State.OVER


def test_advice_is_not_looked_for_on_old_data():
    session = Session()
    session.pulse.latest = 10 * HOUR
    session.follow(compared(0))
    assert session.advisor.followed == [0]
    assert [action for action in session.told if action.kind is Kind.ADVICE] == []


def test_a_repetition_asks_for_advice_where_it_was_given_whether_it_is_due_or_not():
    session = Session(when=lambda cycle: cycle.number == 0)
    session.pulse.latest = 10 * HOUR
    session.actor.follow(compared(0))
    session.actor.follow(compared(1))
    assert [action.subject for action in session.told if action.kind is Kind.ADVICE] == ["0"]
    assert session.advisor.n_renewed > 0


def test_advice_is_followed_only_while_it_lasts():
    session = Session(lasts=3 * CYCLE)
    for number in range(8):
        session.follow(compared(number))
    assert session.plant.values["FEED"] == pytest.approx(2.0 + 3 / 6)


def test_on_a_plant_that_has_told_nothing_to_this_process_nothing_is_advised_or_moved():
    session = Session()
    session.actor.follow(compared(0))  # from the store: the link does not stand yet
    assert [action for action in session.told if action.kind is Kind.ADVICE] == []
    assert session.plant.writes == []
    assert session.plant.until == []


@pytest.mark.parametrize("fault", ["age", "over"])
def test_while_advice_is_found_the_heartbeat_needs_data_that_are_fresh(fault):
    session = Session()
    session.follow(compared(0))
    session.actor._think()
    n = len([moment for moment in session.plant.until if moment])
    assert n == 2
    if fault == "age":
        session.pulse.latest += 2 * HOUR
    else:
        session.pulse.ended = "the batch is over"
    session.actor._think()
    assert len([moment for moment in session.plant.until if moment]) == n


@pytest.mark.parametrize("mode", Mode)
def test_what_is_decided_in_another_process_is_told_when_it_is(tmp_path, mode):
    heard = []
    session = Session(mode, folder=tmp_path, decided=heard.append)
    put(tmp_path, Advisor().advise(compared(0), None))
    session.actor.look()
    assert heard == []
    decide(tmp_path, 0, Verdict.REJECTED, person="ada", why="not now")
    session.actor.look()
    session.actor.look()
    assert heard == [Decision(0, Verdict.REJECTED, "ada", "not now")]


def test_another_batch_ends_control():
    session = Session()
    session.follow(compared(0))
    session.follow(compared(1))
    n = len(session.plant.writes)
    session.pulse.ended = "batch 'B2' has begun"
    session.follow(compared(2))
    assert (session.control.state, session.control.reason) == (State.OVER, "batch 'B2' has begun")
    assert len(session.plant.writes) == n
