"""One instance, served: what the messages ask is done to it, what it says goes into the answer."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import CosimError, StepError
from cosim.hosting.failure import to_head
from cosim.hosting.lane import Doing, Lane, Operation, Status, Word
from cosim.instance.abilities import (
    AbstractDifferentiable,
    AbstractExtrapolable,
    AbstractInterpolating,
    AbstractSerialising,
)
from cosim.instance.contract import AbstractInstance, VariableGroup

Values = NDArray[np.float64]
Answer = tuple[dict[str, Any], bytes]

_NOTHING, _WRITING, _STEPPING, _READING = map(int, (Doing.NOTHING, Doing.WRITE, Doing.STEP, Doing.READ))
MOST_LOGS: Final = 1000
"""Messages kept until they are fetched."""


class LogBuffer(logging.Handler):
    """Keeps what is logged until it is passed on."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: deque[tuple[str, int, str]] = deque(maxlen=MOST_LOGS)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep ``record``."""
        self.kept.append((record.name, record.levelno, record.getMessage()))

    def take(self) -> list[tuple[str, int, str]]:
        """Return what is kept, and forget it."""
        found = list(self.kept)
        self.kept.clear()
        return found


class Service:
    """Does to one instance what is asked; ``lane`` is the shared memory, where there is one."""

    def __init__(self, instance: AbstractInstance, lane: Lane | None, logs: LogBuffer) -> None:
        self._instance, self._lane, self._logs = instance, lane, logs
        self._groups: list[tuple[VariableGroup, int]] = []
        self._places: list[Values | None] = []
        self._states: dict[int, object] = {}
        self._n_states = 0
        self._failure: CosimError | None = None
        self._pattern = -1
        self._writes: list[tuple[VariableGroup, Values]] = []
        self._reads: list[tuple[VariableGroup, Values]] = []
        self._calls: Mapping[str, Callable[[Mapping[str, Any], bytes], Answer | None]] = {
            "group": self._group,
            "set_start": lambda head, _: instance.set_start(head["values"]),
            "enter_initialization": lambda head, _: instance.enter_initialization(
                Ticks(head["time"]), stop_time=_ticks(head["stop_time"]), tolerance=head["tolerance"]
            ),
            "exit_initialization": lambda *_: instance.exit_initialization(),
            "batch": self._batch,
            "explain": self._explain,
            "get_state": lambda *_: self._keep(instance.get_state()),
            "set_state": lambda head, _: instance.set_state(self._state(head)),
            "free_state": self._free_state,
            "serialise_state": self._serialise,
            "deserialise_state": self._deserialise,
            "directional_derivative": self._differentiate,
            "write_derivatives": self._write_derivatives,
            "read_derivatives": self._read_derivatives,
            "reset": lambda *_: instance.reset(),
            "terminate": lambda *_: instance.terminate(),
            "logs": lambda *_: None,
        }

    def call(self, head: Mapping[str, Any], body: bytes) -> Answer:
        """Answer a message; what the instance raises is part of the answer."""
        try:
            answer, content = self._calls[head["call"]](head, body) or ({}, b"")
        except CosimError as error:
            answer, content = {"error": to_head(error)}, b""
        if self._logs.kept:
            answer["logs"] = self._logs.take()
        return answer, content

    def exchange(self) -> None:
        """Do what the shared words ask, and answer there."""
        assert self._lane is not None
        words = self._lane.words
        if words[Word.PATTERN] != self._pattern:
            self._learn_pattern(words)
        operation = words[Word.OPERATION]
        instance = self._instance
        status = Status.FAILED
        try:
            if self._writes:
                words[Word.DOING] = _WRITING
                for group, values in self._writes:
                    instance.write(group, values)
            if operation == Operation.STEP:
                words[Word.DOING] = _STEPPING
                outcome = instance.step(Ticks(words[Word.TIME]), Ticks(words[Word.SIZE]))
                words[Word.REACHED], words[Word.IS_TERMINATED] = outcome.time, outcome.is_terminated
                status = Status.READ_FAILED
            words[Word.DOING] = _READING
            for group, values in self._reads:
                instance.read(group, values)
            status = Status.GOOD
        except CosimError as error:
            self._failure = error
        words[Word.DOING] = _NOTHING
        words[Word.STATUS] = status
        words[Word.N_LOGS] = len(self._logs.kept)

    def free(self) -> None:
        """Free the instance."""
        self._instance.free()

    def _learn_pattern(self, words: memoryview) -> None:
        self._pattern = words[Word.PATTERN]
        self._writes, self._reads = (
            [self._placed(words[first + i]) for i in range(words[count])]
            for first, count in ((Word.WRITES, Word.N_WRITES), (Word.READS, Word.N_READS))
        )

    def _placed(self, number: int) -> tuple[VariableGroup, Values]:
        place = self._places[number]
        assert place is not None
        return self._groups[number][0], place

    def _group(self, head: Mapping[str, Any], _: bytes) -> Answer:
        names: Sequence[str] = head["names"]
        self._groups.append((self._instance.group(names), len(names)))
        self._places.append(self._lane.place(len(names)) if self._lane is not None else None)
        return {}, b""

    def _batch(self, head: Mapping[str, Any], body: bytes) -> Answer:
        """As ``exchange``, for those without shared memory."""
        instance, at = self._instance, 0
        for number in head["writes"]:
            group, n = self._groups[number]
            instance.write(group, np.frombuffer(body, np.float64, count=n, offset=at).copy())
            at += 8 * n
        answer: dict[str, Any] = {}
        if head["size"] is not None:
            outcome = instance.step(Ticks(head["time"]), Ticks(head["size"]))
            answer = {"reached": outcome.time, "is_terminated": outcome.is_terminated}
        try:
            found = [self._read(number) for number in head["reads"]]
        except CosimError as error:
            if head["size"] is None:
                raise
            self._failure, found = error, []
            answer["read_failed"] = True
        return answer, b"".join(found)

    def _read(self, number: int) -> bytes:
        group, n = self._groups[number]
        values = np.empty(n)
        self._instance.read(group, values)
        return values.tobytes()

    def _explain(self, *_: object) -> Answer | None:
        if self._failure is not None:
            raise self._failure
        return None

    def _keep(self, state: object) -> Answer:
        self._n_states += 1
        self._states[self._n_states] = state
        return {"state": self._n_states}, b""

    def _state(self, head: Mapping[str, Any]) -> object:
        try:
            return self._states[head["state"]]
        except KeyError as error:
            raise StepError("A state that was freed, or one of another instance, was given.") from error

    def _free_state(self, head: Mapping[str, Any], _: bytes) -> None:
        self._instance.free_state(self._state(head))
        del self._states[head["state"]]

    def _serialise(self, head: Mapping[str, Any], _: bytes) -> Answer:
        assert isinstance(self._instance, AbstractSerialising)
        return {}, self._instance.serialise_state(self._state(head))

    def _deserialise(self, _: Mapping[str, Any], body: bytes) -> Answer:
        assert isinstance(self._instance, AbstractSerialising)
        return self._keep(self._instance.deserialise_state(body))

    def _differentiate(self, head: Mapping[str, Any], body: bytes) -> Answer:
        assert isinstance(self._instance, AbstractDifferentiable)
        unknowns, n = self._groups[head["unknowns"]]
        sensitivity = np.empty(n)
        seed = np.frombuffer(body, np.float64).copy()
        self._instance.directional_derivative(unknowns, self._groups[head["knowns"]][0], seed, sensitivity)
        return {}, sensitivity.tobytes()

    def _write_derivatives(self, head: Mapping[str, Any], body: bytes) -> None:
        assert isinstance(self._instance, AbstractInterpolating)
        values = np.frombuffer(body, np.float64).copy()
        self._instance.write_derivatives(self._groups[head["group"]][0], head["order"], values)

    def _read_derivatives(self, head: Mapping[str, Any], _: bytes) -> Answer:
        assert isinstance(self._instance, AbstractExtrapolable)
        group, n = self._groups[head["group"]]
        values = np.empty(n)
        self._instance.read_derivatives(group, head["order"], values)
        return {}, values.tobytes()


def _ticks(value: int | None) -> Ticks | None:
    return None if value is None else Ticks(value)
