"""``cosim study``: what it prints, where, and with which exit code."""

import json
import re

import pytest
from rich.console import Console
from study_project import linear, run_linear, write_project

from cosim.cli.app import run_app
from cosim.cli.study_progress import StudyDisplay
from cosim.cli.study_summary import print_study
from cosim.study.executor import Done
from cosim.study.running import Standing


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Let the command line supply the function that the scenario asks for."""
    import cosim.studying.running

    original = cosim.studying.running.study
    monkeypatch.setattr(
        cosim.studying.running, "study", lambda *a, **k: original(*a, **{**k, "components": {"f": linear}})
    )
    monkeypatch.chdir(tmp_path)
    return write_project(tmp_path, {"runs: 8": "runs: 20"})


def test_a_study_prints_its_answer_and_leaves_a_page(project, capsys):
    assert run_app(["study", str(project), "--out", "out"]) == 0
    printed = capsys.readouterr()
    assert "completed: 20 runs planned, 20 completed" in printed.out
    assert "Strongest rank correlations: y with f." in printed.out
    assert "out/study.html" in printed.out
    assert "runs in this process, kept in out" in printed.err
    assert "20 of 20 runs, y " in printed.err
    assert run_app(["study", str(project), "--out", "out"]) == 3
    assert "'out' holds a study already" in capsys.readouterr().err


def test_json_is_all_that_is_printed(project, capsys):
    assert run_app(["study", str(project), "--out", "out", "--json", "--quiet"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert (document["status"], document["runs"], document["planned"]) == ("completed", {"completed": 20}, 20)
    assert document["tables"]["rank_correlation.y"]["columns"] == ["factor", "rank correlation"]
    assert not printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Give the study to run, or --resume"),
        (["a.yaml", "--resume", "out"], "give --resume alone"),
        (["a.yaml", "b.yaml", "--out", "out"], "--out is the folder of one study"),
        (["trial.yaml", "--set", "f.a=1"], "f.a is a factor of this study"),
        (["trial.yaml", "--workers", "-1"], "Invalid value for .--workers. / .-w."),
    ],
)
def test_what_cannot_be_asked_is_refused(project, capsys, arguments, message):
    assert run_app(["study", *arguments]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_a_failed_run_is_warned_of_and_counted(project, capsys):
    assert run_app(["study", str(project), "--out", "out", "--set", "f.limit=0.5"]) == 0
    printed = capsys.readouterr()
    assert "20 runs planned, 10 completed, 10 failed" in printed.out
    assert "warning: 10 of 20 runs gave no value for 'y'" in printed.out
    assert printed.err.count("has failed: ") == 1


def test_a_page_shows_text_as_text(tmp_path, capsys):
    result = run_linear(tmp_path, {"study: trial": "study: trial\ndescription: '<script>alert(1)</script>'"})
    page = result.report.read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src 'none'" in page
    print_study(result)
    assert "What moves y" in capsys.readouterr().out


def test_a_terminal_gets_a_bar_with_estimates():
    console = Console(force_terminal=True, width=120, record=True)
    display = StudyDisplay(console, is_shown=True)
    display.start()
    standing = Standing(planned=4)
    for value in (1.0, 3.0):
        standing.count(Done(0, "completed", (value,)))
    standing.count(Done(1, "failed", (None,)))
    display.standing(standing)
    display.close()
    assert standing.estimate(0) == (2.0, pytest.approx(2.0**0.5))
    assert (standing.made, standing.failed) == (3, 1)
