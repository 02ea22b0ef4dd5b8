"""Constants that several packages inherit: each model gets those of the packages that it names, or an error."""

import re
from pathlib import Path

import pytest

from cosim.build.frontend.classes import classes_used_by
from cosim.build.frontend.flat import FlatModel, Literal
from cosim.build.frontend.inherited import constants_to_name, misread
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.scopes import Scopes
from cosim.build.frontend.source import ModelicaSource
from cosim.build.frontend.walk import nodes
from cosim.errors import ModelError

KINDS = """
package S
  partial package Kind
    constant Integer index;
    constant Real k = 0.5;
    constant Real twice = 2*k;
    {base}
  end Kind;
  package A3
    extends Kind(index=3, k=31);
  end A3;
  package A4
    extends Kind(index=4, k=41);
  end A4;
  package A5 = Kind(index=5, k=51);
  package Plain
    extends Kind(index=6);
  end Plain;
  {extra}
end S;
"""
DECOYS = "output Real decoy = time*S.A3.k + S.A5.k; Real x[9]=fill(time, 9);"
"""What makes the front end know other packages of the family than the one in question."""

SUB = "model Sub parameter Integer n=1; Real y=n*time; end Sub;"
RECORD = "record R Real p=1; Real q=A4.k; end R;"
BY_VECTOR = "function f input Real x[9]; output Real y; algorithm y := x[A4.index]; end f;"
NUMBERS = {3, 4, 5, 6, 7, 31, 41, 51, 0.5}
"""The constants of all packages."""
PLACES: dict[str, tuple[str, float]] = {
    "value": ("Real z=time*S.A4.k;", 41),
    "subscript": ("Real z=x[S.A4.index];", 4),
    "subscript of a derived value": ("Real z=x[integer(S.A4.twice)];", 41),
    "subscript of a value that is not changed": ("Real z=x[integer(S.Plain.k)];", 0.5),
    "subscript in a loop": ("Real z[2]; equation for i in 1:2 loop z[i]=x[S.A4.index]; end for;", 4),
    "subscript in a sum": ("Real z=sum(x[S.A4.index] for i in 1:2);", 4),
    "slice": ("Real z[2]=x[S.A4.index:S.A4.index + 1];", 4),
    "start value": ("parameter Real a[9]=ones(9); Real z(start=a[S.A4.index], fixed=true)=1;", 4),
    "assert": ('equation assert(time < S.A4.k, "late");', 41),
    "condition": ("Real z=if x[S.A4.index] > 0 then time else 0;", 4),
    "when": ("discrete Real z(start=0, fixed=true); equation when time > 0 then z=x[S.A4.index]; end when;", 4),
    "modifier": ("S.Sub s(n=S.A4.index);", 4),
    "record": ("S.R r=S.R(p=time*S.A4.k);", 41),
    "argument": ("Real z=max(x[S.A4.index], time);", 4),
    "function": ("Real z=S.f(x);", 4),
    "import": ("import T=Lib.S; Real z=x[T.A4.index];", 4),
    "imported package": ("import Lib.S.A4; Real z=x[A4.index];", 4),
    "alias": ("package Q=S.A4; Real z=x[Q.index];", 4),
    "package of the model": ("package Q=S.Kind(index=7); Real z=x[Q.index];", 7),
    "medium": ("Other o;", 4),
    "package inside a replaceable one": (
        "replaceable package M package P constant Real k=7; end P; end M; Real z=M.P.k;",
        7,
    ),
}


def written(folder: Path, text: str, base: str = "", extra: str = "", classes: str = "") -> Path:
    file = folder / "Lib.mo"
    kinds = KINDS.format(base=base, extra=extra)
    file.write_text(f"package Lib\n{kinds}{classes}\nmodel Test\n{text}\nend Test;\nend Lib;\n")
    return file


def constants_in(model: FlatModel) -> set[float]:
    """Return which constants of packages stand anywhere in ``model`` but in the decoy."""
    roots = (
        *(variable for name, variable in model.variables.items() if name != "decoy"),
        *(model.equations, model.families, model.whens, model.assertions, tuple(model.functions.values())),
    )
    return {node.value for node in nodes(roots) if isinstance(node, Literal)} & NUMBERS


