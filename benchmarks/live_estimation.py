"""How well a shadow estimates, forecasts and warns: virtual batches of the fed-batch plant that the twin does not know.

    python benchmarks/live_estimation.py [--batches 50] [--first 0] [--filter ensemble] [--json FILE]
    python benchmarks/live_estimation.py --hours 24

The second form times cycles of 10 minutes with an ensemble of 100, as the shipped shadow has them otherwise.

Each batch draws the truth from what the twin believes beforehand (growth, death, maintenance, lactate, productivity,
oxygen uptake, inoculum, glucose in the feed). Two of five go wrong: in one a wrong lot of feed has less than 40 % of
its glucose, so that the culture runs out of it days later; in the other the feed pump sticks, or the temperature leaves
its set-point, on one of the days 4 to 9, and stays so. A lot is to be warned of 12 h before glucose leaves its limit,
and the others no more than 2 h after their cause can be seen: a flow 0.3 L/h, a temperature 0.5 K off the plan.

Plant, instruments, alignment, twin and lookout are those of ``cosim plant`` and ``cosim shadow``; only the link is left
out. Samples come twice a day, 2 to 6 hours late, with 4 % noise. The filter was made on seeds 100 to 110.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom

import cosim
import cosim.units
from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.live.estimation_section import ENSEMBLE, FILTERS
from cosim.live.fault import Fault, FaultScript, Kind
from cosim.live.fault_file import read_fault_script
from cosim.live.record import Arrival, Sample
from cosim.live.session import Session
from cosim.live.tag import BATCH_TIME, Use
from cosim.shadowing.lookout import Lookout
from cosim.shadowing.outlook import Concern, Health, Outlook
from cosim.shadowing.plant_model import PlantModel
from cosim.shadowing.shadow import Plan, read_plan
from cosim.shadowing.twin import Twin
from cosim.shipped import scenarios_folder

LIVE = scenarios_folder() / "live"
TRUTHS = {
    "reactor.mu_max": (1.0277777777777778e-5, "1/s", 0.04),
    "reactor.kinetics.mu_death": (2.278e-7, "1/s", 0.20),
    "reactor.kinetics.mu_death_old": (2.806e-7, "1/s", 0.20),
    "reactor.kinetics.m_glucose": (4.444e-19, "mol/s", 0.15),
    "reactor.kinetics.Y_lactate": (1.30, "1", 0.08),
    "reactor.kinetics.q_lactate_max": (5.389e-18, "mol/s", 0.15),
    "reactor.kinetics.q_mab_max": (4.708e-19, "kg/s", 0.10),
    "reactor.kinetics.q_oxygen": (6.9e-17, "mol/s", 0.08),
    "reactor.cells_start": (5e11, "1/m3", 0.08),
    "feed.medium.glucose": (176.0, "mol/m3", 0.03),
}
"""What the twin has, and how far the plant is from it: the standard deviation as a share."""
GLUCOSE = "reactor.glucose"
LIMIT = 2.0
"""Of glucose [mmol/L], as in the shadow file."""
DAY = 86_400.0
LEAD = 12.0
"""How long before the limit is left a warning is early enough [h]."""
SOON = 2.0
"""How long after its cause can be seen a warning is early enough [h]."""
LOT, PUMP, TEMPERATURE = "lot", "pump", "temperature"
PLANNED, WITHIN = 36.8, 0.5
"""Temperature of the plan, and how far from it nobody minds, as in the shadow file [degC, K]."""
WALL = 1_000_000_000_000_000_000


@dataclass(frozen=True)
class Options:
    """How big each batch is made; a plant would be followed every 10 minutes. ``filter`` None: as shipped."""

    filter: str | None = None
    members: int | None = None
    cycle: str = "2 h"
    instruments: str = "30 min"
    every: str = "24 h"
    step: str = "12 h"
    forecast_members: int = 6
    days: float = 14.0


@dataclass(frozen=True)
class Outcome:
    """What one batch gave; times in hours."""

    seed: int
    kind: str
    size: float
    seen_at: float | None
    crossed_at: float | None
    warned_at: float | None
    errors: dict[str, float]
    covered: dict[str, bool]
    titre_forecast: float | None
    titre: float
    health: dict[str, float]
    cause: str
    seconds: float


@dataclass(frozen=True)
class Excursion:
    """What goes wrong: ``size`` is the share of its glucose that the feed has, the flow [L/h] or temperature [degC]."""

    kind: str = ""
    size: float = 1.0
    at: float = 0.0
    """Time of the batch [h]."""


def truth(seed: int) -> tuple[dict[str, str], Excursion]:
    """Return the parameters of a plant, and what goes wrong with it."""
    numbers = np.random.default_rng([seed, 8])
    draws = {name: value * (1.0 + share * numbers.standard_normal()) for name, (value, _, share) in TRUTHS.items()}
    size, at = numbers.uniform(), 24.0 * numbers.integers(4, 10)
    excursion = Excursion()
    if seed % 5 == 1:
        excursion = Excursion(LOT, 0.4 * size)
        draws["feed.medium.glucose"] *= excursion.size
    elif seed % 10 == 3:
        excursion = Excursion(PUMP, float(1.2 * size), float(at))
    elif seed % 10 == 8:
        warmer = size < 0.5
        excursion = Excursion(TEMPERATURE, float(38.3 + 1.4 * size if warmer else 33.0 + 3.0 * (size - 0.5)), float(at))
    return {name: f"{float(draws[name])!r} {unit}" for name, (_, unit, _) in TRUTHS.items()}, excursion


def plan_of(options: Options, folder: Path) -> Plan:
    """Return the shipped shadow at the size asked for."""
    plan = read_plan(LIVE / "fed_batch.yaml")
    twin = folder / "twin.yaml"
    twin.write_text((LIVE / "fed_batch_twin.yaml").read_text().replace("step: 10 min", f"step: {options.cycle}"))
    assert plan.file.estimation is not None
    assert plan.file.forecast is not None
    ticks = cosim.units.duration_ticks
    file = replace(
        plan.file,
        scenario=twin,
        cycle=ticks(options.cycle),
        estimation=replace(plan.file.estimation, filter=options.filter, members=options.members),
        forecast=replace(
            plan.file.forecast,
            members=options.forecast_members,
            every=ticks(options.every),
            step=ticks(options.step),
        ),
    )
    every = ticks(options.instruments)
    tags = {name: tag if tag.use is Use.SAMPLES else replace(tag, every=every) for name, tag in plan.tags.tags.items()}
    return replace(plan, file=file, tags=replace(plan.tags, tags=tags))


def script_of(plan: Plan, seed: int, excursion: Excursion | None = None) -> FaultScript:
    """Return ordinary noise, and what goes wrong."""
    script = read_fault_script(LIVE / "fed_batch.faults.yaml", plan.tags.tags)
    settings = {PUMP: ("feed.demand", "L/h"), TEMPERATURE: ("heat.set_point", "degC")}
    faults = []
    if excursion is not None and excursion.kind in settings:
        name, unit = settings[excursion.kind]
        start = to_ticks(3600.0 * excursion.at)
        faults.append(Fault(Kind.SET, start, None, settings={name: f"{excursion.size!r} {unit}"}))
    return replace(script, faults=tuple(faults), seed=seed)


@dataclass
class Course:
    """What is true at the end of each cycle, and when the temperature has left its plan after ``since`` [h]."""

    names: dict[str, Any]
    since: float = math.inf
    true: list[dict[str, float]] = field(default_factory=list)
    off_at: float | None = None

    def note(self, plant: cosim.OpenExecution) -> None:
        """Note the truth now."""
        self.true.append({name: plant[name] * change.factor + change.offset for name, change in self.names.items()})

    def watch(self, plant: cosim.OpenExecution, hour: float) -> None:
        """Note when the temperature is off."""
        if self.off_at is None and hour > self.since and abs(plant["reactor.temperature"] - 273.15 - PLANNED) > WITHIN:
            self.off_at = hour


def arrivals(model: PlantModel, plant: cosim.OpenExecution, plan: Plan, days: float, course: Course
             ) -> Iterator[Arrival]:  # fmt: skip
    """Yield what the plant sends; note the truth."""
    cycle = plan.file.cycle
    for i in range(1, round(to_ticks(days * DAY) / cycle) + 1):
        for told in model.advance(Ticks(i * cycle)):
            course.watch(plant, told.time / 3.6e12)
            wall = WALL + told.time
            values = [Sample(r.tag, WALL + r.taken, WALL + r.reported, wall, r.value, r.status) for r in told.readings]
            yield (*values, Sample(BATCH_TIME, wall, wall, wall, to_seconds(told.time), 0))
        course.note(plant)


def run_batch(seed: int, options: Options) -> Outcome:
    """Follow one virtual batch from its first to its last day."""
    parameters, excursion = truth(seed)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        plan = plan_of(options, Path(name))
        with (
            cosim.open(LIVE / "fed_batch_plant.yaml", parameters) as plant,
            cosim.open(plan.file.scenario) as execution,
        ):
            model = PlantModel(plant, plan.tags.tags, script_of(plan, seed, excursion))
            lookout = Lookout(plan.file, plan.tags, execution, Path(name))
            course = Course({item.name: item.change for item in lookout.estimator.setup.outputs}, excursion.at)
            try:
                outlooks = follow(arrivals(model, plant, plan, options.days, course), plan, execution, lookout)
            finally:
                lookout.close()
    return judged(seed, excursion, outlooks, course, time.process_time() - began)


def follow(told: Iterator[Arrival], plan: Plan, execution: cosim.OpenExecution, lookout: Lookout) -> list[Outlook]:
    """Return the outlooks."""
    twin, session = Twin(execution, plan.tags), Session(plan.tags, plan.file.cycle)
    return [lookout.look(twin.follow(cycle)) for arrival in told for cycle in session.feed(arrival)]


def judged(seed: int, excursion: Excursion, outlooks: list[Outlook], course: Course, seconds: float) -> Outcome:
    """Return how far the outlooks were from the truth."""
    shares: dict[str, list[float]] = {}
    covered = {}
    true, middle = course.true, len(outlooks) * 3 // 4
    for i, (outlook, values) in enumerate(zip(outlooks, true, strict=False)):
        for item in outlook.estimates:
            shares.setdefault(item.name, []).append(abs(item.value / values[item.name] - 1.0))
            if i == middle:
                covered[item.name] = item.low <= values[item.name] <= item.high
    hours = [outlook.time / 3.6e12 for outlook in outlooks]
    crossed = [hour for hour, values in zip(hours, true, strict=False) if values[GLUCOSE] < LIMIT]
    seen = {PUMP: excursion.at, TEMPERATURE: course.off_at}.get(excursion.kind)
    warned = [(hour, f"{alert.text} {alert.cause}".strip()) for hour, outlook in zip(hours, outlooks, strict=True)
              for alert in outlook.alerts if alert.concern in (Concern.LIMIT, Concern.DEVIATION)]  # fmt: skip
    half = next((outlook for outlook in outlooks if to_seconds(outlook.time) >= 7 * DAY), None)
    forecast = next((c for c in half.forecast if c.name == "reactor.titre"), None) if half is not None else None
    return Outcome(
        seed, excursion.kind, excursion.size, seen, crossed[0] if crossed else None,
        warned[0][0] if warned else None, {name: float(np.median(items)) for name, items in shares.items()}, covered,
        None if forecast is None else forecast.middle[-1], true[-1]["reactor.titre"],
        {health.value: sum(outlook.health is health for outlook in outlooks) / len(outlooks) for health in Health},
        warned[-1][1] if warned else "", seconds,
    )  # fmt: skip


def is_in_time(outcome: Outcome) -> bool:
    """Tell whether a batch that went wrong was warned of early enough."""
    warned = outcome.warned_at
    if warned is None:
        return False
    if outcome.seen_at is not None:
        return outcome.seen_at <= warned <= outcome.seen_at + SOON
    return outcome.crossed_at is not None and warned <= outcome.crossed_at - LEAD


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the figures that the promises are about."""
    n = len(outcomes)
    names = list(outcomes[0].errors)
    covered = {name: sum(outcome.covered[name] for outcome in outcomes) for name in names}
    least, most = binom.ppf(0.005, n, 0.95), binom.ppf(0.995, n, 0.95)
    wrong = [item for item in outcomes if item.crossed_at is not None or item.seen_at is not None]
    good = [item for item in outcomes if item not in wrong]
    told = [outcome for outcome in outcomes if outcome.titre_forecast is not None]
    lots = [item for item in wrong if item.seen_at is None and item.warned_at is not None]
    return {
        "batches": n,
        "median_error": {name: float(np.median([outcome.errors[name] for outcome in outcomes])) for name in names},
        "covered": covered,
        "covered_allowed": [float(least), float(most)],
        "titre_forecast_errors_day_7": [abs(item.titre_forecast / item.titre - 1.0) for item in told],  # type: ignore[operator]
        "excursions": {kind: sum(item.kind == kind for item in wrong) for kind in (LOT, PUMP, TEMPERATURE)},
        "warned_in_time": {
            kind: sum(item.kind == kind and is_in_time(item) for item in wrong) for kind in (LOT, PUMP, TEMPERATURE)
        },
        "lead_hours": sorted(item.crossed_at - item.warned_at for item in lots),  # type: ignore[operator]
        "hours_after_seen": sorted(
            item.warned_at - item.seen_at for item in wrong if item.seen_at is not None and item.warned_at is not None
        ),
        "good_batches": len(good),
        "false_alarms": sum(outcome.warned_at is not None for outcome in good),
        "health": {name: float(np.mean([item.health[name] for item in outcomes])) for name in outcomes[0].health},
        "good_batches_once_bad": sum(item.health["bad"] > 0.0 for item in good),
        "seconds_of_processor": float(np.mean([item.seconds for item in outcomes])),
    }


