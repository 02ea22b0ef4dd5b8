"""The command line's frame: exit codes, and one readable message for whatever happens."""

import os
import subprocess
import sys

import platformdirs
import pytest

from cosim.cli import app as app_module
from cosim.cli.app import run_app
from cosim.errors import FmuError, ProblemList, ScenarioError, SourceLocation, StepError

VERBS = ("new", "build", "inspect", "check", "run", "plot", "report", "serve", "plant", "shadow", "doctor")


def failing(error):
    def verb() -> None:
        raise error

    return verb


@pytest.fixture
def with_verb(monkeypatch):
    """Return a function that makes the verb `fail` raise an error and runs it."""

    def run(error):
        application = app_module.typer.Typer()
        application.command("fail")(failing(error))
        application.command("other")(failing(error))
        monkeypatch.setattr(app_module, "app", application)
        monkeypatch.setattr(app_module, "_register", lambda: None)
        return run_app(["fail"])

    return run


def test_help_lists_the_verbs_in_order(capfd):
    assert run_app([]) == 0
    printed = capfd.readouterr().out
    places = [printed.index(f" {verb} ") for verb in VERBS]
    assert places == sorted(places)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_shows_an_example(verb, capfd):
    assert run_app([verb, "--help"]) == 0
    assert f"cosim {verb}" in capfd.readouterr().out.partition("Example")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "No such command 'chek'"),
        (["check"], "Missing argument"),
        (["run", "a.yaml", "--nothing"], "No such option: --nothing"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments, message, capfd):
    assert run_app(arguments) == 2
    printed = capfd.readouterr()
    assert message in printed.err
    assert "--help" in printed.err
    assert printed.out == ""


def test_the_place_and_its_line_are_shown(tmp_path, with_verb, capfd):
    file = tmp_path / "study.yaml"
    file.write_text("scenario: a\nphases: [nothing]\n")
    assert with_verb(ScenarioError("It is wrong.", location=SourceLocation(file, 2, 9))) == 2
    lines = capfd.readouterr().err.splitlines()
    assert lines == [
        "error: It is wrong.",
        f"  --> {file}:2",
        " 2 | phases: [nothing]",
        "   |         ^",
    ]


def test_no_line_of_a_file_is_shown_that_nobody_wrote_for_cosim(tmp_path, with_verb, capfd):
    file = tmp_path / "shadow"
    file.write_text("root:$6$secret\n")
    assert with_verb(ScenarioError("It is wrong.", location=SourceLocation(file, 1, 1))) == 2
    assert capfd.readouterr().err.splitlines() == ["error: It is wrong.", f"  --> {file}:1"]


def test_several_problems_are_counted_and_the_worst_code_counts(with_verb, capfd):
    assert with_verb(ProblemList([FmuError("One."), StepError("Two.")])) == 3
    assert capfd.readouterr().err.splitlines() == ["error: One.", "error: Two.", "2 problems."]


def test_markup_and_control_characters_in_messages_are_text(with_verb, capfd):
    with_verb(ScenarioError("[bold]name[/bold] \x1b[31mred"))
    assert capfd.readouterr().err == "error: [bold]name[/bold] �[31mred\n"


def test_ctrl_c_is_130(with_verb, capfd):
    assert with_verb(KeyboardInterrupt()) == 130
    assert capfd.readouterr().err == "Stopped.\n"


def test_an_unexpected_error_is_one_message_with_a_log(with_verb, capfd, monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs, "user_log_dir", lambda name: str(tmp_path / name))
    assert with_verb(ZeroDivisionError("division by zero")) == 3
    printed = capfd.readouterr().err
    assert printed.startswith("error: cosim met an unexpected ZeroDivisionError: division by zero. The details are in ")
    assert "Traceback" not in printed
    (log,) = (tmp_path / "cosim").iterdir()
    assert "Traceback" in log.read_text()
    assert str(log) in printed


def test_a_terminal_without_unicode_is_no_reason_to_fail():
    command = [sys.executable, "-m", "cosim", "doctor"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stderr == ""
    assert "? cosim" in done.stdout


HEAVY = {"numpy", "scipy", "casadi", "fmpy", "h5py", "pandas", "pint", "ruamel", "rumoca", "jinja2", "matplotlib"}
LISTING = """
import sys, cosim.cli
sys.argv = ["cosim", *sys.argv[1:]]
try:
    cosim.cli.main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "frame"), [(["--version"], set()), (["--help"], {"typer"}), (["run", "-h"], {"typer"})]
)
def test_the_frame_loads_nothing_that_only_verbs_need(arguments, frame):
    command = [sys.executable, "-c", LISTING, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "cosim" in loaded
    assert loaded & (HEAVY | {"typer"}) == frame
