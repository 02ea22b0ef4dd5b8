"""Verification cases of the microbial line: fermenter, homogeniser."""

import math

import numpy as np
from library_fmu import simulate
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from verification.check import Check, Fmus

_FMUS = "BioProcess.Fmus."
HOUR = 3600.0
GLUCOSE, ACETATE = 0.180156, 0.060052  # [kg/mol]
GAS = 8.314462618


def _rosso_temperature(t: float, low: float, best: float, high: float) -> float:
    spread = (best - low) * ((best - low) * (t - best) - (best - high) * (best + low - 2 * t))
    return (t - high) * (t - low) ** 2 / spread if low < t < high else 0.0


def _rosso_ph(ph: float, low: float, best: float, high: float) -> float:
    both = (ph - low) * (ph - high)
    return both / (both - (ph - best) ** 2) if low < ph < high else 0.0


def _phosphate_charge(h: float) -> float:
    k = [10.0**-pk for pk in (2.15, 7.20, 12.35)]
    terms = [h**3, h**2 * k[0], h * k[0] * k[1], k[0] * k[1] * k[2]]
    return sum(n * term for n, term in enumerate(terms)) / sum(terms)


def _ph(sodium: float, chloride: float, ammonia: float, acetate: float, carbonate: float, phosphate: float) -> float:
    """All in mol/L."""

    def charge(ph: float) -> float:
        h = 10.0**-ph
        k1, k2 = 10.0**-6.10, 10.0**-10.33
        bicarbonate = (k1 * h + 2 * k1 * k2) / (h * h + k1 * h + k1 * k2)
        return (
            sodium - chloride + h - 1e-14 / h + ammonia * h / (h + 10.0**-9.25) - acetate / (1 + h / 10.0**-4.76)
            - carbonate * bicarbonate - phosphate * _phosphate_charge(h)
        )  # fmt: skip

    return float(brentq(charge, 0.0, 14.0, xtol=1e-13))


