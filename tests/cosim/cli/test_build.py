"""``cosim build``: what is built, what is printed, what is refused."""

import json

import pytest

from cosim.build import builder
from cosim.build.builder import BuiltFmu
from cosim.cli.app import run_app


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Replace the builder by one that remembers what it was asked for."""
    calls = []

    def build(names, **options):
        calls.append((names, options))
        fmu = BuiltFmu("Lib.A", "2.0", tmp_path / "Lib.A.fmi2.fmu", "ab" * 32, False, 1.26)
        if options["progress"] is not None:
            options["progress"](fmu)
        return [fmu]

    monkeypatch.setattr(builder, "build", build)
    return calls


def test_options_reach_the_builder(asked, tmp_path):
    arguments = ["build", "Lib.A", "-I", str(tmp_path), "-o", str(tmp_path / "out"), "--fmi", "2.0", "-j", "3"]
    arguments += [
        "--platform",
        "linux64,win64",
        "--structure",
        "n=200",
        "--structure",
        "k=0.5",
        "--structure",
        "on=true",
    ]
    assert run_app(arguments) == 0
    ((names, options),) = asked
    assert names == ["Lib.A"]
    assert options["search_path"] == [tmp_path]
    assert options["output"] == tmp_path / "out"
    assert options["fmi_versions"] == ["2.0"]
    assert options["platforms"] == ["linux64", "win64"]
    assert options["structure"] == {"n": 200, "k": 0.5, "on": True}
    assert (options["jobs"], options["compiler"]) == (3, "cosim")


def test_default_is_everything_for_this_machine(asked):
    assert run_app(["build"]) == 0
    ((names, options),) = asked
    assert names is None
    assert options["platforms"] is None


def test_each_fmu_is_shown(asked, capfd):
    assert run_app(["build", "Lib.A"]) == 0
    assert "Lib.A  FMI 2.0  built in 1.3 s" in capfd.readouterr().out


def test_json_is_for_programs(asked, capfd):
    assert run_app(["build", "Lib.A", "--json"]) == 0
    (row,) = json.loads(capfd.readouterr().out)
    assert (row["class"], row["fmi_version"], row["cached"], row["sha256"]) == ("Lib.A", "2.0", False, "ab" * 32)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fmi", "1.0"], "'--fmi 1.0' is not known; choose from 2.0, 3.0."),
        (["--platform", "amiga"], "'--platform amiga' is not known; choose from linux64"),
        (["--compiler", "dymola"], "'--compiler dymola' is not known; choose from cosim, omc."),
        (["-I", "/no/such/folder"], "Cannot look for Modelica classes in /no/such/folder"),
        (["--structure", "n"], "'--structure n' is not of the form name=value."),
        (["-j", "0"], "Invalid value for '--jobs' / '-j'"),
    ],
)
def test_wrong_arguments_are_refused(asked, capfd, arguments, message):
    assert run_app(["build", "Lib.A", *arguments]) == 2
    assert message in capfd.readouterr().err
    assert asked == []


def test_unknown_class_exits_with_two(capfd, tmp_path):
    assert run_app(["build", "Nowhere.A", "-o", str(tmp_path)]) == 2
    assert "Cannot find the Modelica class Nowhere.A" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
