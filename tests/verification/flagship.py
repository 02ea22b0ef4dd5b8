"""The flagship process: the course of the culture and the Protein A step against their calibration target."""

from library_fmu import Unit, unit
from verification.check import Check, Fmus, Route

DAY = 86_400.0
PLACES = {"viable_cells": 1e12, "viability": 0.01, "volume": 1e-3}
TARGET = {
    4: {"viable_cells": 5.9, "viability": 97, "glucose": 24, "lactate": 18, "titre": 0.18, "volume": 1524},
    7: {"viable_cells": 13, "viability": 95, "glucose": 14, "lactate": 38, "titre": 0.82, "volume": 1661},
    10: {"viable_cells": 17, "viability": 89, "glucose": 12, "lactate": 46, "titre": 2.1, "volume": 1828},
    14: {"viable_cells": 18, "viability": 82, "glucose": 12, "lactate": 40, "titre": 4.1, "volume": 2028},
}
"""Cells in 1e6/mL, viability in %, glucose and lactate in mM, titre in g/L, volume in L."""


def course_checks(run: Route) -> list[Check]:
    """Within 10 % everywhere, and the titre at harvest within 5 %."""
    course = run("fed_batch", [f"process.reactor.{name}" for name in TARGET[4]])
    return [
        Check(
            f"day {day}: {name}", expected, course[f"process.reactor.{name}", day * DAY] / PLACES.get(name, 1.0),
            0.05 if (day, name) == (14, "titre") else 0.10,
        )
        for day, values in TARGET.items()
        for name, expected in values.items()
    ]  # fmt: skip


FLOW = 600e-3 / 3600
LOAD = {"mab": 4.36, "hcp": 0.35, "glucose": 12.0, "glutamine": 3.7, "lactate": 40.0, "ammonia": 9.9, "carbonate": 13.0,
        "sodium": 155.0, "chloride": 107.0, "phosphate": 3.0}  # fmt: skip
BUFFERS = {
    "equilibration": {"sodium": 100.0, "chloride": 120.6, "tris": 25.0},
    "wash": {"sodium": 500.0, "chloride": 520.6, "tris": 25.0},
    "elution": {"sodium": 2.3, "acetate": 50.0},
    "strip": {"acetate": 100.0},
}


def _rinse(it: Unit, name: str, volumes: float, step: float) -> list[tuple[float, ...]]:
    """Pass a buffer; return UV, antibody, host cell protein and volume that left, after each step."""
    buffer = BUFFERS[name]
    it.set({f"buffer.c_{s}": buffer.get(s, 0.0) for s in ("sodium", "chloride", "acetate", "tris", "phosphate")})
    it.set({"buffer.V_flow": FLOW})
    rows = []
    for _ in range(round(volumes * it.read("bed_volume") / FLOW / step)):
        it.step(step)
        rows.append(tuple(it.get(["uv280", "outlet.m_mab_total", "outlet.m_hcp_total", "outlet.V_total"])))
    it.set({"buffer.V_flow": 0.0})
    return rows


def capture_cycle(it: Unit, *, step: float = 5.0, cut: float = 0.5) -> dict[str, float]:
    """Equilibrate, load to 39 g/L, wash, elute, strip; cut the pool by UV."""
    _rinse(it, "equilibration", 5, step)
    it.set({f"load.c_{s}": c for s, c in LOAD.items()} | {"load.V_flow": FLOW})
    while it.read("load_density") < 39.0:
        it.step(step)
    it.set({"load.V_flow": 0.0})
    loaded = it.read("load_density") * it.read("bed_volume")
    _rinse(it, "wash", 5, step)
    eluate = _rinse(it, "elution", 4, step)
    pool = [row for row in eluate if row[0] > cut]
    mab, hcp, volume = (pool[-1][i] - pool[0][i] for i in (1, 2, 3))
    _rinse(it, "strip", 6, step)
    return {"yield": mab / loaded, "hcp": hcp / mab * 1e6, "pool": volume * 1e3, "left": it.read("bound")}


def step_checks(fmus: Fmus) -> list[Check]:
    """One cycle of the column alone."""
    with unit(fmus["BioProcess.Fmus.ProteinA"]) as it:
        cycle = capture_cycle(it)
    return [
        Check("yield", 0.96, cycle["yield"], 0.01),
        Check("pool of one cycle [L]", 509 / 3, cycle["pool"], 0.15),
        Check("host cell protein in the pool, within 300 to 3,000 [ppm]", 1650, cycle["hcp"], 1350, is_absolute=True),
        Check("antibody left on the column [g/L]", 0.0, cycle["left"], 1e-3, is_absolute=True),
    ]
