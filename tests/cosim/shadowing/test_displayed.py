"""What people decide on a page."""

import pytest

from cosim.acting.actions import Action, ActionLog, Kind
from cosim.acting.advice import Advice, Gain, Move, Verdict, to_json
from cosim.acting.decisions import decisions_in
from cosim.audit.trail import begin
from cosim.errors import RequestError
from cosim.live.page.board import NOTHING
from cosim.shadowing.displayed import FOLDER, Displayed


@pytest.fixture
def shown(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT", str(tmp_path / "audit"))
    begin(tmp_path / "audit")
    advice = Advice(7, 0, (Move("SP1", "L/h", 1.0, 1.5, 2.0, 0.0, 5.0),), 0, 0, 1.0, 0.9, Gain(0.1, 0.0, 0.2, 0.1, 0.9),
                    0.0, 0.0, True, "", 20)  # fmt: skip
    log = ActionLog(tmp_path)
    log.add(Action(Kind.ADVICE, 0, 0, "7", "", to_json(advice)))
    log.close()
    displayed = Displayed()
    displayed.take({"kind": FOLDER, "folder": str(tmp_path)})
    return displayed


def test_a_decision_is_recorded_and_shown(shown, tmp_path):
    shown.decide("7", "Ada", "it fits the shift", is_accepted=True)
    assert decisions_in(tmp_path)[7].verdict is Verdict.ACCEPTED
    _, found = shown.board.since(NOTHING)
    assert found["verdict"] == {"number": 7, "verdict": "accepted", "who": "Ada"}
    assert FOLDER not in found


def test_what_was_decided_is_not_decided_again(shown, tmp_path):
    shown.decide("7", "Ada", "", is_accepted=False)
    with pytest.raises(RequestError, match="Advice 7 has been rejected already by Ada"):
        shown.decide("7", "Bob", "", is_accepted=True)
    assert decisions_in(tmp_path)[7].verdict is Verdict.REJECTED


@pytest.mark.parametrize("advice", ["8", "-1", "", "7.0", "../7", "٧", "9" * 5000])
def test_advice_that_was_not_given_is_refused(shown, advice):
    with pytest.raises(RequestError, match=r"There is no advice|has given no advice"):
        shown.decide(advice, "Eve", "", is_accepted=True)


def test_before_a_shadow_has_begun_there_is_no_advice():
    with pytest.raises(RequestError, match="There is no advice '7'"):
        Displayed().decide("7", "Ada", "", is_accepted=True)
