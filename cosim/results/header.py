"""What is known of a run before it starts: provenance, structure and experiment, as one JSON document."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Final

from cosim._version import __version__
from cosim.clock import to_seconds
from cosim.results.document import Document, plain
from cosim.system.experiment import DeliveredVolume, Duration, Ending, Experiment, Phase, Until
from cosim.system.structure import SystemStructure
from cosim.system.variable import VariableName

_PLACES: Final = ("origin", "start_origins")
"""Fields that say where something was written."""
_PACKAGES: Final = ("casadi", "fmpy", "h5py", "numpy", "pint", "rumoca")


@dataclass(frozen=True, slots=True)
class FmuRecord:
    """Where a component's model came from; ``sha256`` is of the FMU file, None for what is no FMU."""

    source: str
    file: str = ""
    sha256: str | None = None
    fmi_version: str = ""
    generator: str = ""


@dataclass(frozen=True, slots=True)
class ParameterSetRecord:
    """A file of parameters: name as in the scenario, SHA-256, how many values, and these, unless they are many."""

    file: str
    sha256: str
    n_values: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resumption:
    """What it takes to go on with a run that writes checkpoints.

    ``scenario`` is the absolute path, ``overrides`` are the parameters that were given besides it, ``interval`` is
    that of the checkpoints, ``experiment`` the SHA-256 of everything that the scenario says when it is bound.
    """

    scenario: str
    overrides: Mapping[str, object]
    interval: str
    experiment: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """When a run was gone on with, from which checkpoint, at which simulated time [s]."""

    at: datetime
    checkpoint: str
    time: float


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What a result tells of how it came to be.

    ``fmus`` is keyed by component; ``parameters`` by ``component.variable`` with the value as given, such as
    ``'0.037 1/h'``; ``record`` and ``expectations`` are as written in the scenario.
    """

    scenario: str
    run_id: str
    structure: SystemStructure
    experiment: Experiment
    description: str = ""
    scenario_text: str = ""
    scenario_file: str = ""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    fmus: Mapping[str, FmuRecord] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    parameter_sets: tuple[ParameterSetRecord, ...] = ()
    record: tuple[str, ...] = ()
    expectations: tuple[str, ...] = ()
    algorithm: str = ""
    command: str = ""
    resumption: Resumption | None = None
    resumed: tuple[Resumed, ...] = ()


def run_document(header: RunHeader, profile: Mapping[str, object] | None = None) -> Document:
    """Return the content of ``run.json``: everything of ``header`` that can be told in JSON, and what was measured."""
    return {
        "scenario": header.scenario,
        "description": header.description,
        "run_id": header.run_id,
        "started_at": header.started_at.astimezone(UTC).isoformat(timespec="seconds"),
        "command": header.command,
        "versions": {**_versions()},
        "platform": _platform(),
        "seed": header.experiment.seed,
        "tolerance": header.experiment.tolerance,
        "algorithm": header.algorithm,
        "fmus": plain(header.fmus),
        "parameters": plain(header.parameters),
        "parameter_sets": plain(header.parameter_sets),
        "record": plain(header.record),
        "expectations": plain(header.expectations),
        "structure": _structure(header.structure),
        "phases": [_phase(phase) for phase in header.experiment.phases],
        "watched": plain(_watched(header.experiment)),
        "ledger_tolerance": plain(header.experiment.ledger),
        "scenario_file": header.scenario_file,
        "scenario_text": header.scenario_text,
        "resumption": plain(header.resumption),
        "resumed": plain(header.resumed),
        **({"profile": plain(profile)} if profile is not None else {}),
    }


def fingerprint(structure: SystemStructure, experiment: Experiment) -> str:
    """Return the SHA-256 of what is run, wherever its file lies."""
    parts = (structure.connections, structure.streams, structure.amount_factors, experiment)
    text = json.dumps(_without_places(plain(parts)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_places(document: Document) -> Document:
    if isinstance(document, list):
        return [_without_places(item) for item in document]
    if isinstance(document, dict):
        return {key: _without_places(item) for key, item in document.items() if key not in _PLACES}
    return document


def _phase(phase: Phase) -> Document:
    return {
        "name": phase.name,
        "active": plain(phase.active),
        "step_s": to_seconds(phase.step_size),
        "repeat": phase.repeat,
        "steps": [step.name for step in phase.steps],
        "ends": _ending(phase.ending),
    }


def _ending(ending: Ending | None) -> str:
    match ending:
        case Duration():
            return "after a duration"
        case DeliveredVolume():
            return "after a volume"
        case Until(conditions=conditions):
            return " or ".join(condition.text or str(condition.left) for condition in conditions)
        case None:
            return "with its last step"


def _structure(structure: SystemStructure) -> Document:
    return {
        "components": {name: component.description.model for name, component in structure.components.items()},
        "streams": [
            {
                "source": str(stream.source),
                "target": None if stream.target is None else str(stream.target),
                "exit": None if stream.target is not None else str(stream.exit),
            }
            for stream in structure.streams
        ],
        "connections": [{"source": str(wire.source), "target": str(wire.target)} for wire in structure.connections],
    }


def _watched(experiment: Experiment) -> set[str]:
    """Collect the variables that decide when phases, steps, collects and events begin or end."""
    endings: list[Ending | None] = [phase.ending for phase in experiment.phases]
    names: set[VariableName] = set()
    for phase in experiment.phases:
        endings += [step.ending for step in phase.steps]
        names |= {
            side.left for step in phase.steps for collect in step.collects for side in (collect.start, collect.stop)
        }
    for ending in endings:
        if isinstance(ending, Until):
            names |= {condition.left for condition in ending.conditions}
    names |= {event.condition.left for event in experiment.events if event.condition is not None}
    return {str(name) for name in names}


@cache
def _versions() -> Mapping[str, str]:
    found = {"cosim": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _platform() -> Document:
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": sys.implementation.name,
        "processor": platform.processor(),
    }
