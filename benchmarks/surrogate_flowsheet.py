"""A whole process with slow units by their FMUs and by surrogates, side by side: cost, switches, what differs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

import cosim
from cosim.results.trajectory import Trajectory

SCENARIO = Path(__file__).parents[1] / "scenarios" / "replaced" / "mab_excursion.yaml"
COMPARED = ("glycans.galactosylation", "glycans.high_mannose", "reactor.titre")


@dataclass(frozen=True, slots=True)
class Compared:
    """CPU time [s] of preparing, running and reporting; switches; NRMSE by variable.

    Audits are those of the column, in 4 % of its steps; no state can be written into the Golgi model.
    """

    by_fmus: float
    by_surrogates: float
    with_audits: float
    n_switches: int
    errors: dict[str, float]


def compare(packages: Path, folder: Path) -> Compared:
    """Run the scenario both ways in ``folder``, with the packages that lie in ``packages``."""
    text = SCENARIO.read_text(encoding="utf-8").replace("../../surrogates", str(packages.resolve()))
    alone = re.sub(r"(?m)^surrogates:\n(?:  .*\n)+", "", text)
    audited = text.replace(", audit: none", "")
    assert len({text, alone, audited}) == 3
    seconds, results = [], []
    for name, content in {"surrogates": text, "audited": audited, "fmus": alone}.items():
        path = folder / f"{name}.yaml"
        path.write_text(content, encoding="utf-8")
        began = process_time()
        results.append(cosim.run(path, out=folder / name))
        seconds.append(process_time() - began)
        assert results[-1].status == "completed", results[-1].outcome.reason
    n_switches = sum(happening.text.startswith("Switch") for happening in results[0].happenings)
    errors = {name: _nrmse(results[0][name], results[2][name]) for name in COMPARED}
    return Compared(seconds[2], seconds[0], seconds[1], n_switches, errors)


def _nrmse(own: Trajectory, theirs: Trajectory) -> float:
    """Compare at the times of the second, for phases may end a little earlier or later."""
    apart = np.interp(theirs.time, own.time, own.values) - theirs.values
    return float(np.sqrt(np.mean(apart**2)) / np.ptp(theirs.values))
