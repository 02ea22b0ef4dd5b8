"""Each unit, driven through uneven steps and changing streams, keeps account of every species and of volume."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from library_fmu import SPECIES, Unit, unit
from verification.check import Check, Fmus

FLOOR = 1e-9
"""Inventory below which a closure is not relative [m3, kg, mol]; cells are counted, and have plenty."""

COMPOSITION = {
    "cells_viable": 1.5e13, "cells_dead": 3e12, "debris": 0.2, "biomass": 0.5, "glucose": 12.0, "glutamine": 3.0,
    "asparagine": 2.0, "amino_acids": 20.0, "lactate": 40.0, "ammonia": 9.0, "carbonate": 20.0, "sucrose": 5.0,
    "mab": 4.0, "mab_acidic": 0.8, "mab_basic": 0.4, "glycan_galactose": 0.03, "glycan_high_mannose": 0.002,
    "mab_aggregate": 0.08, "antigen": 0.5, "hcp": 0.3, "dna": 0.02, "protein_a": 1e-3, "sodium": 150.0,
    "chloride": 110.0, "acetate": 10.0, "tris": 5.0, "phosphate": 3.0, "citrate": 2.0, "histidine": 4.0,
}  # fmt: skip
"""Something of every species, near the flagship's harvest [1/m3, mol/m3, kg/m3]."""

Drive = Callable[[Unit, np.random.Generator], dict[str, float]]


def _inlet(name: str, flow: float, generator: np.random.Generator) -> dict[str, float]:
    factors = generator.uniform(0.2, 1.8, len(SPECIES))
    values = {f"{name}.c_{s}": float(c * f) for (s, c), f in zip(COMPOSITION.items(), factors, strict=True)}
    return values | {f"{name}.V_flow": flow, f"{name}.T": float(generator.uniform(285.0, 310.0))}


