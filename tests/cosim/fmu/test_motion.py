"""Inputs that move within a step, and derivatives of outputs: in our FMUs, and in one that asks in its own way."""

from pathlib import Path

import pytest
from fmu_factory import ASKER_FAULTS, build_asker, build_lag
from stepped import begin, get, move, put, rates, slopes, step

from cosim import native
from cosim.build.builder import build
from cosim.errors import CapabilityError, StepError, StructureError
from cosim.fmu import open_fmu
from cosim.instance.abilities import AbstractExtrapolable, AbstractInterpolating


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moved")
    (folder / "Moved.mo").write_bytes((Path(__file__).parent / "Moved.mo").read_bytes())
    return {fmu.fmi_version: fmu.path for fmu in build(["Moved"], search_path=[folder], output=folder)}


@pytest.fixture(params=["2.0", "3.0"])
def moved(fmus, request):
    with open_fmu(fmus[request.param]) as file, file.instantiate("moved") as instance:
        yield instance


@pytest.fixture(params=["in C", "in Python"])
def asker_file(temp, monkeypatch, request):
    if request.param == "in Python":
        monkeypatch.setattr(native, "load", lambda _: None)
    return build_asker(temp.parent / "asker.fmu")


def test_capabilities_are_those_of_the_instance(moved):
    assert moved.description.capabilities.can_interpolate_inputs
    assert moved.description.capabilities.max_output_derivative_order == 2
    assert isinstance(moved, AbstractInterpolating)
    assert isinstance(moved, AbstractExtrapolable)


def test_inputs_follow_their_derivatives(moved):
    begin(moved)
    put(moved, u=0.25)
    for order, rate in ((1, 2.0), (2, -3.0), (3, 6.0)):
        move(moved, order, u=rate)
    h = 0.5
    step(moved, 0, h)
    x, u = 0.25 * h + h**2 - h**3 / 2 + h**4 / 4, 0.25 + 2 * h - 1.5 * h**2 + h**3
    assert get(moved, "x", "u", "y") == pytest.approx([x, u, 2 * u + x], rel=1e-12)
    assert get(moved, "crossings") == [1.0]
    slope = 2 - 3 * h + 3 * h**2
    assert rates(moved, 1, "x", "y") == pytest.approx([u, 2 * slope + u], rel=1e-9)
    assert rates(moved, 2, "x", "y") == pytest.approx([slope, 2 * (-3 + 6 * h) + slope], rel=1e-8)


def test_derivatives_are_for_one_step(moved):
    begin(moved)
    move(moved, 1, u=1.0)
    step(moved, 0, 1.0)
    put(moved, u=3.0)
    step(moved, 1.0, 1.0)
    step(moved, 2.0, 1.0)
    assert get(moved, "x", "u") == pytest.approx([0.5 + 6.0, 3.0], rel=1e-12)
    assert rates(moved, 1, "y") == pytest.approx([3.0], rel=1e-12)


def test_output_derivatives_take_up_what_was_written_since(moved):
    """y = 2 u + x: its direct part follows the new slopes of u, in both versions."""
    begin(moved)
    put(moved, u=1.0)
    move(moved, 1, u=0.5)
    step(moved, 0, 1.0)
    put(moved, u=2.0)
    move(moved, 1, u=-4.0)
    move(moved, 2, u=10.0)
    assert rates(moved, 1, "y") == pytest.approx([2 * -4 + 2], rel=1e-9)
    assert rates(moved, 2, "y")[0] == pytest.approx(
        2 * 10 - 4, abs=5
    )  # FMI 3.0: x'' = u' is still that of the last step


def test_going_back_forgets_derivatives_written_since(moved):
    begin(moved)
    put(moved, u=1.0)
    move(moved, 1, u=0.5)
    step(moved, 0, 1.0)
    state = moved.get_state()
    expected = get(moved, "x", "u", "y"), rates(moved, 1, "y"), rates(moved, 2, "y")
    put(moved, u=5.0)
    move(moved, 1, u=7.0)
    step(moved, 1.0, 1.0)
    moved.set_state(state)
    assert (get(moved, "x", "u", "y"), rates(moved, 1, "y"), rates(moved, 2, "y")) == expected
    put(moved, u=1.0)
    move(moved, 1, u=0.0)
    assert rates(moved, 1, "y") == pytest.approx([1.0], rel=1e-9)
    step(moved, 1.0, 1.0)
    assert get(moved, "x") == pytest.approx([1.25 + 1.0], rel=1e-12)
    moved.free_state(state)


def test_reset_forgets_derivatives(moved):
    begin(moved)
    move(moved, 1, u=2.0)
    moved.reset()
    begin(moved)
    put(moved, u=1.0)
    step(moved, 0, 1.0)
    assert get(moved, "x") == pytest.approx([1.0], rel=1e-12)


