"""An FMU in another process as an instance."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, format_ticks
from cosim.errors import StepError
from cosim.hosting.failure import HostFailure, from_head
from cosim.hosting.lane import MOST_GROUPS, Doing, Operation, Status, Word
from cosim.hosting.link import AbstractLink, Lost
from cosim.hosting.service import MOST_LOGS
from cosim.instance.abilities import (
    AbstractConcurrent,
    AbstractDifferentiable,
    AbstractExtrapolable,
    AbstractInterpolating,
    AbstractSerialising,
)
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue

Values = NDArray[np.float64]

_DOING: Final = {
    "group": ("Preparing variables", ("", "", "")),
    "instantiate": ("Instantiation", ("fmiInstantiateSlave", "fmi2Instantiate", "fmi3InstantiateCoSimulation")),
    "set_start": ("Setting start values", ("fmiSetReal", "fmi2SetReal", "fmi3SetFloat64")),
    "enter_initialization": (
        "Initialisation",
        ("fmiInitializeSlave", "fmi2EnterInitializationMode", "fmi3EnterInitializationMode"),
    ),
    "exit_initialization": (
        "Initialisation",
        ("fmiInitializeSlave", "fmi2ExitInitializationMode", "fmi3ExitInitializationMode"),
    ),
    "write": ("Setting inputs", ("fmiSetReal", "fmi2SetReal", "fmi3SetFloat64")),
    "step": ("Step", ("fmiDoStep", "fmi2DoStep", "fmi3DoStep")),
    "read": ("Reading outputs", ("fmiGetReal", "fmi2GetReal", "fmi3GetFloat64")),
    "get_state": ("Saving the state", ("", "fmi2GetFMUstate", "fmi3GetFMUState")),
    "set_state": ("Restoring the state", ("", "fmi2SetFMUstate", "fmi3SetFMUState")),
    "free_state": ("Freeing a state", ("", "fmi2FreeFMUstate", "fmi3FreeFMUState")),
    "serialise_state": ("Writing the state", ("", "fmi2SerializeFMUstate", "fmi3SerializeFMUState")),
    "deserialise_state": ("Reading the state", ("", "fmi2DeSerializeFMUstate", "fmi3DeserializeFMUState")),
    "reset": ("Reset", ("fmiResetSlave", "fmi2Reset", "fmi3Reset")),
    "terminate": ("Termination", ("fmiTerminateSlave", "fmi2Terminate", "fmi3Terminate")),
    "free": ("Freeing", ("fmiFreeSlaveInstance", "fmi2FreeInstance", "fmi3FreeInstance")),
}
"""What was being done by the name of the call, and FMI's function for it in versions 1 to 3."""
_LOGGERS: Final = ("cosim.fmu", "cosim.hosting")
LONGEST_LOG: Final = 4000
"""Characters of a logged message that are passed on."""
_CALLS: Final = {Doing.WRITE: "write", Doing.STEP: "step", Doing.READ: "read"}


@dataclass(frozen=True, slots=True)
class Model:
    """What is hosted: a component's name, and what is known of its FMU without running it."""

    name: str
    description: ComponentDescription
    major_version: int
    is_exchange: bool


