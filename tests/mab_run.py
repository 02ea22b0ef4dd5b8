"""A made-up run with the shape of the mAb flowsheet, played to observers as the engine would; no FMU, no engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.execution.observer import AbstractObserver, Progress
from cosim.execution.outcome import ComponentCost, Happening, LedgerEntry, Outcome, PhaseRecord, SpeciesLedger
from cosim.results import FmuRecord, ResultWriter, RunHeader
from cosim.results.records import ExpectationRecord
from cosim.system.component import Component, ComponentDescription
from cosim.system.experiment import Comparison, Duration, Experiment, Phase, PhaseStep, Until
from cosim.system.stream import PortName, Stream
from cosim.system.structure import Connection, SystemStructure
from cosim.system.variable import Causality, Variable, VariableName

DAY, HOUR = 86_400.0, 3_600.0
OUT, LOCAL, PARAMETER = Causality.OUTPUT, Causality.LOCAL, Causality.PARAMETER

SCENARIO_TEXT = """\
scenario: mab_fed_batch
description: 2,000 L fed-batch mAb process, bioreactor to Protein A pool
components:
  reactor: {source: modelica:BioProcess.Fmus.FedBatchReactor}
record: [reactor.*, capture.outlet.*]
"""

STREAMS = (
    ("feeder.outlet", "reactor.feed"),
    ("reactor.harvest", "centrifuge.feed"),
    ("centrifuge.centrate", "hold.inlet"),
    ("centrifuge.solids", None),
    ("hold.outlet", "capture.load"),
    ("buffers.outlet", "capture.buffer"),
    ("capture.outlet", "divert.inlet"),
    ("divert.collect", "pool.inlet"),
    ("divert.rest", None),
)
VOLUMES = (0.531, 2.008, 1.972, 0.036, 1.972, 4.071, 6.043, 0.509, 5.534)  # [m3]
PRODUCT = (0.0, 8.233, 8.085, 0.148, 8.085, 0.0, 7.931, 7.853, 0.078)  # [kg]


def _v(
    name: str,
    unit: str | None,
    display: str | None = None,
    description: str = "",
    causality: Causality = OUT,
) -> Variable:
    return Variable(name, causality, unit=unit, display_unit=display, description=description)


def _outlet(port: str, species: Sequence[str]) -> list[Variable]:
    units = {"mab": ("kg/m3", "g/L"), "sodium": ("mol/m3", "mmol/L"), "hcp": ("kg/m3", "g/L")}
    return [
        _v(f"{port}.V_flow", "m3/s", "L/h", "Volume flow"),
        _v(f"{port}.T", "K", "degC", "Temperature"),
        *(_v(f"{port}.c_{name}", *units[name], f"Concentration of {name}") for name in species),
        _v(f"{port}.V_total", "m3", "L", "Volume passed since the start"),
        *(_v(f"{port}.m_{name}_total", "kg", None, f"Amount of {name} passed") for name in species),
    ]


REACTOR = [
    _v("volume", "m3", "L", "Volume of broth"),
    _v("viable_cells", "1/m3", "1/mL", "Viable cells"),
    _v("viability", "1", "%", "Viable share of the cells"),
    _v("glucose", "mol/m3", "mmol/L", "Glucose"),
    _v("glutamine", "mol/m3", "mmol/L", "Glutamine"),
    _v("lactate", "mol/m3", "mmol/L", "Lactate"),
    _v("ammonia", "mol/m3", "mmol/L", "Ammonia"),
    _v("titre", "kg/m3", "g/L", "Antibody"),
    _v("growth_rate", "1/s", "1/h", "Growth rate"),
    _v("pH", "1", None, "pH of the broth"),
    _v("mu_max", "1/s", "1/h", "Largest growth rate", PARAMETER),
    _v("held_mab", "kg", None, "Antibody held"),
    _v("made_mab_total", "kg", None, "Antibody made so far"),
    *_outlet("harvest", ("mab",)),
]
CAPTURE = [
    _v("uv280", "1", None, "Absorbance at 280 nm at the outlet"),
    _v("conductivity", "S/m", "mS/cm", "Conductivity at the outlet"),
    _v("load_density", "kg/m3", "g/L", "Antibody loaded per volume of bed, this cycle"),
    _v("bed_volume", "m3", "L", "Volume of the bed", PARAMETER),
    *_outlet("outlet", ("mab", "sodium")),
]
HOLD = [_v("volume", "m3", "L", "Volume of contents"), _v("titre", "kg/m3", "g/L", "Antibody")]
POOL = [_v("volume", "m3", "L", "Volume of contents"), _v("titre", "kg/m3", "g/L", "Antibody")]
COMPONENTS: Mapping[str, tuple[str, list[Variable]]] = {
    "reactor": ("BioProcess.Fmus.FedBatchReactor", REACTOR),
    "feeder": ("BioProcess.Fmus.GlucoseFeeder", [_v("outlet.V_flow", "m3/s", "L/h", "Feed")]),
    "centrifuge": ("BioProcess.Fmus.DiskStack", _outlet("centrate", ("mab",))),
    "hold": ("BioProcess.Fmus.HoldTank", HOLD),
    "buffers": ("BioProcess.Fmus.BufferManifold", []),
    "capture": ("BioProcess.Fmus.ProteinA", CAPTURE),
    "divert": ("BioProcess.Fmus.Divert", []),
    "pool": ("BioProcess.Fmus.HoldTank", POOL),
}
CYCLE = (("equilibrate", 1.13), ("load", 1.05), ("wash", 1.13), ("elute", 0.9), ("strip", 1.36))  # [h]


def structure() -> SystemStructure:
    """Return the wired flowsheet."""
    components = {
        name: Component(name, ComponentDescription(model, {variable.name: variable for variable in variables}))
        for name, (model, variables) in COMPONENTS.items()
    }
    wire = Connection(VariableName("reactor", "glucose"), VariableName("feeder", "measured"))
    streams = tuple(Stream(_port(source), _port(target) if target else None) for source, target in STREAMS)
    return SystemStructure(components, (wire,), streams)


def _port(text: str) -> PortName:
    component, _, port = text.partition(".")
    return PortName(component, port)


def experiment() -> Experiment:
    """Return production, harvest and three cycles of capture."""
    empty = Comparison(VariableName("reactor", "volume"), "<", 0.02, text="reactor.volume < 20 L")
    loaded = Comparison(VariableName("capture", "load_density"), ">=", 39.0, text="capture.load_density >= 39 g/L")
    steps = tuple(
        PhaseStep(name, Until((loaded,), to_ticks(8 * HOUR)) if name == "load" else Duration(to_ticks(hours * HOUR)))
        for name, hours in CYCLE
    )
    return Experiment(
        phases=(
            Phase("production", ("reactor", "feeder"), to_ticks(600), Duration(to_ticks(14 * DAY))),
            Phase("harvest", ("reactor", "centrifuge", "hold"), to_ticks(10), Until((empty,), to_ticks(8 * HOUR))),
            Phase(
                "capture", ("hold", "buffers", "capture", "divert", "pool"), to_ticks(5), None, steps=steps, repeat=3
            ),
        ),
        seed=7,
    )


def header(**changes: object) -> RunHeader:
    """Return the header of the run."""
    fields: dict[str, object] = {
        "scenario": "mab_fed_batch",
        "run_id": "20261121-023000-a1b2",
        "structure": structure(),
        "experiment": experiment(),
        "description": "2,000 L fed-batch mAb process, bioreactor to Protein A pool",
        "scenario_text": SCENARIO_TEXT,
        "scenario_file": "scenarios/mab_fed_batch.yaml",
        "fmus": {
            name: FmuRecord(f"modelica:{model}", f"{model}.fmu", f"{index:x}" * 64, "2.0", "cosim")
            for index, (name, (model, _)) in enumerate(COMPONENTS.items())
        },
        "parameters": {"reactor.mu_max": "0.037 1/h", "reactor.volume_start": "1500 L"},
        "record": ("reactor.*", "capture.outlet.*"),
        "algorithm": "gauss-seidel",
        "command": "cosim run scenarios/mab_fed_batch.yaml",
    }
    return RunHeader(**{**fields, **changes})  # type: ignore[arg-type]


def phases() -> tuple[PhaseRecord, ...]:
    """Return when phases and steps ran."""
    harvest_end = 14 * DAY + 3.35 * HOUR
    records = [
        PhaseRecord("production", None, 1, to_ticks(0), to_ticks(14 * DAY), "duration"),
        PhaseRecord("harvest", None, 1, to_ticks(14 * DAY), to_ticks(harvest_end), "reactor.volume < 20 L"),
    ]
    begin = now = harvest_end + 12 * HOUR
    for cycle in (1, 2, 3):
        for name, hours in CYCLE:
            end = now + hours * HOUR
            records.append(PhaseRecord("capture", name, cycle, to_ticks(now), to_ticks(end), "volume"))
            now = end
    records.append(PhaseRecord("capture", None, 1, to_ticks(begin), to_ticks(now), "last step"))
    return tuple(records)


def reactor_at(t: float) -> list[float]:
    """Return the reactor's variables at ``t`` [s]; a fed batch as one draws it."""
    day = min(t / DAY, 14.0)
    harvested = max(t - 14 * DAY, 0.0) / (3.35 * HOUR)
    growth = 1 / (1 + np.exp(-(day - 5.0) * 0.95))
    viable = (0.5 + 17.6 * growth) * 1e12 * (1 - 0.01 * max(day - 11, 0) ** 1.5)
    feed_day = day % 1.0 if day > 2 else day - 2
    glucose = 35 - 5.2 * day if day < 2 else 14 + 10 * np.exp(-day / 6) + 5 * (0.5 - feed_day)
    volume = (1.5 + (0.044 * max(day - 2, 0))) * (1 - harvested) + 0.01
    titre = 4.1 * (day / 14) ** 2.6
    flow = 600 / 1000 / 3600 if t >= 14 * DAY else 0.0
    return [
        volume, viable, 0.98 - 0.16 * (day / 14) ** 3, glucose, max(6 - 1.1 * day, 0.4),
        46 * np.sin(min(day / 10, 1.25) * np.pi / 2), 0.5 + 0.45 * day, titre,
        1.03e-5 * (1 - growth), 7.05 - 0.1 * growth, 1.03e-5, volume * titre, volume * titre + harvested * 8.2,
        flow, 309.95, titre, harvested * 2.0, harvested * 8.2,
    ]  # fmt: skip


