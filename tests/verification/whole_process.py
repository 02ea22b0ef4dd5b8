"""The shipped mAb scenario: its steps against their target, and its balance at several communication steps."""

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from library_fmu import REPOSITORY
from verification.check import Check, Fmus
from verification.flagship import PLACES, TARGET

import cosim

SCENARIO = REPOSITORY / "scenarios" / "mab_fed_batch.yaml"
STEPS = {
    "fine": {"1 h": "30 min", "10 min": "5 min", "10 s": "5 s", "5 s": "2 s"},
    "shipped": {},
    "coarse": {"10 min": "30 min", "1 min": "5 min", "10 s": "60 s", "5 s": "30 s"},
}
"""Communication steps instead of those the scenario is shipped with."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the target: streams in and out, yield, and what the pool holds [L], [kg]."""

    name: str
    source: str
    target: str
    product: float
    pool: float
    mass: float


TRAIN = (
    Step("clarification", "reactor.harvest => centrifuge.feed", "depth_filter.permeate => hold.inlet", 0.96, 2077, 8.0),
    Step("Protein A", "hold.outlet => capture.load", "divert.collect => pool.inlet", 0.96, 509, 7.7),
    Step("low pH", "divert.collect => pool.inlet", "pool.outlet => cation.load", 0.985, 550, 7.6),
    Step("cation exchange", "pool.outlet => cation.load", "cation_divert.collect => cation_pool.inlet", 0.92, 384, 7.0),
    Step("anion exchange", "cation_pool.outlet => anion.load", "anion_divert.collect => anion_pool.inlet", 0.97, 442,
         6.8),
    Step("virus filtration", "anion_pool.outlet => virus_filter.feed", "virus_filter.permeate => ufdf.inlet", 0.985,
         455, 6.7),
    Step("UF/DF", "virus_filter.permeate => ufdf.inlet", "ufdf.outlet => sterile_filter.feed", 0.965, 64, 6.4),
    Step("sterile filter and fill", "ufdf.outlet => sterile_filter.feed", "line.filled => product", 0.985, 63.5, 6.35),
)  # fmt: skip
"""An engineering target, not published data."""

PROTEIN = (
    ("Protein A pool, 300 to 3,000", "divert.collect => pool.inlet", 300.0, 3000.0),
    ("after cation exchange, below 200", "cation_divert.collect => cation_pool.inlet", 0.0, 200.0),
    ("filled bulk, below 10", "line.filled => product", 0.0, 10.0),
)
"""Host cell protein per antibody [ppm]: streams and the range that published processes keep within."""


def run_with(steps: dict[str, str], folder: Path) -> cosim.Result:
    """Run the scenario with other communication steps."""
    scenario = folder / "mab_fed_batch.yaml"
    text = SCENARIO.read_text(encoding="utf-8")
    text = re.sub(r"(?<=step: )\d+ \w+", lambda match: steps.get(match[0], match[0]), text)
    scenario.write_text(text, encoding="utf-8")
    return cosim.run(scenario, out=folder / "run")


def course_of(result: cosim.Result) -> list[Check]:
    """The culture at harvest, which a seed train has inoculated: within 15 %, the titre within 5 %."""
    harvest = next(phase.start for phase in result.phases if phase.phase == "harvest") / 1e9
    checks = []
    for name, expected in TARGET[14].items():
        signal = result[f"reactor.{name}"]
        reached = signal.values[signal.time <= harvest][-1] / PLACES.get(name, 1.0)
        checks.append(Check(f"day 14: {name}", expected, reached, 0.05 if name == "titre" else 0.15))
    return checks


def train_of(result: cosim.Result) -> list[Check]:
    """Yield, pool and product of every step within 10 %; host cell protein within ranges."""
    mab, volume, hcp = (result.ledger[species].streams for species in ("mab", "volume", "hcp"))
    checks = []
    for step in TRAIN:
        checks.append(Check(f"{step.name}: yield", step.product, mab[step.target] / mab[step.source], 0.10))
        checks.append(Check(f"{step.name}: pool [L]", step.pool, 1e3 * volume[step.target], 0.10))
        checks.append(Check(f"{step.name}: antibody [kg]", step.mass, mab[step.target], 0.10))
    overall = mab["line.filled => product"] / mab["reactor.harvest => centrifuge.feed"]
    checks.append(Check("overall yield, 65 to 80 %", 0.725, overall, 0.075, is_absolute=True))
    for where, stream, least, most in PROTEIN:
        middle, half = (most + least) / 2, (most - least) / 2
        ppm = 1e6 * hcp[stream] / mab[stream]
        checks.append(Check(f"host cell protein, {where} [ppm]", middle, ppm, half, is_absolute=True))
    return checks


def closures_of(result: cosim.Result, name: str) -> list[Check]:
    """Closure of every species over the flowsheet and over each unit."""
    books = result.ledger.values()
    found = {
        "flowsheet": [book.flowsheet for book in books],
        "worst unit": [entry for book in books for entry in book.units.values()],
    }
    return [
        Check(f"closure, {whole}, {name} steps", 0.0, max(entry.closure for entry in entries), 1e-9, is_absolute=True)
        for whole, entries in found.items()
    ]


def train_checks(_: Fmus) -> list[Check]:
    """Culture at harvest and every step of the purification, as shipped."""
    with TemporaryDirectory() as folder:
        result = run_with({}, Path(folder))
        return [*course_of(result), *train_of(result)]


def whole_process_checks(_: Fmus) -> list[Check]:
    """Closures, and the product that is filled, at three sets of communication steps."""
    checks, filled = [], {}
    for name, steps in STEPS.items():
        with TemporaryDirectory() as folder:
            result = run_with(steps, Path(folder))
            checks += closures_of(result, name)
            mab = result.ledger["mab"].streams
            filled[name] = mab["line.filled => product"] / mab["reactor.harvest => centrifuge.feed"]
    spread = max(filled.values()) - min(filled.values())
    checks.append(Check("spread of the overall yield over the steps", 0.0, spread, 5e-3, is_absolute=True))
    return checks
