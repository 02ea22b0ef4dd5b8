"""An FMU with a surrogate behind it: where the FMU is lost, the surrogate goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cosim.clock import Ticks, format_ticks
from cosim.errors import CosimError, FmuError, StepError
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.surrogate.guarded import Policy
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.model import Array
from cosim.surrogate.original import Original
from cosim.surrogate.paired import AbstractPaired

T = TypeVar("T")


class _NotThere(FmuError):
    """No instance of the FMU could be made."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    surrogate: object
    original: object | None
    """None where the FMU was lost."""
    news: tuple[tuple[Ticks, str], ...]
    has_warned: bool


class ForwardInstance(AbstractPaired):
    """Gives the outputs of the FMU and takes the surrogate along; from a loss on, those of the surrogate.

    A loss is an error of the kind ``loss``, or that no instance could be made. An FMU that says itself that it cannot
    go on is not lost: that is the model's word. The surrogate has no FMU to fall back to then: outside its domain the
    run ends, unless ``policy`` is to warn.
    """

    def __init__(
        self,
        name: str,
        surrogate: SurrogateInstance,
        original: Callable[[], AbstractInstance],
        policy: Policy,
        *,
        loss: type[CosimError],
        explain: Callable[[CosimError], str] = lambda error: error.message,
    ) -> None:
        def make() -> AbstractInstance:
            try:
                return original()
            except CosimError as error:
                raise _NotThere(error.message, component=name) from error

        self._name, self._surrogate, self._policy = name, surrogate, policy
        self._original = Original(name, surrogate.package, make)
        self._losses = (loss, _NotThere)
        self._explain = explain
        self._is_lost = self._has_warned = False
        self._time = Ticks(0)
        self._news: list[tuple[Ticks, str]] = []

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        self._time = time
        self._surrogate.enter_initialization(time, stop_time=stop_time, tolerance=tolerance)
        self._attempt(lambda: self._original.enter_initialization(time, stop_time=stop_time, tolerance=tolerance))
        if not self._is_lost:
            self._surrogate.follow(self._original.read)

    def exit_initialization(self) -> None:
        self._attempt(self._begin)
        if self._is_lost:
            self._surrogate.exit_initialization()

    def _begin(self) -> None:
        self._original.exit_initialization(self._surrogate.inputs)
        self._surrogate.exit_initialization()

    def read(self, group: VariableGroup, values: Array) -> None:
        if not self._surrogate.is_current:
            self._attempt(self._renew)
        self._surrogate.read(group, values)

    def _renew(self) -> None:
        self._surrogate.show(self._original.read(self._surrogate.inputs))

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        self._time = time
        outcome = self._attempt(lambda: self._step_original(time, size))
        if outcome is not None:
            return outcome
        outcome = self._surrogate.step(time, size)
        why = self._surrogate.why_untrusted()
        if why:
            self._distrust(why)
        return outcome

    def _distrust(self, why: str) -> None:
        """Raise StepError, or tell it once where the policy is to warn."""
        if self._policy != "warn":
            raise StepError(
                f"The FMU of '{self._name}' is lost, and its surrogate should not be trusted at t = "
                f"{format_ticks(self._time)}: {why}. Train it for that, or write 'policy: warn'.",
                component=self._name,
            )
        if not self._has_warned:
            self._news.append((self._time, f"The surrogate of '{self._name}' should not be trusted: {why}."))
        self._has_warned = True

    def _attempt(self, use: Callable[[], T]) -> T | None:
        """Do something with the FMU; None where it is lost, from now on or already."""
        if self._is_lost:
            return None
        try:
            return use()
        except self._losses as error:
            self._lose()
            reason = self._explain(error)
            self._news.append((self._time, f"Switch 1: '{self._name}' goes on with its surrogate: {reason}"))
            return None

    def _lose(self) -> None:
        self._is_lost = True
        self._surrogate.follow(None)
        self._original.free()

    # state ------------------------------------------------------------------------------------------------------------

    def get_state(self) -> object:
        original = self._attempt(self._original.get_state)
        return _Snapshot(self._surrogate.get_state(), original, tuple(self._news), self._has_warned)

    def set_state(self, state: object) -> None:
        assert isinstance(state, _Snapshot)
        if state.original is None and not self._is_lost:
            self._lose()  # in another process, which has yet to tell of it
            self._news, self._has_warned = list(state.news), state.has_warned
        self._attempt(lambda: self._original.set_state(state.original))
        self._surrogate.set_state(state.surrogate)

    def free_state(self, state: object) -> None:
        assert isinstance(state, _Snapshot)
        if state.original is not None:
            self._attempt(lambda: self._original.free_state(state.original))

    def serialise_state(self, state: object) -> bytes:
        assert isinstance(state, _Snapshot)
        own = self._surrogate.serialise_state(state.surrogate)
        theirs = self._attempt(lambda: self._original.serialise_state(state.original)) if state.original else None
        head = {
            "surrogate": len(own), "original": None if theirs is None else len(theirs),
            "news": state.news, "has_warned": state.has_warned,
        }  # fmt: skip
        return json.dumps(head).encode() + b"\n" + own + (theirs or b"")

    def deserialise_state(self, data: bytes) -> object:
        head, _, rest = data.partition(b"\n")
        found = json.loads(head)
        own, theirs = rest[: found["surrogate"]], rest[found["surrogate"] :]
        original = None
        if found["original"] is not None:
            original = self._attempt(lambda: self._original.deserialise_state(theirs))
        news = tuple((Ticks(time), str(text)) for time, text in found["news"])
        return _Snapshot(self._surrogate.deserialise_state(own), original, news, bool(found["has_warned"]))

    def reset(self) -> None:
        self._surrogate.reset()
        self._original.free()
        self._is_lost = self._has_warned = False
        self._news = []

    def terminate(self) -> None:
        self._attempt(self._original.terminate)
