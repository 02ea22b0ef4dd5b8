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


RECORDED = """\
scenario: recorded
units: {{BV: sink.volume}}
components:
  data: {{source: 'csv:data.csv'}}
  sink: {{source: python}}
connections: [data.T -> sink.u]
inputs:
  sink.v: {{file: signal.csv, column: flow}}
phases:
  run: {{active: [data, sink], duration: 1 h, step: 1 min}}
events:
{events}
record: [sink.y]
expect:
  - final(sink.y) >= 0
{expect}
"""


def sink(name):
    description = describe({"u": 0.0, "v": 0.0}, ["y"], {"volume": 0.0})
    return FunctionInstance(name, description, lambda values, time, size: None)


def checked(tmp_path, text, times="0,1"):
    first, last = times.split(",")
    (tmp_path / "data.csv").write_text(f"time [h],T [K]\n{first},300\n{last},310\n", encoding="utf-8")
    (tmp_path / "signal.csv").write_text("time [h],flow [L/h]\n0,1\n1,2\n", encoding="utf-8")
    path = tmp_path / "recorded.yaml"
    path.write_text(text, encoding="utf-8")
    return prepare(path, None, {"gauss_seidel": GaussSeidel}, supplied={"sink": sink})


def scenario(events="", expect="", units=""):
    text = RECORDED.format(events=events, expect=expect)
    text = text if events else text.replace("events:\n\n", "")
    return text.replace("units: {BV: sink.volume}\n", units)


def test_data_that_do_not_cover_the_run(tmp_path):
    warnings = checked(tmp_path, scenario(), "0.25,0.5").bound.warnings
    assert any(text.endswith("the data of 'data' start at 15 min: until then, the first row.") for text in warnings)
    assert any(
        text.endswith("the data of 'data' end at 30 min, the run at 1 h at the latest: from then on, the last row.")
        for text in warnings
    )


def test_a_unit_that_meets_none(tmp_path):
    warnings = checked(tmp_path, scenario()).bound.warnings
    assert any("recorded.yaml:5: data.T [K] -> sink.u [no unit] passes unconverted" in text for text in warnings)
    assert any(
        "recorded.yaml:7: column 'flow' [L/h] drives sink.v, which states no unit: it passes unconverted." in text
        for text in warnings
    )


def test_an_expectation_beyond_the_end(tmp_path):
    match = r"recorded\.yaml:1\d: 'at\(sink\.y, 2 h\)' looks at 2 h, and the run ends at 1 h at the latest\."
    with pytest.raises(CosimError, match=match):
        checked(tmp_path, scenario(expect="  - at(sink.y, 2 h) >= 0"))


def test_a_time_does_not_repeat(tmp_path):
    with pytest.raises(CosimError, match="An event at a time happens once: 'repeats' goes with 'when' only"):
        checked(tmp_path, scenario(events="  - {at: 1 min, repeats: true, set: {sink.volume: 1}}"))


def test_a_unit_that_nothing_uses_has_a_value_all_the_same(tmp_path):
    with pytest.raises(CosimError, match=r"Unit 'BV': the unit BV is not known: sink\.volume is 0; a unit has to be"):
        checked(tmp_path, scenario(units="units: {BV: sink.volume}\n"))
