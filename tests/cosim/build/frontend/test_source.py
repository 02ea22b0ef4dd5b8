"""Libraries on a search path, and the hash over what a class may use."""

from pathlib import Path

import pytest

from cosim.build.frontend.source import ModelicaSource
from cosim.errors import ModelError


def write_library(folder: Path, name: str, *, uses: str = "") -> Path:
    root = folder / name
    root.mkdir(parents=True)
    (root / "package.mo").write_text(f"within ;\npackage {name}\nend {name};\n")
    (root / "A.mo").write_text(f"within {name};\nmodel A\n  {uses}\nend A;\n")
    return root


def test_a_folder_holds_directory_libraries_and_single_files(tmp_path: Path) -> None:
    write_library(tmp_path, "Lib")
    (tmp_path / "flat.mo").write_text("package Flat\nend Flat;\n")
    found = {library.name: library.root.name for library in ModelicaSource.discover([tmp_path]).libraries}
    assert found["Lib"] == "Lib"
    assert found["Flat"] == "flat.mo"


def test_the_first_library_of_a_name_counts(tmp_path: Path) -> None:
    first, _ = write_library(tmp_path / "one", "Lib"), write_library(tmp_path / "two", "Lib")
    source = ModelicaSource.discover([tmp_path / "one", tmp_path / "two"])
    assert next(library.root for library in source.libraries if library.name == "Lib") == first


def test_modelicapath_comes_before_the_libraries_of_cosim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_library(tmp_path, "Modelica")
    monkeypatch.setenv("MODELICAPATH", str(tmp_path))
    roots = {library.name: library.root for library in ModelicaSource.discover().libraries}
    assert roots["Modelica"] == tmp_path / "Modelica"
    assert "BioProcess" in roots


def test_only_libraries_that_are_named_are_used(tmp_path: Path) -> None:
    write_library(tmp_path, "Lib", uses="Other.A a;")
    write_library(tmp_path, "Other")
    write_library(tmp_path, "Unused")
    used = ModelicaSource.discover([tmp_path]).used_by("Lib.A")
    assert [library.name for library in used] == ["Lib", "Other"]


def test_the_digest_follows_the_sources_that_are_used(tmp_path: Path) -> None:
    root, other = write_library(tmp_path, "Lib"), write_library(tmp_path, "Unused")
    before = ModelicaSource.discover([tmp_path]).digest("Lib.A")
    (other / "A.mo").write_text('within Unused;\nmodel A "changed"\nend A;\n')
    assert ModelicaSource.discover([tmp_path]).digest("Lib.A") == before
    (root / "A.mo").write_text('within Lib;\nmodel A "changed"\nend A;\n')
    assert ModelicaSource.discover([tmp_path]).digest("Lib.A") != before


def test_the_digest_follows_the_resources(tmp_path: Path) -> None:
    root = write_library(tmp_path, "Lib")
    before = ModelicaSource.discover([tmp_path]).digest("Lib.A")
    (root / "Resources").mkdir()
    (root / "Resources" / "species.json").write_text("{}")
    source = ModelicaSource.discover([tmp_path])
    assert source.digest("Lib.A") != before
    assert list(source.resources_of("Lib.A")) == ["species.json"]


def test_an_unknown_library_is_an_error_with_those_found(tmp_path: Path) -> None:
    write_library(tmp_path, "Lib")
    with pytest.raises(ModelError, match=r"no library 'Libb' on the search path\. Found: .*Lib"):
        ModelicaSource.discover([tmp_path]).used_by("Libb.A")
