"""Nested loops of equations become loops with one header; everything else stays as it was written."""

from pathlib import Path

import pytest

from cosim.build.frontend.flat import FlatModel
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.loops import split_nested
from cosim.build.frontend.source import ModelicaSource
from cosim.errors import ModelError

MIXED = """model M
  parameter Integer n=3;
  parameter Integer m=2;
  Real a[n];
  Real b[n, m];
  Real c[n, m, 2];
equation
  for i in 1:n loop // cells
    a[i] = i*time;
    for j in 1:m loop
      b[i, j] = a[i]*j;
      for k in 1:2 loop
        c[i, j, k] = (if j == 1 then b[i, j] else c[i, j - 1, k]) + k;
      end for;
    end for;
  end for;
end M;
"""

AS_WRITTEN = (
    "model M equation for i in 1:3 loop for j in i:3 loop x[i, j] = 1; end for; end for; end M;",
    "model M equation for i in 1:3 loop for i in 1:2 loop x[i] = 1; end for; end for; end M;",
    "model M equation for i in 1:3, j in 1:2 loop x[i, j] = sum(k for k in 1:j); end for; end M;",
    "function f algorithm for i in 1:3 loop for j in 1:3 loop x[i, j] := 1; end for; end for; end f;",
    "model M algorithm when c then for i in 1:3 loop for j in 1:3 loop x := 1; end for; end for; end when; end M;",
    "model M equation when c then for i in 1:3 loop for j in 1:3 loop x[i] = 1; end for; end for; end when; end M;",
    "model M // equation for i in 1:3 loop for j in 1:3 loop x[i, j] = 1; end for; end for;\nend M;",
    "model M equation for i in 1:3 loop for j in 1:2 loop x = 1;",
)


def test_a_mixed_loop_is_split_and_its_lines_stay() -> None:
    lines = split_nested(MIXED).split("\n")
    assert len(lines) == MIXED.count("\n") + 1
    assert lines[8].strip() == "for i in 1 : n loop a[i] = i*time; end for;"
    assert lines[10].strip() == "for i in 1 : n, j in 1 : m loop b[i, j] = a[i]*j; end for;"
    assert lines[12].strip().startswith("for i in 1 : n, j in 1 : m, k in 1 : 2 loop c[i, j, k] = (if j == 1")
    assert lines[:7] == MIXED.split("\n")[:7]


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_other_loops_stay_as_they_are(text: str) -> None:
    assert split_nested(text) == text


def test_only_the_inner_loop_that_reads_the_outer_index_stays() -> None:
    inner = "for j in 1:2 loop a[i, j] = 1; end for; for j in i:3 loop b[i, j] = 2; end for;"
    text = f"equation for i in 1:3 loop {inner} end for;"
    assert " ".join(split_nested(text).split()[1:]) == (
        "for i in 1 : 3, j in 1 : 2 loop a[i, j] = 1; end for; "
        "for i in 1 : 3 loop for j in i:3 loop b[i, j] = 2; end for; end for;"
    )


def test_ifs_and_calls_inside_a_loop_go_with_it() -> None:
    body = "if i == 1 then x[i] = f(for_me, 2); else x[i] = {q for q in 1:2}*v; end if;"
    text = f"equation for i in 1:3 loop {body} for j in 1:2 loop a[i, j] = 1; end for; end for;"
    assert " ".join(split_nested(text).split()[1:]) == (
        f"for i in 1 : 3 loop {body} end for; for i in 1 : 3, j in 1 : 2 loop a[i, j] = 1; end for;"
    )


def load(folder: Path, text: str) -> FlatModel:
    (folder / "M.mo").write_text(text)
    return load_flat(ModelicaSource.discover([folder / "M.mo"]), "M")


def test_the_front_end_gets_one_family_for_each_equation(tmp_path: Path) -> None:
    model = load(tmp_path, MIXED)
    assert sorted(family.names for family in model.families) == [("i",), ("i", "j"), ("i", "j", "k")]
    assert sorted(len(family.ranges) for family in model.families) == [1, 2, 3]


def test_an_error_in_a_split_loop_names_the_line_as_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"M\.mo:11: .*nowhere.* In the line: b\[i, j\] = nowhere\*j;"):
        load(tmp_path, MIXED.replace("a[i]*j", "nowhere*j"))
