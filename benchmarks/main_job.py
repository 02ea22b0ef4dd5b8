"""The main job, measured: the flagship scenario at several communication steps, on one core.

Prints a table and, with ``--json FILE``, writes it. Repeat with::

    python benchmarks/main_job.py --json benchmarks/results/main_job.json

``seconds`` is the processor time of reading, checking, running, writing and reporting, with the FMUs built; ``closure``
the worst over all species, of the flowsheet and of any unit; ``yield`` what is filled of the harvested antibody [%].
"""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

import cosim

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "mab_fed_batch.yaml"
STEPS = (("10 min", "10 s", "1 s"), ("10 min", "10 s", "5 s"), ("10 min", "10 s", "30 s"), ("30 min", "30 s", "30 s"))
"""Communication steps of the seed train and production; of harvest and polishing; of capture, formulation and fill."""


def measure(production: str, polishing: str, capture: str, folder: Path) -> dict[str, object]:
    text = SCENARIO.read_text(encoding="utf-8")
    for shipped, step in (("step: 10 min", production), ("step: 10 s", polishing), ("step: 5 s", capture)):
        if shipped not in text:
            raise SystemExit(f"{SCENARIO} no longer has '{shipped}'; change this benchmark with it.")
        text = text.replace(shipped, f"step: {step}")
    folder.mkdir(exist_ok=True)
    scenario = folder / "mab_fed_batch.yaml"
    scenario.write_text(text, encoding="utf-8")
    begin = time.process_time()
    result = cosim.run(scenario, out=folder / f"{production} {polishing} {capture}".replace(" ", "_"))
    seconds = time.process_time() - begin
    ledgers = [entry for species in result.ledger.values() for entry in (species.flowsheet, *species.units.values())]
    values = {expectation.text: expectation.value for expectation in result.expectations}
    return {
        "production": production,
        "polishing": polishing,
        "capture": capture,
        "status": result.status,
        "seconds": round(seconds, 2),
        "closure": max(entry.closure for entry in ledgers),
        "titre_g_per_l": next(value for text, value in values.items() if "titre" in text),
        "yield": next(value for text, value in values.items() if "line.filled)" in text),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        measure(*STEPS[1], Path(folder) / "warm")
        rows = [measure(*steps, Path(folder)) for steps in STEPS]
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if arguments.json:
        document = {"machine": f"{platform.system()} {platform.machine()}, one core", "cosim": cosim.__version__}
        arguments.json.write_text(json.dumps({**document, "runs": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
