"""Options shared by several verbs."""

import pytest

from cosim.cli.options import parse_parameters
from cosim.errors import ScenarioError


def test_parameters():
    assert parse_parameters(["reactor.mu_max=0.04 1/h", "a.b = x=y"]) == {"reactor.mu_max": "0.04 1/h", "a.b": "x=y"}
    assert parse_parameters(None) == {}


@pytest.mark.parametrize("text", ["a.b", "=1", "a.b="])
def test_parameters_that_are_none(text):
    with pytest.raises(ScenarioError, match=r"is not of the form component.variable=value"):
        parse_parameters([text])


def test_a_parameter_given_twice():
    with pytest.raises(ScenarioError, match=r"'--set' gives a.b twice"):
        parse_parameters(["a.b=1", "a.b=2"])
