"""The functions of the C interface: written out and as loops they are the same, whatever the model."""

from pathlib import Path

import casadi as ca
import numpy as np
import pytest

from cosim.build.compiler import emit
from cosim.build.compiler.compile import build_program
from cosim.build.compiler.emit import Program, c_source
from cosim.build.frontend.flat import FlatModel
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource

MODELICA = Path(__file__).parents[3] / "modelica"
CASES = [f"Cases.{p.stem}" for p in sorted((MODELICA / "models" / "Cases").glob("*.mo"))
         if p.stem not in ("package", "AlgorithmSection", "GeneralRateColumn")]  # fmt: skip
FEATURES = ["ArrayOfCompWithWhen", "ChangeOfBoolean", "EnumerationEquation", "SampleAtStart",
            "SolvedParameters", "LoopsOfPh", "WhenAfterWhen", "DeclarationEquations", "AssertTerminate"]  # fmt: skip


def flat_model(name: str) -> FlatModel:
    return load_flat(ModelicaSource.discover([MODELICA / "models", MODELICA / "features"]), name)


def program(flat: FlatModel, monkeypatch: pytest.MonkeyPatch, limit: int) -> Program:
    monkeypatch.setattr(emit, "LARGEST_REPETITION", limit)
    return build_program(flat)[1]


@pytest.mark.parametrize("name", [*CASES, *(f"{name}.Test" for name in FEATURES)])
def test_loops_compute_what_the_written_out_code_computes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flat = flat_model(name)
    one, other = (program(flat, monkeypatch, limit) for limit in (10**9, -1))
    assert (one.jacobian, one.free_states) == (other.jacobian, other.free_states)
    random = np.random.default_rng(7)
    for a, b in zip(one.functions, other.functions, strict=True):
        assert (a.name(), a.n_in(), a.n_out()) == (b.name(), b.n_in(), b.n_out())
        arguments = [ca.DM(random.uniform(0.2, 1.2, a.size1_in(place))) for place in range(a.n_in())]
        for left, right in zip(a.call(arguments), b.call(arguments), strict=True):
            assert left.full().ravel() == pytest.approx(right.full().ravel(), rel=1e-10, abs=1e-12), a.name()


def test_the_c_source_defines_the_interface_and_needs_only_libm() -> None:
    code = c_source(build_program(flat_model("Cases.SurgeTank"))[1].functions)
    names = ["rhs", "jac", "out", "alg", "rel", "event", "start", "init", "assert", "dir"]
    assert all(f"int m_{name}(const casadi_real** arg" in code for name in names)
    assert {line for line in code.splitlines() if line.startswith("#include")} == {"#include <math.h>"}
