"""The verification cases of the unit operations, with their sources."""

from verification.balance import DRIVES, balance_checks
from verification.check import Case, Check, Route, UnitCase
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
from verification.glycosylation import glycosylation, reduced_glycosylation
from verification.microbial import fermenter, homogeniser
from verification.polishing import dilute_elution_checks
from verification.polishing import step_checks as polishing_checks
from verification.quality import ageing_culture
from verification.upstream import bicarbonate, chemostat, oxygen_transfer, perfusion, transfer_coefficient

HOUR = 3600.0


def monod_batch(run: Route) -> list[Check]:
    """X0 1, S0 10, Ks 0.1 g/L, Y 0.5, mu_max 0.5 1/h."""
    course = run("monod_batch", ["culture.X"])
    _, to_one, to_tenth = course.ends
    return [
        Check("time at which S = 1 g/L [h]", 3.476285070897, to_one / HOUR, 1e-6),
        Check("time at which S = 0.1 g/L [h]", 3.673258462541, to_tenth / HOUR, 1e-6),
        Check("X(2 h) [g/L]", 2.68675629091, course["culture.X", 2 * HOUR], 1e-6),
        Check("X(3.5 h) [g/L]", 5.55925984312, course["culture.X", 3.5 * HOUR], 1e-6),
    ]


_HYBRIDOMA = {
    24.0: {"X_v": 0.3830976, "X_d": 0.0200122, "G": 15.86567, "Gn": 3.111236, "Lac": 3.757335, "N": 0.7830078,
           "P": 2.636102},
    96.0: {"V": 0.435417, "X_v": 2.729265, "X_d": 0.0204242, "G": 0.0648775, "Gn": 0.7883761, "Lac": 28.25516,
           "N": 3.716000, "P": 34.74080},
    200.0: {"V": 0.868750, "X_v": 2.101955, "X_d": 1.140649, "G": 0.0320692, "Gn": 0.0301426, "Lac": 15.68930,
            "N": 4.331256, "P": 100.8738},
}  # fmt: skip
_HYBRIDOMA_UNIT = {"X_v": 1e12, "X_d": 1e12, "P": 1e-3}


def hybridoma(run: Route) -> list[Check]:
    """Volume in a thousandfold, cells in 1e9/L, product in mg/L."""
    names = [f"culture.{name}" for name in ("V", "X_v", "X_d", "G", "Gn", "Lac", "N", "P")]
    course = run("hybridoma", names)
    checks = [
        Check(
            f"{name}({hours:g} h)", expected,
            course[f"culture.{name}", hours * HOUR] / _HYBRIDOMA_UNIT.get(name, 1.0), 1e-4,
        )
        for hours, values in _HYBRIDOMA.items()
        for name, expected in values.items()
    ]  # fmt: skip
    cells = course.all("culture.X_v")
    peak = int(cells.argmax())
    checks.append(Check("largest X_v", 2.97669, cells[peak] / 1e12, 1e-4))
    checks.append(
        Check("time of the largest X_v [h]", 117.6, course.time("culture.X_v")[peak] / HOUR, 0.1, is_absolute=True)
    )
    return checks


def settling_area(run: Route) -> list[Check]:
    """n 100, radii 0.15 and 0.05 m, 200 pi rad/s, 40 degrees."""
    return [Check("Sigma [m2]", 32656.339739, run("settling_area", ["disks.Sigma"])["disks.Sigma"], 1e-6)]


def blocking_laws(run: Route) -> list[Check]:
    """Volume per area and flux after two hours at constant pressure; 200 L/(m2 h) through the clean filter."""
    laws = ("complete", "standard", "intermediate", "cake")
    volumes = (252.84822353, 285.71428571, 293.89333245, 306.22577483)  # [L/m2]
    fluxes = (73.57588823, 102.04081633, 111.11111111, 124.03473459)  # [L/(m2 h)]
    names = [f"{quantity}_{law}" for quantity in ("v", "J") for law in laws]
    course = run("blocking_laws", [f"filters.{name}" for name in names])
    reached = [course[f"filters.{name}"] for name in names]
    expected = [v * 1e-3 for v in volumes] + [j / 3.6e6 for j in fluxes]
    return [Check(name, e, r, 1e-6) for name, e, r in zip(names, expected, reached, strict=True)]


def linear_column(run: Route) -> list[Check]:
    """400 cells, third-order faces."""
    course = run("linear_column", ["column.c", "column.t_mean", "column.variance"])
    return [
        Check("mean residence time [s]", 55.0, course["column.t_mean"], 1e-3),
        Check("variance [s2]", 63.288333, course["column.variance"], 1e-2),
        Check("c(53.75 s)", 0.50698194690726, course["column.c", 53.75], 1e-2),
        Check("c(60 s)", 0.37666719572613, course["column.c", 60.0], 1e-2),
    ]


