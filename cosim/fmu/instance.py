"""An FMU as an instance, whatever its FMI version and whoever integrates it."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, format_ticks, to_seconds, to_ticks
from cosim.errors import CapabilityError, StepError
from cosim.fmu.arrays import Arrays
from cosim.fmu.calls import AbstractNativeCalls, StepReport, Transfer
from cosim.fmu.groups import Groups
from cosim.fmu.life import Life, Stage
from cosim.fmu.log import InstanceLog
from cosim.fmu.lookup import Lookup
from cosim.fmu.native import is_native, native_move
from cosim.fmu.rates import directional_derivative, output_derivatives, rated
from cosim.fmu.snapshots import Snapshots
from cosim.fmu.starting import Starting
from cosim.fmu.state_layout import StateLayout
from cosim.fmu.stepping import DirectStepper
from cosim.fmu.versions import Parts
from cosim.instance.abilities import (
    AbstractConcurrent,
    AbstractDifferentiable,
    AbstractEditable,
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


class FmuInstance(
    AbstractInstance,
    AbstractConcurrent,
    AbstractSerialising,
    AbstractEditable,
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
        layout: Callable[[], StateLayout],
        release: Callable[[bool], None],
    ) -> None:
        """Own ``parts`` and ``log``.

        ``layout`` tells where numbers stand in a written state; ``release`` is called once, at the end, and told
        whether the library may be unloaded.
        """
        self._name = name
        self._description = description
        self._lookup = Lookup(name, description, arrays)
        self._calls, self._stepper, self._motion = parts.calls, parts.stepper, parts.motion
        self._life = Life(name, log)
        self._groups = Groups(name, self._lookup, references, arrays=arrays, calls=parts.calls, life=self._life)
        self._starting = Starting(
            name, self._lookup, references, arrays=arrays, calls=parts.calls, groups=self._groups, life=self._life
        )
        self._snapshots = Snapshots(name, description.model, parts)
        self._time_unit = parts.time_unit
        self._moves = False
        self._log, self._layout = log, layout
        self._release = release
        self._tolerance: float | None = None

    @property
    def description(self) -> ComponentDescription:
        return self._description

    def group(self, names: Sequence[str]) -> VariableGroup:
        self._life.require_alive("Preparing variables")
        return self._groups.prepare(names)

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        self._life.require_alive("Setting start values")
        self._starting.set(values)

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        self._life.require_alive("Initialisation")
        self._life.time, self._tolerance = time, tolerance
        start = to_seconds(time) / self._time_unit
        stop = None if stop_time is None else to_seconds(stop_time) / self._time_unit
        self._life.attempt("Initialisation", lambda: self._calls.enter_initialization(start, stop, tolerance))
        self._life.stage = Stage.INITIALIZING

    def exit_initialization(self) -> None:
        self._life.require_alive("Initialisation")
        self._life.attempt("Initialisation", self._calls.exit_initialization)
        self._life.attempt("Initialisation", lambda: self._stepper.begin(to_seconds(self._life.time), self._tolerance))
        self._life.stage = Stage.STEPPING

    def write(self, group: VariableGroup, values: NDArray[np.float64]) -> None:
        transfers = self._transfers(group, "Writing")
        if transfers and self._life.stage is Stage.STEPPING:
            is_continuous = self._groups.is_continuous(group)
            self._life.attempt("Writing", lambda: self._stepper.before_write(is_continuous=is_continuous))
        self._groups.write(transfers, values)

    def read(self, group: VariableGroup, values: NDArray[np.float64]) -> None:
        self._groups.read(self._transfers(group, "Reading"), values)

    def _transfers(self, group: VariableGroup, what: str) -> tuple[Transfer, ...]:
        return self._groups.of(group, what)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        if self._life.stage is not Stage.STEPPING:
            self._life.require_alive("Step")
            raise StepError(
                f"'{self._name}' is stepped while it is {self._life.stage.name.lower()}.", component=self._name
            )
        self._life.time = time
        advance = self._step_moving if self._moves else self._stepper.step
        return self._concluded(lambda: advance(time / 1e9, size / 1e9), time, size)

    def native_step(self) -> NativeStep | None:
        if not isinstance(self._stepper, DirectStepper) or not isinstance(self._calls, AbstractNativeCalls):
            return None
        return self._calls.native_step() if self._life.stage is Stage.STEPPING and not self._moves else None

    def native_moves(self, group: VariableGroup) -> tuple[NativeMove, ...] | None:
        transfers = self._transfers(group, "Preparing variables")
        return tuple(map(native_move, transfers)) if all(map(is_native, transfers)) else None

    def stand_at(self, time: Ticks) -> None:
        self._life.time = time

    def conclude_step(self, time: Ticks, size: Ticks, status: int) -> StepOutcome:
        calls = self._calls
        assert isinstance(calls, AbstractNativeCalls)
        self._life.time = time
        return self._concluded(lambda: calls.conclude(status, time / 1e9, size / 1e9), time, size)

    def refuse_move(self, group: VariableGroup, index: int, status: int, *, is_reading: bool) -> None:
        transfer = self._transfers(group, "Reporting")[index]
        raise self._groups.refused(transfer, status, is_reading=is_reading)

    def _concluded(self, call: Callable[[], StepReport | None], time: Ticks, size: Ticks) -> StepOutcome:
        report = self._life.attempt_step(call)
        end = Ticks(time + size)
        if report is None:
            self._life.time = end
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
            self._life.time = end
            return StepOutcome(end, report.is_terminated)
        reached = to_ticks(report.time) if math.isfinite(report.time) else Ticks(-1)
        if not time <= reached <= end:
            self._life.die()
            raise StepError(
                f"Step failed at t = {format_ticks(time)} in '{self._name}': the FMU says it returned early at "
                f"{report.time!r} s, which is outside the step. It does not follow the FMI standard.",
                component=self._name,
            )
        self._life.time = reached
        return StepOutcome(reached, report.is_terminated)

    def get_state(self) -> object:
        self._life.require_alive("Saving the state")
        self._require("can_get_and_set_state", "have its state saved", "canGetAndSetFMUstate")
        return self._life.attempt("Saving the state", self._snapshots.save)

    def set_state(self, state: object) -> None:
        if self._life.stage is not Stage.DISCARDED:
            self._life.require_alive("Restoring the state")
        self._life.attempt("Restoring the state", lambda: self._snapshots.restore(state))
        self._life.go_back()
        self._moves = True  # perhaps, in the step before

    def free_state(self, state: object) -> None:
        if not self._life.is_over:
            self._life.attempt("Freeing a state", lambda: self._snapshots.free(state))

    def serialise_state(self, state: object) -> bytes:
        self._life.require_alive("Writing the state")
        self._require("can_serialise_state", "have its state written", "canSerializeFMUstate")
        return self._life.attempt("Writing the state", lambda: self._snapshots.write(state))

    def deserialise_state(self, data: bytes) -> object:
        self._life.require_alive("Reading the state")
        self._require("can_serialise_state", "have its state written", "canSerializeFMUstate")
        return self._life.attempt("Reading the state", lambda: self._snapshots.read(data))

    @property
    def numbers(self) -> Mapping[str, str]:
        capabilities = self._description.capabilities
        can = capabilities.can_serialise_state and isinstance(self._stepper, DirectStepper)
        return self._layout().units if can else {}

    @property
    def states(self) -> Sequence[str]:
        return [name for name in self.numbers if name not in self._layout().parameters]

    def read_numbers(self, names: Sequence[str]) -> NDArray[np.float64]:
        self._life.require_alive("Reading the state")
        return self._layout().read(self._state_now("Reading the state"), names)

    def write_numbers(self, names: Sequence[str], values: NDArray[np.float64]) -> None:
        self._life.require_alive("Editing the state")
        state = self._state_now("Editing the state")
        self._layout().write(state, names, values)
        self._life.attempt("Editing the state", lambda: self._snapshots.take(state))

    def _state_now(self, what: str) -> NDArray[np.uint8]:
        state = self._life.attempt(what, self._snapshots.numbers)
        if len(state) != self._layout().size:
            raise StepError(
                f"{what} of '{self._name}' failed: it has {len(state)} bytes, and {self._layout().size} by the FMU's "
                "state_layout.json. Build the FMU again.",
                component=self._name,
            )
        return state

    def directional_derivative(
        self,
        unknowns: VariableGroup,
        knowns: VariableGroup,
        seed: NDArray[np.float64],
        sensitivity: NDArray[np.float64],
    ) -> None:
        rows, columns = self._rated(unknowns).references, self._rated(knowns).references
        self._require("provides_directional_derivatives", "be differentiated", "providesDirectionalDerivative")
        self._life.attempt(
            "Differentiating",
            lambda: directional_derivative(self._calls, rows, columns, seed=seed, sensitivity=sensitivity),
        )

    def write_derivatives(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:
        transfer = self._rated(group)
        self._require("can_interpolate_inputs", "move its inputs within a step", "canInterpolateInputs")
        self._life.attempt("Setting derivatives", lambda: self._motion.write(transfer, order, values))
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
        self._life.attempt("Reading derivatives", lambda: output_derivatives(self._calls, transfer, order, values))
        if self._moves:
            self._life.attempt("Reading derivatives", lambda: self._motion.adapt(transfer, order, values))

    def _rated(self, group: VariableGroup) -> Transfer:
        return rated(self._name, self._transfers(group, "Exchanging derivatives"))

    def reset(self) -> None:
        self._life.require_alive("Reset")
        self._life.attempt("Reset", self._calls.reset)
        self._motion.restore(())
        self._groups.resized_by = ""
        self._life.stage = Stage.INSTANTIATED

    def terminate(self) -> None:
        if self._life.stage is Stage.STEPPING:
            self._life.attempt("Termination", self._calls.terminate)
            self._life.stage = Stage.TERMINATED

    def free(self) -> None:
        if self._life.stage is Stage.FREED:
            return
        if self._life.stage is not Stage.DEAD:
            self._snapshots.free_all()
        self._life.stage = Stage.FREED
        self._life.forget()
        self._stepper.close()
        if not self._life.is_fatal:
            self._calls.free()
        self._log.close()
        self._release(not self._life.is_fatal)

    def _require(self, capability: str, what: str, attribute: str) -> None:
        if not getattr(self._description.capabilities, capability):
            raise CapabilityError(
                f"'{self._name}' cannot {what}: its FMU does not declare {attribute}.", component=self._name
            )
