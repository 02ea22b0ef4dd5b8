"""``cosim regress`` and ``cosim release baseline``: what they print, and with which exit code."""

import json

import pytest

from cosim.cli.app import run_app

MODEL = """\
model Ramp
  parameter Real slope = 2;
  output Real y(start = 0, fixed = true);
equation
  der(y) = slope;
end Ramp;
"""
SCENARIO = """\
scenario: ramp
components: {f: {source: modelica:Ramp}}
phases: {run: {active: [f], duration: 2 s, step: 1 s}}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Ramp.mo").write_text(MODEL)
    (tmp_path / "ramp.yaml").write_text(SCENARIO)
    (tmp_path / "suite.yaml").write_text("suite: ramps\ncases: {ramp: {scenario: ramp.yaml}}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("ramp.yaml", "cannot be made, 'ramp.yaml': a file is where a folder should be. Give another with --out."),
        ("ramp.yaml/x", "a file is where a folder should be"),
        ("/proc/x", "cannot be made, '/proc/x': no such file or directory. Give another with --out."),
    ],
)
def test_where_no_folder_can_be_nothing_is_run(project, capsys, out, message):
    assert run_app(["regress", "suite.yaml", "--out", out, "-w0"]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_from_the_first_baseline_to_a_regression(project, capsys):
    assert run_app(["regress", "suite.yaml", "--out", "out", "-w0"]) == 1
    assert "There is no baseline of 'ramp'" in capsys.readouterr().out
    assert run_app(["release", "baseline", "suite.yaml", "--reason", "the first", "-w0"]) == 0
    assert "ramp: new baseline " in capsys.readouterr().out
    assert run_app(["regress", "suite.yaml", "--out", "out", "-w0"]) == 0
    printed = capsys.readouterr().out
    assert "passed  ramp  1 signals, baseline " in printed
    assert "out/report.html" in printed

    (project / "Ramp.mo").write_text(MODEL.replace("der(y) = slope", "der(y) = -slope"))
    assert run_app(["regress", "suite.yaml", "--out", "out", "-w0", "--json"]) == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert [finding["kind"] for finding in document["cases"][0]["findings"]] == ["sign"]
    assert run_app(["regress", "suite.yaml", "--out", "out", "-w0", "-q"]) == 1
    captured = capsys.readouterr()
    assert "likely culprit: f: f.y differs first" in captured.out
    assert "sign: f.y is the mirror image of what it was." in captured.out
    assert captured.err == ""
    index = json.loads((project / "baselines" / "ramps" / "index.json").read_text())
    assert [entry["reason"] for entry in index["cases"]["ramp"]] == ["the first"]
    assert run_app(["release", "baseline", "suite.yaml", "--reason", "downhill", "--by", "Ada", "-q", "-w0"]) == 0
    assert "1 differences" in capsys.readouterr().out
    assert run_app(["release", "baseline", "suite.yaml", "--reason", "again", "-w0"]) == 0
    assert "ramp: unchanged" in capsys.readouterr().out


def test_wrong_input(project, capsys):
    (project / "suite.yaml").write_text("suite: ramps\ncases: {ramp: {scenario: rampe.yaml}}\n")
    assert run_app(["regress", "suite.yaml", "--out", "out", "-w0"]) == 2
    assert "There is no scenario 'rampe.yaml'" in capsys.readouterr().out
    assert run_app(["regress", "nothing.yaml"]) == 2
    assert "There is no suite 'nothing.yaml'" in capsys.readouterr().err
    assert run_app(["regress", "suite.yaml", "suite.yaml", "--out", "out", "-w0"]) == 2
    assert "--out is the folder of one suite" in capsys.readouterr().err
    assert run_app(["release", "baseline", "suite.yaml"]) == 2
    assert "--reason" in capsys.readouterr().err


def test_what_a_file_says_cannot_steer_the_terminal(project, capsys):
    (project / "suite.yaml").write_text('suite: a\ncases: {ramp: {scenario: "\\e[31mred.yaml"}}\n')
    assert run_app(["regress", "suite.yaml", "--out", "out", "-w0"]) == 2
    printed = capsys.readouterr().out
    assert "There is no scenario '�[31mred.yaml'" in printed
    assert "\x1b[31mred" not in printed


def test_several_suites_are_one_document(project, capsys):
    (project / "more.yaml").write_text("suite: more\ncases: {ramp: {scenario: ramp.yaml}}\n")
    assert run_app(["regress", "suite.yaml", "more.yaml", "-w0", "--json"]) == 1
    assert [document["suite"] for document in json.loads(capsys.readouterr().out)] == ["ramps", "more"]
