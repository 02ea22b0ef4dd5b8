"""Units as FMI, Modelica and people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosim import unit_notation
from cosim.clock import Ticks
from cosim.errors import StructureError
from cosim.units import (
    UnitDefinition,
    conversion,
    dimension_name,
    duration_ticks,
    is_compatible,
    parse_quantity,
    read_unit,
    seconds,
    si_base,
    times_seconds,
)


@pytest.mark.parametrize(
    ("text", "factor", "exponents"),
    [
        ("1", 1.0, {}),
        ("m3", 1.0, {"m": 3}),
        ("mol/m3", 1.0, {"mol": 1, "m": -3}),
        ("1e9/L", 1e12, {"m": -3}),
        ("1e6/mL", 1e12, {"m": -3}),
        ("10^6/mL", 1e12, {"m": -3}),
        ("1e6 cells/mL", 1e12, {"m": -3}),
        ("1/h", 1 / 3600, {"s": -1}),
        ("g/(L.h)", 1 / 3600, {"kg": 1, "m": -3, "s": -1}),
        ("g/L/h", 1 / 3600, {"kg": 1, "m": -3, "s": -1}),
        ("m3/s", 1.0, {"m": 3, "s": -1}),
        ("m3.s-1", 1.0, {"m": 3, "s": -1}),
        ("m3.s", 1.0, {"m": 3, "s": 1}),
        ("kg.m-3", 1.0, {"kg": 1, "m": -3}),
        ("kg m-3", 1.0, {"kg": 1, "m": -3}),
        ("m^3", 1.0, {"m": 3}),
        ("m**3", 1.0, {"m": 3}),
        ("m³", 1.0, {"m": 3}),
        ("s⁻¹", 1.0, {"s": -1}),
        ("µmol/(m2.s)", 1e-6, {"mol": 1, "m": -2, "s": -1}),
        ("LMH", 1e-3 / 3600, {"m": 1, "s": -1}),
        ("L/(m2.h)", 1e-3 / 3600, {"m": 1, "s": -1}),
        ("%", 0.01, {}),
        ("ppm", 1e-6, {}),
        ("mM", 1.0, {"mol": 1, "m": -3}),
        ("mAU", 1e-3, {}),
        ("pH", 1.0, {}),
        ("vvm", 1 / 60, {"s": -1}),
        ("bar", 1e5, {"kg": 1, "m": -1, "s": -2}),
        ("cP", 1e-3, {"kg": 1, "m": -1, "s": -1}),
        ("mS/cm", 0.1, {"kg": -1, "m": -3, "s": 3, "A": 2}),
        ("J/(mol.K)", 1.0, {"kg": 1, "m": 2, "s": -2, "mol": -1, "K": -1}),
        ("W/(m2.degC)", 1.0, {"kg": 1, "s": -3, "K": -1}),
        ("rev/min", 2 * math.pi / 60, {"rad": 1, "s": -1}),
        ("rpm", 2 * math.pi / 60, {"rad": 1, "s": -1}),
        ("deg", math.pi / 180, {"rad": 1}),
        ("amu", 1.66053906892e-27, {"kg": 1}),
        ("kDa", 1.66053906892e-24, {"kg": 1}),
    ],
)
def test_unit_strings_reduce_to_base_units(text, factor, exponents):
    found_factor, offset, found_exponents = si_base(text)
    assert found_factor == pytest.approx(factor, rel=1e-9)
    assert offset == 0.0
    assert found_exponents == exponents


@pytest.mark.parametrize(("text", "offset"), [("degC", 273.15), ("°C", 273.15), ("degF", 255.3722222222222)])
def test_temperatures_have_an_offset(text, offset):
    assert si_base(text)[1] == pytest.approx(offset, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1500 L", "m3", 1.5),
        ("600 L/h", "m3/s", 0.6 / 3600),
        ("0.037 1/h", "1/s", 0.037 / 3600),
        ("1e6/mL", "1/m3", 1e12),
        ("5e5 1/mL", "1/m3", 5e11),
        ("37 degC", "K", 310.15),
        ("98.6 degF", "degC", 37.0),
        ("-5 degC", "K", 268.15),
        ("5 %", "1", 0.05),
        ("0.9", "1", 0.9),
        ("3 g/L", "kg/m3", 3.0),
        ("+.5 L", "L", 0.5),
        ("2.E1 L", "L", 20.0),
    ],
)
def test_quantities_convert_to_the_nearest_float(text, unit, value):
    assert parse_quantity(text).to(unit) == value


def test_temperature_difference_leaves_out_the_offset():
    assert parse_quantity("5 degC").to("K", difference=True) == 5.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nan", "'nan' is not a quantity"),
        (".inf L", "'.inf L' is not a quantity"),
        ("", "'' is not a quantity"),
        ("L 5", "'L 5' is not a quantity"),
        ("1,500 L", "two numbers before its unit. Write thousands without a separator"),
        ("1 500 L", "two numbers before its unit"),
        ("1e400 L", "1e400 is too large"),
        ("__import__('os')", "is not a quantity"),
    ],
)
def test_what_is_no_quantity_is_refused(text, message):
    with pytest.raises(StructureError, match=message.replace("(", r"\(").replace(")", r"\)")):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read: it is empty"),
        ("foo", "'foo' is not a known unit"),
        ("mol/nan", "'nan' is not a known unit"),
        ("Hrs", "'Hrs' is not a known unit"),
        ("l/H/KG", "do you mean 'kg'"),
        ("L(", "it ends too early"),
        ("(L", r"a '\)' is missing"),
        ("L)", r"'\)' is unexpected"),
        ("m3/", "it ends too early"),
        ("m^x", "an exponent is missing"),
        ("m99", "the exponent '99' should be a small whole number"),
        ("m1.5", "'.5' is unexpected|the exponent '1.5' should be a small whole number"),
        ("0/s", "it contains the number 0"),
        ("é", "'é' is unexpected"),
        ("(" * 50 + "m", "unexpected"),
        ("m." * 150, "too long"),
    ],
)
def test_what_is_no_unit_is_refused(text, message):
    with pytest.raises(StructureError, match=message):
        read_unit(text)


def test_conversion_of_equal_dimension():
    assert conversion("L/h", "m3/s").factor == 1e-3 / 3600
    assert conversion("degC", "K") == conversion("degC", "K")
    assert (conversion("degC", "K").factor, conversion("degC", "K").offset) == (1.0, 273.15)
    assert conversion(None, "K").factor == 1.0


def test_conversion_names_both_dimensions():
    with pytest.raises(StructureError, match=r"\[L\] is a volume and \[h\] a time: they differ in dimension"):
        conversion("L", "h")


def test_mass_and_amount_need_a_molar_mass():
    with pytest.raises(
        StructureError,
        match=r"\[g/L\] is a mass concentration and \[mol/m3\] a molar concentration: .* differ by a molar mass",
    ):
        conversion("g/L", "mol/m3")
    assert conversion("g/L", "mol/m3", molar_mass=0.18).factor == pytest.approx(1 / 0.18, rel=1e-15)
    assert conversion("mmol/L", "g/L", molar_mass=0.18).factor == pytest.approx(0.18, rel=1e-15)


def test_an_angle_counts_as_a_number():
    assert is_compatible("rad/s", "1/s")
    assert not is_compatible("rad/s", "m/s")
    assert not is_compatible("nonsense", "m/s")


def test_aliases_take_part_in_units():
    bed = UnitDefinition(read_unit("L").factor * 68, read_unit("L").offset, read_unit("L").exponents)
    assert parse_quantity("5 CV").to("L", aliases={"CV": bed}) == 340.0
    assert parse_quantity("2 CV/h").to("L/h", aliases={"CV": bed}) == 136.0
    with pytest.raises(StructureError, match="'CV' is not a known unit"):
        parse_quantity("5 CV").to("L")


@pytest.mark.parametrize(("unit", "integral"), [("m3/s", "m3"), ("L/h", "(L/h).s"), ("1/s", "1"), ("K", "(K).s")])
def test_integrals_have_units(unit, integral):
    assert times_seconds(unit) == integral
    assert read_unit(integral).factor == read_unit(unit).factor


@pytest.mark.parametrize(("text", "ticks"), [("10 min", 600 * 10**9), ("14 d", 1_209_600 * 10**9), ("0.1 ms", 10**5)])
def test_durations_are_exact_ticks(text, ticks):
    assert duration_ticks(text) == Ticks(ticks)
    assert seconds(text) == ticks / 1e9


@pytest.mark.parametrize(
    ("text", "message"), [("5", "has no unit. Write, for example, '5 min'"), ("5 L", "is a volume, where a time is")]
)
def test_durations_need_a_time_unit(text, message):
    with pytest.raises(StructureError, match=message):
        duration_ticks(text)


@pytest.mark.parametrize("name", unit_notation._COMMON)
def test_the_common_names_mean_what_pint_says(name):
    assert unit_notation._COMMON[name] == unit_notation._ask_pint(name)


def test_dimensions_without_a_word_are_spelled_out():
    assert dimension_name(read_unit("kg/m2")) == "kg.m-2"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e200, max_value=1e200))
def test_a_number_in_its_own_unit_comes_back(value):
    assert parse_quantity(f"{value!r} mol/L").to("mol/L") == value


@given(st.text(max_size=30))
def test_any_text_gives_a_quantity_or_an_error(text):
    try:
        quantity = parse_quantity(text)
        read_unit(quantity.unit or "1")
    except StructureError:
        return
    assert abs(float(quantity.value)) < math.inf
