"""`cosim shadow` as it is typed: what it refuses before it reaches for a plant."""

import pytest
from live_plant import write_kettle

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
        (["s.yaml", "--plant", "opc.tcp://x:1", "--user", "a"], 3, "The password would pass unencrypted."),
        (["s.yaml", "--resume", "x"], 2, "The virtual plant of before has ended with its shadow"),
        (["s.yaml", "--resume", "x", "--out", "y", "--plant", "opc.tcp://x:1"], 2, "has its own folder"),
        (["s.yaml", "--resume", "x", "--plant", "opc.tcp://x:1"], 2, "There is no shadow in 'x'."),
        (["s.yaml", "--replay", "x"], 2, "There is no shadow in 'x'."),
        (["--browse"], 2, "Give the server whose tags are to be found"),
        (["kettle.yaml"], 2, "A shadow file has no key 'components'."),
    ],
)
def test_what_cannot_be_shadowed_is_refused(typed, arguments, code, message):
    found, said = typed(*arguments)
    assert found == code
    assert message in said
    assert "word" not in said.replace("password", "")


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
