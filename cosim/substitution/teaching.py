"""A training file → a package: FMU, sampled runs, network, judgement, card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cosim import audit
from cosim._version import __version__
from cosim.errors import CosimError, ScenarioError, StructureError, StudyError, raise_all
from cosim.loading import OnBuilt
from cosim.native import cache_folder
from cosim.releasing import package_folder
from cosim.scenario.reading import Problems
from cosim.study.executor import AbstractExecutor, Done, Task
from cosim.study.pool import Pool, usable_cores
from cosim.substitution.cost import cost_of_step
from cosim.substitution.identification import find_handover_of
from cosim.substitution.sampler import Sampler, order_of
from cosim.substitution.source import open_source
from cosim.surrogate.architectures.contract import AbstractModel, roll_out
from cosim.surrogate.architectures.known import check_ranges, make_model, read_options
from cosim.surrogate.bind import bind_plan
from cosim.surrogate.card import card
from cosim.surrogate.design import parameter_points, plan_text
from cosim.surrogate.domain import Domain, find_domain
from cosim.surrogate.explaining import explain
from cosim.surrogate.interface import interface_document, surrogate_interface
from cosim.surrogate.judging import LEVEL, Judgement, audit_errors, conformal_half_widths, coverage, judge, ranges
from cosim.surrogate.model import Array, Plan, Runs, TrainingFile
from cosim.surrogate.package import FORMAT, FORMAT_VERSION, Package, read_package, write_package
from cosim.surrogate.parse import read_training
from cosim.surrogate.program.tracing import Programs
from cosim.surrogate.sampling import Store, data_hash
from cosim.surrogate.search import Trial, best_of, find_options
from cosim.surrogate.transfer import carried_over, inherit, require_same_kind, widened
from cosim.system.component import ComponentDescription

if TYPE_CHECKING:
    from cosim.fmu import FmuFile
    from cosim.surrogate.training import Progress, Trained

WORKER: Final = "cosim.substitution.sampler"
AUDIT_SLACK: Final = 2.5
"""What an audit allows, over the largest error of the calibration runs: 8 % false alarms in 64 runs, 11 % at 2."""
MOST_TOLERANT: Final = 0.2
"""Share of its range within which an output has to be allowed to differ for an audit to look at it."""
AUDIT_STEPS: Final = 6
"""Steps for which an audit lets the FMU go along."""
MOST_FAILURES: Final = 0.1
"""Share of the sampled runs that may fail."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A package that was made, and the figures on runs it has not seen."""

    package: Package
    metrics: Mapping[str, float]
    seconds: float
    """CPU time of the training."""
    n_failed: int


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told what was built, how many runs are sampled of how many, how the training stands, and of trials."""

    built: OnBuilt = lambda _: None
    sampled: Callable[[int, int], None] = lambda *_: None
    trained: Callable[[Progress], None] = lambda _: None
    noted: Callable[[str], None] = lambda _: None
    tried: Callable[[int, Trial], None] = lambda *_: None


def train(
    path: str | Path,
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    listeners: Listeners | None = None,
    why: str = "",
) -> Taught:
    """Make the surrogate that a training file describes.

    Parameters
    ----------
    path
        The training file.
    out
        Folder of the package; default ``surrogates/<name>`` in the working directory.
    workers
        Processes that sample the FMU; default one per core, 0: this one.
    why
        Reason, for the audit trail, where there is one.

    Raises
    ------
    CosimError
        When the file or the FMU cannot be used, all problems at once.
    StudyError
        When too many of the sampled runs fail; the others are kept.
    """
    listeners = listeners or Listeners()
    file, problems = read_training(Path(path))
    if file is None:
        raise_all(problems)
    assert file is not None
    try:
        options = read_options(file.architecture, file.options)
        if file.search is not None:
            check_ranges(file.architecture, file.search)
    except CosimError as error:
        problems.append(error)
        options = {}
    with open_source(file, listeners.built) as source:
        noted = Problems()
        plan = bind_plan(file, source.description, noted)
        raise_all([*problems, *noted.found])
        package = None if file.transfer is None else _inherited_package(file, plan, source.description)
        facts = {"file": hashlib.sha256(Path(path).read_bytes()).hexdigest(), "fmu": source.sha256}
        with audit.action("training", file.name, why=why, before=lambda: facts, beside=file.path.parent) as doing:
            taught = _Lesson(file, source, plan, options, listeners, package).give(out, workers)
            doing.after = lambda: {"status": "completed", "package": taught.package.sha256}
        return taught


def _inherited_package(file: TrainingFile, plan: Plan, description: ComponentDescription) -> Package:
    """Return the package that the training begins with."""
    assert file.transfer is not None
    written = file.transfer.package
    try:
        package = read_package(package_folder(written.text, file.path.parent)[0])
        if package.document["architecture"]["name"] != file.architecture:
            name = package.document["architecture"]["name"]
            raise StructureError(f"'{package.name}' is a {name}, and 'architecture' is {file.architecture}.")
        require_same_kind(package, plan, description)
        inherit(package, [item.text for item in file.transfer.layers])
    except CosimError as error:
        raise type(error)(f"'transfer': {error.message}", location=written.origin) from error
    return package


def store_of(plan: Plan, sha256: str, cache: Path) -> Store:
    """Return where the runs of ``plan`` of the FMU with this hash are kept."""
    key = hashlib.sha256((plan_text(plan) + sha256).encode()).hexdigest()
    return Store(cache / "surrogates" / key[:32])


def interrupted_name(parts: Sequence[Any]) -> str:
    """Return the file that a training of ``parts`` goes on from; another version may find other tensors in the runs."""
    key = json.dumps([__version__, *parts], sort_keys=True)
    return f"training-{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors"


class _Lesson:
    def __init__(
        self,
        file: TrainingFile,
        source: FmuFile,
        plan: Plan,
        options: Mapping[str, Any],
        listeners: Listeners,
        package: Package | None = None,
    ) -> None:
        self._file, self._source, self._plan, self._options = file, source, plan, options
        self._listeners, self._package = listeners, package
        self._store = store_of(plan, source.sha256, cache_folder())

    def give(self, out: str | Path | None, workers: int | None) -> Taught:
        counts, file = self._file.runs, self._file
        runs, n_failed = self._sampled(workers)
        learned = runs.part(0, len(runs) - counts.validate - counts.test)
        validation = runs.part(len(learned), counts.validate)
        unseen = runs.part(len(learned) + counts.validate, counts.test)
        description = self._source.description
        trials = self._searched(description, learned, validation)
        if trials:
            self._options = {**self._options, **best_of(trials).options}
        model = self._model(description, learned)
        trained = self._trained(model, learned, validation if self._package is None else learned)
        tensors = {**trained.tensors, **model.constants()}
        calibration, judgement = judge(model, tensors, validation), judge(model, tensors, unseen)
        domain = self._domain(model, tensors, learned, calibration)
        metrics = judgement.summary(self._plan.output_names, [item.text for item in file.focus])
        half_widths = conformal_half_widths(calibration.worst)
        metrics["coverage of the bands"] = float(
            coverage(judgement.worst, half_widths)[judgement.is_varying].mean()
        )  # fmt: skip
        document = {
            **self._identity(model, description),
            "domain": domain.document(),
            "handover": self._handover(model, tensors, learned),
            "audit": _audit(model, tensors, validation, self._plan),
            "calibration": self._calibration(half_widths, runs, len(validation)),
            "training": self._provenance(trained, runs, learned) | {"search": [asdict(trial) for trial in trials]},
            "cost": cost_of_step(self._source, self._plan, Programs(model, tensors, domain, **self._counts), unseen),
            "metrics": metrics,
            "explained": explain(model, tensors, self._plan, learned, [item.text for item in file.focus]),
        }
        folder = Path(out) if out is not None else Path("surrogates") / file.name
        kept = {**trained.tensors, "domain_mean": domain.mean, "domain_whitening": domain.whitening}
        write_package(folder, document, kept, card(document))
        return Taught(read_package(folder), metrics, trained.seconds, n_failed)

    # sampling ---------------------------------------------------------------------------------------------------------

    def _sampled(self, workers: int | None) -> tuple[Runs, int]:
        """Return the runs; those that are kept already are not made again."""
        n = self._file.runs.total
        points = parameter_points(self._plan, n)
        missing = [run for run in range(n) if not self._store.has(run)]
        tasks = [Task(run, tuple(points[run].tolist())) for run in missing]
        failures: list[Done] = []
        if tasks:
            n_processes = min(usable_cores() if workers is None else workers, len(tasks))
            with self._executor(n_processes) as executor:
                n_done = n - len(missing)
                for done in executor.run(tasks):
                    if done is None:
                        continue
                    n_done += 1
                    self._listeners.sampled(n_done, n)
                    if done.status != "completed":
                        failures.append(done)
        if len(failures) > MOST_FAILURES * n:
            first = failures[0]
            raise StudyError(
                f"{len(failures)} of {n} sampled runs failed, and {MOST_FAILURES:.0%} may. The first, run {first.run}: "
                f"{first.reason} Narrow the ranges of '{self._file.path.name}'."
            )
        good = [run for run in range(n) if self._store.has(run)]
        return self._store.load(good, self._plan), len(failures)

    def _executor(self, n_processes: int) -> AbstractExecutor:
        if n_processes > 0:
            return Pool(WORKER, order_of(self._file, self._store), n_processes)
        return Sampler(self._file, self._store)

    # training ---------------------------------------------------------------------------------------------------------

    def _model(self, description: ComponentDescription, learned: Runs) -> AbstractModel:
        if self._package is not None:
            return carried_over(self._package, learned)
        try:
            return make_model(self._file.architecture, description, self._plan, learned, self._options)
        except CosimError as error:
            raise ScenarioError(f"'{self._file.path.name}': {error.message}") from error

    def _searched(self, description: ComponentDescription, learned: Runs, validation: Runs) -> list[Trial]:
        """Return what was tried of the options; nothing where the file asks for no search."""
        search = self._file.search
        if search is None:
            return []
        train_network = _learner()

        def attempt(options: Mapping[str, int]) -> float:
            chosen = {**self._options, **options}
            model = make_model(self._file.architecture, description, self._plan, learned, chosen)
            limits = {"budget": search.budget, "iterations": self._options.get("iterations")}
            return train_network(model, learned, validation, seed=self._file.seed, **limits).score

        parts = [
            self._file.architecture,
            search.budget,
            search.ranges,
            self._options,
            self._file.seed,
            data_hash(learned),
        ]
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return find_options(
            search.ranges,
            n_trials=search.n_trials,
            seed=self._file.seed,
            place=self._store.folder / f"search-{key[:16]}.json",
            attempt=attempt,
            on_trial=self._listeners.tried,
        )

    def _trained(self, model: AbstractModel, learned: Runs, validation: Runs) -> Trained:
        train_network = _learner()
        begun = self._transfer()
        parts = [model.facts, self._file.seed, self._options, data_hash(learned), *([begun] if begun else [])]
        place = self._store.folder / interrupted_name(parts)
        trained = train_network(
            model,
            learned,
            validation,
            budget=self._file.budget,
            seed=self._file.seed,
            iterations=self._options.get("iterations"),
            place=place,
            inherited=None if self._package is None else inherit(self._package, begun["layers"]),
            on_progress=self._listeners.trained,
        )
        place.unlink(missing_ok=True)
        return trained

    def _domain(
        self, model: AbstractModel, tensors: Mapping[str, Array], learned: Runs, calibration: Judgement
    ) -> Domain:
        """Return where the training runs were, along their own trajectories."""
        places = roll_out(model, tensors, learned)[1]
        flat = places.reshape(-1, places.shape[-1])
        theirs = calibration.coordinates.reshape(-1, places.shape[-1])
        if self._package is not None:
            return widened(self._package.domain, np.concatenate([flat, theirs]), calibration.spreads)
        return find_domain(model.coordinate_names, flat, theirs, np.asarray(calibration.spreads))

    # description ------------------------------------------------------------------------------------------------------

    def _identity(self, model: AbstractModel, description: ComponentDescription) -> dict[str, Any]:
        file, plan, source = self._file, self._plan, self._source
        ours = surrogate_interface(description, step=model.step_size, can_divide_steps=model.can_divide_steps)
        varied = {item.name: [item.low, item.high] for item in plan.parameters if not item.is_constant}
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "name": file.name,
            "description": file.description,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "cosim": __version__,
            "source": {"text": file.source.text, "sha256": source.sha256, "file": source.path.name},
            "step": model.step_size,
            "architecture": {"name": file.architecture, "facts": model.facts},
            "interface": interface_document(ours),
            "units": {name: item.unit for name, item in ours.variables.items()},
            "parameters": varied,
            "inputs": list(plan.input_names),
            "input_ranges": {item.name: [item.low, item.high] for item in plan.inputs},
            "fixed": {name: value for name, value in plan.starts.items() if name not in varied},
            "outputs": list(plan.output_names),
        }

    def _calibration(self, half_widths: Array, runs: Runs, n: int) -> dict[str, Any]:
        widths = half_widths * ranges(runs)
        named = zip(self._plan.output_names, widths.tolist(), strict=True)
        return {
            "level": min(LEVEL, n / (n + 1)),
            "n": n,
            "half_widths": {name: width for name, width in named if width > 0},
        }

    def _transfer(self) -> dict[str, Any]:
        """Return what the training begins with; nothing where it begins anew."""
        if self._package is None or self._file.transfer is None:
            return {}
        layers = [item.text for item in self._file.transfer.layers]
        return {"from": self._package.name, "sha256": self._package.sha256, "layers": layers}

    def _provenance(self, trained: Trained, runs: Runs, learned: Runs) -> dict[str, Any]:
        counts = self._file.runs
        return {
            "file": self._file.text,
            "runs": {"train": len(learned), "validate": counts.validate, "test": counts.test},
            "data_sha256": data_hash(runs),
            "seed": self._file.seed,
            "budget": self._file.budget,
            "seconds": trained.seconds,
            "iterations": trained.iterations,
            "ended_early": trained.is_early,
            "transfer": self._transfer() or None,
        }

    def _handover(self, model: AbstractModel, tensors: Mapping[str, Array], learned: Runs) -> dict[str, Any] | None:
        found, why = find_handover_of(self._source, self._plan, model, tensors, learned)
        if found is None:
            self._listeners.noted(f"a hand-over to the FMU repeats its steps: {why}")
            return None
        return found.document()

    @property
    def _counts(self) -> dict[str, int]:
        return {"n_inputs": len(self._plan.input_names), "n_parameters": len(self._plan.varied)}


def _learner() -> Callable[..., Trained]:
    try:
        from cosim.surrogate.training import train as train_network
    except ImportError as error:
        raise StudyError("Training needs more packages: pip install 'bioprocess-cosim[train]'.") from error
    return train_network


def _audit(model: AbstractModel, tensors: Mapping[str, Array], runs: Runs, plan: Plan) -> dict[str, Any]:
    """Return how far apart surrogate and FMU may be after a few steps from the same state, output by output."""
    n_steps = min(AUDIT_STEPS, plan.n_steps)
    limits = AUDIT_SLACK * audit_errors(model, tensors, runs, n_steps).max(0)
    told = limits < MOST_TOLERANT * ranges(runs)
    named = zip(plan.output_names, limits.tolist(), told.tolist(), strict=True)
    return {"steps": n_steps, "limits": {name: limit for name, limit, is_told in named if is_told}}
