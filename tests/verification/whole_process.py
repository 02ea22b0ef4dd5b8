"""The shipped mAb scenario at several communication steps: it closes, and the pool does not move."""

from pathlib import Path
from tempfile import TemporaryDirectory

from library_fmu import REPOSITORY
from verification.check import Check, Fmus

import cosim

SCENARIO = REPOSITORY / "scenarios" / "mab_fed_batch.yaml"
STEPS = {"fine": ("10 min", "10 s", "2 s"), "shipped": ("10 min", "10 s", "5 s"), "coarse": ("30 min", "60 s", "30 s")}
"""Communication steps of production, harvest and capture."""


def _with_steps(text: str, steps: tuple[str, str, str]) -> str:
    for phase, old, new in zip(("production", "harvest", "capture"), STEPS["shipped"], steps, strict=True):
        before, found, rest = text.partition(f"  {phase}:")
        assert found
        assert f"step: {old}" in rest, f"The scenario's {phase} no longer has a step of {old}."
        text = before + found + rest.replace(f"step: {old}", f"step: {new}", 1)
    return text


def run_with(steps: tuple[str, str, str], folder: Path) -> cosim.Result:
    """Run the scenario with other communication steps."""
    scenario = folder / "mab_fed_batch.yaml"
    scenario.write_text(_with_steps(SCENARIO.read_text(encoding="utf-8"), steps), encoding="utf-8")
    return cosim.run(scenario, out=folder / "run")


def whole_process_checks(_: Fmus) -> list[Check]:
    """Closure of every species over the flowsheet and over each unit; titre; yield of the Protein A pool."""
    checks, yields = [], {}
    for name, steps in STEPS.items():
        with TemporaryDirectory() as folder:
            result = run_with(steps, Path(folder))
            ledger = result.ledger
            for whole, entries in (
                ("flowsheet", [book.flowsheet for book in ledger.values()]),
                ("worst unit", [entry for book in ledger.values() for entry in book.units.values()]),
            ):
                closure = max(entry.closure for entry in entries)
                checks.append(Check(f"closure, {whole}, {name} steps", 0.0, closure, 1e-9, is_absolute=True))
            mab = ledger["mab"].units
            yields[name] = mab["pool"].held / mab["capture"].entered
    spread = max(yields.values()) - min(yields.values())
    checks.append(Check("yield of the Protein A pool", 0.96, yields["shipped"], 0.01))
    checks.append(Check("spread of that yield over the steps", 0.0, spread, 5e-4, is_absolute=True))
    return checks
