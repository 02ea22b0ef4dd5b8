"""A training file and the interface of its FMU → a plan in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from cosim.errors import ScenarioError, StructureError
from cosim.scenario.document import Scalar
from cosim.scenario.lookup import convert_value
from cosim.scenario.reading import Problems
from cosim.scenario.signals import read_table
from cosim.surrogate.model import Array, Plan, Range, RangeEntry, TrainingFile
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest
from cosim.system.variable import Causality, Variable

MOST_NUMBERS: Final = 500_000_000
"""Of all runs: 4 GB."""
_TOLD = (Causality.OUTPUT, Causality.CALCULATED_PARAMETER)


def told_names(description: ComponentDescription) -> tuple[str, ...]:
    """Return the numbers that a surrogate gives: outputs, and what is calculated from parameters."""
    return tuple(name for name, item in description.variables.items() if item.causality in _TOLD and _is_number(item))


def _is_number(variable: Variable) -> bool:
    return variable.type.is_numeric and not variable.shape


def _start(variable: Variable) -> float:
    return float(variable.start) if isinstance(variable.start, bool | int | float) else 0.0


def bind_plan(file: TrainingFile, description: ComponentDescription, problems: Problems) -> Plan:
    """Return the plan; note what does not fit the FMU."""
    variables = description.variables
    inputs = {name: item for name, item in variables.items() if item.causality is Causality.INPUT and _is_number(item)}
    parameters = {
        name: item for name, item in variables.items() if item.causality is Causality.PARAMETER and _is_number(item)
    }
    outputs = told_names(description)
    for written in file.focus:
        if written.text not in outputs:
            hint = nearest(written.text, outputs)
            problems.add(f"'focus' names '{written.text}', which is no output of the FMU.{hint}", written.origin)
    n_steps = round(file.duration / file.step)
    numbers = file.runs.total * n_steps * (len(outputs) + len(inputs))
    if numbers > MOST_NUMBERS:
        problems.add(
            f"{file.runs.total} runs of {n_steps} steps of {len(outputs) + len(inputs)} variables are {numbers:.1e} "
            f"numbers, and {MOST_NUMBERS:.0e} fit. Make 'step' longer, or 'duration' or 'runs' less.",
            file.source.origin,
        )
    bound = {
        "parameters": tuple(_bound(file, file.parameters, parameters, "parameter", problems)),
        "inputs": tuple(_bound(file, file.inputs, inputs, "input", problems)),
    }
    starts = {name: _start(item) for name, item in {**parameters, **inputs}.items()}
    starts |= {item.name: item.low for item in (*bound["parameters"], *bound["inputs"]) if item.is_constant}
    return Plan(
        step=file.step,
        n_steps=n_steps,
        input_names=tuple(inputs),
        output_names=outputs,
        starts=starts,
        seed=file.seed,
        phases=tuple((phase.shortest / file.step, phase.longest / file.step) for phase in file.phases),
        **bound,
    )


def _bound(
    file: TrainingFile,
    entries: Iterable[RangeEntry],
    variables: dict[str, Variable],
    kind: str,
    problems: Problems,
) -> Iterable[Range]:
    for entry in entries:
        if entry.name not in variables:
            hint = nearest(entry.name, variables)
            problems.add(f"The FMU has no {kind} '{entry.name}' that is a number.{hint}", entry.origin)
            continue
        found = problems.attempt(
            lambda entry=entry: _range(file, entry, variables[entry.name]),  # type: ignore[misc]
            entry.origin,
            f"'{entry.name}': ",
        )
        if found is not None:
            yield found


def _range(file: TrainingFile, entry: RangeEntry, variable: Variable) -> Range:
    if entry.shape == "recorded":
        tables = _recorded(file, entry, variable)
        low, high = min(table.min() for table in tables), max(table.max() for table in tables)
        return Range(entry.name, float(low), float(high), entry.shape, tables=tables)
    if entry.shape == "phases":
        return _phased(file, entry, variable)
    low, high = _number(variable, entry.low), _number(variable, entry.high)
    if not low <= high:
        raise StructureError(f"the range goes from {low:g} to {high:g} {variable.unit or ''}. Exchange the two.")
    if entry.shape != "constant" and not entry.every:
        raise ScenarioError(f"'shape: {entry.shape}' needs 'every', as in 'every: 12 h'.")
    step = file.step
    every = max(entry.every / step, 1.0)
    return Range(
        entry.name, low, high, entry.shape, entry.first / step, every, (entry.lasting or entry.every) / step
    )  # fmt: skip


def _phased(file: TrainingFile, entry: RangeEntry, variable: Variable) -> Range:
    names = [phase.name for phase in file.phases]
    for name in entry.levels:
        if name not in names:
            raise ScenarioError(f"'{name}' is none of the phases.{nearest(name, names)}")
    written = {name: tuple(_number(variable, value) for value in pair) for name, pair in entry.levels.items()}
    start = _start(variable)
    levels = tuple((pair[0], pair[1]) for pair in (written.get(name, (start, start)) for name in names))
    for name, (low, high) in zip(names, levels, strict=True):
        if not low <= high:
            raise StructureError(f"in phase '{name}' the range goes from {low:g} to {high:g}. Exchange the two.")
    low, high = min(pair[0] for pair in levels), max(pair[1] for pair in levels)
    return Range(entry.name, low, high, entry.shape, levels=levels)


def _number(variable: Variable, written: Scalar | None) -> float:
    if written is None:
        raise ScenarioError("it has no value.")
    return float(convert_value(variable, written, {}))


def _recorded(file: TrainingFile, entry: RangeEntry, variable: Variable) -> tuple[Array, ...]:
    """Return the column of ``variable`` in every file, held at the beginning of each step."""
    pattern = Path(entry.file)
    if pattern.is_absolute() or ".." in pattern.parts:
        raise ScenarioError(f"'{entry.file}' should be beside the training file, or in a folder beside it.")
    paths = sorted(file.path.parent.glob(entry.file))
    if not paths:
        raise ScenarioError(f"There is no file '{entry.file}' beside '{file.path.name}'.")
    moments = np.arange(round(file.duration / file.step)) * int(file.step)
    tables = []
    for path in paths:
        table = read_table(path)
        values = table.values(entry.name, None, variable.unit)
        at = np.searchsorted(table.times(), moments, side="right") - 1
        tables.append(np.asarray(values[np.maximum(at, 0)], dtype=np.float64))
    return tuple(tables)
