"""A fault in numbers: what it sets, from mild to severe, and the events it is in a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cosim.clock import to_ticks
from cosim.study.distributions import Choice, Uniform
from cosim.study.problem import Factor
from cosim.study.targets import Target
from cosim.system.experiment import Event, Experiment, Setting
from cosim.system.structure import SystemStructure
from cosim.system.variable import VariableName

NONE: Final = "none"
"""The fault of a run that has none."""
HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class FaultSetting:
    """The value of ``target`` in its own unit, by severity from 0, ``mild``, to 1, ``severe``."""

    target: VariableName
    mild: float
    severe: float


@dataclass(frozen=True, slots=True)
class Fault:
    """It begins in ``at`` and is over after a time in ``lasts`` [s], with the run where that is None."""

    name: str
    at: tuple[float, float]
    lasts: tuple[float, float] | None
    settings: tuple[FaultSetting, ...]

    @property
    def has_severity(self) -> bool:
        """True where it can be more or less severe."""
        return any(setting.mild != setting.severe for setting in self.settings)

    def document(self) -> dict[str, Any]:
        """Return what a run needs of it, as what JSON can hold."""
        return {"name": self.name, "settings": [[str(s.target), s.mild, s.severe] for s in self.settings]}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Fault:
        """Read what ``document`` wrote."""
        settings = tuple(
            FaultSetting(VariableName.parse(name), mild, severe) for name, mild, severe in document["settings"]
        )
        return cls(document["name"], (0.0, 0.0), None, settings)


def label_factors(faults: Sequence[Fault], latest: float) -> tuple[Factor, ...]:
    """Return the factors that say which fault a run has, from when to when [h], and how severe; 0 where none."""
    names = (NONE, *(fault.name for fault in faults))
    numbers = tuple(float(i) for i in range(len(names)))
    span = Uniform(0.0, latest / HOUR)
    return (
        Factor("fault", Target("label"), "1", Choice(numbers), labels=names, own_values=numbers),
        Factor("onset", Target("label"), "h", span, scale=HOUR),
        Factor("end", Target("label"), "h", span, scale=HOUR),
        Factor("severity", Target("label"), "1", Uniform(0.0, 1.0)),
    )


def with_fault(
    experiment: Experiment, structure: SystemStructure, faults: Sequence[Fault], labels: Sequence[float], latest: float
) -> Experiment:
    """Return ``experiment`` with the fault that ``labels`` tell as two events: values are set, then set back."""
    number, onset, end, severity = labels
    if not number:
        return experiment
    fault = faults[round(number) - 1]
    wrong = tuple(Setting(s.target, s.mild + severity * (s.severe - s.mild)) for s in fault.settings)
    right = tuple(Setting(s.target, _usual(experiment, structure, s.target)) for s in fault.settings)
    events = [Event(wrong, to_ticks(onset))]
    if end < latest:
        events.append(Event(right, to_ticks(end)))
    return replace(experiment, events=(*experiment.events, *events))


def _usual(experiment: Experiment, structure: SystemStructure, name: VariableName) -> float:
    """Return the value that ``name`` has without a fault."""
    variable = structure.components[name.component].description.variables[name.variable]
    given = experiment.start_values.get(name.component, {}).get(name.variable)
    value = variable.start if given is None else given
    assert isinstance(value, float | int)  # seen to when the study was bound
    return float(value)
