"""A table of experiments and the interface of an FMU → what is set, held and compared when, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import ScenarioError, StructureError
from cosim.measurements import Experiment, Series, in_units, read_template
from cosim.scenario.document import Scalar
from cosim.scenario.lookup import convert_value
from cosim.scenario.reading import Problems
from cosim.surrogate.hybrid.model import HybridFile
from cosim.surrogate.model import Array
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.nearest import nearest
from cosim.system.variable import Causality, Variable, VariableName

MOST_KNOTS: Final = 20_000
"""Of one experiment."""
_SETTABLE: Final = (Causality.PARAMETER, Causality.INPUT)


@dataclass(frozen=True, slots=True)
class Trial:
    """One experiment: at each of its ``knots`` inputs may change, the network may be asked, samples may be taken."""

    name: str
    starts: Mapping[str, StartValue]
    knots: tuple[Ticks, ...]
    inputs: Array
    """(n_knots, n_inputs), held from each knot on."""
    is_asked: NDArray[np.bool_]
    at: NDArray[np.intp]
    """Of each sample: the number of its knot."""
    what: NDArray[np.intp]
    """Of each sample: the number of its output among those that are measured."""
    values: Array
    deviations: Array
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class Trials:
    """All experiments, with the names that their numbers belong to."""

    input_names: tuple[str, ...]
    measured: tuple[str, ...]
    spans: Array
    """Of each measured output: largest less smallest value of all experiments."""
    learned: tuple[Trial, ...]
    unseen: tuple[Trial, ...]


def bind_trials(file: HybridFile, description: ComponentDescription, problems: Problems) -> Trials | None:
    """Return the experiments of ``file``; note what does not fit the FMU."""
    origin = file.measured.origin
    written = Path(file.measured.text)
    if written.is_absolute() or ".." in written.parts:
        problems.add(f"'{file.measured.text}' should be beside the training file, or in a folder beside it.", origin)
        return None
    experiments = problems.attempt(lambda: read_template(file.path.parent / written), origin)
    if experiments is None:
        return None
    return problems.attempt(lambda: _bound(file, experiments, description), origin, "'measured': ")


def _bound(file: HybridFile, experiments: Sequence[Experiment], description: ComponentDescription) -> Trials:
    names = list(dict.fromkeys(series.variable for item in experiments for series in item.series))
    variables = {name: _variable(name, description, (Causality.INPUT, Causality.OUTPUT)) for name in names}
    _require_one_component(names)
    inputs = tuple(item.name for item in variables.values() if item.causality is Causality.INPUT)
    outputs = tuple(item.name for item in variables.values() if item.causality is Causality.OUTPUT)
    if not outputs:
        raise StructureError("no column measures an output of the FMU.")
    units = {name: item.unit for name, item in variables.items()}
    converted = [(item, in_units(item.series, units)) for item in experiments]
    found = {name: [s for _, many in converted for s in many if _short(s) == name] for name in outputs}
    spans = np.array([max(s.values.max() for s in many) - min(s.values.min() for s in many) for many in found.values()])
    largest = {name: max(float(np.abs(s.values).max()) for s in many) for name, many in found.items()}
    fallback = {name: file.deviation * (size or 1.0) for name, size in largest.items()}
    trials = [_trial(file, item, series, description, inputs, fallback) for item, series in converted]
    learned = tuple(trial for trial in trials if not trial.is_held_out)
    unseen = tuple(trial for trial in trials if trial.is_held_out)
    if not learned or not unseen:
        raise ScenarioError(
            "a hybrid is fitted to some experiments and judged by others. Write 'fit' and 'check' in the column 'use'."
        )
    return Trials(inputs, outputs, np.where(spans > 0, spans, 1.0), learned, unseen)


def _short(series: Series) -> str:
    return VariableName.parse(series.variable).variable


def _require_one_component(names: Sequence[str]) -> None:
    components = list(dict.fromkeys(VariableName.parse(name).component for name in names))
    if len(components) > 1:
        raise StructureError(f"the columns name {', '.join(components)}, and one FMU is one component.")


def _variable(name: str, description: ComponentDescription, allowed: Sequence[Causality]) -> Variable:
    short = VariableName.parse(name).variable
    variable = description.variables.get(short)
    known = [item.name for item in description.variables.values() if item.causality in allowed]
    if variable is None or variable.causality not in allowed or variable.shape or not variable.type.is_numeric:
        kinds = " or ".join(item.value for item in allowed)
        raise StructureError(f"'{name}' is no {kinds} of the FMU that is a number.{nearest(short, known)}")
    return variable


def _trial(
    file: HybridFile,
    experiment: Experiment,
    series: Sequence[Series],
    description: ComponentDescription,
    input_names: tuple[str, ...],
    fallback: Mapping[str, float],
) -> Trial:
    if any(item.axis != "time" for item in series):
        raise StructureError(f"experiment '{experiment.name}' is measured over volume, and an FMU runs in time.")
    samples = {name: item for item in series if (name := _short(item)) in fallback}
    courses = {name: item for item in series if (name := _short(item)) in input_names}
    times = {name: np.round(item.positions * 1e9).astype(np.int64) for name, item in {**samples, **courses}.items()}
    end = max((int(times[name][-1]) for name in samples), default=0)
    if end <= 0:
        raise StructureError(f"experiment '{experiment.name}' has no sample of an output after its beginning.")
    asked = np.arange(0, end, int(file.step), dtype=np.int64)
    changes = [moments[moments < end] for name, moments in times.items() if name in courses]
    knots = np.unique(np.concatenate([[0, end], asked, *(times[name] for name in samples), *changes]))
    if knots[0] < 0 or len(knots) > MOST_KNOTS:
        raise StructureError(
            f"experiment '{experiment.name}' has {len(knots)} times from {knots[0] / 1e9:g} s on; they begin at 0, and "
            f"{MOST_KNOTS} is the most. Make 'step' longer."
        )
    at = np.concatenate([np.searchsorted(knots, times[name]) for name in samples])
    places = list(fallback)
    what = np.concatenate([np.full(len(item.values), places.index(name)) for name, item in samples.items()])
    deviations = [np.where(np.isfinite(s.deviations), s.deviations, fallback[n]) for n, s in samples.items()]
    return Trial(
        name=experiment.name,
        starts=_starts(file, experiment, description),
        knots=tuple(Ticks(int(knot)) for knot in knots),
        inputs=_held(file, description, input_names, courses, times, knots),
        is_asked=np.isin(knots, asked),
        at=at,
        what=what,
        values=np.concatenate([item.values for item in samples.values()]),
        deviations=np.maximum(np.concatenate(deviations), 1e-300),
        is_held_out=experiment.is_held_out,
    )


def _starts(file: HybridFile, experiment: Experiment, description: ComponentDescription) -> dict[str, StartValue]:
    """Return start values: those of the file, then those of the experiment."""
    starts = {name: _value(description, name, written) for name, written in {**file.parameters, **file.inputs}.items()}
    for name, text in experiment.conditions.items():
        short = _variable(name, description, _SETTABLE).name
        starts[short] = _value(description, short, Scalar(text, is_quoted=False, origin=None))
    return starts


def _value(description: ComponentDescription, name: str, written: Scalar) -> StartValue:
    settable = [item.name for item in description.variables.values() if item.causality in _SETTABLE]
    if name not in settable:
        text = f"'{name}' is no parameter or input of the FMU.{nearest(name, settable)}"
        raise StructureError(text, location=written.origin)
    return convert_value(description.variables[name], written, {})


def _held(
    file: HybridFile,
    description: ComponentDescription,
    names: tuple[str, ...],
    courses: Mapping[str, Series],
    times: Mapping[str, NDArray[np.int64]],
    knots: NDArray[np.int64],
) -> Array:
    """Return the inputs at each knot: what was written last; before that, what the file or the FMU says."""
    held = np.empty((len(knots), len(names)))
    for i, name in enumerate(names):
        start = description.variables[name].start
        own = float(start) if isinstance(start, bool | int | float) else 0.0
        held[:, i] = float(_value(description, name, file.inputs[name])) if name in file.inputs else own
        if name in courses:
            latest = np.searchsorted(times[name], knots, side="right") - 1
            held[:, i] = np.where(latest >= 0, courses[name].values[np.maximum(latest, 0)], held[:, i])
    return held
