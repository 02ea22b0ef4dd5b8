"""The sections ``estimation`` and ``forecast`` of a shadow file: YAML → what is estimated, and how far one looks ahead.

What they name is checked against the twin when the shadow begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cosim.clock import Ticks, to_ticks
from cosim.errors import SourceLocation
from cosim.live.tag_file import number_in
from cosim.scenario.document import Entry
from cosim.scenario.reading import (
    Problems,
    duration_of,
    entries_of,
    fields_of,
    integer_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.system.nearest import nearest
from cosim.units import parse_quantity

KEYS: Final = ("filter", "members", "seed", "horizon", "states", "parameters", "measurements", "outputs")
_PRIOR_KEYS: Final = ("spread", "noise", "limits")
_NOISE_KEYS: Final = ("noise", "relative_noise", "offset")
FORECAST_KEYS: Final = ("scenario", "until", "every", "step", "members", "hold", "limits", "share", "golden")
_HOLD_KEYS: Final = ("variable", "within")
_HOUR: Final = to_ticks(3600.0)
UNSCENTED, ENSEMBLE = "unscented", "ensemble"
FILTERS: Final = (UNSCENTED, ENSEMBLE)
FEW: Final = 20
"""Of what is estimated, up to which the unscented filter is taken where the file names none and asks for no members.

It has 2n + 1 members, 41 at twenty, fewer than an ensemble needs to tell correlations from chance. They stand √n
standard deviations off the mean, 4.5 at twenty; with more they would ask the model about what no plant is like.
"""
MEMBERS: Final = 100
"""Of an ensemble whose file does not tell."""
_LEAST: Final = 10
"""Members of an ensemble, at least: its covariances come from them alone."""
_WIDEST: Final = 1.0
"""Spread of what is known beforehand, at most: who knows less of a value than its size has no value to begin with."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known beforehand of states or a parameter called ``name``, which may end in ``*``.

    ``spread`` is the standard deviation at the start and ``noise`` what it gains in a day, both as shares of the value;
    ``limits`` are quantities, '' where there is none.
    """

    name: str
    spread: float
    noise: float
    limits: tuple[str, str] = ("", "")
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """One sigma of a measurement: a quantity, '' for none, and a share of the value.

    ``offset`` is one sigma of an error that lasts for days, a quantity, '' for none.
    """

    pattern: str
    absolute: str
    relative: float
    origin: SourceLocation | None = None
    offset: str = ""


@dataclass(frozen=True, slots=True)
class EstimationSection:
    """What is estimated from what; ``outputs`` are units by variable, besides what the laboratory samples.

    ``filter`` is one of ``FILTERS``, None where the file leaves it to the number of what is estimated.
    """

    filter: str | None = None
    members: int | None = None
    seed: int = 0
    horizon: Ticks = Ticks(24 * _HOUR)
    states: tuple[Prior, ...] = ()
    parameters: tuple[Prior, ...] = ()
    noises: tuple[Noise, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Of a tag whose value stays as it is: the ``variable`` of the forecast's scenario that it sets.

    Where the scenario's own value is closer than ``within``, a quantity, its plan goes on instead.
    """

    tag: str
    variable: str
    within: str = ""
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class ForecastSection:
    """How far and how often one looks ahead, what limits are watched, and the folder of earlier good batches."""

    scenario: Path
    until: Ticks
    every: Ticks = _HOUR
    step: Ticks = Ticks(6 * _HOUR)
    members: int = 30
    holds: tuple[Hold, ...] = ()
    limits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    share: float = 0.5
    golden: Path | None = None
    origin: SourceLocation | None = None


