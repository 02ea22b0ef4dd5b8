"""The unit operations against closed forms, published results and their own balances."""

from pathlib import Path

import pytest
from library_fmu import library_fmus, unit
from verification.balance import closures
from verification.cases import CASES
from verification.check import Case
from verification.flagship import capture_cycle


@pytest.fixture(scope="module")
def fmus(request: pytest.FixtureRequest) -> dict[str, Path]:
    classes = sorted({name for case in CASES for name in case.classes})
    return library_fmus(request.config.cache.mkdir("library_fmus"), classes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.identifier)
def test_reproduces(case: Case, fmus: dict[str, Path]) -> None:
    checks = case.run(fmus)

    assert checks
    assert [check for check in checks if not check.holds] == []


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5])
def test_the_balance_does_not_depend_on_the_tolerance(tolerance: float, fmus: dict[str, Path]) -> None:
    worst = max(closures(fmus["BioProcess.Fmus.ProteinA"], "ProteinA", tolerance=tolerance), key=lambda item: item[1])

    assert worst[1] < 1e-9, f"{worst[0]} closes to {worst[1]} at a tolerance of {tolerance}."


def test_the_yield_hardly_depends_on_the_step(fmus: dict[str, Path]) -> None:
    """The pool is cut at the ends of steps here; an engine that locates the cut does better."""
    yields = []
    for step in (1.0, 5.0):
        with unit(fmus["BioProcess.Fmus.ProteinA"]) as it:
            yields.append(capture_cycle(it, step=step)["yield"])

    assert yields[0] == pytest.approx(yields[1], abs=2e-3)
