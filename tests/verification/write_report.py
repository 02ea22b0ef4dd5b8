"""Write docs/verification.md from a run of every case: ``python tests/verification/write_report.py``."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from library_fmu import REPOSITORY, library_fmus
from verification.cases import CASES
from verification.check import Case, Check, Fmus
from verification.test_v19_two_tanks import GaussSeidel, Jacobi, second_tank
from verification.whole_process import train_checks, whole_process_checks

PAGE = REPOSITORY / "docs" / "verification.md"
INTRODUCTION = """# Verification

What the unit operations and the coupling reproduce, from Modelica through the FMU to the result, and how closely. Every
row comes from a run: `python tests/verification/write_report.py` writes this page; `pytest tests/verification` holds
each row to its tolerance (`-m slow` for V27). Errors are relative to the expected value unless marked absolute.
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
    Case("V19", "Two stirred tanks in series, inputs held over each step", "closed form", (), two_tanks),
    Case("flagship train", "From a vial to filled bulk against the calibration target",
         "an engineering target, not published data", (), train_checks),
    Case("V27", "The whole process, at three sets of communication steps", "balance", (), whole_process_checks),
)  # fmt: skip


def _row(check: Check) -> str:
    kind = " absolute" if check.is_absolute else ""
    return (
        f"| {check.what} | {check.expected:.10g} | {check.reached:.10g} | {check.error:.1e}{kind} "
        f"| {check.tolerance:.2g}{kind} |"
    )


def _section(case: Case, checks: list[Check]) -> Iterator[str]:
    classes = f" Classes: `{'`, `'.join(case.classes)}`." if case.classes else ""
    yield f"## {case.identifier}: {case.title}\n\nSource: {case.source}.{classes}\n"
    if case.identifier == "V26":
        yield "| unit | worst closure | of | tolerance |\n|---|---|---|---|"
        for name in dict.fromkeys(check.what.split(":")[0] for check in checks):
            worst = max((c for c in checks if c.what.startswith(name + ":")), key=lambda check: check.error)
            yield f"| {name} | {worst.error:.1e} | {worst.what.split(': ')[1]} | {worst.tolerance:.2g} |"
    else:
        yield "| quantity | expected | reached | error | tolerance |\n|---|---|---|---|---|"
        yield from map(_row, checks)
    yield ""


def main() -> int:
    """Run all cases, write the page, and return how many checks fail."""
    with TemporaryDirectory() as folder:
        fmus = library_fmus(Path(folder), sorted({name for case in CASES for name in case.classes}))
        results = [(case, case.run(fmus)) for case in (*CASES, *COUPLING)]
    lines = [INTRODUCTION, *(line for case, checks in results for line in _section(case, checks))]
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return sum(not check.holds for _, checks in results for check in checks)


if __name__ == "__main__":
    sys.exit(main())
