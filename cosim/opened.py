"""A scenario stepped by hand: values set and read between communication steps, copies for what-if."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from cosim.by_hand import drivers, find, is_bookkeeping, moment, number_of, settable
from cosim.clock import Ticks, format_ticks, to_seconds
from cosim.errors import CosimError, RequestError, StepError, StructureError
from cosim.execution import Execution, conclude
from cosim.execution.checkpoint import Checkpoint
from cosim.execution.observer import AbstractObserver
from cosim.execution.outcome import Status
from cosim.instance.abilities import AbstractEditable
from cosim.instantiation import instantiate
from cosim.loading import Factory, OnBuilt
from cosim.preparation import Prepared, prepare
from cosim.results import Result, ResultWriter, run_document
from cosim.results.checkpoints import write_checkpoint
from cosim.results.document import encode, write_text
from cosim.results.earlier import Earlier
from cosim.round_trip import Verdict, judge
from cosim.run import ALGORITHMS, kernel_for
from cosim.run_folder import header_of, make_folder, report_on, writer_of
from cosim.scenario.bind import Overrides
from cosim.system.checking import may_change
from cosim.system.nearest import nearest
from cosim.system.variable import Causality, Variable, VariableName


def open(
    path: str | Path,
    parameters: Overrides | None = None,
    *,
    out: str | Path | None = None,
    components: Mapping[str, Factory] | None = None,
    observers: Sequence[AbstractObserver] = (),
    on_built: OnBuilt | None = None,
) -> OpenExecution:
    """Open a scenario to be stepped by hand; what begins at once is initialised.

    Parameters
    ----------
    path, parameters, components, observers, on_built
        As for ``cosim.run``.
    out
        Folder for the result; without one nothing is kept.

    Raises
    ------
    CosimError
        When the scenario or what it names cannot be used, all problems at once.
    """
    prepared = prepare(path, parameters, ALGORITHMS, supplied=components, on_built=on_built)
    return OpenExecution(prepared, out=out, observers=observers)


class OpenExecution:
    """An execution that waits at a communication point for what comes next.

    Use it in a ``with`` block, or ``close`` it: both end all models. After an error only ``close`` and ``result`` are
    legal.
    """

    def __init__(
        self,
        prepared: Prepared,
        *,
        out: str | Path | None = None,
        observers: Sequence[AbstractObserver] = (),
        verdicts: Mapping[str, Verdict] | None = None,
        origin: Checkpoint | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        """Start, or go on from ``origin``; ``verdicts`` are those on the states of the instances, if known already.

        ``earlier`` is what ``out`` holds already, recorded before ``origin``.
        """
        self._prepared, self._observers = prepared, tuple(observers)
        self._verdicts = verdicts if verdicts is not None else judge(prepared)
        self._structure = prepared.bound.structure
        self._drivers = drivers(prepared.bound)
        self._targets: dict[str, VariableName] = {}
        self._folder: Path | None = None
        self._writer: ResultWriter | None = None
        self._failure: StepError | None = None
        self._is_closed = False
        with ExitStack() as stack:
            instances = instantiate(prepared, stack, self._verdicts)
            experiment = replace(prepared.bound.experiment, settable=settable(prepared.bound, self._drivers))
            self._execution = Execution(
                self._structure,
                experiment,
                instances,
                prepared.algorithm,
                (*self._recording(out, earlier), *self._observers),
                kernel=kernel_for(prepared),
            )
            if origin is None:
                self._execution.start(prepared.bound.warnings)
            else:
                self._execution.resume(origin)
            self._stack = stack.pop_all()

    def _recording(self, out: str | Path | None, earlier: Earlier | None) -> Iterator[AbstractObserver]:
        if out is None:
            return
        self._folder, run_id = (
            (Path(out), Path(out).name) if earlier else make_folder(self._prepared.scenario.name, out)
        )
        header = header_of(self._prepared, run_id, f"cosim.open({str(self._prepared.scenario.path)!r})", None)
        write_text(self._folder / "run.json", encode(run_document(header), indent=2))
        self._writer = writer_of(self._folder, header, self._prepared, earlier)
        yield self._writer

    @property
    def time(self) -> float:
        """Simulated time [s]."""
        return to_seconds(self._execution.time)

    @property
    def phase(self) -> str:
        """Name of the phase that runs, '' when none does."""
        return self._execution.progress().phase

    @property
    def is_over(self) -> bool:
        """True when nothing is left to do."""
        return self._execution.is_over

    def step(self) -> bool:
        """Go on to the next communication point; return False when there is none.

        Raises
        ------
        StepError
            When a model fails; all are dead then.
        """
        return self._advance()

    def _advance(self, until: Ticks | None = None) -> bool:
        """Step once; with ``until``, to any communication point up to the first at or after it."""
        self._require_alive()
        try:
            return self._execution.advance(until)
        except StepError as error:
            self._failure = error
            self._execution.record.happened(self._execution.time, "failure", error.component or "", error.message)
            raise

    def run_until(self, time: str | float) -> bool:
        """Go on to the first communication point at or after ``time``, a quantity such as ``"3 d"`` or a number of [s].

        Return False when the scenario was over before.
        """
        until = moment(time)
        while self._execution.time < until and self._advance(until):
            pass
        return self._execution.time >= until

    def __getitem__(self, name: str) -> float:
        """Return the present value of ``component.variable``, in its own unit."""
        self._require_alive()
        target = self._targets.get(name)
        if target is None:
            target = self._targets[name] = find(self._structure, name)[0]
        system = self._execution.system
        if target in system.places:
            return float(system.board[system.places[target]])
        participant = system.participants[target.component]
        if participant.is_initialised and target in system.sources:
            return float(system.board[system.sources[target]])
        if not participant.is_initialised:
            raise RequestError(
                f"{target} has no value yet: '{target.component}' has not started.",
                component=target.component,
                variable=target.variable,
            )
        value = np.zeros(1)
        participant.instance.read(participant.instance.group([target.variable]), value)
        return float(value[0])

    def __setitem__(self, name: str, value: str | float) -> None:
        """Set an input or tunable parameter from now on, to a quantity such as ``"2 L/h"`` or a number in its own unit.

        What a phase or step sets is replaced until it ends, as by an event.

        Raises
        ------
        StructureError
            When there is no such variable, it cannot change, something else drives it, or the value does not fit it.
        """
        self._require_alive()
        target, variable = self._settable(name)
        self._execution.set(target, self._number(target, variable, value))

    def _settable(self, name: str) -> tuple[VariableName, Variable]:
        """Return what ``name`` means; raise StructureError where it cannot be set."""
        target, variable = find(self._structure, name)
        if target in self._drivers:
            raise _refused(
                target, f"Cannot set {name}: {self._drivers[target]} drives it. Remove that, or set its source."
            )
        if not may_change(variable):
            raise _refused(
                target,
                f"Cannot set {name} while running: it is a {variable.variability.value} {variable.causality.value}. "
                "Only inputs and tunable parameters can change; give others to cosim.open(…, parameters).",
            )
        return target, variable

    def _number(self, target: VariableName, variable: Variable, value: str | float) -> float:
        """Return ``value`` in the unit of ``target``."""
        try:
            return number_of(self._structure.components[target.component].description, variable, value)
        except CosimError as error:
            raise _refused(target, f"Cannot set {target}: {error.message}") from error

    def variable(self, name: str) -> Variable:
        """Return what is declared of ``component.variable``: unit, limits, causality."""
        return find(self._structure, name)[1]

    def check_settable(self, name: str, value: str | float | None = None) -> None:
        """Raise what setting ``name`` to ``value``, or to anything, would raise, and set nothing."""
        target, variable = self._settable(name)
        if value is not None:
            self._number(target, variable, value)

    def exposed(self) -> Iterator[tuple[str, Variable, bool]]:
        """Yield names and variables worth showing: plain outputs, and inputs that can be set (True)."""
        for component in self._structure.components.values():
            for variable in component.description.variables.values():
                name = f"{component.name}.{variable.name}"
                if variable.shape or not variable.type.is_numeric or is_bookkeeping(variable.name):
                    continue
                if variable.causality is Causality.OUTPUT:
                    yield name, variable, False
                elif variable.causality is Causality.INPUT and VariableName.parse(name) not in self._drivers:
                    yield name, variable, True

    def numbers(self, component: str, names: Sequence[str] | None = None) -> dict[str, float]:
        """Return continuous states and parameters of ``component``, each in the unit its FMU documents.

        Without ``names``, all of them.

        Raises
        ------
        RequestError
            When it has none that can be told: an FMU of others, one in another process, or one that has not started.
        """
        instance = self._editable(component)
        wanted = _known(component, instance, instance.numbers if names is None else names)
        return dict(zip(wanted, instance.read_numbers(wanted).tolist(), strict=True))

    def states(self, component: str) -> list[str]:
        """Return which :meth:`numbers` of ``component`` are continuous states."""
        return list(self._editable(component).states)

    def amend(self, component: str, values: Mapping[str, float]) -> None:
        """Let ``component`` go on from other ``values`` of some of its :meth:`numbers`.

        The ledger books what it then holds more or less as come or gone.

        Raises
        ------
        RequestError
            When it has no such number, or a value is not finite.
        StepError
            When the model refuses; all are dead then.
        """
        names = _known(component, self._editable(component), values)
        for name, value in values.items():
            if not isfinite(value):
                raise RequestError(f"{component}.{name} cannot become {value}. Give a finite number.")
        try:
            self._execution.amend(component, names, np.array(list(values.values()), dtype=np.float64))
        except StepError as error:
            self._failure = error
            raise

    def _editable(self, component: str) -> AbstractEditable:
        self._require_alive()
        participant = self._execution.system.participants.get(component)
        if participant is None:
            hint = nearest(component, self._structure.components)
            raise RequestError(f"There is no component '{component}'.{hint}", component=component)
        instance = participant.instance
        if not participant.is_initialised:
            raise RequestError(f"'{component}' has no state yet: it has not started.", component=component)
        if not isinstance(instance, AbstractEditable) or not instance.numbers:
            raise RequestError(
                f"'{component}' does not tell its state by name. Models compiled by cosim do, for Co-Simulation and in "
                "cosim's own process.",
                component=component,
            )
        return instance

    def fork(self, *, out: str | Path | None = None, observers: Sequence[AbstractObserver] = ()) -> OpenExecution:
        """Return a copy that goes on from here by itself; it is to be closed too.

        Models whose state cannot be trusted do again what was done to them, which takes as long as it took.

        Raises
        ------
        CheckpointError
            When a model does not come to the same state.
        """
        return self.copy_at(self.checkpoint(), out=out, observers=observers)

    def checkpoint(self) -> Checkpoint:
        """Return the whole state, for ``copy_at``; raise CheckpointError when something in it cannot be written."""
        self._require_alive()
        return self._execution.checkpoint()

    def copy_at(
        self,
        checkpoint: Checkpoint,
        *,
        out: str | Path | None = None,
        observers: Sequence[AbstractObserver] = (),
    ) -> OpenExecution:
        """Return a copy that goes on from ``checkpoint``, of this execution or a copy of it; it is to be closed too."""
        return OpenExecution(self._prepared, out=out, observers=observers, verdicts=self._verdicts, origin=checkpoint)

    def keep(self) -> None:
        """Write a checkpoint into the folder of the result, from which ``cosim.shadowing.reopening`` can go on.

        Raises
        ------
        RequestError
            When no folder for it was given.
        ResultError
            When it cannot be written.
        """
        self._require_alive()
        if self._folder is None or self._writer is None:
            raise RequestError("There is no folder for a checkpoint. Give one: cosim.open(…, out='results/by_hand').")
        write_checkpoint(self._folder, self.checkpoint(), self._writer.settle())

    def result(self) -> Result:
        """End the execution and return its result: ``'completed'`` when nothing was left to do, else ``'stopped'``.

        Raises
        ------
        RequestError
            When no folder for it was given.
        """
        if self._folder is None:
            raise RequestError("No result was kept. Give a folder for it: cosim.open(…, out='results/by_hand').")
        self.close()
        return report_on(self._folder)

    def close(self) -> None:
        """End all models; legal any number of times."""
        if self._is_closed:
            return
        self._is_closed = True
        with self._stack:
            status: Status = "failed" if self._failure else "completed" if self.is_over else "stopped"
            if status != "completed":
                self._execution.schedule.cut(self._execution.time, status)
            conclude(self._execution, status, self._failure)

    def __enter__(self) -> Self:
        self._require_alive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _require_alive(self) -> None:
        if self._failure is not None:
            raise RequestError(f"The execution has failed at t = {format_ticks(self._execution.time)}. Open it anew.")
        if self._is_closed:
            raise RequestError("The execution has been closed. Open it anew.")


def _known(component: str, instance: AbstractEditable, names: Iterable[str]) -> list[str]:
    """Return ``names``, which are to be states or parameters of ``component``."""
    known = instance.numbers
    for name in names:
        if name not in known:
            hint = nearest(name, known)
            raise RequestError(f"'{component}' has no state or parameter '{name}'.{hint}", component=component)
    return list(names)


def _refused(target: VariableName, text: str) -> StructureError:
    return StructureError(text, component=target.component, variable=target.variable)