def capture_at(t: float, begin: float) -> list[float]:
    """Return the column's variables ``t`` [s] after the start of a cycle; a chromatogram as one draws it."""
    hour = (t - begin) / HOUR
    edges = np.cumsum([hours for _, hours in CYCLE])
    loading = np.clip((hour - edges[0]) / (edges[1] - edges[0]), 0, 1)
    flow_through = 1.35 / (1 + np.exp(-(hour - edges[0] - 0.08) * 90)) / (1 + np.exp((hour - edges[1] - 0.1) * 60))
    peak = 2.6 * np.exp(-(((hour - edges[2] - 0.33) / 0.085) ** 2))
    strip = 0.35 * np.exp(-(((hour - edges[3] - 0.25) / 0.05) ** 2))
    salt = 0.8 + 1.1 / (1 + np.exp(-(hour - edges[1] - 0.1) * 60)) - 1.5 / (1 + np.exp(-(hour - edges[2] - 0.2) * 60))
    mab = 15.4 * peak / 2.6
    return [
        flow_through + peak + strip, max(salt, 0.1), 39.0 * loading, 0.0679,
        600 / 3.6e6, 293.15, mab, 140 * salt / 1.9, t / 3.6e3 * 0.6, mab / 3, 140.0,
    ]  # fmt: skip


