"""c.y_periodic → d.u_periodic, both clocked every 0.5 s from 0.25 s on: values move at ticks; CVODE integrates d."""

from pathlib import Path

import numpy as np
import pytest
from fmu_factory import FOLDERS, SOURCES, compile_library, write_fmu

import cosim
from cosim.errors import CosimError

SCENARIO = """\
scenario: clocked
components:
  c: {source: clocks.fmu, host: inline}
  d: {source: clocks.fmu, host: inline, fmi: model-exchange}
connections: [c.y_periodic -> d.u_periodic]
parameters:
  c: {blob: 0a0b0c, u_periodic: 3}
phases:
  run: {active: [c, d], duration: 3 s, step: 0.1 s}
record: [c.*, d.*]
"""


pytestmark = pytest.mark.filterwarnings("ignore:Nothing drives [cd].wide")  # of the clocks nothing is said


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    description = (SOURCES / "clocks_fmi3.xml").read_text()
    binary = f"binaries/{FOLDERS['3.0']}/clocks.so"
    library = compile_library("clocks_fmi3.c")
    write_fmu(Path("clocks.fmu"), {"modelDescription.xml": description, binary: library})
    Path("clocked.yaml").write_text(SCENARIO)


def test_clocked_components(project):
    result = cosim.run("clocked.yaml")
    assert result.status == "completed", result.outcome.reason
    ticks = np.floor((result["c.y_periodic"].time - 0.25 + 1e-9) / 0.5) + 1
    assert result["c.y_periodic"].values.tolist() == np.where(ticks > 0, 3 + 10 * ticks, 0).tolist()
    assert result["d.y_periodic"].values[-1] == (3 + 60) + 60
    assert result["c.size"].values[-1] == 3


def test_what_cannot_be_connected(project):
    Path("clocked.yaml").write_text(SCENARIO.replace("c.y_periodic -> d.u_periodic", "c.out -> d.periodic"))
    with pytest.raises(CosimError, match=r"yaml:5: c\.out is of type Clock, which is not a single number\."):
        cosim.check("clocked.yaml")


def test_what_is_no_binary_value(project):
    Path("clocked.yaml").write_text(SCENARIO.replace("0a0b0c", "nothing"))
    with pytest.raises(
        CosimError, match=r"c\.blob \(Binary\) cannot start at 'nothing': it takes bytes in hexadecimal"
    ):
        cosim.run("clocked.yaml")
