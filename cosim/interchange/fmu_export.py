"""A scenario, or some of its components, as one FMU: cut out, initialised, written, and tried against the run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.errors import ScenarioError, StructureError
from cosim.execution import Execution
from cosim.fmu import FmuFile, open_fmu
from cosim.fmu.renaming import Renaming
from cosim.instance.contract import AbstractInstance
from cosim.interchange.container import write_container
from cosim.interchange.container_xml import ELEMENTS
from cosim.interchange.part import Part, Tell, cut_out
from cosim.placing import placed
from cosim.preparation import Prepared
from cosim.results.document import write_bytes
from cosim.scenario.model import HostingEntry
from cosim.scenario.variable_map import read_map
from cosim.system.experiment import Duration
from cosim.system.variable import Causality, VariableName

Array = NDArray[np.float64]

STEPS_TRIED: Final = 3
"""Communication steps that are compared before the file is handed over."""
TOLERANCE: Final = 1e-9
"""Relative difference between the FMU and a run that is round-off of models which are called in another order."""
_NOTHING: Final = 1e-15
"""Absolute difference below which numbers are the same whatever they stand for."""
_PATIENCE: Final = Ticks(600 * TICKS_PER_SECOND)


def export_fmu(
    prepared: Prepared,
    path: Path,
    tell: Tell,
    *,
    components: Sequence[str] | None = None,
    phase: str | None = None,
) -> Path:
    """Write ``components`` (default: all) of a phase (default: the only one) as one FMU; ``tell`` what it cannot do.

    Raises
    ------
    ProblemList, CosimError
        When something would silently be other than in a run; nothing is then written.
    """
    part = cut_out(prepared, components, phase, tell)
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="cosim-export-") as folder:
        files = _files(prepared, part, stack)
        execution = _begin(prepared, part, stack)
        draft = Path(folder) / "draft.fmu"
        write_container(
            part,
            files,
            _driven(execution),
            draft,
            name=prepared.scenario.name,
            description=prepared.scenario.description,
        )
        _try(draft, part, execution, prepared)
        write_bytes(path, draft.read_bytes())
    return path


def _files(prepared: Prepared, part: Part, stack: ExitStack) -> dict[str, FmuFile]:
    """Open the FMU of each component, its variables called as in the scenario."""
    found = {}
    for name in part.structure.components:
        entry, loaded = prepared.scenario.components[name], prepared.components[name]
        if entry.source.kind not in ("modelica", "fmu", "release") or loaded.file is None:
            raise ScenarioError(
                f"'{name}' is {entry.source.kind} data, which an FMU cannot hold. Leave it out with --components: what "
                "it drives then are inputs.",
                component=name,
            )
        file = stack.enter_context(open_fmu(loaded.file, entry.interface))
        if entry.map_file is not None:
            names = read_map(prepared.scenario.folder / entry.map_file.text)
            file.rename({key: Renaming(theirs.vendor, theirs.unit) for key, theirs in names.items()})
        found[name] = file
    return found


def _begin(prepared: Prepared, part: Part, stack: ExitStack) -> Execution[Any]:
    """Start the part on its own, as a run would; what another component drove keeps its start value."""
    instances: dict[str, AbstractInstance] = {}
    for name in part.structure.components:
        instances[name] = stack.enter_context(prepared.components[name].instantiate())
    outputs = {
        name: tuple(
            variable.name
            for variable in component.description.variables.values()
            if variable.causality is Causality.OUTPUT and variable.type in ELEMENTS and not variable.shape
            if variable.type.is_numeric
        )
        for name, component in part.structure.components.items()
    }
    long_enough = Duration(Ticks((STEPS_TRIED + 1) * part.step))  # what is in transit arrives in the last one
    only = replace(part.experiment.phases[0], ending=long_enough)
    experiment = replace(part.experiment, phases=(only,), recorded=outputs)
    execution = Execution(part.structure, experiment, instances, prepared.algorithm)
    execution.start()
    return execution


def _driven(execution: Execution[Any]) -> dict[VariableName, float]:
    """Return the inputs as they are now, of which those that are connected matter."""
    return {
        VariableName(name, variable): float(value)
        for name, participant in execution.system.participants.items()
        for variable, value in zip(participant.input_names, participant.inputs, strict=True)
    }


def _try(draft: Path, part: Part, execution: Execution[Any], prepared: Prepared) -> None:
    """Step the FMU and the run side by side.

    Raises
    ------
    StructureError
        When they differ.
    """
    parts = [(prepared.components[name].host, one.description) for name, one in part.structure.components.items()]
    is_inline = all(host == "inline" and not one.capabilities.can_be_instantiated_only_once for host, one in parts)
    host = "inline" if is_inline else "process"
    with ExitStack() as stack:
        file = stack.enter_context(open_fmu(draft))
        place = placed(file, "the exported FMU", HostingEntry(host, _PATIENCE), draft.parent)
        stack.callback(place.close)
        instance = stack.enter_context(place.instantiate())
        known = file.description.variables
        names = {
            str(VariableName(name, variable)): (participant, i)
            for name, participant in execution.system.participants.items()
            for i, variable in enumerate(participant.output_names)
            if str(VariableName(name, variable)) in known
        }
        group, values = instance.group(list(names)), np.empty(len(names))
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=part.experiment.tolerance)
        instance.exit_initialization()
        for number in range(STEPS_TRIED + 1):
            if number:
                instance.step(Ticks((number - 1) * part.step), part.step)
                execution.advance()
            instance.read(group, values)
            expected = np.array([participant.outputs[i] for participant, i in names.values()])
            _compare(list(names), values, expected, Ticks(number * part.step))
        instance.terminate()


def _compare(names: Sequence[str], found: Array, expected: Array, time: Ticks) -> None:
    close = np.isclose(found, expected, rtol=TOLERANCE, atol=_NOTHING, equal_nan=True)
    if close.all():
        return
    worst = int(np.flatnonzero(~close)[0])
    raise StructureError(
        f"The FMU would not give what a run gives: at t = {format_ticks(time)}, {names[worst]} is {found[worst]:.9g} "
        f"there and {expected[worst]:.9g} here; {int((~close).sum())} of {len(names)} outputs differ. Leave out "
        "components whose initial values depend on each other with --components."
    )
