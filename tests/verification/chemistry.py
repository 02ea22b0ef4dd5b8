"""pH and solubilities, written from the definitions: dissociation constants at 25 degC, ideal solutions."""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import brentq

GAS_CONSTANT = 8.314462618
ACIDS = {
    "acetate": (4.76,),
    "lactate": (3.86,),
    "carbonate": (6.10, 10.33),
    "phosphate": (2.15, 7.20, 12.35),
    "citrate": (3.13, 4.76, 6.40),
}
"""-log10 of the dissociation constants [mol/L] of what is neutral when it has all its protons."""
BASES = {"ammonia": (9.25,), "tris": (8.07,), "histidine": (1.80, 6.04, 9.33)}
"""The same of what is charged when it has all its protons: +1, +1 and +2."""
CHARGE = {"ammonia": 1.0, "tris": 1.0, "histidine": 2.0, "sodium": 1.0, "chloride": -1.0}


def protons_lost(constants: tuple[float, ...], pH: np.ndarray | float) -> np.ndarray:
    """Return the mean number of protons lost: Σ j β_j 10^(j pH)/Σ β_j 10^(j pH)."""
    powers = np.cumsum([0.0, *constants])
    weights = [10.0 ** (j * np.asarray(pH) - power) for j, power in enumerate(powers)]
    return sum(j * weight for j, weight in enumerate(weights)) / sum(weights)


def charge(pH: np.ndarray | float, c: Mapping[str, np.ndarray | float]) -> np.ndarray:
    """Return the net charge [mol/m3] of a solution of totals ``c`` [mol/m3]."""
    net = 1e3 * (10.0 ** -np.asarray(pH) - 10.0 ** (np.asarray(pH) - 14.0))
    for name, total in c.items():
        lost = protons_lost(ACIDS.get(name) or BASES[name], pH) if name in ACIDS or name in BASES else 0.0
        net = net + total * (CHARGE.get(name, 0.0) - lost)
    return net


def buffering(pH: np.ndarray, c: Mapping[str, np.ndarray | float]) -> np.ndarray:
    """Return minus the slope of the charge over pH [mol/m3]."""
    return (charge(pH - 1e-5, c) - charge(pH + 1e-5, c)) / 2e-5


def equilibrium(c: Mapping[str, float]) -> float:
    """Return the pH at which the charge is balanced."""
    return float(brentq(lambda pH: float(charge(pH, c)), -1.0, 15.0, xtol=1e-13))


def dissolved_gas(pH: np.ndarray | float) -> np.ndarray:
    """Return the share of total carbonic acid that is dissolved carbon dioxide."""
    h, k1, k2 = 10.0 ** -np.asarray(pH), 10.0**-6.10, 10.0**-10.33
    return h * h / (h * h + k1 * h + k1 * k2)


def henry(gas: str, temperature: float) -> float:
    """Return the solubility of a gas [mol/(m3.Pa)]: Sander 2015."""
    constant, slope = {"oxygen": (1.3e-5, 1500.0), "carbon_dioxide": (3.3e-4, 2400.0)}[gas]
    return constant * float(np.exp(slope * (1.0 / temperature - 1.0 / 298.15)))
