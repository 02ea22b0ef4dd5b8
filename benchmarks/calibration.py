"""How often confidence intervals of fits hold the truth: 1,000 repeats of a cheap model with new noise each time.

    python benchmarks/calibration.py [--repeats N] [--json]

A saturating rise y = a·(1 − exp(−k·t)) at 12 times with noise of 4 % of its height, the standard deviation stated or
estimated from what the fit leaves; a and k fitted from one start, 95 % intervals from the profile likelihood and from
the covariance. Honest is 93 to 97 %.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from cosim.study.fitting import FitProblem, Options, Parameter, fit

TRUTH = np.array([2.0, 0.3])
TIMES = np.linspace(0.5, 6.0, 12)
NOISE = 0.08
PARAMETERS = (Parameter("a", 0.2, 20.0), Parameter("k", 0.01, 5.0, is_log=True))


def model(points: np.ndarray) -> np.ndarray:
    """Return y (m, n) at points (m, 2)."""
    return points[:, :1] * (1.0 - np.exp(-points[:, 1:] * TIMES))


def coverage(repeats: int, deviation: float, seed: int) -> dict[str, object]:
    """Return the shares of intervals that hold the truth, of a and of k; ``deviation`` NaN: it is estimated."""
    rng = np.random.default_rng(seed)
    n, groups = len(TIMES), np.zeros(len(TIMES), dtype=np.int64)
    held = {"profile": np.zeros(2), "covariance": np.zeros(2)}
    began = time.perf_counter()
    for _ in range(repeats):
        y = model(TRUTH[None, :])[0] + rng.normal(0.0, NOISE, n)
        found = fit(FitProblem(PARAMETERS, y, np.full(n, deviation), groups), model, Options(starts=1))
        for kind, ends in (("profile", found.intervals), ("covariance", found.linear)):
            held[kind] += (ends[:, 0] < TRUTH) & (ends[:, 1] > TRUTH)
    seconds = (time.perf_counter() - began) / repeats
    return {**{kind: (count / repeats).tolist() for kind, count in held.items()}, "seconds": seconds}


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {
        "stated": coverage(options.repeats, NOISE, 1),
        "estimated": coverage(options.repeats, float("nan"), 2),
    }
    if options.json:
        print(json.dumps({"repeats": options.repeats, **found}, indent=2))
        return
    for case, row in found.items():
        for kind in ("profile", "covariance"):
            a, k = (f"{100 * share:.1f} %" for share in row[kind])  # type: ignore[attr-defined]
            print(f"standard deviation {case:9}  {kind:10}  a {a}  k {k}")
        print(f"standard deviation {case:9}  {1000 * row['seconds']:.0f} ms per fit")  # type: ignore[operator]


if __name__ == "__main__":
    main()
