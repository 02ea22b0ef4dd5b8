"""What a step of an FMU and of its surrogate take, side by side."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import numpy as np

from cosim.surrogate.design import input_courses
from cosim.surrogate.model import Plan, Runs
from cosim.surrogate.program.tracing import Programs
from cosim.surrogate.sampling import sample
from cosim.surrogate.stepping import make_stepper

if TYPE_CHECKING:
    from cosim.fmu import FmuFile


def cost_of_step(source: FmuFile, plan: Plan, programs: Programs, runs: Runs) -> dict[str, float]:
    """Return the CPU time of a step [s] of the FMU and of the surrogate, over a whole run of both."""
    inputs, n = input_courses(plan, 0), plan.n_steps
    with source.instantiate("timed") as instance:
        began = process_time()
        sample(instance, plan, runs.parameters[0], inputs)
        by_fmu = (process_time() - began) / n
    stepper, model = make_stepper(programs), programs.model
    state = model.encode(runs.outputs[:1, 0], np.zeros(1))[0]
    began = process_time()
    for k in range(n):
        state = stepper.step(state, runs.inputs[0, k], runs.parameters[0], model.step_size).state
    return {"fmu": by_fmu, "surrogate": (process_time() - began) / n}
