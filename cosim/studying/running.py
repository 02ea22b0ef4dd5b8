"""A study from its file to its answer: planned, run by an executor, kept, answered."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from cosim import audited
from cosim.errors import CosimError, RequestError, ResultError, ScenarioError, StudyError, raise_all
from cosim.loading import Factory, OnBuilt
from cosim.results.checkpoints import locked, remove_checkpoints
from cosim.results.dataset import Column, Dataset
from cosim.results.document import encode, write_text
from cosim.results.header import run_document
from cosim.resuming import Interrupted, require_same
from cosim.run_folder import header_of, make_folder
from cosim.scenario.document import content_of
from cosim.study.bind_factors import out_of_limits
from cosim.study.executor import AbstractExecutor
from cosim.study.method import Answer, Runs
from cosim.study.model import StudyFile
from cosim.study.page import write_page
from cosim.study.parse import read_study
from cosim.study.pool import Pool, usable_cores
from cosim.study.result import StudyResult, answer_document, columns_of, values_of
from cosim.study.running import Listeners, Running, Stopped
from cosim.study.signals import FOLDER, Keeper
from cosim.studying import comparison
from cosim.studying.in_process import InProcess
from cosim.studying.plan import Parameters, Plan, make_plan
from cosim.system.variable import VariableName

RUNS: Final = "runs"
"""The folder of the dataset, in that of the study."""
DOCUMENT: Final = "study.json"
WORKER: Final = "cosim.studying.worker"
Begun = tuple[Path, dict[str, Any]]
"""The folder of a study, and what it tells of it."""
OnPlanned = Callable[[Plan, int, Path], None]
"""Told the plan, how many processes make its runs, and where they are kept."""


def study(
    path: str | Path | None = None,
    parameters: Parameters | None = None,
    *,
    resume: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    components: Mapping[str, Factory] | None = None,
    listeners: Listeners | None = None,
    on_built: OnBuilt | None = None,
    on_planned: OnPlanned = lambda *_: None,
    command: str = "",
    why: str = "",
) -> StudyResult:
    """Run a study, or go on with one; every run is a row, also one that fails.

    Parameters
    ----------
    path
        The study file; None to go on with the study in ``resume``.
    parameters
        Values by ``component.variable`` that replace those of the study and the scenario.
    resume
        Folder of a study that was interrupted; only runs that are missing are made.
    out
        Folder for what is kept; default ``results/<study>/<run id>`` in the working directory.
    workers
        Processes that make runs; default one per core. 0 makes them in this process.
    scheduler
        Address of a Dask scheduler, ``tcp://…``, whose workers make the runs instead.
    components
        Instances made by the caller, as for ``cosim.run``; the runs are then made in this process.
    listeners
        Who is told where the study stands, and may stop it.
    on_built, on_planned
        Told what was built, and that the runs begin.
    command
        What was typed, to be kept.
    why
        Reason for the study, for the audit trail, where there is one.

    Returns
    -------
    StudyResult
        Also of a study that was stopped: look at its ``status``, and go on with it by ``resume``.

    Raises
    ------
    CosimError
        When the study, its scenario or what they name cannot be used, all problems at once.
    StudyError
        When nothing makes the runs, or all of them fail; those made are kept.
    KeyboardInterrupt
        After Ctrl-C, where no listener turns it into a wish to stop; what was made is kept.
    """
    found: Begun | None = None
    if resume is not None:
        if path is not None or parameters or out is not None:
            raise ScenarioError("A study that is resumed has its own file, parameters and folder: give it alone.")
        found = _find(Path(resume))
        path, parameters = Path(found[1]["file"]), found[1]["parameters"]
    elif path is None:
        raise ScenarioError("Give the study to run, or the folder of the one to go on with.")
    settings = _Settings(workers, scheduler, components, listeners or Listeners(), on_built, on_planned, command, why)
    file, _ = read_study(Path(path))
    if file.parts:
        return _compare(Path(path), parameters or {}, found, out, settings)
    return _one(Path(path), parameters or {}, found, out, settings)


@dataclass(frozen=True, slots=True)
class _Settings:
    """How runs are made, and who is told."""

    workers: int | None
    scheduler: str | None
    components: Mapping[str, Factory] | None
    listeners: Listeners
    on_built: OnBuilt | None
    on_planned: OnPlanned
    command: str
    why: str


def _one(
    path: Path, parameters: Parameters, found: Begun | None, out: str | Path | None, settings: _Settings
) -> StudyResult:
    """Run the study of one scenario, or go on with what was ``found`` of it."""
    plan = make_plan(path, parameters, components=settings.components, on_built=settings.on_built)
    with ExitStack() as stack:
        stack.callback(plan.prepared.close)
        if found is not None:
            _require_same(*found, plan)
        executor, n = _executor(plan, settings.workers, settings.scheduler, settings.components)
        stack.enter_context(executor)
        folder, document = found or _begin(plan, parameters, out, settings.command)
        _be_alone(folder, stack)
        settings.on_planned(plan, n, folder)
        header = header_of(plan.prepared, "", "", None)
        doing = stack.enter_context(audited.studying(header, plan.study, folder, settings.why))
        result = _make(plan, executor, folder, document, settings.listeners)
        doing.after = lambda: audited.study_facts(result)
        return result


def _compare(
    path: Path, parameters: Parameters, found: Begun | None, out: str | Path | None, settings: _Settings
) -> StudyResult:
    """Run the studies that the one at ``path`` compares, each in a folder of its own, and answer about all."""
    if parameters:
        raise ScenarioError("A comparison takes no values: give them in the studies that are compared.")
    file = comparison.read(path, settings.components)
    if found is not None and _content(found[1]["text"]) != _content(file.text):
        raise RequestError(f"'{found[0]}' cannot be gone on with: '{path}' has changed since. Begin anew.")
    folder, document = found or _make_document(file, {}, out, settings.command, "comparison", None)
    with ExitStack() as stack:
        _be_alone(folder, stack)
        results: dict[str, StudyResult] = {}
        for name, part in file.parts.items():
            begun = _read_document(folder / name) if (folder / name / DOCUMENT).is_file() else None
            results[name] = _one(part, {}, begun, folder / name, settings)
            if results[name].status == "stopped":
                break
        answer = comparison.answer(results) if len(results) == len(file.parts) else None
        return _keep_comparison(folder, file.name, document, results, answer)


def _keep_comparison(
    folder: Path, name: str, document: dict[str, Any], results: Mapping[str, StudyResult], answer: Answer | None
) -> StudyResult:
    result = comparison.joined(folder, name, results, answer)
    parts = {part: _read_document(one.folder)[1]["run"] for part, one in results.items()}
    document |= {"status": result.status, "parts": parts, "run": next(iter(parts.values()))}
    write_page(result, document)
    document |= {"counts": dict(result.counts), "answer": answer_document(answer)}
    write_text(folder / DOCUMENT, encode(document, indent=2))
    remove_checkpoints(folder)
    return result


def _begin(plan: Plan, parameters: Parameters, out: str | Path | None, command: str) -> Begun:
    """Make the folder of a new study, with what is known of it."""
    return _make_document(plan.study, parameters, out, command, plan.method_text, plan)


def _make_document(
    study: StudyFile, parameters: Parameters, out: str | Path | None, command: str, method: str, plan: Plan | None
) -> Begun:
    if out is not None and (Path(out) / DOCUMENT).exists():
        raise ResultError(f"'{out}' holds a study already. Choose another folder, or go on with it by --resume.")
    folder, run_id = make_folder(study.name, out)
    header = None if plan is None else run_document(header_of(plan.prepared, run_id, command, ""))
    document = {
        "study": study.name,
        "description": study.description,
        "run_id": run_id,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "file": str(study.path.resolve()),
        "text": study.text,
        "parameters": dict(parameters),
        "method": method,
        "seed": study.seed,
        "status": "running",
        "run": json.loads(encode(header)),
    }
    write_text(folder / DOCUMENT, encode(document, indent=2))
    return folder, document


def _find(run: Path) -> Begun:
    """Find the study that was interrupted: its folder, or that of the study whose newest it is."""
    candidates = [run, *sorted(run.glob("*"), reverse=True), *sorted((Path("results") / run).glob("*"), reverse=True)]
    folder = next((item for item in candidates if (item / DOCUMENT).is_file()), None)
    if folder is None:
        raise RequestError(f"There is no study in '{run}'. Give the folder of one, results/<study>/<run id>.")
    found = _read_document(folder)
    if found[1]["status"] == "completed":
        raise RequestError(f"'{folder}' is completed: there is nothing to go on with.")
    return found


def _read_document(folder: Path) -> Begun:
    """Return what ``folder`` tells of its study."""
    try:
        document = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
        if not isinstance(document, dict) or not {"file", "text", "parameters", "run", "status"} <= document.keys():
            raise ValueError("keys are missing")
    except (OSError, ValueError) as error:
        raise RequestError(f"'{folder / DOCUMENT}' does not tell a study ({error}). Begin anew.") from error
    return folder, document


def _require_same(folder: Path, document: Mapping[str, Any], plan: Plan) -> None:
    """Make sure that what would go on is what was interrupted."""
    if _content(document["text"]) != _content(plan.study.text):
        raise RequestError(f"'{folder}' cannot be gone on with: '{plan.study.path}' has changed since. Begin anew.")
    header = header_of(plan.prepared, str(document.get("run_id", "")), "", "")
    require_same(Interrupted(folder, document["run"], plan.study.scenario, {}, ""), header)


def _content(text: str) -> object:
    try:
        return content_of(text)
    except CosimError:
        return text


def _be_alone(folder: Path, stack: ExitStack) -> None:
    if not stack.enter_context(locked(folder)):
        raise RequestError(f"'{folder}' is still running in another process. Wait for it, or stop it.")


def _executor(
    plan: Plan, workers: int | None, scheduler: str | None, components: Mapping[str, Factory] | None
) -> tuple[AbstractExecutor, int]:
    """Return what makes the runs, and how many it makes at a time."""
    if workers is not None and workers < 0:
        raise ScenarioError(f"'workers' is {workers}; it should be 0 (this process) or more.")
    if scheduler is not None:
        return _cluster(plan, scheduler, workers, components)
    if components or workers == 0:
        return InProcess(plan), 0
    if os.name == "nt":
        if workers is not None:
            raise ScenarioError("Runs in several processes need Linux or macOS. Leave 'workers' out, or use a cluster.")
        return InProcess(plan), 0
    n = workers or usable_cores()
    n = min(n, plan.most_at_once or n)
    plan.prepared.close()  # the processes take the seats of licences
    return Pool(WORKER, plan.order, n), n


def _cluster(
    plan: Plan, scheduler: str, workers: int | None, components: Mapping[str, Factory] | None
) -> tuple[AbstractExecutor, int]:
    """Return the cluster at ``scheduler``, with what the runs need sent there."""
    if components or workers is not None:
        what = "Components of the caller cannot be sent" if components else "'workers' is for this machine: they belong"
        raise ScenarioError(f"{what} to a cluster. Leave one of the two out.")
    try:
        from cosim.study.cluster import Cluster, Service
    except ImportError as error:
        raise StudyError("A cluster needs Dask: pip install 'bioprocess-cosim[study]'.") from error
    from cosim.studying import on_cluster
    from cosim.studying.bundle import make_bundle

    bundle = make_bundle(plan)
    service = Service(on_cluster.about, on_cluster.receive, on_cluster.make, on_cluster.forget)
    n_values = len(plan.problem.measured)
    cluster = Cluster(scheduler, service, bundle, bundle.sha256, n_values=n_values, most=plan.most_at_once)
    return cluster, cluster.n


def _make(
    plan: Plan, executor: AbstractExecutor, folder: Path, document: dict[str, Any], listeners: Listeners
) -> StudyResult:
    """Make the runs batch by batch, then answer; leave ``folder`` telling how far that came."""
    about = {key: document[key] for key in ("study", "run_id", "started_at", "method", "seed", "text")}
    dataset = Dataset(folder / RUNS, columns_of(plan.problem), about)
    keeper = _keeper(plan, folder, document)
    running = Running(plan.problem, executor, dataset, listeners, keeper)
    try:
        points = _all_batches(plan, running)
    except Stopped:
        return _conclude(plan, running, dataset, folder, document, None)
    except KeyboardInterrupt:
        _conclude(plan, running, dataset, folder, document, None)
        raise
    return _conclude(plan, running, dataset, folder, document, _answer(plan, running, points))


def _keeper(plan: Plan, folder: Path, document: Mapping[str, Any]) -> Keeper | None:
    """Return what keeps trajectories, None where none are asked for."""
    if plan.study.signals is None:
        return None
    components = plan.prepared.bound.structure.components
    columns = []
    for text in plan.order.signals:
        name = VariableName.parse(text)
        variable = components[name.component].description.variables[name.variable]
        unit = "" if variable.unit in (None, "1") else variable.unit
        columns.append(Column(text, unit=unit or "", description=variable.description))
    about = {key: document[key] for key in ("study", "run_id", "seed")}
    fmus = {name: fmu.get("sha256") for name, fmu in document["run"]["fmus"].items()}
    about |= {"scenario": document["run"]["scenario"], "scenario_sha256": plan.order.sha256, "fmus": fmus}
    return Keeper(folder / FOLDER, tuple(columns), plan.problem, about)


def _conclude(
    plan: Plan, running: Running, dataset: Dataset, folder: Path, document: dict[str, Any], answer: Answer | None
) -> StudyResult:
    """Leave everything in ``folder`` as it is to be found; without an ``answer`` the study was stopped."""
    status: Literal["completed", "stopped"] = "completed" if answer is not None else "stopped"
    dataset.finish()
    rows = [running.rows[key] for key in sorted(running.rows)]
    result = StudyResult(folder, plan.study.name, status, plan.problem, rows, answer, running.standing.planned)
    write_page(result, {**document, "status": status})
    if running.keeper is not None:
        document["signals"] = running.keeper.dataset.summary()
    document |= {"status": status, "counts": dict(result.counts), "answer": answer_document(answer)}
    write_text(folder / DOCUMENT, encode(document, indent=2))
    remove_checkpoints(folder)  # there are none; their folder has our lock
    return result


def _all_batches(plan: Plan, running: Running) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Make every batch that the method plans; return all points."""
    made = []
    with closing(plan.method.batches(plan.problem)) as batches:
        points = next(batches)
        while True:
            raise_all(out_of_limits(plan.problem.factors, points, plan.prepared.bound))
            made.append(points)
            values = running.make(points)
            try:
                points = batches.send(values)
            except StopIteration:
                return np.concatenate(made)


def _answer(plan: Plan, running: Running, points: np.ndarray[Any, np.dtype[np.float64]]) -> Answer:
    """Answer from what there is.

    Raises
    ------
    StudyError
        When no run was completed.
    """
    if running.standing.failed == running.standing.made:
        reasons = [row["reason"] for row in running.rows.values()]
        raise StudyError(f"All {len(reasons)} runs have failed, the first with: {reasons[0]}")
    return plan.method.answer(plan.problem, Runs(points, values_of(plan.problem, running.rows, 0, len(points))))
