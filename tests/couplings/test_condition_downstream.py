"""Tank ⇒ Pipe ⇒ Drain ⇒ waste, of real FMUs: a phase that opens the tank and lasts until nothing passes the drain."""

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
  drain: {{source: pipe{fmi}.fmu}}
streams: [tank.outlet => pipe.inlet, pipe.outlet => drain.inlet, drain.outlet => waste]
phases:
  wait: {{active: [tank, pipe, drain], duration: 10 s, step: 5 s, set: {{tank.demand: 0 L/s}}}}
  drain:
    active: [tank, pipe, drain]
    until: drain.outlet.V_flow < 0.5 mL/s
    at_most: 5 min
    step: {step}
    set: {{tank.demand: {demand}}}
events:
  - {{at: {closed}, set: {{tank.demand: 0 mL/s}}}}
algorithm: {algorithm}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drain")
    for fmu in build(["Plant.Tank", "Plant.Pipe"], search_path=[PLANT], output=folder, jobs=1):
        name = fmu.class_name.removeprefix("Plant.").lower() + fmu.fmi_version[0]
        (folder / f"{name}.fmu").write_bytes(fmu.path.read_bytes())
    return folder


@pytest.fixture
def drained(folder, tmp_path):
    def drained(demand, *, fmi="2", algorithm="gauss_seidel", step="5 s", closed="61 s"):
        text = SCENARIO.format(fmi=fmi, demand=demand, algorithm=algorithm, step=step, closed=closed)
        (folder / "drain.yaml").write_text(text)
        result = cosim.run(folder / "drain.yaml", out=tmp_path / "run")
        assert result.status == "completed", result.outcome.reason
        assert max(entry.flowsheet.closure for entry in result.ledger.values()) < 1e-12
        return result

    return drained


@pytest.mark.parametrize("fmi", ["2", "3"])
@pytest.mark.parametrize(("demand", "ends"), [("1 mL/s", (61.0, 66.0)), ("0.1 mL/s", (10.0, 10.0))])
def test_it_lasts_as_long_as_something_flows(drained, fmi, demand, ends):
    assert ends[0] <= drained(demand, fmi=fmi).outcome.time / 1e9 <= ends[1]


@pytest.mark.parametrize("step", ["5 s", "{tank: 2 s, others: 5 s}"])
@pytest.mark.parametrize("algorithm", ["jacobi", "{name: jacobi, extrapolation: 1}"])
@pytest.mark.parametrize(("demand", "ends"), [("1 mL/s", (61.0, 76.0)), ("0.1 mL/s", (10.0, 10.0))])
def test_what_arrives_late_is_waited_for(drained, algorithm, step, demand, ends):
    assert ends[0] <= drained(demand, algorithm=algorithm, step=step).outcome.time / 1e9 <= ends[1]


def test_what_held_while_something_was_on_its_way_is_told(drained):
    result = drained("1 mL/s", algorithm="jacobi", closed="10.001 s")
    assert result.outcome.time / 1e9 == pytest.approx(25.001)
    assert any("held before 20 s, but acted only when streams" in warning for warning in result.outcome.warnings)
