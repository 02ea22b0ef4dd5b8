"""The FMUs and the project in which broken and good scenarios are tried."""

import shutil
import tempfile
from pathlib import Path

import pytest

from cosim.build.builder import build

BROKEN = Path(__file__).parent / "broken"
CLASSES = ("Plant.Source", "Plant.Tank", "Plant.Pipe")


@pytest.fixture(scope="session")
def plant(tmp_path_factory):
    """A folder with the FMUs that the broken scenarios are about."""
    folder = tmp_path_factory.mktemp("plant")
    for fmu in build(CLASSES, search_path=[BROKEN], output=folder, fmi_versions=["2.0"], jobs=1):
        shutil.copy(fmu.path, folder / f"{fmu.class_name}.fmu")
    return folder


@pytest.fixture
def project(tmp_path, plant, monkeypatch):
    """A project with those FMUs; the working directory, with a temporary folder of its own."""
    (tmp_path / "project" / "fmus").mkdir(parents=True)
    (tmp_path / "temporary").mkdir()
    for name in CLASSES:
        shutil.copy(plant / f"{name}.fmu", tmp_path / "project" / "fmus")
    shutil.copy(BROKEN / "Plant.mo", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "project"
