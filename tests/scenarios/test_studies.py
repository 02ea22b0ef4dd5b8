"""Every shipped study can be read; those of small scenarios fit them."""

from pathlib import Path

import numpy as np
import pytest

import cosim
from cosim.measurements import read_template
from cosim.study.parse import read_study
from cosim.study_plan import make_plan

STUDIES = sorted((Path(__file__).parents[2] / "scenarios" / "studies").glob("*.yaml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_study_can_be_read(path):
    study, problems = read_study(path)
    assert not problems
    assert study.name == path.stem
    assert all(part.is_file() for part in study.parts.values())
    assert study.scenario.is_file()


@pytest.mark.parametrize(
    "path", [path for path in STUDIES if path.stem.startswith(("hello", "calibration"))], ids=lambda path: path.stem
)
def test_a_study_fits_its_scenario(path):
    plan = make_plan(path, {})
    plan.prepared.close()
    assert len(plan.order.targets) == len(plan.problem.factors) == len(plan.study.factors)


def test_data_of_the_calibration_are_what_they_say(tmp_path):
    """They come from the scenario with the parameters that their first row tells, and noise of the stated size."""
    path = next(path for path in STUDIES if path.stem == "calibration")
    truth = {"reactor.mu_max": "0.0352 1/h", "reactor.kinetics.q_mab_max": "46 pg/d"}
    told = (path.parent / "calibration.csv").read_text().splitlines()[0]
    assert all(f"{name} {value}" in told for name, value in truth.items())
    experiment = read_template(path.parent / "calibration.csv")[2]
    result = cosim.run(path.parents[1] / "hello.yaml", {**truth, **experiment.conditions}, out=tmp_path / "run")
    for series in experiment.series:
        trajectory = result[series.variable].to(series.unit)
        rest = series.values - np.interp(series.positions, trajectory.time, trajectory.values)
        assert np.all(np.abs(rest) < 3.5 * np.where(np.isnan(series.deviations), 0.5, series.deviations))
        assert np.any(np.abs(rest) > 0.1 * np.where(np.isnan(series.deviations), 0.5, series.deviations))
