"""How long it takes until a run begins, measured.

    python benchmarks/startup.py [--json FILE]

``shell`` is a whole ``cosim run`` or ``cosim check`` as typed, from the start of the program to its end, ``cpu`` the
processor time of the same; each the best of five. They differ on a machine that does other things too. ``leaks``
counts open files and entries of the temporary folder after many runs in one process, less those after the first few.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from time import perf_counter

N_VARIABLES = 100_000
N_FMUS = 100
MODEL = """\
block Lag
  input Real u(start = 0);
  output Real y(start = 0, fixed = true);
equation
  10*der(y) = u + 1 - 2*y;
end Lag;
"""


def scenario(sources: list[str], duration: str = "10 s") -> str:
    """Return a ring of components, one for each of ``sources``."""
    names = [f"c{i}" for i in range(len(sources))]
    text = ["scenario: ring", "components:"]
    text += [f"  {name}: {{source: {source}, host: inline}}" for name, source in zip(names, sources, strict=True)]
    ring = zip(names, [*names[1:], names[0]], strict=True)
    text += ["connections:", *(f"  - {name}.y -> {following}.u" for name, following in ring)]
    text += ["phases:", f"  run: {{active: [{', '.join(names)}], duration: {duration}, step: 1 s}}", "record: [c0.y]"]
    return "\n".join(text) + "\n"


def prepare(folder: Path) -> None:
    """Write the FMUs and scenarios: a small ring, 100 different FMUs, and one with 100,000 variables."""
    from cosim.build.builder import build

    (folder / "Lag.mo").write_text(MODEL, encoding="utf-8")
    (fmu,) = build(["Lag"], search_path=(folder,), output=folder, fmi_versions=("2.0",))
    for i in range(N_FMUS):
        _copy(fmu.path, folder / f"f{i}.fmu", note=str(i))
    _copy(fmu.path, folder / "large.fmu", n_variables=N_VARIABLES)
    (folder / "small.yaml").write_text(scenario([fmu.path.name] * 2), encoding="utf-8")
    (folder / "modelica.yaml").write_text(scenario(["modelica:Lag"] * 2), encoding="utf-8")
    (folder / "same.yaml").write_text(scenario([fmu.path.name] * N_FMUS), encoding="utf-8")
    (folder / "different.yaml").write_text(scenario([f"f{i}.fmu" for i in range(N_FMUS)]), encoding="utf-8")
    (folder / "large.yaml").write_text(scenario(["large.fmu"] * 2), encoding="utf-8")


def _copy(source: Path, target: Path, *, note: str = "", n_variables: int = 0) -> None:
    """Copy an FMU so that its content differs, with more variables where asked for."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "modelDescription.xml":
                data = data.replace(b"</ModelVariables>", _variables(n_variables) + b"</ModelVariables>")
            new.writestr(entry, data)
        new.writestr("documentation/note.txt", note)


def _variables(n: int) -> bytes:
    half = n // 2
    parameters = "".join(
        f'<ScalarVariable name="column.p[{i}]" valueReference="{1000 + i}" description="A parameter of a cell" '
        f'causality="parameter" variability="fixed"><Real start="1.5" min="0"/></ScalarVariable>\n'
        for i in range(half)
    )
    variables = "".join(
        f'<ScalarVariable name="column.c[{i}]" valueReference="{1000 + half + i}" description="What a cell holds" '
        f'variability="continuous"><Real/></ScalarVariable>\n'
        for i in range(n - half)
    )
    return (parameters + variables).encode()


def shell(arguments: list[str], folder: Path) -> tuple[float, float]:
    """Return wall time and processor time of ``cosim`` with ``arguments`` [s], each the best of five."""
    times, costs = [], []
    for _ in range(5):
        began, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "cosim", *arguments], cwd=folder, check=True, capture_output=True)
        times.append(perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times), min(costs)


def leaks(folder: Path, n_runs: int) -> dict[str, int]:
    """Return what is left over by many runs in this process, which should be nothing."""
    import cosim

    counts = []
    for i in range(n_runs):
        cosim.run(folder / "small.yaml", out=folder / "runs" / str(i))
        if i in (4, n_runs - 1):
            temporary = [name for name in os.listdir(tempfile.gettempdir()) if name.startswith("cosim-")]
            counts.append((len(os.listdir("/proc/self/fd")), len(temporary)))
    return {
        "runs": n_runs,
        "files": counts[1][0] - counts[0][0],
        "temporary": max(counts[1][1] - counts[0][1], 0),
    }


def main() -> None:
    """Measure, show, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--runs", type=int, default=1000, help="in one process, to find leaks")
    arguments = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for option in ("--version", "--help"):
            wall, cpu = shell([option], folder)
            rows.append({"case": "frame", "verb": option, "shell": round(wall, 2), "cpu": round(cpu, 2)})
            print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
        for verb in ("check", "run"):
            for case in ("small", "modelica", "same", "different", "large"):
                quiet = ["--quiet"] if verb == "run" else []
                wall, cpu = shell([verb, f"{case}.yaml", *quiet], folder)
                row: dict[str, object] = {"case": case, "verb": verb, "shell": round(wall, 2), "cpu": round(cpu, 2)}
                rows.append(row)
                print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        if arguments.runs:
            found = leaks(folder, arguments.runs)
            rows.append({"case": "leaks", **found})
            print(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
