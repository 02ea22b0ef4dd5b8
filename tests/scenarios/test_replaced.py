"""Scenarios with surrogates: what they replace is what the shipped training files sample, at the step they sample."""

from pathlib import Path

import pytest

from cosim.errors import raise_all
from cosim.scenario.parse import read_scenario
from cosim.surrogate.parse import read_training

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TRAINING = {path.stem: path for path in (SCENARIOS / "surrogates").glob("*.yaml")}
REPLACED = sorted((SCENARIOS / "replaced").glob("*.yaml"))


@pytest.mark.parametrize("path", REPLACED, ids=[path.stem for path in REPLACED])
def test_every_surrogate_has_a_training_file_that_fits(path: Path) -> None:
    scenario, wrong = read_scenario(path)
    raise_all(wrong)
    assert scenario.surrogates
    for name, entry in scenario.surrogates.items():
        package = Path(entry.package.text)
        assert package.parent == Path("../../surrogates"), "where 'cosim train' puts packages, from the clone"
        file, problems = read_training(TRAINING[package.name])
        raise_all(problems)
        assert file is not None
        assert scenario.components[name].source.text == file.source.text.removeprefix("modelica:")