def test_directional_derivatives(moved):
    begin(moved)
    put(moved, u=3.0)
    assert slopes(moved, ["y", "x"], ["u"], [2.0]) == [4.0, 0.0]


def test_only_reals_have_derivatives(moved):
    begin(moved)
    with pytest.raises(StructureError, match=r"Derivatives of moved\.on cannot be exchanged: it is of type"):
        move(moved, 1, on=1.0)
    with pytest.raises(
        StructureError, match=r"Derivatives of moved\.crossings cannot be exchanged: it is of type int32"
    ):
        rates(moved, 1, "crossings")
    with pytest.raises(StructureError, match="Derivatives of no variable of 'moved'"):
        rates(moved, 1)


@pytest.mark.parametrize("order", [0, 3])
def test_order_of_output_derivatives(moved, order):
    begin(moved)
    with pytest.raises(
        CapabilityError, match=rf"order {order} of moved\.y cannot be read: the FMU gives orders 1 to 2"
    ):
        rates(moved, order, "y")


@pytest.mark.parametrize("order", [0, -1, 4])
def test_order_of_input_derivatives(moved, order):
    begin(moved)
    with pytest.raises((StepError, CapabilityError), match=f"order.* {order}"):
        move(moved, order, u=1.0)


def test_only_inputs_move(moved):
    begin(moved)
    with pytest.raises((StepError, CapabilityError), match=r"variable 'x' is no input|x cannot move within a step"):
        move(moved, 1, x=1.0)


def test_fmu_without_the_abilities(temp):
    with open_fmu(build_lag(temp.parent / "lag.fmu", "2.0")) as file, file.instantiate("lag") as lag:
        begin(lag)
        with pytest.raises(
            CapabilityError, match="'lag' cannot move its inputs within a step: its FMU does not declare"
        ):
            move(lag, 1, u=1.0)
        with pytest.raises(CapabilityError, match="'lag' cannot give derivatives of outputs: its FMU does not declare"):
            rates(lag, 1, "y")
        with pytest.raises(CapabilityError, match="'lag' cannot be differentiated: its FMU does not declare"):
            slopes(lag, ["y"], ["u"], [1.0])


def test_model_exchange_does_not_move_inputs(fmus):
    with open_fmu(fmus["2.0"], "Model Exchange") as file, file.instantiate("moved") as instance:
        begin(instance)
        with pytest.raises(CapabilityError, match="'moved' cannot move its inputs within a step"):
            move(instance, 1, u=1.0)
        assert slopes(instance, ["y"], ["u"], [1.0]) == [2.0]


class TestAsking:
    """An FMU that asks at points of its own: x' = u by the midpoint rule in four parts, exact for u of degree 1."""

    def run(self, asker_file, *, slope=2.0, steps=2, **start):
        start["fault"] = ASKER_FAULTS[start.get("fault", "none")]
        with open_fmu(asker_file) as file, file.instantiate("asker") as instance:
            begin(instance, **start)
            for number in range(steps):
                put(instance, u=1.0 + slope * number)
                move(instance, 1, u=slope)
                outcome = step(instance, number, 1.0)
            return (*get(instance, "x", "asked"), outcome)

    def test_it_is_answered(self, asker_file):
        x, asked, _ = self.run(asker_file)
        assert (x, asked) == (pytest.approx(2.0 + 4.0, rel=1e-14), 8.0)

    def test_questions_about_other_times_are_not(self, asker_file):
        x, _, _ = self.run(asker_file, fault="elsewhere")
        assert x == pytest.approx(2.0 + 4.0, rel=1e-14)

    def test_one_that_never_asks_holds_its_inputs(self, asker_file):
        x, asked, _ = self.run(asker_file, fault="silent")
        assert (x, asked) == (1.0 + 3.0, 0.0)

    def test_inputs_that_do_not_move_are_not_set(self, asker_file):
        with open_fmu(asker_file) as file, file.instantiate("asker") as instance:
            begin(instance, fault=ASKER_FAULTS["refusing"])
            put(instance, u=1.0)
            step(instance, 0, 1.0)
            assert get(instance, "x", "asked") == [1.0, 4.0]

    def test_early_return(self, asker_file):
        x, _, outcome = self.run(asker_file, steps=1, stop=0.5)
        assert outcome.time == 500_000_000
        assert x == pytest.approx(0.5 + 0.25, rel=1e-14)

    def test_one_that_refuses_the_answer(self, asker_file):
        with pytest.raises(StepError, match=r"Step failed at t = 0 s in 'asker' \(fmi3SetFloat64 → Error\)"):
            self.run(asker_file, fault="refusing")

    def test_input_that_is_not_asked_for_is_no_ability(self, temp):
        path = build_asker(temp.parent / "asker.fmu", lambda xml: xml.replace(' intermediateUpdate="true"', ""))
        with open_fmu(path) as file:
            assert not file.description.capabilities.can_interpolate_inputs
