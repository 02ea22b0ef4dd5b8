"""The verification cases of the unit operations, with their sources."""

from library_fmu import simulate
from verification.balance import DRIVES, balance_checks
from verification.check import Case, Check, Fmus
from verification.downstream import (
    cheapest_diafiltration,
    diafiltration,
    gel_polarisation,
    inactivation,
    osmotic_concentration,
    residence_time,
    stability,
    titration,
)
from verification.flagship import course_checks, step_checks
from verification.microbial import fermenter, homogeniser
from verification.polishing import dilute_elution_checks
from verification.polishing import step_checks as polishing_checks
from verification.quality import ageing_culture
from verification.upstream import bicarbonate, chemostat, oxygen_transfer, perfusion, transfer_coefficient

_TESTS = "BioProcess.Tests."
_FMUS = "BioProcess.Fmus."
HOUR = 3600.0


def monod_batch(fmus: Fmus) -> list[Check]:
    """X0 1, S0 10, Ks 0.1 g/L, Y 0.5, mu_max 0.5 1/h."""
    fmu = fmus[_TESTS + "MonodBatch"]
    checks = []
    for substrate, hours in ((1.0, 3.476285070897), (0.1, 3.673258462541)):
        # the crossing, by Newton's step from the expected time: dS/dt = -mu X / Y
        course = simulate(fmu, ["S", "X"], stop=hours * HOUR, interval=hours * HOUR, tolerance=1e-10)
        s, x = course["S", hours * HOUR], course["X", hours * HOUR]
        slope = -0.5 * s / (0.1 + s) * x / 0.5
        checks.append(Check(f"time at which S = {substrate} g/L [h]", hours, hours - (s - substrate) / slope, 1e-6))
    course = simulate(fmu, ["X"], stop=3.5 * HOUR, interval=0.5 * HOUR, tolerance=1e-10)
    for hours, biomass in ((2.0, 2.68675629091), (3.5, 5.55925984312)):
        checks.append(Check(f"X({hours} h) [g/L]", biomass, course["X", hours * HOUR], 1e-6))
    return checks


_HYBRIDOMA = {
    24.0: {"X_v": 0.3830976, "X_d": 0.0200122, "G": 15.86567, "Gn": 3.111236, "Lac": 3.757335, "N": 0.7830078,
           "P": 2.636102},
    96.0: {"V": 0.435417, "X_v": 2.729265, "X_d": 0.0204242, "G": 0.0648775, "Gn": 0.7883761, "Lac": 28.25516,
           "N": 3.716000, "P": 34.74080},
    200.0: {"V": 0.868750, "X_v": 2.101955, "X_d": 1.140649, "G": 0.0320692, "Gn": 0.0301426, "Lac": 15.68930,
            "N": 4.331256, "P": 100.8738},
}  # fmt: skip
_HYBRIDOMA_UNIT = {"X_v": 1e12, "X_d": 1e12, "P": 1e-3}


def hybridoma(fmus: Fmus) -> list[Check]:
    """Volume in a thousandfold, cells in 1e9/L, product in mg/L."""
    names = ["V", "X_v", "X_d", "G", "Gn", "Lac", "N", "P"]
    course = simulate(fmus[_TESTS + "HybridomaFedBatch"], names, stop=200 * HOUR, interval=0.1 * HOUR, tolerance=1e-9)
    checks = [
        Check(f"{name}({hours:g} h)", expected, course[name, hours * HOUR] / _HYBRIDOMA_UNIT.get(name, 1.0), 1e-4)
        for hours, values in _HYBRIDOMA.items()
        for name, expected in values.items()
    ]
    cells = course.all("X_v")
    peak = int(cells.argmax())
    checks.append(Check("largest X_v", 2.97669, cells[peak] / 1e12, 1e-4))
    checks.append(Check("time of the largest X_v [h]", 117.6, course.time[peak] / HOUR, 0.1, is_absolute=True))
    return checks


