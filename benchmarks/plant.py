"""A plant of many lines, measured: what each unit costs as the plant grows.

    python benchmarks/plant.py [--json FILE] [--lines 1 8 32 125] [--steps 60]

Every line has the eight units of ``scenarios/mab_fed_batch.yaml``, from the bioreactor to the Protein A pool, all of
them active and flowing; 125 lines are 1,000 FMUs. Each size runs in a process of its own. ``seconds`` are from the
start of the process' work until the first step, by stage; ``step_us`` is the time of a communication step per FMU,
``engine_us`` the part of it that is not spent inside FMUs, ``mb`` what the process takes per FMU beyond one that runs
a single line, the FMU's own memory included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

UNITS = {
    "reactor": "FedBatchReactor",
    "feeder": "GlucoseFeeder",
    "centrifuge": "DiskStack",
    "hold": "HoldTank",
    "buffers": "BufferManifold",
    "capture": "ProteinA",
    "divert": "Divert",
    "pool": "HoldTank",
}
STREAMS = (
    "feeder.outlet => {}reactor.feed",
    "reactor.harvest => {}centrifuge.feed",
    "centrifuge.centrate => {}hold.inlet",
    "centrifuge.solids => waste",
    "hold.outlet => {}capture.load",
    "buffers.outlet => {}capture.buffer",
    "capture.outlet => {}divert.inlet",
    "divert.collect => {}pool.inlet",
    "divert.rest => waste",
)


def scenario(n_lines: int, n_steps: int) -> str:
    """Return a plant of ``n_lines`` that runs for ``n_steps`` of 10 s."""
    lines = [f"l{i}_" for i in range(n_lines)]
    text = ["scenario: plant", "components:"]
    text += [f"  {p}{unit}: {{source: modelica:BioProcess.Fmus.{name}}}" for p in lines for unit, name in UNITS.items()]
    text += ["streams:", *(f"  - {p}{stream.format(p)}" for p in lines for stream in STREAMS)]
    text += ["connections:", *(f"  - {p}reactor.glucose -> {p}feeder.measured" for p in lines)]
    text += ["phases:", "  run:", f"    active: [{', '.join(p + unit for p in lines for unit in UNITS)}]"]
    text += [f"    duration: {10 * n_steps} s", "    step: 10 s", "    set:"]
    text += [f"      {p}{name}" for p in lines for name in ("reactor.harvest_flow: 20 L/h", "hold.demand: 10 L/h")]
    text += ["ledger: {tolerance: 1e-6}", "record: [l0_reactor.*]"]
    return "\n".join(text) + "\n"


def measure(n_lines: int, n_steps: int) -> dict[str, object]:
    """Run one plant in this process."""
    import cosim

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plant.yaml"
        path.write_text(scenario(n_lines, n_steps), encoding="utf-8")
        result = cosim.run(path, out=Path(folder) / "out", profile=True)
        stages = result.profile["stages"]
    if result.status != "completed":
        raise SystemExit(f"{n_lines} lines: {result.outcome.reason}")
    n_fmus = len(UNITS) * n_lines
    effort = result.outcome.effort
    stepping = result.outcome.wall_seconds - effort.initialising
    return {
        "fmus": n_fmus,
        "seconds": {name: round(stages[name], 3) for name in ("read", "build", "load", "check", "instantiate")}
        | {"initialise": round(effort.initialising, 3)},
        "step_us": round(1e6 * stepping / (effort.windows * n_fmus), 2),
        "engine_us": round(1e6 * effort.engine / (effort.windows * n_fmus), 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, 1),
    }


def main() -> None:
    """Measure every size, each in a process of its own, and show or write the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--lines", type=int, nargs="+", default=[1, 8, 32, 125])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        sys.stdout.write(json.dumps(measure(arguments.one, arguments.steps)) + "\n")
        return
    rows = []
    for n_lines in arguments.lines:
        command = [sys.executable, __file__, "--one", str(n_lines), "--steps", str(arguments.steps)]
        row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        if rows:
            row["mb"] = round((row["peak_mb"] - rows[0]["peak_mb"]) / (row["fmus"] - rows[0]["fmus"]), 3)
        rows.append(row)
        print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
