"""Every exported block at rest, at the ends of its ranges and on random walks: no NaN, no failure, nothing is lost.

Inputs of a stream port walk over ``PORT_RANGES`` and the composition of a harvest; any other input states its range.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import fmpy
import numpy as np
import pytest
from library_fmu import LIBRARY, SPECIES, Unit, library_fmus, unit
from verification.balance import COMPOSITION, DRIVES, FLOOR, STEPS, names, read, sent

import cosim

BLOCKS = sorted(file.stem for file in (LIBRARY / "Fmus").glob("*.mo") if file.stem != "package")
CLOSURE = 1e-9
UNDERSHOOT = 1e-9
"""How far below zero concentrations and amounts may fall, in part of their nominal."""
START = {"SeedReactor": {"volume_max": 100.0}, "Thaw": {"volume_max": 100.0}}
"""Parameters with which a block has room for what the walks send it."""
N_STEPS = 12
SIZES = (1.0, 7.0, 30.0, 60.0)
FLOW_BACK = 1e-9
"""Mean flow [m3/s] out of an inlet that the units allow, ``Interfaces.V_flow_back``."""
SLOW_SIZES = (SIZES, SIZES, SIZES, (600.0,), (3600.0,))
PORT_RANGES = {"V_flow": (0.0, 2e-4), "T": (275.15, 323.15), "demand": (0.0, 2e-4)}
"""Range of flow [m3/s] and temperature [K] in every port, 0 to 720 L/h and 2 to 50 degC."""
CONTAINED = ("mab_acidic", "mab_basic", "glycan_galactose", "glycan_high_mannose")
"""What is part of the antibody, so at most what its composition allows."""

TOO_HOT = """\
scenario: too_hot
components:
  tank:    {source: modelica:BioProcess.Fmus.FormulationTank}
  control: {source: modelica:BioProcess.Fmus.TemperatureController}
connections:
  - control.jacket_temperature -> tank.T_jacket
parameters:
  control: {output_max: 353.15}
inputs: {control.manual_output: 350 K}
phases:
  heat: {active: [tank, control], duration: 1 h, step: 1 min, set: {control.automatic: false}}