@dataclass
class Samples:
    """The samples of a component: times [s] and the function that gives its values."""

    times: np.ndarray
    values: Callable[[float], Sequence[float]]


def samples(*, coarse: int = 1) -> dict[str, Samples]:
    """Return what each recorded component is sampled at; every ``coarse``-th step is kept."""
    records = {(record.phase, record.step, record.cycle): record for record in phases()}
    production = np.arange(0, 14 * DAY + 1, 600 * coarse)
    harvest = np.arange(14 * DAY, to_seconds(records["harvest", None, 1].end), 10 * coarse)
    starts = [to_seconds(records["capture", "equilibrate", cycle].start) for cycle in (1, 2, 3)]
    end = to_seconds(records["capture", None, 1].end)
    capture = np.arange(starts[0], end, 5 * coarse)

    def begin(t: float) -> float:
        return max(start for start in starts if start <= t)

    def fraction(t: float) -> float:
        return (t - starts[0]) / (end - starts[0])

    return {
        "reactor": Samples(np.concatenate([production, harvest]), reactor_at),
        "centrifuge": Samples(
            harvest, lambda t: [1.6e-4, 293.15, 4.02, (t - 14 * DAY) * 1.6e-4, (t - 14 * DAY) * 6e-4]
        ),
        "hold": Samples(np.concatenate([harvest, capture]), lambda t: [hold_volume(t, starts[0], fraction), 4.02]),
        "capture": Samples(capture, lambda t: capture_at(t, begin(t))),
        "pool": Samples(capture, lambda t: [0.509 * fraction(t), 15.4]),
    }


