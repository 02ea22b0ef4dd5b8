"""Write docs/verification.md from a run of every case: ``python tests/verification/write_report.py``.

Identifiers of cases behind it renew their sections alone: ``python tests/verification/write_report.py V8 osmotic``.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from library_fmu import REPOSITORY, library_fmus
from verification.cases import CASES, UNIT_CASES
from verification.check import Case, Check, Fmus, UnitCase
from verification.references import CASES as REFERENCES
from verification.routes import fmu_alone, is_alone, through_cosim
from verification.sensitivity import ishigami
from verification.test_v19_two_tanks import GaussSeidel, Jacobi, second_tank
from verification.whole_process import train_checks, whole_process_checks

PAGE = REPOSITORY / "docs" / "verification.md"
INTRODUCTION = """# Verification

What the unit operations and the coupling reproduce, from Modelica through the FMU to the result, and how closely. Every
row comes from a run: `python tests/verification/write_report.py` writes this page; `pytest tests/verification` holds
each row to its tolerance (`-m slow` for V27). Errors are relative to the expected value unless marked absolute.

Each case says which route it took.

- *Scenarios*: Modelica → FMU → `cosim run`. They are in `tests/verification/scenarios/`; to repeat one, or to try other
  numbers: `cosim run tests/verification/scenarios/chemostat.yaml --set 'culture.D=0.45 1/h'`. Where a case consists of
  FMUs alone, the last column is the error with the same FMU stepped by fmpy, without cosim.
- *Scenario of one FMU*: the same route, the scenario written by the case.
- *FMUs stepped one by one*: Modelica → FMU → fmpy, with inputs chosen at every step.
- *Study of one FMU*: `cosim study` of an FMU compiled from Modelica.
- *Engine*: no FMU.
"""


def two_tanks(_: Fmus) -> list[Check]:
    """Two stirred tanks in series, tau 10, unit step, the second at t = 10."""
    expected = {
        ("Jacobi", 1.0): 0.245218373137,
        ("Gauss-Seidel", 1.0): 0.282036984095,
        ("Jacobi", 0.1): 0.262395573768,
        ("Gauss-Seidel", 0.1): 0.266074398837,
    }
    algorithms = {"Jacobi": Jacobi(), "Gauss-Seidel": GaussSeidel()}
    return [
        Check(f"{name}, step {size:g}", value, second_tank(algorithms[name], size), 1e-9, is_absolute=True)
        for (name, size), value in expected.items()
    ]


COUPLING = (
    UnitCase("V19", "Two stirred tanks in series, inputs held over each step", "closed form", (), two_tanks),
    UnitCase("V21", "Sobol indices of the function of Ishigami and Homma, 2^14 samples", "closed form", (), ishigami),
    UnitCase("flagship train", "From a vial to filled bulk against the calibration target",
             "an engineering target, not published data", (), train_checks),
    UnitCase("V27", "The whole process, at three sets of communication steps", "balance", (), whole_process_checks),
)  # fmt: skip


def _error(check: Check) -> str:
    return f"{check.error:.1e}{' absolute' if check.is_absolute else ''}"


def _row(check: Check, alone: Check | None) -> str:
    kind = " absolute" if check.is_absolute else ""
    numbers = f"{check.expected:.10g} | {check.reached:.10g} | {_error(check)} | {check.tolerance:.2g}{kind}"
    return f"| {check.what} | {numbers} |" + (f" {_error(alone)} |" if alone else "")


def _route(case: Case | UnitCase) -> str:
    if isinstance(case, Case):
        return f"Scenarios: `{'`, `'.join(case.scenarios)}`."
    if case.classes:
        route = "Scenario of one FMU" if case.by_cosim else "FMUs stepped one by one"
        return f"{route}: `{'`, `'.join(case.classes)}`."
    return {"V19": "Engine.", "V21": "Study of one FMU."}.get(case.identifier, "Scenario: `mab_fed_batch`.")


def _section(case: Case | UnitCase, checks: list[Check], alone: list[Check]) -> Iterator[str]:
    yield f"## {case.identifier}: {case.title}\n\nSource: {case.source}. {_route(case)}\n"
    if case.identifier == "V26":
        yield "| unit | worst closure | of | tolerance |\n|---|---|---|---|"
        for name in dict.fromkeys(check.what.split(":")[0] for check in checks):
            worst = max((c for c in checks if c.what.startswith(name + ":")), key=lambda check: check.error)
            yield f"| {name} | {worst.error:.1e} | {worst.what.split(': ')[1]} | {worst.tolerance:.2g} |"
    else:
        last, line = (" FMU alone |", "---|") if alone else ("", "")
        yield f"| quantity | expected | reached | error | tolerance |{last}\n|---|---|---|---|---|{line}"
        yield from (_row(*pair) for pair in zip(checks, alone or [None] * len(checks), strict=True))
    yield ""


def _written() -> dict[str, str]:
    """Return the sections of the page as it is, by identifier."""
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    return {section.split(":")[0]: f"## {section.rstrip()}\n" for section in sections}


def _through_scenario(case: Case) -> tuple[list[Check], list[Check]]:
    alone = case.run(fmu_alone) if all(map(is_alone, case.scenarios)) else []
    return case.run(through_cosim), alone


def main(names: Sequence[str]) -> int:
    """Run the cases of these identifiers, or all; renew the page and return how many checks fail."""
    cases = (*CASES, *UNIT_CASES, *REFERENCES, *COUPLING)
    sections, failures = _written(), 0
    with TemporaryDirectory() as folder:
        chosen = [case for case in cases if case.identifier in names or not names]
        by_hand = {name for case in chosen if isinstance(case, UnitCase) for name in case.classes}
        fmus = library_fmus(Path(folder), sorted(by_hand)) if by_hand else {}
        for case in chosen:
            checks, alone = _through_scenario(case) if isinstance(case, Case) else (case.run(fmus), [])
            sections[case.identifier] = "\n".join(_section(case, checks, alone))
            failures += sum(not check.holds for check in checks)
    pages = [sections[case.identifier] for case in cases if case.identifier in sections]
    PAGE.write_text("\n".join([INTRODUCTION, *pages]).rstrip() + "\n", encoding="utf-8")
    return failures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
