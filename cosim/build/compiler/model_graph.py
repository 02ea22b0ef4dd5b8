"""The sorted model: groups in order, with everything that is computed beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.build.compiler.causalise import assemble, order
from cosim.build.compiler.declarations import Declarations, Role
from cosim.build.compiler.equations import EquationFamily, equation_families, initial_families
from cosim.build.compiler.groups import Group, make_groups
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.messages import message_text
from cosim.build.compiler.space import Ids, Origin
from cosim.build.compiler.values import flatten
from cosim.build.compiler.whens import WhenSystem, when_system
from cosim.build.frontend.flat import Builtin, Kind
from cosim.build.frontend.walk import nodes
from cosim.build.model import Message
from cosim.errors import ModelError


@dataclass(frozen=True, slots=True)
class ModelGraph:
    """A model after sorting; ``groups`` are in an order in which each finds what it needs computed."""

    declarations: Declarations
    groups: tuple[Group, ...]
    whens: WhenSystem
    initial: tuple[EquationFamily, ...]
    assertions: tuple[Kernel, ...]
    messages: tuple[Message, ...]

    def iterate_groups(self) -> list[Group]:
        """List the torn groups."""
        return [group for group in self.groups if group.iterates]


def sort_model(declarations: Declarations) -> ModelGraph:
    """Compile all equations of a model and sort them."""
    _refuse_initial(declarations)
    families = equation_families(declarations)
    families += _still_parameters(declarations)
    whens = when_system(declarations)
    families += whens.equations
    initial = tuple(initial_families(declarations))
    kernels, messages = _assertions(declarations)
    system = assemble(families, _unknowns(declarations), declarations.space)
    sorted_order = order(system, declarations.space)
    groups = make_groups(system, sorted_order, declarations.space, _preferred(declarations))
    _refuse_mixed_loops(declarations, groups, whens)
    return ModelGraph(declarations, tuple(groups), whens, initial, kernels, messages)


def _refuse_initial(declarations: Declarations) -> None:
    flat = declarations.flat
    for item in nodes((flat.equations, flat.families)):
        if isinstance(item, Builtin) and item.function == "Initial":
            raise ModelError(f"{flat.name} uses initial() outside a when condition. Use an initial equation.")


def _refuse_mixed_loops(declarations: Declarations, groups: Sequence[Group], whens: WhenSystem) -> None:
    """Refuse values assigned at an event that need an iteration which the same event changes."""
    origins = declarations.space.origins()
    moved = origins == Origin.DISCRETE
    stale = np.zeros(declarations.space.total, dtype=bool)
    for group in groups:
        reads = group.ids.ravel()
        if bool(moved[reads].any()) and group.iterates:
            stale[group.output_ids] = True
        moved[group.output_ids] |= bool(moved[reads].any())
        stale[group.output_ids] |= bool(stale[reads].any())
    assigned = [
        (family.kernel, declarations.space.name(int(family.solves[0])))
        for family in whens.equations
        if family.solves is not None
    ]
    assigned += [(reinit.kernel, declarations.space.name(reinit.state)) for reinit in whens.reinits]
    for kernel, name in assigned:
        bad = [int(number) for number in kernel.ids.ravel() if stale[number]]
        if bad:
            raise ModelError(
                f"{name} is assigned in a when from {declarations.space.name(bad[0])}, which is found by iteration "
                "and itself depends on variables that change at events. Assign it from states or inputs.",
                variable=name,
            )


def _unknowns(declarations: Declarations) -> Ids:
    parts = [ids.ravel() for ids in declarations.derivatives.values()]
    for variable in declarations.of_role(Role.COMPUTED, Role.DEPENDENT, Role.DISCRETE):
        parts.append(declarations.numbers[variable.name].ravel())
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _still_parameters(declarations: Declarations) -> list[EquationFamily]:
    """Give each parameter that an initial equation computes the derivative 0: it is a state that stays."""
    families = []
    for variable in declarations.of_role(Role.STATE):
        if variable.variability == "Parameter":
            ids = declarations.derivatives[variable.name].ravel()
            evaluator = declarations.evaluator(len(ids))
            kernel = evaluator.symbols.kernel([evaluator.symbols.of(ids), evaluator.symbols.symbolic(0.0)])
            families.append(EquationFamily(kernel, f"parameter {variable.name}"))
    return families


def _preferred(declarations: Declarations) -> frozenset[int]:
    """Choose as iterates first the variables for which the author gave a start value."""
    chosen: set[int] = set()
    for variable in declarations.of_role(Role.COMPUTED):
        if variable.start is not None and variable.kind is Kind.REAL and not _is_default_zero(variable.start):
            chosen.update(int(number) for number in declarations.numbers[variable.name].ravel())
    return frozenset(chosen)


def _is_default_zero(start: object) -> bool:
    # The front end gives variables without a start value the Real literal 0.
    return getattr(start, "value", None) == 0.0


def _assertions(declarations: Declarations) -> tuple[tuple[Kernel, ...], tuple[Message, ...]]:
    kernels, messages = [], []
    for item in declarations.flat.assertions:
        evaluator = declarations.evaluator(events=False)
        text = message_text(item.message, evaluator)
        for truth in flatten(evaluator.value(item.condition, {})):
            kernels.append(evaluator.symbols.kernel([evaluator.symbols.symbolic(truth)]))
            messages.append(Message(item.level, text))
    return tuple(kernels), tuple(messages)


def origin_ids(declarations: Declarations, origin: Origin) -> Ids:
    """Return the numbers of the scalars with ``origin``, in the order of their vector."""
    space = declarations.space
    found = np.flatnonzero(space.origins() == origin)
    return found[np.argsort(space.positions()[found], kind="stable")]