def ideal_shock(run: Route) -> list[Check]:
    """200 cells; the breakthrough is where half of the feed leaves."""
    course = run("ideal_shock", ["column.c", "column.q_inlet", "column.t_breakthrough"])
    half = int((course.all("column.c") > 2.0).argmax())
    return [
        Check("loading q* [g/L]", 118.0327868852, course["column.q_inlet"], 2e-2),
        Check("breakthrough [s]", 4687.27868852, float(course.time("column.c")[half]), 2e-2),
        Check("stoichiometric breakthrough [s]", 4687.27868852, course["column.t_breakthrough"], 2e-2),
    ]


def thomas(run: Route) -> list[Check]:
    """400 cells."""
    course = run("thomas", ["column.ratio"])
    expected = {1500: 0.010454251, 2300: 0.229788507, 2500: 0.401786659, 3000: 0.835263554, 3500: 0.974602337}
    return [
        Check(f"c/c0({time} s)", value, course["column.ratio", float(time)], 5e-4, is_absolute=True)
        for time, value in expected.items()
    ]


def _pulse(run: Route, name: str, *, variance: float, at_300: float) -> list[Check]:
    course = run(name, ["column.c", "column.t_mean", "column.variance"])
    return [
        Check(f"{name}: mean residence time [s]", 428.3725, course["column.t_mean"], 1e-3),
        Check(f"{name}: variance [s2]", variance, course["column.variance"], 1e-2),
        Check(f"{name}: c(300 s)", at_300, course["column.c", 300.0], 1e-2),
        Check(f"{name}: smallest c", 0.0, min(0.0, course.all("column.c").min()), 1e-9, is_absolute=True),
    ]


def general_rate(run: Route) -> list[Check]:
    """100 cells, 4 points in a particle; and 1 point, film transfer only."""
    return [
        *_pulse(run, "general_rate", variance=49385.560, at_300=0.01941689385),
        *_pulse(run, "lumped_pores", variance=26607.628, at_300=0.02212735333),
    ]


def _elution(run: Route, **values: str) -> dict[str, tuple[float, float, float]]:
    """Return height, time and salt of the peak of each protein by its characteristic charge."""
    names = {"4.7": "column.c[1]", "5.29": "column.c[2]", "3.7": "column.c[3]"}
    course = run("steric_elution", [*names.values(), "column.salt"], {f"column.{k}": v for k, v in values.items()})
    peaks = {charge: int(course.all(name).argmax()) for charge, name in names.items()}
    return {
        charge: (float(course.all(name)[i]), float(course.time(name)[i]), float(course.all("column.salt")[i]))
        for (charge, name), i in zip(names.items(), peaks.values(), strict=True)
    }


def dilute_elution(run: Route) -> list[Check]:
    """A load so dilute that proteins do not shield sites, without dispersion as in the closed form."""
    peaks = _elution(run, c_load="1e-4 mol/m3", D="0 m2/s")
    checks = []
    for charge, time, salt in (("3.7", 292.216, 135.5736), ("5.29", 538.192, 184.7688)):
        checks.append(Check(f"nu {charge}: salt at the peak [mM]", salt, peaks[charge][2], 5e-3))
        checks.append(Check(f"nu {charge}: time of the peak [s]", time, peaks[charge][1], 5e-3))
    return checks


def steric_elution(run: Route) -> list[Check]:
    """150 cells."""
    peaks = _elution(run)
    checks = []
    for charge, time, height in (("4.7", 758, 0.08834), ("5.29", 427, 0.13460), ("3.7", 231, 0.23295)):
        checks.append(Check(f"nu {charge}: height of the peak [mM]", height, peaks[charge][0], 2e-2))
        checks.append(Check(f"nu {charge}: time of the peak [s]", time, peaks[charge][1], 2.0, is_absolute=True))
    return checks


def acid_base(run: Route) -> list[Check]:
    """Exact balance, and the pH that lags behind it, at rest."""
    checks = []
    for litres, expected in ((2, 4.69025), (4, 5.53904), (5, 6.92278)):
        course = run("acid_base", ["mixture.pH", "mixture.pH_lagged"], {"mixture.V_tris": f"{litres} L"})
        checks.append(Check(f"pH with {litres} L", expected, course["mixture.pH"], 1e-4, is_absolute=True))
        checks.append(
            Check(f"lagged pH with {litres} L", expected, course["mixture.pH_lagged"], 1e-4, is_absolute=True)
        )
    return checks


