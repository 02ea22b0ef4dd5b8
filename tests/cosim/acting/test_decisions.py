"""Advice and what is decided on it, in the log of actions."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest

from cosim.acting.actions import Action, ActionLog, Kind, actions_in
from cosim.acting.advice import Advice, Gain, Move, Verdict, from_json, in_words, to_json
from cosim.acting.decisions import Decision, Decisions, advice_differences, advice_in, decide, decisions_in
from cosim.audit.trail import begin
from cosim.errors import RequestError, ResultError

MOVES = (Move("FEED", "L/h", 1.8, 1.25, 0.5, 0.0, 6.0), Move("TEMP", "degC", 36.0, 36.0, 35.0, 33.0, 37.0))
GIVEN = Advice(
    number=12, time=10**9, moves=MOVES,
    switch=2 * 10**9, harvest=3 * 10**9, worth=4.2, worth_as_now=4.0, gain=Gain(0.2, 0.1, 0.3, 0.05, 0.8), risk=0.0,
    risk_as_now=0.2, is_worthwhile=True, why="", n_forecasts=20,
)  # fmt: skip


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """A project with an audit trail that is found from nowhere else."""
    monkeypatch.delenv("COSIM_AUDIT", raising=False)
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path / "project").mkdir()
    begin(tmp_path / "project/audit")
    (tmp_path / "shadow.json").write_text(json.dumps({"file": str(tmp_path / "project/s.yaml")}))


def put(folder, advice):
    log = ActionLog(folder)
    log.add(Action(Kind.ADVICE, advice.time, 1, str(advice.number), in_words(advice), to_json(advice)))
    log.close()


def test_advice_comes_back_as_it_was(tmp_path):
    put(tmp_path, GIVEN)
    assert advice_in(tmp_path) == {12: GIVEN}
    assert from_json(json.loads(json.dumps(to_json(GIVEN)))) == GIVEN
    assert GIVEN.targets == {"FEED": 1.25}
    assert in_words(GIVEN) == (
        "FEED 1.8 → 1.25 L/h (from 2 s on 0.5), TEMP 36 → 36 degC (from 2 s on 35): +5.0% expected, 80% sure."
    )


def test_advice_that_only_one_session_has_given_is_a_difference(tmp_path):
    for name, numbers in (("then", (12, 24, 36)), ("now", (6, 12))):
        (tmp_path / name).mkdir()
        for number in numbers:
            put(tmp_path / name, from_json({**to_json(GIVEN), "number": number}))
    found = list(advice_differences(tmp_path / "then", tmp_path / "now", 30))
    words = in_words(GIVEN)
    assert found == [f"advice 6: it was not given and is '{words}'", f"advice 24: it was '{words}' and is not given"]


def test_a_decision_is_in_the_trail_of_the_shadow_file_wherever_the_session_is(tmp_path):
    put(tmp_path, GIVEN)
    decide(tmp_path, 12, Verdict.REJECTED, person="ada", why="no")
    told = json.loads((tmp_path / "project/audit/trail.jsonl").read_text().splitlines()[-1])["record"]
    assert (told["kind"], told["why"]) == ("advice", "no")


def test_without_a_trail_nothing_is_decided(tmp_path):
    put(tmp_path, GIVEN)
    (tmp_path / "shadow.json").unlink()
    with pytest.raises(RequestError, match=r"is put into the audit trail, and there is none for the session in"):
        decide(tmp_path, 12, Verdict.ACCEPTED)
    assert decisions_in(tmp_path) == {}


def test_a_decision_is_in_the_trail_and_counts_once(tmp_path, monkeypatch):
    (tmp_path / "audit").mkdir()
    (tmp_path / "session").mkdir()
    begin(tmp_path / "audit")
    monkeypatch.setenv("COSIM_AUDIT", str(tmp_path / "audit"))
    put(tmp_path / "session", GIVEN)
    assert decisions_in(tmp_path / "session") == {}
    decide(tmp_path / "session", 12, Verdict.REJECTED, person="ada", why="the pump is being mended")
    assert decisions_in(tmp_path / "session")[12] == Decision(12, Verdict.REJECTED, "ada", "the pump is being mended")
    told = json.loads((tmp_path / "audit/trail.jsonl").read_text().splitlines()[-1])["record"]
    assert (told["kind"], told["subject"], told["why"]) == ("advice", "session/12", "the pump is being mended")
    assert told["after"] == {"number": 12, "verdict": "rejected", "person": "ada"}
    with pytest.raises(
        RequestError, match=r"Advice 12 has been rejected already by ada \('the pump is being mended'\). Wait"
    ):
        decide(tmp_path / "session", 12, Verdict.ACCEPTED)


def test_of_those_who_decide_at_one_moment_the_first_has_decided_and_the_others_are_told(tmp_path, monkeypatch):
    put(tmp_path, GIVEN)
    recorded, at_once = [], Barrier(8)

    def record(*_, after, **__):
        recorded.append(after["person"])
        sleep(0.02)  # a trail takes its time

    monkeypatch.setattr("cosim.audit.record", record)

    def say(k):
        at_once.wait()
        try:
            decide(tmp_path, 12, Verdict.ACCEPTED if k % 2 else Verdict.REJECTED, person=f"p{k}")
        except RequestError as error:
            return error.message
        return ""

    with ThreadPoolExecutor(8) as pool:
        refused = [text for text in pool.map(say, range(8)) if text]
    (first,) = decisions_in(tmp_path).values()
    assert recorded == [first.person]
    assert set(refused) == {f"Advice 12 has been {first.verdict.value} already by {first.person}. Wait for the next."}
    assert len(refused) == 7


def test_what_is_decided_elsewhere_is_heard_once(tmp_path):
    put(tmp_path, GIVEN)
    decisions = Decisions(tmp_path)
    assert decisions.look() == []
    decide(tmp_path, 12, Verdict.ACCEPTED, person="ada")
    said = Decision(12, Verdict.ACCEPTED, "ada", "")
    assert (decisions.look(), decisions.look(), decisions.found) == ([said], [], {12: said})


def test_only_the_latest_advice_is_decided_on(tmp_path):
    put(tmp_path, GIVEN)
    put(tmp_path, from_json({**to_json(GIVEN), "number": 24}))
    with pytest.raises(RequestError, match="Advice 12 has been superseded by advice 24"):
        decide(tmp_path, 12, Verdict.ACCEPTED)
    with pytest.raises(RequestError, match="has given no advice 7"):
        decide(tmp_path, 7, Verdict.ACCEPTED)


def test_half_a_line_is_cut_off_and_a_spoilt_one_told(tmp_path):
    put(tmp_path, GIVEN)
    path = tmp_path / "actions.jsonl"
    with path.open("a") as file:
        file.write('{"kind":"adv')
    assert len(list(actions_in(tmp_path))) == 1
    put(tmp_path, GIVEN)
    assert len(list(actions_in(tmp_path))) == 2
    path.write_text(path.read_text().replace("advice", "advise", 1))
    with pytest.raises(ResultError, match="Line 1 of"):
        list(actions_in(tmp_path))


def test_advice_that_was_tampered_with_is_told(tmp_path):
    put(tmp_path, GIVEN)
    path = tmp_path / "actions.jsonl"
    whole = path.read_text()
    for old, new in (('"moves":[', '"moves":[3,'), ('"gain":', '"gains":'), ('"number":12', '"number":[12]')):
        assert old in whole
        path.write_text(whole.replace(old, new))
        with pytest.raises(ResultError, match="holds no advice as it was given"):
            advice_in(tmp_path)
