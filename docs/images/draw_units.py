"""Draw the pictures of the pages on units from runs: ``python docs/images/draw_units.py [NAME …]``.

Needs matplotlib (``pip install ".[plot]"``). One function draws one picture, into ``docs/images/units/<its name>.svg``.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.hashsalt": "cosim", "axes.spines.top": False, "axes.spines.right": False, "font.size": 9}

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

import cosim  # noqa: E402
from cosim.results.trajectory import Trajectory  # noqa: E402

ROOT = Path(__file__).parents[2]
COLOURS = ("#0b5c8c", "#c8553d", "#4b8f29", "#7a5195", "#8a6d1d")


def courses(scenario: str, names: Sequence[str]) -> Sequence[Trajectory]:
    """Run a shipped scenario and return some of its variables; the result is kept nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        return cosim.run(ROOT / "scenarios" / f"{scenario}.yaml", out=Path(folder) / "run").read(names)


def courses_in(phase: str, names: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return times since ``phase`` of the flagship scenario began, and values, of some variables during it."""
    with tempfile.TemporaryDirectory() as folder:
        result = cosim.run(ROOT / "scenarios" / "mab_fed_batch.yaml", out=Path(folder) / "run")
        start, end = next((it.start / 1e9, it.end / 1e9) for it in result.phases if it.phase == phase and not it.step)
        found = [(course.time - start, course.values) for course in result.read(names)]
    return [(time[on], values[on]) for time, values in found for on in [(time >= 0.0) & (time <= end - start)]]


def gradients_12m3(axes: Axes) -> None:
    """PH at the top, on average and at the bottom while base enters at the top."""
    found = courses("gradients_12m3", ["reactor.pH_max", "reactor.pH", "reactor.pH_min"])
    start = 4 * 3600.0
    for course, label, colour in zip(found, ("highest zone", "mean", "lowest zone"), COLOURS, strict=False):
        after = course.time >= start - 30.0
        axes.plot((course.time[after] - start) / 60.0, course.values[after], label=label, color=colour)
    axes.axvspan(0, 2, color="#dddddd", label="base enters")
    axes.set(xlabel="time since the addition began [min]", ylabel="pH [1]")


def virus_inactivation(axes: Axes) -> None:
    """PH and virus while a pool is acidified, held and neutralised."""
    found = courses_in("low_pH", ["pool.pH", "pool.log_reduction"])
    for (time, values), label, colour in zip(found, ("pH", "log reduction [decades]"), COLOURS, strict=False):
        axes.plot(time / 60.0, values, label=label, color=colour)
    axes.set(xlabel="time [min]", ylabel="pH [1], log reduction [decades]")


def ultrafiltration(axes: Axes) -> None:
    """Antibody and flux while a pool is concentrated, exchanged and concentrated."""
    titre, flux = courses_in("formulation", ["ufdf.titre", "ufdf.flux"])
    on = flux[1] > 0.0
    for (time, values), factor, label, colour in ((titre, 1.0, "antibody [g/L]", COLOURS[0]),
                                                  (flux, 3.6e6, "flux [L/(m² h)]", COLOURS[1])):  # fmt: skip
        axes.plot(time[on] / 3600.0, factor * values[on], label=label, color=colour)
    axes.set(xlabel="time since filtration began [h]", ylabel="antibody [g/L], flux [L/(m² h)]")


def mab_continuous(axes: Axes) -> None:
    """Antibody that left the reactor, the columns and the last step."""
    names = ["reactor.permeate.m_mab_total", "capture.pool.m_mab_total", "pool.held_mab"]
    for course, label, colour in zip(
        courses("mab_continuous", names), ("reactor", "capture", "pool"), COLOURS, strict=False
    ):
        axes.plot(course.time / 86400.0, course.values, label=label, color=colour)
    axes.set(xlabel="time [d]", ylabel="antibody so far [kg]")


def resin_lifetime(axes: Axes) -> None:
    """Yield, capacity and pressure of each of the 100 cycles."""
    with tempfile.TemporaryDirectory() as folder:
        result = cosim.run(ROOT / "scenarios" / "resin_lifetime.yaml", out=Path(folder) / "run")
        cycles = resin_cycles(result)
    for label, values, colour in zip(("yield", "capacity left", "pressure drop [bar]"), cycles, COLOURS, strict=False):
        axes.plot(range(1, len(values) + 1), values, label=label, color=colour)
    axes.set(xlabel="cycle", ylabel="yield, capacity [1], pressure [bar]", ylim=(0, 1.05))


def resin_cycles(result: cosim.Result) -> tuple[list[float], list[float], list[float]]:
    """Return yield, capacity at the start of the load and highest pressure [bar] of each cycle."""
    volume = float(result["capture.bed_volume"].values[-1])
    found: tuple[list[float], list[float], list[float]] = ([], [], [])
    collected, capacity = result["divert.collect.m_mab_total"], result["capture.capacity"]
    loaded, pressure = result["capture.load_density"], result["capture.pressure_drop"]
    loads = [phase for phase in result.phases if phase.step == "load"]
    for load, cycle in zip(loads, [phase for phase in result.phases if phase.step is None], strict=True):
        begin, end = (np.interp(tick / 1e9, collected.time, collected.values) for tick in (cycle.start, cycle.end))
        during = (pressure.time >= load.start / 1e9) & (pressure.time <= load.end / 1e9)
        found[0].append(float((end - begin) / volume / np.interp(load.end / 1e9, loaded.time, loaded.values)))
        found[1].append(float(np.interp(load.start / 1e9, capacity.time, capacity.values)))
        found[2].append(float(pressure.values[during].max()) * 1e-5)
    return found


def microbial_reactor(axes: Axes) -> None:
    """Cells, acetate and antigen in a batch, a fed batch and an induction."""
    names = ["reactor.biomass", "reactor.acetate", "reactor.titre"]
    labels = ("dry mass [g/L]", "acetate [mM]", "antigen [g/L, tenfold]")
    found = courses("recombinant_antigen", names)
    for course, factor, label, colour in zip(found, (1.0, 1.0, 10.0), labels, COLOURS, strict=False):
        on = course.time <= 19 * 3600.0
        axes.plot(course.time[on] / 3600.0, factor * course.values[on], label=label, color=colour)
    axes.set(xlabel="time [h]", ylabel="g/L, mM")


def homogeniser(axes: Axes) -> None:
    """Share of the cells that one, two and three passes break, over pressure."""
    silent = "".join(f"  valve.inlet.{name}: 0 {unit}\n" for name, unit in inlet_variables())
    for passes, colour in zip((1, 2, 3), COLOURS, strict=False):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "pressure.csv").write_text("time [s],pressure [MPa]\n0,0\n100,100\n")
            (Path(folder) / "ramp.yaml").write_text(
                "scenario: ramp\ncomponents:\n  valve: {source: modelica:BioProcess.Fmus.Homogeniser}\n"
                f"streams: [valve.outlet => waste]\ninputs:\n{silent}  valve.passes: {passes}\n"
                "  valve.pressure: {file: pressure.csv, column: pressure, unit: MPa, interpolation: linear}\n"
                "phases: {ramp: {active: [valve], duration: 100 s, step: 1 s}}\n"
            )
            broken = cosim.run(Path(folder) / "ramp.yaml", out=Path(folder) / "run")["valve.broken"]
        label = f"{passes} pass{'es' * (passes > 1)}"
        axes.plot(broken.time, 100.0 * broken.values, label=label, color=colour)
    axes.set(xlabel="pressure [MPa]", ylabel="cells broken [%]")


def inlet_variables() -> list[tuple[str, str]]:
    """Return what an inlet takes, but for temperature, and its units."""
    text = (ROOT / "modelica" / "BioProcess" / "Interfaces" / "LiquidInlet.mo").read_text()
    units = {"CellConcentration": "1/m3", "Molarity": "mol/m3", "MassConcentration": "kg/m3"}
    species = re.findall(r"input Units\.(\w+) (c_\w+)", text)
    return [("V_flow", "m3/s"), *((name, units[kind]) for kind, name in species)]


GLYCANS = """\
scenario: glycans
components:
  glycans: {source: modelica:BioProcess.Fmus.ReducedGlycosylation}
phases:
  rest: {active: [glycans], duration: 1 s, step: 1 s}
"""


def product_quality(axes: Axes) -> None:
    """Galactosylation and high mannose over ammonia: the reduced form, and scipy along the Golgi with 33 glycans."""
    sys.path.insert(0, str(ROOT / "tests"))
    from verification.glycosylation import NOMINAL, lumped, plug_flow

    ammonia = (0.0, 2.0, 4.0, 7.0, 10.0, 15.0)
    for glucose, colour in ((12.0, COLOURS[0]), (1.0, COLOURS[1])):
        found, expected = [], []
        for value in ammonia:
            forms = lumped(plug_flow(NOMINAL | {"ammonia": value, "glucose": glucose}))
            expected.append((forms["galactose_content"], 10.0 * forms["high_mannose"]))
            found.append(glycans_at({"ammonia": value, "glucose": glucose}))
        for form, style, label in ((0, "-", "galactose"), (1, "--", "10 × high mannose")):
            axes.plot(ammonia, [f[form] for f in found], style, color=colour, label=f"{label}, {glucose:g} mM glucose")
            axes.plot(ammonia, [e[form] for e in expected], "o", color=colour, markersize=3)
    axes.set(xlabel="ammonia [mM]", ylabel="per antibody, per glycan [1]", ylim=(0, 1.7))


def glycans_at(inputs: dict[str, float]) -> tuple[float, float]:
    """Return galactose per antibody and ten times the high-mannose share that the reduced form tells."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "glycans.yaml"
        path.write_text(GLYCANS, encoding="utf-8")
        values = {f"glycans.{name}": f"{value} mol/m3" for name, value in inputs.items()}
        result = cosim.run(path, values, out=Path(folder) / "run")
        return (
            float(result["glycans.galactose_content"].values[-1]),
            10.0 * float(result["glycans.high_mannose"].values[-1]),
        )


PICTURES: dict[str, Callable[[Axes], None]] = {
    function.__name__: function
    for function in (
        gradients_12m3,
        virus_inactivation,
        ultrafiltration,
        mab_continuous,
        resin_lifetime,
        microbial_reactor,
        homogeniser,
        product_quality,
    )
}


def draw(name: str) -> Path:
    """Draw one picture and return its path."""
    figure, axes = plt.subplots(figsize=(5.6, 2.8), layout="constrained")
    PICTURES[name](axes)
    axes.legend(frameon=False)
    path = ROOT / "docs" / "images" / "units" / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path


if __name__ == "__main__":
    for chosen in sys.argv[1:] or PICTURES:
        print(draw(chosen))
