"""Processes side by side: what they tell, how they end, what they leave."""

import json
import sys
import time

import pytest

from cosim.shadowing import side_by_side
from cosim.shadowing.side_by_side import Shadows

TELLS = """
import json, os, sys
print(json.dumps({"kind": "head", "name": sys.argv[1], "secret": os.environ["SECRET"]}), flush=True)
print("said on the error stream", file=sys.stderr, flush=True)
sys.stdin.read()
print(json.dumps({"kind": "over"}), flush=True)
sys.exit(int(sys.argv[2]))
"""
FAILS = "import sys; sys.exit(3)"
HANGS = 'import time, sys; print(\'{"kind": "head"}\', flush=True); time.sleep(600)'


class Heard:
    def __init__(self):
        self.messages, self.lines, self.codes = [], [], {}

    def hear(self, name, message):
        self.messages.append((name, message["kind"]))

    def say(self, name, line):
        self.lines.append((name, line))

    def n(self, kind):
        return sum(item[1] == kind for item in self.messages)


def python(code, *arguments):
    return [sys.executable, "-c", code, *arguments]


def test_each_tells_and_all_stop_when_they_are_asked_to():
    heard = Heard()
    commands = {"a": python(TELLS, "a", "0"), "b": python(TELLS, "b", "130")}
    with Shadows(commands, heard.hear, heard.say, {"SECRET": "x"}) as shadows:
        codes = shadows.wait(lambda: heard.n("head") == 2, heard.codes.__setitem__)
    assert codes == heard.codes == {"a": 0, "b": 130}
    assert sorted(heard.messages) == [("a", "head"), ("a", "over"), ("b", "head"), ("b", "over")]
    assert sorted(heard.lines) == [("a", "said on the error stream"), ("b", "said on the error stream")]


def test_one_that_fails_takes_no_other_with_it():
    heard = Heard()
    commands = {"a": python(TELLS, "a", "0"), "b": python(FAILS)}
    with Shadows(commands, heard.hear, heard.say, {"SECRET": "x"}) as shadows:
        codes = shadows.wait(lambda: "b" in heard.codes and heard.n("head") == 1, heard.codes.__setitem__)
    assert codes == {"a": 0, "b": 3}
    assert heard.n("over") == 1


def test_one_that_hangs_is_killed_after_a_while(monkeypatch):
    monkeypatch.setattr(side_by_side, "PATIENCE", 0.5)
    heard = Heard()
    began = time.monotonic()
    with Shadows({"a": python(HANGS)}, heard.hear, heard.say, {}) as shadows:
        assert shadows.wait(lambda: heard.n("head") == 1, heard.codes.__setitem__) == {}
    assert time.monotonic() - began < 30


def test_a_command_that_does_not_exist_leaves_no_process():
    heard = Heard()
    with pytest.raises(FileNotFoundError):
        Shadows({"a": python(HANGS), "b": ["/nowhere/at/all"]}, heard.hear, heard.say, {})


def test_secrets_are_in_no_command():
    heard = Heard()
    found = []
    with Shadows({"a": python(TELLS, "a", "0")}, lambda name, message: found.append(message), heard.say,
                 {"SECRET": "swordfish"}) as shadows:  # fmt: skip
        shadows.wait(lambda: bool(found), heard.codes.__setitem__)
        commands = [process.args for process in shadows._processes.values()]
    assert found[0]["secret"] == "swordfish"
    assert "swordfish" not in json.dumps(commands)