def _reactor(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    on = it.time > 4000.0
    feed = _inlet("feed", float(generator.choice([0.0, 2e-5])), generator)
    inoculum = _inlet("inoculum", 0.0 if on else 3e-5, generator)
    return feed | inoculum | {"harvest_flow": 2e-4 if on else 0.0, "bolus": bool(generator.integers(2))}


def _aerated(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    base = _inlet("base", float(generator.choice([0.0, 1e-5])), generator)
    gas = {"gas_carbon_dioxide": float(generator.uniform(0.0, 0.2)), "gas_oxygen": float(generator.uniform(0.0, 0.8))}
    return _reactor(it, generator) | base | gas | {"stirrer_speed": float(generator.uniform(0.0, 2.0))}


def _conditioned(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    return _reactor(it, generator) | {
        "temperature": float(generator.uniform(300.0, 315.0)),
        "pH": float(generator.uniform(6.5, 7.5)),
        "oxygen": float(generator.uniform(0.0, 1.0)),
    }


def _fermenter(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    return _aerated(it, generator) | {"inducer": it.time > 3000.0, "gas_flow": float(generator.choice([0.0, 0.1]))}


def _perfused(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    feed = _inlet("feed", float(generator.choice([0.0, 2e-5, 6e-5])), generator)
    return _reactor(it, generator) | feed | {"cells_set": float(generator.uniform(1e12, 2e13))}


def _zones(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    inlets = [_inlet(name, float(generator.choice([0.0, 1e-3])), generator) for name in ("feed", "inoculum", "base")]
    gas = {"kLa": float(generator.uniform(0.0, 0.02)), "gas_carbonate": float(generator.uniform(0.0, 0.2))}
    return inlets[0] | inlets[1] | inlets[2] | gas | {"harvest_flow": float(generator.choice([0.0, 5e-3]))}


def _centrifuge(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    return _inlet("feed", float(generator.choice([0.0, 1e-4, 2e-4])), generator)


def _homogeniser(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    inlet = _inlet("inlet", float(generator.choice([0.0, 5e-5])), generator)
    return inlet | {"pressure": float(generator.choice([0.0, 3e7, 1e8])), "passes": float(generator.integers(4))}


def _tank(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    flow = 1e-4 if it.time < 4000.0 else 0.0
    return _inlet("inlet", flow, generator) | {"demand": float(generator.choice([0.0, 2e-4]))}


def _valve(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    return _inlet("inlet", 1e-4, generator) | {"collecting": bool(generator.integers(2))}


def _column(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    is_loading = int(it.time / 1500.0) % 2 == 0
    load = _inlet("load", 1.7e-4 if is_loading else 0.0, generator)
    return load | _inlet("buffer", 0.0 if is_loading else 1.7e-4, generator)


def _inactivation(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    pool = {"titrating": bool(generator.integers(2)), "pH_set": float(generator.choice([3.5, 5.5]))}
    return _tank(it, generator) | pool


def _coil(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    return _inlet("inlet", float(generator.choice([0.0, 1e-5, 4e-5])), generator)


def _membrane(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    switches = ("filtering", "diafiltering", "cleaning")
    inputs = {name: bool(generator.integers(2)) for name in switches}
    return _tank(it, generator) | inputs | {"rinse_flow": float(generator.choice([0.0, 1e-5]))}


def _valves(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    inlets = {"load": 1e-5, "buffer": float(generator.choice([0.0, 2e-5])), "from_1": 1e-5, "from_2": 2e-5}
    values: dict[str, float] = {"uv_1": 0.7, "uv_2": 0.7}
    for name, flow in inlets.items():
        values |= _inlet(name, flow, generator)
    return values


def _filter(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    is_flushing = it.time > 8000.0
    feed = _inlet("feed", 0.0 if is_flushing else 1e-5, generator)
    return feed | _inlet("buffer", 1e-5 if is_flushing else 0.0, generator)


def _formulation(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    doses = {name: float(generator.choice([0.0, 1e-5])) for name in ("stock_flow", "diluent_flow")}
    return _tank(it, generator) | doses | {"T_jacket": float(generator.uniform(275.0, 315.0))}


def _filler(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    return _inlet("inlet", float(generator.choice([0.0, 5e-5])), generator) | {"filling": bool(generator.integers(2))}


def _passage(it: Unit, generator: np.random.Generator) -> dict[str, float]:
    inoculum = _inlet("inoculum", 5e-6 if it.time < 4000.0 else 0.0, generator)
    return inoculum | {"transfer_flow": float(generator.choice([0.0, 1e-5]))}


DRIVES: dict[str, tuple[Drive, dict[str, float], tuple[str, ...], tuple[str, ...]]] = {
    "FedBatchReactor": (_reactor, {"bolus_volume": 0.01}, ("feed", "inoculum"), ("harvest",)),
    "ProductionReactor": (_aerated, {"bolus_volume": 0.01}, ("feed", "inoculum", "base"), ("harvest",)),
    "ConditionedReactor": (_conditioned, {"bolus_volume": 0.01}, ("feed", "inoculum"), ("harvest",)),
    "MicrobialReactor": (_fermenter, {"volume_start": 0.5}, ("feed", "inoculum", "base"), ("harvest",)),
    "PerfusionReactor": (
        _perfused,
        {"bolus_volume": 0.01, "retention": 0.98, "sieving": 0.9},
        ("feed", "inoculum"),
        ("harvest", "permeate", "bleed"),
    ),
    "CompartmentReactor": (_zones, {}, ("feed", "inoculum", "base"), ("harvest",)),
    "Thaw": (_passage, {"volume_max": 0.1}, ("inoculum",), ("outlet",)),
    "SeedReactor": (_passage, {}, ("inoculum",), ("outlet",)),
    "VirusFilter": (_filter, {}, ("feed", "buffer"), ("permeate",)),
    "SterileFilter": (_filter, {}, ("feed", "buffer"), ("permeate",)),
    "DepthFilter": (_filter, {}, ("feed", "buffer"), ("permeate",)),
    "DiskStack": (_centrifuge, {}, ("feed",), ("centrate", "solids")),
    "Homogeniser": (_homogeniser, {}, ("inlet",), ("outlet",)),
    "HoldTank": (_tank, {"stability.k_aggregation": 1e-5, "stability.k_acidic": 1e-5}, ("inlet",), ("outlet",)),
    "Divert": (_valve, {}, ("inlet",), ("collect", "rest")),
    "VirusInactivation": (_inactivation, {"volume_start": 0.1}, ("inlet",), ("outlet",)),
    "PlugFlowInactivation": (_coil, {}, ("inlet",), ("outlet",)),
    "UltrafiltrationDiafiltration": (_membrane, {"fouling": 0.01}, ("inlet",), ("outlet", "permeate")),
    "OsmoticUltrafiltration": (_membrane, {"volume_start": 0.05}, ("inlet",), ("outlet", "permeate")),
    "FormulationTank": (_formulation, {}, ("inlet",), ("outlet",)),
    "FillLine": (_filler, {}, ("inlet",), ("filled", "rejects")),
    "ProteinA": (_column, {}, ("load", "buffer"), ("outlet",)),
    "ProteinAGeneralRate": (_column, {}, ("load", "buffer"), ("outlet",)),
    "CationExchange": (_column, {}, ("load", "buffer"), ("outlet",)),
    "AnionExchange": (_column, {}, ("load", "buffer"), ("outlet",)),
    "PeriodicCounterCurrent": (_column, {"diameter": 0.6}, ("load", "buffer"), ("pool", "rest")),
    "TwinValves": (
        _valves,
        {},
        ("load", "buffer", "from_1", "from_2"),
        ("load_1", "load_2", "buffer_1", "buffer_2", "pool", "rest"),
    ),
}


STEPS = {"ProteinAGeneralRate": 25, "CationExchange": 100, "AnionExchange": 100, "PeriodicCounterCurrent": 25}
"""Fewer steps for units that are slow when everything changes at each of them."""


def names(prefix: str, suffix: str = "") -> list[str]:
    """Return the names of volume and of every species with ``prefix`` and ``suffix``."""
    return [f"{prefix}{quantity}{suffix}" for quantity in ("volume", *SPECIES)]


def read(it: Unit, wanted: list[str]) -> np.ndarray:
    """Read what a unit has of the variables ``wanted``; what it has not is zero."""
    return np.array([it.read(name) if name in it.variables else 0.0 for name in wanted])


def sent(it: Unit, outlet: str) -> np.ndarray:
    """Return volume and amounts that left by ``outlet`` so far."""
    return it.get([f"{outlet}.V_total", *(f"{outlet}.m_{s}_total" for s in SPECIES)])


def closures(fmu: Path, name: str, *, steps: int = 300, tolerance: float = 1e-6) -> Iterator[tuple[str, float]]:
    """Yield the closure of volume and of each species over a run, relative to start, in and made."""
    drive, start, inlets, outlets = DRIVES[name]
    generator = np.random.default_rng(7)
    received = np.zeros(1 + len(SPECIES))
    with unit(fmu, tolerance=tolerance, **start) as it:
        held = read(it, names("held_"))
        for _ in range(steps):
            inputs = drive(it, generator)
            it.set(inputs)
            size = float(generator.choice([1.0, 7.0, 30.0, 60.0]))
            for inlet in inlets:
                content = np.array([1.0, *(inputs[f"{inlet}.c_{s}"] for s in SPECIES)])
                received += inputs[f"{inlet}.V_flow"] * size * content
            it.step(size)
        source = held + received + read(it, names("made_", "_total")) + read(it, names("supplied_", "_total"))
        sink = read(it, names("held_")) + read(it, names("consumed_", "_total")) + read(it, names("vented_", "_total"))
        sink += sum(sent(it, outlet) for outlet in outlets)
    closure = np.abs(source - sink) / np.maximum(source, FLOOR)
    yield from zip(("volume", *SPECIES), map(float, closure), strict=True)


def balance_checks(fmus: Fmus) -> list[Check]:
    """Return the closure of each unit and quantity."""
    return [
        Check(f"{name}: {quantity}", 0.0, closure, 1e-9, is_absolute=True)
        for name in DRIVES
        for quantity, closure in closures(fmus[f"BioProcess.Fmus.{name}"], name, steps=STEPS.get(name, 300))
    ]
