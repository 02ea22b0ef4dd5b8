"""A training file of a hybrid → a package: FMU, experiments, weights, judgement, card."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cosim import audit
from cosim._version import __version__
from cosim.errors import StructureError, raise_all
from cosim.loading import OnBuilt
from cosim.scenario.lookup import convert_value
from cosim.scenario.reading import Problems
from cosim.substitution.hybrid.fitting import begin, fit
from cosim.substitution.hybrid.following import Follower
from cosim.substitution.hybrid.trials import Trial, Trials, bind_trials
from cosim.substitution.source import open_source
from cosim.surrogate.domain import Domain, find_domain
from cosim.surrogate.hybrid.card import Curve, card
from cosim.surrogate.hybrid.model import TIME, Given, GivenEntry, HybridFacts, HybridFile
from cosim.surrogate.hybrid.network import HybridNetwork
from cosim.surrogate.hybrid.package import ARCHITECTURE, HybridPackage, read_hybrid_package
from cosim.surrogate.hybrid.parse import read_hybrid
from cosim.surrogate.model import Array
from cosim.surrogate.package import FORMAT, FORMAT_VERSION, write_package
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest
from cosim.system.variable import Causality, Variability, Variable

if TYPE_CHECKING:
    from cosim.fmu import FmuFile

LEAST_EXPERIMENTS: Final = 3
"""From so many on, each member of the ensemble leaves another one out, so that their spread says what that changes."""


@dataclass(frozen=True, slots=True)
class TaughtHybrid:
    """A package that was made, and the figures on experiments it has not seen."""

    package: HybridPackage
    metrics: Mapping[str, float]
    seconds: float
    """CPU time of the training."""


@dataclass(frozen=True, slots=True)
class HybridListeners:
    """Who is told what was built, and how the fit of each member stands: its number, steps, sum of squares."""

    built: OnBuilt = lambda _: None
    fitted: Callable[[int, int, float], None] = lambda *_: None


def train_hybrid(
    path: str | Path, *, out: str | Path | None = None, listeners: HybridListeners | None = None, why: str = ""
) -> TaughtHybrid:
    """Make the hybrid that a training file describes.

    Parameters
    ----------
    path
        The training file.
    out
        Folder of the package; default ``surrogates/<name>`` in the working directory.
    why
        Reason, for the audit trail, where there is one.

    Raises
    ------
    CosimError
        When the file, its experiments or the FMU cannot be used, all problems at once.
    """
    listeners = listeners or HybridListeners()
    file, problems = read_hybrid(Path(path))
    if file is None:
        raise_all(problems)
    assert file is not None
    with open_source(file, listeners.built) as source:
        noted = Problems()
        trials = bind_trials(file, source.description, noted)
        facts = _facts(file, source.description, trials, noted)
        raise_all([*problems, *noted.found])
        assert trials is not None
        told = {"file": hashlib.sha256(file.text.encode()).hexdigest(), "fmu": source.sha256}
        with audit.action("training", file.name, why=why, before=lambda: told, beside=file.path.parent) as doing:
            taught = _HybridLesson(file, source, trials, facts, listeners).give(out)
            doing.after = lambda: {"status": "completed", "package": taught.package.sha256}
        return taught


def _facts(
    file: HybridFile, description: ComponentDescription, trials: Trials | None, problems: Problems
) -> HybridFacts:
    variables = description.variables
    seeable = [TIME, *(v.name for v in variables.values() if v.causality in (Causality.INPUT, Causality.OUTPUT))]
    for written in file.sees:
        if written.text not in seeable:
            hint = nearest(written.text, seeable)
            problems.add(f"'sees' names '{written.text}', no input or output of the FMU.{hint}", written.origin)
    measured = trials.measured if trials else ()
    for written in file.corrects:
        if written.text not in measured:
            hint = nearest(written.text, measured)
            problems.add(f"'corrects' names '{written.text}', which no experiment measures.{hint}", written.origin)
        elif _is_conserved(written.text):
            text = f"'{written.text}' is part of a balance, which a correction would break. Let it give a parameter."
            problems.add(text, written.origin)
    given = [
        problems.attempt(lambda entry=entry: _given(file, entry, variables), entry.written.origin)  # type: ignore[misc]
        for entry in file.gives
    ]
    corrected = tuple(item.text for item in file.corrects)
    return HybridFacts(
        step=file.step / 1e9,
        seen=tuple(item.text for item in file.sees),
        given=tuple(item for item in given if item is not None),
        corrected=corrected,
        is_positive=tuple((variables[name].minimum or -1.0) >= 0 if name in variables else False for name in corrected),
        width=file.width,
        members=file.members,
    )


def _is_conserved(name: str) -> bool:
    """Tell whether an output belongs to a stream or to the ledger."""
    return "." in name or name.endswith("_total") or name.startswith("held_")


def _given(file: HybridFile, entry: GivenEntry, variables: Mapping[str, Variable]) -> Given:
    variable = variables.get(entry.name)
    is_parameter = variable is not None and variable.causality is Causality.PARAMETER
    can_change = variable is not None and (
        variable.causality is Causality.INPUT or (is_parameter and variable.variability is Variability.TUNABLE)
    )
    if variable is None or not can_change or variable.shape or not variable.type.is_numeric:
        known = [
            v.name for v in variables.values()
            if v.causality is Causality.INPUT or v.variability is Variability.TUNABLE
        ]  # fmt: skip
        raise StructureError(
            f"'gives' names '{entry.name}', which is no input or tunable parameter of the FMU that is a number."
            f"{nearest(entry.name, known)}"
        )
    low, high = (float(convert_value(variable, written, {})) for written in (entry.low, entry.high))
    if not low < high:
        raise StructureError(f"'{entry.name}' goes from {low:g} to {high:g}. Exchange the two.")
    if entry.name in {**file.parameters, **file.inputs}:
        raise StructureError(f"'{entry.name}' is given by the network and set in the file. Remove one.")
    own = float(variable.start) if isinstance(variable.start, bool | int | float) else np.nan
    return Given(entry.name, low, high, own if low <= own <= high else (low + high) / 2)


class _HybridLesson:
    def __init__(
        self, file: HybridFile, source: FmuFile, trials: Trials, facts: HybridFacts, listeners: HybridListeners
    ) -> None:
        self._file, self._source, self._trials, self._listeners = file, source, trials, listeners
        self._network = HybridNetwork(facts)
        self._facts = facts

    def give(self, out: str | Path | None) -> TaughtHybrid:
        began = process_time()
        follower = Follower(lambda: self._source.instantiate("followed"), self._network, self._trials)
        try:
            self._scale(follower)
            members, n_steps = self._members(follower, began)
            seconds = process_time() - began
            tensors = {
                "seen_mean": follower.mean, "seen_deviation": follower.deviation,
                "correction_scale": follower.scale, **self._network.tensors(members),
            }  # fmt: skip
            domain = self._domain(tensors, follower, members)
            metrics, curves = self._judged(follower, members)
            document = {
                **self._identity(),
                "domain": domain.document(),
                "dependences": self._network.dependences(tensors, domain.low, domain.high, domain.mean),
                "training": self._provenance(seconds, n_steps, follower.gradients),
                "metrics": metrics,
            }
        finally:
            follower.close()
        folder = Path(out) if out is not None else Path("surrogates") / self._file.name
        kept = {**tensors, "domain_mean": domain.mean, "domain_whitening": domain.whitening}
        write_package(folder, document, kept, card(document, curves))
        return TaughtHybrid(read_hybrid_package(folder), metrics, seconds)

    def _scale(self, follower: Follower) -> None:
        """Let the mechanism alone do the experiments, and scale what the network sees."""
        seen = np.concatenate([follower.follow(trial, None).seen for trial in self._trials.learned])
        follower.mean, deviation = seen.mean(0), seen.std(0)
        follower.deviation = np.where(deviation > 1e-9 * np.abs(follower.mean), deviation, 1.0)
        measured = self._trials.measured
        values = np.concatenate([trial.values for trial in self._trials.learned])
        what = np.concatenate([trial.what for trial in self._trials.learned])
        scales = [values[what == measured.index(name)] for name in self._facts.corrected]
        follower.scale = np.array([max(float(v.std()), 1e-300) if len(v) else 1.0 for v in scales])

    def _members(self, follower: Follower, began: float) -> tuple[Array, int]:
        """Return the weights of all members and the steps they took; each has its share of the budget."""
        learned, n = self._trials.learned, self._file.members
        found, n_steps = [], 0
        n_last = self._file.width * self._facts.n_said + self._facts.n_said
        for i in range(n):
            left_out = i % len(learned) if len(learned) >= LEAST_EXPERIMENTS and n > 1 else -1
            trials = [trial for k, trial in enumerate(learned) if k != left_out]
            random = np.random.default_rng([self._file.seed, i])
            until = self._file.budget * (i + 1) / n
            fitted = fit(
                follower,
                trials,
                begin(self._network.n_weights, n_last, random),
                lambda until=until: process_time() - began < until,  # type: ignore[misc]
                lambda step, squares, i=i: self._listeners.fitted(i + 1, step, squares),  # type: ignore[misc]
            )
            found.append(fitted.weights)
            n_steps += fitted.n_steps
        return np.stack(found), n_steps

    def _domain(self, tensors: Mapping[str, Array], follower: Follower, members: Array) -> Domain:
        """Return where the experiments were, as the hybrid has them."""
        seen = np.concatenate([follower.follow(trial, members).seen for trial in self._trials.learned])
        spreads = np.array([self._network.together(tensors, one)[2] for one in seen])
        return find_domain(self._facts.seen, seen, seen, spreads)

    # judging ----------------------------------------------------------------------------------------------------------

    def _judged(self, follower: Follower, members: Array) -> tuple[dict[str, float], list[Curve]]:
        """Return errors on unseen experiments over the ranges of what was measured, beside those of the mechanism."""
        curves = []
        sums = np.zeros((2, len(self._trials.measured)))
        counts = np.zeros(len(self._trials.measured))
        for trial in self._trials.unseen:
            hybrid = follower.follow(trial, members).said
            alone = follower.follow(trial, None).said
            for row, said in enumerate((hybrid, alone)):
                np.add.at(sums[row], trial.what, ((said - trial.values) / self._trials.spans[trial.what]) ** 2)
            np.add.at(counts, trial.what, 1.0)
            curves += self._curves(trial, hybrid, alone)
        told = counts > 0
        errors = np.sqrt(sums[:, told] / counts[told])
        names = [name for name, is_told in zip(self._trials.measured, told, strict=True) if is_told]
        metrics = {"NRMSE": float(errors[0].mean()), "NRMSE, mechanism alone": float(errors[1].mean())}
        for i, name in enumerate(names):
            metrics[f"{name}, NRMSE"] = float(errors[0, i])
            metrics[f"{name}, NRMSE, mechanism alone"] = float(errors[1, i])
        return metrics, curves

    def _curves(self, trial: Trial, hybrid: Array, alone: Array) -> list[Curve]:
        times = np.array(trial.knots)[trial.at] / 1e9
        found = []
        for i, name in enumerate(self._trials.measured):
            chosen = np.flatnonzero(trial.what == i)
            if len(chosen) > 1:
                unit = self._source.description.variables[name].unit or "1"
                parts = [part[chosen].tolist() for part in (times, trial.values, hybrid, alone)]
                found.append(Curve(trial.name, name, unit, *parts))
        return found

    # description ------------------------------------------------------------------------------------------------------

    def _identity(self) -> dict[str, Any]:
        file, source = self._file, self._source
        variables = source.description.variables
        named = [*self._facts.seen, *(g.name for g in self._facts.given), *self._trials.measured]
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "name": file.name,
            "description": file.description,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "cosim": __version__,
            "source": {"text": file.source.text, "sha256": source.sha256, "file": source.path.name},
            "step": self._facts.step,
            "architecture": {"name": ARCHITECTURE, "facts": self._facts.document()},
            "units": {name: variables[name].unit or "1" if name in variables else "s" for name in named},
        }

    def _provenance(self, seconds: float, n_steps: int, gradients: str) -> dict[str, Any]:
        file = self._file
        data = (file.path.parent / file.measured.text).read_bytes()
        return {
            "file": file.text,
            "experiments": {"fit": _names(self._trials.learned), "check": _names(self._trials.unseen)},
            "data_sha256": hashlib.sha256(data).hexdigest(),
            "derivatives": gradients,
            "seed": file.seed,
            "seconds": seconds,
            "iterations": n_steps,
        }


def _names(trials: Sequence[Trial]) -> list[str]:
    return [trial.name for trial in trials]
