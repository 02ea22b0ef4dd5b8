"""What each declared variable is for the runtime: state, input, parameter, constant, discrete or computed."""

from collections.abc import Mapping
from enum import Enum

import numpy as np

from cosim.build.compiler import functions
from cosim.build.compiler.defaults import Defaults
from cosim.build.compiler.expressions import Environment, Evaluator
from cosim.build.compiler.kernel import Symbols
from cosim.build.compiler.relations import Relations
from cosim.build.compiler.space import Ids, Origin, Space
from cosim.build.compiler.values import SX, Value
from cosim.build.frontend.flat import Assignment, Call, FlatModel, Kind, Variable
from cosim.build.frontend.walk import all_references, arguments_of, nodes
from cosim.errors import ModelError


class Role(Enum):
    """What a variable is for the runtime."""

    CONSTANT = "constant"
    PARAMETER = "parameter"
    DEPENDENT = "dependent parameter"
    INPUT = "input"
    STATE = "state"
    DISCRETE = "discrete"
    COMPUTED = "computed"


class Declarations:
    """The variables of a flat model with their roles and numbers; looks names up for the evaluator."""

    def __init__(self, flat: FlatModel) -> None:
        self.flat = flat
        self.space = Space()
        self.relations = Relations(self.space)
        self.defaults = Defaults(flat)
        self.roles: dict[str, Role] = {}
        self.numbers: dict[str, Ids] = {}
        self.derivatives: dict[str, Ids] = {}
        self.pre: dict[str, Ids] = {}
        self.memory: list[tuple[Ids, Ids]] = []
        self._records: dict[str, dict[str, str]] = {}
        bindings = tuple(v.binding for v in flat.variables.values() if v.variability not in ("Parameter", "Constant"))
        self._dynamic = (
            bindings,
            flat.equations,
            flat.families,
            flat.whens,
            flat.assertions,
            flat.initial_equations,
            flat.initial_families,
        )
        self._classify()
        self._allocate()

    def _classify(self) -> None:
        states = arguments_of(self._dynamic, "Der")
        discrete = assigned_in_when(self.flat)
        structural = self._structural()
        for name, variable in self.flat.variables.items():
            plain = without_subscripts(name)
            self.roles[name] = self._role(variable, plain in states or name in states, name in discrete, structural)

    def _role(self, variable: Variable, is_state: bool, is_discrete: bool, structural: set[str]) -> Role:
        name = variable.name
        if variable.variability == "Constant" or variable.kind is Kind.STRING:
            return Role.CONSTANT
        if variable.variability == "Parameter":
            return self._parameter_role(variable, structural)
        if variable.causality == "Input" and self.is_interface(variable) and variable.binding is None:
            return self._input_role(variable, is_state)
        if is_state:
            if variable.kind is not Kind.REAL:
                raise ModelError(f"der({name}) is used, but {name} is not a Real variable.", variable=name)
            return Role.STATE
        return Role.DISCRETE if is_discrete else Role.COMPUTED

    @staticmethod
    def _input_role(variable: Variable, is_state: bool) -> Role:
        if is_state:
            raise ModelError(
                f"der({variable.name}) is the derivative of an input. Differentiate in the sender, or use a filter.",
                variable=variable.name,
            )
        return Role.INPUT

    def _parameter_role(self, variable: Variable, structural: set[str]) -> Role:
        if variable.fixed == (False,) or (variable.fixed and not any(variable.fixed)):
            return Role.STATE
        if variable.kind is not Kind.REAL or variable.name in structural:
            return Role.CONSTANT
        depends = variable.binding is not None and self._reads_tunable(variable, structural)
        if variable.is_final or variable.is_protected:  # nobody can set it, so it must keep its value
            return Role.DEPENDENT if depends else Role.CONSTANT
        return Role.DEPENDENT if depends else Role.PARAMETER

    def _reads_tunable(self, variable: Variable, structural: set[str]) -> bool:
        """Tell whether a binding reads a parameter that can change after the build."""
        for name in all_references(variable.binding):
            for other in self._named(name):
                if other.name not in structural and other.kind is Kind.REAL and other.variability == "Parameter":
                    can_be_set = other.binding is None or not (other.is_final or other.is_protected)
                    if can_be_set or self._reads_tunable(other, structural):
                        return True
        return False

    def _named(self, name: str) -> list[Variable]:
        variables = self.flat.variables
        if name in variables:
            return [variables[name]]
        prefix = name + "."
        return [v for key, v in variables.items() if key.startswith(prefix) or without_subscripts(key) == name]

    def _structural(self) -> set[str]:
        """Collect the parameters that are fixed at build time, and those they depend on."""
        found: set[str] = set()
        waiting = [
            name
            for name, variable in self.flat.variables.items()
            if variable.variability == "Parameter"
            and (
                variable.kind is not Kind.REAL
                or (variable.is_evaluated and not variable.is_final)
                or name in self.flat.structural
            )
        ]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                for reference in all_references(self.flat.variables[name].binding):
                    waiting += [v.name for v in self._named(reference) if v.variability == "Parameter"]
        return found

    def is_interface(self, variable: Variable) -> bool:
        """Tell whether a variable is declared at the top level or in a top-level connector."""
        first = without_subscripts(variable.name.split(".")[0])
        return not variable.is_protected and ("." not in variable.name or first in self.flat.connectors)

    def _allocate(self) -> None:
        looked_back = arguments_of(self._dynamic, "Pre", "Edge", "Change")
        for role in (Role.STATE, Role.INPUT, Role.PARAMETER, Role.DISCRETE, Role.DEPENDENT, Role.COMPUTED):
            for name, variable in self.flat.variables.items():
                if self.roles[name] is role:
                    self._number(variable, role)
        for name in sorted(self.numbers):
            if name in looked_back or without_subscripts(name) in looked_back:
                self._remember(name)
        for name in self.flat.variables:
            owner, _, field = name.rpartition(".")
            if owner:
                self._records.setdefault(owner, {})[field] = name

    def _number(self, variable: Variable, role: Role) -> None:
        origin = {
            Role.STATE: Origin.STATE,
            Role.INPUT: Origin.INPUT,
            Role.PARAMETER: Origin.PARAMETER,
            Role.DISCRETE: Origin.DISCRETE,
        }.get(role, Origin.UNKNOWN)
        names = element_names(variable)
        is_real = variable.kind is Kind.REAL and variable.variability != "Discrete"
        changes = is_real and role in (Role.STATE, Role.INPUT, Role.COMPUTED)
        shape = variable.dimensions
        self.numbers[variable.name] = self.space.allocate(origin, names, is_continuous=changes).reshape(shape)
        if role is Role.STATE:
            der = self.space.allocate(Origin.DERIVATIVE, [f"der({name})" for name in names], is_continuous=True)
            self.derivatives[variable.name] = der.reshape(shape)
        if role is Role.DISCRETE:
            self.pre[variable.name] = self.space.allocate(Origin.PRE, [f"pre({n})" for n in names]).reshape(shape)

    def _remember(self, name: str) -> None:
        """Give a variable that is looked back at, and is not assigned in a when, a register for its value before."""
        role, variable, ids = self.roles[name], self.flat.variables[name], self.numbers[name]
        if role in (Role.STATE, Role.PARAMETER, Role.DEPENDENT):
            self.pre[name] = ids
        elif role is not Role.DISCRETE:
            if variable.kind is Kind.REAL and variable.variability != "Discrete":
                raise ModelError(
                    f"pre({name}) looks back at a continuous variable that is not a state. Assign it in a when first.",
                    variable=name,
                )
            names = [f"$pre.{item}" for item in element_names(variable)]
            register = self.space.allocate(Origin.DISCRETE, names)
            pre = self.space.allocate(Origin.PRE, names)
            self.memory.append((ids.ravel(), register))
            self.pre[name] = pre.reshape(ids.shape)

    def constant(self, name: str) -> Value | None:
        """Return the value of a constant, a structural parameter or an enumeration literal."""
        if name in self.roles:
            return self.defaults.value(name) if self.roles[name] is Role.CONSTANT else None
        return self.flat.literals.get(name)

    def ids(self, name: str) -> Ids | None:
        """Return the numbers of a variable's scalars, in its shape."""
        return self.numbers.get(name)

    def derivative_ids(self, name: str) -> Ids | None:
        """Return the numbers of a state's derivatives."""
        return self.derivatives.get(name)

    def pre_ids(self, name: str) -> Ids | None:
        """Return the numbers of a variable's values before the event."""
        return self.pre.get(name)

    def record(self, name: str) -> Mapping[str, str] | None:
        """Return the fields of a record variable."""
        return self._records.get(name)

    def relation(self, symbols: Symbols, difference: SX, *, is_strict: bool) -> SX:
        """Return the frozen truth of a comparison."""
        return self.relations.truth(symbols, difference, is_strict=is_strict)

    def sample(self, symbols: Symbols, start: Value, interval: Value) -> SX:
        """Return the truth that a sample instant has come."""
        return self.relations.sample(symbols, start, interval)

    def call(self, evaluator: Evaluator, call: Call, environment: Environment) -> list[Value]:
        """Return the outputs of a user-defined function."""
        return functions.call(self.flat.functions, evaluator, call, environment)

    def evaluator(self, n_points: int = 1, *, events: bool = True) -> Evaluator:
        """Return an evaluator with fresh symbols."""
        return Evaluator(self, Symbols(self.space, n_points), events=events)

    def of_role(self, *roles: Role) -> list[Variable]:
        """List the variables with one of ``roles``, in declaration order."""
        return [variable for name, variable in self.flat.variables.items() if self.roles[name] in roles]


def assigned_in_when(flat: FlatModel) -> set[str]:
    """Return the flat names of the variables that a when assigns."""
    return {
        target.name
        for item in nodes(flat.whens)
        if isinstance(item, Assignment)
        for target in item.targets
        if target is not None
    }


def element_names(variable: Variable) -> list[str]:
    """Return the Modelica name of every scalar of a variable, in row-major order."""
    if not variable.dimensions:
        return [variable.name]
    indices = np.ndindex(*variable.dimensions)
    return [f"{variable.name}[{','.join(str(item + 1) for item in index)}]" for index in indices]


def without_subscripts(name: str) -> str:
    """Drop the subscripts of arrays of components from a flat name."""
    if "[" not in name:
        return name
    return ".".join(part.split("[")[0] for part in name.split("."))
