"""x: u = 2, gain 1 → 3 (phase) → 1 (phase ends) → 0.5 (event): a tunable parameter changes at run time."""

from pathlib import Path

import numpy as np
import pytest
from faulty import build_faulty

import cosim

SCENARIO = """\
scenario: tunable
components:
  x: {{source: faulty.fmu, host: inline, fmi: {interface}}}
parameters:
  x: {{u: 2, gain: 1}}
phases:
  first: {{active: [x], duration: 2 s, step: 0.5 s}}
  second: {{active: [x], duration: 3 s, step: 0.5 s, set: {{x.gain: 3}}}}
  third: {{active: [x], duration: 2 s, step: 0.5 s}}
events:
  - {{at: 6 s, set: {{x.gain: 0.5}}}}
algorithm: {algorithm}
tolerance: 1e-9
"""


def closed_form():
    """x' = gain u + 1 - x at every half second."""
    gains = [1.0] * 4 + [3.0] * 6 + [1.0] * 2 + [0.5] * 2
    found = [0.0]
    for gain in gains:
        goal = 2.0 * gain + 1.0
        found.append(goal + (found[-1] - goal) * np.exp(-0.5))
    return found


@pytest.mark.filterwarnings("ignore:Nothing drives x.u")
@pytest.mark.parametrize("algorithm", ["gauss_seidel", "jacobi", "adaptive"])
@pytest.mark.parametrize("interface", ["co-simulation", "model-exchange"])
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_a_tunable_parameter_changes_at_run_time(fmi, interface, algorithm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build_faulty(Path("faulty.fmu"), fmi)
    Path("tunable.yaml").write_text(SCENARIO.format(interface=interface, algorithm=algorithm))
    result = cosim.run("tunable.yaml")
    assert result.status == "completed", result.outcome.reason
    x = result["x.y"]
    assert [x.values[np.flatnonzero(x.time == 0.5 * i)[-1]] for i in range(15)] == pytest.approx(
        closed_form(), rel=1e-8
    )
