"""Advice for a kettle: as hot as is allowed at the end, found, judged and acted on by a whole shadow."""

import json
import os
from contextlib import closing
from dataclasses import replace

import pytest
from live_plant import kettle, write_kettle
from lockstep import Lockstep

import cosim
from cosim.acting import joining
from cosim.acting.actions import Action, ActionLog, Kind, actions_in
from cosim.acting.actor import AbstractAdvisor
from cosim.acting.advice import Advice, Gain, Move, Verdict
from cosim.acting.decisions import advice_differences, advice_in, decide
from cosim.acting.joining import Joint, actuator_of, check_armed, joined
from cosim.audit.trail import begin
from cosim.clock import to_ticks
from cosim.errors import CosimError, RequestError
from cosim.live.endpoint import Endpoint
from cosim.live.fault import Fault, FaultScript
from cosim.live.fault import Kind as FaultKind
from cosim.shadowing.plant_model import PlantModel
from cosim.shadowing.repetition import cycles_of_each
from cosim.shadowing.shadow import Listeners, read_plan, replay, shadow

FILE = """\
shadow: s
scenario: kettle.yaml
parameters: {kettle.loss: 5 W/K}
tags: kettle.tags.yaml
cycle: 1 min
act:
  mode: control
  moves:
    SP1: {sets: kettle.heat, range: [0.2 kW, 2.5 kW], rate: 0.1 kW per 1 min, safe: 0.5 kW, advice: SP1_ADVICE}
  heartbeat: {tag: BEAT, every: 1 s, timeout: 5 s}
  hand_over: 10 min
advice:
  every: 1 h
  from: 20 min
  maximise: {kettle.T: 1 1/K}
  keep: {kettle.T: [any, 450 K]}
  forecasts: 16
  gain: 1 %
"""
MORE = """\
  SP1_ADVICE: {unit: kW, limits: [0 kW, 3 kW], writable: true}
  BEAT: {limits: [0, 10000], writable: true}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begin(tmp_path / "trail")
    monkeypatch.setenv("COSIM_AUDIT", str(tmp_path / "trail"))
    write_kettle(tmp_path)
    with (tmp_path / "kettle.tags.yaml").open("a") as file:
        file.write(MORE)
    return tmp_path


def planned(folder, text=FILE):
    (folder / "s.yaml").write_text(text)
    return read_plan(folder / "s.yaml", {"kettle": kettle})


def followed(plan, out, why=None, faults=(), n=120, advised=lambda _: None):
    """Let a shadow follow a kettle; return the plant's link and how hot the kettle got."""
    with cosim.open("kettle.yaml", components={"kettle": kettle}) as plant:
        step = Lockstep(PlantModel(plant, plan.tags.tags, FaultScript(0, {}, faults)), plan.file.cycle, n)
        with joined(plan, step, why, advised=advised) as joint:
            listeners = Listeners(
                makers=[*joint.makers, step.made], arrived=joint.pulse.see, should_stop=step.should_stop
            )
            shadow(plan, Endpoint("x"), out=out, link=step.link, actuator=step, listeners=listeners)
        return step, plant["kettle.T"]


class Stubborn(AbstractAdvisor):
    """Wants 2 kW from 20 minutes on."""

    def follow(self, compared):
        pass

    def advise(self, compared, pulse):
        if compared.cycle.number != 19:
            return None
        pulse()
        end, move = compared.cycle.end, Move("SP1", "kW", 1.0, 2.0, 2.0, 0.2, 2.5)
        return Advice(19, end, (move,), end, end, 2.0, 1.0, Gain(1.0, 1.0, 1.0, 1.0, None), 0.0, 0.0, True, "", 1)

    def renew(self):
        pass

    def close(self):
        pass


def kinds(folder, *wanted):
    return [action.text for action in actions_in(folder) if action.kind in wanted]


def test_what_is_advised_is_done_and_brings_what_was_expected(folder):
    given = []
    step, hot = followed(planned(folder), folder / "out", "a trial", advised=given.append)
    _, as_it_was = followed(planned(folder), folder / "unarmed")
    assert [advice.time for advice in given] == [to_ticks(20 * 60), to_ticks(80 * 60)]
    first = given[0]
    assert first.is_worthwhile
    assert first.worth == pytest.approx(450.0, abs=4.0)
    assert first.gain.confidence is None
    assert first.worth_as_now == pytest.approx(as_it_was, abs=0.5)
    assert as_it_was < 410.0 < 440.0 < hot < 450.5
    for tag, value, before, _ in step.moved:
        assert tag == "SP1"
        assert 0.2 <= value <= 2.5
        assert abs(value - before) <= 0.1 + 1e-9
    states = kinds(folder / "out", Kind.STATE)
    assert states == ["Control is active: a trial.", "Control is handed over: the shadow ends."]