class HostedInstance(
    AbstractInstance,
    AbstractConcurrent,
    AbstractSerialising,
    AbstractDifferentiable,
    AbstractInterpolating,
    AbstractExtrapolable,
):
    """An instance behind a link.

    What is written travels with the next step or reading, and what was read after the last step is read along with the
    next, so that a communication step is one round trip. So an error of writing is raised by what follows it.
    """

    def __init__(self, model: Model, link: AbstractLink) -> None:
        self._model, self._link, self._lane = model, link, link.lane
        self._known: dict[tuple[str, ...], VariableGroup] = {}
        self._sizes: list[int] = []
        self._places: list[Values] = []
        self._is_shared: list[bool] = []
        self._pending: tuple[VariableGroup, ...] = ()
        self._fresh: tuple[VariableGroup, ...] = ()
        """Groups whose values are those of now."""
        self._wanted: tuple[VariableGroup, ...] = ()
        """Groups that were read after the last step."""
        self._pattern: tuple[object, ...] = ()
        self._n_patterns = 0
        self._owes_error = False
        self._time = Ticks(0)
        self._is_over = self._has_failed = False

    @property
    def description(self) -> ComponentDescription:
        return self._model.description

    def group(self, names: Sequence[str]) -> VariableGroup:
        known = self._known.get(tuple(names))
        if known is not None:
            return known
        self._call("group", {"names": list(names)})
        place = self._lane.place(len(names)) if self._lane is not None else None
        self._sizes.append(len(names))
        self._is_shared.append(place is not None)
        self._places.append(place if place is not None else np.empty(len(names)))
        self._known[tuple(names)] = VariableGroup(len(self._sizes) - 1)
        return self._known[tuple(names)]

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        self._call("set_start", {"values": dict(values)})

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        self._time = time
        self._call("enter_initialization", {"time": time, "stop_time": stop_time, "tolerance": tolerance})

    def exit_initialization(self) -> None:
        self._call("exit_initialization")

    def write(self, group: VariableGroup, values: Values) -> None:
        place = self._place(group, "Writing")
        if group in self._pending or len(self._pending) == MOST_GROUPS:
            self._exchange(None, ())
        place[:] = values
        self._pending = (*self._pending, group)
        self._fresh = ()

    def read(self, group: VariableGroup, values: Values) -> None:
        place = self._place(group, "Reading")
        if group not in self._fresh:
            self._exchange(None, (group,))
            self._fresh = (*self._fresh, group)
        if group not in self._wanted and len(self._wanted) < MOST_GROUPS:
            self._wanted = (*self._wanted, group)
        values[:] = place

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        wanted, self._wanted, self._fresh = self._wanted, (), ()
        self._time = time
        outcome = self._exchange(size, wanted)
        assert outcome is not None
        self._time = outcome.time
        self._fresh = () if self._owes_error else wanted
        return outcome

    def get_state(self) -> object:
        return self._state("get_state", *self._call("get_state"))

    def set_state(self, state: object) -> None:
        self._pending = ()  # what was written is undone
        self._call("set_state", {"state": state})

    def free_state(self, state: object) -> None:
        if not self._is_over:
            self._call("free_state", {"state": state}, keeps=True)

    def serialise_state(self, state: object) -> bytes:
        return self._call("serialise_state", {"state": state}, keeps=True)[1]

    def deserialise_state(self, data: bytes) -> object:
        return self._state("deserialise_state", *self._call("deserialise_state", body=data, keeps=True))

    def directional_derivative(
        self, unknowns: VariableGroup, knowns: VariableGroup, seed: Values, sensitivity: Values
    ) -> None:
        head = {"unknowns": unknowns, "knowns": knowns}
        self._fill("directional_derivative", sensitivity, head, seed)

    def write_derivatives(self, group: VariableGroup, order: int, values: Values) -> None:
        self._call("write_derivatives", {"group": group, "order": order}, np.ascontiguousarray(values).tobytes())

    def read_derivatives(self, group: VariableGroup, order: int, values: Values) -> None:
        self._fill("read_derivatives", values, {"group": group, "order": order})

    def reset(self) -> None:
        self._pending = ()
        self._call("reset")

    def terminate(self) -> None:
        self._call("terminate", keeps=True)

    def free(self) -> None:
        is_reachable, self._is_over = not self._is_over and not self._link.is_busy, True
        if is_reachable:
            try:
                answer, _ = self._link.call({"call": "free"})
                pass_on(answer)
            except Lost as lost:
                self._has_failed = True
                logging.getLogger("cosim.fmu").warning("%s", self._lost("free", lost).message)
        self._places, self._lane = [], None
        self._link.close(is_sound=is_reachable and not self._has_failed)

    def _place(self, group: VariableGroup, what: str) -> Values:
        if self._is_over:
            text = f"{what} is not possible: '{self._model.name}' has failed before, or was freed."
            raise StepError(text, component=self._model.name)
        return self._places[group]

    def _fill(self, call: str, values: Values, head: Mapping[str, Any], given: Values | None = None) -> None:
        body = np.ascontiguousarray(given).tobytes() if given is not None else b""
        content = self._call(call, head, body, keeps=True)[1]
        if len(content) != 8 * len(values):
            raise self._garbled(call)
        values[:] = np.frombuffer(content, np.float64)

    def _state(self, call: str, answer: Mapping[str, Any], _: bytes) -> int:
        state = answer.get("state")
        if not isinstance(state, int):
            raise self._garbled(call)
        return state

    def _call(
        self, call: str, head: Mapping[str, Any] | None = None, body: bytes = b"", *, keeps: bool = False
    ) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a message; ``keeps`` tells that it leaves the values of variables alone."""
        self._place_nothing(call)
        if self._pending:
            self._exchange(None, ())
        self._pay()
        if not keeps:
            self._fresh = ()
        return self._asked(call, head or {}, body)

    def _place_nothing(self, call: str) -> None:
        if self._is_over:
            text = f"'{call}' is not possible: '{self._model.name}' has failed before, or was freed."
            raise StepError(text, component=self._model.name)

    def _asked(self, call: str, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        try:
            answer, content = self._link.call({"call": call, **head}, body)
        except Lost as lost:
            self._is_over = True
            raise self._lost(call, lost) from lost
        pass_on(answer)
        if "error" in answer:
            self._has_failed = True
            raise from_head(answer["error"])
        return answer, content

    def _pay(self) -> None:
        """Raise the error that is still to be told."""
        if self._owes_error:
            self._owes_error = False
            self._asked("explain", {})

    def _exchange(self, size: Ticks | None, reads: tuple[VariableGroup, ...]) -> StepOutcome | None:
        """Write what is pending, step by ``size`` unless None, and read ``reads``, all in one round trip."""
        self._place_nothing("exchange")
        self._pay()
        writes, self._pending = self._pending, ()
        operation = Operation.NOTHING if size is None else Operation.STEP
        pattern = (operation, writes, reads)
        if pattern != self._pattern or self._lane is None:
            if self._lane is None or not all(self._is_shared[group] for group in (*writes, *reads)):
                return self._exchange_by_message(size, writes, reads)
            self._lay_out(self._lane.words, writes, reads)
            self._pattern = pattern
        words = self._lane.words
        words[Word.OPERATION] = operation
        if size is not None:
            words[Word.TIME], words[Word.SIZE] = self._time, size
        try:
            self._link.exchange()
        except Lost as lost:
            self._is_over = True
            raise self._lost(_CALLS.get(lost.doing, "step"), lost) from lost
        return self._outcome(words, size)

    def _outcome(self, words: memoryview, size: Ticks | None) -> StepOutcome | None:
        status = words[Word.STATUS]
        if status == Status.FAILED:
            self._asked("explain", {})
        if words[Word.N_LOGS]:
            self._asked("logs", {})
        self._owes_error = status == Status.READ_FAILED
        if size is None:
            return None
        return StepOutcome(Ticks(words[Word.REACHED]), bool(words[Word.IS_TERMINATED]))

    def _lay_out(self, words: memoryview, writes: tuple[VariableGroup, ...], reads: tuple[VariableGroup, ...]) -> None:
        self._n_patterns += 1
        words[Word.PATTERN] = self._n_patterns
        for count, first, groups in ((Word.N_WRITES, Word.WRITES, writes), (Word.N_READS, Word.READS, reads)):
            words[count] = len(groups)
            for i, group in enumerate(groups):
                words[first + i] = group

    def _exchange_by_message(
        self, size: Ticks | None, writes: tuple[VariableGroup, ...], reads: tuple[VariableGroup, ...]
    ) -> StepOutcome | None:
        body = b"".join(self._places[group].tobytes() for group in writes)
        head = {"time": self._time, "size": size, "writes": writes, "reads": reads}
        answer, content = self._asked("batch", head, body)
        self._owes_error = bool(answer.get("read_failed"))
        read = () if self._owes_error else reads
        reached = self._time if size is None else answer.get("reached")
        if len(content) != 8 * sum(self._sizes[group] for group in read) or not isinstance(reached, int):
            raise self._garbled("step")
        at = 0
        for group in read:
            n = self._sizes[group]
            self._places[group][:] = np.frombuffer(content, np.float64, count=n, offset=at)
            at += 8 * n
        return None if size is None else StepOutcome(Ticks(reached), bool(answer.get("is_terminated")))

    def _garbled(self, call: str) -> HostFailure:
        self._is_over = True
        return self._lost(call, Lost("sent what is no answer."))

    def _lost(self, call: str, lost: Lost) -> HostFailure:
        """Return the error for a host that was lost during ``call``."""
        name = self._model.name
        what, functions = _DOING.get("step" if call == "batch" else call, (f"'{call}'", ("", "", "")))
        function = functions[self._model.major_version - 1]
        if self._model.is_exchange and function.endswith("DoStep"):
            function = "integrating Model Exchange"
        where = f" ({function})" if function else ""
        text = f"{what} failed at t = {format_ticks(self._time)} in '{name}'{where}: its process {lost.how}"
        error = HostFailure(text, component=name)
        error.details = {"function": function}
        return error


def pass_on(answer: Mapping[str, Any]) -> None:
    """Log here what was logged at the host, as far as it can be believed."""
    logs = answer.get("logs")
    for entry in logs[:MOST_LOGS] if isinstance(logs, list) else ():
        if isinstance(entry, list) and list(map(type, entry)) == [str, int, str]:
            name, level, text = entry
            logging.getLogger(name if name in _LOGGERS else "cosim.fmu").log(level, "%s", text[:LONGEST_LOG])
