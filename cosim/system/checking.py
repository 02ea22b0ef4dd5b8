"""Looking up names in a structure, and collecting what is wrong with them."""

from __future__ import annotations

from cosim.errors import CosimError, SourceLocation, StructureError
from cosim.system.component import Component
from cosim.system.nearest import nearest
from cosim.system.stream import Port, PortName
from cosim.system.structure import SystemStructure
from cosim.system.variable import Causality, Variability, Variable, VariableName


class Checker:
    """Collects problems; what is looked up and not found is one."""

    def __init__(self, structure: SystemStructure) -> None:
        self.structure = structure
        self.problems: list[CosimError] = []
        self.warnings: list[str] = []

    def warn(self, text: str, origin: SourceLocation | None = None) -> None:
        """Note what can be run, but may not be meant, and where it is written; once."""
        text = f"{origin}: {text}" if origin else text
        if text not in self.warnings:
            self.warnings.append(text)

    def add(
        self,
        message: str,
        origin: SourceLocation | None,
        *,
        component: str | None = None,
        variable: str | None = None,
    ) -> None:
        """Note a problem of what is written at ``origin``."""
        self.problems.append(StructureError(message, component=component, variable=variable, location=origin))

    def component(self, name: str, origin: SourceLocation | None, what: str) -> Component | None:
        """Return the component ``name`` that ``what`` speaks of."""
        found = self.structure.components.get(name)
        if found is None:
            hint = nearest(name, self.structure.components)
            self.add(f"{what} names component '{name}', which does not exist.{hint}", origin, component=name)
        return found

    def variable(self, name: VariableName, origin: SourceLocation | None, what: str) -> Variable | None:
        """Return the numeric scalar ``name`` that ``what`` speaks of."""
        component = self.component(name.component, origin, what)
        if component is None:
            return None
        found = component.description.variables.get(name.variable)
        if found is None:
            hint = nearest(name.variable, component.description.variables)
            self.add(
                f"{what} names {name}, but '{name.component}' has no variable '{name.variable}'.{hint}",
                origin,
                component=name.component,
                variable=name.variable,
            )
        elif not found.type.is_numeric or found.shape:
            kind = "an array" if found.shape else f"of type {found.type.value}"
            self.add(
                f"{what} names {name}, which is {kind}. Only numeric scalars can be used here.",
                origin,
                component=name.component,
                variable=name.variable,
            )
            return None
        return found

    def port(self, name: PortName, origin: SourceLocation | None, what: str) -> Port | None:
        """Return the port ``name`` that ``what`` speaks of."""
        component = self.component(name.component, origin, what)
        if component is None:
            return None
        found = component.description.ports.get(name.port)
        if found is None:
            ports = component.description.ports
            hint = nearest(name.port, ports) or (f" It has {', '.join(ports)}." if ports else " It has no ports.")
            self.add(
                f"{what} names port {name}, but '{name.component}' has no port '{name.port}'.{hint}",
                origin,
                component=name.component,
            )
        return found


def may_change(variable: Variable) -> bool:
    """Tell whether ``variable`` can be set while running."""
    return variable.causality is Causality.INPUT or (
        variable.causality is Causality.PARAMETER and variable.variability is Variability.TUNABLE
    )