def settling_area(fmus: Fmus) -> list[Check]:
    """n 100, radii 0.15 and 0.05 m, 200 pi rad/s, 40 degrees."""
    course = simulate(fmus[_TESTS + "SettlingArea"], ["Sigma"], stop=1.0, interval=1.0, tolerance=1e-6)
    return [Check("Sigma [m2]", 32656.339739, course["Sigma", 1.0], 1e-6)]


def blocking_laws(fmus: Fmus) -> list[Check]:
    """Volume per area and flux after two hours at constant pressure; 200 L/(m2 h) through the clean filter."""
    laws = ("complete", "standard", "intermediate", "cake")
    volumes = (252.84822353, 285.71428571, 293.89333245, 306.22577483)  # [L/m2]
    fluxes = (73.57588823, 102.04081633, 111.11111111, 124.03473459)  # [L/(m2 h)]
    names = [f"{quantity}_{law}" for quantity in ("v", "J") for law in laws]
    course = simulate(fmus[_TESTS + "BlockingLaws"], names, stop=7200.0, interval=60.0, tolerance=1e-9)
    reached = [course[name, 7200.0] for name in names]
    expected = [v * 1e-3 for v in volumes] + [j / 3.6e6 for j in fluxes]
    return [Check(name, e, r, 1e-6) for name, e, r in zip(names, expected, reached, strict=True)]


def linear_column(fmus: Fmus) -> list[Check]:
    """400 cells, third-order faces."""
    course = simulate(
        fmus[_TESTS + "LinearColumn"], ["c", "t_mean", "variance"], stop=300.0, interval=0.25, tolerance=1e-7
    )
    return [
        Check("mean residence time [s]", 55.0, course["t_mean", 300.0], 1e-3),
        Check("variance [s2]", 63.288333, course["variance", 300.0], 1e-2),
        Check("c(53.75 s)", 0.50698194690726, course["c", 53.75], 1e-2),
        Check("c(60 s)", 0.37666719572613, course["c", 60.0], 1e-2),
    ]


def ideal_shock(fmus: Fmus) -> list[Check]:
    """200 cells; the breakthrough is where half of the feed leaves."""
    course = simulate(
        fmus[_TESTS + "IdealShock"], ["c", "q_inlet", "t_breakthrough"], stop=6000.0, interval=1.0, tolerance=1e-6
    )
    half = int((course.all("c") > 2.0).argmax())
    return [
        Check("loading q* [g/L]", 118.0327868852, course["q_inlet", 6000.0], 2e-2),
        Check("breakthrough [s]", 4687.27868852, float(course.time[half]), 2e-2),
        Check("stoichiometric breakthrough [s]", 4687.27868852, course["t_breakthrough", 6000.0], 2e-2),
    ]


def thomas(fmus: Fmus) -> list[Check]:
    """400 cells."""
    course = simulate(fmus[_TESTS + "Thomas"], ["ratio"], stop=3600.0, interval=10.0, tolerance=1e-7)
    expected = {1500: 0.010454251, 2300: 0.229788507, 2500: 0.401786659, 3000: 0.835263554, 3500: 0.974602337}
    return [
        Check(f"c/c0({time} s)", value, course["ratio", float(time)], 5e-4, is_absolute=True)
        for time, value in expected.items()
    ]


def _pulse(fmus: Fmus, name: str, *, variance: float, at_300: float) -> list[Check]:
    course = simulate(fmus[_TESTS + name], ["c", "t_mean", "variance"], stop=3000.0, interval=10.0, tolerance=1e-7)
    return [
        Check(f"{name}: mean residence time [s]", 428.3725, course["t_mean", 3000.0], 1e-3),
        Check(f"{name}: variance [s2]", variance, course["variance", 3000.0], 1e-2),
        Check(f"{name}: c(300 s)", at_300, course["c", 300.0], 1e-2),
        Check(f"{name}: smallest c", 0.0, min(0.0, course.all("c").min()), 1e-9, is_absolute=True),
    ]


def general_rate(fmus: Fmus) -> list[Check]:
    """100 cells, 4 points in a particle; and 1 point, film transfer only."""
    return [
        *_pulse(fmus, "GeneralRatePulse", variance=49385.560, at_300=0.01941689385),
        *_pulse(fmus, "LumpedPorePulse", variance=26607.628, at_300=0.02212735333),
    ]


