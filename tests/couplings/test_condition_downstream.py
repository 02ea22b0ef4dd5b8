"""Tank ⇒ Pipe ⇒ waste, of real FMUs: a phase that opens the tank and lasts until nothing passes the pipe."""

from pathlib import Path

import pytest

import cosim
from cosim.build.builder import build

PLANT = Path(__file__).parents[1] / "scenarios" / "broken"
SCENARIO = """\
scenario: drain
components:
  tank: {{source: tank{fmi}.fmu}}
  pipe: {{source: pipe{fmi}.fmu}}
streams: [tank.outlet => pipe.inlet, pipe.outlet => waste]
phases:
  wait: {{active: [tank, pipe], duration: 10 s, step: 5 s, set: {{tank.demand: 0 L/s}}}}
  drain:
    active: [tank, pipe]
    until: pipe.outlet.V_flow < 0.5 mL/s
    at_most: 5 min
    step: 5 s
    set: {{tank.demand: {demand}}}
events:
  - {{at: 60 s, set: {{tank.demand: 0 mL/s}}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drain")
    for fmu in build(["Plant.Tank", "Plant.Pipe"], search_path=[PLANT], output=folder, jobs=1):
        name = fmu.class_name.removeprefix("Plant.").lower() + fmu.fmi_version[0]
        (folder / f"{name}.fmu").write_bytes(fmu.path.read_bytes())
    return folder


@pytest.mark.parametrize("fmi", ["2", "3"])
@pytest.mark.parametrize(("demand", "ends"), [("1 mL/s", (60.0, 70.0)), ("0.1 mL/s", (10.0, 10.0))])
def test_it_lasts_as_long_as_something_flows(folder, tmp_path, fmi, demand, ends):
    (folder / "drain.yaml").write_text(SCENARIO.format(fmi=fmi, demand=demand))
    result = cosim.run(folder / "drain.yaml", out=tmp_path / "run")
    assert result.status == "completed", result.outcome.reason
    assert ends[0] <= result.outcome.time / 1e9 <= ends[1]
    assert max(entry.flowsheet.closure for entry in result.ledger.values()) < 1e-12
