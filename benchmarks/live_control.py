"""What a twin that advises and acts brings, and whether it ever writes what it must not.

    python benchmarks/live_control.py advised [--batches 20] [--json FILE]
    python benchmarks/live_control.py faulty [--batches 100] [--json FILE]

``advised``: batches of the fed-batch plant whose growth, inoculum and feed vary, each once with the feed and the
temperature of its recipe and once under control of a twin that believes in the same culture every time. ``faulty``:
batches of a small plant whose instruments, operators and set-points fail at random, whose set-points may have 32 bits
or stick, and whose shadow is interrupted and armed again, once in a while or over and over, under control of an advisor
that asks for absurd things. Plant and shadow run in one process, in turn; every write is counted and compared with
range and rate. Batches that ``--json`` has already are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from live_plant import kettle, write_kettle
from lockstep import Lockstep

import cosim
from cosim.acting import joining
from cosim.acting.actor import AbstractAdvisor
from cosim.acting.advice import Advice, Gain, Move
from cosim.acting.joining import joined
from cosim.audit.trail import begin
from cosim.clock import to_ticks
from cosim.live.endpoint import Endpoint
from cosim.live.fault import Fault, FaultScript, Kind
from cosim.live.fault_file import read_fault_script
from cosim.shadowing.plant_model import PlantModel
from cosim.shadowing.shadow import Listeners, Plan, read_plan, shadow
from cosim.shipped import scenarios_folder

LIVE = scenarios_folder() / "live"


def follow(plan: Plan, step: Lockstep, out: str, *, is_resumed: bool = False) -> tuple[list[Advice], str]:
    """Let a shadow of ``plan`` control the plant of ``step``; return what was advised, and how control ended."""
    given, told = [], []
    folder = {"resume": Path(out)} if is_resumed else {"out": out}
    with joined(plan, step, "benchmark", advised=given.append, acted=told.append) as joint:
        step.latest = lambda: joint.pulse.latest
        listeners = Listeners(makers=[joint.made, step.made], arrived=joint.pulse.see, should_stop=step.should_stop,
                              resumed=joint.pulse.go_on)  # fmt: skip
        shadow(plan, Endpoint("opc.tcp://nowhere"), link=step.link, actuator=step, listeners=listeners, **folder)
    states = [action.text for action in told if action.kind == "state"]
    return given, states[-1]


def outside(plan: Plan, moved: list[tuple[str, float, float, int]]) -> int:
    """Return how many writes were outside range or rate, which counts since the write before, by whatever session."""
    found, last = 0, {}
    for tag, value, before, moment in moved:
        move = plan.acting.moves[tag]
        passed = min(plan.file.cycle, moment - last.get(tag, 0))
        allowed = move.rate * passed / move.per + 1e-9 * (move.high - move.low)
        found += not move.low <= value <= move.high or abs(value - before) > allowed
        last[tag] = moment
    return found


def varied(rng: random.Random) -> dict[str, str]:
    """Return the parameters of another batch."""
    return {
        "reactor.mu_max": f"{0.0355 * rng.uniform(0.94, 1.06):.6f} 1/h",
        "reactor.cells_start": f"{0.48 * rng.uniform(0.85, 1.15):.5f}e6/mL",
        "feed.medium.glucose": f"{176 * rng.uniform(0.9, 1.1):.3f} mol/m3",
        "feed.medium.amino_acids": f"{150 * rng.uniform(0.9, 1.1):.3f} mol/m3",
    }


def advised_batch(seed: int) -> dict[str, Any]:
    """Run a batch with and without advice."""
    plan = read_plan(LIVE / "fed_batch_control.yaml")
    parameters = varied(random.Random(seed))
    script = replace(read_fault_script(LIVE / "fed_batch.faults.yaml", plan.tags.tags), seed=seed, faults=())
    began = time.process_time()
    with cosim.open(LIVE / "fed_batch_plant.yaml", parameters) as fixed:
        fixed.run_until("14 d")
        titre = fixed["reactor.titre"]
    with cosim.open(LIVE / "fed_batch_plant.yaml", parameters) as plant, tempfile.TemporaryDirectory() as out:
        step = Lockstep(PlantModel(plant, plan.tags.tags, script), plan.file.cycle, 14 * 144 + 1)
        given, end = follow(plan, step, out)
        found = plant["reactor.titre"]
    return {
        "seed": seed, "parameters": parameters, "titre_fixed_g_per_L": titre, "titre_advised_g_per_L": found,
        "gain": found / titre - 1.0, "expected": [advice.gain.relative for advice in given],
        "writes": len(step.moved), "outside": outside(plan, step.moved), "end": end,
        "processor_s": time.process_time() - began,
    }  # fmt: skip


ACT = """\
shadow: kettle
scenario: kettle.yaml
tags: kettle.tags.yaml
cycle: 1 min
act:
  mode: control
  moves: {SP1: {sets: kettle.heat, range: [0.2 kW, 2 kW], rate: 0.1 kW per 1 min, safe: 0.5 kW}}
  heartbeat: {tag: BEAT, every: 1 s, timeout: 5 s}
  hand_over: 10 min
"""
BEAT = "  BEAT: {limits: [0, 10000], writable: true}\n"


class Absurd(AbstractAdvisor):
    """Asks for anything."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def follow(self, compared: Any) -> None:  # noqa: ANN401, D102
        pass

    def advise(self, compared: Any, pulse: Any) -> Advice | None:  # noqa: ANN401, D102
        if self._rng.random() < 0.5:
            return None
        to = self._rng.choice([1e300, -1e300, self._rng.uniform(-5.0, 5.0), self._rng.uniform(0.2, 2.0)])
        move = Move("SP1", "kW", 1.0, to, to, 0.2, 2.0)
        return Advice(
            compared.cycle.number, compared.cycle.end, (move,), compared.cycle.end, compared.cycle.end, 1.0, 1.0,
            Gain(0.0, 0.0, 0.0, 0.1, None), 0.0, 0.0, True, "", 1,
        )  # fmt: skip

    def renew(self) -> None:  # noqa: D102
        pass

    def close(self) -> None:  # noqa: D102
        pass


