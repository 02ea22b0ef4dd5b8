"""A virus filter at constant pressure, fed from a tank through its demand."""

import pytest

import cosim

SCENARIO = """\
scenario: virus_filtration
components:
  tank:   {source: modelica:BioProcess.Fmus.HoldTank}
  buffer: {source: modelica:BioProcess.Fmus.BufferManifold}
  filter: {source: modelica:BioProcess.Fmus.VirusFilter}
  pool:   {source: modelica:BioProcess.Fmus.HoldTank}
streams:
  - buffer.outlet => tank.inlet
  - tank.outlet => filter.feed
  - filter.permeate => pool.inlet
  - pool.outlet => waste
parameters:
  tank: {volume_start: 400 L}
  filter: {area: 1 m2, J_clean: 200 L/(m2*h), p_nominal: 1 bar, K_intermediate: 0 1/m, LAW}
inputs: {filter.pressure: 1 bar}
phases:
  run: {active: [tank, buffer, filter, pool], duration: 2 h, step: STEP, set: {buffer.select: off}}
"""


@pytest.mark.parametrize(
    ("law", "volume"),
    [
        ("K_complete: 0.5 1/h", 252.84822353),
        ("K_standard: 2 1/m", 285.71428571),
        ("K_intermediate: 2 1/m", 293.89333245),
        ("K_cake: 36000 s/m2", 306.22577483),
    ],
)
def test_volume_is_hermias_and_the_error_of_the_held_demand_falls_with_the_step(law, volume, tmp_path):
    """V in L/m2; the demand is held over a step, so the error is of first order."""
    text = SCENARIO.replace(
        "K_intermediate: 0 1/m, LAW", law if "intermediate" in law else f"K_intermediate: 0 1/m, {law}"
    )
    errors = []
    for step in ("20 s", "10 s"):
        path = tmp_path / f"filter_{step[:2]}.yaml"
        path.write_text(text.replace("STEP", step), encoding="utf-8")
        result = cosim.run(path, out=tmp_path / step[:2])
        errors.append(result["pool.volume"].values[-1] * 1e3 / volume - 1)
        assert max(entry.flowsheet.closure for entry in result.ledger.values()) < 1e-9
    assert errors[1] == pytest.approx(0, abs=1e-3)
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.05)