def read_estimation(entry: Entry, problems: Problems) -> EstimationSection:
    """Read the section ``estimation``."""
    fields = fields_of(entry.value, KEYS, "'estimation'", problems)
    if "measurements" not in fields:
        problems.add("An estimation needs 'measurements', the noise of what is measured: "
                     "{TT101: {noise: 0.05 K}, LAB_*: {relative_noise: 4 %}}.", entry.origin)  # fmt: skip
    if "states" not in fields and "parameters" not in fields:
        problems.add("There is nothing to estimate: give 'states', 'parameters' or both.", entry.origin)
    return EstimationSection(
        filter=_filter(fields, problems),
        members=_count(fields["members"], problems, least=_LEAST, default=MEMBERS) if "members" in fields else None,
        seed=_count(fields.get("seed"), problems, least=0, default=0),
        horizon=_duration(fields.get("horizon"), problems) or Ticks(24 * _HOUR),
        states=_priors(fields.get("states"), problems),
        parameters=_priors(fields.get("parameters"), problems),
        noises=_noises(fields.get("measurements"), problems),
        outputs=_texts(fields.get("outputs"), problems),
        origin=entry.origin,
    )


def read_forecast(entry: Entry, path: Path, problems: Problems) -> ForecastSection:
    """Read the section ``forecast`` of the file at ``path``."""
    fields = fields_of(entry.value, FORECAST_KEYS, "'forecast'", problems)
    share = _share(fields.get("share"), problems) if "share" in fields else 0.5
    if not 0.0 < share <= 1.0:
        problems.add(f"'share' is {share:g}; give one above 0 % and up to 100 %.", fields["share"].origin)
    for key in ("scenario", "until"):
        if key not in fields:
            problems.add(f"A forecast needs '{key}': the scenario that it follows, and the end of the batch.",
                         entry.origin)  # fmt: skip
    return ForecastSection(
        scenario=_file(fields.get("scenario"), path, problems) or path,
        until=_duration(fields.get("until"), problems) or _HOUR,
        every=_duration(fields.get("every"), problems) or _HOUR,
        step=_duration(fields.get("step"), problems) or Ticks(6 * _HOUR),
        members=_count(fields.get("members"), problems, least=1, default=30),
        holds=_holds(fields.get("hold"), problems),
        limits=_limits(fields.get("limits"), problems),
        share=share,
        golden=_file(fields.get("golden"), path, problems),
        origin=entry.origin,
    )


def _filter(fields: Mapping[str, Entry], problems: Problems) -> str | None:
    """Read which filter is asked for."""
    if (entry := fields.get("filter")) is None:
        return None
    name = text_of(entry.value, "'filter'", problems)
    if name is not None and name not in FILTERS:
        problems.add(
            f"There is no filter '{name}': it is {' or '.join(FILTERS)}.{nearest(name, FILTERS)}", entry.origin
        )
    if name == UNSCENTED and "members" in fields:
        text = "The unscented filter has two members for each of what is estimated, and one. Leave out 'members'."
        problems.add(text, fields["members"].origin)
    return name


def _count(entry: Entry | None, problems: Problems, *, least: int, default: int) -> int:
    found = integer_of(entry.value, f"'{entry.key}'", problems, least=least) if entry is not None else default
    return found if found is not None else default


def _duration(entry: Entry | None, problems: Problems) -> Ticks | None:
    return duration_of(entry.value, f"'{entry.key}'", problems) if entry is not None else None


def _file(entry: Entry | None, path: Path, problems: Problems) -> Path | None:
    text = text_of(entry.value, f"'{entry.key}'", problems) if entry is not None else None
    return path.parent / text if text is not None else None


def _share(entry: Entry | None, problems: Problems) -> float:
    """Read a share that is not negative, such as ``4 %``."""
    scalar = scalar_of(entry.value, f"'{entry.key}'", problems) if entry is not None else None
    if entry is None or scalar is None:
        return 0.0
    found = problems.attempt(lambda: number_in(scalar.text, "1"), scalar.origin, f"'{entry.key}': ")
    if found is not None and found < 0.0:
        problems.add(f"'{entry.key}' is negative; give a share such as 4 %.", entry.origin)
    return found or 0.0


