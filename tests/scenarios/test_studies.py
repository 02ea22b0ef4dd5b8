"""Every shipped study can be read; those of small scenarios fit them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cosim
from cosim.measurements import read_template
from cosim.study.faults.entries import LABELS
from cosim.study.parse import read_study
from cosim.studying.plan import make_plan

STUDIES = sorted((Path(__file__).parents[2] / "scenarios" / "studies").glob("*.yaml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_study_can_be_read(path):
    study, problems = read_study(path)
    assert not problems
    assert study.name == path.stem
    assert all(part.is_file() for part in study.parts.values())
    assert study.scenario.is_file()


@pytest.mark.parametrize(
    "path",
    [path for path in STUDIES if path.stem.startswith(("hello", "calibration", "scale_up", "fed_batch", "resin"))],
    ids=lambda path: path.stem,
)
def test_a_study_fits_its_scenario(path):
    plan = make_plan(path, {})
    plan.prepared.close()
    n_labels = len(LABELS) if plan.problem.faults else 0
    assert len(plan.order.targets) == len(plan.problem.factors) == len(plan.study.factors) + n_labels


TRUTHS = {
    "calibration": ("hello", {"reactor.mu_max": "0.0352 1/h", "reactor.kinetics.q_mab_max": "46 pg/d"}),
    "scale_up_2L_2000L": (
        "scale_up_2L",
        {
            "reactor.mu_max": "0.0365 1/h",
            "reactor.kinetics.q_mab_max": "50 pg/d",
            "reactor.correlation.calibration": "2.6",
        },
    ),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_data_with_a_known_truth_are_what_they_say(tmp_path, name):
    """They come from the scenario with the parameters that their first row tells, and noise of the stated size."""
    path = next(path for path in STUDIES if path.stem == name)
    scenario, truth = TRUTHS[name]
    table = path.with_suffix(".csv")
    told = table.read_text().splitlines()[0]
    assert all(f"{key} {value}" in told for key, value in truth.items())
    experiment = read_template(table)[2]
    result = cosim.run(path.parents[1] / f"{scenario}.yaml", {**truth, **experiment.conditions}, out=tmp_path / "run")
    for series in experiment.series:
        trajectory = result[series.variable].to(series.unit)
        rest = series.values - np.interp(series.positions, trajectory.time, trajectory.values)
        assert np.all(np.abs(rest) < 3.5 * np.where(np.isnan(series.deviations), 0.5, series.deviations))
        assert np.any(np.abs(rest) > 0.1 * np.where(np.isnan(series.deviations), 0.5, series.deviations))


@pytest.mark.slow
def test_the_scale_up_finds_the_truth_and_predicts_with_it(tmp_path):
    """Of 468 runs: the intervals of the parameters hold the truth, and those at 2,000 L what it gives there."""
    path = next(path for path in STUDIES if path.stem == "scale_up_2L_2000L")
    result = cosim.study(path, out=tmp_path / "out")
    truth = {key.partition(" ")[0]: float(value.partition(" ")[0]) for key, value in TRUTHS[path.stem][1].items()}
    for name, _, low, high, *_ in result.answer.table("parameters").rows:
        assert low <= truth[name.partition(" ")[0]] <= high
    large = {
        "reactor.volume_start": "2000 L",
        "reactor.tank_diameter": "120 cm",
        "reactor.impeller_diameter": "50 cm",
        "reactor.gas_flow": "1.3107e-2 mol/s",
        "reactor.cells_start": "0.4e6/mL",
    }
    for name, setting, *_ in result.answer.table("criteria").rows[1:]:
        run = cosim.run(
            path.parents[1] / "scale_up_2L.yaml",
            {**TRUTHS[path.stem][1], **large, "reactor.stirrer_speed": f"{setting} 1/s"},
            out=tmp_path / name.replace(" ", "_"),
        )
        rows = {row[0]: row[1:] for row in result.answer.table("prediction.titre").rows}
        assert rows[name][1] <= run["reactor.titre"].values[-1] <= rows[name][2]


@pytest.mark.slow
def test_the_costs_of_fed_batch_and_continuous_can_be_compared(tmp_path):
    """Both make what their scenarios say; three cycles take 5, 5, 4 and 6 column volumes of the buffers."""
    path = next(path for path in STUDIES if path.stem == "cost_fed_batch_against_continuous")
    result = cosim.study(path, out=tmp_path / "out")
    assert result.answer.warnings == ()
    rows = {row[0]: row[1:] for row in result.answer.table("categories").rows}
    for i in range(2):
        assert sum(row[i] for name, row in rows.items() if name != "together") == pytest.approx(rows["together"][i])
        assert 50 < rows["together"][i] < 300
    capacity = {row[0]: row[1:] for row in result.answer.table("capacity").rows}
    assert capacity["product of a round, kg"] == (pytest.approx(6.7, abs=0.3), pytest.approx(26, abs=1))
    assert "production reactor" in capacity["because of"][0]
    run = pd.read_parquet(result.folder / "fed_batch" / "runs").iloc[0]
    for step, volumes in {"equilibrate": 5, "wash": 5, "elute": 4, "strip": 6}.items():
        sent = run[f"increase(buffers.outlet.V_total, capture.{step})"]
        assert sent == pytest.approx(3 * volumes * run["final(capture.bed_volume)"], rel=1e-3)
