"""Interfaces: what others rely on, and what a model keeps to itself."""

import re
from dataclasses import replace

import pytest

from cosim.regression.interface import compare_interfaces, interface_of
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.variable import Causality, Variability, Variable, VariableType

LEVEL = Variable("level", Causality.OUTPUT, unit="m")
FLOW = Variable("flow", Causality.INPUT, unit="m3/s", start=0.0)
AREA = Variable("area", Causality.PARAMETER, Variability.FIXED, unit="m2", start=2.0)
INNER = Variable("inner", Causality.LOCAL, unit="m")


def described(*variables, **capabilities):
    variables = {variable.name: variable for variable in variables}
    return {"tank": interface_of(ComponentDescription("Tank", variables, Capabilities(**capabilities)))}


BEFORE = described(LEVEL, FLOW, AREA, INNER)


def only(after):
    (found,) = compare_interfaces(BEFORE, after)
    return found


def test_the_same_interface_and_other_local_variables():
    assert not list(compare_interfaces(BEFORE, described(LEVEL, FLOW, AREA, replace(INNER, name="within"))))


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        (
            {"causality": Causality.STRUCTURAL_PARAMETER},
            "variable",
            "The causality of tank.area is structuralParameter",
        ),
        ({"variability": Variability.TUNABLE}, "variable", "The variability of tank.area is tunable; it was fixed."),
        ({"variability": Variability.CONTINUOUS}, "variable", "variability of tank.area is continuous; it was fixed."),
        ({"type": VariableType.INT32}, "variable", "The type of tank.area is Int32; it was Float64."),
        ({"shape": (3,)}, "variable", r"The shape of tank.area is \[3\]; it was none."),
        ({"unit": "cm2"}, "unit", r"tank.area is in \[cm2\], and was in \[m2\]."),
        ({"unit": None}, "unit", r"tank.area is in \[no unit\], and was in \[m2\]."),
        ({"start": 2.1}, "start", "The start value of tank.area is 2.1 m2; it was 2 m2."),
        ({"start": None}, "start", "The start value of tank.area is none m2; it was 2 m2."),
    ],
)
def test_what_has_changed_of_a_variable(change, kind, text):
    found = only(described(LEVEL, FLOW, replace(AREA, **change)))
    assert found.kind == kind
    assert re.search(text, found.text)


def test_equal_units_and_start_values_up_to_rounding_are_the_same():
    after = described(LEVEL, replace(FLOW, unit="m3.s-1"), replace(AREA, start=2.0 * (1 + 1e-15)))
    assert not list(compare_interfaces(BEFORE, after))


def test_what_is_gone_and_what_is_new():
    gone, new = compare_interfaces(BEFORE, described(LEVEL, AREA, replace(FLOW, name="inflow")))
    assert (gone.kind, gone.text) == ("variable", "The input tank.flow is gone. Do you mean 'inflow'?")
    assert new.text == "The input tank.inflow is new."
    assert only({}).kind == "missing"
    assert [item.kind for item in compare_interfaces({}, BEFORE)] == ["new"]


def test_capabilities():
    found = only(described(LEVEL, FLOW, AREA, can_get_and_set_state=True))
    assert found.kind == "capability"
    assert found.text == "The capability can_get_and_set_state of 'tank' is True; it was False."
