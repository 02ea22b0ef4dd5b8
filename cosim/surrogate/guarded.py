"""A surrogate under guard: domain, spread and audits watch it; its FMU takes over where it should not be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from cosim.clock import Ticks, format_ticks
from cosim.errors import StepError
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.model import Array
from cosim.surrogate.original import Original
from cosim.surrogate.paired import AbstractPaired

Policy = Literal["fall_back", "warn", "stop"]
HYSTERESIS: Final = 5
"""Steps in a row that the FMU has to be well inside the domain before the surrogate takes over again."""
TIGHTNESS: Final = 0.8
"""Share of the limits that counts as well inside."""
SAME: Final = 1e-6
"""Relative difference that no audit looks at: an output may be exact, and its total larger than in any training run."""
REST: Final = 20
"""Steps that the FMU goes on for at least after an audit has failed."""


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """Every ``every`` the FMU goes along for ``n_steps``; outputs may then differ by their ``limits``."""

    every: Ticks
    n_steps: int
    limits: Mapping[str, float]


@dataclass(slots=True)
class _Standing:
    """What changes while it runs: who gives the outputs, since when it may be otherwise, how far an audit is."""

    is_original: bool = False
    n_inside: int = 0
    rest: int = 0
    next_audit: Ticks | None = None
    audit_left: int = 0
    has_warned: bool = False
    n_switches: int = 0

    def copy(self) -> _Standing:
        return _Standing(**self.document())

    def document(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    surrogate: object
    original: object | None
    standing: _Standing
    news: tuple[tuple[Ticks, str], ...]
    """What was told until then: going back takes back a switch, and another process tells all of them."""


class GuardedInstance(AbstractPaired):
    """Gives the outputs of the surrogate, or of its FMU where ``policy`` is to fall back and the guard says so."""

    def __init__(
        self,
        name: str,
        surrogate: SurrogateInstance,
        original: Callable[[], AbstractInstance],
        policy: Policy,
        audits: AuditPlan | None,
    ) -> None:
        self._name, self._surrogate, self._policy = name, surrogate, policy
        self._original = Original(name, surrogate.package, original)
        self._audits = audits if self._original.can_be_set else None
        self._news: list[tuple[Ticks, str]] = []
        self._standing = _Standing()

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        self._original.enter_initialization(time, stop_time=stop_time, tolerance=tolerance)
        self._surrogate.follow(self._original.read)
        self._surrogate.enter_initialization(time, stop_time=stop_time, tolerance=tolerance)
        if self._audits is not None:
            self._standing.next_audit = Ticks(time + self._audits.every)

    def exit_initialization(self) -> None:
        self._original.exit_initialization(self._surrogate.inputs)
        self._surrogate.exit_initialization()

    def read(self, group: VariableGroup, values: Array) -> None:
        if self._standing.is_original and not self._surrogate.is_current:
            self._surrogate.show(self._original.read(self._surrogate.inputs))
        self._surrogate.read(group, values)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        if self._standing.is_original and not self._is_time_to_return(time):
            return self._step_original(time, size)
        self._begin_audit(time)
        before = self._surrogate.get_state()
        inputs = self._surrogate.inputs
        outcome = self._surrogate.step(time, size)
        why = self._surrogate.why_untrusted()
        if why:
            return self._distrusted(time, size, before, why) or outcome
        self._original.note(time, size, inputs)
        why = self._audit(time, size, inputs)
        if why:
            self._standing.rest = REST
            self._judge(Ticks(time + size), why)
        return outcome

    # switching --------------------------------------------------------------------------------------------------------

    def _distrusted(self, time: Ticks, size: Ticks, before: object, why: str) -> StepOutcome | None:
        """Repeat the step with the FMU where the policy is to fall back; None where the surrogate goes on."""
        inputs = self._surrogate.inputs
        after = self._surrogate.get_state()
        self._surrogate.set_state(before)
        if self._judge(time, why):
            return self._step_original(time, size)
        self._surrogate.set_state(after)
        self._original.note(time, size, inputs)
        return None

    def _judge(self, time: Ticks, why: str) -> bool:
        """Act on ``why`` at ``time``; return True where the FMU has taken over."""
        if self._policy == "stop":
            raise StepError(
                f"The surrogate of '{self._name}' should not be trusted at t = {format_ticks(time)}: {why}. Use the "
                "FMU, or train it for that.",
                component=self._name,
            )
        if self._policy == "warn":
            if not self._standing.has_warned:
                self._tell(time, f"The surrogate of '{self._name}' should not be trusted: {why}.")
            self._standing.has_warned = True
            return False
        how = self._original.take_over(self._surrogate.state, time)
        self._standing.is_original, self._standing.n_inside, self._standing.audit_left = True, 0, 0
        self._switched(time, f"'{self._name}' goes on with its FMU, {how}: {why}.")
        return True

    def _is_time_to_return(self, time: Ticks) -> bool:
        """Tell whether the FMU has been well inside the domain for long enough; then the surrogate has its state."""
        standing = self._standing
        if standing.rest > 0:
            standing.rest -= 1
            return False
        standing.n_inside = standing.n_inside + 1 if self._surrogate.would_be_trusted(TIGHTNESS) else 0
        if standing.n_inside < HYSTERESIS:
            return False
        standing.is_original, standing.n_inside = False, 0
        if self._audits is not None:
            standing.next_audit = Ticks(time + self._audits.every)
        why = f"it was inside its domain for {HYSTERESIS} steps"
        self._switched(time, f"'{self._name}' goes on with its surrogate: {why}.")
        return True

    def _switched(self, time: Ticks, text: str) -> None:
        self._standing.n_switches += 1
        self._tell(time, f"Switch {self._standing.n_switches}: {text}")

    def _tell(self, time: Ticks, text: str) -> None:
        self._news.append((time, text))

    # audits -----------------------------------------------------------------------------------------------------------

    def _begin_audit(self, time: Ticks) -> None:
        """Let the FMU begin to go along where an audit is due."""
        standing = self._standing
        if self._audits is None or standing.audit_left or standing.next_audit is None or time < standing.next_audit:
            return
        self._original.take_over(self._surrogate.state, time)
        standing.audit_left = self._audits.n_steps
        standing.next_audit = Ticks(time + self._audits.every)

    def _audit(self, time: Ticks, size: Ticks, inputs: Array) -> str:
        """Take the FMU along; at the end of an audit say how far the surrogate is from it, '' where near enough."""
        standing = self._standing
        if self._audits is None or not standing.audit_left:
            return ""
        self._original.step(time, size, inputs)
        standing.audit_left -= 1
        if standing.audit_left:
            return ""
        theirs, own = self._original.read(inputs), self._surrogate.told()
        names = self._surrogate.package.output_names
        limits = np.array([self._audits.limits.get(name, np.inf) for name in names])
        excess = np.abs(theirs - own) / np.maximum(np.maximum(limits, SAME * np.abs(theirs)), 1e-300)
        worst = int(np.argmax(excess))
        if excess[worst] <= 1.0:
            return ""
        return (
            f"an audit over {self._audits.n_steps} steps found {names[worst]} at {own[worst]:.4g} and the FMU has "
            f"{theirs[worst]:.4g}, and they may differ by {limits[worst]:.2g}"
        )

    # state ------------------------------------------------------------------------------------------------------------

    def get_state(self) -> object:
        original = self._original.get_state() if self._needs_original() else None
        return _Snapshot(self._surrogate.get_state(), original, self._standing.copy(), tuple(self._news))

    def _needs_original(self) -> bool:
        return self._standing.is_original or self._standing.audit_left > 0 or not self._original.can_be_set

    def set_state(self, state: object) -> None:
        assert isinstance(state, _Snapshot)
        self._surrogate.set_state(state.surrogate)
        self._standing, self._news = state.standing.copy(), list(state.news)
        if state.original is not None:
            self._original.set_state(state.original)

    def free_state(self, state: object) -> None:
        assert isinstance(state, _Snapshot)
        if state.original is not None:
            self._original.free_state(state.original)

    def serialise_state(self, state: object) -> bytes:
        assert isinstance(state, _Snapshot)
        own = self._surrogate.serialise_state(state.surrogate)
        theirs = b"" if state.original is None else self._original.serialise_state(state.original)
        head = {
            "standing": state.standing.document(), "news": state.news, "surrogate": len(own), "original": len(theirs)
        }  # fmt: skip
        return json.dumps(head).encode() + b"\n" + own + theirs

    def deserialise_state(self, data: bytes) -> object:
        head, _, rest = data.partition(b"\n")
        found = json.loads(head)
        own, theirs = rest[: found["surrogate"]], rest[found["surrogate"] :]
        original = self._original.deserialise_state(theirs) if found["original"] else None
        news = tuple((Ticks(time), str(text)) for time, text in found["news"])
        return _Snapshot(self._surrogate.deserialise_state(own), original, _Standing(**found["standing"]), news)

    def reset(self) -> None:
        self._surrogate.reset()
        self._original.free()
        self._standing, self._news = _Standing(), []

    def terminate(self) -> None:
        self._original.terminate()
