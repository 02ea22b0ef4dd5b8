"""How well a shadow estimates, forecasts and warns: virtual batches of the fed-batch plant that the twin does not know.

    python benchmarks/live_estimation.py [--batches 50] [--json FILE]
    python benchmarks/live_estimation.py --hours 24

The second form times cycles of 10 minutes with an ensemble of 100, as the shipped shadow has them otherwise.

Each batch draws the truth from what the twin believes beforehand (growth, death, maintenance, lactate, productivity,
oxygen uptake, inoculum, glucose in the feed). In two of five a wrong lot of feed has less than 40 % of its glucose, so
that the culture runs out of it days later. Plant, instruments, alignment, twin and lookout are those of ``cosim plant``
and ``cosim shadow``; only the link is left out. Samples come twice a day, 2 to 6 hours late, with 4 % noise.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom

import cosim
import cosim.units
from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.live.fault import FaultScript
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
WALL = 1_000_000_000_000_000_000


@dataclass(frozen=True)
class Options:
    """How big each batch is made; a plant would be followed every 10 minutes by 100 members."""

    members: int = 40
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
    glucose_in_feed: float
    crossed_at: float | None
    warned_at: float | None
    errors: dict[str, float]
    covered: dict[str, bool]
    titre_forecast: float | None
    titre: float
    bad: float
    cause: str
    seconds: float


def truth(seed: int) -> tuple[dict[str, str], float]:
    """Return the parameters of a plant, and what share of its glucose the feed has."""
    numbers = np.random.default_rng([seed, 8])
    draws = {name: value * (1.0 + share * numbers.standard_normal()) for name, (value, _, share) in TRUTHS.items()}
    left = numbers.uniform(0.0, 0.4) if seed % 5 in (1, 3) else 1.0
    draws["feed.medium.glucose"] *= left
    return {name: f"{float(draws[name])!r} {unit}" for name, (_, unit, _) in TRUTHS.items()}, float(left)


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
        estimation=replace(plan.file.estimation, members=options.members),
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


def script_of(plan: Plan, seed: int) -> FaultScript:
    """Return ordinary noise."""
    script = read_fault_script(LIVE / "fed_batch.faults.yaml", plan.tags.tags)
    return replace(script, faults=(), seed=seed)


def arrivals(model: PlantModel, plant: cosim.OpenExecution, plan: Plan, days: float, true: list[dict[str, float]],
             names: dict[str, Any]) -> Iterator[Arrival]:  # fmt: skip
    """Yield what the plant sends; note the truth at the end of each cycle."""
    cycle = plan.file.cycle
    for i in range(1, round(to_ticks(days * DAY) / cycle) + 1):
        for told in model.advance(Ticks(i * cycle)):
            wall = WALL + told.time
            values = [Sample(r.tag, WALL + r.taken, WALL + r.reported, wall, r.value, r.status) for r in told.readings]
            yield (*values, Sample(BATCH_TIME, wall, wall, wall, to_seconds(told.time), 0))
        true.append({name: plant[name] * change.factor + change.offset for name, change in names.items()})


def run_batch(seed: int, options: Options) -> Outcome:
    """Follow one virtual batch from its first to its last day."""
    parameters, left = truth(seed)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        plan = plan_of(options, Path(name))
        with (
            cosim.open(LIVE / "fed_batch_plant.yaml", parameters) as plant,
            cosim.open(plan.file.scenario) as execution,
        ):
            model = PlantModel(plant, plan.tags.tags, script_of(plan, seed))
            lookout = Lookout(plan.file, plan.tags, execution, Path(name))
            try:
                outlooks, true = follow(model, plant, plan, execution, lookout, options)
            finally:
                lookout.close()
    return judged(seed, left, outlooks, true, time.perf_counter() - began)


def follow(
    model: PlantModel, plant: cosim.OpenExecution, plan: Plan, execution: cosim.OpenExecution, lookout: Lookout,
    options: Options,
) -> tuple[list[Outlook], list[dict[str, float]]]:  # fmt: skip
    """Return the outlooks, and the truth at the ends of the cycles."""
    twin, session = Twin(execution, plan.tags), Session(plan.tags, plan.file.cycle)
    names = {item.name: item.change for item in lookout.estimator.setup.outputs}
    outlooks: list[Outlook] = []
    true: list[dict[str, float]] = []
    for arrival in arrivals(model, plant, plan, options.days, true, names):
        outlooks += [lookout.look(twin.follow(cycle)) for cycle in session.feed(arrival)]
    return outlooks, true


def judged(seed: int, left: float, outlooks: list[Outlook], true: list[dict[str, float]], seconds: float) -> Outcome:
    """Return how far the outlooks were from the truth."""
    shares: dict[str, list[float]] = {}
    covered = {}
    middle = len(outlooks) * 3 // 4
    for i, (outlook, values) in enumerate(zip(outlooks, true, strict=False)):
        for item in outlook.estimates:
            shares.setdefault(item.name, []).append(abs(item.value / values[item.name] - 1.0))
            if i == middle:
                covered[item.name] = item.low <= values[item.name] <= item.high
    hours = [outlook.time / 3.6e12 for outlook in outlooks]
    crossed = [hour for hour, values in zip(hours, true, strict=False) if values[GLUCOSE] < LIMIT]
    warned = [(hour, alert.cause) for hour, outlook in zip(hours, outlooks, strict=True) for alert in outlook.alerts
              if alert.concern is Concern.LIMIT]  # fmt: skip
    half = next((outlook for outlook in outlooks if to_seconds(outlook.time) >= 7 * DAY), None)
    forecast = next((c for c in half.forecast if c.name == "reactor.titre"), None) if half is not None else None
    return Outcome(
        seed, left, crossed[0] if crossed else None,
        warned[0][0] if warned else None, {name: float(np.median(items)) for name, items in shares.items()}, covered,
        None if forecast is None else forecast.middle[-1], true[-1]["reactor.titre"],
        sum(outlook.health is Health.BAD for outlook in outlooks) / len(outlooks), warned[-1][1] if warned else "",
        seconds,
    )  # fmt: skip


def is_in_time(outcome: Outcome) -> bool:
    """Tell whether a batch that left the limit was warned of early enough."""
    if outcome.crossed_at is None or outcome.warned_at is None:
        return outcome.crossed_at is None
    return outcome.crossed_at - outcome.warned_at >= LEAD


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the figures that the promises are about."""
    n = len(outcomes)
    names = list(outcomes[0].errors)
    covered = {name: sum(outcome.covered[name] for outcome in outcomes) for name in names}
    least, most = binom.ppf(0.005, n, 0.95), binom.ppf(0.995, n, 0.95)
    crossing = [outcome for outcome in outcomes if outcome.crossed_at is not None]
    good = [outcome for outcome in outcomes if outcome.crossed_at is None]
    told = [outcome for outcome in outcomes if outcome.titre_forecast is not None]
    leads = [item.crossed_at - item.warned_at for item in crossing if item.warned_at is not None and item.crossed_at]
    return {
        "batches": n,
        "median_error": {name: float(np.median([outcome.errors[name] for outcome in outcomes])) for name in names},
        "covered": covered,
        "covered_allowed": [float(least), float(most)],
        "titre_forecast_errors_day_7": [abs(item.titre_forecast / item.titre - 1.0) for item in told],  # type: ignore[operator]
        "excursions": len(crossing),
        "warned_in_time": sum(is_in_time(outcome) for outcome in crossing),
        "lead_hours": sorted(leads),
        "good_batches": len(good),
        "false_alarms": sum(outcome.warned_at is not None for outcome in good),
        "bad_share": float(np.mean([outcome.bad for outcome in outcomes])),
    }