class Fermenter:
    """The reactor once more: amounts in g and mol, time in h, rates per g of cells as published."""

    names = ("volume", "biomass", "glucose", "acetate", "ammonia", "titre", "oxygen", "temperature", "pH",
             "offgas_oxygen", "offgas_carbon_dioxide", "hcp", "induction")  # fmt: skip

    def __init__(self, drive: dict[str, float], **changed: float) -> None:
        self.drive = drive
        self.p = {"Y": 0.51, "qS": 1.25, "KIS": 5.0, "lag": 0.0, "inhibitor": 0.0, "y": 0.15} | changed

    def start(self) -> NDArray[np.float64]:
        oxygen = 0.12 * 1.3e-5 * math.exp(1500 * (1 / 310.15 - 1 / 298.15)) * 0.2095 * 101325
        amounts = [0.3 * 120, 20 * 120 * (111 * GLUCOSE / 20), 0.0, 80 * 0.12, 0.5 * 0.12, 0.0, 0.0, 0.0, 90 * 0.12]
        return np.array([120.0, *amounts, oxygen, 0.0, 0.2095, 0.0004, 0.0])

    def unpacked(self, y: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], float, float]:
        c = y[1:10] / y[0]  # X, S, A [g/L]; N, C [mol/L]; P, HCP, DNA [g/L]; Na [mol/L]
        ph = _ph(c[8], 85.9 * 0.12 / y[0], c[3], c[2] / ACETATE / 1e3, c[4], 60 * 0.12 / y[0])
        return y[0], c, 310.15 + y[11] / (4180.0 * y[0]), ph

    def rates(
        self, c: NDArray[np.float64], t: float, ph: float, oxygen: float, f: float, age: float
    ) -> NDArray[np.float64]:
        """Per g of cells and h: growth, glucose, acetate, antigen [g]; ammonia, carbon dioxide, oxygen [mol]."""
        p, (S, A, N) = self.p, np.maximum(c[1:4], 0.0)
        warm = _rosso_temperature(t, 278.15, 314.15, 320.15) / _rosso_temperature(310.15, 278.15, 314.15, 320.15)
        lag = 1.0 / (1.0 + (math.exp(1.6e-4 * p["lag"]) - 1.0) * math.exp(-1.6e-4 * age * HOUR))
        share = _rosso_ph(ph, 4.4, 7.0, 9.5) * N / (1e-4 + N) * (1 - 0.3 * f) / (1 + p["inhibitor"]) * lag
        air = oxygen / (0.003 + oxygen)
        q_s = warm * share * p["qS"] * S / (0.05 + S) / (1 + A / p["KIS"])
        q_o = warm * 0.015 * air / (1 + A / 4.0)  # [mol/(g h)]
        q_m = 0.04 * air
        part = [p["Y"], 0.15, 0.40] * np.array([0.0406, 0.0406, 0.0406]) / [6 / 180.156, 6 / 180.156, 2 / 60.052]
        per_glucose, per_acetate = 6 / 180.156, 2 / 60.052
        oxidised = min(q_s, max((q_o / per_glucose - part[0] * q_m) / (1 - part[0]), 0.0))
        burnt = oxidised - part[0] * (oxidised - q_m)
        overflow = q_s - oxidised
        made = (1 - part[1]) * overflow * 2 * 60.052 / 180.156
        room = max(q_o - per_glucose * burnt, 0.0)
        eaten = min(warm * share * 0.2 * A / (0.05 + A), room / per_acetate / (1 - part[2]))
        total = p["Y"] * (oxidised - q_m) + 0.15 * overflow + 0.40 * eaten
        antigen = p["y"] * f * max(total, 0.0)
        growth = total - antigen * 44.2 / 40.6
        nitrogen = (8.1 * growth + 11.8 * antigen) * 1e-3
        carbon = per_glucose * q_s + per_acetate * (eaten - made) - 0.0406 * growth - 0.0442 * antigen
        respired = per_glucose * burnt + per_acetate * (1 - part[2]) * eaten
        return np.array([growth, -q_s, made - eaten, -nitrogen, carbon, antigen, respired])

    def __call__(self, age: float, y: NDArray[np.float64]) -> NDArray[np.float64]:
        d = self.drive
        V, c, t, ph = self.unpacked(y)
        f = y[14]
        oxygen = y[10] / V * 1e3  # [mol/m3]
        rate = self.rates(c, t, ph, oxygen, f, age)
        X, lysis = c[0], 0.001008
        h_o = 1.3e-5 * math.exp(1500 * (1 / t - 1 / 298.15))
        h_c = 3.3e-4 * math.exp(2400 * (1 / t - 1 / 298.15))
        power = min(V / 120.0, 1.0) * 3 * 5 * 993 * d["stirrer"] ** 3 * 0.2**5
        speed = d["gas"] * GAS * t / 1.5e5 / (math.pi / 4 * 0.25)
        kla = 0.026 * (power / (V * 1e-3)) ** 0.4 * speed**0.5 * HOUR
        dissolved = c[4] * 1e3 / (1 + 10 ** (ph - 6.10) + 10 ** (2 * ph - 16.43))
        to_broth = np.array([kla * (h_o * 1.5e5 * y[12] - oxygen), 0.89 * kla * (h_c * 1.5e5 * y[13] - dissolved)])
        to_broth *= V * 1e-3  # [mol/h]
        held = 0.3 * 0.12 * 1.5e5 / (GAS * 310.15)
        gas = d["gas"] * HOUR
        feed, base = d["feed"] * 1e3 * HOUR, d["base"] * 1e3 * HOUR  # [L/h]
        # what broken cells give: the rest of nitrogen as amino acids, of carbon as glucose
        acids = (8.1 - 0.3 * 11.8 - 0.031 * 12.1 - 0.5 * 7.9) / 1.36
        sugar = (40.6 - 0.3 * 44.2 - 0.031 * 31.5 - 0.5 * 39.1 - acids * 4.94) / 6 * 1e-3 * 180.156
        total = X * V
        heat = (
            500 * 4 * V * 1e-3 / 0.5 * (d["jacket"] - t) + 5.19e5 * rate[6] * total / HOUR + power
            + 4.18e3 * (feed * (298.15 - 310.15) + base * (298.15 - 310.15)) / HOUR
        )  # fmt: skip
        d_y = np.zeros(15)
        d_y[0] = feed + base
        d_y[1] = (rate[0] - lysis) * total
        d_y[2] = (rate[1] + sugar * lysis) * total + feed * d["glucose"]
        d_y[3] = rate[2] * total
        d_y[4] = rate[3] * total + base * d["ammonia"] * 1e-3
        d_y[5] = rate[4] * total + to_broth[1]
        d_y[6] = rate[5] * total
        d_y[7], d_y[8] = 0.3 * lysis * total, 0.031 * lysis * total
        d_y[10] = to_broth[0] - rate[6] * total + (feed + base) * 1e-3 * h_o * 0.2095 * 101325
        d_y[11] = heat * HOUR
        d_y[12] = (gas * (d["oxygen"] - y[12]) - to_broth[0] + y[12] * to_broth.sum()) / held
        d_y[13] = (-gas * y[13] - to_broth[1] + y[13] * to_broth.sum()) / held
        d_y[14] = (d["inducer"] - f) / 0.5
        return d_y

    def course(self, hours: float) -> dict[str, float]:
        run = solve_ivp(self, (0.0, hours), self.start(), method="BDF", rtol=1e-9, atol=1e-11)
        assert run.success
        y = run.y[:, -1]
        V, c, t, ph = self.unpacked(y)
        h_o = 1.3e-5 * math.exp(1500 * (1 / t - 1 / 298.15))
        air = y[10] / V * 1e3 / (h_o * 0.2095 * 101325)
        values = (
            V * 1e-3,
            c[0],
            c[1] / GLUCOSE,
            c[2] / ACETATE,
            1e3 * c[3],
            c[5],
            air,
            t,
            ph,
            y[12],
            y[13],
            c[6],
            y[14],
        )
        return dict(zip(self.names, map(float, values), strict=True))


