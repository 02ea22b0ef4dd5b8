"""What the front end would compile wrongly is refused with file, line and the rewrite; the rewrites are not."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cosim.build.frontend.classes import classes_used_by
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.scopes import Scopes
from cosim.build.frontend.silent import passed_over
from cosim.build.frontend.source import ModelicaSource
from cosim.errors import ModelError

PARTS = """
  model A
    parameter Real a=1;
    output Real y=a;
  end A;
  model A2
    extends A(a=3);
  end A2;
  model B
    replaceable model M = A;
    replaceable A r;
    replaceable parameter Real k=2;
    M m;
  end B;
  model C
    B b;
  end C;
  model D
    extends B;
  end D;
  package P
    constant Real c=1;
    function f
      output Real y;
    algorithm
      y := c;
    end f;
  end P;
  model L
    constant Real c=1;
    output Real y=f();
    function f
      output Real y;
    algorithm
      y := c;
    end f;
  end L;
"""
LINE = PARTS.count("\n") + 2

REFUSED: Mapping[str, tuple[str, str]] = {
    "redeclared class with modifiers": ("B c(redeclare model M = A(a=7));", "redeclaration of M .* class of its own"),
    "the same in an extends": ("extends B(redeclare model M = A(a=7));", "redeclaration of M .* replaceable component"),
    "nested": ("C c(b(redeclare model M = A2));", "inside the modifier of a component"),
    "nested component": ("C c(b(redeclare A2 r(a=3)));", "inside the modifier of a component"),
    "nested in an extends": ("extends C(b(redeclare A2 r));", "inside the modifier of a component"),
    "constrainedby": ("replaceable model N = A constrainedby A(a=4); N n;", "constrainedby .* 'M m"),
    "value of a redeclared parameter": ("B c(redeclare parameter Real k=5);", "without redeclare: k=5"),
    "dotted modifier": ("C c(b.m(a=5));", r"The modifier b\.m would be lost. Write 'b\(m=…\)'"),
    "dotted value": ("B c(m.a=5);", r"Write 'm\(a=…\)'"),
    "break": ("B c(k=break);", "break would be lost"),
    "deselection": ("extends B(break m);", "break would be lost"),
    "package changed and used": ("package Q = P(c=5); Real x=P.f() + Q.c;", "The constants of P are changed here"),
    "package extended and used": (
        "package Q extends P(c=5); end Q; Real x=P.c + Q.c;",
        "The constants of P are changed",
    ),
    "redeclared constant": (
        "package Q extends P; redeclare constant Real c=5; end Q; Real x=Q.c;",
        "constant would be lost",
    ),
    "redeclared package": ("B c(redeclare package M = P(c=7));", "redeclaration of M"),
    "range from a table": (
        "parameter Integer n[2]={2, 3}; Real x[3]; equation for j in 1:n[2] loop x[j]=j; end for;",
        "range of this loop reads an element",
    ),
    "component redeclared two levels down": ("extends D(redeclare A2 r);", "D does not declare r but inherits it"),
    "function with a constant of its model": ("L l;", "f uses the constant c of L"),
}
ACCEPTED = (
    "B c(redeclare model M = A2);",
    "B c(redeclare A2 r(a=7), m(a=4));",
    "extends B(redeclare A2 r(a=7), k=3);",
    "extends B; redeclare model M = A(a=7);",
    "replaceable A n constrainedby A(a=4);",
    "model B2 = B(redeclare model M = A2); B2 c;",
    "C c(b(m(a=5), k=1));",
    "D c(redeclare A2 r, redeclare model M = A2);",
    "extends D(r(a=5), k=3, redeclare model M = A2);",
    "B c[2](redeclare each A2 r(a=3), k={1, 2});",
    "package P0 extends P; end P0; package Q = P(c=5); Real x=P0.c + Q.f();",
    "Real x=max(P.f(), c.b.k); C c; // b(redeclare model M = A(a=7))",
    "parameter Integer n=2; Real x[n]; equation for j in 1:n loop x[j]=sum(x[i] for i in 1:2); end for;",
    'A c annotation(choices(choice(redeclare model M = A(a=7)))); parameter String s="B(redeclare model M = A(a=1))";',
)


def problems(folder: Path, text: str) -> list[str]:
    file = folder / "Lib.mo"
    file.write_text(f"package Lib\n{PARTS}  model Test\n    {text}\n  end Test;\nend Lib;\n")
    return [str(problem) for problem in passed_over(Scopes(classes_used_by("Lib.Test", [file])))]


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_lost_is_refused(tmp_path: Path, name: str) -> None:
    text, message = REFUSED[name]
    (problem,) = problems(tmp_path, text)

    assert re.search(message, problem)


def test_the_line_is_named(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "B c(m.a=5);")
    assert f"Lib.mo:{LINE + 1}: " in problem
    assert problem.endswith("In the line: B c(m.a=5);")


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_is_kept_is_accepted(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == []


def test_a_class_that_is_not_used_does_not_matter(tmp_path: Path) -> None:
    text = "end Test; model Other B c(redeclare model M = A(a=7)); end Other; model Third"
    file = tmp_path / "Lib.mo"
    file.write_text(f"package Lib\n{PARTS}  model Test\n    {text}\n  end Third;\nend Lib;\n")
    assert passed_over(Scopes(classes_used_by("Lib.Test", [file]))) == []
    assert len(passed_over(Scopes(classes_used_by("Lib.Other", [file])))) == 1


def test_loading_the_class_refuses(tmp_path: Path) -> None:
    file = tmp_path / "Lib.mo"
    file.write_text(f"package Lib\n{PARTS}model Test\n  B c(redeclare model M = A(a=7));\nend Test;\nend Lib;\n")
    with pytest.raises(ModelError, match=r"Lib\.mo:\d+: The modifiers in this redeclaration of M would be lost"):
        load_flat(ModelicaSource.discover([file]), "Lib.Test")