def _elution(fmus: Fmus, **parameters: float) -> dict[str, tuple[float, float, float]]:
    """Return height, time and salt of the peak of each protein by its characteristic charge."""
    names = {"4.7": "c[1]", "5.29": "c[2]", "3.7": "c[3]"}
    course = simulate(
        fmus[_TESTS + "StericMassActionElution"], [*names.values(), "salt"], stop=1500.0, interval=0.5, tolerance=1e-5,
        **parameters,
    )  # fmt: skip
    peaks = {charge: int(course.all(name).argmax()) for charge, name in names.items()}
    return {
        charge: (float(course.all(names[charge])[i]), float(course.time[i]), float(course.all("salt")[i]))
        for charge, i in peaks.items()
    }


def dilute_elution(fmus: Fmus) -> list[Check]:
    """A load so dilute that proteins do not shield sites, without dispersion as in the closed form."""
    peaks = _elution(fmus, c_load=1e-4, D=0.0)
    checks = []
    for charge, time, salt in (("3.7", 292.216, 135.5736), ("5.29", 538.192, 184.7688)):
        checks.append(Check(f"nu {charge}: salt at the peak [mM]", salt, peaks[charge][2], 5e-3))
        checks.append(Check(f"nu {charge}: time of the peak [s]", time, peaks[charge][1], 5e-3))
    return checks


def steric_elution(fmus: Fmus) -> list[Check]:
    """150 cells."""
    peaks = _elution(fmus)
    checks = []
    for charge, time, height in (("4.7", 758, 0.08834), ("5.29", 427, 0.13460), ("3.7", 231, 0.23295)):
        checks.append(Check(f"nu {charge}: height of the peak [mM]", height, peaks[charge][0], 2e-2))
        checks.append(Check(f"nu {charge}: time of the peak [s]", time, peaks[charge][1], 2.0, is_absolute=True))
    return checks


def acid_base(fmus: Fmus) -> list[Check]:
    """Exact balance, and the pH that lags behind it, at rest."""
    checks = []
    for litres, expected in ((2, 4.69025), (4, 5.53904), (5, 6.92278)):
        course = simulate(
            fmus[_TESTS + "AcidBaseMixture"], ["pH", "pH_lagged"], stop=40.0, interval=40.0, tolerance=1e-6,
            V_tris=1e-3 * litres,
        )  # fmt: skip
        checks.append(Check(f"pH with {litres} L", expected, course["pH", 40.0], 1e-4, is_absolute=True))
        checks.append(Check(f"lagged pH with {litres} L", expected, course["pH_lagged", 40.0], 1e-4, is_absolute=True))
    return checks


