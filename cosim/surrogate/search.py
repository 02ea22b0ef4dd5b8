"""Which options of an architecture learn best: trials chosen by optuna's TPE, each kept as soon as it is done."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cosim.errors import ResultError, StudyError
from cosim.whole_file import whole_file

if TYPE_CHECKING:
    import optuna

HOPELESS: Final = 1e9
"""Score that a trial without a score counts as."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Options that were tried, and the score on the validation runs; None where the surrogate broke down."""

    options: Mapping[str, int]
    score: float | None


def find_options(
    ranges: Mapping[str, tuple[int, int]],
    *,
    n_trials: int,
    seed: int,
    place: Path,
    attempt: Callable[[Mapping[str, int]], float],
    on_trial: Callable[[int, Trial], None] = lambda *_: None,
) -> list[Trial]:
    """Return ``n_trials`` of options within ``ranges``, those that ``place`` holds first; what is new is kept there.

    One that was interrupted gives the same trials as one that was not.

    Raises
    ------
    StudyError
        When optuna is not installed, or ``place`` holds something else.
    """
    trials = _read(place, ranges)
    for n in range(len(trials), n_trials):
        options = _suggested(ranges, trials, seed + n)
        known = next((trial.score for trial in trials if trial.options == options), math.nan)
        score = attempt(options) if known is not None and math.isnan(known) else known
        trials.append(Trial(options, score if score is not None and math.isfinite(score) else None))
        _keep(place, trials)
        on_trial(n + 1, trials[-1])
    return trials[:n_trials]


def best_of(trials: Sequence[Trial]) -> Trial:
    """Return the trial with the best score; of equal ones the first."""
    return min(trials, key=lambda trial: math.inf if trial.score is None else trial.score)


def _suggested(ranges: Mapping[str, tuple[int, int]], trials: Sequence[Trial], seed: int) -> dict[str, int]:
    try:
        import optuna
    except ImportError as error:
        raise StudyError("A search needs optuna: pip install 'bioprocess-cosim[study]'.") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    axes: dict[str, optuna.distributions.BaseDistribution] = {
        name: optuna.distributions.IntDistribution(low, high) for name, (low, high) in ranges.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of optuna's own making, and nothing a reader could change
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed % 2**32, n_startup_trials=5))
        for trial in trials:
            value = HOPELESS if trial.score is None else trial.score
            study.add_trial(
                optuna.trial.create_trial(params=dict(trial.options), distributions=axes, value=value)
            )  # fmt: skip
        asked = study.ask(axes)
    return {name: int(asked.params[name]) for name in ranges}


def _read(place: Path, ranges: Mapping[str, tuple[int, int]]) -> list[Trial]:
    if not place.is_file():
        return []
    try:
        entries: list[Any] = json.loads(place.read_text(encoding="utf-8"))
        trials = [Trial({name: int(entry["options"][name]) for name in ranges}, entry["score"]) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudyError(f"The trials in '{place}' cannot be read. Remove that file.") from error
    for trial in trials:
        is_within = all(low <= trial.options[name] <= high for name, (low, high) in ranges.items())
        if not is_within or not (trial.score is None or isinstance(trial.score, int | float)):
            raise StudyError(f"The trials in '{place}' are not those of this search. Remove that file.")
    return trials


def _keep(place: Path, trials: Sequence[Trial]) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(place, mode=0o600) as file:
            file.write(json.dumps([asdict(trial) for trial in trials], allow_nan=False).encode())
    except OSError as error:
        raise ResultError(f"Cannot keep the trials in '{place}': {error}. Free space there.") from error