def test_every_write_is_in_the_trail_twice_around_it(folder):
    step, _ = followed(planned(folder), folder / "out", "a trial", n=30)
    lines = [json.loads(line)["record"] for line in (folder / "trail/trail.jsonl").read_text().splitlines()]
    told = [(line["before"], line["after"]) for line in lines if line["subject"] == "SP1"]
    assert len(told) == 2 * len(step.moved) > 0
    for (tag, value, before, _), (was, intent), (_, done) in zip(step.moved, told[::2], told[1::2], strict=True):
        assert tag == "SP1"
        assert was["value"] == pytest.approx(before)
        assert intent == {"value": value, "status": "to be written"}
        assert done == {"value": pytest.approx(value), "status": "written"}


def test_unarmed_it_advises_and_moves_nothing(folder):
    plan = planned(folder)
    step, _ = followed(plan, folder / "out")
    assert step.moved == []
    assert step.shown["SP1_ADVICE"] == pytest.approx(advice_in(folder / "out")[79].moves[0].to)
    assert set(actuator_of(plan, None)._ranges) == {"SP1_ADVICE"}
    assert set(actuator_of(plan, "x")._ranges) == {"SP1_ADVICE", "SP1"}


def test_monitoring_writes_nothing_at_all_and_advises_all_the_same(folder):
    plan = planned(folder, FILE.replace("mode: control", "mode: monitor"))
    step, _ = followed(plan, folder / "out")
    assert (step.moved, step.shown) == ([], {})
    assert len(advice_in(folder / "out")) == 2
    assert actuator_of(plan, None) is None


def test_what_is_rejected_is_not_done(folder):
    def reject(advice):
        decide(folder / "out", advice.number, Verdict.REJECTED, person="ada", why="not today")

    step, _ = followed(planned(folder), folder / "out", "a trial", advised=reject)
    assert step.moved == []


def test_what_was_advised_before_an_interruption_is_not_followed_after_it(folder):
    plan, given, told = planned(folder), [], []
    with cosim.open("kettle.yaml", components={"kettle": kettle}) as plant:
        model = PlantModel(plant, plan.tags.tags, FaultScript(0, {}, ()))
        for first, end in ((0, 22), (40, 60)):
            step = Lockstep(model, plan.file.cycle, end, first=first)
            with joined(plan, step, "a trial", given.append, told.append) as joint:
                step.latest = lambda pulse=joint.pulse: pulse.latest
                listeners = Listeners(
                    makers=[*joint.makers, step.made], arrived=joint.pulse.see, should_stop=step.should_stop,
                    resumed=joint.pulse.go_on,
                )  # fmt: skip
                out = {"resume": folder / "out"} if first else {"out": folder / "out"}
                shadow(plan, Endpoint("x"), link=step.link, actuator=step, listeners=listeners, **out)
            assert len(step.moved) > 0
            if not first:  # killed in the middle of a write
                with closing(ActionLog(folder / "out")) as log:
                    log.add(Action(Kind.INTENT, 0, 1, "SP1", "SP1: 1 → 1.1 kW.", {}))
    unknown = [action for action in told if action.subject == "SP1" and action.kind is Kind.REFUSED]
    assert [action.text for action in unknown] == [
        "SP1: 1 → 1.1 kW. The shadow was killed before it could tell whether SP1 was set so."
    ]
    assert '"A write was interrupted."' in (folder / "trail/trail.jsonl").read_text()
    assert given[0].number == 19
    assert 37 <= given[1].number <= 45  # long before the next is due
    assert "Advice 19 was given before the shadow was interrupted, so it is not followed" in "".join(
        action.text for action in told if action.subject == "19" and action.kind is Kind.REFUSED
    )
    assert all(moment >= given[1].time for *_, moment in step.moved)
    with joined(plan, None, recorded=folder / "out") as joint:
        replay(plan, folder / "out", out=folder / "again", listeners=Listeners(makers=joint.makers))
    assert advice_in(folder / "again") == advice_in(folder / "out")


def test_after_an_interruption_what_looks_ahead_has_the_past_of_the_plant(folder):
    """A kettle in Python tells no numbers by name, so that it takes over nothing from the twin."""
    plan = planned(folder, FILE.replace("advice:\n", "advice:\n  scenario: kettle.yaml\n"))
    heater = (Fault(FaultKind.OPERATE, to_ticks(30 * 60), None, "SP1", 2.0),)
    with cosim.open("kettle.yaml", components={"kettle": kettle}) as plant:
        model = PlantModel(plant, plan.tags.tags, FaultScript(0, {}, heater))
        for first, end in ((0, 40), (40, 60)):
            step = Lockstep(model, plan.file.cycle, end, first=first)
            with joined(plan, step) as joint:
                listeners = Listeners(
                    makers=[*joint.makers, step.made], arrived=joint.pulse.see, should_stop=step.should_stop,
                    resumed=joint.pulse.go_on,
                )  # fmt: skip
                out = {"resume": folder / "out"} if first else {"out": folder / "out"}
                shadow(plan, Endpoint("x"), link=step.link, actuator=step, listeners=listeners, **out)
    with joined(plan, None, recorded=folder / "out") as joint:
        replay(plan, folder / "out", out=folder / "again", listeners=Listeners(makers=joint.makers))
    given = advice_in(folder / "out")
    assert max(given) >= 40
    assert advice_in(folder / "again") == given


