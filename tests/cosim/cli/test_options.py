"""Options shared by several verbs."""

import os

import pytest

from cosim.cli.options import find_run, parse_parameters
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


def test_the_latest_run_of_a_scenario_is_found(tmp_path):
    for number, name in enumerate(("b", "a", "c")):
        (tmp_path / name).mkdir()
        if name != "c":
            (tmp_path / name / "result.h5").touch()
        os.utime(tmp_path / name, (number, number))
    assert find_run(tmp_path) == tmp_path / "a"
    assert find_run(tmp_path / "b") == tmp_path / "b"
    assert find_run(tmp_path / "c") == tmp_path / "c"
    assert find_run(tmp_path / "nothing") == tmp_path / "nothing"
