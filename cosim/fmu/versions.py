"""Which classes serve an FMU, by FMI version and interface type."""

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from cosim.fmu.calls import AbstractCalls
from cosim.fmu.clocks import ClockFacts, Clocks
from cosim.fmu.equations import AbstractEquations
from cosim.fmu.facts import FmuFacts, InterfaceType
from cosim.fmu.fmi1 import Fmi1Calls, Fmi1Equations
from cosim.fmu.fmi2 import Fmi2Calls, Fmi2Equations
from cosim.fmu.fmi3 import Fmi3Calls, Fmi3Equations, Fmi3Events
from cosim.fmu.integrator import Integrator
from cosim.fmu.jacobian import StateStructure
from cosim.fmu.library import SharedLibrary
from cosim.fmu.log import InstanceLog
from cosim.fmu.motion import AbstractMotion, AskedMotion, ToldMotion
from cosim.fmu.pace import PacedStepper
from cosim.fmu.stepping import AbstractStepper, DirectStepper, EventStepper


@dataclass(frozen=True, slots=True)
class Origin:
    """What an instance is made from: the FMU's identity, its resources, the interface type chosen."""

    facts: FmuFacts
    guid: str
    resources: Path
    interface: InterfaceType
    has_event_mode: bool
    structure: StateStructure
    clocks: ClockFacts
    intermediate_inputs: tuple[int, ...] | None
    is_differentiable: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """What an instance is made of."""

    calls: AbstractCalls
    stepper: AbstractStepper
    motion: AbstractMotion
    time_unit: float = 1.0


def instantiate(library: SharedLibrary, log: InstanceLog, name: str, origin: Origin) -> Parts:
    """Make an instance; raise FmuError when the FMU refuses or lacks a function."""
    is_exchange = origin.interface == "Model Exchange"
    if origin.facts.major_version == 1:
        return _instantiate_fmi1(library, log, name, origin, is_exchange)
    if origin.facts.major_version == 2:
        return _instantiate_fmi2(library, log, name, origin, is_exchange)
    asked = None if is_exchange else origin.intermediate_inputs
    motion = None if asked is None else AskedMotion(asked, is_differentiable=origin.is_differentiable)
    calls = Fmi3Calls(
        library,
        log,
        name=name,
        guid=origin.guid,
        resources=origin.resources,
        categories=origin.facts.log_categories,
        is_model_exchange=is_exchange,
        has_event_mode=origin.has_event_mode,
        motion=motion,
    )
    has_events = is_exchange or origin.has_event_mode
    clocks = calls.clocks = Clocks(calls, origin.clocks) if origin.clocks.clocks and has_events else None
    if is_exchange:
        return _integrated(calls, Fmi3Equations(calls), origin, clocks)
    if origin.has_event_mode:
        return Parts(calls, EventStepper(calls, Fmi3Events(calls), clocks), motion or ToldMotion(calls))
    return Parts(calls, DirectStepper(calls), motion or ToldMotion(calls))


def paced(parts: Parts, time_unit: float) -> Parts:
    """Return ``parts`` for a model that counts its time in ``time_unit`` [s]."""
    return (
        parts
        if time_unit == 1.0
        else replace(parts, stepper=PacedStepper(parts.stepper, time_unit), time_unit=time_unit)
    )


def remedy(text: str) -> str:
    """Return what to install where an FMU that needs something else (needsExecutionTool) says ``text``."""
    if package := re.search(r"No module named '([\w.]+)'", text):
        ours = f"the Python of cosim, {sys.executable}"
        return f". It runs in {ours}, which lacks '{package[1]}': install that there."
    return " It needs its author's tool (needsExecutionTool): install that here."


def _integrated(
    calls: AbstractCalls, equations: AbstractEquations, origin: Origin, clocks: Clocks | None = None
) -> Parts:
    tolerance = origin.facts.default_experiment.tolerance
    return Parts(calls, Integrator(calls, equations, tolerance, origin.structure, clocks), ToldMotion(calls))


def _instantiate_fmi1(library: SharedLibrary, log: InstanceLog, name: str, origin: Origin, is_exchange: bool) -> Parts:
    facts = origin.facts
    calls = Fmi1Calls(
        library,
        log,
        name=name,
        guid=origin.guid,
        identifier=facts.model_identifier,
        folder=origin.resources.parent,
        is_model_exchange=is_exchange,
    )
    if not is_exchange:
        return Parts(calls, DirectStepper(calls), ToldMotion(calls))
    return _integrated(calls, Fmi1Equations(calls, facts.n_states, facts.n_event_indicators), origin)


def _instantiate_fmi2(library: SharedLibrary, log: InstanceLog, name: str, origin: Origin, is_exchange: bool) -> Parts:
    facts = origin.facts
    calls = Fmi2Calls(
        library,
        log,
        name=name,
        guid=origin.guid,
        resources=origin.resources,
        categories=facts.log_categories,
        is_model_exchange=is_exchange,
    )
    if not is_exchange:
        return Parts(calls, DirectStepper(calls), ToldMotion(calls))
    return _integrated(calls, Fmi2Equations(calls, facts.n_states, facts.n_event_indicators), origin)
