"""What a calibration answers: parameters with intervals, fit, residuals, profiles, experiments held out."""

from __future__ import annotations

import math

import numpy as np

from cosim.results.display import number
from cosim.study.calibration.case import Signal, places_of
from cosim.study.calibration.drawing import Panel, Valley, panels, time_unit, valley
from cosim.study.calibration.found import Found, agreement, deviations, misfits, residuals
from cosim.study.fitting.doubts import doubts
from cosim.study.method import Answer, Cell, Section, Table
from cosim.study.problem import Array

_FINE = 81
"""Points of a curve that is drawn through those of a profile."""


def answer(found: Found) -> Answer:
    """Return the answer in sections; what is doubtful stands in its warnings."""
    sections = [_parameters(found), *_fits(found), *_residuals(found), *_profiles(found)]
    if len(found.case.parameters) > 1:
        sections.append(_correlations(found))
    return Answer(_verdict(found), tuple(sections), (*doubts(found.fit), *misfits(found)))


def _share(found: Found) -> str:
    return f"{100 * found.fit.options.confidence:g} %"


def _headed(name: str, unit: str) -> str:
    return name if unit in ("", "1") else f"{name} [{unit}]"


def _cell(value: float) -> Cell:
    return value if math.isfinite(value) else None


def _verdict(found: Found) -> str:
    said = []
    for parameter, value, (low, high) in zip(found.case.parameters, found.fit.values, found.fit.intervals, strict=True):
        unit = "" if parameter.unit == "1" else f" {parameter.unit}"
        ends = [number(float(end), 4) if math.isfinite(end) else "open" for end in (low, high)]
        said.append(f"{parameter.name} {number(float(value), 4)}{unit} ({ends[0]} to {ends[1]})")
    n_experiments, n = len(found.case.fitted), len(found.fit.problem.values)
    samples = f"{n} samples of {n_experiments} experiment{'s' if n_experiments > 1 else ''}"
    return f"Fitted to {samples}, with {_share(found)} intervals: {'; '.join(said)}.{_checked(found)}"


def _checked(found: Found) -> str:
    """Say of experiments held out whether they are predicted."""
    signals = [signal for signal in found.case.signals if found.case.experiments[signal.experiment].is_held_out]
    if not signals:
        return ""
    ratios = [agreement(found, signal).ratio for signal in signals]
    known = [ratio for ratio in ratios if math.isfinite(ratio)]
    if not known:
        return ""
    together = math.sqrt(sum(ratio**2 for ratio in known) / len(known))
    return f" Held-out data lie {together:.2f} times their expected error from the prediction."


def _parameters(found: Found) -> Section:
    fit = found.fit
    rows = []
    for j, parameter in enumerate(found.case.parameters):
        low, high = fit.intervals[j]
        error = float(fit.curvature.errors[j]) * (float(fit.values[j]) if parameter.is_log else 1.0)
        ends = (_cell(float(end)) for end in (low, high, *fit.linear[j]))
        rows.append((_headed(parameter.name, parameter.unit), float(fit.values[j]), *ends, _cell(error)))
    columns = (
        "parameter", "value", "low", "high", "low by covariance", "high by covariance", "standard error",
    )  # fmt: skip
    share = _share(found)
    text = (
        f"{share} limits from the profile likelihood; – where the data set none within the range. Those of the "
        "covariance hold where the model is nearly linear in the parameters."
        if fit.profiles
        else f"{share} limits from the covariance, which hold where the model is nearly linear in the parameters."
    )
    return Section("parameters", "Parameters", text, Table(columns, tuple(rows)))


def _by_group(found: Found) -> dict[int, list[Signal]]:
    groups: dict[int, list[Signal]] = {}
    for signal in found.case.signals:
        groups.setdefault(signal.group, []).append(signal)
    return groups


def _fits(found: Found) -> list[Section]:
    """Return data against fit, by variable."""
    sections = []
    for group, signals in _by_group(found).items():
        variable, unit = signals[0].series.variable, signals[0].series.unit
        times, chosen = places_of(found.case)[group]
        name, size = time_unit(float(np.max(times)))
        drawn = []
        for signal in signals:
            experiment = found.case.experiments[signal.experiment]
            title = f"{experiment.name}, held out" if experiment.is_held_out else experiment.name
            course, band = found.predictions[signal.experiment, chosen], found.errors[signal.experiment, chosen]
            reach = 1.96 * deviations(found, signal)
            places = signal.series.positions / size
            drawn.append(Panel(title, times / size, course, 1.96 * band, places, signal.series.values, reach))
        text = (
            "Points: measured, with 95 % of their standard deviation; line: the model, with the 95 % band that comes "
            f"from the parameters. {_origin(found, signals)}"
        )
        drawing = panels(drawn, variable, name, unit)
        sections.append(Section(f"fit.{variable}", _headed(variable, unit), text, _agreements(found, signals), drawing))
    return sections


