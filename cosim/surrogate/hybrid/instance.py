"""A mechanistic model with a network inside, as an instance: the FMU goes on under what the network gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from cosim.clock import Ticks, format_ticks, to_seconds, to_ticks
from cosim.errors import StepError
from cosim.instance.abilities import AbstractSerialising, AbstractTelling
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.surrogate.hybrid.model import TIME, HybridFacts
from cosim.surrogate.hybrid.package import HybridPackage
from cosim.surrogate.model import Array
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variability

Policy = Literal["fall_back", "warn", "stop"]
TIGHTNESS: Final = 0.8
"""Share of the limits within which the network is asked again after it was left."""


def hybrid_interface(facts: HybridFacts, theirs: ComponentDescription) -> ComponentDescription:
    """Return the interface of the FMU with what the network gives as outputs, which nobody else may set."""
    variables = dict(theirs.variables)
    for item in facts.given:
        variables[item.name] = replace(
            variables[item.name], causality=Causality.OUTPUT, variability=Variability.CONTINUOUS, start=None
        )
    feedthrough = _feedthrough(facts, theirs)
    capabilities = replace(
        Capabilities(),
        can_vary_step=theirs.capabilities.can_vary_step,
        can_get_and_set_state=theirs.capabilities.can_get_and_set_state,
        can_serialise_state=theirs.capabilities.can_serialise_state,
        can_be_instantiated_only_once=theirs.capabilities.can_be_instantiated_only_once,
        needs_execution_tool=theirs.capabilities.needs_execution_tool,
        fixed_step=theirs.capabilities.fixed_step,
    )  # derivatives of the FMU would not be those of the whole
    return replace(theirs, variables=variables, feedthrough=feedthrough, capabilities=capabilities)


def _feedthrough(facts: HybridFacts, theirs: ComponentDescription) -> dict[str, frozenset[str]]:
    """Return what outputs follow directly: what is corrected follows what is seen; unknown stays unknown."""
    given = {item.name for item in facts.given}
    found = {name: inputs - given for name, inputs in theirs.feedthrough.items()}
    seen = [name for name in facts.seen if name in theirs.variables]
    inputs = {name for name in seen if theirs.variables[name].causality is Causality.INPUT}
    others = [name for name in seen if name not in inputs]
    for name in facts.corrected:
        if name in found and all(other in found for other in others):
            found[name] = frozenset(found[name] | inputs).union(*(found[other] for other in others)) - given
        else:
            found.pop(name, None)
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of the FMU, and where corrections belong in it: places, and numbers of the corrections."""

    inner: VariableGroup
    places: tuple[int, ...]
    corrections: tuple[int, ...]


