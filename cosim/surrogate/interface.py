"""The interface of a surrogate: that of its FMU, without what only an FMU has; as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from cosim.surrogate.bind import told_names
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.ports import find_ports
from cosim.system.stream import Species
from cosim.system.variable import Causality, Variability, Variable, VariableType

_TAKEN = (Causality.INPUT, Causality.PARAMETER)


def surrogate_interface(
    description: ComponentDescription, *, step: float, can_divide_steps: bool
) -> ComponentDescription:
    """Return what a surrogate of the FMU with ``description`` offers: its numbers, and a state that can be restored."""
    told = set(told_names(description))
    variables = {
        name: replace(item, variability=Variability.FIXED) if item.causality is Causality.PARAMETER else item
        for name, item in description.variables.items()
        if name in told or (item.causality in _TAKEN and item.type.is_numeric and not item.shape)
    }
    capabilities = Capabilities(
        can_vary_step=can_divide_steps,
        can_get_and_set_state=True,
        can_serialise_state=True,
        fixed_step=None if can_divide_steps else step,
    )
    return ComponentDescription(
        model=description.model,
        variables=variables,
        capabilities=capabilities,
        feedthrough=description.feedthrough,
        initial_dependencies=description.initial_dependencies,
        ports=find_ports(variables),
        species=description.species,
        default_step_size=step,
        states_defaults=description.states_defaults,
    )


def interface_document(description: ComponentDescription) -> dict[str, Any]:
    """Return ``description`` for JSON."""
    variables = [
        {
            "name": item.name, "causality": item.causality.value, "variability": item.variability.value,
            "type": item.type.value, "unit": item.unit,
            "start": float(item.start) if isinstance(item.start, bool | int | float) else None,
            "minimum": item.minimum, "maximum": item.maximum, "nominal": item.nominal, "description": item.description,
            "display_unit": item.display_unit, "enumeration": [list(pair) for pair in item.enumeration],
        }
        for item in description.variables.values()
    ]  # fmt: skip
    return {
        "model": description.model,
        "variables": variables,
        "species": [asdict(item) for item in description.species.values()],
        "feedthrough": {name: sorted(inputs) for name, inputs in description.feedthrough.items()},
    }


def read_interface(document: Mapping[str, Any], *, step: float, can_divide_steps: bool) -> ComponentDescription:
    """Read what ``interface_document`` wrote; KeyError, TypeError or ValueError where it is something else."""
    variables = {}
    for entry in document["variables"]:
        fields = dict(entry)
        fields["causality"] = Causality(entry["causality"])
        fields["variability"] = Variability(entry["variability"])
        fields["type"] = VariableType(entry["type"])
        fields["enumeration"] = tuple((str(name), int(value)) for name, value in entry["enumeration"])
        variables[str(entry["name"])] = Variable(**fields)
    species = {str(entry["name"]): Species(**entry) for entry in document["species"]}
    feedthrough = {str(name): frozenset(map(str, inputs)) for name, inputs in document["feedthrough"].items()}
    description = ComponentDescription(
        str(document["model"]), variables, feedthrough=feedthrough, ports=find_ports(variables), species=species
    )
    return surrogate_interface(description, step=step, can_divide_steps=can_divide_steps)


def differences(ours: ComponentDescription, theirs: ComponentDescription) -> list[str]:
    """Say where the interface of a package differs from that of the FMU it is to stand for."""
    found = [f"it has no '{name}'" for name in ours.variables if name not in theirs.variables]
    for name, item in ours.variables.items():
        other = theirs.variables.get(name)
        if other is not None and (item.unit or "1") != (other.unit or "1"):
            found.append(f"'{name}' is in [{other.unit or '1'}] there and in [{item.unit or '1'}] in the package")
        elif other is not None and item.causality is not other.causality:
            found.append(f"'{name}' is {other.causality.value} there and {item.causality.value} in the package")
    return found