def _origin(found: Found, signals: list[Signal]) -> str:
    sigma = found.fit.sigmas.get(signals[0].group)
    if sigma is None:
        return "Standard deviations are those stated."
    unit = signals[0].series.unit
    written = number(sigma, 3) if unit == "1" else f"{number(sigma, 3)} {unit}"
    return f"The standard deviation, where none is stated, is estimated from what the fit leaves: {written}."


def _agreements(found: Found, signals: list[Signal]) -> Table:
    rows = []
    for signal in signals:
        experiment, seen = found.case.experiments[signal.experiment], agreement(found, signal)
        use = "check" if experiment.is_held_out else "fit"
        numbers = (seen.error, seen.deviation, seen.ratio, seen.following)
        rows.append((experiment.name, use, len(signal.responses), *(_cell(value) for value in numbers)))
    unit = signals[0].series.unit
    columns = (
        "experiment", "use", "samples", "root mean square error", "of measurement", "ratio",
        "correlation of neighbours",
    )  # fmt: skip
    return Table(columns, tuple(rows), ("", "", "", unit, unit, "", ""))


def _residuals(found: Found) -> list[Section]:
    """Return weighted residuals over time, by variable."""
    sections = []
    for signals in _by_group(found).values():
        variable = signals[0].series.variable
        longest = max(float(np.max(signal.series.positions)) for signal in signals)
        name, size = time_unit(longest)
        drawn, rows = [], []
        for signal in signals:
            experiment = found.case.experiments[signal.experiment].name
            weighted = residuals(found, signal) / deviations(found, signal)
            places = signal.series.positions / size
            empty = np.empty(0)
            drawn.append(Panel(experiment, empty, empty, empty, places, weighted, np.zeros(len(weighted))))
            far = int(np.sum(np.abs(weighted) > 1.96))
            rows.append((experiment, len(weighted), far, _cell(float(np.max(np.abs(weighted))))))
        text = (
            "Measured minus fitted, in standard deviations: 1 in 20 points should lie outside the lines, in no order."
        )
        columns = ("experiment", "samples", "outside", "largest")
        drawing = panels(drawn, f"residuals of {variable}", name, "1", lines=(-1.96, 0.0, 1.96))
        title = f"What the fit leaves of {variable}"
        sections.append(Section(f"residuals.{variable}", title, text, Table(columns, tuple(rows)), drawing))
    return sections


def _profiles(found: Found) -> list[Section]:
    sections: list[Section] = []
    fit = found.fit
    if not fit.profiles:
        return sections
    for j, (parameter, profile) in enumerate(zip(found.case.parameters, fit.profiles, strict=True)):
        z = np.array([*reversed(profile.below.coordinates[1:]), *profile.above.coordinates])
        rises = np.array([*reversed(profile.below.rises[1:]), *profile.above.rises])
        fine = np.unique(np.concatenate([np.linspace(z[0], z[-1], _FINE), z]))
        roots = np.interp(fine, z, np.sign(z - fit.z[j]) * np.sqrt(rises))
        error = float(fit.curvature.errors[j])
        parabola = ((fine - fit.z[j]) / error) ** 2 if error > 0.0 else np.full(len(fine), np.inf)
        low, high = (float(end) for end in fit.intervals[j])
        limits = (low if math.isfinite(low) else None, high if math.isfinite(high) else None)
        drawing = valley(
            Valley(
                parameter.name, parameter.unit, _values(parameter.value, fine), roots**2,
                np.where(np.isnan(parabola), np.inf, parabola), profile.threshold, limits,
            )
        )  # fmt: skip
        rows = tuple((parameter.value(float(x)), float(y)) for x, y in zip(z, rises, strict=True))
        text = (
            "The least weighted sum of squares with the parameter held at each value and the others fitted anew, above "
            f"that of the best fit. Where it stays below {profile.threshold:.3g}, the value is within the "
            f"{_share(found)} interval."
        )
        table = Table((_headed(parameter.name, parameter.unit), "rise"), rows)
        sections.append(
            Section(f"profile.{parameter.name}", f"How well {parameter.name} is known", text, table, drawing)
        )
    return sections


def _values(value: object, z: Array) -> Array:
    assert callable(value)
    return np.array([value(float(x)) for x in z])


def _correlations(found: Found) -> Section:
    parameters, rows = found.case.parameters, []
    for i in range(len(parameters)):
        for j in range(i):
            rows.append((parameters[j].name, parameters[i].name, _cell(found.fit.curvature.correlation(j, i))))
    text = "Of the estimates, by the covariance: near ±1 the data tell a combination of the two better than either."
    return Section("correlations", "Correlations", text, Table(("parameter", "with", "correlation"), tuple(rows)))