def fermenter(fmus: Fmus) -> list[Check]:
    """Batch with overflow, and a fed batch of other cells that are induced, late and short of oxygen."""
    batch = {"stirrer": 6.0, "gas": 0.1, "oxygen": 0.2095, "jacket": 305.15, "feed": 0.0, "base": 3e-8, "inducer": 0.0,
             "glucose": 0.0, "ammonia": 13400.0}  # fmt: skip
    fed = batch | {"stirrer": 3.0, "oxygen": 0.25, "feed": 1e-7, "glucose": 90.0, "base": 8e-9, "inducer": 1.0}
    other = {"Y": 0.47, "qS": 1.1, "KIS": 3.0, "lag": 2 * HOUR, "inhibitor": 0.1, "y": 0.2}
    names = list(Fermenter.names)
    checks = []
    for label, drive, changed, hours in (("batch", batch, {}, 7.0), ("fed", fed, other, 16.0)):
        reference = Fermenter(drive, **changed)
        expected = reference.course(hours)
        p = reference.p
        course = simulate(
            fmus[_FMUS + "MicrobialReactor"], names, stop=hours * HOUR, interval=hours * HOUR / 100, tolerance=1e-9,
            **{"stirrer_speed": drive["stirrer"], "gas_flow": drive["gas"], "gas_oxygen": drive["oxygen"],
               "jacket_temperature": drive["jacket"], "inducer": bool(drive["inducer"]), "feed.V_flow": drive["feed"],
               "feed.T": 298.15, "feed.c_glucose": drive["glucose"] / GLUCOSE, "base.V_flow": drive["base"],
               "base.T": 298.15, "base.c_ammonia": drive["ammonia"], "kinetics.k_lysis": 2.8e-7,
               "kinetics.data.Y_oxidative": p["Y"] * GLUCOSE, "kinetics.data.q_S_max": p["qS"] / GLUCOSE / HOUR,
               "kinetics.data.KI_S": p["KIS"] / ACETATE, "kinetics.lag": p["lag"], "kinetics.inhibitor": p["inhibitor"],
               "kinetics.y_antigen": p["y"]},
        )  # fmt: skip
        checks += [
            Check(f"{label}, {hours:g} h: {name}", expected[name], course[name, hours * HOUR], 1e-5)
            for name in names
            if abs(expected[name]) > 1e-9
        ]
    return checks


def homogeniser(fmus: Fmus) -> list[Check]:
    """ln(1/(1 − R)) = k N^x p^a for E. coli and yeast; 10 MPa and a pass heat by 2.39 K."""
    checks = []
    for megapascals, passes, k, a, x in ((60.0, 2.0, 2.5e-4, 2.2, 1.0), (46.0, 3.0, 5.0e-6, 2.9, 1.0),
                                         (35.0, 4.0, 3.9e-3, 1.7, 0.6)):  # fmt: skip
        broken = 1.0 - math.exp(-k * passes**x * megapascals**a)
        names = ["broken", "outlet.c_biomass", "outlet.c_hcp", "outlet.c_dna", "outlet.c_antigen", "inside", "outlet.T"]
        course = simulate(
            fmus[_FMUS + "Homogeniser"], [*names, "debris_diameter", "power"], stop=60.0, interval=60.0, tolerance=1e-6,
            **{"inlet.V_flow": 5e-5, "inlet.T": 281.15, "inlet.c_biomass": 30.0, "inlet.c_antigen": 3.0, "k": k,
               "exponent_pressure": a, "exponent_passes": x, "pressure": 1e6 * megapascals, "passes": passes,
               "cell.hcp": 0.25, "cell.dna": 0.02},
        )  # fmt: skip
        expected = (broken, 30.0 * (1.0 - broken), 7.5 * broken, 0.6 * broken, 3.0, 1.0 - broken,
                    281.15 + passes * 1e6 * megapascals / 4.18e6)  # fmt: skip
        label = f"{megapascals:g} MPa, {passes:g} passes, k {k:g}, a {a:g}"
        checks += [
            Check(f"{label}: {name}", e, course[name, 60.0], 1e-9) for name, e in zip(names, expected, strict=True)
        ]
        size = 5e-7 * (passes * megapascals / 60.0) ** -0.3
        checks.append(Check(f"{label}: debris [m]", size, course["debris_diameter", 60.0], 1e-9))
        checks.append(
            Check(f"{label}: power [W]", passes * 1e6 * megapascals * 5e-5 / 0.9, course["power", 60.0], 1e-9)
        )
    return checks
