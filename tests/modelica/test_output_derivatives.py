"""Every exported block tells how its outputs change, from the start on: algorithms beyond order 1 live on it."""

from pathlib import Path

import numpy as np
import pytest
from library_fmu import LIBRARY, library_fmus

from cosim.clock import Ticks
from cosim.fmu import open_fmu
from cosim.system.variable import Causality, Variability, VariableType

BLOCKS = sorted(file.stem for file in (LIBRARY / "Fmus").glob("*.mo") if file.stem != "package")
STEP = Ticks(1_000_000_000)


@pytest.fixture(scope="module")
def fmus(request: pytest.FixtureRequest) -> dict[str, Path]:
    classes = [f"BioProcess.Fmus.{name}" for name in BLOCKS]
    built = library_fmus(request.config.cache.mkdir("library_fmus"), classes)
    return {name: built[f"BioProcess.Fmus.{name}"] for name in BLOCKS}


@pytest.mark.parametrize("block", BLOCKS)
def test_derivatives_of_outputs_are_numbers(block: str, fmus: dict[str, Path]) -> None:
    with open_fmu(fmus[block]) as file, file.instantiate(block) as instance:
        outputs = [
            name
            for name, item in file.description.variables.items()
            if item.causality is Causality.OUTPUT
            and item.type is VariableType.FLOAT64
            and item.variability is Variability.CONTINUOUS
            and not item.shape
        ]
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        instance.exit_initialization()
        group, values = instance.group(outputs), np.empty(len(outputs))
        for i in range(3):
            for order in range(1, file.description.capabilities.max_output_derivative_order + 1):
                instance.read_derivatives(group, order, values)
                wrong = [name for name, value in zip(outputs, values, strict=True) if not np.isfinite(value)]
                assert wrong == [], (i, order)
            instance.step(Ticks(i * STEP), STEP)
