"""A tracer in the twelve zones of the example flow field, against the exponential of the flow field."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm

import cosim

SCENARIOS = Path(__file__).parents[2] / "scenarios"
VOLUME = 10.0  # [m3]
TRACER = """\
scenario: tracer
components:
  reactor: {{source: modelica:BioProcess.Fmus.CompartmentReactor, structure: {{n_zones: {n_zones}}}}}
  source: {{source: modelica:BioProcess.Fmus.BufferManifold}}
streams:
  - source.outlet => reactor.base
  - reactor.harvest => waste
parameters:
  reactor: {{parameter_set: {field}, volume_start: {volume} m3, cells_start: 0 1/mL}}
  source: {{wash.histidine: 100000 mol/m3, flow_set: 1 mL/s}}
phases:
  pulse: {{active: [reactor, source], duration: 1 s, step: 1 s, set: {{source.select: wash}}}}
  mixing: {{active: [reactor, source], duration: 150 s, step: 1 s, set: {{source.select: off}}}}
tolerance: 1e-9
"""


def flow_field(path):
    """Return the exchange flows [m3/s], from row to column."""
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if not row[0].startswith("#")]
    flows = {tuple(map(int, n[14:-1].split(","))): float(v) for n, v, _ in rows[1:] if n.startswith("exchange_flow")}
    size = max(i for i, _ in flows)
    return np.array([[flows[i + 1, j + 1] for j in range(size)] for i in range(size)]) * 1e-3


@pytest.mark.parametrize(
    ("name", "volume"), [("gradients_12m3.zones.csv", VOLUME), ("gradients_12m3.zones_2L.csv", 2e-3)]
)
def test_a_tracer_spreads_as_the_flow_field_says(name, volume, tmp_path):
    """dn/dt = Fᵀ c − diag(F 1) c + feed, c = n/V zone by zone; the volume hardly grows."""
    flows = flow_field(SCENARIOS / name)
    size = len(flows)
    # What enters a zone pushes liquid into the others: the pulse is held so small that this does not count.
    text = TRACER.format(n_zones=size, field=SCENARIOS / name, volume=volume)
    (tmp_path / "tracer.yaml").write_text(text.replace("1 mL/s", f"{volume * 1e-6:g} m3/s"), encoding="utf-8")
    result = cosim.run(tmp_path / "tracer.yaml", out=tmp_path / "run")

    matrix = (flows.T - np.diag(flows.sum(axis=1))) / (volume / size)
    augmented = np.zeros((size + 1, size + 1))
    augmented[:size, :size] = matrix
    augmented[0, size] = volume * 1e-6 * 1e5 / (volume / size)
    pulse = expm(augmented * 1.0)[:size, size]
    for time in (10.0, 30.0, 60.0, 150.0):
        expected = expm(matrix * (time - 1.0)) @ pulse
        outlet = result["reactor.harvest.c_histidine"]
        bottom = size // 2 - 1
        assert np.interp(time, outlet.time, outlet.values) == pytest.approx(expected[bottom], rel=5e-3, abs=1e-6)
    assert expected.max() / expected.min() < 1.5
