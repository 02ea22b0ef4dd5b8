"""Every shipped study can be read; those of small scenarios fit them."""

from pathlib import Path

import pytest

from cosim.study.parse import read_study
from cosim.study_plan import close, make_plan

STUDIES = sorted((Path(__file__).parents[2] / "scenarios" / "studies").glob("*.yaml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_study_can_be_read(path):
    study, problems = read_study(path)
    assert not problems
    assert study.name == path.stem
    assert study.scenario.is_file()


@pytest.mark.parametrize(
    "path", [path for path in STUDIES if path.stem.startswith(("hello", "calibration"))], ids=lambda path: path.stem
)
def test_a_study_fits_its_scenario(path):
    plan = make_plan(path, {})
    close(plan.prepared)
    assert len(plan.order.targets) == len(plan.problem.factors) == len(plan.study.factors)