def _priors(entry: Entry | None, problems: Problems) -> tuple[Prior, ...]:
    found = []
    for item in entries_of(entry.value, f"'{entry.key}'", problems) if entry is not None else ():
        fields = fields_of(item.value, _PRIOR_KEYS, f"The prior of '{item.key}'", problems)
        limits = _pair(fields["limits"], problems) if "limits" in fields else ("", "")
        prior = Prior(
            item.key, _share(fields.get("spread"), problems), _share(fields.get("noise"), problems), limits, item.origin
        )
        if prior.spread == 0.0 == prior.noise:
            text = f"Nothing can be learnt of '{item.key}', which has neither 'spread' nor 'noise'. Give a share of it."
            problems.add(text, item.origin)
        if prior.spread > _WIDEST:
            text = f"'{item.key}' has a spread of {prior.spread:.0%}; give one of up to {_WIDEST:.0%}, such as 5 %."
            problems.add(text, fields["spread"].origin)
        found.append(prior)
    return tuple(found)


def _noises(entry: Entry | None, problems: Problems) -> tuple[Noise, ...]:
    found = []
    for item in entries_of(entry.value, f"'{entry.key}'", problems) if entry is not None else ():
        fields = fields_of(item.value, _NOISE_KEYS, f"The noise of '{item.key}'", problems)
        absolute, offset = (
            text_of(fields[key].value, f"'{key}'", problems) or "" if key in fields else ""
            for key in ("noise", "offset")
        )
        noise = Noise(item.key, absolute, _share(fields.get("relative_noise"), problems), item.origin, offset)
        size = _size_of(absolute, item, problems) if absolute else 0.0
        if size is not None and size < 0.0:
            problems.add(f"The noise of '{item.key}' is negative; give one sigma.", fields["noise"].origin)
        if size == 0.0 == noise.relative:
            problems.add(f"'{item.key}' has no noise; no sensor is exact. Give 'noise' or 'relative_noise'.",
                         item.origin)  # fmt: skip
        found.append(noise)
    return tuple(found)


def _size_of(text: str, entry: Entry, problems: Problems) -> float | None:
    """Read the number of a quantity, in whatever unit."""
    return problems.attempt(lambda: float(parse_quantity(text).value), entry.origin, f"'{entry.key}': ")


def _texts(entry: Entry | None, problems: Problems) -> dict[str, str]:
    found = {}
    for item in entries_of(entry.value, f"'{entry.key}'", problems) if entry is not None else ():
        found[item.key] = text_of(item.value, f"'{item.key}'", problems) or ""
    return found


def _holds(entry: Entry | None, problems: Problems) -> tuple[Hold, ...]:
    found = []
    for item in entries_of(entry.value, "'hold'", problems) if entry is not None else ():
        fields = fields_of(item.value, _HOLD_KEYS, f"'hold' of '{item.key}'", problems)
        if "variable" not in fields:
            problems.add(f"Say which 'variable' of the forecast's scenario '{item.key}' sets.", item.origin)
            continue
        variable, within = (
            text_of(fields[key].value, f"'{key}'", problems) or "" if key in fields else "" for key in _HOLD_KEYS
        )
        found.append(Hold(item.key, variable, within, item.origin))
    return tuple(found)


def _limits(entry: Entry | None, problems: Problems) -> dict[str, tuple[str, str]]:
    found = {}
    for item in entries_of(entry.value, "'limits'", problems) if entry is not None else ():
        found[item.key] = _pair(item, problems)
    return found


def _pair(entry: Entry, problems: Problems) -> tuple[str, str]:
    """Read two quantities, of which one may be ``none``."""
    texts = [scalar.text for scalar in scalars_of(entry.value, f"'{entry.key}'", problems)]
    texts = ["" if text == "none" else text for text in texts]
    if len(texts) != 2 or not any(texts):
        problems.add(f"The limits of '{entry.key}' are two, of which one may be none: [2 mmol/L, none].", entry.origin)
        return "", ""
    return texts[0], texts[1]
