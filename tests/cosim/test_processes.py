"""Processes that cosim starts run the same cosim, wherever the caller stands."""

import os
import subprocess
from pathlib import Path

import pytest

import cosim
from cosim.build.builder import build
from cosim.processes import command_of, environment_of

HERE = str(Path(cosim.__file__).parents[1])


def test_the_working_directory_is_no_source_of_modules(tmp_path: Path) -> None:
    (tmp_path / "cosim").mkdir()
    (tmp_path / "cosim" / "__init__.py").write_text("raise SystemExit('the wrong cosim')")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    done = subprocess.run(
        command_of("cosim.build.worker"),
        env=environment_of(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "JSONDecodeError" in done.stderr  # it waited for a request
    assert "wrong" not in done.stderr


def test_the_search_path_of_the_caller_follows() -> None:
    assert environment_of({"PYTHONPATH": "/a"}) == {"PYTHONPATH": f"{HERE}{os.pathsep}/a"}
    assert environment_of({"A": "1"}) == {"A": "1", "PYTHONPATH": HERE}
    assert environment_of()["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("entry", [".", "Lag.mo", "../here"])
def test_libraries_may_be_named_from_the_working_directory(
    entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    text = f'model Lag "{tmp_path}"\n  Real x(start=1, fixed=true);\nequation\n  der(x) = -x;\nend Lag;\n'
    Path("Lag.mo").write_text(text)  # as nobody has built it yet
    monkeypatch.setenv("MODELICAPATH", entry)
    (built,) = build(["Lag"], output=tmp_path, fmi_versions=("2.0",))
    assert built.path.is_file()
