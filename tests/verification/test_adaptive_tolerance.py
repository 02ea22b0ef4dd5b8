"""Adaptive steps on a stiff pair: what is asked for is what comes out.

A tank that fills a hundred times as fast as the one it drains into, with recycle (`benchmarks/Coupled.mo`); reference:
the matrix exponential of the whole.
"""

import re
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm

import cosim
from cosim.build.builder import build

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SCENARIO = """\
scenario: tanks
components:
  head: {{source: {fmu}Head.fmu, host: inline}}
  large: {{source: {fmu}Large.fmu, host: inline}}
connections: [large.level -> head.level_below, large.recycle -> head.recycle, head.outflow -> large.inflow]
phases: {{run: {{active: [head, large], duration: 20 s, step: 2 s}}}}
algorithm: {{name: adaptive, relative: {relative}, estimate: {estimate}}}
"""
TOLERANCES = (1e-3, 1e-4, 1e-5)
HELD = rb'canInterpolateInputs="true"|maxOutputDerivativeOrder="\d"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The tanks with all they can do, and as heldHead.fmu and heldLarge.fmu, which take inputs that are held only."""
    folder = tmp_path_factory.mktemp("tanks")
    for fmu in build(
        ["Coupled.HeadTank", "Coupled.LargeTank"], search_path=[BENCHMARKS], output=folder, fmi_versions=["2.0"], jobs=1
    ):
        name = fmu.class_name.removeprefix("Coupled.").removesuffix("Tank")
        (folder / f"{name}.fmu").write_bytes(fmu.path.read_bytes())
        with zipfile.ZipFile(fmu.path) as whole, zipfile.ZipFile(folder / f"held{name}.fmu", "w") as held:
            for item in whole.namelist():
                content = whole.read(item)
                if item == "modelDescription.xml":
                    content = re.sub(HELD, b"", content)
                held.writestr(item, content)
    return folder


def error(result) -> float:
    """Return the largest error of both levels, as a share of the largest level."""
    rates = np.array([[-5.0, 5.2, 0.2], [0.05, -0.054, 0.0], [0.0, 0.0, 0.0]])
    times = result["head.level"].time
    exact = np.array([expm(rates * t) @ [2.0, 0.5, 1.0] for t in times])
    found = np.column_stack([result["head.level"].values, result["large.level"].values])
    return float(np.max(np.abs(found - exact[:, :2])) / 2.0)


@pytest.mark.parametrize("estimate", ["doubling", "predictor"])
@pytest.mark.parametrize("fmu", ["", "held"])
def test_the_error_is_of_the_size_of_the_tolerance(folder, tmp_path, monkeypatch, fmu, estimate):
    monkeypatch.chdir(folder)
    errors, steps = [], []
    for relative in TOLERANCES:
        (folder / "tanks.yaml").write_text(SCENARIO.format(fmu=fmu, relative=relative, estimate=estimate))
        result = cosim.run("tanks.yaml", out=tmp_path / str(relative))
        assert result.status == "completed", result.outcome.reason
        errors.append(error(result))
        steps.append(sum(cost.steps for cost in result.outcome.costs.values()))
    assert all(found <= 2.0 * asked for found, asked in zip(errors, TOLERANCES, strict=True)), errors
    assert all(fine < 0.5 * coarse for coarse, fine in pairwise(errors)), errors
    assert steps == sorted(steps)
