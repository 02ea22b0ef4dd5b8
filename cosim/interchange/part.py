"""The part of a scenario that becomes one FMU: some components of one phase."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from cosim.algorithm.contract import AbstractSweeping, Sweep
from cosim.clock import Ticks
from cosim.errors import CosimError, ScenarioError, StructureError, raise_all
from cosim.preparation import Prepared
from cosim.system.experiment import Duration, Experiment, Phase, PhaseStart
from cosim.system.nearest import nearest
from cosim.system.stream import PortName, Stream
from cosim.system.structure import SystemStructure
from cosim.system.variable import VariableName

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """Components with what joins them, start values, the communication step, and in which manner they are stepped.

    ``experiment`` has one phase, which ends after ``duration`` (None: not known), no events and no recorded inputs.
    """

    structure: SystemStructure
    experiment: Experiment
    step: Ticks
    duration: Ticks | None
    is_simultaneous: bool


def cut_out(prepared: Prepared, names: Sequence[str] | None, phase_name: str | None, tell: Tell) -> Part:
    """Return the components ``names`` (None: all active) of a phase (None: the only one); ``tell`` what is left out.

    Raises
    ------
    ProblemList, CosimError
        When the scenario asks for what a single FMU would silently do otherwise.
    """
    phase = _phase(prepared, phase_name)
    chosen = _chosen(prepared, names, phase)
    sweep = prepared.algorithm.sweep if isinstance(prepared.algorithm, AbstractSweeping) else None
    raise_all([*_refusals(prepared, phase, chosen, sweep)])
    structure = _structure(prepared.bound.structure, chosen)
    experiment = _experiment(prepared.bound.experiment, phase, chosen)
    for text in _remarks(prepared, phase, chosen, structure):
        tell(text)
    duration = phase.ending.duration if isinstance(phase.ending, Duration) else None
    return Part(structure, experiment, phase.step_size, duration, sweep is Sweep.SIMULTANEOUS)


def _phase(prepared: Prepared, name: str | None) -> Phase:
    phases = {phase.name: phase for phase in prepared.bound.experiment.phases}
    if name is not None and name not in phases:
        raise ScenarioError(f"There is no phase '{name}'.{nearest(name, phases)}")
    if name is None and len(phases) > 1:
        raise ScenarioError(
            f"'{prepared.scenario.name}' has the phases {', '.join(phases)}, and an FMU has none: it would run all "
            "components all the time. Choose one with --phase NAME; its components then begin with their start values, "
            "not with what earlier phases leave."
        )
    return phases[name] if name is not None else next(iter(phases.values()))


def _chosen(prepared: Prepared, names: Sequence[str] | None, phase: Phase) -> tuple[str, ...]:
    known = prepared.bound.structure.components
    for name in names or ():
        if name not in known:
            raise StructureError(f"There is no component '{name}' to export.{nearest(name, known)}")
        if name not in phase.active:
            raise StructureError(f"'{name}' is not active in phase '{phase.name}', so that it cannot be exported.")
    wanted = phase.active if names is None else names
    return tuple(name for name in known if name in wanted)


def _refusals(prepared: Prepared, phase: Phase, chosen: Sequence[str], sweep: Sweep | None) -> Iterator[CosimError]:
    if sweep is None:
        yield ScenarioError(
            f"The algorithm '{prepared.algorithm_text}' cannot be put into an FMU, which steps its parts one after the "
            "other (gauss_seidel) or all at once (jacobi), inputs held. Write 'algorithm: gauss_seidel', and compare "
            "the two with cosim run."
        )
    if phase.steps or phase.repeat > 1:
        yield ScenarioError(
            f"Phase '{phase.name}' has steps or is repeated, and an FMU has neither: it would go on as it begins. "
            "Export a phase without, or set the inputs from the other tool.",
            location=phase.origin,
        )
    for name in chosen:
        size = phase.step_sizes.get(name, phase.step_size)
        if size != phase.step_size:
            yield ScenarioError(
                f"'{name}' has a step of its own, and all parts of the FMU are stepped alike. Give phase "
                f"'{phase.name}' one step.",
                location=phase.origin,
            )
    for event in prepared.bound.experiment.events:
        for target in {setting.target for setting in event.settings if setting.target.component in chosen}:
            yield ScenarioError(
                f"An event sets {target}, and an FMU has no events of a scenario: it would never be set. Leave the "
                "event out, and let the other tool set the input.",
                component=target.component,
                variable=target.variable,
                location=event.origin,
            )


def _structure(whole: SystemStructure, chosen: Sequence[str]) -> SystemStructure:
    def is_inside(*ends: VariableName | PortName | None) -> bool:
        return all(end is not None and end.component in chosen for end in ends)

    return replace(
        whole,
        components={name: component for name, component in whole.components.items() if name in chosen},
        connections=tuple(one for one in whole.connections if is_inside(one.source, one.target)),
        streams=tuple(one for one in whole.streams if is_inside(one.source, one.target)),
    )


def _experiment(whole: Experiment, phase: Phase, chosen: Sequence[str]) -> Experiment:
    """Return the experiment of the part; what the phase sets and what is recorded become start values."""
    starts = {name: dict(whole.start_values.get(name, {})) for name in chosen}
    for signal in whole.signals:
        if signal.target.component in starts:
            starts[signal.target.component][signal.target.variable] = float(signal.values[0])
    for setting in phase.settings:
        if setting.target.component in starts:
            starts[setting.target.component][setting.target.variable] = setting.value
    only = replace(phase, active=tuple(chosen), start=PhaseStart(), settings=(), step_sizes={}, fresh=(), carry=())
    return replace(
        whole, phases=(only,), events=(), signals=(), start_values=starts, recorded={}, asleep={}, settable=()
    )


def _remarks(prepared: Prepared, phase: Phase, chosen: Sequence[str], structure: SystemStructure) -> Iterator[str]:
    yield (
        "Left out: the ledger, expectations and conditions. Amounts that units hold, make and consume are outputs, and "
        "nobody adds them up."
    )
    if not isinstance(phase.ending, Duration):
        yield f"When phase '{phase.name}' ends, here by a condition or volume, is for the other tool to decide."
    for signal in prepared.bound.experiment.signals:
        if signal.target.component in chosen:
            yield f"{signal.target} is recorded data here, there an input that starts with the first value."
    for stream in prepared.bound.structure.streams:
        if stream not in structure.streams and (text := _crossing(stream, chosen)):
            yield text
    if structure.streams and prepared.algorithm.delays_streams:
        yield "With jacobi, streams arrive one step late; what is in transit at the end stays there."
    for name in chosen:
        if prepared.components[name].host != "inline":
            yield f"'{name}', here in a process of its own, runs in the process of the other tool."


def _crossing(stream: Stream, chosen: Sequence[str]) -> str:
    if stream.target is None:
        return ""
    if stream.target.component in chosen:
        return f"{stream.source} is not exported: flow and composition of {stream.target} are inputs."
    if stream.source.component in chosen:
        return f"{stream.target} is not exported: {stream.source} is outputs, with totals where the component has them."
    return ""