def random_faults(rng: random.Random, n_s: float) -> tuple[Fault, ...]:
    """Return up to six faults of instruments, set-points and operators."""
    kinds = [Kind.BIAS, Kind.DRIFT, Kind.FREEZE, Kind.DROPOUT, Kind.SILENCE, Kind.UNCERTAIN, Kind.REFUSE, Kind.IGNORE,
             Kind.OPERATE]  # fmt: skip
    found = []
    for _ in range(rng.randint(1, 6)):
        kind = rng.choice(kinds)
        set_point = kind in (Kind.REFUSE, Kind.IGNORE, Kind.OPERATE)
        tag = "SP1" if set_point else rng.choice(["TT1", "QT1", "SP1"])
        size = rng.uniform(0.0, 3.0) if set_point else rng.uniform(-50.0, 50.0)
        start, length = rng.uniform(0.0, n_s), rng.uniform(60.0, n_s / 2)
        found.append(Fault(kind, to_ticks(start), to_ticks(length), tag, size, to_ticks(60.0)))
    return tuple(sorted(found, key=lambda fault: fault.start))


def sessions(rng: random.Random, n: int) -> list[tuple[int, int]]:
    """Return from which cycle to which each session goes: one, a few with gaps, or over and over."""
    kind = rng.choice(["one", "few", "loop"])
    if kind == "one":
        return [(0, n)]
    found, first = [], 0
    while first < n and len(found) < 25:
        last = first + (rng.randint(2, 5) if kind == "loop" else rng.randint(15, 60))
        found.append((first, min(last, n)))
        first = last + (rng.choice([0, 0, 1]) if kind == "loop" else rng.randint(0, 15))
    return found


def faulty_batch(seed: int, folder: Path) -> dict[str, Any]:
    """Run a batch in which much goes wrong."""
    rng = random.Random(seed)
    write_kettle(folder)
    (folder / "kettle.tags.yaml").write_text((folder / "kettle.tags.yaml").read_text() + BEAT)
    (folder / "s.yaml").write_text(ACT)
    plan = read_plan(folder / "s.yaml", {"kettle": kettle})
    script = FaultScript(seed, {}, random_faults(rng, 7200.0))
    joining.advisor_of = lambda plan, ground, last: Absurd(rng)  # type: ignore[attr-defined]
    parts, is_single, stick = sessions(rng, 120), rng.random() < 0.5, rng.choice([0.0, 0.0, 0.0, 0.01])
    moved, ends = [], []
    with cosim.open(folder / "kettle.yaml", components={"kettle": kettle}) as plant:
        model = PlantModel(plant, plan.tags.tags, script)
        with tempfile.TemporaryDirectory() as out:
            for first, last in parts:
                step = Lockstep(model, plan.file.cycle, last, first=first, is_single=is_single, stick=stick)
                ends.append(follow(plan, step, out, is_resumed=first > 0)[1])
                moved += step.moved
    return {"seed": seed, "faults": [f.kind.value for f in script.faults], "bits": 32 if is_single else 64,
            "sticks": stick > 0.0, "sessions": len(parts), "writes": len(moved), "outside": outside(plan, moved),
            "handed_over": sum(not end.endswith("the shadow ends.") for end in ends)}  # fmt: skip


def main() -> None:
    """Run what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["advised", "faulty"])
    parser.add_argument("--batches", type=int)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    n = arguments.batches or (20 if arguments.what == "advised" else 100)
    found = known_batches(arguments.what, arguments.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begin(folder / "trail")
        os.environ["COSIM_AUDIT"] = str(folder / "trail")
        for seed in range(len(found), n):
            found.append(advised_batch(seed) if arguments.what == "advised" else faulty_batch(seed, folder))
            print(json.dumps(found[-1]), flush=True)
            summary = summed(arguments.what, found)
            if arguments.json is not None:
                told = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
                told[arguments.what] = {**summary, "batches": found}
                lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(told.items())]
                arguments.json.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(json.dumps(summed(arguments.what, found), indent=1))


KINDS = {
    "n_32_bits": lambda item: item["bits"] == 32,
    "n_sticking": lambda item: item["sticks"],
    "n_interrupted": lambda item: item["sessions"] > 1,
    "n_handed_over": lambda item: item["handed_over"] > 0,
}
"""What a batch of ``faulty`` may be."""


def known_batches(what: str, file: Path | None) -> list[dict[str, Any]]:
    """Return the batches that were run before: those that are missing are run."""
    told = json.loads(file.read_text()) if file is not None and file.exists() else {}
    return list(told.get(what, {}).get("batches", []))


def summed(what: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what all batches together say."""
    total = {"n": len(found), "writes": sum(item["writes"] for item in found),
             "outside": sum(item["outside"] for item in found)}  # fmt: skip
    if what == "faulty":
        total |= {"sessions": sum(item["sessions"] for item in found)}
        total |= {name: sum(test(item) for item in found) for name, test in KINDS.items()}
    if what == "advised":
        gains = [item["gain"] for item in found]
        total |= {"mean_gain": sum(gains) / len(gains), "least_gain": min(gains), "most_gain": max(gains)}
    return total


if __name__ == "__main__":
    main()
