"""Equations integrated in C: the same results as in Python, with any Jacobian, inputs followed without restarts."""

from dataclasses import replace

import numpy as np
import pytest

from cosim.build.builder import build
from cosim.clock import Ticks, to_ticks
from cosim.fmu import exchange, integrator, jacobian, open_fmu

MODELS = """
model Column "diffusion with a reaction, its states in an order that is not that of the cells"
  parameter Integer n = 10;
  input Real c_in(start = 1.0);
  output Real c_out;
  Real even[n];
  Real odd[n];
equation
  c_out = odd[n];
  der(even[1]) = 100*(c_in - 2*even[1] + odd[1]) - 0.1*even[1]^2;
  for i in 2:n loop
    der(even[i]) = 100*(odd[i - 1] - 2*even[i] + odd[i]) - 0.1*even[i]^2;
  end for;
  for i in 1:n - 1 loop
    der(odd[i]) = 100*(even[i] - 2*odd[i] + even[i + 1]) - 0.1*odd[i]^2;
  end for;
  der(odd[n]) = 100*(even[n] - odd[n]) - 0.1*odd[n]^2;
end Column;

model Switch "integrates upwards while the input is above a half"
  input Real u(start = 0.0);
  output Real y;
  output Integer switches(start = 0, fixed = true);
  Real x(start = 0, fixed = true);
equation
  der(x) = if u > 0.5 then 1.0 else -1.0;
  when u > 0.5 then
    switches = pre(switches) + 1;
  end when;
  y = x;
end Switch;
"""


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exchange")
    for text in MODELS.strip().split("\n\n"):
        (folder / f"{text.split()[1]}.mo").write_text(text + "\n")
    built = build(["Column", "Switch"], search_path=[folder], output=folder, jobs=1)
    return {(fmu.class_name, fmu.fmi_version): fmu.path for fmu in built}


@pytest.fixture(params=["2.0", "3.0"])
def version(request):
    return request.param


def follow(path, interface="Model Exchange", *, moves=(), output="c_out", steps=20, size=0.05, tolerance=1e-6):
    """The output at each communication point; ``moves`` are inputs by number of the step."""
    with open_fmu(path, interface) as file, file.instantiate("model") as instance:
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=tolerance)
        instance.exit_initialization()
        inputs = [name for name, item in file.description.variables.items() if item.causality.value == "input"]
        written, read = instance.group(inputs), instance.group([output])
        found = np.empty((steps, 1))
        for number in range(steps):
            if number in dict(moves):
                instance.write(written, np.array([dict(moves)[number]]))
            instance.step(Ticks(number * to_ticks(size)), to_ticks(size))
            instance.read(read, found[number])
    return found[:, 0]


def know(monkeypatch, change):
    """Let integrators know of an FMU what ``change`` leaves of it."""
    begin = integrator.Integrator.__init__

    def changed(self, calls, equations, tolerance, structure, clocks=None):
        begin(self, calls, equations, tolerance, change(structure), clocks)

    monkeypatch.setattr(integrator.Integrator, "__init__", changed)


def as_a_diagonal(structure):
    return replace(structure, dependencies=tuple((i,) for i in range(len(structure.states))))


def as_stated(structure):
    return structure


def without_derivatives(structure):
    return replace(structure, provides_derivatives=False)


def without_pattern(structure):
    return replace(structure, dependencies=None)


def without_anything(structure):
    return jacobian.UNKNOWN


@pytest.mark.parametrize("known", [as_stated, without_derivatives, without_pattern, without_anything])
@pytest.mark.parametrize("is_native", [True, False], ids=["C", "Python"])
def test_every_way_to_the_jacobian_gives_the_same(fmus, version, known, is_native, monkeypatch):
    if not is_native:
        monkeypatch.setattr("cosim.native.load", lambda source: None)
    know(monkeypatch, known)
    expected = follow(fmus["Column", version], "Co-Simulation", tolerance=1e-10)
    assert follow(fmus["Column", version]) == pytest.approx(expected, abs=1e-6)
    assert expected[-1] > 0.1


