"""From fmpy's model description and the archive's directory to the facts about an FMU."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cosim.fmu.description import default_experiment, is_asked
from cosim.fmu.facts import FmuFacts, InterfaceType
from cosim.fmu.library import platforms_offered
from cosim.fmu.xml import ReadDescription

if TYPE_CHECKING:
    from fmpy.model_description import ModelDescription, ModelVariable

_REALS: Final = ("Real", "Float32", "Float64")


def read_facts(path: Path, read: ReadDescription, entries: Sequence[zipfile.ZipInfo]) -> FmuFacts:
    """Collect the facts about the FMU ``path`` with the files ``entries``."""
    model = read.content
    names = [entry.filename for entry in entries]
    interface = model.coSimulation or model.modelExchange or model.scheduledExecution
    return FmuFacts(
        fmi_version=model.fmiVersion or "",
        model_name=model.modelName or "",
        model_identifier=(interface.modelIdentifier if interface else None) or "",
        interface_types=tuple(interfaces_of(model)),
        platforms=platforms_offered(names),
        size=path.stat().st_size,
        unpacked_size=sum(entry.file_size for entry in entries),
        description=model.description or "",
        author=model.author or "",
        version=model.version or "",
        licence=model.license or "",
        copyright=model.copyright or "",
        generation_tool=model.generationTool or "",
        generation_date=model.generationDateAndTime or "",
        n_states=model.numberOfContinuousStates,
        n_event_indicators=model.numberOfEventIndicators,
        default_experiment=default_experiment(model),
        log_categories=tuple(category.name for category in model.logCategories if category.name),
        unit_names=tuple(unit.name for unit in model.unitDefinitions if unit.name),
        without_unit=tuple(variable.name for variable in model.modelVariables if _lacks_unit(variable)),
        oddities=read.oddities,
    )


def value_references(model: "ModelDescription") -> dict[str, int]:
    """Return the value reference of each variable."""
    return {variable.name: variable.valueReference for variable in model.modelVariables}


def interfaces_of(model: "ModelDescription") -> dict[InterfaceType, str]:
    """Return the interface types offered, those that serve best first, each with its model identifier."""
    offered: dict[InterfaceType, Any] = {
        "Co-Simulation": model.coSimulation,
        "Model Exchange": model.modelExchange,
        "Scheduled Execution": model.scheduledExecution,
    }
    return {kind: interface.modelIdentifier or "" for kind, interface in offered.items() if interface is not None}


def has_event_mode(model: "ModelDescription") -> bool:
    """Tell whether Co-Simulation with Event Mode is offered."""
    return model.coSimulation is not None and bool(model.coSimulation.hasEventMode)


def intermediate_inputs(read: ReadDescription) -> tuple[int, ...] | None:
    """Return the references of the inputs for which the FMU asks within a step; None if it never asks (FMI 3.0)."""
    simulation = read.content.coSimulation
    if simulation is None or not simulation.providesIntermediateUpdate:
        return None
    return tuple(item.valueReference for item in read.content.modelVariables if is_asked(item, read))


def _lacks_unit(variable: "ModelVariable") -> bool:
    """Tell whether a real variable that a scenario may touch states no unit."""
    if variable.type not in _REALS or variable.causality in ("independent", "local"):
        return False
    declared = variable.declaredType.unit if variable.declaredType is not None else None
    return not (variable.unit or declared)