def load(file: Path) -> FlatModel:
    return load_flat(ModelicaSource.discover([file]), "Lib.Test")


@pytest.mark.parametrize("place", PLACES)
def test_a_constant_is_that_of_the_package_it_is_read_from(tmp_path: Path, place: str) -> None:
    text, number = PLACES[place]
    medium = "partial model Any replaceable package P=S.Kind; Real x[9]=fill(time, 9); Real z=x[P.index]; end Any;"
    other = "model Other extends Any(redeclare package P=S.A4); end Other;"
    extra = f"{SUB} {RECORD} {BY_VECTOR}"
    model = load(written(tmp_path, f"{DECOYS} {text}", extra=extra, classes=medium + other))

    assert constants_in(model) == {number}


def test_many_packages_that_stand_in_subscripts_only(tmp_path: Path) -> None:
    numbers = range(10, 30)
    family = " ".join(f"package N{n} extends Kind(index={n}); end N{n};" for n in numbers)
    terms = " + ".join(f"y[i, S.N{n}.index]" for n in numbers)
    text = (
        f"{DECOYS} Real y[2, 30]; Real z[2]; equation for i in 1:2 loop y[i, :]=fill(time, 30); z[i]={terms}; end for;"
    )
    model = load(written(tmp_path, text, extra=family))
    found = [node.value for node in nodes(model.families) if isinstance(node, Literal)]

    assert sorted(value for value in found if value in numbers) == list(numbers)


def test_constants_of_a_package_that_inherits_nothing_are_found_in_asserts(tmp_path: Path) -> None:
    extra = 'package Own constant Real k=7; constant Boolean b=true; constant String s="a"; end Own;'
    model = load(written(tmp_path, "equation assert(time < S.Own.k, S.Own.s);", extra=extra))

    assert constants_in(model) == {7}


def test_what_names_the_packages_is_no_variable_of_the_model(tmp_path: Path) -> None:
    assert set(load(written(tmp_path, DECOYS)).variables) == {"decoy", "x"}


