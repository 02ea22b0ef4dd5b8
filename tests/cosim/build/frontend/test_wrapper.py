"""Structural parameters as Modelica text."""

import math

import pytest

from cosim.build.frontend.wrapper import check_structure, modification
from cosim.errors import ModelError


def test_values_become_a_modification() -> None:
    values = {"label": 'a "b" ä', "kind": "Types.Kind.a", "column": {"n": 3}, "a.b": True, "v": [1, [2.5]]}
    text = r'(label="a \"b\" ä", kind=Types.Kind.a, column(n=3), a(b=true), v={1, {2.5}})'

    assert modification(values) == text
    assert modification({}) == ""


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n = 3, m": 1}, "'n = 3, m' is not a Modelica name"),
        ({"n": math.inf}, "n is inf. Give it a finite number"),
        ({"n": None}, "n has a value of type NoneType"),
    ],
)
def test_what_is_no_value_is_refused(values: dict, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        modification(values)


def test_an_unknown_parameter_has_a_near_one() -> None:
    with pytest.raises(ModelError, match=r"Lib\.A has no structural parameter 'column\.m'\. Do you mean 'column\.n'"):
        check_structure("Lib.A", {"column": {"m": 3}}, ["column.n", "other"])
