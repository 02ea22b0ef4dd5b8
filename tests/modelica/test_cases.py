"""Each model of ``models/Cases`` as an FMU, against its independent solution."""

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import case_references as references
import fmpy
import numpy as np
import pytest
from many_builds import build_many
from numpy.typing import NDArray

from cosim.build.builder import build
from cosim.build.compiler import compile_model
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource
from cosim.clock import Ticks, to_ticks
from cosim.errors import ModelError
from cosim.fmu import open_fmu

MODELS = Path(__file__).parent / "models"
CO_SIMULATION, MODEL_EXCHANGE = 1e-6, 1e-5

# class: reference, end of the run, output interval, inputs
CASES: Mapping[str, tuple[Callable[..., Mapping[str, NDArray[np.float64]]], float, float, Mapping[str, float]]] = {
    "Chemostat": (references.chemostat, 40, 0.5, {"F_in": 40.0, "c_in": 20.0}),
    "FedBatchBolus": (references.fed_batch_bolus, 300, 1.0, {"F_in": 2.0, "c_in": 300.0}),
    "KineticColumn": (references.kinetic_column, 5, 0.05, {"c_in": 1.0}),
    "LangmuirColumn": (references.langmuir_column, 3, 0.02, {}),
    "ChargeBalance": (references.charge_balance, 40, 0.5, {"base": 0.01}),
    "SurgeTank": (references.surge_tank, 40, 0.1, {"q_in": 1.0}),
    "ThreeTanks": (references.three_tanks, 20, 0.25, {}),
    "SteadyStart": (references.steady_start, 10, 0.1, {"u": 0.4}),
    "TankChain": (references.tank_chain, 10, 0.1, {"u": 1.0}),
    "SampledController": (references.sampled_controller, 10, 0.05, {}),
    "StepSequence": (references.step_sequence, 20, 0.05, {}),
    "ImplicitPh": (references.charge_balance, 40, 0.5, {"base": 0.01}),
    "TableRate": (references.table_rate, 30, 0.25, {}),
}


@pytest.fixture(scope="session")
def case_fmus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    output = tmp_path_factory.mktemp("cases")
    built = build_many([f"Cases.{name}" for name in CASES], search_path=[MODELS], output=output)
    return {fmu.class_name.removeprefix("Cases."): fmu.path for fmu in built}


@cache
def reference(name: str) -> tuple[NDArray[np.float64], Mapping[str, NDArray[np.float64]]]:
    solve, stop, interval, _ = CASES[name]
    times = np.arange(round(stop / interval) + 1) * interval
    return times, solve(times)


def largest_error(fmu: Path, name: str, fmi_type: str, tolerance: float) -> float:
    _, stop, interval, inputs = CASES[name]
    times, expected = reference(name)
    result = fmpy.simulate_fmu(
        str(fmu),
        fmi_type=fmi_type,
        stop_time=stop,
        output_interval=interval,
        output=list(expected),
        start_values=dict(inputs),
        relative_tolerance=tolerance,
    )
    # At an event there are two values; the later one counts.
    last = np.searchsorted(result["time"], times + 1e-9) - 1
    return max(scaled_error(result[variable][last], values) for variable, values in expected.items())


def scaled_error(actual: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """Largest error away from jumps, in units of the largest value."""
    scale = np.abs(expected).max() or 1.0
    error = np.abs(actual - expected) / scale
    jumps = np.flatnonzero(np.abs(np.diff(expected)) > 0.02 * scale)
    error[np.unique(np.concatenate([jumps, jumps + 1]))] = 0.0
    return float(error.max())


@pytest.mark.parametrize("name", CASES)
def test_co_simulation_follows_the_reference(case_fmus: dict[str, Path], name: str) -> None:
    assert largest_error(case_fmus[name], name, "CoSimulation", 1e-7) < CO_SIMULATION


@pytest.mark.parametrize("name", CASES)
def test_model_exchange_follows_the_reference(case_fmus: dict[str, Path], name: str) -> None:
    assert largest_error(case_fmus[name], name, "ModelExchange", 1e-8) < MODEL_EXCHANGE


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
@pytest.mark.parametrize("name", CASES)
def test_model_exchange_meets_the_tolerance_asked_for(case_fmus: dict[str, Path], name: str, tolerance: float) -> None:
    _, _, interval, inputs = CASES[name]
    times, expected = reference(name)
    found = np.empty((len(times), len(expected)))
    with open_fmu(case_fmus[name], "Model Exchange") as file, file.instantiate("case") as instance:
        instance.set_start(inputs)
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=tolerance)
        instance.exit_initialization()
        outputs, size = instance.group(list(expected)), to_ticks(interval)
        instance.read(outputs, found[0])
        for number in range(len(times) - 1):
            instance.step(Ticks(number * size), size)
            instance.read(outputs, found[number + 1])
    errors = [scaled_error(found[:, place], values) for place, values in enumerate(expected.values())]
    assert max(errors) < tolerance


def test_an_algorithm_section_is_refused_with_the_rewrite(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"AlgorithmSection\.mo:10: An algorithm section .* into a function"):
        build(["Cases.AlgorithmSection"], search_path=[MODELS], output=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_code_of_a_column_does_not_grow_with_its_cells() -> None:
    source = ModelicaSource.discover([MODELS])
    lengths = []
    for cells in (20, 60):
        code = compile_model(load_flat(source, "Cases.GeneralRateColumn", {"N": cells})).c_source
        lengths.append(sum(1 for line in code.splitlines() if re.search("[A-Za-z]", line.removeprefix("static const"))))
    assert lengths[1] == lengths[0]


def test_a_column_written_with_loops_inside_loops_is_the_same_column(tmp_path: Path) -> None:
    names = ["Cases.GeneralRateColumn", "Cases.NestedColumn"]
    built = build(names, search_path=[MODELS], output=tmp_path, fmi_versions=["2.0"], structure={"N": 6, "R": 3})
    ends = []
    for fmu in built:
        result = fmpy.simulate_fmu(
            str(fmu.path), stop_time=100.0, output_interval=50.0, output=["c_out[1]", "c_out[2]"]
        )
        ends.append([result["c_out[1]"][-1], result["c_out[2]"][-1]])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)
    assert 0.1 < ends[0][0] < 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", ["GeneralRateColumn", "NestedColumn"])
def test_a_column_of_over_four_thousand_states_builds_in_eight_seconds(tmp_path: Path, name: str) -> None:
    build(["Cases.Chemostat"], search_path=[MODELS], output=tmp_path, fmi_versions=["2.0"])
    began = sum(os.times()[:4])
    built = build([f"Cases.{name}"], search_path=[MODELS], output=tmp_path, jobs=1)
    assert built[0].is_cached or sum(os.times()[:4]) - began < 8.0
    result = fmpy.simulate_fmu(str(built[0].path), stop_time=400.0, output_interval=400.0, output=["c_out[1]"])
    assert result["c_out[1]"][-1] == pytest.approx(1.0, abs=0.02)
