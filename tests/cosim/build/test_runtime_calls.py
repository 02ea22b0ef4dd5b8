"""The FMI calls: order, values refused, start values, derivatives, many instances."""

import ctypes as ct
import resource

import casadi as ca
import fmpy
import numpy as np
import pytest
from fmu_driver import ERROR, OK, Fmu
from sketches import Sketch

SKETCH = Sketch(
    "Calls",
    {"x": 1.0, "free": 0.5},
    lambda s: [-s.p[0] * s.x[0] + s.u[0], s.x[0] - s.x[1]],
    inputs={"feed.V_flow": 0.0},
    parameters={"k": 2.0, "V0": 3.0},
    fixed=("V0",),
    outputs={"y": lambda s: s.x[0] * s.u[0] + ca.sin(s.x[1]), "start": lambda s: s.p[1]},
    free=("free",),
    initial_residuals=lambda s: [s.x[1] ** 3 - 8 * s.p[0]],
)


def test_step_before_initialisation_is_refused(open_fmu):
    fmu = open_fmu(SKETCH, start=False)
    assert fmu.step(1.0) == ERROR
    assert fmu.log == ["fmi2DoStep must not be called while 'it' is in the state 'instantiated'."]


@pytest.mark.parametrize(
    ("kind", "function", "arguments"),
    [
        ("cs", "EnterEventMode", ()),
        ("cs", "EnterInitializationMode", ()),
        ("cs", "SetTime", (1.0,)),
        ("me", "DoStep", (0.0, 1.0, 1)),
        ("me", "CompletedIntegratorStep", (1, None, None)),
    ],
)
def test_call_out_of_order_is_refused(open_fmu, kind, function, arguments):
    fmu = open_fmu(SKETCH, kind=kind)
    assert fmu.call(function, *arguments) == ERROR
    assert f"fmi2{function} must not be called while 'it' is in the state" in fmu.log[-1]


def test_wrong_guid_gives_no_instance(make_fmu, tmp_path):
    folder = fmpy.extract(make_fmu(SKETCH)["2.0"], tmp_path / "x")
    description = tmp_path / "x" / "modelDescription.xml"
    token = fmpy.read_model_description(folder).guid
    description.write_text(description.read_text().replace(token, "{other}"))
    with pytest.raises(AssertionError, match="GUID passed to fmi2Instantiate differs"):
        Fmu(tmp_path / "x")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_value_that_is_no_number_is_refused_by_name(open_fmu, value):
    fmu = open_fmu(SKETCH)
    assert fmu.set(feed__V_flow=value) == ERROR
    assert fmu.log[-1].startswith("fmi2SetReal: variable 'feed.V_flow' cannot be set to")
    assert fmu.set(feed__V_flow=1.0) == OK
    assert fmu.step(1.0) == OK


def test_fixed_parameter_is_refused_after_initialisation(open_fmu):
    fmu = open_fmu(SKETCH)
    assert fmu.set(k=3.0) == OK
    assert fmu.set(V0=4.0) == ERROR
    assert fmu.log[-1] == "fmi2SetReal: variable 'V0' can be set only until initialisation ends."


def test_computed_variable_cannot_be_set(open_fmu):
    fmu = open_fmu(SKETCH, start=False)
    assert fmu.set(y=1.0) == ERROR
    assert fmu.log[-1] == "fmi2SetReal: variable 'y' cannot be set; the model computes it."


def test_type_and_reference_are_checked(open_fmu):
    fmu = open_fmu(SKETCH)
    value, one = ct.c_int(), ct.c_size_t(1)
    assert fmu.call("GetInteger", (ct.c_uint * 1)(0), one, ct.byref(value)) == ERROR
    assert fmu.log[-1] == "fmi2GetInteger: variable 'x' has type Real; use the function for that type."
    assert fmu.call("GetReal", (ct.c_uint * 1)(999), one, (ct.c_double * 1)()) == ERROR
    assert fmu.log[-1] == "fmi2GetReal: there is no variable with value reference 999."


@pytest.mark.parametrize("h", [0.0, -1.0, float("nan"), float("inf")])
def test_step_size_must_be_positive(open_fmu, h):
    fmu = open_fmu(SKETCH)
    assert fmu.step(h) == ERROR
    assert "communication step size is" in fmu.log[-1]
    assert fmu.log[-1].endswith("it must be positive.")
    assert fmu.step(1.0) == OK


def test_step_must_start_where_the_last_ended(open_fmu):
    fmu = open_fmu(SKETCH)
    assert fmu.step(1.0) == OK
    fmu.time = 2.0
    assert fmu.step(1.0) == ERROR
    assert fmu.log[-1] == "fmi2DoStep: the current communication point 2 s is not where 'it' stands, 1 s."


