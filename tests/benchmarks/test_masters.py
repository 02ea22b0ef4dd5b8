"""The comparison of masters compares like with like: cosim, compiled or not, and the C loop have one result."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "masters.py"
WORKER = SCRIPT.parent / "peers" / "worker.py"
BUILD = "import sys; from pathlib import Path; from peers.cell import build_fmu; " + (
    "build_fmu(Path(sys.argv[1]) / 'plain'); build_fmu(Path(sys.argv[1]) / 'full', units=('kg', 'g'))"
)
N_STEPS = 50


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fmus")
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=SCRIPT.parent, check=True)
    return {"plain": str(folder / "plain" / "lag.fmu"), "full": str(folder / "full" / "lag_units.fmu")}


def outputs_of(master, cell):
    requests = f"{json.dumps(cell)}\n{json.dumps({'steps': N_STEPS, 'outputs': True})}\n"
    command, environment = (
        [sys.executable, str(WORKER), *master],
        {**os.environ, "TMPDIR": str(Path(cell["fmu"]).parent)},
    )
    answer = subprocess.run(command, input=requests, capture_output=True, text=True, check=True, env=environment)
    return json.loads(answer.stdout.splitlines()[-1])["outputs"]


@pytest.mark.parametrize("kind", ["chain", "ring"])
def test_cosim_has_the_result_of_the_c_loop_bit_for_bit(fmus, kind):
    cell = {"kind": kind, "n": 3, "connections": 4, "recorded": True, "fmu": fmus["plain"]}
    expected = outputs_of(["c_loop"], cell)
    assert len(set(expected)) >= 4
    assert outputs_of(["ours"], cell) == expected
    assert outputs_of(["ours", "python"], cell) == expected


def test_the_full_system_has_unit_factors_and_one_result_compiled_or_not(fmus):
    cell = {"kind": "ring-full", "n": 3, "connections": 4, "recorded": True, "fmu": fmus["full"]}
    found = outputs_of(["ours"], cell)
    assert found == outputs_of(["ours", "python"], cell)
    assert found != outputs_of(["c_loop"], {**cell, "kind": "ring", "fmu": fmus["plain"]})


def test_a_master_that_is_not_there_is_named(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    command = [sys.executable, str(SCRIPT), "--n", "2", "--quick", "--repeats", "1", "--masters", "c", "ecos", "--json"]
    ran = subprocess.run([*command, "--peers", str(tmp_path)], capture_output=True, text=True, check=True)
    assert "The peers are not installed: run with --install, or name their folder by --peers." in ran.stderr
    assert not list((tmp_path / "temporary").iterdir())
    rows = json.loads(ran.stdout)
    assert {row["master"] for row in rows} == {"c"}
    assert set(rows[0]) == {"master", "kind", "n", "connections", "recorded", "us_per_fmu_step"}
