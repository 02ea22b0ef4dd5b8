"""FMUs of two other exporters, FMI 2.0 and 3.0, held by one FMU that runs in a third tool as their system does here."""

import subprocess
import sys
from pathlib import Path

import pytest
from fmpy import simulate_fmu
from fmpy.validation import validate_fmu

import cosim

pytestmark = pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")
SLAVES = Path(__file__).parent / "slaves"
SCENARIO = """scenario: tanks
components:
  upper: {source: Tank2.fmu}
  lower: {source: Tank3.fmu}
connections: [upper.level -> lower.inflow]
parameters:
  upper: {inflow: 0.5, area: 4, label: "above"}
phases:
  run: {active: [upper, lower], duration: 10 s, step: 1 s}
"""


def test_tanks_of_two_exporters(tmp_path):
    for exporter, source in (("pythonfmu", "tank2"), ("pythonfmu3", "tank3")):
        pytest.importorskip(exporter)
        command = [sys.executable, "-m", exporter, "build", "-f", str(SLAVES / f"{source}.py"), "-d", str(tmp_path)]
        subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "tanks.yaml").write_text(SCENARIO)
    notes = []
    fmu = cosim.export_fmu(tmp_path / "tanks.yaml", tmp_path / "tanks.fmu", on_note=notes.append)
    assert "'upper', here in a process of its own, runs in the process of the other tool." in notes
    assert validate_fmu(str(fmu)) == []
    names = ["upper.level", "lower.level", "lower.count"]
    theirs = simulate_fmu(str(fmu), stop_time=9.0, step_size=1.0, output_interval=1.0, output=names)
    ours = cosim.run(tmp_path / "tanks.yaml", out=tmp_path / "r").to_dataframe()
    for name in names:
        assert list(theirs[name]) == list(ours[name][:10]), name
    assert theirs["lower.level"][-1] > 5
