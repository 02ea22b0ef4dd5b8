"""The answer of a scale-up: which criterion to hold, what it predicts, what must be verified at large scale."""

from __future__ import annotations

import math

import numpy as np

from cosim.results.display import number, pretty_unit
from cosim.study.calibration.answer import answer as calibration_answer
from cosim.study.drawing import bars
from cosim.study.method import Answer, Cell, Section, Table
from cosim.study.scale_up.drawing import intervals
from cosim.study.scale_up.search import Scaled
from cosim.study.scale_up.verdicts import Prediction, chances, chosen, predictions, ranked

NO_WORRY = 0.2
"""Share of the room to its limit below which a response need not be verified for that."""


def answer(scaled: Scaled) -> Answer:
    """Return the answer in sections, those of the calibration at the end."""
    below = calibration_answer(scaled.found)
    found = predictions(scaled)
    doubts = (*scaled.complaints, *_lost(scaled), *below.warnings)
    if not scaled.held:
        verdict = f"No criterion can be held at large scale. At small scale: {below.verdict}"
        return Answer(verdict, (_criteria(scaled), *below.sections), doubts)
    best = chosen(scaled, found)
    shown = [_shown(scaled, found, j) for j in range(len(scaled.scales.predicted))]
    sections = (_verify(scaled, found, best), _criteria(scaled), *shown, *below.sections)
    return Answer(_verdict(scaled, found, best), sections, doubts)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _place(name: str) -> str:
    return "small scale" if name == "small" else f"constant {_words(name)}"


def _verdict(scaled: Scaled, found: dict[str, list[Prediction]], best: str) -> str:
    likely = chances(scaled)
    limited = any(response.has_limits for response in scaled.scales.predicted)
    first = ranked(found, best)[0]
    keeps = f"Constant {_words(best)} keeps all specifications with a probability of {likely[best]:.0%}"
    others = ", ".join(f"{_words(name)} {chance:.0%}" for name, chance in likely.items() if name != best)
    head = f"{keeps}{f' ({others})' if others else ''}" if limited else f"Constant {_words(best)} changes least"
    why = "the change of scale" if first.change >= first.spread else "what the calibration leaves unknown"
    told = f"{_words(first.response.name)} first: {why} uses {first.score:.0%} of its room"
    return f"{head}. At large scale verify {told}."


def _lost(scaled: Scaled) -> tuple[str, ...]:
    pairs = zip(_rows(scaled), scaled.samples, strict=True)
    lost = [name for name, samples in pairs if not np.isfinite(samples).all()]
    return tuple(f"Some runs at {_place(name)} gave no value: figures leave them out." for name in lost)


def _rows(scaled: Scaled) -> list[str]:
    return ["small", *(held.name for held in scaled.held)]


def _criteria(scaled: Scaled) -> Section:
    """Return every criterion at both scales: what is held, and what that does to the others."""
    scales = scaled.scales
    rows: list[tuple[Cell, ...]] = []
    for held in (scaled.small, *scaled.held):
        rows.append((_place(held.name), held.setting, *(float(x) if math.isfinite(x) else None for x in held.criteria)))
    names = [_words(response.name.partition(" ")[2]) for response in scales.criteria]
    columns = ("", scaled.scales.adjusted_name, *names)
    units = ("", scaled.scales.adjusted_unit, *(response.unit for response in scales.criteria))
    text = "What is adjusted at large scale, and what holding one criterion does to the others."
    return Section("criteria", "What is held, what gives way", text, Table(columns, tuple(rows), units))


def _shown(scaled: Scaled, found: dict[str, list[Prediction]], j: int) -> Section:
    """Return one response at both scales."""
    rows = [found[name][j] for name in _rows(scaled)]
    response = scaled.scales.predicted[j]
    names = [_place(name) for name in _rows(scaled)]
    share = f"{scaled.found.fit.options.confidence:.0%}"
    cells = tuple(
        (name, *(_cell(x) for x in (row.value, row.low, row.high)), None if row.chance is None else 100.0 * row.chance)
        for name, row in zip(names, rows, strict=True)
    )
    text = (
        f"Point: with the parameters that fit best; line: {share} of samples of the parameters, drawn from what the "
        "calibration knows of them. What changes with scale and is not in the model is in neither."
    )
    columns = ("", "predicted", "from", "to", "in specification")
    table = Table(columns, cells, ("", response.unit, response.unit, response.unit, "%"))
    title = f"{_words(response.name)} at both scales"
    return Section(f"prediction.{response.name}", title, text, table, intervals(rows, names))


def _cell(value: float) -> Cell:
    return value if math.isfinite(value) else None


def _verify(scaled: Scaled, found: dict[str, list[Prediction]], best: str) -> Section:
    """Return what to verify at large scale with the best criterion, most urgent first."""
    order = ranked(found, best)
    rows = []
    for one in order:
        why = "" if one.score == 0.0 else "change of scale" if one.change >= one.spread else "uncertainty"
        verdict = "verify" if one.score >= NO_WORRY else "as expected"
        limit = [
            f"{word} {number(value)}"
            for word, value in (("at least", one.response.at_least), ("at most", one.response.at_most))
            if value is not None
        ]
        shares = _cell(100.0 * one.change), _cell(100.0 * one.spread)
        unit = pretty_unit(one.response.unit)
        rows.append((_words(one.response.name), one.value, unit, ", ".join(limit), *shares, why, verdict))
    columns = ("response", "at large scale", "in", "limit", "change uses", "uncertainty uses", "because of", "")
    units = ("", "", "", "", "%", "%", "", "")
    text = (
        f"With constant {_words(best)}: how much of the room that small scale leaves to a limit is used by the "
        "change of scale, and by half the interval of the prediction; of the value itself where there is no limit. "
        "Beyond 100 % the limit is passed."
    )
    names = [_words(one.response.name) for one in order]
    drawn = [min(100.0 * one.score, 999.0) for one in order]
    drawing = bars(names, drawn, "room used", "%")
    return Section("verify", "What to verify at large scale", text, Table(columns, tuple(rows), units), drawing)
