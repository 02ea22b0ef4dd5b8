"""An FMU as an instance, whatever its FMI version and whoever integrates it."""

import math
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, format_ticks, to_seconds, to_ticks
from cosim.errors import CapabilityError, StepError
from cosim.fmu.arrays import Arrays, lay_out
from cosim.fmu.calls import FATAL, WARNING, AbstractNativeCalls, CallRefused, StepReport, Transfer
from cosim.fmu.log import InstanceLog, status_name
from cosim.fmu.lookup import Lookup
from cosim.fmu.native import is_native, native_move
from cosim.fmu.rates import directional_derivative, output_derivatives, rated
from cosim.fmu.snapshots import Snapshots
from cosim.fmu.stepping import DirectStepper, StepFailed
from cosim.fmu.values import first_inexact, is_continuous_input, start_order, to_buffer
from cosim.fmu.versions import Parts
from cosim.instance.abilities import (
    AbstractConcurrent,
    AbstractDifferentiable,
    AbstractExtrapolable,
    AbstractInterpolating,
    AbstractNative,
    AbstractSerialising,
    NativeMove,
    NativeStep,
)
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variable, VariableType

T = TypeVar("T")


class _Stage(Enum):
    """FMI's state machine, as far as it decides what may be called at the end."""

    INSTANTIATED = auto()
    INITIALIZING = auto()
    STEPPING = auto()
    TERMINATED = auto()
    DEAD = auto()
    FREED = auto()


