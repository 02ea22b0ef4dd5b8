"""Looking up what a scenario names in the descriptions of its components, and values in the units found there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from cosim.errors import CosimError, ScenarioError, SourceLocation, StructureError
from cosim.scenario.document import Scalar
from cosim.scenario.model import Scenario
from cosim.scenario.reading import Problems
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.nearest import nearest
from cosim.system.ports import is_one_way_flow
from cosim.system.stream import Port, PortName
from cosim.system.variable import Variable, VariableName, VariableType
from cosim.units import UnitDefinition, parse_quantity, read_unit

Probe = Callable[[str, Mapping[str, StartValue], Sequence[str]], Sequence[float]]
"""Initialises a component with start values and returns the values of some of its variables, in their own units."""

_FLOATS = (VariableType.FLOAT32, VariableType.FLOAT64)


class Lookup:
    """Finds components, variables and ports by name; complains once about each use of a name that is not there."""

    def __init__(
        self,
        scenario: Scenario,
        descriptions: Mapping[str, ComponentDescription],
        problems: Problems,
        aliases: Mapping[str, UnitDefinition] | None = None,
    ) -> None:
        self._scenario = scenario
        self.descriptions = descriptions
        self.problems = problems
        self.warnings: list[str] = []
        self.aliases: Mapping[str, UnitDefinition] = {} if aliases is None else aliases

    def component(self, name: str, origin: SourceLocation | None) -> ComponentDescription | None:
        """Return the description of ``name``; None when it is unknown or could not be loaded."""
        if name in self.descriptions:
            return self.descriptions[name]
        known = self._scenario.components
        if known and name not in known and name not in self._scenario.unusable:
            self.problems.add(f"There is no component '{name}'.{nearest(name, self._scenario.components)}", origin)
        return None

    def origin(self, component: str) -> SourceLocation | None:
        """Return where ``component`` is written."""
        entry = self._scenario.components.get(component)
        return entry.origin if entry else None

    def variable(self, name: VariableName, origin: SourceLocation | None) -> Variable | None:
        """Return the variable called ``name``; None when there is none."""
        description = self.component(name.component, origin)
        if description is None:
            return None
        variable = description.variables.get(name.variable)
        if variable is None:
            hint = nearest(name.variable, description.variables)
            self.problems.add(
                f"There is no variable '{name.variable}' in '{name.component}' ({description.model}).{hint}", origin
            )
        return variable

    def numeric(self, name: VariableName, origin: SourceLocation | None) -> Variable | None:
        """Return the variable called ``name`` if it is a numeric scalar."""
        variable = self.variable(name, origin)
        if variable is not None and (not variable.type.is_numeric or variable.shape):
            self.problems.add(f"{name} is of type {variable.type.value}, which is not a single number.", origin)
            return None
        return variable

    def port(self, name: PortName, origin: SourceLocation | None) -> Port | None:
        """Return the stream port called ``name``; None when there is none."""
        description = self.component(name.component, origin)
        if description is None:
            return None
        port = description.ports.get(name.port)
        if port is None:
            hint = nearest(name.port, description.ports)
            known = ", ".join(description.ports) or "none"
            self.problems.add(
                f"There is no stream port '{name.port}' in '{name.component}' ({description.model}); "
                f"its ports are: {known}.{hint}",
                origin,
            )
        return port

    def value(self, name: VariableName, variable: Variable, written: Scalar, *, what: str = "") -> StartValue | None:
        """Convert what is ``written`` for ``name`` to the type and unit of its variable."""

        def convert() -> StartValue:
            value = convert_value(variable, written, self.aliases)
            check_direction(self.descriptions[name.component], variable, value, written.text)
            return value

        return self.problems.attempt(convert, written.origin, f"Cannot set {what or name}: ")

    def given(self, name: VariableName, variable: Variable, value: object) -> float | int | None:
        """Check ``value``, given from Python in the unit of ``name``."""
        return self.problems.attempt(
            lambda: convert_number(self.descriptions[name.component], variable, value), None, f"Cannot set {name}: "
        )

    def number(self, name: VariableName, variable: Variable, text: str, origin: SourceLocation | None) -> float | None:
        """Convert ``text`` to a number in the unit of ``name``, to compare it with."""
        return self.problems.attempt(
            lambda: _real(variable, text, self.aliases), origin, f"Cannot compare {name} with '{text}': "
        )


def convert_value(variable: Variable, written: Scalar, aliases: Mapping[str, UnitDefinition]) -> StartValue:
    """Read ``written`` as a value of ``variable``, in its unit, within its limits.

    Raises
    ------
    StructureError
        Saying what the variable expects.
    """
    if variable.type in (VariableType.STRING, VariableType.BINARY):
        return written.text
    if variable.type is VariableType.BOOLEAN:
        if written.text not in ("true", "false"):
            raise StructureError(f"it is a Boolean and '{written.text}' is neither true nor false.")
        return written.text == "true"
    if variable.enumeration and not written.text.lstrip("+-").isdigit():
        return _enumeration(variable, written.text)
    if not variable.type.is_numeric or variable.shape:
        raise StructureError(f"its type {variable.type.value} cannot be set from a scenario.")
    value = _real(variable, written.text, aliases)
    check_limits(variable, value, written.text)
    if variable.type in _FLOATS:
        return value
    if value != int(value):
        raise StructureError(f"it is a whole number and '{written.text}' is not.")
    return int(value)


def convert_number(description: ComponentDescription, variable: Variable, value: object) -> float | int:
    """Read ``value``, given from Python, as a number in the unit of ``variable``, within its limits.

    Raises
    ------
    StructureError
        Saying what the variable expects.
    """
    if isinstance(value, np.generic | np.ndarray) and value.ndim == 0:
        value = value.item()
    is_boolean = variable.type is VariableType.BOOLEAN
    if not isinstance(value, int | float) or (isinstance(value, bool) and not is_boolean):
        raise StructureError(f"it takes a number or a quantity such as '2 L/h', not {value!r}.")
    if not abs(value) <= sys.float_info.max:
        raise StructureError(f"{value if isinstance(value, float) else 'so large a number'} is not a finite number.")
    if is_boolean and value not in (0, 1):
        raise StructureError(f"it is a Boolean and {value} is neither true nor false.")
    if variable.type not in _FLOATS and value != int(value):
        raise StructureError(f"it is of type {variable.type.value} and {value} is not a whole number.")
    check_limits(variable, float(value), f"{value:g}")
    check_direction(description, variable, float(value), f"{value:g}")
    return int(value) if isinstance(value, int) else float(value)


def check_direction(description: ComponentDescription, variable: Variable, value: StartValue, text: str) -> None:
    """Raise StructureError where ``value``, written as ``text``, lets a port flow backwards that may not."""
    if not isinstance(value, str) and value < 0 and is_one_way_flow(description.ports, variable.name):
        raise StructureError(
            f"'{text}' is negative, and its port is not declared reversible. Give a flow of zero or more, or write "
            "'reversible' in the description of the flow in the model."
        )


def _enumeration(variable: Variable, text: str) -> int:
    items = dict(variable.enumeration)
    short = text.rpartition(".")[2]
    if short not in items:
        raise StructureError(f"it has no value '{text}'; its values are {', '.join(items)}.{nearest(short, items)}")
    return items[short]


def _real(variable: Variable, text: str, aliases: Mapping[str, UnitDefinition]) -> float:
    """Read a quantity in the unit of ``variable``; only a dimensionless variable takes a bare number."""
    if variable.enumeration and not text.lstrip("+-").isdigit():
        return float(_enumeration(variable, text))
    quantity = parse_quantity(text)
    if variable.unit is None:
        if quantity.unit:
            raise StructureError(
                f"'{text}' has a unit, and the model states none for it. Write the bare number the model expects."
            )
        return float(quantity.value)
    if not quantity.unit and any(read_unit(variable.unit).dimension):
        raise StructureError(f"'{text}' has no unit. Write one that fits [{variable.unit}].")
    return quantity.to(variable.unit, aliases=aliases)


def check_limits(variable: Variable, value: float, text: str) -> None:
    """Raise StructureError where ``value``, written as ``text``, is outside the limits of ``variable``."""
    unit = f" {variable.unit}" if variable.unit and variable.unit != "1" else ""
    for limit, sign, word in (
        (variable.minimum, 1.0, "below its minimum"),
        (variable.maximum, -1.0, "above its maximum"),
    ):
        if limit is not None and sign * (limit - value) > 1e-12 * abs(limit):
            raise StructureError(f"'{text}' is {word}, {limit:g}{unit}.")


class Aliases(Mapping[str, UnitDefinition]):
    """The scenario's own units; one that names a variable is looked up when it is first used."""

    def __init__(self, scenario: Scenario, lookup: Lookup, starts: Mapping[str, Mapping[str, StartValue]]) -> None:
        self._scenario = scenario
        self._lookup = lookup
        self._starts = starts
        self._probe: Probe | None = None
        self._known: dict[str, UnitDefinition | CosimError] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._scenario.units)

    def __len__(self) -> int:
        return len(self._scenario.units)

    def __contains__(self, name: object) -> bool:
        return name in self._scenario.units

    def __getitem__(self, name: str) -> UnitDefinition:
        """Return the unit; raise CosimError when its value cannot be known."""
        if name not in self._known:
            try:
                self._known[name] = self._resolve(name)
            except CosimError as error:
                self._known[name] = ScenarioError(f"the unit {name} is not known: {error.message}")
        found = self._known[name]
        if isinstance(found, CosimError):
            raise found
        return found

    def use(self, probe: Probe | None) -> None:
        """Ask ``probe`` for values that only an initialised model knows."""
        self._probe = probe

    @property
    def components(self) -> Mapping[str, ComponentDescription]:
        """Components that could be loaded."""
        return self._lookup.descriptions

    def is_used(self, name: str) -> bool:
        """Tell whether the unit ``name`` was looked up."""
        return name in self._known

    def component(self, name: str) -> str | None:
        """Return the component whose variable defines the unit ``name``."""
        written = self._scenario.units.get(name)
        return written.text.partition(".")[0] if written and not written.text[:1].isdigit() else None

    def _resolve(self, name: str) -> UnitDefinition:
        text = self._scenario.units[name].text
        if text[:1].isdigit():
            quantity = parse_quantity(text)
            base = read_unit(quantity.unit or "1")
            return UnitDefinition(quantity.value * base.factor, Fraction(0), base.exponents)
        try:
            variable_name = VariableName.parse(text)
        except ValueError as error:
            raise ScenarioError(f"'{text}' is neither a quantity nor a component.variable.") from error
        quiet = Problems()
        variable = Lookup(self._scenario, self._lookup.descriptions, quiet).numeric(variable_name, None)
        if variable is None:
            raise quiet.found[0] if quiet.found else ScenarioError(f"'{variable_name.component}' could not be loaded.")
        value = self._value(variable_name, variable)
        if not 0 < value < float("inf"):
            raise ScenarioError(f"{text} is {value:g}; a unit has to be above zero.")
        base = read_unit(variable.unit or "1")
        return UnitDefinition(Fraction(value) * base.factor, Fraction(0), base.exponents)

    def _value(self, name: VariableName, variable: Variable) -> float:
        starts = self._starts.get(name.component, {})
        if name.variable in starts:
            return float(starts[name.variable])
        if self._probe is not None:
            return float(self._probe(name.component, starts, [name.variable])[0])
        if isinstance(variable.start, float | int):
            return float(variable.start)
        raise ScenarioError(f"{name} has no start value, and its component cannot be initialised here.")
