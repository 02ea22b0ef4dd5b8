"""What a factor acts on: a start value, or a time or setting of a phase or step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeVar

from cosim.clock import to_ticks
from cosim.errors import StructureError
from cosim.study.faults.entries import LABELS
from cosim.system.experiment import Duration, Experiment, Phase, PhaseStep, Setting, StartValue
from cosim.system.nearest import nearest
from cosim.system.variable import VariableName

Part = TypeVar("Part", Phase, PhaseStep)
PHASES: Final = "phases"
_USAGE: Final = (
    "Write 'component.variable', 'phases.<phase>.duration', 'phases.<phase>.delay' or "
    "'phases.<phase>.set.<component.variable>', or the same of a step, 'phases.<phase>.<step>.…'."
)


@dataclass(frozen=True, slots=True)
class Target:
    """Of a variable: its start value; else the duration, delay or setting of a phase or of one of its steps.

    A 'label' says which fault a run has, and acts through that alone.
    """

    kind: Literal["start", "duration", "delay", "set", "label"]
    variable: VariableName | None = None
    phase: str = ""
    step: str = ""


def find_target(text: str, experiment: Experiment, components: Sequence[str]) -> Target:
    """Return what ``text`` means in ``experiment``.

    Raises
    ------
    StructureError
        When there is no such thing.
    """
    if text in LABELS:
        return Target("label")
    head, _, rest = text.partition(".")
    if head == PHASES and PHASES not in components:
        return _in_phase(text, rest, experiment)
    try:
        return Target("start", VariableName.parse(text))
    except ValueError as error:
        raise StructureError(f"'{text}' cannot be a factor. {_USAGE}") from error


def _in_phase(text: str, rest: str, experiment: Experiment) -> Target:
    name, _, rest = rest.partition(".")
    phase = next((item for item in experiment.phases if item.name == name), None)
    if phase is None:
        hint = nearest(name, [item.name for item in experiment.phases])
        raise StructureError(f"'{text}' cannot be a factor: there is no phase '{name}'.{hint}")
    what, _, more = rest.partition(".")
    step = next((item for item in phase.steps if item.name == what), None)
    if step is not None:
        what, _, more = more.partition(".")
    place = Target("duration", phase=name, step=step.name if step else "")
    if what == "duration" and not more:
        if not isinstance((step or phase).ending, Duration):
            raise StructureError(f"'{text}' cannot be a factor: it ends otherwise than after a 'duration'.")
        return place
    if what == "delay" and not more and step is None:
        return replace(place, kind="delay")
    if what == "set":
        return replace(place, kind="set", variable=_setting(text, more, (step or phase).settings))
    raise StructureError(f"'{text}' cannot be a factor. {_USAGE}")


def _setting(text: str, more: str, settings: Sequence[Setting]) -> VariableName:
    known = {str(setting.target): setting.target for setting in settings}
    if more not in known:
        raise StructureError(f"'{text}' cannot be a factor: '{more}' is not set there.{nearest(more, known)}")
    return known[more]


def apply(experiment: Experiment, targets: Sequence[Target], values: Sequence[float]) -> Experiment:
    """Return ``experiment`` with ``values`` for ``targets``: in the variables' own units, times in s."""
    starts: dict[str, dict[str, StartValue]] = {name: dict(own) for name, own in experiment.start_values.items()}
    phases = {phase.name: phase for phase in experiment.phases}
    for target, value in zip(targets, values, strict=True):
        if target.kind == "start":
            assert target.variable is not None
            starts.setdefault(target.variable.component, {})[target.variable.variable] = value
        elif target.kind != "label":
            phases[target.phase] = _changed(phases[target.phase], target, value)
    return replace(experiment, start_values=starts, phases=tuple(phases.values()))


def _changed(phase: Phase, target: Target, value: float) -> Phase:
    if target.kind == "delay":
        return replace(phase, start=replace(phase.start, delay=to_ticks(value)))
    if not target.step:
        return _with(phase, target, value)
    steps = tuple(_with(step, target, value) if step.name == target.step else step for step in phase.steps)
    return replace(phase, steps=steps)


def _with(part: Part, target: Target, value: float) -> Part:
    if target.kind == "duration":
        return replace(part, ending=Duration(to_ticks(value)))
    settings = tuple(
        replace(setting, value=value) if setting.target == target.variable else setting for setting in part.settings
    )
    return replace(part, settings=settings)
