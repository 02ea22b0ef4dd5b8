"""Where an FMU runs if the scenario does not say: ours inline, those of others in a process."""

import pytest
from hostile import build_hostile

from cosim.preparation import prepare
from cosim.run import ALGORITHMS

SCENARIO = """scenario: s
components:
  unit: {source: unit.fmu%s}
phases:
  run: {active: [unit], duration: 1 s, step: 100 ms}
"""


@pytest.mark.parametrize(
    ("tool", "written", "host"),
    [
        ("by hand", "", "process"),
        ("by hand", ", host: inline", "inline"),
        ("cosim 0.1", "", "inline"),
        ("cosim 0.1", ", host: process", "process"),
        ("cosim 0.1", ", timeout: 1 min", "process"),
        ("cosimulation suite", "", "process"),
    ],
)
def test_host(tmp_path, tool, written, host):
    build_hostile(tmp_path / "unit.fmu", tool=tool)
    (tmp_path / "s.yaml").write_text(SCENARIO % written)
    (component,) = prepare(tmp_path / "s.yaml", None, ALGORITHMS).components.values()
    component.close()
    assert component.host == host
