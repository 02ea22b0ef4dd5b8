"""The CHO culture after its documentation, for any number of zones at once."""

import json
from collections.abc import Mapping

import numpy as np
from library_fmu import LIBRARY

SOLUTES = ("cells_viable", "cells_dead", "glucose", "glutamine", "asparagine", "amino_acids", "lactate", "ammonia",
           "carbonate", "mab", "hcp", "sodium", "chloride", "phosphate")  # fmt: skip
"""What a culture in its medium holds."""
IONS = ("lactate", "ammonia", "carbonate", "sodium", "chloride", "phosphate")
_FACTS = json.loads((LIBRARY / "Resources" / "species.json").read_text(encoding="utf-8"))
NAMES = ("age_half", "n_age", "mu_death", "mu_death_old", "m_glucose", "Y_lactate", "q_lactate_max", "K_lactate",
         "q_ammonia_max", "K_ammonia", "mu_switch", "q_mab_max", "mu_mab", "q_hcp", "hcp_cell", "share_asparagine",
         "K_amino_acids", "published.K_glucose", "published.K_glutamine", "published.KI_lactate",
         "published.KI_ammonia", "published.Y_glucose", "published.Y_glutamine", "published.Y_ammonia")  # fmt: skip
"""Parameters of the culture."""


def _half(c: np.ndarray, k: float) -> np.ndarray:
    return np.maximum(c, 0.0) / (k + np.maximum(c, 0.0))


def _content(element: str, rates: Mapping[str, np.ndarray]) -> np.ndarray:
    return sum(_FACTS[name][element] * rate for name, rate in rates.items())


def rates(
    c: Mapping[str, np.ndarray],
    age: float,
    p: Mapping[str, float],
    *,
    growth: np.ndarray | float = 1.0,
    product: np.ndarray | float = 1.0,
    stress: float = 0.0,
) -> dict[str, np.ndarray]:
    """Return the net rate of each solute per volume [1/(m3.s), mol/(m3.s) or kg/(m3.s)]."""
    old = 1.0 - 1.0 / (1.0 + (age / p["age_half"]) ** p["n_age"])
    mu = growth * p["mu_max"] * (1.0 - old) * _half(c["glucose"], p["published.K_glucose"])
    mu = mu * _half(c["glutamine"], p["published.K_glutamine"])
    mu = mu * p["published.KI_lactate"] / (p["published.KI_lactate"] + np.maximum(c["lactate"], 0.0))
    mu = mu * p["published.KI_ammonia"] / (p["published.KI_ammonia"] + np.maximum(c["ammonia"], 0.0))
    death = p["mu_death"] + p["mu_death_old"] * old + stress
    on = p["mu_switch"] / (p["mu_switch"] + mu)
    for_growth = mu / p["published.Y_glucose"]
    glucose = for_growth + p["m_glucose"] * _half(c["glucose"], p["published.K_glucose"])
    glutamine = mu / p["published.Y_glutamine"]
    lactate = p["q_lactate_max"] * on * _half(c["lactate"], p["K_lactate"])
    ammonia = p["q_ammonia_max"] * on * _half(c["ammonia"], p["K_ammonia"])
    mab = product * p["q_mab_max"] * p["mu_mab"] / (p["mu_mab"] + mu)
    hcp = p["q_hcp"] + p["hcp_cell"] * death
    new = {"cells_viable": mu, "mab": mab, "hcp": hcp}
    wanted = _content("nitrogen", new | {"ammonia": p["published.Y_ammonia"] * glutamine - ammonia})
    wanted = np.maximum(wanted - _content("nitrogen", {"glutamine": glutamine}), 0.0)
    asparagine = p["share_asparagine"] * wanted / _FACTS["asparagine"]["nitrogen"]
    asparagine = asparagine * _half(c["asparagine"], p["K_amino_acids"])
    amino = (wanted - _content("nitrogen", {"asparagine": asparagine})) / _FACTS["amino_acids"]["nitrogen"]
    amino = amino * _half(c["amino_acids"], p["K_amino_acids"])
    eaten = {"glucose": glucose, "glutamine": glutamine, "asparagine": asparagine, "amino_acids": amino,
             "lactate": lactate - p["Y_lactate"] * for_growth}  # fmt: skip
    respired = np.maximum(_content("carbon", eaten) - _content("carbon", new), 0.0)
    x = np.maximum(c["cells_viable"], 0.0)
    net = {name: -rate for name, rate in eaten.items()} | {
        "cells_viable": mu - death, "cells_dead": death, "mab": mab, "hcp": hcp, "carbonate": respired,
        "ammonia": p["published.Y_ammonia"] * glutamine - ammonia,
    }  # fmt: skip
    return {name: rate * x for name, rate in net.items()}