def test_step_beyond_the_stop_time_is_refused(open_fmu):
    fmu = open_fmu(SKETCH, start=False)
    assert fmu.initialise(stop=2.0) == OK
    assert fmu.step(2.0) == OK
    assert fmu.step(0.5) == ERROR
    assert "after the stop time 2 s" in fmu.log[-1]


def test_tolerance_must_be_a_proper_one(open_fmu):
    fmu = open_fmu(SKETCH, start=False)
    assert fmu.call("SetupExperiment", 1, -1.0, 0.0, 0, 0.0) == ERROR
    assert "the tolerance -1 must lie between 0 and 1" in fmu.log[-1]


def test_initial_values_follow_what_is_set(open_fmu):
    """Set in any order before and within initialisation mode; initial equations solve free^3 = 8 k."""
    fmu = open_fmu(SKETCH, start=False)
    assert fmu.set(k=1.0, V0=5.0) == OK
    assert fmu.call("SetupExperiment", 0, 0.0, 0.0, 0, 0.0) == OK
    assert fmu.call("EnterInitializationMode") == OK
    assert fmu.get("free", "start") == [pytest.approx(2.0, abs=1e-12), 5.0]
    assert fmu.set(k=8.0) == OK
    assert fmu.set(x=7.0) == OK
    assert fmu.get("free", "x", "der(x)") == [pytest.approx(4.0, abs=1e-12), 7.0, -56.0]
    assert fmu.call("ExitInitializationMode") == OK
    assert fmu.get("x") == [7.0]


def test_initialisation_without_solution_is_an_error(open_fmu):
    sketch = Sketch("NoStart", {"x": 1.0}, lambda s: [0.0], free=("x",), initial_residuals=lambda s: [s.x[0] ** 2 + 1])
    fmu = open_fmu(sketch, start=False)
    assert fmu.initialise() == ERROR
    assert "The initial values of 'NoStart' cannot be computed" in fmu.log[-1]


def test_reset_is_a_fresh_start(open_fmu):
    fmu = open_fmu(SKETCH)
    assert fmu.set(k=9.0, feed__V_flow=1.0) == OK
    assert fmu.step(1.0) == OK
    assert fmu.call("Reset") == OK
    assert fmu.initialise() == OK
    fresh = open_fmu(SKETCH)
    for one in (fmu, fresh):
        assert one.step(1.0) == OK
    assert fmu.get("x", "y", "free") == fresh.get("x", "y", "free")


def test_division_by_zero_is_an_error_that_says_when(open_fmu):
    sketch = Sketch("Blowup", {"x": 1.0}, lambda s: [s.x[0] ** 2])
    fmu = open_fmu(sketch)
    assert fmu.step(2.0) == ERROR
    assert "in 'Blowup'" in fmu.log[-1]
    assert "at t = " in fmu.log[-1]


RECIPROCAL = Sketch(
    "Reciprocal",
    {"x": 1.0},
    lambda s: [-s.x[0]],
    inputs={"u": 1.0},
    outputs={"inverse": lambda s: 1 / s.u[0], "sum": lambda s: s.u[0] + 1},
)


def test_output_that_is_not_finite_fails_initialisation_by_name(open_fmu):
    fmu = open_fmu(RECIPROCAL, start=False)
    assert fmu.set(u=0.0) == OK
    assert fmu.initialise() == ERROR
    assert "1 variable(s) of 'Reciprocal' have no finite value at t = 0 s: 'inverse'" in fmu.log[0]


def test_output_that_is_not_finite_fails_the_step_by_name(open_fmu):
    fmu = open_fmu(RECIPROCAL)
    assert fmu.step(1.0) == OK
    assert fmu.set(u=0.0) == OK
    assert fmu.step(1.0) == ERROR
    assert "at t = 2 s: 'inverse'" in fmu.log[0]


def test_value_that_is_not_finite_is_never_read(open_fmu):
    fmu = open_fmu(RECIPROCAL, kind="me")
    assert fmu.set(u=0.0) == OK
    assert fmu.get("sum") == [1.0]
    references = (ct.c_uint * 1)(fmu.variables["inverse"].valueReference)
    assert fmu.call("GetReal", references, ct.c_size_t(1), (ct.c_double * 1)()) == ERROR
    assert "fmi2GetReal: variable 'inverse' is inf at t = 0 s" in fmu.log[-1]


def test_start_that_is_not_finite_is_an_error_by_name(open_fmu):
    sketch = Sketch("Start", {"x": float("nan")}, lambda s: [-s.x[0]])
    fmu = open_fmu(sketch, start=False)
    assert fmu.initialise() == ERROR
    assert "'x'" in fmu.log[0]


def directional(fmu, unknowns, knowns, seed):
    def references(names):
        return (ct.c_uint * len(names))(*(fmu.variables[name].valueReference for name in names))

    out = (ct.c_double * len(unknowns))()
    status = fmu.call(
        "GetDirectionalDerivative", references(unknowns), ct.c_size_t(len(unknowns)), references(knowns),
        ct.c_size_t(len(knowns)), (ct.c_double * len(seed))(*seed), out,
    )  # fmt: skip
    return status, list(out)


