"""The same scenario with its FMUs run for Co-Simulation and for Model Exchange."""

from pathlib import Path

import pytest

import cosim
from cosim.errors import CosimError, FmuError
from cosim.fmu import open_fmu

PLANT = Path(__file__).parents[1] / "scenarios" / "broken" / "Plant.mo"
SCENARIO = """\
scenario: small
components:
  source: {source: modelica:Plant.Source, fmi: model-exchange}
  tank: {source: modelica:Plant.Tank, fmi: model-exchange}
streams: [source.outlet => tank.inlet, tank.outlet => waste]
connections: [tank.volume -> source.measured]
parameters:
  source: {rate: 1 mL/s, c_feed: 0.1 mol/L}
phases:
  fill: {active: [source, tank], duration: 10 min, step: 10 s}
tolerance: 1e-9
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "fmus").mkdir()
    (tmp_path / "Plant.mo").write_bytes(PLANT.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(name, text):
    Path(name).write_text(text)
    return cosim.run(name)


def test_both_interfaces_agree_and_the_ledger_closes(folder):
    exchange = run("exchange.yaml", SCENARIO)
    shared = run("shared.yaml", SCENARIO.replace("fmi: model-exchange", "fmi: co-simulation"))
    assert exchange.status == shared.status == "completed"
    for name in ("tank.volume", "tank.held_salt"):
        ours, theirs = (result[name].values[-1] for result in (exchange, shared))
        assert ours == pytest.approx(theirs, rel=1e-7)
        assert theirs > 0


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("model-exchange", "exchange", r"'fmi' of Component 'source' is 'exchange'; it should be one of co-simulation"),
        ("modelica:Plant.Source", "python", "Component 'source' has 'fmi', which is for FMUs; its source is 'python'"),
    ],
)
def test_what_cannot_be_chosen(folder, old, new, problem):
    with pytest.raises(CosimError, match=problem):
        run("wrong.yaml", SCENARIO.replace(old, new, 1))


def test_an_interface_that_is_not_offered(tmp_path):
    from fmu_factory import build_lag

    path = build_lag(tmp_path / "lag.fmu")
    assert open_fmu(path).interface_type == "Co-Simulation"
    with pytest.raises(FmuError, match="does not offer Model Exchange; it offers Co-Simulation"):
        open_fmu(path, "Model Exchange")
