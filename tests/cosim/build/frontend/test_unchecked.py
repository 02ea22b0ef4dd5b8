"""Asserts that are compiled, but not checked, are told with their place."""

import pytest

from cosim.build.builder import BuildWarning, build
from cosim.cli.app import run_app

MODEL = """\
model M
  input Real u(start = 4);
  output Real y;
equation
  y = doubled(u);
  assert(u > 0, "checked");
end M;

function doubled "assert is only a word here"
  input Real x;
  output Real y;
algorithm
  if x > 10 then
    assert(x < 100, "x is large");
  end if;
  y := 2*x;
end doubled;

function unused
  input Real x;
  output Real y;
algorithm
  assert(x > 0, "nobody calls it");
  y := x;
end unused;
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "M.mo").write_text(MODEL)
    return tmp_path


def test_an_assert_in_a_function_is_told(folder):
    with pytest.warns(BuildWarning) as told:
        build(["M"], search_path=[folder], output=folder, fmi_versions=("2.0",), jobs=1)
    assert len(told) == 1
    assert str(told[0].message).startswith(f"{folder / 'M.mo'}:14: this assert stands in a function, where it is not")


def test_the_command_line_prints_it(folder, capfd, monkeypatch):
    monkeypatch.chdir(folder)
    assert run_app(["build", "M", "--path", str(folder), "--output", str(folder), "--fmi", "2.0"]) == 0
    printed = capfd.readouterr().err
    assert f"warning: {folder / 'M.mo'}:14: this assert stands in a function" in printed.replace("\n", "")