def test_a_repeated_session_advises_the_same_and_tells_the_trail_nothing(folder):
    plan = planned(folder)
    followed(plan, folder / "out", "a trial", n=40)
    before = (folder / "trail/trail.jsonl").read_bytes()
    with joined(plan, None, recorded=folder / "out") as joint:
        replay(plan, folder / "out", out=folder / "again", listeners=Listeners(makers=joint.makers))
    assert advice_in(folder / "again") == advice_in(folder / "out") != {}
    last = min(cycles_of_each(folder / "out", folder / "again")) - 1
    assert last == 39
    assert list(advice_differences(folder / "out", folder / "again", last)) == []
    assert (folder / "trail/trail.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("kind", "tag", "said"),
    [
        (FaultKind.DROPOUT, "QT1", "Control is handed over: set-points are at their safe values."),
        (FaultKind.REFUSE, "SP1", "SP1 could not be set: The plant refuses it"),
        (FaultKind.IGNORE, "SP1", "SP1 could not be set: the plant shows"),
        (FaultKind.OPERATE, "SP1", "SP1 is at 1.7 and not at"),
    ],
)
def test_when_something_is_wrong_control_is_handed_over(folder, monkeypatch, kind, tag, said):
    monkeypatch.setattr(joining, "advisor_of", lambda *_: Stubborn())
    begins = 22 * 60 if kind is FaultKind.OPERATE else 20.5 * 60
    fault = Fault(kind, to_ticks(begins), None, tag, 1.7)
    step, _ = followed(planned(folder), folder / "out", "a trial", (fault,), n=50)
    assert any(said in text for text in kinds(folder / "out", Kind.STATE)), kinds(folder / "out", Kind.STATE)
    assert all(0.2 <= value <= 2.5 for _, value, _, _ in step.moved)
    assert len(step.moved) > 0
    assert step.until == 0.0


def test_a_file_disarms(folder):
    def disarm(advice):
        (folder / "out" / "disarm").touch()

    step, _ = followed(planned(folder), folder / "out", "a trial", advised=disarm, n=30)
    assert step.moved == []
    assert "Control is handed over: there is a file 'disarm'." in kinds(folder / "out", Kind.STATE)


def test_advice_that_would_break_a_limit_is_not_given(folder):
    text = FILE.replace("[any, 450 K]", "[any, 300 K]").replace("from: 20 min", "from: 40 min")
    given = []
    followed(planned(folder, text), folder / "out", advised=given.append, n=45)
    assert not given[0].is_worthwhile
    assert given[0].why.startswith("the best plan brings -")
    assert given[0].targets == {}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("sets: kettle.heat", "sets: kettle.T", "Cannot set kettle.T"),
        ("sets: kettle.heat", "sets: kettle.warmth", "'warmth'"),
        ("kettle.T: 1 1/K", "kettle.T: 1 1/kg", "s.yaml:15: 'advice': a price of '1 1/kg' for kettle.T"),
        ("kettle.T: 1 1/K", "kettle.salty: 1 1/K", "'advice': .*salty"),
        ("[any, 450 K]", "[460 K, 450 K]", "they do not rise"),
        ("[any, 450 K]", "[any, 450 L]", "'advice': "),
        ("  gain: 1 %\n", "  doubt: {kettle.loss: 5 %}\n", "does not tell its state by name"),
    ],
)
def test_what_does_not_fit_the_scenario_is_told_before_anything_begins(folder, old, new, reason):
    assert old in FILE
    with pytest.raises(CosimError, match=reason):
        followed(planned(folder, FILE.replace(old, new)), folder / "out")


def test_what_has_to_be_there_before_anything_is_written(folder, monkeypatch):
    plan = planned(folder)
    check_armed(plan, "a trial")
    with pytest.raises(RequestError, match="not armed without a reason"):
        check_armed(plan, "  ")
    with pytest.raises(RequestError, match=r"the mode of '.*s.yaml' is 'advise'. Write 'mode: control'"):
        check_armed(planned(folder, FILE.replace("mode: control", "mode: advise")), "a trial")
    monkeypatch.delenv("COSIM_AUDIT")
    with pytest.raises(RequestError, match="every write is put into the audit trail first, and there is none here"):
        check_armed(plan, None)
    check_armed(replace(plan, acting=None), None)
    assert Joint(replace(plan, acting=None)).makers == []
    assert os.getcwd() == str(folder)