def time_cycles(hours: float, members: int = 100) -> dict[str, float]:
    """Return what a cycle of the shipped shadow takes with so many members, of the processor and the wall [s]."""
    plan = read_plan(LIVE / "fed_batch.yaml")
    assert plan.file.estimation is not None
    estimation = replace(plan.file.estimation, filter=ENSEMBLE, members=members)
    plan = replace(plan, file=replace(plan.file, estimation=estimation))
    took: list[tuple[float, float]] = []
    with (
        tempfile.TemporaryDirectory() as name,
        cosim.open(LIVE / "fed_batch_plant.yaml", truth(0)[0]) as plant,
        cosim.open(plan.file.scenario) as execution,
    ):
        model = PlantModel(plant, plan.tags.tags, script_of(plan, 0))
        twin, session = Twin(execution, plan.tags), Session(plan.tags, plan.file.cycle)
        lookout = Lookout(plan.file, plan.tags, execution, Path(name))
        for arrival in arrivals(model, plant, plan, hours / 24.0, Course({})):
            for cycle in session.feed(arrival):
                began = time.process_time(), time.perf_counter()
                lookout.look(twin.follow(cycle))
                took.append((time.process_time() - began[0], time.perf_counter() - began[1]))
        lookout.close()
    cpu, wall = np.array(took).T
    return {
        "cycles": len(took), "members": members,
        "cpu_median": float(np.median(cpu)), "cpu_p99": float(np.quantile(cpu, 0.99)),
        "wall_median": float(np.median(wall)), "wall_p99": float(np.quantile(wall, 0.99)),
    }  # fmt: skip


def main() -> None:
    """Run all batches, one after another; write what is known after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="seed of the first batch")
    parser.add_argument("--filter", choices=FILTERS, help="instead of that of the shipped shadow")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--hours", type=float, help="time cycles over so many hours of a batch instead")
    arguments = parser.parse_args()
    if arguments.hours is not None:
        print(json.dumps(time_cycles(arguments.hours), indent=1))
        return
    options, outcomes = Options(filter=arguments.filter), []
    for seed in range(arguments.first, arguments.first + arguments.batches):
        outcomes.append(run_batch(seed, options))
        print(seed, asdict(outcomes[-1]), file=sys.stderr, flush=True)
        document = {"options": asdict(options), **summary(outcomes), "outcomes": [asdict(item) for item in outcomes]}
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps({key: value for key, value in document.items() if key != "outcomes"}, indent=1))


if __name__ == "__main__":
    main()
