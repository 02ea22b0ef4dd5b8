"""Periodic counter-current capture inside one FMU, and the same wired from single columns."""

import json
from pathlib import Path

import pytest
from library_fmu import LIBRARY

import cosim

BED = 3.14159265358979 / 4 * 0.2**2 * 0.1
FLOW = BED / 300.0
FEED = {"mab": 4.36, "mab_acidic": 0.8, "hcp": 0.3, "dna": 0.02, "sodium": 155.0, "chloride": 107.0, "carbonate": 13.0,
        "phosphate": 3.0, "lactate": 40.0}  # fmt: skip
UNITS = {"count": "1/m3", "mol": "mol/m3", "kg": "kg/m3"}
BASES = {name: entry["basis"] for name, entry in json.loads(
    (LIBRARY / "Resources" / "species.json").read_text(encoding="utf-8")).items()}  # fmt: skip
COLUMN = (
    "{source: modelica:BioProcess.Fmus.ProteinA, structure: {n_tanks: 10, n_cells: 40, diameter: 0.2 m, length: 0.1 m}}"
)
ONE = """scenario: twin_inside
components:
  capture: {source: modelica:BioProcess.Fmus.PeriodicCounterCurrent, structure: {n_columns: 2}}
  buffers: {source: modelica:BioProcess.Fmus.BufferManifold}
streams: [buffers.outlet => capture.buffer, capture.pool => waste, capture.rest => waste]
connections: [capture.select -> buffers.select]
"""
WIRED = f"""scenario: twin_wired
components:
  capture: {{source: modelica:BioProcess.Fmus.TwinValves}}
  first: {COLUMN}
  second: {COLUMN}
  buffers: {{source: modelica:BioProcess.Fmus.BufferManifold}}
streams:
  - buffers.outlet => capture.buffer
  - capture.load_1 => first.load
  - capture.buffer_1 => first.buffer
  - first.outlet => capture.from_1
  - capture.load_2 => second.load
  - capture.buffer_2 => second.buffer
  - second.outlet => capture.from_2
  - capture.pool => waste
  - capture.rest => waste
connections: [capture.select -> buffers.select, first.uv280 -> capture.uv_1, second.uv280 -> capture.uv_2]
"""
PHASES = """inputs: {{{inputs}}}
phases:
  run:
    active: [{names}]
    duration: {duration:.0f} s
    step: {step} s
    set: {{buffers.flow_set: {flow:.9g} m3/s}}
ledger: {{tolerance: 1e-9}}
record: [capture.*]
"""


def run_twin(folder: Path, text: str, *, step: float, bed_volumes: float) -> cosim.Result:
    inputs = {f"c_{name}": f"{FEED.get(name, 0.0)} {UNITS[basis]}" for name, basis in BASES.items()}
    inputs |= {"V_flow": f"{FLOW:.9g} m3/s", "T": "298.15 K"}
    names = "capture, buffers" + (", first, second" if "first:" in text else "")
    ending = PHASES.format(
        inputs=", ".join(f"capture.load.{name}: {value}" for name, value in inputs.items()), names=names,
        duration=300.0 * bed_volumes, step=step, flow=1.5 * FLOW,
    )  # fmt: skip
    scenario = folder / "twin.yaml"
    scenario.write_text(text + ending, encoding="utf-8")
    return cosim.run(scenario, out=folder / f"{text.split()[1]}_{step:g}")


def test_columns_wired_one_by_one_capture_as_those_inside_one_unit(tmp_path: Path) -> None:
    inside = run_twin(tmp_path, ONE, step=5.0, bed_volumes=40.0)
    wired = run_twin(tmp_path, WIRED, step=5.0, bed_volumes=40.0)

    for name in ("pool.m_mab_total", "pool.m_mab_acidic_total", "pool.V_total"):
        assert wired[f"capture.{name}"].values[-1] == pytest.approx(inside[f"capture.{name}"].values[-1], rel=5e-3)
    assert inside["capture.switches"].values[-1] == wired["capture.switches"].values[-1] == 3
    assert inside["capture.pool.m_mab_total"].values[-1] > 0.85 * 3 * 12 * BED * 4.36