def hold_volume(t: float, start: float, fraction: Callable[[float], float]) -> float:
    """Fill during harvest, empty during capture."""
    return 1.972 * min((t - 14 * DAY) / (3.35 * HOUR), 1.0) if t < start else 1.972 * (1 - 0.98 * fraction(t))


def ledger() -> dict[str, SpeciesLedger]:
    """Return balances that close, of volume, product and glucose."""
    names = [f"{source} => {target or 'waste'}" for source, target in STREAMS]

    def entry(
        unit: str, start: float, entered: float, left: float, made: float = 0.0, used: float = 0.0
    ) -> LedgerEntry:
        held = start + entered + made - left - used
        return LedgerEntry(unit, start, entered, left, held * (1 + 1e-15), made, used, 0.0, held * 1e-15, 2.4e-15)

    return {
        "volume": SpeciesLedger(
            entry("m3", 1.5, 4.602, 5.57),
            {
                "reactor": entry("m3", 1.5, 0.531, 2.008),
                "centrifuge": entry("m3", 0.0, 2.008, 2.008),
                "hold": entry("m3", 0.0, 1.972, 1.972),
                "capture": entry("m3", 0.04, 6.043, 6.043),
                "divert": entry("m3", 0.0, 6.043, 6.043),
                "pool": entry("m3", 0.0, 0.509, 0.0),
            },
            dict(zip(names, VOLUMES, strict=True)),
        ),
        "mab": SpeciesLedger(
            entry("kg", 0.0, 0.0, 0.226, made=8.274),
            {
                "reactor": entry("kg", 0.0, 0.0, 8.233, made=8.274),
                "centrifuge": entry("kg", 0.0, 8.233, 8.233),
                "hold": entry("kg", 0.0, 8.085, 8.085),
                "capture": entry("kg", 0.0, 8.085, 7.931),
                "divert": entry("kg", 0.0, 7.931, 7.931),
                "pool": entry("kg", 0.0, 7.853, 0.0),
            },
            dict(zip(names, PRODUCT, strict=True)),
        ),
        "glucose": SpeciesLedger(
            entry("mol", 52.5, 1180.0, 24.3, used=1207.0),
            {"reactor": entry("mol", 52.5, 1180.0, 24.3, used=1207.0)},
            {names[0]: 1180.0, names[1]: 24.3},
        ),
    }


