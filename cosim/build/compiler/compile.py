"""A flat model as C functions with their tables."""

import re

import numpy as np

from cosim.build.compiler.declarations import Declarations, without_subscripts
from cosim.build.compiler.dependencies import Structure
from cosim.build.compiler.emit import Emitter, Program, c_source
from cosim.build.compiler.local import DerivativeTable
from cosim.build.compiler.model_graph import ModelGraph, origin_ids, sort_model
from cosim.build.compiler.ranges import check_ranges
from cosim.build.compiler.space import Ids, Origin
from cosim.build.compiler.tables import VariableTable, enumerations, output_ids
from cosim.build.frontend.diagnostics import locate, source_line
from cosim.build.frontend.flat import FlatModel, Variable
from cosim.build.model import AlgebraicBlock, CompiledModel, ModelVariable, Relation, Slot
from cosim.errors import ModelError

UNBOUNDED = 1e300
_PARAMETER_ARGUMENT = 4


def compile_model(flat: FlatModel) -> CompiledModel:
    """Compile a flat model.

    Raises
    ------
    ModelError
        The model is singular, or uses what the compiler does not support.
    """
    try:
        return _compiled(flat)
    except ModelError as error:
        if error.location is not None:
            raise
        raise _placed(error, flat) from error


def _placed(error: ModelError, flat: FlatModel) -> ModelError:
    """Add the line that declares the variable an error is about."""
    operator = re.match(r"(\w+)\(", error.message)
    name = without_subscripts(error.variable or "").rpartition(".")[2] or (operator.group(1) if operator else "")
    place = locate([name, flat.name.rpartition(".")[2]] if name else [flat.name.rpartition(".")[2]], flat.files)
    message = f"{error.message} In the line: {source_line(place)}" if place and name else error.message
    return ModelError(message, component=error.component, variable=error.variable, location=place)


def _compiled(flat: FlatModel) -> CompiledModel:
    graph, program = build_program(flat)
    declarations = graph.declarations
    variables = VariableTable(
        declarations, used_parameters=_tunable(graph, program), free=frozenset(program.free_states)
    ).build()
    check_ranges(variables)
    iterates = _Iterates(graph)
    known, initially = _dependencies(graph, variables, program)
    return CompiledModel(
        name=flat.name,
        description=flat.description,
        c_source=c_source(program.functions),
        variables=variables,
        enumerations=enumerations(declarations),
        state_nominals=_nominals(declarations, origin_ids(declarations, Origin.STATE)),
        free_states=program.free_states,
        jacobian=program.jacobian,
        z_names=iterates.names,
        z_nominals=_nominals(declarations, iterates.unknowns),
        z_minimum=_bounds(declarations, iterates.unknowns, "minimum", -UNBOUNDED),
        z_maximum=_bounds(declarations, iterates.unknowns, "maximum", UNBOUNDED),
        z_jacobian=program.z_jacobian,
        blocks=iterates.blocks,
        relations=_relations(declarations),
        n_conditions=len(graph.whens.conditions),
        n_discrete=declarations.space.size(Origin.DISCRETE),
        asserts=graph.messages,
        fired_messages=graph.whens.messages,
        dependencies=known,
        initial_dependencies=initially,
        start_time=flat.experiment.start_time,
        stop_time=flat.experiment.stop_time,
        tolerance=flat.experiment.tolerance,
        step_size=flat.experiment.interval,
        resources=flat.resources or None,
    )


def build_program(flat: FlatModel) -> tuple[ModelGraph, Program]:
    """Sort a model and build its functions."""
    declarations = Declarations(flat)
    graph = sort_model(declarations)
    return graph, Emitter(graph, output_ids(declarations)).program()


def _relations(declarations: Declarations) -> tuple[Relation, ...]:
    flags: dict[int, Relation] = {}
    positions = declarations.space.positions()
    for family in declarations.relations.families:
        for number in family.ids:
            flags[int(positions[number])] = Relation(family.is_strict, family.is_time)
    return tuple(flags[index] for index in sorted(flags))