def test_directional_derivative_matches_a_difference(open_fmu):
    fmu = open_fmu(SKETCH)
    assert fmu.set(feed__V_flow=0.7) == OK
    status, found = directional(fmu, ["der(x)", "der(free)", "y"], ["x", "free", "feed.V_flow"], [1.0, 2.0, 3.0])
    x, free = fmu.get("x", "free")
    assert status == OK
    assert found == [pytest.approx(-2.0 + 3.0), pytest.approx(-1.0), pytest.approx(0.7 + 3 * x + 2 * np.cos(free))]


def test_derivative_with_respect_to_an_output_is_refused(open_fmu):
    fmu = open_fmu(SKETCH)
    status, _ = directional(fmu, ["der(x)"], ["y"], [1.0])
    assert status == ERROR
    assert "'y' is no state, input, tunable parameter or time" in fmu.log[-1]


def test_adjoint_derivative_is_the_transpose(make_fmu, tmp_path):
    from fmpy.fmi3 import FMU3Slave

    path = make_fmu(SKETCH)["3.0"]
    description = fmpy.read_model_description(str(path))
    references = {v.name: v.valueReference for v in description.modelVariables}
    fmu = FMU3Slave(
        guid=description.guid, unzipDirectory=fmpy.extract(path, tmp_path / "x"),
        modelIdentifier=description.coSimulation.modelIdentifier, instanceName="it",
    )  # fmt: skip
    fmu.instantiate()
    fmu.enterInitializationMode()
    fmu.exitInitializationMode()
    unknowns = [references[name] for name in ("der(x)", "der(free)", "y")]
    knowns = [references[name] for name in ("x", "free", "feed.V_flow")]
    rows = np.array([fmu.getAdjointDerivative(unknowns, knowns, list(seed)) for seed in np.eye(3)])
    columns = np.array([fmu.getDirectionalDerivative(unknowns, knowns, list(seed)) for seed in np.eye(3)])
    fmu.terminate()
    fmu.freeInstance()
    np.testing.assert_allclose(rows, columns.T, atol=1e-14)


def test_instances_do_not_disturb_each_other(open_fmu):
    alone = open_fmu(SKETCH)
    expected = alone.run(2.0, 0.1, "x")
    fmus = [open_fmu(SKETCH, name=f"it{k}") for k in range(5)]
    found = np.empty((5, 20))
    for step in range(20):
        for k, fmu in enumerate(fmus):
            if k != 2:
                assert fmu.set(feed__V_flow=float(k)) == OK
            assert fmu.step(0.1) == OK
            found[k, step] = fmu.get("x")[0]
    np.testing.assert_array_equal(found[2], expected)


def test_a_thousand_lives_leave_memory_flat(make_fmu, tmp_path):
    folder = tmp_path / "x"
    fmpy.extract(make_fmu(SKETCH)["2.0"], folder)
    first = Fmu(folder)
    description, library = first.description, first.library

    def live() -> None:
        fmu = Fmu.__new__(Fmu)
        fmu.__dict__.update(first.__dict__, log=[], time=0.0)
        instantiate = library.fmi2Instantiate
        fmu.component = ct.c_void_p(
            instantiate(b"it", 1, description.guid.encode(), b"", ct.byref(first._callbacks), 0, 0)
        )
        fmu.initialise()
        assert fmu.step(0.1) == OK
        state = fmu.save()
        assert fmu.restore(state) == OK
        assert fmu.deserialise(fmu.serialise()) == OK
        fmu.discard(state)
        fmu.free()

    for _ in range(100):
        live()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(1000):
        live()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300  # [KiB]; an instance has more than 2
    first.free()


def test_directional_derivatives_in_initialisation_go_through_the_initial_equations(open_fmu):
    """The state ``free`` solves free^3 = 8 k; x starts at 1."""
    fmu = open_fmu(SKETCH, start=False)
    assert fmu.call("SetupExperiment", 0, 0.0, 0.0, 0, 0.0) == OK
    assert fmu.call("EnterInitializationMode") == OK
    k, free = 2.0, 16 ** (1 / 3)
    before = fmu.get("free", "y")
    status, found = directional(fmu, ["free", "y", "der(x)"], ["k"], [1.0])
    assert status == OK, fmu.log
    slope = 8 / (3 * free**2)
    assert found == pytest.approx([slope, np.cos(free) * slope, -1.0], rel=1e-8)
    assert fmu.get("free", "y") == before
    status, found = directional(fmu, ["y", "free"], ["feed.V_flow"], [2.0])
    assert found == pytest.approx([2.0, 0.0], abs=1e-9)
    assert fmu.set(k=k) == OK
    assert fmu.call("ExitInitializationMode") == OK
