"""Scenarios that read well, and whose components show before the first step that they cannot be run."""

from dataclasses import replace

import pytest
from fakes import describe

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.errors import CosimError
from cosim.instance.function import FunctionInstance
from cosim.preparation import prepare

SCENARIO = """\
scenario: aeration
components:
  compressor: {source: python}
  sparger: {source: python}
streams: [compressor.air => sparger.air]
phases:
  start: {active: [compressor], duration: 1 min, step: 1 s}
  run: {active: [compressor, sparger], duration: 1 min, step: 1 s}
"""


def compressor(name):
    description = describe([], ["air.n_flow", "air.y_o2"])
    flow = replace(description.variables["air.n_flow"], unit="mol/h")
    description = replace(description, variables={**description.variables, "air.n_flow": flow})
    return FunctionInstance(name, description, lambda values, time, size: values.update({"air.n_flow": 2.5}))


def sparger(name):
    description = describe(["air.n_flow", "air.y_o2"])
    flow = replace(description.variables["air.n_flow"], unit="mol/s")
    description = replace(description, variables={**description.variables, "air.n_flow": flow})
    return FunctionInstance(name, description, lambda values, time, size: None)


def test_gas_that_flows_into_a_sleeper_is_found_before_the_run(tmp_path):
    path = tmp_path / "aeration.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    match = (
        r"aeration\.yaml:7: In phase 'start' compressor\.air flows \(with 2\.5 mol/h from the start\), but 'sparger' "
        r"is not active\. Make 'sparger' active in this phase, or stop the flow of 'compressor'\."
    )
    with pytest.raises(CosimError, match=match):
        prepare(path, None, {"gauss_seidel": GaussSeidel}, supplied={"compressor": compressor, "sparger": sparger})
