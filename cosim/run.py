"""The composition root: scenario → instances + algorithm + observers → execution → result."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Final

from cosim import audited
from cosim.algorithm.adaptive import Adaptive
from cosim.algorithm.compiled import KERNEL
from cosim.algorithm.contract import AbstractAlgorithm
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.iterated import Iterated
from cosim.algorithm.jacobi import Jacobi
from cosim.errors import RequestError, ResultError
from cosim.execution import execute
from cosim.execution.execution import Execution
from cosim.execution.forecast import expected_steps
from cosim.execution.observer import AbstractObserver
from cosim.execution.outcome import Outcome
from cosim.instance.contract import AbstractInstance
from cosim.instantiation import instantiate
from cosim.loading import Factory, OnBuilt
from cosim.native import is_compiled, load
from cosim.preparation import Prepared, prepare
from cosim.results import Result, RunHeader, run_document
from cosim.results.checkpoints import remove_checkpoints
from cosim.results.document import encode, write_text
from cosim.resuming import Origin, alone, checkpointing, choose, describe, find_interrupted, require_same, resumed
from cosim.round_trip import costs_of_resuming, judge
from cosim.run_folder import header_of, make_folder, report_on, writer_of
from cosim.scenario.bind import Overrides
from cosim.stopwatch import REPORT, Profiling, Stopwatch
from cosim.units import duration_ticks

ALGORITHMS: Final[Mapping[str, Callable[..., AbstractAlgorithm[Any]]]] = {
    "gauss_seidel": GaussSeidel,
    "jacobi": Jacobi,
    "iterated": Iterated,
    "adaptive": Adaptive,
}
"""Co-simulation algorithms by the name a scenario gives them; new ones go here, the first is the default."""


STEPS_WORTH_COMPILING: Final = 100_000
"""Steps of components, of about 10 µs each in Python, from which on compiling the kernel takes less time."""


class ScenarioWarning(UserWarning):
    """Something in a scenario that can be run, but may not be meant."""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """What ``check`` found in a scenario without problems."""

    n_components: int
    n_connections: int
    n_streams: int
    n_phases: int
    warnings: tuple[str, ...]


def run(
    path: str | Path,
    parameters: Overrides | None = None,
    *,
    out: str | Path | None = None,
    components: Mapping[str, Factory] | None = None,
    observers: Sequence[AbstractObserver] = (),
    should_stop: Callable[[], bool] = lambda: False,
    on_built: OnBuilt | None = None,
    on_starting: Callable[[], None] = lambda: None,
    command: str = "",
    checkpoint: str | None = None,
    profile: bool = False,
    why: str = "",
) -> Result:
    """Run a scenario and return its result, which is also kept in a folder.

    Parameters
    ----------
    path
        The scenario file.
    parameters
        Values by ``component.variable`` that replace those of the scenario: a quantity such as ``"0.04 1/h"``, or a
        number in the variable's own unit.
    out
        Folder for what is kept; default ``results/<scenario>/<run id>`` in the working directory.
    components
        Instances made by the caller, in place of the source that the scenario names for a component: anything that
        satisfies ``AbstractInstance``, such as a ``FunctionInstance``. Each is called with the component's name.
    observers
        More observers of the execution.
    should_stop
        Asked between communication steps, though not after each: many may be taken at once, for about 0.1 s. True ends
        the run with status ``'stopped'``.
    on_built, on_starting
        Told what was built, and that the execution begins.
    command
        What was typed to start the run, to be kept; default the call of this function.
    checkpoint
        Simulated time between checkpoints, such as ``"1 h"``, from which ``resume`` can go on.
    profile
        Measure what the run costs, by stage, component and group of calls: ``Result.profile``, and in ``run.json``.
    why
        Reason for the run, for the audit trail, where there is one.

    Returns
    -------
    Result
        Also of a run that failed or was stopped: look at its ``status`` and ``expectations``.

    Raises
    ------
    CosimError
        When the scenario or what it names cannot be used, all problems at once; nothing was run then.
    KeyboardInterrupt
        After Ctrl-C, which ends the run at its next communication point; the result has the status ``'stopped'``.
    """
    if checkpoint is not None and duration_ticks(checkpoint) <= 0:
        raise RequestError(f"Checkpoints cannot be {checkpoint} apart. Give a time above zero, such as '1 h'.")
    stopwatch = Stopwatch()
    prepared = prepare(path, parameters, ALGORITHMS, supplied=components, on_built=on_built, stopwatch=stopwatch)
    verdicts = judge(prepared) if checkpoint is not None else None
    for text in (*prepared.bound.warnings, *costs_of_resuming(verdicts or {})):
        warnings.warn(text, ScenarioWarning, stacklevel=2)
    with ExitStack() as told:
        with ExitStack() as stack:
            with stopwatch.during("instantiate"):
                instances = instantiate(prepared, stack, verdicts)
            folder, run_id = make_folder(prepared.scenario.name, out)
            header = header_of(prepared, run_id, command or _call(path, parameters), checkpoint)
            if checkpoint is not None:
                stack.enter_context(alone(folder))
            doing = told.enter_context(audited.running(header, folder, why))
            on_starting()
            hosts = {name: component.host for name, component in prepared.components.items()}
            profiling = Profiling(stopwatch, instances, hosts) if profile else None
            _execute(
                prepared, instances, folder, header, observers=observers, should_stop=should_stop, profiling=profiling
            )
        with stopwatch.during(REPORT):
            result = report_on(folder)
        doing.after = lambda: audited.run_facts(result)
    if profiling is not None:
        _keep_profile(folder, header, profiling, result.outcome)
    return result


def resume(
    run: str | Path,
    *,
    components: Mapping[str, Factory] | None = None,
    observers: Sequence[AbstractObserver] = (),
    should_stop: Callable[[], bool] = lambda: False,
    on_built: OnBuilt | None = None,
    on_starting: Callable[[], None] = lambda: None,
    on_found: Callable[[str], None] = lambda _: None,
    why: str = "",
) -> Result:
    """Go on with a run that was interrupted, from its last checkpoint; its result is completed.

    Parameters
    ----------
    run
        The folder of the run, its ``result.h5``, its run id below ``results``, or ``results/<scenario>``: the newest.
    components, observers, should_stop, on_built, on_starting
        As for ``run``; components that were supplied must be supplied again.
    on_found
        Told from where the run goes on, and which components do their steps again first.
    why
        Reason, for the audit trail, where there is one.

    Raises
    ------
    RequestError
        When there is no such run, it has no checkpoints, or what decides its result has changed since.
    CosimError
        As for ``run``.
    """
    interrupted = find_interrupted(run)
    prepared = prepare(interrupted.scenario, interrupted.overrides, ALGORITHMS, supplied=components, on_built=on_built)
    with ExitStack() as told, ExitStack() as stack:
        stack.callback(prepared.close)
        header = header_of(prepared, "", "", interrupted.interval)
        require_same(interrupted, header)
        stack.enter_context(alone(interrupted.folder))
        origin = choose(interrupted.folder, lambda text: warnings.warn(text, ScenarioWarning, stacklevel=3))
        verdicts = judge(prepared)
        on_found(describe(origin, [name for name, verdict in verdicts.items() if not verdict.is_trusted]))
        instances = instantiate(prepared, stack, verdicts)
        on_starting()
        header = resumed(interrupted, header, origin)
        doing = told.enter_context(
            audited.running(header, interrupted.folder, f"resumed from {origin.file.name}: {why}".rstrip(": "))
        )
        _execute(
            prepared, instances, interrupted.folder, header, observers=observers, should_stop=should_stop, origin=origin
        )
        stack.close()
        result = report_on(interrupted.folder)
        doing.after = lambda: audited.run_facts(result)
    return result


def _execute(
    prepared: Prepared,
    instances: Mapping[str, AbstractInstance],
    folder: Path,
    header: RunHeader,
    *,
    observers: Sequence[AbstractObserver],
    should_stop: Callable[[], bool],
    origin: Origin | None = None,
    profiling: Profiling | None = None,
) -> None:
    """Run to the end, or until asked to stop; leave the result in ``folder``."""
    write_text(folder / "run.json", encode(run_document(header), indent=2))
    writer = writer_of(folder, header, prepared, origin.earlier if origin else None)
    kept = header.resumption
    with _reporting_interrupts(folder) as is_interrupted:
        outcome = execute(
            prepared.bound.structure,
            prepared.bound.experiment,
            instances,
            prepared.algorithm,
            (profiling.timed(writer) if profiling else writer, *observers),
            should_stop=lambda: is_interrupted() or should_stop(),
            warnings=prepared.bound.warnings,
            checkpointing=checkpointing(kept.interval, folder, writer) if kept else None,
            origin=origin.checkpoint if origin else None,
            kernel=kernel_for(prepared),
        )
    if kept and outcome.status == "completed":
        remove_checkpoints(folder)
    if profiling is not None:
        _keep_profile(folder, header, profiling, outcome)


def kernel_for(prepared: Prepared) -> ctypes.CDLL | None:
    """Return the step kernel if it is there, or compiling it pays."""
    is_long = expected_steps(prepared.bound.experiment.phases) >= STEPS_WORTH_COMPILING
    return load(KERNEL) if is_long or is_compiled(KERNEL) else None


def _keep_profile(folder: Path, header: RunHeader, profiling: Profiling, outcome: Outcome) -> None:
    """Add what was measured to ``run.json``."""
    document = run_document(header, profiling.document(outcome))
    write_text(folder / "run.json", encode(document, indent=2))


@contextmanager
def _reporting_interrupts(folder: Path) -> Iterator[Callable[[], bool]]:
    """Let a first Ctrl-C end the execution at a communication point, a second one at once; then report and raise it.

    A caller who handles the signal himself, and a thread that gets none, are left alone.
    """
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    is_ours = threading.current_thread() is threading.main_thread()
    is_ours = is_ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        signal.signal(signal.SIGINT, receive)
    try:
        yield lambda: bool(received)
        if received:
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        with suppress(ResultError):
            report_on(folder)
        raise
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def check(
    path: str | Path,
    parameters: Overrides | None = None,
    *,
    components: Mapping[str, Factory] | None = None,
    on_built: OnBuilt | None = None,
) -> CheckFinding:
    """Find everything that is wrong with a scenario without running it; what begins at once is initialised.

    Raises
    ------
    CosimError
        All problems at once; what an initialisation fails with.
    """
    prepared = prepare(path, parameters, ALGORITHMS, supplied=components, on_built=on_built)
    bound = prepared.bound
    with ExitStack() as stack:
        instances = instantiate(prepared, stack)
        execution = Execution(bound.structure, bound.experiment, instances, prepared.algorithm)
        execution.start()
        forecast = execution.forecast()
    return CheckFinding(
        n_components=len(bound.structure.components),
        n_connections=len(bound.structure.connections),
        n_streams=len(bound.structure.streams),
        n_phases=len(bound.experiment.phases),
        warnings=(*bound.warnings, *(text for text in forecast if text not in bound.warnings)),
    )


def _call(path: str | Path, parameters: Overrides | None) -> str:
    """Return the call of ``run`` that does the same."""
    return f"cosim.run({str(path)!r}, {dict(parameters)!r})" if parameters else f"cosim.run({str(path)!r})"


class _CallableModule(ModuleType):
    """Makes ``cosim.run(…)`` work although this module has the function's name and hides it once imported."""

    def __call__(self, *arguments: Any, **options: Any) -> Result:  # noqa: ANN401
        return run(*arguments, **options)


sys.modules[__name__].__class__ = _CallableModule