class FmuInstance(
    AbstractInstance,
    AbstractConcurrent,
    AbstractSerialising,
    AbstractDifferentiable,
    AbstractInterpolating,
    AbstractExtrapolable,
    AbstractNative,
):
    """An FMU running in this process; the C functions are behind :class:`AbstractCalls`."""

    def __init__(
        self,
        name: str,
        description: ComponentDescription,
        references: Mapping[str, int],
        *,
        arrays: Arrays,
        parts: Parts,
        log: InstanceLog,
        release: Callable[[bool], None],
    ) -> None:
        """Own ``parts`` and ``log``.

        ``release`` is called once, at the end, and told whether the library may be unloaded.
        """
        self._name = name
        self._description = description
        self._references = references
        self._arrays = arrays
        self._resized_by = ""
        self._lookup = Lookup(name, description, arrays)
        self._calls, self._stepper, self._motion = parts.calls, parts.stepper, parts.motion
        self._snapshots = Snapshots(name, description.model, parts)
        self._moves = False
        self._log = log
        self._release = release
        self._groups: list[tuple[Transfer, ...]] = []
        self._continuous: set[VariableGroup] = set()
        self._tolerance: float | None = None
        self._stage = _Stage.INSTANTIATED
        self._is_fatal = False
        self._time = Ticks(0)

    @property
    def description(self) -> ComponentDescription:
        return self._description

    def group(self, names: Sequence[str]) -> VariableGroup:
        self._require_alive("Preparing variables")
        by_type: dict[tuple[VariableType, bool], list[int]] = {}
        for position, name in enumerate(names):
            kind = self._lookup.numeric_scalar(name).type, name in self._arrays.elements
            by_type.setdefault(kind, []).append(position)
        self._groups.append(tuple(self._transfer(kind, names, where) for (kind, _), where in by_type.items()))
        group = VariableGroup(len(self._groups) - 1)
        if all(is_continuous_input(self._description.variables[name]) for name in names):
            self._continuous.add(group)
        return group

    def _transfer(self, kind: VariableType, names: Sequence[str], where: Sequence[int]) -> Transfer:
        chosen = [names[position] for position in where]
        positions = None if len(where) == len(names) else np.array(where, dtype=np.intp)
        if chosen and chosen[0] in self._arrays.elements:
            if self._resized_by:
                raise self._lookup.resized(chosen[0], self._resized_by)
            layout = lay_out([self._arrays.elements[name] for name in chosen])
            return self._calls.transfer(kind, chosen, layout.references, positions, layout)
        return self._calls.transfer(kind, chosen, [self._references[name] for name in chosen], positions)

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        self._require_alive("Setting start values")
        variables = {name: self._lookup.settable(name) for name in values}
        structural = [name for name in values if variables[name].causality is Causality.STRUCTURAL_PARAMETER]

        def assign() -> None:
            for name in structural:
                self._set_one(variables[name], values[name])
                if name in self._arrays.sizing and values[name] != variables[name].start:
                    self._resized_by = name

        if structural:
            self._attempt("Configuration", lambda: self._calls.configure(assign))
        for name in sorted(values, key=lambda name: start_order(variables[name])):
            if name not in structural and name not in self._arrays.elements:
                self._set_one(variables[name], values[name])
        self._set_elements({name: values[name] for name in values if name in self._arrays.elements})

    def _set_elements(self, values: Mapping[str, StartValue]) -> None:
        """Set whole arrays, whose other elements keep the start values that the FMU states."""
        for array in dict.fromkeys(self._arrays.elements[name].array for name in values):
            names = [name for name, element in self._arrays.elements.items() if element.array == array]
            variables = [self._lookup.variable(name) for name in names]
            numbers = [self._lookup.start_number(variable, values.get(variable.name)) for variable in variables]
            transfer = self._transfer(variables[0].type, names, range(len(names)))
            self._put(transfer, np.array(numbers), f"Setting {self._name}.{array}")

    def _set_one(self, variable: Variable, value: StartValue) -> None:
        what = f"Setting {self._name}.{variable.name} = {value!r}"
        if variable.type is VariableType.STRING:
            if not isinstance(value, str) or "\0" in value:
                raise self._lookup.bad_start(variable, value, "it takes a text")
            self._attempt(what, lambda: self._calls.set_string(self._references[variable.name], value))
            return
        if variable.type is VariableType.BINARY:
            content = self._lookup.start_bytes(variable, value)
            self._attempt(what, lambda: self._calls.set_binary(self._references[variable.name], content))
            return
        number = self._lookup.start_number(variable, value)
        transfer = self._transfer(variable.type, [variable.name], [0])
        self._put(transfer, np.array([number]), what)

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        self._require_alive("Initialisation")
        self._time, self._tolerance = time, tolerance
        stop = None if stop_time is None else to_seconds(stop_time)
        self._attempt("Initialisation", lambda: self._calls.enter_initialization(to_seconds(time), stop, tolerance))
        self._stage = _Stage.INITIALIZING

    def exit_initialization(self) -> None:
        self._require_alive("Initialisation")
        self._attempt("Initialisation", self._calls.exit_initialization)
        self._attempt("Initialisation", lambda: self._stepper.begin(to_seconds(self._time), self._tolerance))
        self._stage = _Stage.STEPPING

    def write(self, group: VariableGroup, values: NDArray[np.float64]) -> None:
        transfers = self._transfers(group, "Writing")
        if transfers and self._stage is _Stage.STEPPING:
            is_continuous = group in self._continuous
            self._attempt("Writing", lambda: self._stepper.before_write(is_continuous=is_continuous))
        for transfer in transfers:
            chosen = values if transfer.positions is None else values[transfer.positions]
            if transfer.elements is not None:
                self._put_elements(transfer, chosen)
            elif transfer.is_float:
                transfer.buffer[:] = chosen
                status = transfer.set(*transfer.arguments)
                if status and status != WARNING:
                    raise self._batch_error("Setting", transfer, transfer.set_name, status)
            else:
                self._put(transfer, chosen, "Setting " + self._lookup.listed(transfer.names))

    def read(self, group: VariableGroup, values: NDArray[np.float64]) -> None:
        for transfer in self._transfers(group, "Reading"):
            status = transfer.get(*transfer.arguments)
            if status and status != WARNING:
                raise self._batch_error("Reading", transfer, transfer.get_name, status)
            if not transfer.is_float and (inexact := first_inexact(transfer)):
                self._die()
                raise self._lookup.inexact(inexact, self._when())
            found = transfer.buffer != 0 if transfer.is_boolean else transfer.buffer
            if transfer.elements is not None:
                found = found[transfer.elements]
            values[... if transfer.positions is None else transfer.positions] = found

    def _put_elements(self, transfer: Transfer, values: NDArray[np.float64]) -> None:
        """Write elements of arrays, which are exchanged as a whole: the others keep what they have."""
        status = transfer.get(*transfer.arguments)
        if status and status != WARNING:
            raise self._batch_error("Reading", transfer, transfer.get_name, status)
        self._put(transfer, values, "Setting " + self._lookup.listed(transfer.names))

    def _transfers(self, group: VariableGroup, what: str) -> tuple[Transfer, ...]:
        try:
            return self._groups[group]
        except IndexError as error:
            raise self._unusable(what) from error

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        if self._stage is not _Stage.STEPPING:
            self._require_alive("Step")
            raise StepError(f"'{self._name}' is stepped while it is {self._stage.name.lower()}.", component=self._name)
        self._time = time
        advance = self._step_moving if self._moves else self._stepper.step
        return self._concluded(lambda: advance(time / 1e9, size / 1e9), time, size)

    def native_step(self) -> NativeStep | None:
        if not isinstance(self._stepper, DirectStepper) or not isinstance(self._calls, AbstractNativeCalls):
            return None
        return self._calls.native_step() if self._stage is _Stage.STEPPING and not self._moves else None

    def native_moves(self, group: VariableGroup) -> tuple[NativeMove, ...] | None:
        transfers = self._transfers(group, "Preparing variables")
        return tuple(map(native_move, transfers)) if all(map(is_native, transfers)) else None

    def stand_at(self, time: Ticks) -> None:
        self._time = time

    def conclude_step(self, time: Ticks, size: Ticks, status: int) -> StepOutcome:
        calls = self._calls
        assert isinstance(calls, AbstractNativeCalls)
        self._time = time
        return self._concluded(lambda: calls.conclude(status, time / 1e9, size / 1e9), time, size)

    def refuse_move(self, group: VariableGroup, index: int, status: int, *, is_reading: bool) -> None:
        transfer = self._transfers(group, "Reporting")[index]
        verb, function = ("Reading", transfer.get_name) if is_reading else ("Setting", transfer.set_name)
        raise self._batch_error(verb, transfer, function, status)

    def _concluded(self, call: Callable[[], StepReport | None], time: Ticks, size: Ticks) -> StepOutcome:
        try:
            report = call()
        except CallRefused as refusal:
            raise self._refused("Step", refusal) from refusal
        except StepFailed as failure:
            raise self._failed("Step", failure) from failure
        end = Ticks(time + size)
        if report is None:
            self._time = end
            return StepOutcome(end)
        return self._partial_step(report, time, end)

    def _step_moving(self, time: float, size: float) -> StepReport | None:
        """Step with inputs that move, or moved in the step before."""
        self._motion.begin(time)
        end = time + size
        try:
            report = self._stepper.step(time, size)
            end = report.time if report is not None and report.is_early else end
        finally:  # what the FMU refused of its inputs explains a failed step
            self._moves = self._motion.end(end)
        return report

    def _partial_step(self, report: StepReport, time: Ticks, end: Ticks) -> StepOutcome:
        if not report.is_early:
            self._time = end
            return StepOutcome(end, report.is_terminated)
        reached = to_ticks(report.time) if math.isfinite(report.time) else Ticks(-1)
        if not time <= reached <= end:
            self._die()
            raise StepError(
                f"Step failed at t = {format_ticks(time)} in '{self._name}': the FMU says it returned early at "
                f"{report.time!r} s, which is outside the step. It does not follow the FMI standard.",
                component=self._name,
            )
        self._time = reached
        return StepOutcome(reached, report.is_terminated)

    def get_state(self) -> object:
        self._require_alive("Saving the state")
        self._require("can_get_and_set_state", "have its state saved", "canGetAndSetFMUstate")
        return self._attempt("Saving the state", self._snapshots.save)

    def set_state(self, state: object) -> None:
        self._require_alive("Restoring the state")
        self._attempt("Restoring the state", lambda: self._snapshots.restore(state))
        self._moves = True  # perhaps, in the step before

    def free_state(self, state: object) -> None:
        if self._stage not in (_Stage.DEAD, _Stage.FREED):
            self._attempt("Freeing a state", lambda: self._snapshots.free(state))

    def serialise_state(self, state: object) -> bytes:
        self._require_alive("Writing the state")
        self._require("can_serialise_state", "have its state written", "canSerializeFMUstate")
        return self._attempt("Writing the state", lambda: self._snapshots.write(state))

    def deserialise_state(self, data: bytes) -> object:
        self._require_alive("Reading the state")
        self._require("can_serialise_state", "have its state written", "canSerializeFMUstate")
        return self._attempt("Reading the state", lambda: self._snapshots.read(data))

    def directional_derivative(
        self,
        unknowns: VariableGroup,
        knowns: VariableGroup,
        seed: NDArray[np.float64],
        sensitivity: NDArray[np.float64],
    ) -> None:
        rows, columns = self._rated(unknowns).references, self._rated(knowns).references
        self._require("provides_directional_derivatives", "be differentiated", "providesDirectionalDerivative")
        self._attempt(
            "Differentiating",
            lambda: directional_derivative(self._calls, rows, columns, seed=seed, sensitivity=sensitivity),
        )

    def write_derivatives(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:
        transfer = self._rated(group)
        self._require("can_interpolate_inputs", "move its inputs within a step", "canInterpolateInputs")
        self._attempt("Setting derivatives", lambda: self._motion.write(transfer, order, values))
        self._moves = True

    def read_derivatives(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:
        transfer = self._rated(group)
        if not 1 <= order <= self._description.capabilities.max_output_derivative_order:
            self._require("max_output_derivative_order", "give derivatives of outputs", "maxOutputDerivativeOrder")
            raise CapabilityError(
                f"Derivatives of order {order} of {self._lookup.listed(transfer.names)} cannot be read: the FMU gives "
                f"orders 1 to {self._description.capabilities.max_output_derivative_order}.",
                component=self._name,
            )
        self._attempt("Reading derivatives", lambda: output_derivatives(self._calls, transfer, order, values))
        if self._moves:
            self._attempt("Reading derivatives", lambda: self._motion.adapt(transfer, order, values))

    def _rated(self, group: VariableGroup) -> Transfer:
        return rated(self._name, self._transfers(group, "Exchanging derivatives"))

    def reset(self) -> None:
        self._require_alive("Reset")
        self._attempt("Reset", self._calls.reset)
        self._motion.restore(())
        self._resized_by = ""
        self._stage = _Stage.INSTANTIATED

    def terminate(self) -> None:
        if self._stage is _Stage.STEPPING:
            self._attempt("Termination", self._calls.terminate)
            self._stage = _Stage.TERMINATED

    def free(self) -> None:
        if self._stage is _Stage.FREED:
            return
        if self._stage is not _Stage.DEAD:
            self._snapshots.free_all()
        self._stage = _Stage.FREED
        self._groups.clear()
        self._stepper.close()
        if not self._is_fatal:
            self._calls.free()
        self._log.close()
        self._release(not self._is_fatal)

    def _put(self, transfer: Transfer, values: NDArray[np.float64], what: str) -> None:
        """Write ``values`` of any type, converted without loss or refused."""
        try:
            to_buffer(transfer, values)
        except ValueError as error:
            self._die()
            raise StepError(
                f"{what} failed {self._when()} in '{self._name}': {error}.",
                component=self._name,
                variable=transfer.names[0] if len(transfer.names) == 1 else None,
            ) from error
        status = transfer.set(*transfer.arguments)
        if status and status != WARNING:
            raise self._refused(what, CallRefused(transfer.set_name, status))

    def _attempt(self, what: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except CallRefused as refusal:
            raise self._refused(what, refusal) from refusal
        except StepFailed as failure:
            raise self._failed(what, failure) from failure

    def _batch_error(self, verb: str, transfer: Transfer, function: str, status: int) -> StepError:
        return self._refused(f"{verb} {self._lookup.listed(transfer.names)}", CallRefused(function, status))

    def _refused(self, what: str, refusal: CallRefused) -> StepError:
        """Turn a refused call into the error to raise; the instance is dead from here on."""
        self._is_fatal = refusal.status == FATAL
        self._die()
        said = self._log.collect() or "the FMU gave no reason."
        call = f"{refusal.function} → {status_name(refusal.status)}"
        text = f"{what} failed {self._when()} in '{self._name}' ({call}): {said}"
        return StepError(f"{text} {refusal.detail}".rstrip(), component=self._name)

    def _failed(self, what: str, failure: StepFailed) -> StepError:
        """Turn what went wrong between calls into the error to raise; the instance is dead from here on."""
        self._die()
        said = self._log.collect()
        text = f"{what} failed {self._when()} in '{self._name}' ({failure.what}): {failure.why}"
        return StepError(f"{text} {said}".rstrip(), component=self._name)

    def _die(self) -> None:
        self._stage = _Stage.DEAD
        self._groups.clear()

    def _when(self) -> str:
        return f"at t = {format_ticks(self._time)}"

    def _require_alive(self, what: str) -> None:
        if self._stage in (_Stage.DEAD, _Stage.FREED):
            raise self._unusable(what)

    def _unusable(self, what: str) -> StepError:
        why = "was freed" if self._stage is _Stage.FREED else "has failed before"
        if self._stage not in (_Stage.DEAD, _Stage.FREED):
            why = "has no such group of variables"
        return StepError(f"{what} is not possible: '{self._name}' {why}.", component=self._name)

    def _require(self, capability: str, what: str, attribute: str) -> None:
        if not getattr(self._description.capabilities, capability):
            raise CapabilityError(
                f"'{self._name}' cannot {what}: its FMU does not declare {attribute}.", component=self._name
            )