def time_cycles(hours: float, members: int = 100) -> dict[str, float]:
    """Return what a cycle of the shipped shadow takes with so many members, of the processor and the wall [s]."""
    plan = read_plan(LIVE / "fed_batch.yaml")
    assert plan.file.estimation is not None
    plan = replace(plan, file=replace(plan.file, estimation=replace(plan.file.estimation, members=members)))
    took: list[tuple[float, float]] = []
    with (
        tempfile.TemporaryDirectory() as name,
        cosim.open(LIVE / "fed_batch_plant.yaml", truth(0)[0]) as plant,
        cosim.open(plan.file.scenario) as execution,
    ):
        model = PlantModel(plant, plan.tags.tags, script_of(plan, 0))
        twin, session = Twin(execution, plan.tags), Session(plan.tags, plan.file.cycle)
        lookout = Lookout(plan.file, plan.tags, execution, Path(name))
        for arrival in arrivals(model, plant, plan, hours / 24.0, [], {}):
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
    parser.add_argument("--json", type=Path)
    parser.add_argument("--hours", type=float, help="time cycles over so many hours of a batch instead")
    arguments = parser.parse_args()
    if arguments.hours is not None:
        print(json.dumps(time_cycles(arguments.hours), indent=1))
        return
    options, outcomes = Options(), []
    for seed in range(arguments.batches):
        outcomes.append(run_batch(seed, options))
        print(seed, asdict(outcomes[-1]), file=sys.stderr, flush=True)
        document = {"options": asdict(options), **summary(outcomes), "outcomes": [asdict(item) for item in outcomes]}
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps({key: value for key, value in document.items() if key != "outcomes"}, indent=1))


if __name__ == "__main__":
    main()