@dataclass(slots=True)
class _Standing:
    """What changes while it runs."""

    begin: int = 0
    now: int = 0
    next: int = 0
    is_alone: bool = False
    """True while the mechanism goes on without the network."""
    n_switches: int = 0

    def copy(self) -> _Standing:
        return _Standing(**self.document())

    def document(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    inner: object
    standing: _Standing
    news: tuple[tuple[Ticks, str], ...]
    """What was told until then: going back takes back a switch, and another process tells all of them."""


class HybridInstance(AbstractInstance, AbstractSerialising, AbstractTelling):
    """Asks the network at the beginning of a step, at most once per trained step; its corrections stand in readings.

    Outside the domain the policy decides: ``fall_back`` is the mechanism alone, with its own value of what is given.
    """

    def __init__(self, name: str, package: HybridPackage, inner: AbstractInstance, policy: Policy) -> None:
        self._name, self._package, self._inner, self._policy = name, package, inner, policy
        self._facts = package.facts
        self._interface = hybrid_interface(package.facts, inner.description)
        self._step = to_ticks(package.facts.step)
        self._groups: list[_Group] = []
        self._news: list[tuple[Ticks, str]] = []
        self._standing = _Standing()
        self._corrections: Array | None = None
        variables = [name for name in self._facts.seen if name != TIME]
        self._seen_places = [i for i, name in enumerate(self._facts.seen) if name != TIME]
        self._seen = inner.group(variables)
        self._given = inner.group([item.name for item in self._facts.given]) if self._facts.given else None
        self._own = np.array([item.start for item in self._facts.given])

    @property
    def description(self) -> ComponentDescription:
        return self._interface

    def group(self, names: Sequence[str]) -> VariableGroup:
        corrected = [(place, name) for place, name in enumerate(names) if name in self._facts.corrected]
        places = tuple(place for place, _ in corrected)
        numbers = tuple(self._facts.corrected.index(name) for _, name in corrected)
        self._groups.append(_Group(self._inner.group(names), places, numbers))
        return VariableGroup(len(self._groups) - 1)

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        self._inner.set_start(values)

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        own = {item.name: item.start for item in self._facts.given}
        self._inner.set_start(own)
        self._inner.enter_initialization(time, stop_time=stop_time, tolerance=tolerance)
        self._standing = _Standing(begin=time, now=time, next=time)
        self._corrections = None

    def exit_initialization(self) -> None:
        self._inner.exit_initialization()
        self._corrections = None

    def write(self, group: VariableGroup, values: Array) -> None:
        self._inner.write(self._groups[group].inner, values)
        self._corrections = None

    def read(self, group: VariableGroup, values: Array) -> None:
        wanted = self._groups[group]
        self._inner.read(wanted.inner, values)
        if not wanted.places or self._standing.is_alone:
            return
        if self._corrections is None:
            self._corrections = self._package.network.together(self._package.tensors, self._look())[1]
        for place, number in zip(wanted.places, wanted.corrections, strict=True):
            corrected = values[place] + self._corrections[number]
            values[place] = max(corrected, 0.0) if self._facts.is_positive[number] else corrected

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        standing = self._standing
        if time >= standing.next:
            self._ask(time)
            standing.next = standing.begin + ((time - standing.begin) // self._step + 1) * self._step
        outcome = self._inner.step(time, size)
        standing.now = outcome.time
        self._corrections = None
        return outcome

    def _look(self) -> Array:
        """Return what the network sees (n_seen,)."""
        seen = np.full(len(self._facts.seen), to_seconds(Ticks(self._standing.now - self._standing.begin)))
        values = np.empty(len(self._seen_places))
        self._inner.read(self._seen, values)
        seen[self._seen_places] = values
        return seen

    def _ask(self, time: Ticks) -> None:
        """Give the FMU what the network says, or its own values where the network should not be trusted."""
        seen = self._look()
        given, _, spread = self._package.network.together(self._package.tensors, seen)
        tightness = TIGHTNESS if self._standing.is_alone else 1.0
        why = self._package.domain.why_outside(seen, spread, tightness=tightness)
        self._judge(time, why)
        if self._given is not None:
            self._inner.write(self._given, np.ascontiguousarray(self._own if self._standing.is_alone else given))
        self._corrections = None

    def _judge(self, time: Ticks, why: str) -> None:
        if why and self._policy == "stop":
            raise StepError(
                f"The network in '{self._name}' should not be trusted at t = {format_ticks(time)}: {why}. Use the "
                "mechanism alone, or train it for that.",
                component=self._name,
            )
        standing = self._standing
        if bool(why) == standing.is_alone:
            return
        if self._policy == "warn":
            if not standing.n_switches:
                self._news.append((time, f"The network in '{self._name}' should not be trusted: {why}."))
            standing.n_switches = 1
            return
        standing.is_alone = bool(why)
        standing.n_switches += 1
        reason = f"mechanism alone: {why}" if why else "network: it is inside its domain again"
        self._news.append((time, f"Switch {standing.n_switches}: '{self._name}' goes on with its {reason}."))

    def take_news(self) -> Sequence[tuple[Ticks, str]]:
        news, self._news = self._news, []
        return news

    def get_state(self) -> object:
        return _Snapshot(self._inner.get_state(), self._standing.copy(), tuple(self._news))

    def set_state(self, state: object) -> None:
        assert isinstance(state, _Snapshot)
        self._inner.set_state(state.inner)
        self._standing, self._news = state.standing.copy(), list(state.news)
        self._corrections = None

    def free_state(self, state: object) -> None:
        assert isinstance(state, _Snapshot)
        self._inner.free_state(state.inner)

    def serialise_state(self, state: object) -> bytes:
        assert isinstance(state, _Snapshot)
        assert isinstance(self._inner, AbstractSerialising)
        head = {"standing": state.standing.document(), "news": state.news}
        return json.dumps(head).encode() + b"\n" + self._inner.serialise_state(state.inner)

    def deserialise_state(self, data: bytes) -> object:
        assert isinstance(self._inner, AbstractSerialising)
        head, _, rest = data.partition(b"\n")
        found = json.loads(head)
        news = tuple((Ticks(time), str(text)) for time, text in found["news"])
        return _Snapshot(self._inner.deserialise_state(rest), _Standing(**found["standing"]), news)

    def reset(self) -> None:
        self._inner.reset()
        self._standing, self._news, self._corrections = _Standing(), [], None

    def terminate(self) -> None:
        self._inner.terminate()

    def free(self) -> None:
        self._inner.free()
