"""Numpy and C take the same steps, and a package whose step cannot be written is stepped by numpy."""

import numpy as np
import pytest
from taught import packaged

from cosim.surrogate import stepping
from cosim.surrogate.package import read_package
from cosim.surrogate.stepping import CompiledStepper, NumpyStepper, make_stepper


@pytest.fixture
def programs(tmp_path):
    return read_package(packaged(tmp_path / "package")).programs


def test_both_take_the_same_steps(programs):
    one, other = NumpyStepper(programs), make_stepper(programs)
    assert isinstance(other, CompiledStepper), "needs a C compiler"
    random = np.random.default_rng(1)
    states = [np.array([0.0, 0.3])] * 2
    for _ in range(10):
        inputs = 2 * random.random(1)
        steps = [
            stepper.step(state, inputs, np.empty(0), 60.0) for stepper, state in zip((one, other), states, strict=True)
        ]
        states = [step.state for step in steps]
        for name in ("state", "coordinates", "spread", "excess", "outputs"):
            np.testing.assert_allclose(getattr(steps[1], name), getattr(steps[0], name), rtol=1e-12, err_msg=name)
        np.testing.assert_allclose(
            other.outputs(states[1], inputs, np.empty(0)), one.outputs(states[0], inputs, np.empty(0)), rtol=1e-12
        )


def test_excess_says_what_the_domain_says(programs):
    stepper = make_stepper(programs)
    inside, outside = (stepper.step(np.array([60.0, 0.5]), np.array([u]), np.empty(0), 60.0) for u in (0.5, 1.5))
    assert inside.excess <= 1.0 < outside.excess
    assert programs.domain.why_outside(inside.coordinates, inside.spread) == ""
    assert "u is 1.5" in programs.domain.why_outside(outside.coordinates, outside.spread)


def test_without_a_compiler_numpy_does_it(programs, monkeypatch):
    monkeypatch.setattr(stepping, "load_machine", lambda: None)
    assert isinstance(make_stepper(programs), NumpyStepper)


def test_a_step_that_cannot_be_written_is_taken_by_numpy(programs, monkeypatch):
    model = type(programs.model)
    monkeypatch.setattr(model, "advance", lambda *a: np.asarray(a[2]))
    assert isinstance(make_stepper(programs), NumpyStepper)