def elements() -> dict[str, SpeciesLedger]:
    """Return what the reactor's reactions make and consume of carbon."""
    carbon = LedgerEntry("mol", 0.0, 0.0, 0.0, 0.0, 6789.0, 7242.0, 0.0, -453.0, 453.0 / 7242.0)
    return {"carbon": SpeciesLedger(carbon, {"reactor": carbon})}


def outcome(**changes: object) -> Outcome:
    """Return how the run ended."""
    records = phases()
    fields: dict[str, object] = {
        "status": "completed",
        "reason": "",
        "time": records[-1].end,
        "wall_seconds": 7.43,
        "phases": records,
        "happenings": tuple(happenings()),
        "ledger": ledger(),
        "costs": {
            name: ComponentCost(steps, seconds)
            for name, steps, seconds in (
                ("reactor", 3222, 0.61), ("feeder", 2016, 0.03), ("centrifuge", 1206, 0.05), ("hold", 13238, 0.3),
                ("buffers", 12032, 0.2), ("capture", 12032, 4.9), ("divert", 12032, 0.21), ("pool", 12032, 0.24),
            )
        },
        "elements": elements(),
        "warnings": ("hold.outlet: the step of 5 s exceeds a tenth of the residence time of divert, 21 s; use 2 s.",),
    }  # fmt: skip
    return Outcome(**{**fields, **changes})  # type: ignore[arg-type]


def happenings() -> list[Happening]:
    """Return the starts and ends of phases, and of collecting."""
    found = []
    for record in phases():
        kind = "step" if record.step else "phase"
        subject = f"{record.phase}.{record.step}" if record.step else record.phase
        found.append(Happening(record.start, f"{kind}-start", subject, f"cycle {record.cycle}"))  # type: ignore[arg-type]
        found.append(Happening(record.end, f"{kind}-end", subject, record.ended_by))  # type: ignore[arg-type]
        if record.step == "elute":
            late = to_ticks(0.2 * HOUR)
            found.append(Happening(Ticks(record.start + late), "collect", "divert.collecting", "on", Ticks(800_000)))
    return sorted(found, key=lambda happening: happening.time)


FINDINGS = (
    ExpectationRecord("final(reactor.titre) >= 3 g/L", True, 4.1, "g/L"),
    ExpectationRecord("yield(mab, reactor.harvest, pool.inlet) >= 0.9", True, 7.853 / 8.233, "1"),
)


@dataclass
class MabRun:
    """Plays the run to observers."""

    coarse: int = 1
    recorded: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            name: tuple(variable.name for variable in COMPONENTS[name][1]) for name in samples(coarse=1000)
        }
    )

    def play(self, *observers: AbstractObserver, ending: Outcome | None = None, until: float = np.inf) -> None:
        """Play start, samples in order of time up to ``until`` [s], happenings and, if given, the ending."""
        for observer in observers:
            observer.started(Ticks(0), self.recorded)
        for time, component, values in self._merged(until):
            for observer in observers:
                observer.sampled(component, to_ticks(time), values)
        for observer in observers:
            for happening in happenings():
                if to_seconds(happening.time) <= until:
                    observer.happened(happening)
            observer.progressed(Progress(to_ticks(min(until, 15 * DAY)), "production", None, 1, 0.5))
            if ending is not None:
                observer.finished(ending)

    def _merged(self, until: float) -> list[tuple[float, str, np.ndarray]]:
        found = [
            (float(time), name, np.array(recorded.values(float(time)), dtype=np.float64))
            for name, recorded in samples(coarse=self.coarse).items()
            for time in recorded.times[recorded.times <= until]
        ]
        return sorted(found, key=lambda sample: sample[0])


def write(folder: Path, *, coarse: int = 1, ending: Outcome | None = None, **changes: object) -> Path:
    """Write the whole run to ``folder/result.h5`` and return that path."""
    writer = ResultWriter(folder / "result.h5", header(**changes), evaluate=lambda read, outcome: FINDINGS)
    MabRun(coarse).play(writer, ending=ending or outcome())
    return writer.path
