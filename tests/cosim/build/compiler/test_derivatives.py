"""Jacobians and directional derivatives of compiled functions against finite differences."""

from pathlib import Path

import casadi as ca
import numpy as np
import pytest
from numpy.typing import NDArray

from cosim.build.compiler import emit
from cosim.build.compiler.compile import build_program
from cosim.build.compiler.declarations import Declarations, Role
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource

MODELICA = Path(__file__).parents[3] / "modelica"
Vector = NDArray[np.float64]
STEP, TOLERANCE = 1e-6, 1e-5
CASES = ["Chemostat", "KineticColumn", "LangmuirColumn", "ChargeBalance", "ThreeTanks", "SurgeTank", "TableRate"]
NAMES = [*(f"Cases.{name}" for name in CASES), "LoopsOfPh.Test", "SeriesOfResistors.Test"]


class Point:
    """A compiled case with arguments at which its algebraic loops are solved."""

    def __init__(self, name: str) -> None:
        source = ModelicaSource.discover([MODELICA / "models", MODELICA / "features"])
        graph, self.program = build_program(load_flat(source, name))
        self.functions = {item.name(): item for item in self.program.functions}
        sizes = {key: self.functions["m_rhs"].size1_in(place) for place, key in enumerate("txzupdr")}
        rng = np.random.default_rng(1)
        self.arguments = {key: rng.uniform(0.5, 1.5, size) for key, size in sizes.items()}
        self.arguments["p"] = defaults(graph.declarations)
        starts = self.functions["m_start"](self.arguments["p"])
        self.arguments["x"] = starts[0].full().ravel() * rng.uniform(0.9, 1.1, sizes["x"]) + 0.01
        self.arguments["z"] = starts[2].full().ravel()
        self.solve()

    def solve(self) -> None:
        n = len(self.arguments["z"])
        pattern = self.program.z_jacobian
        for _ in range(60 if n else 0):
            residual, slopes = self.functions["m_alg"](*self.arguments.values())
            matrix = np.zeros((n, n))
            matrix[list(pattern.rows), list(pattern.columns)] = slopes.full().ravel()
            self.arguments["z"] = self.arguments["z"] - np.linalg.solve(matrix, residual.full().ravel())

    def call(self, name: str, *more: Vector) -> list[Vector]:
        results = self.functions[name].call([ca.DM(item) for item in (*self.arguments.values(), *more)])
        return [result.full().ravel() for result in results]

    def difference(self, name: str, key: str, direction: Vector) -> Vector:
        """Central difference of a function's first result along ``direction`` of one argument, loops solved anew."""
        kept, results = dict(self.arguments), []
        for sign in (1, -1):
            self.arguments[key] = kept[key] + sign * STEP * direction
            self.solve()
            results.append(self.call(name)[0])
            self.arguments = dict(kept)
        return (results[0] - results[1]) / (2 * STEP)


def defaults(declarations: Declarations) -> Vector:
    values = [np.ravel(declarations.defaults.value(v.name)) for v in declarations.of_role(Role.PARAMETER)]
    return np.concatenate(values).astype(float) if values else np.empty(0)


@pytest.fixture(params=["unrolled", "looped"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(emit, "LARGEST_REPETITION", {"unrolled": 10**9, "looped": -1}[request.param])
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", NAMES)
def test_the_jacobian_is_the_derivative_through_the_loops(name: str) -> None:
    point = Point(name)
    pattern = point.program.jacobian
    matrix = np.zeros((pattern.n_rows, pattern.n_columns))
    values, in_time = point.call("m_jac")
    matrix[list(pattern.rows), list(pattern.columns)] = values
    direction = np.random.default_rng(2).uniform(-1, 1, pattern.n_columns)
    expected = point.difference("m_rhs", "x", direction)
    assert matrix @ direction == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE * np.abs(expected).max())
    assert in_time == pytest.approx(point.difference("m_rhs", "t", np.ones(1)), rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("key", "place"), [("x", 0), ("u", 1), ("p", 2), ("t", 3)])
def test_directional_derivatives(name: str, key: str, place: int) -> None:
    point = Point(name)
    tangents = [np.zeros(len(point.arguments[item])) for item in "xupt"]
    scale = np.abs(point.arguments[key]) if key != "t" else np.ones(1)
    tangents[place] = scale * np.random.default_rng(3).uniform(-1, 1, len(scale))
    derivatives, outputs = point.call("m_dir", *tangents)
    for name_of_function, actual in (("m_rhs", derivatives), ("m_out", outputs)):
        expected = point.difference(name_of_function, key, tangents[place])
        largest = np.abs(expected).max(initial=1e-9)
        assert actual == pytest.approx(expected, rel=1e-4, abs=TOLERANCE * largest), name_of_function


@pytest.mark.parametrize("name", ["Cases.LangmuirColumn", "LoopsOfPh.Test"])
def test_both_ways_give_the_same_functions(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    results = []
    for limit in (10**9, -1):
        monkeypatch.setattr(emit, "LARGEST_REPETITION", limit)
        point = Point(name)
        results.append([*point.call("m_rhs"), *point.call("m_out"), *point.call("m_jac")])
    for one, other in zip(*results, strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-12)
