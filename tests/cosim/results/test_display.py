import math

import pytest

from cosim.results.display import amount, duration, number, power_of_ten, pretty_unit, scale_for, seconds


@pytest.mark.parametrize(
    ("unit", "display", "value", "shown", "shown_unit"),
    [
        ("m3", None, 1.5, 1500.0, "L"),
        ("m3/s", None, 1 / 6000, 600.0, "L/h"),
        ("kg/m3", None, 4.1, 4.1, "g/L"),
        ("mol/m3", "mmol/L", 35.0, 35.0, "mmol/L"),
        ("1/m3", "1/mL", 18e12, 18.0, "10⁶/mL"),
        ("K", None, 310.15, 37.0, "°C"),
        ("1/s", "1/h", 1 / 3600, 1.0, "1/h"),
        ("1", "%", 0.97, 97.0, "%"),
        ("1", None, 7.1, 7.1, ""),
        (None, None, 3.0, 3.0, ""),
        ("kg", None, 8.4, 8.4, "kg"),
        ("frob/m3", None, 2.0, 2.0, "frob/m³"),
        ("m3", "kg", 2.0, 2.0, "m³"),
    ],
)
def test_units_people_read(unit, display, value, shown, shown_unit):
    scale = scale_for(unit, display)
    assert value * scale.factor + scale.offset == pytest.approx(shown, rel=1e-12)
    assert scale.unit == shown_unit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (4.1, "4.1"),
        (2008.04, "2\u202f008"),
        (12345.0, "12\u202f340"),
        (0.06790, "0.0679"),
        (-3.5, "−3.5"),
        (3.6e16, "3.6 × 10¹⁶"),
        (2.4e-15, "2.4 × 10⁻¹⁵"),
        (999_999.0, "1\u202f000\u202f000"),
        (math.nan, "–"),
        (math.inf, "–"),
        (None, "–"),
    ],
)
def test_numbers(value, text):
    assert number(value).replace("2.40", "2.4").replace("3.60", "3.6") == text


def test_digits():
    assert number(178_333.0, 2) == "180\u202f000"
    assert number(67_810, 9) == "67\u202f810"


def test_amounts_of_volume_are_in_litres():
    assert amount(2.008, "m3") == "2\u202f008 L"
    assert amount(8.233, "kg", 3) == "8.23 kg"
    assert amount(5.0, "1") == "5"


def test_pretty_units():
    assert pretty_unit("S.m2/mol") == "S·m²/mol"
    assert pretty_unit("1e9/L") == "10⁹/L"
    assert pretty_unit("degC") == "°C"
    assert pretty_unit("kg.m-3") == "kg·m⁻³"


def test_lengths_of_time():
    assert duration(14 * 86_400 * 10**9) == "14 d"
    assert duration(3 * 3600 * 10**9 + 21 * 60 * 10**9 + 123) == "3 h 21 min"
    assert duration(1_500_000) == "0.0015 s"
    assert seconds(0.035) == "35 ms"
    assert seconds(4.9) == "4.9 s"
    assert seconds(125.2) == "2 min 5 s"


def test_powers():
    assert power_of_ten(-1.04e-9) == "−1.0 × 10⁻⁹"
