"""`cosim export` of a package: as an FMU or an ONNX model, nothing else."""

import pytest
from taught import packaged

from cosim.cli.app import run_app


def export(capsys, *arguments):
    code = run_app(["export", *map(str, arguments)])
    told = capsys.readouterr()
    return code, " ".join((told.out + told.err).replace("│", " ").split())


def test_a_package_becomes_an_fmu(tmp_path, capsys):
    folder = packaged(tmp_path / "package")
    code, text = export(capsys, folder, "--fmu", "--out", tmp_path / "it.fmu")
    assert (code, text) == (0, str(tmp_path / "it.fmu"))
    assert (tmp_path / "it.fmu").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("options", [[], ["--ssp"], ["--fmu", "--onnx"], ["--fmu", "--phase", "x"]], ids=str)
def test_it_has_to_be_said_as_what(tmp_path, capsys, options):
    code, text = export(capsys, packaged(tmp_path / "package"), *options)
    assert code == 2
    assert "of a surrogate, say --fmu or" in text


def test_a_folder_that_is_no_package_is_refused(tmp_path, capsys):
    code, text = export(capsys, tmp_path, "--fmu")
    assert code == 2
    assert "has no file 'manifest.json'" in text