CASES = (
    Case("V1", "Monod batch", "closed form", (_TESTS + "MonodBatch",), monod_batch),
    Case("V2", "Chemostat", "closed form", (_TESTS + "Chemostat",), chemostat),
    Case("V3", "Hybridoma overflow metabolism", "Amribt, Niu and Bogaerts 2013, doi:10.1016/j.bej.2012.11.005; values "
         "from two integrations", (_TESTS + "HybridomaFedBatch",), hybridoma),
    Case("V5", "Transfer of oxygen, and a probe that lags", "closed form", (_TESTS + "OxygenTransfer",),
         oxygen_transfer),
    Case("V6", "Transfer coefficient", "van 't Riet 1979, doi:10.1021/i260071a001", (_TESTS + "TransferCoefficient",),
         transfer_coefficient),
    Case("V7", "Residence time of tanks in series", "closed form", (_TESTS + "TanksInSeries", _FMUS +
         "PlugFlowInactivation"), residence_time),
    Case("V8", "First-order virus inactivation", "closed form", (_TESTS + "TanksInSeries", _FMUS +
         "PlugFlowInactivation", _FMUS + "VirusInactivation"), inactivation),
    Case("V9", "Constant-volume diafiltration", "closed form", (_FMUS + "UltrafiltrationDiafiltration",),
         diafiltration),
    Case("V10", "Concentration with a gel-limited flux", "closed form", (_FMUS + "UltrafiltrationDiafiltration",),
         gel_polarisation),
    Case("V10 optimum", "Cheapest concentration for diafiltration", "closed form, c_gel/e; curve through three fluxes",
         (_FMUS + "UltrafiltrationDiafiltration",), cheapest_diafiltration),
    Case("osmotic", "Concentration with a flux limited by osmosis", "the same law solved with scipy",
         (_FMUS + "OsmoticUltrafiltration",), osmotic_concentration),
    Case("V11", "Blocking of a filter at constant pressure", "Hermia 1982, Trans. Inst. Chem. Eng. 60:183",
         (_TESTS + "BlockingLaws",), blocking_laws),
    Case("stability", "Formulated antibody ages while it warms", "the same rates solved with scipy",
         (_FMUS + "FormulationTank",), stability),
    Case("ageing", "Charge variants and aggregates in a culture", "the same rates solved with scipy",
         (_TESTS + "AgeingCulture",), ageing_culture),
    Case("V12", "Disk-stack settling area", "Ambler 1959, doi:10.1002/jbmte.390010206", (_TESTS + "SettlingArea",),
         settling_area),
    Case("V13", "Lumped-rate column, linear kinetics", "inverse of the Laplace transform", (_TESTS + "LinearColumn",),
         linear_column),
    Case("V14", "General rate model, linear kinetics; lumped pores", "inverse of the Laplace transform",
         (_TESTS + "GeneralRatePulse", _TESTS + "LumpedPorePulse"), general_rate),
    Case("V15", "Langmuir shock", "closed form", (_TESTS + "IdealShock",), ideal_shock),
    Case("V16", "Kinetic Langmuir breakthrough", "Thomas 1944, doi:10.1021/ja01238a017", (_TESTS + "Thomas",), thomas),
    Case("V17", "Steric mass action, dilute elution by a gradient", "closed form",
         (_TESTS + "StericMassActionElution",), dilute_elution),
    Case("V18", "Steric mass action, three proteins", "published example of the CADET simulator",
         (_TESTS + "StericMassActionElution",), steric_elution),
    Case("V17 pH", "Cation exchanger on a skid, dilute elution by a gradient", "closed form",
         ("BioProcess.Fmus.CationExchange",), dilute_elution_checks),
    Case("V22", "pH of bicarbonate under carbon dioxide", "Henderson and Hasselbalch",
         (_TESTS + "TransferCoefficient",), bicarbonate),
    Case("V28", "pH of a mixture by charge balance", "closed form", (_TESTS + "AcidBaseMixture",), acid_base),
    Case("V28 tank", "Titration of a tank to a pH", "closed form", (_FMUS + "VirusInactivation",), titration),
    Case("perfusion", "Steady state of a perfused culture", "its balances solved with scipy",
         (_TESTS + "PerfusionSteadyState",), perfusion),
    Case("microbial", "Fermenter with overflow metabolism, gas, pH, heat and induction", "the same balances solved "
         "with scipy; kinetics after Xu, Jahic and Enfors 1999, doi:10.1021/bp9801087",
         (_FMUS + "MicrobialReactor",), fermenter),
    Case("homogeniser", "Cells broken by pressure and passes", "closed form, Hetherington et al. 1971, "
         "Trans. Inst. Chem. Eng. 49:142", (_FMUS + "Homogeniser",), homogeniser),
    Case("V26", "Conservation in every unit, each species and volume", "balance; closure over inventory and inflow",
         tuple(f"BioProcess.Fmus.{unit}" for unit in DRIVES), balance_checks),
    Case("flagship", "Fed-batch course against the calibration target", "an engineering target, not published data",
         ("BioProcess.Examples.FedBatchProduction",), course_checks),
    Case("capture", "Protein A step against the calibration target", "an engineering target, not published data",
         ("BioProcess.Fmus.ProteinA",), step_checks),
    Case("polishing", "Ion exchange steps against the calibration target", "an engineering target, not published data",
         ("BioProcess.Fmus.CationExchange", "BioProcess.Fmus.AnionExchange"), polishing_checks),
)  # fmt: skip
