"""`cosim shadow` as it is typed: what it refuses before it reaches for a plant."""

import getpass
from contextlib import closing

import pytest
from live_plant import write_kettle

from cosim.acting.actions import Action, ActionLog, Kind
from cosim.acting.advice import Advice, Gain, Move, Verdict, to_json
from cosim.acting.decisions import Decision, decisions_in
from cosim.audit.trail import begin
from cosim.cli.app import run_app

SHADOW = "shadow: s\nscenario: kettle.yaml\ntags: kettle.tags.yaml\n"


@pytest.fixture
def typed(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    write_kettle(tmp_path)
    (tmp_path / "s.yaml").write_text(SHADOW)

    def run(*arguments):
        code = run_app(["shadow", *arguments])
        return code, " ".join(capfd.readouterr().err.split())

    return run


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Give the shadow file."),
        (
            ["s.yaml", "--plant", "http://x"],
            2,
            "'http://x' is no plant: give 'opc.tcp://machine:port/…', or 'virtual'.",
        ),
        (["s.yaml", "--plant", "opc.tcp://ada:word@x:1"], 2, "An address holds no user and password"),
        (["s.yaml", "--plant", "opc.tcp://x:1", "--user", "a"], 2, "The password would pass unencrypted."),
        (
            ["s.yaml", "--plant", "opc.tcp://x:1", "--user", "bob", "--security", "Basic256Sha256"],
            2,
            "There is no terminal to ask for the password of 'bob': give --password-file, or set COSIM_PASSWORD.",
        ),
        (["s.yaml", "--resume", "x"], 2, "The virtual plant of before has ended with its shadow"),
        (["s.yaml", "--resume", "x", "--out", "y", "--plant", "opc.tcp://x:1"], 2, "has its own folder"),
        (["s.yaml", "--resume", "x", "--plant", "opc.tcp://x:1"], 2, "There is no shadow in 'x'."),
        (["s.yaml", "--replay", "x"], 2, "There is no shadow in 'x'."),
        (["--browse"], 2, "Give the server whose tags are to be found"),
        (["s.yaml", "--plant", "opc.tcp://x:1", "--resume", "x", "--resume", "y"], 2, "One shadow goes on with one"),
        (["s.yaml", "s.yaml", "--replay", "x"], 2, "Sessions are repeated one at a time"),
        (["s.yaml", "--replay", "x", "--arm", "y"], 2, "A session that is repeated writes nothing"),
        (["--accept", "x"], 2, "There is no advice in 'x'. Give the folder of a session"),
        (["--accept", "x", "--reject", "x"], 2, "Give one of --accept and --reject."),
        (["kettle.yaml"], 2, "A shadow file has no key 'components'."),
    ],
)
def test_what_cannot_be_shadowed_is_refused(typed, arguments, code, message):
    found, said = typed(*arguments)
    assert found == code
    assert message in said
    assert "word" not in said.replace("password", "")


def test_the_latest_advice_is_decided_on_once(typed, tmp_path):
    moves = (Move("FEED", "L/h", 1.8, 1.25, 0.5, 0.0, 6.0),)
    gain = Gain(0.2, 0.1, 0.3, 0.05, 0.8)
    with closing(ActionLog(tmp_path)) as log:
        for number in (7, 12):
            advice = Advice(number, 0, moves, 0, 0, 4.2, 4.0, gain, 0.0, 0.2, True, "", 20)
            log.add(Action(Kind.ADVICE, 0, 1, str(number), "", to_json(advice)))
    begin(tmp_path / "audit")
    code, said = typed("--reject", str(tmp_path), "--why", "not today")
    assert (code, "Advice 12 is rejected: FEED 1.8" in said) == (0, True)
    assert decisions_in(tmp_path) == {12: Decision(12, Verdict.REJECTED, getpass.getuser(), "not today")}
    code, said = typed("--accept", str(tmp_path))
    assert code == 2
    assert f"Advice 12 has been rejected already by {getpass.getuser()} ('not today')" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHADOW.replace("cycle", "cicle") + "cicle: 1 min\n", "s.yaml:4"),
        (SHADOW + "cycle: 0 s\n", "'cycle' is 0 s; it should be above zero"),
        (SHADOW + "plant: {faults: f.yaml}\n", "The plant has no 'scenario' that it runs."),
        (SHADOW.replace("shadow: s", "shadow: ../s"), "'../s' cannot name a shadow"),
        ("shadow: s\n", "There is no 'scenario'."),
    ],
)
def test_a_shadow_file_is_complained_about_by_line(typed, tmp_path, text, message):
    (tmp_path / "s.yaml").write_text(text)
    code, said = typed("s.yaml", "--plant", "opc.tcp://x:1")
    assert code == 2
    assert message in said
