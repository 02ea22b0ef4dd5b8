"""Two heavy columns stepped one after the other and on two threads, in turns.

python benchmarks/parallel.py [--json] [--out FILE] [--repeats N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import cosim
from cosim.algorithm import crew

SCENARIO = """\
scenario: two_columns
components:
  one: {source: modelica:BioProcess.Tests.StericMassActionElution, structure: {n_cells: 300}}
  two: {source: modelica:BioProcess.Tests.StericMassActionElution, structure: {n_cells: 300}}
phases:
  run: {active: [one, two], duration: 1500 s, step: 2 s}
record: []
"""


def measure(path: Path, folder: Path, cores: int) -> float:
    """Return the wall time [s] of stepping with ``cores``."""
    crew.n_cores = lambda: cores
    with tempfile.TemporaryDirectory(dir=folder) as out:
        return cosim.run(path, out=Path(out) / "run").outcome.wall_seconds


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "two_columns.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        measure(path, folder, 1)
        pairs = [(measure(path, folder, 1), measure(path, folder, 2)) for _ in range(arguments.repeats)]
    serial, parallel = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / two for one, two in pairs)
    found = {"serial_s": round(serial, 3), "parallel_s": round(parallel, 3), "ratio": round(ratio, 2)}
    text = json.dumps(found, indent=2) + "\n"
    if arguments.out is not None:
        arguments.out.write_text(text, encoding="utf-8")
    print(text if arguments.json else f"{serial:.2f} s on one thread, {parallel:.2f} s on two: {ratio:.2f} times.")


if __name__ == "__main__":
    main()