READ = "function f input Real u; output Real y; algorithm y := u*k; end f;"
REFUSED = {
    "import": ("import k4 = Lib.S.A4.k; Real z=k4;", "", "", r"imported\. Import Lib\.S\.A4, and write A4\.index"),
    "import of some": ("import Lib.S.A4.{k, index}; Real z=k;", "", "", "where they are imported"),
    "import of all": ("import Lib.S.A4.*; Real z=k;", "", "", "where they are imported"),
    "model in the base": ("S.A4.M m;", "model M Real y=k*time; end M;", "", "M reads the constant k of Kind"),
    "record in the base": ("S.A4.R r;", "record R Real y=k; end R;", "", "Make k a parameter of R"),
    "package in the base": ("Real z=S.A4.N.c;", "package N constant Real c=3*k; end N;", "", "N reads the constant k"),
    "changed twice": (
        "Real z=S.B4.k;",
        "",
        "package B4 extends A4(k=42); end B4;",
        "value of k would be the one that A4 gives it. Extend the package that declares k",
    ),
    "constant of a model": (
        "Real z=S.M4.c;",
        "",
        "model M constant Real c=1; Real y=c; end M; model M4 extends M(c=4); end M4;",
        "value that the base class of M4 gives c. Declare the constant in a package",
    ),
    "redeclared element": (
        "extends S.Any; redeclare package P=S.A4;",
        READ,
        "model Any replaceable package P=A3; Real z=P.f(time); end Any;",
        r"'extends M\(redeclare package P = …\)'",
    ),
    "unknown base": ("Real z=S.U.k;", "", "package U extends Nowhere.Kind; end U;", "base class Nowhere of U is not"),
}
MEDIUM = "model Any replaceable package P=Kind; Real z={0}*time; end Any;"
REFUSED |= {
    "kept by a replaceable package": (
        "extends S.Any; Real other=S.A3.k;",
        "",
        "model Any replaceable package P=Kind(index=8); Real z=P.k*time; end Any;",
        r"P\.k could be .* P is replaceable and P does not give k a value\. .* 'extends' of P: '\(k=…\)'",
    ),
    "kept by its replacement": (
        "extends S.Any(redeclare package P=S.Plain); Real other=S.A3.k;",
        "",
        MEDIUM.format("P.k"),
        r"P is replaceable and Plain does not give k a value\. Write it into the 'extends' of Plain",
    ),
    "follows from a change": (
        "extends S.Any; Real other=S.A3.k;",
        "",
        "model Any replaceable package P=A4; Real z=P.twice*time; end Any;",
        "A4 does not give twice a value",
    ),
    "inside a replaceable package": (
        "extends S.Any; Real other=S.A3.k;",
        "",
        "model Any replaceable package M package P=Kind(index=8); end M; Real z=M.P.k*time; end Any;",
        "P is replaceable and P does not give k",
    ),
    "read by a function in it": (
        "extends S.Any(redeclare package P=S.Plain); Real other=S.A3.k;",
        READ,
        MEDIUM.format("P.f(time)"),
        "Plain does not give k a value",
    ),
    "an extended replacement": (
        "extends S.Any; redeclare package extends P(k=9) end P;",
        "",
        "model Any replaceable package P=A4; Real z=P.k*time; end Any;",
        r"constants of P could be .* 'extends M\(redeclare package P = …\)'",
    ),
}
ACCEPTED = {
    "a replaceable package with values": (
        "extends S.Any; Real y=P.index*time;",
        "",
        "model Any replaceable package P=Kind(index=8, k=9); Real z=P.k*time; end Any;",
    ),
    "a replacement with values": ("extends S.Any(redeclare package P=S.A4);", READ, MEDIUM.format("P.k*P.f(P.twice)")),
    "a constant that nobody changes": (
        "extends S.Any(redeclare package P=S.A4);",
        "constant Real never=9;",
        MEDIUM.format("P.never"),
    ),
    "a replacement by the package of the same name": (
        "replaceable package P=S.A4; S.Any a(redeclare package P=P);",
        "",
        MEDIUM.format("P.k"),
    ),
    "functions in the base": ("Real a=S.A3.f(time) + S.A4.f(time);", READ, ""),
    "a model with a name of its own": ("S.A4.M m;", "model M parameter Real k=1; Real y=k*time; end M;", ""),
    "new constants": ("Real z=S.B4.c;", "", "package B4 extends A4; constant Real c=3*k; end B4;"),
    "import of a package": ("import Lib.S.*; Real z=A4.k;", "", ""),
    "components of a class": ("S.M m4(c=4); Real z=m4.c;", "", "model M constant Real c=1; Real y=c; end M;"),
    "a package that extends a class of its own": (
        "Real z=S.I.k;",
        "",
        "package I extends I.J; package J constant Real k=1; end J; end I;",
    ),
    "circles of other names": ("Real A=S.A3.k;", "", "replaceable package A=B; replaceable package B=A;"),
    "circles": ("Real C=S.A3.k;", "", "package C extends D; end C; package D extends C; end D;"),
}


def found(file: Path) -> list[str]:
    return [text for _, _, text in misread(Scopes(classes_used_by("Lib.Test", [file])))]


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_be_taken_from_another_package_is_refused(tmp_path: Path, case: str) -> None:
    text, base, extra, message = REFUSED[case]
    problems = found(written(tmp_path, text, base, extra))

    assert problems
    assert all(re.search(message, problem) for problem in problems)


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_right_is_accepted(tmp_path: Path, case: str) -> None:
    text, base, extra = ACCEPTED[case]
    assert found(written(tmp_path, text, base, extra)) == []


def test_the_build_stops_at_the_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"Lib\.mo:\d+: The constants that A4 inherits .*: import Lib\.S\.A4\.\*;"):
        load(written(tmp_path, "import Lib.S.A4.*;\nReal z=k;"))


def test_one_constant_with_a_value_is_named_for_each_package(tmp_path: Path) -> None:
    extra = (
        "package Own constant Real c=f(2); constant Real b=2; end Own; package None constant Real d; end None; "
        "package Half constant Real d; constant Real e=2*d; end Half;"
    )
    text = "Real z=S.A4.k + S.Own.b + S.None.d + S.Half.e;"
    scopes = Scopes(classes_used_by("Lib.Test", [written(tmp_path, text, extra=extra)]))

    assert constants_to_name(scopes) == ["Lib.S.A4.index", "Lib.S.Own.b"]