CASES = (
    Case("V1", "Monod batch", "closed form", ("monod_batch",), monod_batch),
    Case("V2", "Chemostat", "closed form", ("chemostat", "chemostat_washout"), chemostat),
    Case("V3", "Hybridoma overflow metabolism", "Amribt, Niu and Bogaerts 2013, Biochemical Engineering Journal "
         "70:196; values from two integrations", ("hybridoma",), hybridoma),
    Case("V5", "Transfer of oxygen, and a probe that lags", "closed form", ("oxygen_transfer", "oxygen_rise"),
         oxygen_transfer),
    Case("V6", "Transfer coefficient", "van 't Riet 1979, doi:10.1021/i260071a001", ("transfer_coefficient",),
         transfer_coefficient),
    Case("V7", "Residence time of tanks in series", "closed form", ("tanks_in_series", "coil_tracer"), residence_time),
    Case("V8", "First-order virus inactivation", "closed form",
         ("virus_batch", "virus_stirred", "tanks_in_series", "coil_virus"), inactivation),
    Case("V9", "Constant-volume diafiltration", "closed form", ("diafiltration",), diafiltration),
    Case("V10", "Concentration with a gel-limited flux", "closed form", ("gel_polarisation",), gel_polarisation),
    Case("V10 optimum", "Cheapest concentration for diafiltration", "closed form, c_gel/e; curve through three fluxes",
         ("diafiltration_flux",), cheapest_diafiltration),
    Case("osmotic", "Concentration with a flux limited by osmosis", "the same law solved with scipy", ("osmotic",),
         osmotic_concentration),
    Case("V11", "Blocking of a filter at constant pressure", "Hermia 1982, Trans. Inst. Chem. Eng. 60:183",
         ("blocking_laws",), blocking_laws),
    Case("stability", "Formulated antibody ages while it warms", "the same rates solved with scipy", ("stability",),
         stability),
    Case("V12", "Disk-stack settling area", "Ambler 1959, J. Biochem. Microbiol. Technol. Eng. 1:185",
         ("settling_area",), settling_area),
    Case("V13", "Lumped-rate column, linear kinetics", "inverse of the Laplace transform", ("linear_column",),
         linear_column),
    Case("V14", "General rate model, linear kinetics; lumped pores", "inverse of the Laplace transform",
         ("general_rate", "lumped_pores"), general_rate),
    Case("V15", "Langmuir shock", "closed form", ("ideal_shock",), ideal_shock),
    Case("V16", "Kinetic Langmuir breakthrough", "Thomas 1944, J. Am. Chem. Soc. 66:1664", ("thomas",), thomas),
    Case("V17", "Steric mass action, dilute elution by a gradient", "closed form", ("steric_elution",),
         dilute_elution),
    Case("V18", "Steric mass action, three proteins", "published example of the CADET simulator", ("steric_elution",),
         steric_elution),
    Case("V22", "pH of bicarbonate under carbon dioxide", "Henderson and Hasselbalch", ("transfer_coefficient",),
         bicarbonate),
    Case("V28", "pH of a mixture by charge balance", "closed form", ("acid_base",), acid_base),
    Case("V28 tank", "Titration of a tank to a pH", "closed form", ("titration",), titration),
    Case("perfusion", "Steady state of a perfused culture", "its balances solved with scipy", ("perfusion",),
         perfusion),
    Case("flagship", "Fed-batch course against the calibration target", "an engineering target, not published data",
         ("fed_batch",), course_checks),
)  # fmt: skip
"""What runs through ``cosim run``."""

UNIT_CASES = (
    UnitCase("V17 pH", "Cation exchanger on a skid, dilute elution by a gradient", "closed form",
             ("BioProcess.Fmus.CationExchange",), dilute_elution_checks),
    UnitCase("glycosylation", "33 glycans after plug flow through the Golgi", "the same network solved with scipy",
             ("BioProcess.Tests.GolgiRefinement", "BioProcess.Fmus.Glycosylation"), glycosylation),
    UnitCase("reduced glycosylation", "Lumped glycans against 33", "the whole network solved with scipy",
             ("BioProcess.Fmus.ReducedGlycosylation",), reduced_glycosylation),
    UnitCase("ageing", "Charge variants and aggregates in a culture", "the same rates solved with scipy",
             ("BioProcess.Tests.AgeingCulture",), ageing_culture),
    UnitCase("microbial", "Fermenter with overflow metabolism, gas, pH, heat and induction", "the same balances solved "
             "with scipy; kinetics after Xu, Jahic and Enfors 1999, doi:10.1021/bp9801087",
             ("BioProcess.Fmus.MicrobialReactor",), fermenter),
    UnitCase("homogeniser", "Cells broken by pressure and passes", "closed form, Hetherington et al. 1971, "
             "Trans. Inst. Chem. Eng. 49:142", ("BioProcess.Fmus.Homogeniser",), homogeniser),
    UnitCase("V26", "Conservation in every unit, each species and volume", "balance; closure over inventory and inflow",
             tuple(f"BioProcess.Fmus.{unit}" for unit in DRIVES), balance_checks),
    UnitCase("capture", "Protein A step against the calibration target", "an engineering target, not published data",
             ("BioProcess.Fmus.ProteinA",), step_checks),
    UnitCase("polishing", "Ion exchange steps against the calibration target",
             "an engineering target, not published data",
             ("BioProcess.Fmus.CationExchange", "BioProcess.Fmus.AnionExchange"), polishing_checks),
)  # fmt: skip
"""What steps single units by hand, because their inputs follow what they put out."""