"""
"""A controller that may heat beyond what the tank can take."""

Inputs = dict[str, float]
Span = dict[str, tuple[float, float]]


@pytest.fixture(scope="module")
def fmus(request: pytest.FixtureRequest) -> dict[str, Path]:
    classes = [f"BioProcess.Fmus.{name}" for name in BLOCKS]
    built = library_fmus(request.config.cache.mkdir("library_fmus"), classes)
    return {name: built[f"BioProcess.Fmus.{name}"] for name in BLOCKS}


def limits(variable: fmpy.model_description.ScalarVariable) -> tuple[float, float] | None:
    """Return the range over which an input walks, or None if neither the block nor a convention states one."""
    port, _, quantity = variable.name.rpartition(".")
    if variable.type == "Boolean":
        return 0.0, 1.0
    if variable.type == "Enumeration":
        return 1.0, float(len(variable.declaredType.items))
    if port and quantity.startswith("c_"):
        return 0.0, 2.0 * COMPOSITION[quantity.removeprefix("c_")]
    if port and quantity in PORT_RANGES:
        return PORT_RANGES[quantity]
    return None if variable.min is None or variable.max is None else (float(variable.min), float(variable.max))


def ranges(fmu: Path) -> dict[str, tuple[float, float] | None]:
    variables = fmpy.read_model_description(str(fmu)).modelVariables
    return {variable.name: limits(variable) for variable in variables if variable.causality == "input"}


def walk(it: Unit, span: Span, draw: Callable[[int], Inputs], sizes: Sequence[float] = SIZES) -> None:
    """Step a block through what ``draw`` returns: nothing becomes negative, nothing is lost, no flow turns round."""
    inlets = [name.removesuffix(".V_flow") for name in span if name.endswith(".V_flow")]
    outputs = [name for name, v in it.variables.items() if v.causality == "output" and v.type == "Real"]
    volumes = [name for name in outputs if name.endswith(".V_total")]
    outlets = [name.removesuffix(".V_total") for name in volumes]
    amounts = {name: match[1] for name in outputs if (match := re.search(r"(?:\.c_|^held_)(\w+)$", name))}
    generator = np.random.default_rng(N_STEPS)
    held = read(it, names("held_"))
    received = np.zeros_like(held)
    before = it.get(volumes)
    for step in range(N_STEPS):
        inputs = draw(step)
        it.set({name: round(value) if it.variables[name].type != "Real" else value for name, value in inputs.items()})
        size = float(generator.choice(sizes))
        for inlet in inlets:
            content = np.array([1.0, *(inputs[f"{inlet}.c_{species}"] for species in SPECIES)])
            received += inputs[f"{inlet}.V_flow"] * size * content
        it.step(size)
        values = it.get(outputs)
        silent = [name for name, value in zip(outputs, values, strict=True) if not np.isfinite(value)]
        assert not silent, f"{silent} are not finite after step {step}."
        found = dict(zip(outputs, values, strict=True))
        negative = {
            name: found[name] for name, s in amounts.items() if found[name] < -UNDERSHOOT * COMPOSITION.get(s, 1.0)
        }
        assert not negative, f"{negative} are negative after step {step}."
        flows = {name: (found[name] - v) / size for name, v in zip(volumes, before, strict=True)}
        before = it.get(volumes)
        assert all(flow > -FLOW_BACK for flow in flows.values()), f"{flows}: one turns round in step {step}."
    if "held_volume" not in it.variables:
        return  # a source is outside the ledger
    source = held + received + read(it, names("made_", "_total")) + read(it, names("supplied_", "_total"))
    sink = read(it, names("held_")) + read(it, names("consumed_", "_total")) + read(it, names("vented_", "_total"))
    sink += sum(sent(it, outlet) for outlet in outlets)
    closures = dict(zip(("volume", *SPECIES), np.abs(source - sink) / np.maximum(source, FLOOR), strict=True))
    assert {name: closure for name, closure in closures.items() if not closure <= CLOSURE} == {}


def random_inputs(span: Span, seed: int) -> Callable[[int], Inputs]:
    """Return a walk: at each step a third of the inputs move, often to an end of their range."""
    generator = np.random.default_rng(seed)
    inputs = {name: low for name, (low, _) in span.items()}

    def draw(_step: int) -> Inputs:
        for name, (low, high) in span.items():
            if generator.random() < 1 / 3:
                share = generator.choice([0.0, generator.random(), generator.random(), 1.0])
                inputs[name] = low + share * (high - low)
        return _consistent(dict(inputs), generator)

    return draw


def _consistent(inputs: Inputs, generator: np.random.Generator) -> Inputs:
    """Return the inputs with no more of a part of the antibody than the antibody can contain."""
    for name in list(inputs):
        port, _, quantity = name.rpartition(".c_")
        if port and quantity in CONTAINED:
            share = inputs[f"{port}.c_mab"] / COMPOSITION["mab"]
            inputs[name] = share * generator.random() * COMPOSITION[quantity]
    return inputs


def _block(fmu: Path) -> str:
    return fmu.name.split(".")[2]


def _run(fmu: Path, draw: Callable[[Span], Callable[[int], Inputs]], sizes: Sequence[float] = SIZES) -> None:
    span = {name: limit for name, limit in ranges(fmu).items() if limit is not None}
    with unit(fmu, **START.get(_block(fmu), {})) as it:
        walk(it, span, draw(span), sizes)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_input_states_its_range(block: str, fmus: dict[str, Path]) -> None:
    silent = [name for name, limit in ranges(fmus[block]).items() if limit is None]

    assert silent == [], f"{block}: give these inputs min and max."


@pytest.mark.parametrize("block", BLOCKS)
def test_nothing_flows(block: str, fmus: dict[str, Path]) -> None:
    def rest(span: Span) -> Callable[[int], Inputs]:
        flows = ("V_flow", "flow", "demand", "flow_set")
        middle = {name: (low + high) / 2 if "." in name else low for name, (low, high) in span.items()}
        return lambda _: {name: 0.0 if name.endswith(flows) else value for name, value in middle.items()}

    _run(fmus[block], rest)


@pytest.mark.parametrize("end", [0, 1], ids=["least", "most"])
@pytest.mark.parametrize("block", BLOCKS)
def test_every_input_at_an_end(block: str, end: int, fmus: dict[str, Path]) -> None:
    _run(fmus[block], lambda span: lambda _: {name: limit[end] for name, limit in span.items()})


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("block", BLOCKS)
def test_a_random_walk(block: str, seed: int, fmus: dict[str, Path]) -> None:
    _run(fmus[block], lambda span: random_inputs(span, seed))


@pytest.mark.parametrize("sizes", [(600.0,), (3600.0,)])
@pytest.mark.parametrize("block", [pytest.param(b, marks=[pytest.mark.slow] if b in STEPS else []) for b in BLOCKS])
def test_a_random_walk_in_long_steps(block: str, sizes: tuple[float], fmus: dict[str, Path]) -> None:
    _run(fmus[block], lambda span: random_inputs(span, 3), sizes)


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS)
def test_many_random_walks(block: str, fmus: dict[str, Path]) -> None:
    for seed in range(100, 300):
        _run(fmus[block], lambda span, seed=seed: random_inputs(span, seed), SLOW_SIZES[seed % len(SLOW_SIZES)])


def _outside(variable: fmpy.model_description.ScalarVariable) -> list[float]:
    """Return a value below and a value above the range of a variable, as far as it has these ends."""
    low, high = (None if end is None else float(end) for end in (variable.min, variable.max))
    size = high - low if low is not None and high is not None else abs(high or low or 1.0)
    return [end for end in (low and low - size, high and high + size, -size if low == 0.0 else None) if end]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_value_outside_its_range_is_named(block: str, fmus: dict[str, Path], capsys: pytest.CaptureFixture) -> None:
    with unit(fmus[block], **START.get(block, {})) as it:
        for name, variable in it.variables.items():
            kind = {"input": "input", "parameter": "parameter"}.get(variable.causality)
            if kind is None or variable.type != "Real" or (kind == "parameter" and variable.variability != "tunable"):
                continue
            for value in _outside(variable):
                within = it.read(name)
                it.set({name: value})
                with pytest.raises(fmpy.fmi1.FMICallException):
                    it.step(1.0)
                assert f"the {kind} '{name}' is {value:.9g}" in capsys.readouterr().out
                it.set({name: within})
        it.step(1.0)


def test_a_run_names_the_input_outside_its_range(tmp_path: Path) -> None:
    scenario = tmp_path / "too_hot.yaml"
    scenario.write_text(TOO_HOT, encoding="utf-8")

    result = cosim.run(scenario, out=tmp_path / "out")

    assert result.status == "failed"
    said = r"tank.*the input 'T_jacket' is 350 K, outside its range, from 233\.15 to 333\.15 K"
    assert re.search(said, result.outcome.reason, re.DOTALL), result.outcome.reason


def test_no_base_flows_back_when_a_controller_turns_to_carbon_dioxide(fmus: dict[str, Path]) -> None:
    generator = np.random.default_rng(3)
    sent = [0.0]
    with unit(fmus["PhController"], tolerance=1e-3) as it:
        for step in range(500):
            error = 0.3 * generator.uniform(0.2, 1.0) * (1.0 if step // 7 % 2 else -1.0)
            it.set({"measured": 7.0 + error})
            it.step(600.0)
            sent.append(it.read("base.V_total"))

    assert np.diff(sent).min() == 0.0
    assert sent[-1] > 0.1


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_that_holds_something_has_a_case_of_the_balance(block: str, fmus: dict[str, Path]) -> None:
    variables = {variable.name for variable in fmpy.read_model_description(str(fmus[block])).modelVariables}

    assert block in DRIVES or "held_volume" not in variables, f"Add {block} to DRIVES in tests/verification/balance.py."
