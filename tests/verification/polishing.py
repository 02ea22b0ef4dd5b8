"""Polishing steps of the flagship: a cation exchanger that binds and elutes, an anion exchanger in flow-through."""

from library_fmu import Unit, unit
from verification.check import Check, Fmus

FLOW = 600e-3 / 3600
SALTS = ("sodium", "chloride", "acetate", "tris")
CATION = {"a": {"sodium": 36.7, "acetate": 50.0}, "b": {"sodium": 536.7, "chloride": 500.0, "acetate": 50.0}}
ANION = {
    "a": {"sodium": 80.0, "chloride": 99.7, "tris": 25.0},
    "b": {"sodium": 1000.0, "chloride": 1019.7, "tris": 25.0},
}
IMPURITIES = {"mab_acidic": 0.2, "mab_basic": 0.1, "mab_aggregate": 0.02, "hcp": 1.2e-3, "dna": 1e-6, "protein_a": 1e-5,
              "glycan_galactose": 0.0081, "glycan_high_mannose": 0.00068}  # fmt: skip
"""Per antibody [kg/kg, mol/kg]: what a Protein A pool of this kind carries."""


def _protein(mab: float) -> dict[str, float]:
    return {"load.c_mab": mab} | {f"load.c_{name}": share * mab for name, share in IMPURITIES.items()}


def load(it: Unit, mab: float, salts: dict[str, float], until: float, step: float) -> None:
    """Load up to a density [kg/m3]."""
    it.set(_protein(mab) | {f"load.c_{name}": value for name, value in salts.items()} | {"load.V_flow": FLOW})
    while it.read("load_density") < until:
        it.step(step)
    it.set({"load.V_flow": 0.0})


def rinse(
    it: Unit, buffers: dict[str, dict[str, float]], shares: tuple[float, float], volumes: float, step: float
) -> list[dict[str, float]]:
    """Pass a buffer, or a gradient of two; return what left, after each step."""
    rows = []
    n = round(volumes * it.read("bed_volume") / FLOW / step)
    names = (
        "uv280",
        "salt",
        "outlet.V_total",
        "outlet.m_mab_total",
        *(f"outlet.m_{name}_total" for name in IMPURITIES),
    )
    for i in range(n):
        b = shares[0] + (shares[1] - shares[0]) * (i + 0.5) / n
        it.set({f"buffer.c_{s}": (1 - b) * buffers["a"].get(s, 0.0) + b * buffers["b"].get(s, 0.0) for s in SALTS})
        it.set({"buffer.V_flow": FLOW})
        it.step(step)
        rows.append(dict(zip(names, map(float, it.get(list(names))), strict=True)))
    it.set({"buffer.V_flow": 0.0})
    return rows


def pool(rows: list[dict[str, float]], cut: tuple[float, float]) -> dict[str, float]:
    """Return volume and amounts between UV rising above cut[0] and falling below cut[1] after its peak."""
    peak = max(range(len(rows)), key=lambda i: rows[i]["uv280"])
    first = next(i for i in range(len(rows)) if rows[i]["uv280"] > cut[0])
    last = next((i for i in range(peak, len(rows)) if rows[i]["uv280"] < cut[1]), len(rows) - 1)
    return {name: rows[last][name] - rows[first][name] for name in rows[0] if name.startswith("outlet")}


def purity(pooled: dict[str, float]) -> dict[str, float]:
    """Return impurities over antibody, of those of the load."""
    mab = pooled["outlet.m_mab_total"]
    return {name: pooled[f"outlet.m_{name}_total"] / mab / share for name, share in IMPURITIES.items()}


def cation_cycle(it: Unit, *, step: float = 10.0) -> dict[str, float]:
    """Equilibrate, load 59 g/L of a pool of pH 5.2, wash, elute by a gradient, strip; cut the pool by UV."""
    rinse(it, CATION, (0.0, 0.0), 3, step)
    load(it, 13.8, {"sodium": 2.3, "acetate": 50.0, "tris": 34.4, "chloride": 0.0}, 59.0, step)
    loaded = it.read("load_density") * it.read("bed_volume")
    rinse(it, CATION, (0.0, 0.0), 3, step)
    pooled = pool(rinse(it, CATION, (0.0, 0.6), 10, step), (1.0, 2.0))
    rinse(it, CATION, (1.0, 1.0), 3, step)
    volume = pooled["outlet.V_total"] * 1e3
    return {"yield": pooled["outlet.m_mab_total"] / loaded, "pool": volume, "left": it.read("bound"), **purity(pooled)}


