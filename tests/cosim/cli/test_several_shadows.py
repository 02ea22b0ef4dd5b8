"""Several shadows in one command."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from live_plant import write_kettle

from cosim.audit.trail import begin
from cosim.cli.several_shadows import Side, _command, _worst, sides_of
from cosim.errors import RequestError, ScenarioError
from cosim.live.endpoint import Endpoint

ACT = """\
act:
  mode: control
  moves: {SP1: {sets: kettle.heat, range: [0.2 kW, 2 kW], rate: 0.1 kW per 1 min}}
  heartbeat: {tag: BEAT}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two files, the second of which may control, and a folder of each shadow."""
    monkeypatch.chdir(tmp_path)
    begin(tmp_path / "audit")
    write_kettle(tmp_path)
    with (tmp_path / "kettle.tags.yaml").open("a") as file:
        file.write("  BEAT: {limits: [0, 10000], writable: true}\n")
    for name in ("a", "b"):
        text = f"shadow: {name}\nscenario: kettle.yaml\ntags: kettle.tags.yaml\ncycle: 1 min\n"
        (tmp_path / f"{name}.yaml").write_text(text + (ACT if name == "b" else ""))
        (tmp_path / f"was_{name}").mkdir()
        (tmp_path / f"was_{name}" / "shadow.json").write_text(json.dumps({"shadow": name}))
    return tmp_path


FILES = [Path("a.yaml"), Path("b.yaml")]


def test_two_shadows_of_one_name_are_refused(folder):
    Path("b.yaml").write_text(Path("a.yaml").read_text())
    with pytest.raises(ScenarioError, match=r"'a\.yaml' and 'b\.yaml' are both called 'a'"):
        sides_of(FILES, [], None)


def test_each_goes_on_with_its_own_folder_and_those_that_may_control_are_armed(folder):
    sides = sides_of(FILES, [Path("was_b"), Path("was_a")], "trial 7")
    assert sides == {
        "a": Side(Path("a.yaml"), Path("was_a"), None), "b": Side(Path("b.yaml"), Path("was_b"), "trial 7"),
    }  # fmt: skip
    command = _command("b", sides["b"], Endpoint("opc.tcp://x:1"), until=None, out=None, is_quiet=True)
    assert {"--resume=was_b", "--arm=trial 7", "--tied"} <= set(command)
    command = _command("a", replace(sides["a"], resume=None), Endpoint("x"), until=None, out=Path("o"), is_quiet=True)
    assert "--out=o/a" in command
    assert not any(item.startswith(("--arm", "--resume")) for item in command)


@pytest.mark.parametrize("resume", [["was_a"], ["was_a", "was_a"], ["was_a", "was_b", "was_a"]])
def test_folders_that_are_not_one_for_each_file_are_refused(folder, resume):
    with pytest.raises(RequestError, match=r"The folders are those of .*, the files of a, b\. To go on with several"):
        sides_of(FILES, [Path(item) for item in resume], None)
    with pytest.raises(RequestError, match="There is no shadow in 'nowhere'"):
        sides_of(FILES, [Path("nowhere"), Path("was_a")], None)


def test_what_cannot_be_armed_is_refused_before_anything_begins(folder):
    with pytest.raises(RequestError, match="None of the files has a section 'act' of mode 'control'"):
        sides_of(FILES[:1], [], "x")
    with pytest.raises(RequestError, match="not armed without a reason"):
        sides_of(FILES, [], " ")
    Path("a.yaml").write_text(Path("a.yaml").read_text() + ACT)
    assert sides_of(FILES, [], None)["a"].arm is None
    with pytest.raises(RequestError, match=r"'a' and 'b' would both write SP1, at 'Plant/SP1'\. Two twins"):
        sides_of(FILES, [], "x")


@pytest.mark.parametrize(
    ("codes", "expected"), [([0, 0], 0), ([0, 130], 130), ([130, 130], 130), ([0, 2], 3), ([130, -9], 3)]
)
def test_the_exit_code_is_the_worst(codes, expected):
    assert _worst(codes) == expected
