"""A replacement that would not pay: `cosim check` refuses it, with what was measured when it was trained."""

import json

from cosim.cli.app import run_app
from cosim.substitution.substitute import LEAST_COST

TRAINING = """\
surrogate: protein_a
source: modelica:BioProcess.Fmus.ProteinA
architecture: {name: static_map, memory: 2, members: 1, width: 4, iterations: 20}
step: 5 s
duration: 1 min
runs: {train: 4, validate: 2, test: 2}
inputs:
  load.V_flow: {from: 400 L/h, to: 700 L/h}
  load.c_mab: {from: 2 g/L, to: 5 g/L}
budget: 20 s
seed: 1
"""

SCENARIO = """\
scenario: lumped_capture
components:
  harvest: {source: modelica:BioProcess.Fmus.HarvestSupply}
  buffers: {source: modelica:BioProcess.Fmus.BufferManifold}
  capture: {source: modelica:BioProcess.Fmus.ProteinA}
streams:
  - harvest.outlet => capture.load
  - buffers.outlet => capture.buffer
  - capture.outlet => waste
phases:
  load: {active: [harvest, buffers, capture], duration: 10 min, step: 5 s, set: {harvest.demand: 600 L/h}}
surrogates:
  capture: surrogates/protein_a
"""


def test_a_column_of_the_lumped_rate_model_is_not_replaced(tmp_path, capsys, monkeypatch):
    training, scenario, package = (tmp_path / name for name in ("pa.yaml", "capture.yaml", "surrogates/protein_a"))
    training.write_text(TRAINING, encoding="utf-8")
    scenario.write_text(SCENARIO, encoding="utf-8")
    assert run_app(["train", str(training), "--quiet", "--out", str(package)]) == 0
    cost = json.loads((package / "surrogate.json").read_text(encoding="utf-8"))["cost"]
    limit = max(LEAST_COST, 1.2 * cost["fmu"])  # a machine at work elsewhere may take longer than 0.5 ms
    monkeypatch.setattr("cosim.substitution.substitute.LEAST_COST", limit)
    capsys.readouterr()
    assert run_app(["check", str(scenario)]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert (
        f"Surrogate of 'capture': it would not pay. A step of 5 s takes the FMU {cost['fmu'] * 1e6:.0f} µs and the "
        f"surrogate {cost['surrogate'] * 1e6:.0f} µs, measured when it was trained; an FMU should take "
        f"{limit * 1e6:.0f} µs, and 2 times as long as its surrogate. Remove it, or write 'although_slower: true'."
    ) in told
    assert "capture.yaml:13" in told
    text = SCENARIO.replace("surrogates/protein_a", "{package: surrogates/protein_a, although_slower: true}")
    scenario.write_text(text, encoding="utf-8")
    assert run_app(["check", str(scenario)]) == 0
