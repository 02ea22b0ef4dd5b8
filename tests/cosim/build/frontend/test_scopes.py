"""Names are looked up as Modelica does it, and constants are inherited with their values."""

from pathlib import Path

import pytest

from cosim.build.frontend.classes import classes_of
from cosim.build.frontend.scopes import Scopes, components, dotted_names

LIBRARY = """
package Lib
  package A
    constant Integer i = 1;
    constant Real k[2](each unit="m") = {1, 2} "two";
    constant Real open "without a value";
    model M parameter A.N n; end M;
    model N end N;
  end A;
  package B extends A(i=2); constant Real own = 3*i; end B;
  package C = B(open=4);
  package D
    import Lib.A;
    import Q = Lib.B;
    package A constant Real other = 5; end A;
    model M end M;
  end D;
  package E import Lib.A.*; end E;
  package I extends I.J; package J constant Real k = 1; end J; end I;
  package X extends Y; constant Real x = 1; end X;
  package Y extends X; constant Real y = 2; end Y;
end Lib;
"""


@pytest.fixture
def scopes(tmp_path: Path) -> Scopes:
    file = tmp_path / "Lib.mo"
    file.write_text(LIBRARY)
    return Scopes(classes_of(file))


@pytest.mark.parametrize(
    ("name", "scope", "found"),
    [
        ("A.M", "Lib.D", None),  # of two classes A the one in D, which has no M
        ("Q.M", "Lib.D", "Lib.A.M"),
        ("M", "Lib.B", "Lib.A.M"),
        ("M", "Lib.E", "Lib.A.M"),
        ("C.N", "Lib.D.M", "Lib.A.N"),
        ("Lib.D.A", "", "Lib.D.A"),
        ("Nowhere", "Lib.D.M", None),
    ],
)
def test_names_are_found_from_the_inside_outwards(scopes: Scopes, name: str, scope: str, found: str | None) -> None:
    item = scopes.find(name.split("."), scope)
    assert (item.path if item else None) == found


@pytest.mark.parametrize(
    ("name", "constants"),
    [
        ("A", {"i": "1", "k": "{ 1 , 2 }", "open": ""}),
        ("B", {"i": "2", "k": "{ 1 , 2 }", "open": "", "own": "3 * i"}),
        ("C", {"i": "2", "k": "{ 1 , 2 }", "open": "4", "own": "3 * i"}),
        ("I", {"k": "1"}),
        ("D", {}),
    ],
)
def test_constants_are_inherited_with_their_values(scopes: Scopes, name: str, constants: dict[str, str]) -> None:
    item = scopes.find(["Lib", name], "")
    assert item is not None
    found = {constant: " ".join(token.text for token in value) for constant, value in scopes.constants(item).items()}
    assert found == constants


def test_circles_end(scopes: Scopes) -> None:
    item = scopes.find(["Lib", "X"], "")
    assert item is not None
    assert [base.path for base in scopes.ancestors(item)] == ["Lib.Y"]
    assert scopes.constants(item).keys() >= {"x"}


def test_a_long_chain_does_not_nest(tmp_path: Path) -> None:
    chain = "".join(f"package P{n} extends P{n - 1}; end P{n};\n" for n in range(1, 2000))
    (tmp_path / "L.mo").write_text(f"package L\npackage P0 constant Real k=1; end P0;\n{chain}end L;\n")
    scopes = Scopes(classes_of(tmp_path / "L.mo"))
    last = scopes.find(["L", "P1999"], "")

    assert last is not None
    assert list(scopes.inherited(last)) == ["k"]


def test_components_and_dotted_names(tmp_path: Path) -> None:
    file = tmp_path / "M.mo"
    file.write_text(
        "model M input Lib.T[2] a, b[3]=c.d[1].e; final parameter Real p(min=0)=.L.k; equation x=1.5; end M;"
    )
    (item,) = classes_of(file)

    assert [(part.name, sorted(part.prefixes), bool(part.value)) for part in components(item)] == [
        ("a", ["input"], False),
        ("b", ["input"], True),
        ("p", ["final", "parameter"], True),
    ]
    assert [".".join(name.text for name in names) for names in dotted_names(item)] == ["Lib.T", "c.d", "L.k"]
