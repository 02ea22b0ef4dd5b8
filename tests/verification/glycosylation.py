"""Glycans against scipy: the network of the Golgi built from what the enzymes do, integrated along the Golgi."""

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
from library_fmu import simulate
from scipy.integrate import solve_ivp
from verification.check import Check, Fmus

_GAS = 8.314462618
REST = 9000.0
"""Seven residence times [s]: the Golgi is at rest."""

Glycan = tuple[int, int, tuple[int, ...]]
"""Mannoses, core fucoses, and what each antenna ends in: 0 GlcNAc, 1 galactose, 2 sialic acid."""

NOMINAL = {"productivity": 3e-19, "glucose": 12.0, "ammonia": 4.0, "temperature": 309.95, "pH": 7.0}
_CONDITIONS = (
    NOMINAL,
    {"productivity": 4.5e-19, "glucose": 1.0, "ammonia": 12.0, "temperature": 306.15, "pH": 6.9},
)
_RANGES = {"glucose": (0.5, 40.0), "ammonia": (0.0, 15.0), "temperature": (303.15, 311.15), "pH": (6.8, 7.3),
           "productivity": (5e-20, 6e-19)}  # fmt: skip
_V_MAX = (2e-2, 5e-3, 1.2e-2, 2.2e-3, 1.2e-2, 7e-4, 6e-5)
_POSITION = (0.15, 0.30, 0.40, 0.50, 0.50, 0.75, 0.85)
_WIDTH = (0.12, 0.10, 0.10, 0.12, 0.12, 0.12, 0.10)
_BEST = (6.3, 6.5, 6.3, 6.7, 6.5, 6.4, 6.2)
_SPREAD = (1.0, 0.8, 0.8, 1.0, 0.8, 0.5, 0.6)
_DONORS = {"GlcNAc": (5.0, 2.5, 1.0), "Fuc": (0.3, 0.3, 0.02), "Gal": (2.0, 1.0, 0.3), "Sia": (1.0, 0.8, 0.2)}
_DONOR_OF = (None, "GlcNAc", None, "Fuc", "GlcNAc", "Gal", "Sia")


def _steps(glycan: Glycan) -> list[tuple[int, float, Glycan]]:
    """Return what each enzyme can make of a glycan: its number, half saturation and product."""
    mannoses, fucoses, arms = glycan
    found: list[tuple[int, float, Glycan]] = []
    if not arms:
        found.append((0, 0.1, (mannoses - 1, 0, ())) if mannoses > 5 else (1, 0.3, (5, 0, (0,))))
        return found
    if mannoses > 3:
        found.append((2, 0.2, (mannoses - 1, fucoses, arms)))
    if not fucoses and not any(arms):
        found.append((3, 0.15, (mannoses, 1, arms)))
    if mannoses == 3 and arms == (0,):
        found.append((4, 0.2, (3, fucoses, (0, 0))))
    if mannoses > 3:
        return found
    for place, end in enumerate(arms):
        grown = (mannoses, fucoses, (*arms[:place], end + 1, *arms[place + 1 :]))
        if end == 0:
            found.append((5, (0.5, 0.25)[place], grown))
        elif end == 1:
            found.append((6, 0.3, grown))
    return found


@cache
def network() -> tuple[tuple[Glycan, ...], tuple[tuple[int, int, int, float], ...]]:
    """Return the glycans that come from Man9, in the order of the library, and the reactions between them."""
    glycans: list[Glycan] = [(9, 0, ())]
    for glycan in glycans:
        glycans += [product for _, _, product in _steps(glycan) if product not in glycans]
    glycans.sort(key=lambda g: (g[1], len(g[2]) == 2, len(g[2]) > 0, -g[0], g[2]))
    reactions = [
        (i, glycans.index(product), enzyme, half)
        for i, glycan in enumerate(glycans)
        for enzyme, half, product in _steps(glycan)
    ]
    return tuple(glycans), tuple(reactions)


