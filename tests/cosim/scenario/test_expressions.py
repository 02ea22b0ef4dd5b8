"""Arrows, comparisons and expectations; nothing else is an expression."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosim.errors import ScenarioError
from cosim.scenario.expressions import parse_condition, parse_connection, parse_expectation, parse_stream
from cosim.system.stream import Exit, PortName
from cosim.system.variable import VariableName


def test_streams_and_connections():
    assert parse_stream("a.out => b.in", None) == (PortName("a", "out"), PortName("b", "in"))
    assert parse_stream("a.out=>waste", None) == (PortName("a", "out"), Exit.WASTE)
    assert parse_stream("a.out=>product", None) == (PortName("a", "out"), Exit.PRODUCT)
    assert parse_connection("a.p.x -> b.q.y[1]", None) == (VariableName("a", "p.x"), VariableName("b", "q.y[1]"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.out -> b.in", r"has the arrow of connections \(->\); a stream is written with '=>'"),
        ("a.out", "is not a stream. Write it as 'a.outlet => b.inlet'"),
        ("a.out => b.in => c.in", "is not a stream"),
        ("a.out => ", "is not a stream"),
        ("a => b.in", "'a' is not of the form component.port"),
        ("1a.x => b.in", "'1a.x' is not of the form component.port"),
    ],
)
def test_streams_that_are_none(text, message):
    with pytest.raises(ScenarioError, match=message):
        parse_stream(text, None)


def test_connection_with_the_wrong_arrow():
    with pytest.raises(ScenarioError, match=r"has the arrow of streams \(=>\); a connection is written with '->'"):
        parse_connection("a.x => b.y", None)


def test_conditions():
    condition = parse_condition("reactor.volume < 20 L", None)
    assert (condition.left, condition.operator, condition.right) == (VariableName("reactor", "volume"), "<", "20 L")
    assert parse_condition("a.x>=b.y", None).right == VariableName("b", "y")
    assert parse_condition("a.x >= -1e-3 mol/m3", None).right == "-1e-3 mol/m3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.x", "is not one comparison"),
        ("1 < a.x < 2", "is not one comparison"),
        ("a.x < 2 and b.y > 1", "is not one comparison"),
        ("a.x == 2", "compares with '=='. Use <, <=, > or >="),
        ("a.x = 2", "compares with '='"),
        ("20 L > a.x", "begins with a number. Write the variable first"),
        ("final(a.x) > 2", "has a function"),
        ("x > 2", "'x' is not of the form component.variable"),
        ("a.x > y", "'y' in 'a.x > y' is neither a quantity nor a component.variable"),
        ("a.x > __import__('os').system('ls')", "has a function"),
    ],
)
def test_conditions_that_are_none(text, message):
    with pytest.raises(ScenarioError, match=message):
        parse_condition(text, None)


def test_expectations():
    entry = parse_expectation("yield(mab, reactor.harvest, pool.inlet) >= 0.9", None)
    assert (entry.measure.function, entry.measure.arguments) == ("yield", ("mab", "reactor.harvest", "pool.inlet"))
    assert parse_expectation("at(a.x, 7 d) < 3 g/L", None).measure.arguments == ("a.x", "7 d")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.x > 2", r"'a.x' is not a function of a result. Say which value is meant: final\(a.x\)"),
        ("last(a.x) > 2", "There is no function 'last' in expectations; there are final, min"),
        ("final(a.x, b.y) > 2", r"does not have the arguments of 'final'. Write final\(reactor.titre\)"),
        ("at(a.x) > 2", r"Write at\(reactor.titre, 7 d\)"),
        ("final() > 2", "does not have the arguments"),
        ("final(a.x) > b.y", "'b.y' in .* is not a quantity"),
        ("final(min(a.x)) > 2", "is not a function of a result"),
    ],
)
def test_expectations_that_are_none(text, message):
    with pytest.raises(ScenarioError, match=message):
        parse_expectation(text, None)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_a_sentence(text):
    for read in (parse_condition, parse_expectation, parse_stream, parse_connection):
        with contextlib.suppress(ScenarioError):
            assert read(text, None) is not None
