"""What a subject is, run: as a record that can be compared."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from time import perf_counter

import numpy as np

from cosim.errors import CosimError, StudyError
from cosim.execution import Execution, carry_out
from cosim.execution.outcome import Outcome
from cosim.instantiation import instantiate
from cosim.preparation import Prepared, prepare
from cosim.regressing.staging import stage
from cosim.regression.curve import Curve, held
from cosim.regression.interface import interface_of
from cosim.regression.numbers import KEPT_MOMENTS
from cosim.regression.record import Moment, Number, Record
from cosim.regression.signals import margin_of
from cosim.regression.storage import thin
from cosim.regression.suite import Case, Subject
from cosim.run import ALGORITHMS, kernel_for
from cosim.scenario.expectations import evaluate
from cosim.scenario.measures import Measure, in_unit, value_of
from cosim.studying.running import study
from cosim.system.variable import Variability
from cosim.warm import Samples

THINNING = 0.01
"""Of the tolerance: how far a kept curve may be from the one that was computed."""


def record_of(subject: Subject, case: Case) -> Record:
    """Run ``subject`` once.

    A run that fails is a record with the status 'failed'.

    Raises
    ------
    CosimError
        When it cannot be begun.
    """
    if subject.kind == "study":
        return _of_study(subject)
    record = _of_scenario(subject, case)
    rules = case.rules

    def share(curve: Curve) -> float:
        tolerance = rules.of_signal(curve.name) or rules.tolerance
        return THINNING * margin_of(curve, replace(tolerance, absolute=None), 0.0)

    return thin(record, share)


def _of_scenario(subject: Subject, case: Case) -> Record:
    staged = stage(subject, case)
    parameters = {name: scalar.text for name, scalar in subject.parameters.items()}
    prepared = prepare(staged.path, parameters, ALGORITHMS, adapt=staged.adapt)
    samples = Samples()
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `cosim run` tells them
        stack.callback(prepared.close)
        bound = prepared.bound
        instances = instantiate(prepared, stack)
        execution = Execution(
            bound.structure, bound.experiment, instances, prepared.algorithm, (samples,), kernel=kernel_for(prepared)
        )
        began = perf_counter()
        outcome = carry_out(execution, execution.start)
        seconds = perf_counter() - began
    structure = bound.structure
    findings = evaluate(bound.expectations, samples.read, outcome)
    return Record(
        curves={curve.name: curve for curve in _curves(prepared, samples)},
        numbers=_numbers(prepared, case, samples, outcome),
        moments=tuple(
            Moment(item.time, item.kind, item.subject) for item in outcome.happenings if item.kind in KEPT_MOMENTS
        ),
        ledger={species: _finite(entry.flowsheet.closure) for species, entry in outcome.ledger.items()},
        interface={name: interface_of(item.description) for name, item in structure.components.items()},
        models={name: item.sha256 or item.source for name, item in prepared.components.items()},
        flow=tuple(_flow(prepared)),
        unmet=tuple(finding.text for finding in findings if not finding.holds),
        end=outcome.time,
        steps=sum(cost.steps for cost in outcome.costs.values()),
        seconds=seconds,
        status=outcome.status,
        reason=outcome.reason,
    )


def _finite(value: float) -> float:
    return value if np.isfinite(value) else 1e300


def _curves(prepared: Prepared, samples: Samples) -> Iterator[Curve]:
    components = prepared.bound.structure.components
    for name in samples.names:
        ticks, values = samples.at_ticks(name)
        variable = components[name.component].description.variables[name.variable]
        if len(ticks) == 0:
            continue
        if variable.variability is not Variability.CONTINUOUS:
            ticks, values = held(ticks, values)
        yield Curve(str(name), ticks, values, variable.unit)


def _numbers(prepared: Prepared, case: Case, samples: Samples, outcome: Outcome) -> dict[str, Number]:
    found = {}
    for entry, measure in zip(case.numbers, prepared.bound.measures, strict=True):
        assert measure is not None
        unit = entry.unit.text if entry.unit is not None else measure.unit
        told = _in_unit(measure, unit, case)
        value, reason = value_of(told, samples.read, outcome) if outcome.status == "completed" else (None, "no end")
        shown = None if value is None else told.shown(value)
        if shown is not None and not np.isfinite(shown):
            shown, reason = None, f"no float can hold it in {unit}"
        found[entry.name] = Number(shown, unit, reason)
    return found


def _in_unit(measure: Measure, unit: str, case: Case) -> Measure:
    try:
        return in_unit(measure, unit, {})
    except CosimError as error:
        raise type(error)(f"Case '{case.name}': {error.message}", location=case.origin) from error


def _flow(prepared: Prepared) -> Iterator[tuple[str, str]]:
    structure = prepared.bound.structure
    pairs = [(wire.source, wire.target) for wire in structure.connections]
    pairs += [(stream.source, stream.target) for stream in structure.streams if stream.target is not None]  # type: ignore[misc]
    yield from dict.fromkeys((source.component, target.component) for source, target in pairs)


def _of_study(subject: Subject) -> Record:
    """Run a study in this process; each response is a curve over the numbers of the runs."""
    parameters = {name: scalar.text for name, scalar in subject.parameters.items()}
    with tempfile.TemporaryDirectory(prefix="cosim-regress-") as folder:
        began = perf_counter()
        try:
            result = study(subject.path, parameters, out=folder, workers=0)
        except StudyError as error:
            return Record({}, status="failed", reason=error.message)
        seconds = perf_counter() - began
    runs = np.array([row["run"] for row in result.rows], dtype=np.int64)
    curves = {}
    for response in result.problem.responses:
        cells = [row[response.name] for row in result.rows]
        values = np.array([np.nan if cell is None else cell for cell in cells], dtype=float)
        known = np.isfinite(values)
        if known.any():
            name = f"responses.{response.name}"
            curves[name] = Curve(name, runs[known], values[known], response.unit, "run")
    lost = {name: Number(float(n), "1") for name, n in result.counts.items() if name != "completed"}
    return Record(curves, {"runs": Number(float(len(runs)), "1"), **lost}, seconds=seconds)