def plug_flow(at: Mapping[str, float]) -> np.ndarray:
    """Return the share of each glycan that leaves the Golgi at rest."""
    glycans, reactions = network()
    source, sink, enzyme = (np.array([r[k] for r in reactions], dtype=int) for k in range(3))
    half = np.array([r[3] for r in reactions])
    excess = (1 / 309.95 - 1 / at["temperature"]) / _GAS
    residence = 1320.0 * math.exp(-3e4 * excess)
    acidity = 6.4 + 0.8 * at["ammonia"] / (10.0 + at["ammonia"]) + 0.3 * (at["pH"] - 7.0)
    best = np.array(_V_MAX) * math.exp(5e4 * excess) * np.exp(-0.5 * ((acidity - np.array(_BEST)) / _SPREAD) ** 2)
    for e, donor in enumerate(_DONOR_OF):
        if donor:
            most, glucose_half, donor_half = _DONORS[donor]
            amount = most * at["glucose"] / (glucose_half + at["glucose"])
            best[e] *= amount / (donor_half + amount)
    entering = 2.0 * at["productivity"] / 148.0 * residence / 2.5e-17

    def along(z: float, c: np.ndarray) -> np.ndarray:
        bound = c[source] / half
        speed = best * np.exp(-0.5 * ((z - np.array(_POSITION)) / _WIDTH) ** 2) / (1 + np.bincount(enzyme, bound, 7))
        rate = residence * speed[enzyme] * bound
        return np.bincount(sink, rate, len(glycans)) - np.bincount(source, rate, len(glycans))

    start = np.zeros(len(glycans))
    start[0] = entering
    return solve_ivp(along, (0.0, 1.0), start, method="LSODA", rtol=1e-9, atol=1e-13).y[:, -1] / entering


def lumped(shares: np.ndarray) -> dict[str, float]:
    """Return the lumped forms that the library reports."""
    two = [(share, g) for share, g in zip(shares, network()[0], strict=True) if len(g[2]) == 2]
    forms = {f"g{n}": sum(s for s, g in two if sum(end > 0 for end in g[2]) == n) for n in range(3)}
    pairs = list(zip(shares, network()[0], strict=True))
    forms["high_mannose"] = sum(s for s, g in pairs if not g[2])
    forms["afucosylated"] = sum(s for s, g in pairs if not g[1])
    forms["galactose_content"] = 2.0 * sum(s * g[2].count(1) for s, g in pairs)
    return {name: float(value) for name, value in forms.items()}


def _shares(fmus: Fmus, name: str, variable: str, at: Mapping[str, float]) -> np.ndarray:
    names = [f"{variable}[{k}]" for k in range(1, 34)]
    course = simulate(fmus[f"BioProcess.{name}"], names, stop=REST, interval=REST, tolerance=1e-6, **at)
    return np.array([course[name, REST] for name in names])


def glycosylation(fmus: Fmus) -> list[Check]:
    """33 glycans after 10, 20 and 40 cells, at usual conditions and in a late culture, cool and short of glucose."""
    checks = [Check("oligosaccharides", 33, len(network()[0]), 0.0), Check("reactions", 43, len(network()[1]), 0.0)]
    error = {}
    for label, at in zip(("usual", "late"), _CONDITIONS, strict=True):
        expected = plug_flow(at)
        for n, name, variable in (
            (10, "Tests.GolgiRefinement", "coarse_glycan"),
            (20, "Tests.GolgiRefinement", "fine_glycan"),
            (40, "Fmus.Glycosylation", "glycan"),
        ):
            error[n] = float(np.abs(_shares(fmus, name, variable, at) - expected).max())
        checks += [
            Check(f"{label}: largest error of a share, 20 cells", 0.0, error[20], 2e-2, is_absolute=True),
            Check(f"{label}: largest error of a share, 40 cells", 0.0, error[40], 4e-3, is_absolute=True),
            Check(f"{label}: order, 10 to 20 cells", 2.0, math.log2(error[10] / error[20]), 0.7, is_absolute=True),
            Check(f"{label}: order, 20 to 40 cells", 2.5, math.log2(error[20] / error[40]), 0.7, is_absolute=True),
        ]
    return checks


def reduced_glycosylation(fmus: Fmus) -> list[Check]:
    """Lumped forms against the whole network at 20 points drawn from the stated range."""
    generator = np.random.default_rng(4)
    worst: dict[str, float] = {}
    for _ in range(20):
        at = {name: float(generator.uniform(*limits)) for name, limits in _RANGES.items()}
        expected = lumped(plug_flow(at))
        course = simulate(
            fmus["BioProcess.Fmus.ReducedGlycosylation"], list(expected), stop=1.0, interval=1.0, tolerance=1e-6, **at
        )
        for name, value in expected.items():
            worst[name] = max(worst.get(name, 0.0), abs(course[name, 1.0] - value))
    return [Check(f"largest error of {name}", 0.0, error, 0.015, is_absolute=True) for name, error in worst.items()]
