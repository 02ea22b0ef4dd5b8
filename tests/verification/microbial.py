"""Verification cases of the microbial line: homogeniser."""

import math

from library_fmu import simulate
from verification.check import Check, Fmus

_FMUS = "BioProcess.Fmus."


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
