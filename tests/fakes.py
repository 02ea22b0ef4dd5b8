"""Instances without a binary: a function, a few names, and a list of the calls made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.clock import Ticks, to_ticks
from cosim.errors import StepDiscarded, StepError
from cosim.execution import execute
from cosim.execution.observer import AbstractObserver
from cosim.instance.contract import AbstractInstance, StepOutcome
from cosim.instance.function import FunctionInstance
from cosim.system.component import Capabilities, Component, ComponentDescription
from cosim.system.experiment import Duration, Experiment, Phase, PhaseStart
from cosim.system.ports import find_ports
from cosim.system.stream import PortName, SpeciesLink, Stream
from cosim.system.structure import Connection, SystemStructure
from cosim.system.variable import Causality, Variability, Variable, VariableName

ABLE = Capabilities(can_get_and_set_state=True)
UNABLE = Capabilities()

Function = Callable[[dict[str, float], float, float], None]


def describe(
    inputs: Mapping[str, float] | Sequence[str] = (),
    outputs: Sequence[str] = (),
    parameters: Mapping[str, float] | None = None,
    capabilities: Capabilities = ABLE,
) -> ComponentDescription:
    """Describe a model by the names of its variables; inputs and parameters with start values."""
    starts = dict(inputs) if isinstance(inputs, Mapping) else dict.fromkeys(inputs, 0.0)
    variables = {name: Variable(name, Causality.INPUT, start=start) for name, start in starts.items()}
    variables |= {name: Variable(name, Causality.OUTPUT) for name in outputs}
    variables |= {
        name: Variable(name, Causality.PARAMETER, Variability.TUNABLE, start=start)
        for name, start in (parameters or {}).items()
    }
    return ComponentDescription("fake", variables, capabilities, ports=find_ports(variables))


class FakeInstance(AbstractInstance):
    """A function instance that keeps ``calls`` and the inputs ``delivered`` to each step.

    Once it has raised, it allows nothing but ``free``.
    """

    def __init__(self, name: str, description: ComponentDescription, function: Function) -> None:
        self.inner = FunctionInstance(name, description, function)
        self.calls: list[str] = []
        self.steps: list[tuple[float, float]] = []
        self.delivered: list[dict[str, float]] = []
        self.is_freed = False
        self.is_dead = False

    def _alive(self) -> FunctionInstance:
        assert not self.is_dead, "an instance that has raised was used again"
        assert not self.is_freed, "an instance was used after it had been freed"
        return self.inner

    @property
    def description(self):
        return self.inner.description

    def group(self, names):
        return self._alive().group(names)

    def set_start(self, values):
        self.calls.append("set_start")
        self._alive().set_start(values)

    def enter_initialization(self, time, *, stop_time, tolerance):
        self.calls.append("enter_initialization")
        self._alive().enter_initialization(time, stop_time=stop_time, tolerance=tolerance)

    def exit_initialization(self):
        self.calls.append("exit_initialization")
        self._try(self._alive().exit_initialization)

    def write(self, group, values):
        self._alive().write(group, values)

    def read(self, group, values):
        self._alive().read(group, values)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:
        self.calls.append("step")
        self.steps.append((time / 1e9, size / 1e9))
        names = self.inner.description.variables
        self.delivered.append({n: self.inner.values[n] for n in names if names[n].causality is Causality.INPUT})
        return self._try(lambda: self._alive().step(time, size))

    def get_state(self):
        return self._alive().get_state()

    def set_state(self, state):
        self._alive().set_state(state)

    def free_state(self, state):
        self._alive().free_state(state)

    def reset(self):
        self.calls.append("reset")
        self._alive().reset()

    def terminate(self):
        self._alive()
        self.calls.append("terminate")

    def free(self):
        self.is_freed = True

    def _try(self, call):
        try:
            return call()
        except StepDiscarded:
            raise
        except StepError:
            self.is_dead = True
            raise


class Recorder(AbstractObserver):
    """Keeps everything it is told."""

    def __init__(self) -> None:
        self.samples: dict[str, list[tuple[float, np.ndarray]]] = {}
        self.recorded = {}
        self.happenings = []
        self.outcome = None

    def started(self, time, recorded):
        self.recorded = recorded

    def sampled(self, component, time, values):
        self.samples.setdefault(component, []).append((time / 1e9, values.copy()))

    def happened(self, happening):
        self.happenings.append(happening)

    def progressed(self, progress):
        pass

    def finished(self, outcome):
        self.outcome = outcome

    def series(self, name: str) -> list[tuple[float, float]]:
        component, _, variable = name.partition(".")
        i = self.recorded[component].index(variable)
        return [(time, float(values[i])) for time, values in self.samples[component]]

    def times(self, component: str) -> list[float]:
        return [time for time, _ in self.samples[component]]


class Flowsheet:
    """A few fakes joined together, run for a while."""

    def __init__(self, **instances: FakeInstance) -> None:
        self.instances = instances
        self.connections: list[Connection] = []
        self.streams: list[Stream] = []
        self.recorder = Recorder()

    def connect(self, source: str, target: str, factor: float = 1.0, offset: float = 0.0) -> Flowsheet:
        self.connections.append(Connection(VariableName.parse(source), VariableName.parse(target), factor, offset))
        return self

    def stream(self, source: str, target: str | None = None, **options) -> Flowsheet:
        """Join two ports; species of equal name are linked unless ``links`` says otherwise."""
        left = PortName(*source.split("."))
        right = PortName(*target.split(".")) if target else None
        species = self.instances[left.component].description.ports[left.port].species
        if right is not None:
            known = self.instances[right.component].description.ports[right.port].species
            species = tuple(name for name in species if name in known)
        options.setdefault("links", tuple(SpeciesLink(name, name) for name in species))
        self.streams.append(Stream(left, right, **options))
        return self

    @property
    def structure(self) -> SystemStructure:
        components = {name: Component(name, item.description) for name, item in self.instances.items()}
        return SystemStructure(components, tuple(self.connections), tuple(self.streams))

    def run(self, *phases: Phase, algorithm=None, should_stop=lambda: False, **options):
        """Run ``phases`` with all outputs recorded unless told otherwise."""
        options.setdefault(
            "recorded",
            {
                name: tuple(n for n, v in item.description.variables.items() if v.causality is not Causality.PARAMETER)
                for name, item in self.instances.items()
            },
        )
        return execute(
            self.structure,
            Experiment(phases, **options),
            self.instances,
            algorithm or GaussSeidel(),
            [self.recorder],
            should_stop=should_stop,
        )


def phase(name: str, active: str, duration: float | None, step: float, **options) -> Phase:
    """Write a phase in seconds, its components separated by blanks."""
    ending = options.pop("ending", None) or (Duration(to_ticks(duration)) if duration is not None else None)
    sizes = {key: to_ticks(size) for key, size in options.pop("step_sizes", {}).items()}
    return Phase(name, tuple(active.split()), to_ticks(step), ending, step_sizes=sizes, **options)


def lag(name: str, tau: float, *, y0: float = 0.0, capabilities: Capabilities = ABLE) -> FakeInstance:
    """tau y' = u − y, stepped exactly with u held."""

    def step(v: dict[str, float], time: float, size: float) -> None:
        if size == 0.0:
            v["y"] = y0
        v["y"] = v["u"] + (v["y"] - v["u"]) * math.exp(-size / tau)

    return FakeInstance(name, describe(["u"], ["y"], capabilities=capabilities), step)


