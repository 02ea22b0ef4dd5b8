"""Protein A as somebody else's FMU, flat names and other units: the same ledger and report as with ours."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cosim

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "vendor_capture"

pytestmark = pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")


@pytest.fixture(scope="module")
def vendor(tmp_path_factory):
    """A copy of the example's folder, with the FMU."""
    pytest.importorskip("pythonfmu")
    folder = tmp_path_factory.mktemp("vendor") / "vendor_capture"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.fmu"))
    command = [sys.executable, "-m", "pythonfmu", "build", "-f", "column_sim.py"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return folder


def streams_of_the_vendor(folder):
    """The lines of the example's streams at its column, by what they are in other scenarios."""
    lines = (folder / "vendor_capture.yaml").read_text().splitlines()
    return {line.split("stream: ")[1].split(",")[0]: line for line in lines if "{stream: " in line}


def worst_closure(result):
    return max((entry.flowsheet.closure, species) for species, entry in result.ledger.items())


@pytest.mark.slow  # the page that tells of it runs it too
def test_the_example(vendor, tmp_path):
    text = (vendor / "vendor_capture.yaml").read_text().replace("repeat: 2", "repeat: 1")
    (vendor / "short.yaml").write_text(text)

    result = cosim.run(vendor / "short.yaml", out=tmp_path / "out")

    assert result.status == "completed", result.outcome.reason
    assert [(finding.text, finding.value) for finding in result.expectations if not finding.holds] == []
    assert worst_closure(result)[0] < 1e-9, worst_closure(result)
    assert result.find("capture.outlet.V_flow").unit == "mL/min"
    assert "ColumnSim.map.csv (sha256 " in str(result.run)
    assert "capture" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.slow
def test_the_flagship_with_a_vendor_column(vendor, tmp_path):
    text = (ROOT / "scenarios" / "mab_fed_batch.yaml").read_text()
    text, n = re.subn(r"(  capture: +)\{source: \S+\}", r"\1{source: ColumnSim.fmu, map: ColumnSim.map.csv}", text)
    assert n == 1
    for stream, line in streams_of_the_vendor(vendor).items():
        assert f"  - {stream}\n" in text
        text = text.replace(f"  - {stream}\n", f"{line}\n")
    (vendor / "flagship.yaml").write_text(text)

    result = cosim.run(vendor / "flagship.yaml", out=tmp_path / "out")

    assert result.status == "completed", result.outcome.reason
    assert [(finding.text, finding.value) for finding in result.expectations if not finding.holds] == []
    assert worst_closure(result)[0] < 1e-9, worst_closure(result)
    ours = {unit for entry in result.ledger.values() for unit in entry.units}
    assert "capture" in ours, "the vendor's column keeps books like any unit"