@pytest.mark.parametrize("known", [as_stated, without_derivatives])
def test_a_dense_matrix_is_filled_in_groups(fmus, version, known, monkeypatch):
    know(monkeypatch, known)
    monkeypatch.setattr(
        integrator,
        "plan_jacobian",
        lambda structure, n: jacobian.JacobianPlan(n, None, None, jacobian._groups(structure.dependencies)),
    )
    expected = follow(fmus["Column", version], "Co-Simulation", tolerance=1e-10)
    assert follow(fmus["Column", version]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("is_native", [True, False], ids=["C", "Python"])
def test_what_is_too_large_to_factorise_is_iterated(fmus, version, is_native, monkeypatch):
    if not is_native:
        monkeypatch.setattr("cosim.native.load", lambda source: None)
    monkeypatch.setattr(jacobian, "MOST_FACTORISED", 10)
    know(monkeypatch, without_pattern)
    expected = follow(fmus["Column", version], "Co-Simulation", tolerance=1e-10)
    assert follow(fmus["Column", version]) == pytest.approx(expected, abs=1e-6)


def test_what_an_fmu_declares_is_used(fmus, version, monkeypatch):
    seen = []
    plan = jacobian.plan_jacobian
    monkeypatch.setattr(
        integrator, "plan_jacobian", lambda structure, n: seen.append((structure, plan(structure, n))) or seen[-1][1]
    )
    follow(fmus["Column", version], steps=1)
    ((structure, planned),) = seen
    assert structure.provides_derivatives
    assert not structure.needs_completed_step
    assert planned.bandwidths == (1, 1)
    assert len(planned.groups.column_begin) - 1 == 3


def test_a_wrong_pattern_costs_time_only(fmus, version, monkeypatch):
    expected = follow(fmus["Column", version], "Co-Simulation", tolerance=1e-10)
    know(monkeypatch, as_a_diagonal)
    assert follow(fmus["Column", version]) == pytest.approx(expected, abs=1e-6)


def test_inputs_that_change_a_little_are_followed_without_restarts(fmus, version, monkeypatch):
    restarts = []
    restart = integrator.Cvode.restart
    monkeypatch.setattr(integrator.Cvode, "restart", lambda *args: (restarts.append(1), restart(*args))[1])
    moves = [(number, 1.0 + 1e-9 * number) for number in range(1, 20)]
    assert follow(fmus["Column", version], moves=moves) == pytest.approx(
        follow(fmus["Column", version], "Co-Simulation", moves=moves, tolerance=1e-10), abs=1e-6
    )
    assert len(restarts) == 1


def test_inputs_that_jump_are_restarted_from(fmus, version):
    moves = [(3, 0.2), (7, 5.0), (12, 0.0)]
    expected = follow(fmus["Column", version], "Co-Simulation", moves=moves, tolerance=1e-10)
    assert follow(fmus["Column", version], moves=moves) == pytest.approx(expected, abs=1e-6)


def test_an_input_that_switches_an_event_indicator_is_an_event_at_that_time(fmus, version):
    path, moves = fmus["Switch", version], [(4, 0.4), (8, 0.6), (12, 0.4), (14, 0.7)]
    expected = 0.05 * np.cumsum([1 if 8 <= number < 12 or number >= 14 else -1 for number in range(20)])
    assert follow(path, output="y", moves=moves) == pytest.approx(expected, abs=1e-9)
    assert follow(path, output="switches", moves=moves)[-1] == 2


def test_without_a_compiler_it_is_said_once(fmus, monkeypatch, caplog):
    monkeypatch.setattr("cosim.native.load", lambda source: None)
    exchange._say_slow.cache_clear()
    for _ in range(2):
        follow(fmus["Column", "2.0"], steps=1)
    assert caplog.text.count("no C compiler was found") == 1