def source(name: str, function: Callable[[float], float], *, totals: bool = True, c: float = 1.0) -> FakeInstance:
    """Sends ``function(t)`` [m3/s] of a liquid with ``c`` of species x; the flow is integrated by Simpson's rule."""
    outputs = ["out.V_flow", "out.T", "out.c_x"] + (["out.V_total", "out.m_x_total"] if totals else [])

    def step(v: dict[str, float], time: float, size: float) -> None:
        end = time + size
        volume = size / 6 * (function(time) + 4 * function(time + size / 2) + function(end))
        v["out.V_flow"], v["out.T"], v["out.c_x"] = function(end), 300.0 + end, c
        v["out.V_total"] = v.get("out.V_total", 0.0) + volume
        v["out.m_x_total"] = v.get("out.m_x_total", 0.0) + volume * c

    return FakeInstance(name, describe([], outputs), step)


def tank(
    name: str,
    *,
    volume: float = 1.0,
    amount: float = 0.0,
    flow: float = 0.0,
    capabilities: Capabilities = ABLE,
    made: float = 0.0,
) -> FakeInstance:
    """A stirred tank with inlet ``in`` and outlet ``out``; ``flow`` [m3/s] leaves, or what ``out.demand`` asks for.

    Stepped by a scheme of order 2 that moves amounts, so that they are conserved to round-off at any step.
    """
    inputs = {"in.V_flow": 0.0, "in.T": 300.0, "in.c_x": 0.0, "flow": flow, "out.demand": 0.0}
    outputs = [
        "out.V_flow", "out.T", "out.c_x", "out.V_total", "out.m_x_total", "held_volume", "held_x", "made_x_total",
        "level",
    ]  # fmt: skip

    def step(v: dict[str, float], time: float, size: float) -> None:
        if size == 0.0:
            v["held_volume"], v["held_x"] = v.get("volume0", volume), amount
            v.update({"out.V_total": 0.0, "out.m_x_total": 0.0, "made_x_total": 0.0, "T": 300.0})
        n = max(1, math.ceil(size / 5.0))
        for _ in range(n if size else 0):
            _substep(v, size / n, made)
        v["out.V_flow"] = _outflow(v)
        v["out.c_x"] = v["held_x"] / v["held_volume"] if v["held_volume"] > 0 else 0.0
        v["out.T"], v["level"] = v["T"], v["held_volume"]

    return FakeInstance(name, describe(inputs, outputs, capabilities=capabilities), step)


def _outflow(v: dict[str, float]) -> float:
    return v["flow"] + v["out.demand"] if v["held_volume"] > 1e-9 else 0.0


def _substep(v: dict[str, float], h: float, made: float) -> None:
    entered = v["in.V_flow"] * h
    left = min(_outflow(v) * h, v["held_volume"] + entered)
    mean_volume = v["held_volume"] + 0.5 * entered
    mean_amount = v["held_x"] + 0.5 * entered * v["in.c_x"]
    sent = min(left / mean_volume, 1.0) * mean_amount if mean_volume > 0 else 0.0
    v["held_volume"] += entered - left
    v["held_x"] += entered * v["in.c_x"] - sent + made * h
    v["made_x_total"] += made * h
    v["out.V_total"] += left
    v["out.m_x_total"] += sent
    v["T"] = v["in.T"] if entered > 0 else v["T"]


def after(name: str, edge: str = "end", delay: float = 0.0) -> PhaseStart:
    """Start after the end (or start) of phase ``name``."""
    return PhaseStart(name, edge, to_ticks(delay))
