"""Curves compared: what is missing, new, in another unit, no number, shorter, outside its tube, dead or mirrored."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from cosim.clock import Ticks, format_ticks
from cosim.regression.curve import Array, Curve
from cosim.regression.curve import Ticks as TickArray
from cosim.regression.finding import Finding
from cosim.regression.record import Record
from cosim.regression.tolerance import Rules, Tolerance
from cosim.regression.tube import band, sight
from cosim.system.nearest import nearest
from cosim.units import conversion, is_compatible

ROUND_OFF = 1e-12
"""Of the largest signal of the same unit in a component: what is smaller is zero."""
_NOTHING = 1e-14
"""Of what has no unit: fractions and pH are never so small."""
_MIRRORED = 0.01
"""Of its size: how near a signal comes to the opposite of what it was to count as mirrored."""
_STILL = 1e-3
"""Of the range before: what moves less stands still."""
EARLY_SHARE = 0.1
"""Of the tolerance: where the search for the culprit sees a difference begin."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A signal that both runs have, in the unit of the baseline; both the same object where they are equal.

    ``margin`` is half the height of its tube. ``first`` is when it leaves the tube, ``early`` when it leaves one of a
    tenth of the height; ``size`` how far it goes, in multiples of the margin: at most 1 is inside. It is farthest at
    ``farthest`` with the value ``there``.
    """

    reference: Curve
    candidate: Curve
    reach: int
    margin: float
    size: float
    first: int | None
    early: int | None
    floor: float = 0.0
    """What is smaller is round-off."""
    farthest: int = 0
    there: float = np.nan

    @property
    def name(self) -> str:
        """``component.variable``."""
        return self.reference.name


def compare_signals(baseline: Record, candidate: Record, rules: Rules) -> tuple[list[Finding], list[Compared]]:
    """Compare every signal that ``rules`` choose.

    Raises
    ------
    StructureError
        When an absolute tolerance is in another dimension than its signal.
    """
    findings = [*_missing(baseline, candidate, rules), *_lengths(baseline, candidate, rules)]
    compared = []
    floors = _floors(baseline.curves.values())
    for name, reference in baseline.curves.items():
        tolerance = rules.of_signal(name)
        other = candidate.curves.get(name)
        if tolerance is None or other is None:
            continue
        found, same_unit = _units(reference, other)
        findings += found
        if same_unit is None:
            continue
        if reference.axis == "run":
            tolerance = replace(tolerance, reach=0)  # one run is not near another
        signal = _compare(reference, same_unit, tolerance, floors[reference.component, reference.unit], baseline)
        compared.append(signal)
        findings += _judge(signal) if reference.axis == "time" else _judge_runs(signal)
    return findings, compared


def _missing(baseline: Record, candidate: Record, rules: Rules) -> Iterator[Finding]:
    for name in baseline.curves:
        if name not in candidate.curves and rules.of_signal(name) is not None:
            hint = nearest(name, candidate.curves)
            yield Finding("missing", name, f"{name} is in the baseline, and not in this run.{hint}")
    for pattern in rules.signals:
        known = baseline.curves if baseline.is_measured else {**baseline.curves, **candidate.curves}
        if not any(pattern.matches(name) for name in known):
            where = "the data do not hold" if baseline.is_measured else "neither run has"
            text = f"The suite compares '{pattern.text}', which {where}."
            yield Finding("missing", pattern.text, text)
    if baseline.is_measured:
        return
    for name in candidate.curves:
        if name not in baseline.curves and rules.of_signal(name) is not None:
            yield Finding("new", name, f"{name} is not in the baseline.")


def _lengths(baseline: Record, candidate: Record, rules: Rules) -> Iterator[Finding]:
    """Compare when the runs end; where that is alike, when components begin and end."""
    reach = rules.reach
    if baseline.is_measured:
        yield from _uncovered(baseline, candidate, rules)
        return
    if abs(candidate.end - baseline.end) > reach:
        yield _length("The run", "run", baseline.end, candidate.end, is_end=True)
        return
    seen = set()
    for name, reference in baseline.curves.items():
        other = candidate.curves.get(name)
        if other is None or reference.component in seen or reference.axis == "run":
            continue
        seen.add(reference.component)
        for i, is_end in ((0, False), (-1, True)):
            before, after = int(reference.ticks[i]), int(other.ticks[i])
            if abs(after - before) > reach:
                yield _length(f"'{reference.component}'", reference.component, before, after, is_end=is_end)


def _uncovered(baseline: Record, candidate: Record, rules: Rules) -> Iterator[Finding]:
    """Find signals that were measured before the run begins or after it ends, give or take their time tolerance."""
    for name, measured in baseline.curves.items():
        other, tolerance = candidate.curves.get(name), rules.of_signal(name)
        if other is None or tolerance is None:
            continue
        for i, word, sign in ((0, "begins", -1), (-1, "ends", 1)):
            before, after = int(measured.ticks[i]), int(other.ticks[i])
            if sign * (before - after) > tolerance.reach:
                when = f"{word} at {format_ticks(Ticks(after))}"
                text = f"{name} {when}, and was measured at {format_ticks(Ticks(before))}."
                yield Finding("shorter", name, text, min(before, after))


def _length(what: str, subject: str, before: int, after: int, *, is_end: bool) -> Finding:
    word = "ends" if is_end else "begins"
    kind = "shorter" if (after < before) == is_end else "longer"
    moments = f"at {format_ticks(Ticks(after))} instead of {format_ticks(Ticks(before))}"
    return Finding(kind, subject, f"{what} {word} {moments}.", min(before, after))


def _units(reference: Curve, other: Curve) -> tuple[list[Finding], Curve | None]:
    """Return ``other`` in the unit of ``reference``, None where there is no way, and what is to be said of that."""
    before, after = reference.unit or "", other.unit or ""
    if before == after:
        return [], other
    told = f"{reference.name} is in [{after or 'no unit'}], and was in [{before or 'no unit'}]"
    if not before or not after or not is_compatible(after, before):
        return [Finding("unit", reference.name, f"{told}: the two cannot be compared.")], None
    change = conversion(after, before)
    converted = replace(other, values=other.values * change.factor + change.offset, unit=reference.unit)
    if change.factor == 1.0 and change.offset == 0.0:
        return [], converted  # kg/m3 and kg.m-3
    return [Finding("unit", reference.name, f"{told}. Its values are compared after conversion.")], converted


def _floors(curves: Iterable[Curve]) -> Mapping[tuple[str, str | None], float]:
    """Return, by component and unit, what is round-off; numbers without a unit differ too much to say."""
    largest: dict[tuple[str, str | None], float] = {}
    for curve in curves:
        key = curve.component, curve.unit
        has_none = curve.unit in (None, "", "1")
        largest[key] = max(largest.get(key, 0.0), _NOTHING if has_none else ROUND_OFF * magnitude(curve.values))
    return largest


def magnitude(values: Array) -> float:
    """Return the largest magnitude of what is finite, 0 where nothing is."""
    finite = values[np.isfinite(values)]
    return float(np.max(np.abs(finite))) if len(finite) else 0.0


def extent(values: Array) -> float:
    """Return the range of what is finite, 0 where nothing is; one that no float can hold is the largest float."""
    finite = values[np.isfinite(values)]
    return min(float(np.max(finite)) - float(np.min(finite)), sys.float_info.max) if len(finite) else 0.0


def scale_of(values: Array) -> float:
    """Return what a relative tolerance of a signal is relative to."""
    return max(extent(values), 1e-3 * magnitude(values))


def margin_of(curve: Curve, tolerance: Tolerance, floor: float) -> float:
    """Return half the height of the tube around ``curve``, in its unit."""
    return max(tolerance.absolute_in(curve.unit) + tolerance.relative * scale_of(curve.values), floor)


def _compare(reference: Curve, candidate: Curve, tolerance: Tolerance, floor: float, baseline: Record) -> Compared:
    margin = margin_of(reference, tolerance, floor)
    if np.array_equal(reference.ticks, candidate.ticks) and np.array_equal(reference.values, candidate.values):
        return Compared(reference, reference, tolerance.reach, margin, 0.0, None, None, floor)
    looked = sight(reference, candidate, tolerance.reach, is_measured=baseline.is_measured)
    if len(looked.ticks) == 0:
        return Compared(reference, candidate, tolerance.reach, margin, np.inf, int(candidate.ticks[0]), None)
    outside = looked.excess(reference, tolerance.reach, margin)
    slight = looked.excess(reference, tolerance.reach, max(EARLY_SHARE * margin, floor))
    worst = int(np.argmax(outside))
    size = 1.0 + outside[worst] / margin if margin > 0 else (np.inf if outside[worst] > 0 else 0.0)
    return Compared(
        reference,
        candidate,
        reach=tolerance.reach,
        margin=margin,
        size=max(float(size), 0.0),
        first=_first(looked.ticks, outside),
        early=_first(looked.ticks, slight),
        floor=floor,
        farthest=int(looked.ticks[worst]),
        there=float(looked.values[worst]),
    )


def _first(ticks: TickArray, excess: Array) -> int | None:
    beyond = np.flatnonzero(excess > 0)
    return int(ticks[beyond[0]]) if len(beyond) else None


def _judge(signal: Compared) -> Iterator[Finding]:
    """Say what is wrong with a signal, most telling first; at most one thing."""
    reference, candidate = signal.reference, signal.candidate
    for curve, whose in ((candidate, "this run"), (reference, "the baseline")):
        wrong = np.flatnonzero(~np.isfinite(curve.values))
        if len(wrong):
            time = int(curve.ticks[wrong[0]])
            text = f"{signal.name} is no number in {whose}, {place(curve, time)}, {len(wrong)} times in all."
            yield Finding("nan", signal.name, text, time)
            return
    if candidate is reference:
        return
    before, after = extent(reference.values), extent(candidate.values)
    size = magnitude(reference.values)
    if before > max(1e-3 * size, signal.floor) and after <= _STILL * before:
        time = signal.first if signal.first is not None else int(reference.ticks[0])
        still = f"{signal.name} stands still at {_told(candidate.values[0], reference)}"
        text = f"{still}; it moved over {_told(before, reference)}."
        yield Finding("constant", signal.name, text, time, signal.size)
    elif size > signal.floor and _is_mirrored(reference, candidate):
        time = signal.first if signal.first is not None else int(reference.ticks[0])
        yield Finding("sign", signal.name, f"{signal.name} is the mirror image of what it was.", time, signal.size)
    elif signal.first is not None:
        yield Finding("value", signal.name, _tell_value(signal), signal.first, signal.size)


def _judge_runs(signal: Compared) -> Iterator[Finding]:
    """Say what is wrong with a response of a study: its values belong to runs, and there is none between two."""
    before, after = signal.reference.ticks, signal.candidate.ticks
    for kind, runs, text in (
        ("missing", np.setdiff1d(before, after), "has no value any more"),
        ("new", np.setdiff1d(after, before), "had no value before"),
    ):
        if len(runs):
            rest = f", and in {len(runs) - 1} more" if len(runs) > 1 else ""
            yield Finding(kind, signal.name, f"{signal.name} {text} in run {runs[0]}{rest}.")
    if np.array_equal(before, after):
        yield from (replace(finding, time=None) for finding in _judge(signal))


def _is_mirrored(reference: Curve, candidate: Curve) -> bool:
    """Tell whether ``candidate`` is the mirror image of ``reference``: about zero, or moving down where it moved up."""
    looked = sight(reference, candidate, 0, is_measured=True).values
    before = sight(reference, reference, 0, is_measured=True).values
    if len(looked) == 0 or len(looked) != len(before):
        return False
    size, span = magnitude(before), extent(before)
    with np.errstate(over="ignore"):
        total = looked + before
    if not np.isfinite(total).all():
        return False
    return magnitude(total) <= _MIRRORED * size or (span > _STILL * size and extent(total) <= _MIRRORED * span)


def _tell_value(signal: Compared) -> str:
    reference = signal.reference
    if not np.isfinite(signal.there) or signal.first is None:
        return f"{signal.name} has no time in common with the baseline."
    lower, upper = band(reference, np.array([signal.farthest]), signal.reach, signal.margin)
    allowed = f"{lower[0]:.6g} to {_told(upper[0], reference)}"
    begun = f"{signal.name} leaves its tube {place(reference, signal.first)}"
    far = f"farthest {place(reference, signal.farthest)}: {_told(signal.there, reference)}"
    return f"{begun}, {far}, where {allowed} is allowed ({signal.size:.3g} × tolerance)."


def place(curve: Curve, time: int) -> str:
    """Say where on the axis of ``curve`` something is."""
    return f"in run {time}" if curve.axis == "run" else f"at {format_ticks(Ticks(time))}"


def _told(value: float, curve: Curve) -> str:
    return f"{value:.6g} {curve.unit}" if curve.unit not in (None, "", "1") else f"{value:.6g}"