class _Iterates:
    """Names, blocks and unknowns of the iteration variables."""

    def __init__(self, graph: ModelGraph) -> None:
        space = graph.declarations.space
        positions = space.positions()
        self.names = tuple(space.name(int(number)) for number in origin_ids(graph.declarations, Origin.ITERATE))
        self.unknowns = np.zeros(len(self.names), dtype=np.int64)
        for group in graph.iterate_groups():
            assert group.iterate_ids is not None
            self.unknowns[positions[group.iterate_ids]] = group.iterated_ids()
        ranks = {level: rank for rank, level in enumerate(sorted({g.level for g in graph.iterate_groups()}))}
        blocks = []
        for group in graph.iterate_groups():
            assert group.iterate_ids is not None
            for numbers in group.iterate_ids:
                blocks.append(AlgebraicBlock(int(positions[numbers[0]]), len(numbers), ranks[group.level]))
        self.blocks = tuple(sorted(blocks, key=lambda block: (block.level, block.offset)))


def _owner_values(declarations: Declarations, ids: Ids, attribute: str) -> list[float | None]:
    owners: dict[int, tuple[Variable, int]] = {
        int(number): (declarations.flat.variables[name], place)
        for name, numbers in (*declarations.numbers.items(),)
        for place, number in enumerate(numbers.ravel())
    }
    cache: dict[str, list[float] | None] = {}
    result: list[float | None] = []
    for number in ids:
        if int(number) not in owners:
            result.append(None)
            continue
        variable, place = owners[int(number)]
        if variable.name not in cache:
            cache[variable.name] = declarations.defaults.attribute(getattr(variable, attribute), variable)
        values = cache[variable.name]
        result.append(values[place] if values else None)
    return result


def _nominals(declarations: Declarations, ids: Ids) -> tuple[float, ...]:
    return tuple(abs(value) if value else 1.0 for value in _owner_values(declarations, ids, "nominal"))


def _bounds(declarations: Declarations, ids: Ids, attribute: str, default: float) -> tuple[float, ...]:
    return tuple(default if value is None else value for value in _owner_values(declarations, ids, attribute))


def _tunable(graph: ModelGraph, program: Program) -> frozenset[int]:
    """Return the parameters that matter after the start."""
    ids = origin_ids(graph.declarations, Origin.PARAMETER)
    used = np.zeros(len(ids), dtype=bool)
    for function in program.functions:
        if function.name() in ("m_start", "m_init") or not len(ids):
            continue
        for result in range(function.n_out()):
            if function.nnz_out(result):
                _, columns = function.jac_sparsity(result, _PARAMETER_ARGUMENT).get_triplet()
                used[columns] = True
    return frozenset(int(number) for number in ids[used])


def _dependencies(
    graph: ModelGraph, variables: tuple[ModelVariable, ...], program: Program
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    declarations = graph.declarations
    states, inputs = (origin_ids(declarations, origin) for origin in (Origin.STATE, Origin.INPUT))
    seeds = np.concatenate([states, inputs])
    structure = Structure(declarations.space, graph.groups, seeds, DerivativeTable())
    names = [declarations.space.name(int(number)) for number in seeds]
    numbers = _numbers_by_name(declarations)
    known: dict[str, tuple[str, ...]] = {}
    initially: dict[str, tuple[str, ...]] = {}
    free = {names[position] for position in program.free_states}
    exact = [name for name in names if name not in free]
    for variable in variables:
        if variable.slot in (Slot.INDICATOR, Slot.TIME, Slot.CONSTANT, Slot.INPUT, Slot.PARAMETER):
            continue
        found = tuple(names[seed] for seed in structure.of(numbers[variable.name]))
        if variable.causality == "output" or variable.slot is Slot.DERIVATIVE:
            known[variable.name] = found
        if variable.initial in ("calculated", "approx"):
            touches_free = variable.initial == "approx" or free.intersection(found)
            initially[variable.name] = tuple(exact) if touches_free else found
    return known, initially


def _numbers_by_name(declarations: Declarations) -> dict[str, int]:
    space = declarations.space
    wanted = np.isin(space.origins(), (Origin.STATE, Origin.DERIVATIVE, Origin.UNKNOWN, Origin.DISCRETE))
    return {space.name(int(number)): int(number) for number in np.flatnonzero(wanted)}
