"""Many runs of a surrogate at once, by onnxruntime; and the ONNX model of a package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from cosim.errors import StudyError
from cosim.surrogate.model import Array
from cosim.surrogate.package import Package
from cosim.surrogate.program.tracing import INPUTS, OUTPUTS, PARAMETERS, SIZE, STATE

START: Final = "start_state"
"""Output of the ONNX model: the state at the start for the parameters."""
NEXT: Final = f"next_{STATE}"


def onnx_model(package: Package) -> bytes:
    """Return a step of ``package`` as an ONNX model in float64, any number of units at once.

    Inputs ``state``, ``inputs``, ``parameters``, and ``size`` [s] where a step may be shorter; outputs ``next_state``,
    ``outputs`` after the step, ``coordinates`` of the domain, ``spread`` of the ensemble, ``excess`` over what the
    domain allows (up to 1 inside), ``start_state``. What each column is stands in the metadata.

    Raises
    ------
    StructureError
        When the architecture cannot be written as a program.
    StudyError
        When onnx is not installed.
    """
    from cosim.surrogate.program.onnx_model import write_onnx

    begin = package.programs.begin
    begin = replace(begin, outputs={START: begin.outputs[STATE]})
    columns = {
        STATE: package.model.state_names, INPUTS: package.input_names, PARAMETERS: package.parameter_names,
        OUTPUTS: package.output_names, "coordinates": package.model.coordinate_names,
    }  # fmt: skip
    units = {name: item.unit or "1" for name, item in package.interface.variables.items()}
    properties = {name: json.dumps(list(names), ensure_ascii=False) for name, names in columns.items()}
    properties |= {
        "step": repr(package.step),
        "package": package.sha256,
        "units": json.dumps(units, ensure_ascii=False),
    }
    return write_onnx([package.programs.step, begin], name=package.name, properties=properties)


class BatchStepper:
    """Takes a step of many units in one call."""

    def __init__(self, package: Package) -> None:
        """Make it.

        Raises
        ------
        StudyError
            When onnx or onnxruntime is not installed.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise StudyError("Batches need more packages: pip install 'bioprocess-cosim[onnx]'.") from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors
        options.intra_op_num_threads = 1  # the products are small: more threads wait for each other
        self._session = onnxruntime.InferenceSession(onnx_model(package), options, providers=["CPUExecutionProvider"])
        self._given = {item.name for item in self._session.get_inputs()}
        self._package = package

    def _run(self, names: list[str], values: Mapping[str, Array]) -> list[Array]:
        found: list[Array] = self._session.run(names, {name: values[name] for name in self._given})
        return found

    def begin(self, parameters: Array) -> Array:
        """Return the states (n, n_state) at the start for ``parameters`` (n, n_parameters)."""
        n = len(parameters)
        nothing = {
            STATE: np.zeros((n, len(self._package.model.state_names))),
            INPUTS: np.zeros((n, len(self._package.input_names))),
            PARAMETERS: parameters,
            SIZE: np.full((n, 1), self._package.step),
        }
        return self._run([START], nothing)[0]

    def step(self, state: Array, inputs: Array, parameters: Array, size: float | None = None) -> tuple[Array, Array]:
        """Return states and outputs of ``n`` units after a step of ``size`` [s], default the trained one."""
        sizes = np.full((len(state), 1), size or self._package.step)
        state, told = self._run([NEXT, OUTPUTS], {STATE: state, INPUTS: inputs, PARAMETERS: parameters, SIZE: sizes})
        return state, told

    def roll_out(self, parameters: Array, inputs: Array) -> Array:
        """Return outputs (n, n_steps, n_outputs) of runs with ``inputs`` (n, n_steps, n_inputs) held over each step."""
        state = self.begin(parameters)
        outputs = []
        for k in range(inputs.shape[1]):
            state, told = self.step(state, np.ascontiguousarray(inputs[:, k]), parameters)
            outputs.append(told)
        return np.stack(outputs, 1)
