"""The unit operations against closed forms, published results and their own balances."""

from pathlib import Path

import pytest
from library_fmu import library_fmus, unit
from verification.balance import closures
from verification.cases import CASES, UNIT_CASES
from verification.check import Case, UnitCase
from verification.flagship import capture_cycle
from verification.routes import SCENARIOS, fmu_alone, is_alone, through_cosim


@pytest.fixture(scope="module")
def fmus(request: pytest.FixtureRequest) -> dict[str, Path]:
    classes = sorted({name for case in UNIT_CASES for name in case.classes})
    return library_fmus(request.config.cache.mkdir("library_fmus"), classes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.identifier)
def test_a_scenario_reproduces(case: Case) -> None:
    checks = case.run(through_cosim)

    assert checks
    assert [check for check in checks if not check.holds] == []


@pytest.mark.parametrize("case", UNIT_CASES, ids=lambda case: case.identifier)
def test_a_unit_reproduces(case: UnitCase, fmus: dict[str, Path]) -> None:
    checks = case.run(fmus)

    assert checks
    assert [check for check in checks if not check.holds] == []


@pytest.mark.parametrize("identifier", ["V2", "V7", "V13"])
def test_cosim_adds_nothing_to_an_fmu_alone(identifier: str) -> None:
    """One FMU without connections: as fmpy steps it, to the last digits."""
    (case,) = [case for case in CASES if case.identifier == identifier]
    for scenario in filter(is_alone, case.scenarios):
        names = {"V2": "culture.X", "V7": "tanks.F", "V13": "column.c"}
        run, alone = (route(scenario, [names[identifier]]) for route in (through_cosim, fmu_alone))
        assert run[names[identifier]] == pytest.approx(alone[names[identifier]], rel=1e-9, abs=1e-15)


def test_every_scenario_belongs_to_a_case() -> None:
    assert {path.stem for path in SCENARIOS.glob("*.yaml")} == {name for case in CASES for name in case.scenarios}


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
