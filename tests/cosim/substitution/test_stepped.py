"""A lumped unit that was trained: C takes its steps as numpy does."""

import numpy as np

from cosim.surrogate.stepping import CompiledStepper, NumpyStepper, make_stepper


def test_both_take_the_same_steps(taught):
    package = taught.package
    one, other = NumpyStepper(package.programs), make_stepper(package.programs)
    assert isinstance(other, CompiledStepper), "needs a C compiler"
    parameters = np.array([sum(limits) / 2 for limits in package.document["parameters"].values()])
    inputs = np.array([package.document["fixed"].get(name, 0.0) for name in package.input_names])
    places = {name: i for i, name in enumerate(package.input_names)}
    states = [package.model.begin(package.tensors, parameters[None])[0]] * 2
    for k in range(48):
        inputs[places["feed.V_flow"]] = 5e-6 * (k % 12 == 3)
        inputs[places["harvest_flow"]] = 2e-6 * (k > 40)
        size = package.step * (0.4 if k % 5 == 0 else 1.0)
        steps = [
            stepper.step(state, inputs, parameters, size) for stepper, state in zip((one, other), states, strict=True)
        ]
        states = [step.state for step in steps]
        for name in ("state", "coordinates", "spread", "excess", "outputs"):
            np.testing.assert_allclose(
                getattr(steps[1], name), getattr(steps[0], name), rtol=1e-9, atol=1e-15, err_msg=name
            )
