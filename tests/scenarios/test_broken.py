"""Every broken scenario gives one readable message per problem, exit code 2, and leaves nothing behind."""

import re
import shutil
import tempfile
from pathlib import Path

import pytest

from cosim.build.builder import build
from cosim.cli.app import run_app

BROKEN = Path(__file__).parent / "broken"
CASES = sorted(BROKEN.glob("*.yaml"))


@pytest.fixture(scope="session")
def plant(tmp_path_factory):
    """A folder with the FMUs that the broken scenarios are about."""
    folder = tmp_path_factory.mktemp("plant")
    classes = ["Plant.Source", "Plant.Tank", "Plant.Pipe"]
    for fmu in build(classes, search_path=[BROKEN], output=folder, fmi_versions=["2.0"], jobs=1):
        shutil.copy(fmu.path, folder / f"{fmu.class_name}.fmu")
    return folder


@pytest.fixture
def project(tmp_path, plant, monkeypatch):
    """A project with those FMUs; the working directory, with a temporary folder of its own."""
    (tmp_path / "project" / "fmus").mkdir(parents=True)
    (tmp_path / "temporary").mkdir()
    for name in ("Source", "Tank", "Pipe"):
        shutil.copy(plant / f"Plant.{name}.fmu", tmp_path / "project" / "fmus")
    shutil.copy(BROKEN / "Plant.mo", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "project"


def test_there_are_enough_of_them():
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_broken_scenario_is_refused(case, verb, project, capfd):
    text = case.read_text(encoding="utf-8")
    first = text.partition("\n")[0]
    assert first.startswith("# error: ")
    shutil.copy(case, project)
    fmus = sorted(path.name for path in (project / "fmus").iterdir())

    code = run_app([verb, case.name])

    printed = capfd.readouterr()
    assert code == 2, printed
    assert re.search(first.removeprefix("# error: "), printed.err), printed.err
    assert "Traceback" not in printed.out + printed.err
    assert printed.err.startswith("error: ")
    assert sorted(path.name for path in (project / "fmus").iterdir()) == fmus
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    assert not (project / "results").exists()


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_each_has_one_problem_with_its_place(case, project, capfd):
    shutil.copy(case, project)
    run_app(["check", case.name])
    printed = capfd.readouterr().err
    assert printed.count("error: ") == 1, printed
    assert f"--> {case.name}:" in printed or ".mo:" in printed, printed
