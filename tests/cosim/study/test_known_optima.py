"""Optima that are known without cosim, found with real FMUs."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

import cosim

STUDIES = Path(__file__).parents[3] / "scenarios" / "studies"


MODEL = """\
model FedBatch "Growth that too little and too much substrate slow down (Haldane)"
  parameter Real mu_max(unit = "1/h") = 0.5;
  parameter Real K(unit = "g/L") = 0.1;
  parameter Real K_i(unit = "g/L") = 10;
  parameter Real Y = 0.5;
  parameter Real S_feed(unit = "g/L") = 100;
  parameter Real F_start(unit = "L/h") = 0 "Of a feed that grows";
  parameter Real growth_set(unit = "1/h") = 0;
  input Real F(unit = "L/h", start = 0) "Of another feed";
  output Real biomass(unit = "g", start = 1, fixed = true);
  output Real V(unit = "L", start = 1, fixed = true);
  Real m(unit = "g", start = 1, fixed = true) "Substrate";
  Real S(unit = "g/L") = m/V;
  Real growth(unit = "g/h") = mu_max*S/(K + S + S^2/K_i)*biomass;
  Real F_all(unit = "L/h") = F + F_start*exp(growth_set*hours);
  Real hours(start = 0, fixed = true);
equation
  der(hours) = 1/3600;
  der(biomass) = growth/3600;
  der(V) = F_all/3600;
  der(m) = (S_feed*F_all - growth/Y)/3600;
end FedBatch;
"""
SCENARIO = """\
scenario: fed_batch
components:
  reactor: {source: modelica:FedBatch}
inputs:
  reactor.F: {file: feed.csv, column: F}
phases:
  run: {active: [reactor], duration: 8 h, step: 1 min}
tolerance: 1e-9
"""
MU, DURATION = 0.5 / 1.2, 8.0
"""Largest growth rate, mu_max/(1 + 2 sqrt(K/K_i)), at S = sqrt(K K_i) = 1 g/L, with which the culture begins; hours."""
TIMES = (0.0, 2.0, 4.0, 6.0, 8.0)


def study(folder, factors, course, options):
    (folder / "FedBatch.mo").write_text(MODEL)
    (folder / "fed_batch.yaml").write_text(SCENARIO)
    (folder / "feed.csv").write_text("time [h],F [L/h]\n" + "".join(f"{t:g},{F:g}\n" for t, F in course))
    (folder / "feed.yaml").write_text(
        f"study: feed\nscenario: fed_batch.yaml\nfactors:\n{factors}responses:\n"
        f"  biomass: {{value: final(reactor.biomass), unit: g, goal: maximise}}\n"
        f"method: {{name: optimisation, {options}}}\n"
    )
    return cosim.study(folder / "feed.yaml", out=folder / "out", workers=0)


def optimum(result):
    return [row[1] for row in result.answer.table("optimum").rows]


def test_the_cheapest_concentration_for_diafiltration(tmp_path):
    """V10: c·k·ln(c_gel/c) is largest at c_gel/e."""
    result = cosim.study(STUDIES / "diafiltration_optimum.yaml", out=tmp_path / "out", workers=0)
    assert optimum(result)[0] == pytest.approx(250 / math.e, rel=1e-3)
    assert result.answer.warnings == ()
    assert len(result.rows) <= 60


def test_the_best_exponential_feed_has_a_closed_form(tmp_path):
    """The culture cannot grow faster than with S = 1 g/L, which F = mu X V/(Y (S_feed − S)) keeps as it grows."""
    factors = "  reactor.F_start: {from: 0.004 L/h, to: 0.016 L/h}\n"
    factors += "  reactor.growth_set: {from: 0.2 1/h, to: 0.6 1/h}\n"
    result = study(tmp_path, factors, [(0, 0), (8, 0)], "tolerance: 1e-4")
    np.testing.assert_allclose(optimum(result), [MU / (0.5 * 99.0), MU], rtol=1e-3)
    assert result.answer.table("responses").rows[0][1] == pytest.approx(math.exp(MU * DURATION), rel=1e-6)


def grown(profile):
    """Return the biomass after 8 h of a feed that is linear between ``profile``, by scipy."""

    def rates(t, y):
        biomass, volume, m = y
        s = m / volume
        growth = 0.5 * s / (0.1 + s + s**2 / 10.0) * biomass
        flow = np.interp(t, TIMES, profile)
        return [growth, flow, 100.0 * flow - growth / 0.5]

    state = np.array([1.0, 1.0, 1.0])
    for begin, end in pairwise(TIMES):
        state = solve_ivp(rates, (begin, end), state, rtol=1e-9, atol=1e-11, method="LSODA").y[:, -1]
    return float(state[0])


def test_the_best_feed_profile_is_that_of_scipy(tmp_path):
    """Five points of a profile, against an optimiser and a solver that share nothing with cosim's."""
    guess = [MU / 49.5 * math.exp(MU * t) for t in TIMES]
    exactly = {"xatol": 1e-4, "fatol": 1e-7, "maxfev": 800}
    reference = minimize(lambda x: -grown(np.exp(x)), np.log(guess), method="Nelder-Mead", options=exactly)
    ranges = "".join(
        f"  inputs.reactor.F.at.{t:g} h: {{from: {0.3 * F:.4g} L/h, to: {2 * F:.4g} L/h}}\n"
        for t, F in zip(TIMES, guess, strict=True)
    )
    result = study(tmp_path, ranges, zip(TIMES, guess, strict=True), "runs: 400, starts: 2")
    found = result.answer.table("responses").rows[0][1]
    assert found == pytest.approx(-reference.fun, rel=1e-4)
    np.testing.assert_allclose(optimum(result), np.exp(reference.x), rtol=0.03)
    assert found < math.exp(MU * DURATION)
