"""Draw how units follow solutions made without the library: ``python docs/images/draw_verification.py [NAME …]``.

Needs matplotlib (``pip install ".[plot]"``) and what the tests need. Lines are the reference, points the FMU. One entry
of ``PICTURES`` draws one picture, into ``docs/images/units/verified_<its name>.svg``.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.hashsalt": "cosim", "axes.spines.top": False, "axes.spines.right": False, "font.size": 9}

from library_fmu import library_fmus, simulate, unit  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from verification.convergence import build_columns, convergence  # noqa: E402
from verification.course import Curve  # noqa: E402
from verification.flagship import TARGET  # noqa: E402
from verification.microbial import Fermenter  # noqa: E402
from verification.references import REFERENCES  # noqa: E402
from verification.test_counter_current import ONE, WIRED, run_twin  # noqa: E402

COLOURS = ("#0b5c8c", "#c8553d", "#4b8f29")
FOLDER = Path(tempfile.gettempdir()) / "cosim-verification"
"""Where FMUs are kept from one picture to the next."""
UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
DAY = 86400.0


def built(*classes: str) -> dict[str, Path]:
    """Build classes, or find them built."""
    return library_fmus(FOLDER, [f"BioProcess.{name}" for name in classes])


def reference(name: str) -> tuple[Curve, ...]:
    """Run a reference and return its curves."""
    (found,) = (item for item in REFERENCES if item.name == name)
    return found.solve(built(*(f"Fmus.{block}" for block in found.blocks))).curves


def panels(name: str, groups: Sequence[Sequence[Curve]], labels: Sequence[str], span: str) -> None:
    """Draw groups of curves beside each other: lines are references, points the FMU."""
    figure, row = plt.subplots(1, len(groups), figsize=(2.9 * len(groups), 2.5), layout="constrained", squeeze=False)
    for axes, curves, label in zip(row[0], groups, labels, strict=True):
        for curve, colour in zip(curves, COLOURS, strict=False):
            step = max(len(curve.time) // 24, 1)
            time = curve.time / UNITS[span]
            axes.plot(time, curve.reference, color=colour, linewidth=1.0, label=curve.label.partition(" [")[0])
            axes.plot(time[::step], curve.reached[::step], ".", color=colour, markersize=4)
        axes.set(xlabel=f"time [{span}]", ylabel=label)
        if len(curves) > 1:
            axes.legend(frameon=False, fontsize=8)
    save(figure, name)


def save(figure: plt.Figure, name: str) -> None:
    """Write a picture without a date in it."""
    figure.savefig(ROOT / "docs" / "images" / "units" / f"verified_{name}.svg", metadata={"Date": None})
    plt.close(figure)


def of_reference(name: str, span: str, groups: Sequence[tuple[str, Sequence[int]]]) -> Callable[[], None]:
    """Return what draws curves of a reference, by label of the axis and number of the curve."""

    def draw() -> None:
        curves = reference(name)
        panels(name, [[curves[i] for i in chosen] for _, chosen in groups], [label for label, _ in groups], span)

    return draw


def controllers() -> None:
    """Draw step responses of the three controllers."""
    curves = [reference(f"{name}_controller")[0] for name in ("oxygen", "temperature")]
    both = reference("ph_controller")
    labels = ["oxygen in the gas [1]", "jacket [K]", "carbon dioxide in the gas [1]"]
    panels("controllers", [[curves[0]], [curves[1]], [both[0]]], labels, "min")


def tanks() -> None:
    """Draw a tank that is washed out, a valve, a manifold."""
    tank, valve, manifold = (reference(name) for name in ("hold_tank", "divert", "buffer_manifold"))
    labels = ["antibody in the tank [g/L]", "antibody [kg]", "ions sent [mol]"]
    panels("tanks", [[tank[0]], list(valve), list(manifold)], labels, "min")


def gradients() -> None:
    """Draw two gradients."""
    groups = [[reference(name)[0]] for name in ("gradient_source", "anion_buffers")]
    panels("gradients", groups, ["sodium, GradientSource [mM]", "sodium, AnionBuffers [mM]"], "min")


def over(
    name: str, groups: Sequence[tuple[Curve, ...]], labels: Sequence[tuple[str, str]], scales: Sequence[float]
) -> None:
    """Draw curves beside each other, each over a quantity of its own: labels of both axes, scale of the first."""
    figure, row = plt.subplots(1, len(groups), figsize=(min(2.9 * len(groups), 10.0), 2.5), layout="constrained")
    for axes, curves, (across, up), scale in zip(row, groups, labels, scales, strict=True):
        for curve, colour in zip(curves, COLOURS, strict=False):
            step, label = max(len(curve.time) // 24, 1), curve.label.partition(" [")[0].replace("_", " ")
            axes.plot(curve.time / scale, curve.reference, color=colour, linewidth=1.0, label=label)
            axes.plot(curve.time[::step] / scale, curve.reached[::step], ".", color=colour, markersize=4)
        axes.set(xlabel=across, ylabel=up)
        if len(curves) > 1:
            axes.legend(frameon=False, fontsize=8)
    save(figure, name)


def clarification() -> None:
    """Draw a centrifuge over its flow, and three filters at a constant flow."""
    stack, depth, sterile, virus = (reference(name) for name in (
        "disk_stack", "depth_filter", "sterile_filter", "virus_filter"))  # fmt: skip
    labels = [("flow [L/h]", "solids [m³/s]"), ("time [h]", "passed the depth filter [kg]"),
              ("time [h]", "antibody past the membrane [kg]"), ("time [h]", "log reduction so far")]  # fmt: skip
    curves = [stack[2:], depth[1:], sterile[1:], virus[1:]]
    over("clarification", curves, labels, [1e-3 / 3600.0, 3600.0, 3600.0, 3600.0])


def supplies() -> None:
    """Draw what an exponential feeder and two supplies on demand send."""
    feeder, medium, harvest = (reference(name) for name in ("exponential_feeder", "medium_supply", "harvest_supply"))
    labels = [("time [h]", "feed sent [m³]"), ("time [min]", "sent [mol]"), ("time [min]", "sent [kg]")]
    over("supplies", [feeder, medium, harvest], labels, [3600.0, 60.0, 60.0])


def coil() -> None:
    """Draw a tracer that steps into the coil, and virus over the residence time."""
    tracer, virus = reference("coil")
    labels = [("time [min]", "tracer behind the coil [1]"), ("residence time [min]", "decades of virus")]
    over("coil", [(tracer,), (virus,)], labels, [60.0, 60.0])


def counter_current() -> None:
    """Draw the pool of a twin inside one unit, and of one that is wired from two columns and valves."""
    names = ["capture.pool.m_mab_total", "capture.rest.m_mab_total"]
    with tempfile.TemporaryDirectory() as folder:
        wired, inside = (run_twin(Path(folder), text, step=5.0, bed_volumes=40.0).read(names) for text in (WIRED, ONE))
    figure, row = plt.subplots(1, 2, figsize=(5.8, 2.5), layout="constrained")
    for axes, one, other, label in zip(row, wired, inside, ("pool [kg]", "lost [kg]"), strict=True):
        axes.plot(one.time / 3600.0, one.values, color=COLOURS[0], linewidth=1.0, label="TwinValves, two ProteinA")
        axes.plot(other.time[::100] / 3600.0, other.values[::100], ".", color=COLOURS[1], markersize=4,
                  label="PeriodicCounterCurrent")  # fmt: skip
        axes.set(xlabel="time [h]", ylabel=f"antibody, {label}")
    row[0].legend(frameon=False, fontsize=8)
    save(figure, "counter_current")


def fed_batch() -> None:
    """Draw the culture of the flagship process beside its target."""
    fmu = built("Examples.FedBatchProduction")["BioProcess.Examples.FedBatchProduction"]
    names = ["viable_cells", "glucose", "lactate", "titre"]
    course = simulate(
        fmu, [f"reactor.{name}" for name in names], stop=14 * DAY, interval=3600.0, tolerance=1e-6
    )  # fmt: skip
    figure, row = plt.subplots(1, 3, figsize=(8.7, 2.5), layout="constrained")
    shown = ((("viable_cells", 1e12),), (("glucose", 1.0), ("lactate", 1.0)), (("titre", 1.0),))
    labels = ("viable cells [1e6/mL]", "glucose, lactate [mM]", "antibody [g/L]")
    for axes, variables, label in zip(row, shown, labels, strict=True):
        for (name, scale), colour in zip(variables, COLOURS, strict=False):
            axes.plot(course.time / DAY, course.all(f"reactor.{name}") / scale, color=colour, label=name)
            axes.plot(list(TARGET), [values[name] for values in TARGET.values()], "o", color=colour, markersize=4)
        axes.set(xlabel="time [d]", ylabel=label)
    row[1].legend(frameon=False, fontsize=8)
    save(figure, "fed_batch")


def perfusion() -> None:
    """Draw a perfused culture on its way to the steady state that its balances give."""
    fmu = built("Tests.PerfusionSteadyState")["BioProcess.Tests.PerfusionSteadyState"]
    figure, row = plt.subplots(1, 2, figsize=(5.8, 2.5), layout="constrained")
    for (cells, rate, substrate), colour in zip(
        ((5e13, 1.5, 22.60972033), (1e14, 2.5, 19.01348189)), COLOURS, strict=False
    ):
        course = simulate(
            fmu, ["X", "S"], stop=20 * DAY, interval=3600.0, tolerance=1e-8, D=rate / DAY, X_set=cells
        )  # fmt: skip
        for axes, name, scale, rest in zip(row, ("X", "S"), (1e12, 1.0), (cells / 1e12, substrate), strict=True):
            axes.plot(course.time / DAY, course.all(name) / scale, color=colour, label=f"{rate} volumes a day")
            axes.axhline(rest, color=colour, linewidth=0.8, linestyle="--")
    row[0].set(xlabel="time [d]", ylabel="viable cells [1e6/mL]")
    row[1].set(xlabel="time [d]", ylabel="substrate [mM]")
    row[0].legend(frameon=False, fontsize=8)
    save(figure, "perfusion")


def filters() -> None:
    """Draw four laws of blocking at constant pressure."""
    fmu = built("Tests.BlockingLaws")["BioProcess.Tests.BlockingLaws"]
    laws = ("complete", "standard", "intermediate", "cake")
    course = simulate(fmu, [f"v_{law}" for law in laws], stop=7200.0, interval=60.0, tolerance=1e-9)
    t, flux = course.time / 3600.0, 200.0
    closed = (
        flux / 0.5 * (1.0 - np.exp(-0.5 * t)), flux * t / (1.0 + 0.002 * flux * t / 2.0),
        np.log(1.0 + 0.002 * flux * t) / 0.002, (np.sqrt(1.0 + 2e-5 * flux**2 * t) - 1.0) / (1e-5 * flux),
    )  # fmt: skip
    figure, axes = plt.subplots(figsize=(5.6, 2.8), layout="constrained")
    for law, values, colour in zip(laws, closed, (*COLOURS, "#7a5195"), strict=True):
        axes.plot(t, values, color=colour, linewidth=1.0, label=law)
        axes.plot(t[::5], 1e3 * course.all(f"v_{law}")[::5], ".", color=colour, markersize=4)
    axes.set(xlabel="time [h]", ylabel="volume per area [L/m²]")
    axes.legend(frameon=False)
    save(figure, "filters")


def homogeniser() -> None:
    """Draw the share of cells that one, two and three passes break, over the pressure."""
    fmu = built("Fmus.Homogeniser")["BioProcess.Fmus.Homogeniser"]
    pressures = np.linspace(5.0, 120.0, 24)
    figure, axes = plt.subplots(figsize=(5.6, 2.8), layout="constrained")
    with unit(fmu, **{"inlet.V_flow": 5e-5, "inlet.c_biomass": 30.0}) as it:
        k, power = it.read("k"), it.read("exponent_pressure")
        for passes, colour in zip((1.0, 2.0, 3.0), COLOURS, strict=True):
            found = []
            for pressure in pressures:
                it.set({"pressure": 1e6 * pressure, "passes": passes})
                it.step(1.0)
                found.append(it.read("broken"))
            closed = 1.0 - np.exp(-k * passes * pressures**power)
            axes.plot(
                pressures, closed, color=colour, linewidth=1.0, label=f"{passes:g} pass{'' if passes == 1.0 else 'es'}"
            )
            axes.plot(pressures, found, ".", color=colour, markersize=4)
    axes.set(xlabel="pressure [MPa]", ylabel="cells broken [1]")
    axes.legend(frameon=False)
    save(figure, "homogeniser")


def microbial_reactor() -> None:
    """Draw a batch with overflow: cells and glucose, acetate, oxygen."""
    fmu = built("Fmus.MicrobialReactor")["BioProcess.Fmus.MicrobialReactor"]
    batch = {"stirrer": 6.0, "gas": 0.1, "oxygen": 0.2095, "jacket": 305.15, "feed": 0.0, "base": 3e-8, "inducer": 0.0,
             "glucose": 0.0, "ammonia": 13400.0}  # fmt: skip
    hours = np.arange(0.5, 7.1, 0.5)
    rows = [Fermenter(batch).course(float(hour)) for hour in hours]
    names = ("biomass", "glucose", "acetate", "oxygen")
    course = simulate(
        fmu, list(names), stop=7 * 3600.0, interval=180.0, tolerance=1e-8,
        **{"stirrer_speed": 6.0, "gas_flow": 0.1, "gas_oxygen": 0.2095, "jacket_temperature": 305.15,
           "base.V_flow": 3e-8, "base.T": 298.15, "base.c_ammonia": 13400.0, "feed.T": 298.15,
           "kinetics.k_lysis": 2.8e-7},
    )  # fmt: skip
    figure, row = plt.subplots(1, 3, figsize=(8.7, 2.5), layout="constrained")
    groups = (("biomass",), ("glucose", "acetate"), ("oxygen",))
    labels = ("dry mass [g/L]", "glucose, acetate [mM]", "oxygen over that under air [1]")
    for axes, group, label in zip(row, groups, labels, strict=True):
        for name, colour in zip(group, COLOURS, strict=False):
            axes.plot(hours, [values[name] for values in rows], color=colour, linewidth=1.0, label=name)
            axes.plot(course.time[::10] / 3600.0, course.all(name)[::10], ".", color=colour, markersize=4)
        axes.set(xlabel="time [h]", ylabel=label)
    row[1].legend(frameon=False, fontsize=8)
    save(figure, "microbial_reactor")


def columns() -> None:
    """Draw the difference between two grids over the cells of the finer one, for each column."""
    found = convergence(build_columns(FOLDER / "columns"))
    figure, axes = plt.subplots(figsize=(5.6, 3.2), layout="constrained")
    for item in found:
        colour = COLOURS[("lumped rate", "lumped pores", "general rate").index(item.column.partition(",")[0])]
        axes.loglog((40, 80), (item.coarse, item.fine), ".-", color=colour, linewidth=0.8)
    top = max(item.coarse for item in found)
    axes.loglog((40, 80), (top, top / 4.0), "k--", linewidth=1.0)
    for label, colour in zip(("lumped rate", "lumped pores", "general rate"), COLOURS, strict=True):
        axes.plot([], [], color=colour, label=label)
    axes.plot([], [], "k--", label="second order")
    axes.set(
        xlabel="cells", ylabel="mean difference to half of the cells [1]", xticks=(40, 80), xticklabels=("40", "80")
    )
    axes.set(yticks=(2e-5, 5e-5, 1e-4, 2e-4, 5e-4), yticklabels=("2e-5", "5e-5", "1e-4", "2e-4", "5e-4"))
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=8)
    save(figure, "columns")


PICTURES: dict[str, Callable[[], None]] = {
    "thaw": of_reference("thaw", "d", [("viability [1]", [1]), ("glucose [mM]", [2]), ("pH", [3])]),
    "seed_reactor": of_reference(
        "seed_reactor", "h", [("viable cells [1/m³]", [1, 11]), ("glucose [mM]", [3, 13]), ("volume [m³]", [0, 10])]
    ),
    "fed_batch_reactor": of_reference(
        "fed_batch_reactor",
        "h",
        [("viable cells [1/m³]", [0]), ("substrates, products [mM]", [2, 3, 4]), ("share of antibody [1]", [10, 11])],
    ),
    "anion_exchange": of_reference(
        "anion_exchange", "min", [("antibody [g/L]", [2, 3]), ("impurities [g/L]", [5, 7]), ("salt [mM]", [1])]
    ),
    "production_reactor": of_reference(
        "production_reactor", "h", [("pH", [0]), ("oxygen over that under air [1]", [2]), ("temperature [K]", [1])]
    ),
    "compartment_reactor": of_reference(
        "compartment_reactor", "min", [("pH", [0, 1]), ("oxygen [1]", [2, 3]), ("glucose [mM]", [4, 5])]
    ),
    "protein_a": of_reference(
        "protein_a", "min", [("antibody [g/L]", [1]), ("host cell protein [g/L]", [2]), ("pH", [0])]
    ),
    "protein_a_general_rate": of_reference(
        "protein_a_general_rate", "min", [("antibody [g/L]", [0, 2]), ("host cell protein [g/L]", [1])]
    ),
    "cation_exchange": of_reference(
        "cation_exchange", "min", [("antibody [g/L]", [1, 2]), ("aggregates [g/L]", [3]), ("salt [mM]", [0])]
    ),
    "virus_inactivation": of_reference(
        "virus_inactivation", "min", [("pH", [0]), ("log reduction [decades]", [1]), ("aggregates [1]", [2])]
    ),
    "osmotic_ultrafiltration": of_reference(
        "osmotic_ultrafiltration", "min", [("antibody [g/L]", [0]), ("histidine [mol]", [3]), ("fouling [1]", [2])]
    ),
    "gel_ultrafiltration": of_reference(
        "gel_ultrafiltration", "min", [("antibody [g/L]", [0]), ("acetate, buffer exchanged [mol]", [1])]
    ),
    "formulation_tank": of_reference(
        "formulation_tank", "d", [("antibody [g/L]", [1]), ("share of antibody [1]", [2, 3]), ("temperature [K]", [0])]
    ),
    "fill_line": of_reference("fill_line", "min", [("volume [m³]", [0]), ("containers", [1])]),
    "ageing_hold": of_reference(
        "ageing_hold", "d", [("antibody [g/L]", [1]), ("share of antibody [1]", [2, 3]), ("volume [m³]", [0])]
    ),
    "probe": of_reference("probe", "min", [("reading [1]", [0])]),
    "glucose_feeder": of_reference("glucose_feeder", "d", [("feed sent [m³]", [0])]),
    **{
        function.__name__: function
        for function in (
            clarification,
            coil,
            counter_current,
            supplies,
            controllers,
            tanks,
            gradients,
            fed_batch,
            perfusion,
            filters,
            columns,
            homogeniser,
            microbial_reactor,
        )
    },
}


if __name__ == "__main__":
    for chosen in sys.argv[1:] or PICTURES:
        PICTURES[chosen]()
        print(f"verified_{chosen}.svg")