def anion_cycle(it: Unit, *, step: float = 10.0) -> dict[str, float]:
    """Equilibrate, load 149 g/L at pH 7.6 and 180 mM of salt, chase, strip; what flows through is the pool."""
    rinse(it, ANION, (0.0, 0.0), 3, step)
    begin = it.read("outlet.V_total")
    load(it, 18.2, {"sodium": 165.0, "chloride": 130.0, "acetate": 50.0, "tris": 20.0}, 149.0, step)
    loaded = it.read("load_density") * it.read("bed_volume")
    pooled = rinse(it, ANION, (0.0, 0.0), 1.3, step)[-1]
    rinse(it, ANION, (1.0, 1.0), 4, step)
    volume = (pooled["outlet.V_total"] - begin) * 1e3
    return {"yield": pooled["outlet.m_mab_total"] / loaded, "pool": volume, "left": it.read("bound"), **purity(pooled)}


def step_checks(fmus: Fmus) -> list[Check]:
    """Yields and pools of the flagship process; two cycles of the cation exchanger, one of the anion exchanger."""
    with unit(fmus["BioProcess.Fmus.CationExchange"]) as it:
        cation = cation_cycle(it)
    with unit(fmus["BioProcess.Fmus.AnionExchange"]) as it:
        anion = anion_cycle(it)
    return [
        Check("cation exchanger: yield", 0.92, cation["yield"], 0.05),
        Check("cation exchanger: pool of one cycle [L]", 384 / 2, cation["pool"], 0.10),
        Check("cation exchanger: aggregates left, 5 to 50 %", 0.275, cation["mab_aggregate"], 0.225, is_absolute=True),
        Check("cation exchanger: antibody left in the column [g/L]", 0.0, cation["left"], 1e-6, is_absolute=True),
        Check("anion exchanger: yield", 0.97, anion["yield"], 0.02),
        Check("anion exchanger: pool [L]", 442, anion["pool"], 0.10),
        Check("anion exchanger: host cell protein left, at most 20 %", 0.1, anion["hcp"], 0.1, is_absolute=True),
        Check("anion exchanger: DNA left", 0.0, anion["dna"], 1e-3, is_absolute=True),
    ]


def dilute_elution_checks(fmus: Fmus) -> list[Check]:
    """Dilute antibody in a gradient g per second: s^(z+1) = s0^(z+1) + (z+1) g F t0 K c_ref^z, t0 the dead time."""
    checks = []
    for nu, k, hours in ((7.0, 8e-3, 2.0), (4.0, 3e-2, 1.0)):
        start = {"exchanger.nu[2]": nu, "exchanger.K[2]": k, "dispersivity": 0.0, "exchanger.k_transfer": 20.0}
        with unit(fmus["BioProcess.Fmus.CationExchange"], **start) as it:
            t0 = 0.85 * it.read("bed_volume") / FLOW
            salt0, slope = 60.0, 240.0 / (hours * 3600.0)
            salts = {"sodium": salt0, "chloride": salt0 - 36.7, "acetate": 50.0, "tris": 0.0}
            it.set({f"load.c_{name}": value for name, value in salts.items()} | {"load.V_flow": FLOW})
            it.step(4 * t0)
            it.set({"load.c_mab": 1e-3})
            it.step(20.0)
            it.set({"load.c_mab": 0.0})
            moment = total = 0.0
            for i in range(round(hours * 180)):
                salt = salt0 + slope * (i + 0.5) * 20.0
                it.set({"load.c_sodium": salt, "load.c_chloride": salt - 36.7})
                it.step(20.0)
                c = it.read("outlet.c_mab")
                moment, total = moment + c * it.read("salt"), total + c
        phase_ratio = 0.15 / 0.85
        expected = (salt0 ** (nu + 1) + (nu + 1) * slope * phase_ratio * t0 * k * 500.0**nu) ** (1 / (nu + 1))
        checks.append(Check(f"nu {nu:g}: mean salt at elution [mM]", expected, moment / total, 1e-2))
    return checks
