"""Executing an experiment from beginning to end, whatever happens."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from cosim.algorithm.contract import AbstractAlgorithm
from cosim.clock import Ticks, to_seconds
from cosim.errors import CosimError, StepError, raise_all
from cosim.execution.checkpoint import Checkpoint
from cosim.execution.elements import element_ledgers
from cosim.execution.execution import NEVER, Execution
from cosim.execution.observer import AbstractObserver
from cosim.execution.outcome import ComponentCost, Effort, Outcome, SpeciesLedger, Status
from cosim.instance.abilities import AbstractTelling
from cosim.instance.contract import AbstractInstance
from cosim.system.experiment import Experiment
from cosim.system.structure import SystemStructure
from cosim.system.validation import validate

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Checkpointing:
    """``write`` is called about every ``interval`` of simulated time, and when the execution is stopped."""

    interval: Ticks
    write: Callable[[Checkpoint], None]

    def next_after(self, time: Ticks) -> Ticks:
        """Return when the checkpoint after ``time`` is due."""
        return Ticks((time // self.interval + 1) * self.interval)


def execute(
    structure: SystemStructure,
    experiment: Experiment,
    instances: Mapping[str, AbstractInstance],
    algorithm: AbstractAlgorithm[State],
    observers: Sequence[AbstractObserver] = (),
    *,
    should_stop: Callable[[], bool] = lambda: False,
    warnings: Sequence[str] = (),
    checkpointing: Checkpointing | None = None,
    origin: Checkpoint | None = None,
    kernel: ctypes.CDLL | None = None,
) -> Outcome:
    """Run ``experiment`` to its end, to a failure, or until ``should_stop``; free all instances in any case.

    ``warnings`` are those given before, which the outcome keeps with its own. From ``origin``, an execution goes on
    that was interrupted; ``checkpointing`` says what is done for this one to be gone on with. With ``kernel``, which is
    ``cosim.algorithm.compiled.KERNEL`` compiled, what can be stepped by C code is, with the same result.

    A failed step and a balance that does not close give an outcome with status 'failed'; a structure that cannot be
    run, and an observer that cannot take what it is told, raise. An interrupt from the keyboard is raised again after
    observers were told that the run was stopped; it came in the middle of a step, so that there is no ledger.

    Raises
    ------
    CosimError
        Everything that is wrong with structure and experiment; or what an observer raised.
    """
    try:
        raise_all(validate(structure, experiment, solves_loops=algorithm.solves_loops))
        execution = Execution(structure, experiment, instances, algorithm, observers, kernel=kernel)
        if origin is not None:
            execution.resume(origin)
        begin = (lambda: None) if origin else (lambda: execution.start(warnings))
        return carry_out(execution, begin, should_stop, checkpointing)
    finally:
        for instance in instances.values():
            instance.free()


def carry_out(
    execution: Execution[State],
    begin: Callable[[], None],
    should_stop: Callable[[], bool] = lambda: False,
    checkpointing: Checkpointing | None = None,
) -> Outcome:
    """Do what ``execute`` does with an execution that is made already, and leave its instances to the caller."""
    return conclude(execution, *_advance(execution, begin, should_stop, checkpointing))


def conclude(execution: Execution[State], status: Status, failure: StepError | None) -> Outcome:
    """End an execution: judge its ledger, terminate what runs, tell observers."""
    balance = _balance(execution, failure)
    if status == "completed":
        failure = execution.ledger.check(balance)
        status = "failed" if failure else status
    _terminate(execution, failure)
    _hear_news(execution)
    _warn_of_misses(execution)
    outcome = _outcome(execution, status, failure, balance)
    execution.record.finish(outcome)
    return outcome


def _advance(
    execution: Execution[State],
    begin: Callable[[], None],
    should_stop: Callable[[], bool],
    checkpointing: Checkpointing | None,
) -> tuple[Status, StepError | None]:
    """Go on as long as possible."""
    try:
        begin()
        if _has_stopped(execution, should_stop, checkpointing):
            execution.schedule.cut(execution.time, "stopped")
            return "stopped", None
    except StepError as error:
        execution.record.happened(execution.time, "failure", error.component or "", error.message)
        execution.schedule.cut(execution.time, "failure")
        return "failed", error
    except CosimError as error:
        _terminate(execution, None)
        _finish_in_spite_of(execution, "failed", StepError(error.message))
        raise
    except KeyboardInterrupt:
        with suppress(CosimError):
            execution.schedule.cut(execution.time, "interrupted")
        _finish_in_spite_of(execution, "stopped", None)
        raise
    return "completed", None


def _has_stopped(
    execution: Execution[State], should_stop: Callable[[], bool], checkpointing: Checkpointing | None
) -> bool:
    """Go on to the end; return True when asked to stop before."""
    due = checkpointing.next_after(execution.time) if checkpointing else NEVER
    while execution.advance(due):
        must_stop = should_stop()
        if checkpointing and (must_stop or execution.time >= due):
            checkpointing.write(execution.checkpoint())
            due = checkpointing.next_after(execution.time)
        if execution.record.is_progress_due():
            execution.record.progressed(execution.progress())
        if must_stop:
            return True
    return False


def _finish_in_spite_of(execution: Execution[State], status: Status, failure: StepError | None) -> None:
    """Let every observer that still can take the outcome."""
    outcome = _outcome(execution, status, failure, {})
    for observer in execution.record.observers:
        with suppress(CosimError):
            observer.finished(outcome)


def _dead(failure: StepError | None) -> object:
    """Return the name of the component whose instance failed."""
    return failure.details.get("component") if failure else None


def _balance(execution: Execution[State], failure: StepError | None) -> Mapping[str, SpeciesLedger]:
    """Draw up the ledger, unless it needs to read an instance that is dead."""
    dead = _dead(failure)
    if isinstance(dead, str) and execution.ledger.needs(dead):
        return {}
    try:
        return execution.ledger.balance()
    except StepError:
        return {}


def _terminate(execution: Execution[State], failure: StepError | None) -> None:
    """Terminate what runs; what failed is dead, and a failure while terminating changes nothing any more."""
    dead = _dead(failure)
    for participant in execution.system.participants.values():
        if participant.is_initialised and not participant.is_dead and participant.name != dead:
            with suppress(StepError):
                participant.instance.terminate()


def _hear_news(execution: Execution[State]) -> None:
    """Let what instances have to tell be warnings of the result."""
    for name, participant in execution.system.participants.items():
        if isinstance(participant.instance, AbstractTelling):
            for time, text in participant.instance.take_news():
                execution.record.warn(time, name, text)


def _warn_of_misses(execution: Execution[State]) -> None:
    counts = execution.system.counts
    n = sum(counts.missed.values())
    if n:
        worst = max(counts.missed, key=lambda name: counts.missed[name])
        execution.record.warn(
            execution.time,
            worst,
            f"{n} {'step was' if n == 1 else 'steps were'} kept although the error was larger than allowed, up to "
            f"{counts.largest_miss:.3g} times, most often that of {worst}: no shorter step is allowed, or none can be "
            "taken back. Where an output jumps, no step is short enough.",
        )


def _outcome(
    execution: Execution[State],
    status: Status,
    failure: StepError | None,
    balance: Mapping[str, SpeciesLedger],
) -> Outcome:
    record = execution.record
    seconds = record.seconds()
    reason = failure.message if failure else ("stopped by request" if status == "stopped" else "")
    return Outcome(
        status=status,
        reason=reason,
        time=execution.time,
        wall_seconds=seconds,
        phases=tuple(record.phases),
        happenings=tuple(record.happenings),
        ledger=balance,
        costs={
            name: ComponentCost(participant.steps, participant.seconds, participant.steps_in_c, participant.writes_in_c)
            for name, participant in execution.system.participants.items()
        },
        warnings=tuple(record.warnings),
        failure=_details(execution, failure) if failure is not None else {},
        elements=element_ledgers(execution.system.structure, balance),
        effort=_effort(execution, seconds),
    )


def _effort(execution: Execution[State], seconds: float) -> Effort:
    counts = execution.system.counts
    initialising = execution.initialising_seconds
    instances = sum(participant.seconds for participant in execution.system.participants.values())
    return Effort(
        windows=counts.windows,
        compiled=counts.compiled,
        rejected=counts.rejected,
        repeated=counts.repeated,
        iterations=counts.iterations,
        located=counts.located,
        deciding=dict(counts.deciding),
        initialising=initialising,
        engine=max(seconds - initialising - instances, 0.0),
    )


def _details(execution: Execution[State], failure: StepError) -> dict[str, object]:
    """Return what is known of a failed step, the last inputs of the component among it, wherever it was raised."""
    participant = execution.system.participants.get(failure.component or "")
    known: dict[str, object] = {"component": failure.component, "variable": failure.variable}
    known["time"] = to_seconds(execution.time)
    if participant is not None:
        variables = participant.instance.description.variables
        known["inputs"] = dict(zip(participant.input_names, participant.inputs.tolist(), strict=True))
        known["units"] = {name: unit for name in participant.input_names if (unit := variables[name].unit)}
    return {**known, **failure.details}
