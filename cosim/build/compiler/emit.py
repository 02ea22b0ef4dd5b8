"""The functions of the model's C interface, built on expressions and written as C."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.dependencies import Structure
from cosim.build.compiler.fusion import fused
from cosim.build.compiler.groups import Group
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.local import DerivativeTable
from cosim.build.compiler.looped import Looped
from cosim.build.compiler.model_graph import ModelGraph, origin_ids
from cosim.build.compiler.space import Ids, Origin
from cosim.build.compiler.sparse import SparseColumns
from cosim.build.compiler.starts import free_states, start_values
from cosim.build.compiler.unrolled import Unrolled
from cosim.build.model import SparsityPattern

ARGUMENTS = (
    Origin.TIME,
    Origin.STATE,
    Origin.ITERATE,
    Origin.INPUT,
    Origin.PARAMETER,
    Origin.DISCRETE,
    Origin.RELATION,
)
_NAMES = ("t", "x", "z", "u", "p", "d", "r")
LARGEST_REPETITION = 1500  # operations repeated over loop instances that are still written out one by one

Model: TypeAlias = Unrolled | Looped
Column: TypeAlias = Any  # ca.SX in small models, ca.MX in large ones; never both


@dataclass(frozen=True, slots=True)
class Program:
    """The functions of a model with the tables that describe their results."""

    functions: tuple[ca.Function, ...]
    jacobian: SparsityPattern
    z_jacobian: SparsityPattern
    free_states: tuple[int, ...]
    output_ids: Ids


class Emitter:
    """Builds every function of ``docs/reference/model-abi.md`` for one model."""

    def __init__(self, graph: ModelGraph, output_ids: Ids) -> None:
        self._graph = graph
        self._declarations = graph.declarations
        self._space = graph.declarations.space
        self._table = DerivativeTable()
        self._outputs = output_ids
        self._groups = fused(graph.groups, self._space)
        self._carrier: type[Model] = Looped if _repetition(self._groups) > LARGEST_REPETITION else Unrolled
        self._type = self._carrier.Symbol
        self._ids = {origin: origin_ids(self._declarations, origin) for origin in Origin}
        self._arguments: list[Column] = [
            self._type.sym(name, self._space.size(origin)) for name, origin in zip(_NAMES, ARGUMENTS, strict=True)
        ]
        vectors: dict[Origin, Column] = dict(zip(ARGUMENTS, self._arguments, strict=True))
        vectors[Origin.PRE] = vectors[Origin.DISCRETE]
        vectors[Origin.INITIAL] = self._type(0)
        self._model = self._carrier(self._space, self._groups, vectors, self._table)
        structure = Structure(self._space, self._groups, self._ids[Origin.STATE], self._table)
        self.structure = structure
        self._initial = [self._residual(family.kernel) for family in graph.initial]
        self._free = free_states(
            self._declarations, [found for kernel in self._initial for found in structure.of_kernel(kernel)]
        )

    @staticmethod
    def _residual(kernel: Kernel) -> Kernel:
        left, right = kernel.expressions
        return Kernel(kernel.symbols, kernel.ids, (left - right,))

    def program(self) -> Program:
        """Build everything."""
        jacobian, jacobian_function = self._jacobian()
        residuals, slopes = self._model.residuals()
        functions = (
            self._function("m_rhs", [self._model.values(self._ids[Origin.DERIVATIVE])]),
            jacobian_function,
            self._function("m_out", [self._model.values(self._outputs)]),
            self._function("m_alg", [residuals, slopes.values]),
            self._relations(),
            self._event(),
            self._start(),
            self._init(),
            self._function("m_assert", [self._stacked(self._graph.assertions)]),
            self._directional(),
        )
        n_z = self._space.size(Origin.ITERATE)
        return Program(functions, jacobian, _pattern(slopes, n_z, n_z), tuple(self._free), self._outputs)

    def _function(self, name: str, results: Sequence[Column], arguments: Sequence[Column] | None = None) -> ca.Function:
        arguments = self._arguments if arguments is None else arguments
        dense = [ca.densify(result) for result in results]
        return ca.Function(name, list(arguments), dense, {"cse": self._carrier is Unrolled})

    def _stacked(self, kernels: Sequence[Kernel], model: Model | None = None) -> Column:
        model = model or self._model
        columns: list[Column] = [column for kernel in kernels for column in model.kernel(kernel)]
        return ca.vertcat(*columns) if columns else self._type(0, 1)

    def _zeros(self, size: int) -> Column:
        return self._type(ca.DM.zeros(size, 1))

    def _jacobian(self) -> tuple[SparsityPattern, ca.Function]:
        states = self._ids[Origin.STATE]
        seeds = np.concatenate([states, [self._space.time]])
        total, _ = self._model.jacobian(seeds, [], self._ids[Origin.DERIVATIVE])
        in_time = total.columns == len(states)
        by_state = _where(total, ~in_time)
        order = np.lexsort((by_state.rows, by_state.columns))
        by_state = SparseColumns(by_state.rows[order], by_state.columns[order], _picked(by_state.values, order))
        time_part = self._zeros(len(states))
        if in_time.any():
            time_part[total.rows[in_time].tolist()] = _picked(total.values, np.flatnonzero(in_time))
        function = self._function("m_jac", [by_state.values, time_part])
        return _pattern(by_state, len(states), len(states)), function

    def _relations(self) -> ca.Function:
        n_relations = self._space.size(Origin.RELATION)
        differences, instants = self._zeros(n_relations), self._zeros(n_relations)
        positions = self._space.positions()
        for family in self._declarations.relations.families:
            difference, instant = self._model.kernel(family.kernel)
            places = positions[family.ids].tolist()
            differences[places] = difference
            instants[places] = instant
        return self._function("m_rel", [differences, instants])

    def _event(self) -> ca.Function:
        time, x, z, u, p, before, r = self._arguments
        conditions = self._type.sym("c_pre", self._space.size(Origin.CONDITION))
        initial = self._type.sym("initial")
        vectors = {
            Origin.TIME: time,
            Origin.STATE: x,
            Origin.ITERATE: z,
            Origin.INPUT: u,
            Origin.PARAMETER: p,
            Origin.PRE: before,
            Origin.RELATION: r,
            Origin.CONDITION: conditions,
            Origin.INITIAL: initial,
        }
        model = self._carrier(self._space, self._groups, vectors, self._table, event=True)
        whens = self._graph.whens
        results = [
            self._new_discretes(model, before),
            self._new_states(model, x),
            self._stacked(whens.conditions, model),
            self._stacked(whens.fired, model),
        ]
        arguments = [time, x, z, u, p, before, r, conditions, initial]
        return self._function("m_event", results, arguments)

    def _new_discretes(self, model: Model, before: Column) -> Column:
        positions = self._space.positions()
        result = self._type(before)
        for numbers in self._declared_discretes():
            result[int(positions[numbers])] = model.values(np.array([numbers]))
        for ids, register in self._declarations.memory:
            result[positions[register].tolist()] = model.values(ids)
        for sample in self._declarations.relations.samples:
            result[int(positions[sample.register])] = model.kernel(sample.kernel)[0]
        return result

    def _declared_discretes(self) -> list[int]:
        return [
            int(number)
            for family in self._graph.whens.equations
            if family.solves is not None
            for number in family.solves
        ]

    def _new_states(self, model: Model, x: Column) -> Column:
        result = self._type(x)
        for reinit in self._graph.whens.reinits:
            result[int(self._space.positions()[reinit.state])] = model.kernel(reinit.kernel)[0]
        return result

    def _start(self) -> ca.Function:
        p = self._arguments[ARGUMENTS.index(Origin.PARAMETER)]
        vectors = {Origin.PARAMETER: p, Origin.INITIAL: self._type(1)}
        model = self._carrier(self._space, self._groups, vectors, self._table)
        iterates = self._iterated()
        results = [
            self._start_column(model, self._ids[Origin.STATE]),
            self._discrete_starts(model),
            self._start_column(model, iterates),
        ]
        return self._function("m_start", results, [p])

    def _iterated(self) -> Ids:
        """Return the unknowns that the iterates stand for, in the order of the iterates."""
        positions = self._space.positions()
        result = np.zeros(self._space.size(Origin.ITERATE), dtype=np.int64)
        for group in self._graph.iterate_groups():
            assert group.iterate_ids is not None
            result[positions[group.iterate_ids]] = group.iterated_ids()
        return result

    def _start_column(self, model: Model, ids: Ids) -> Column:
        starts = start_values(self._declarations, ids)
        result = self._type(ca.DM(starts.numbers))
        for places, kernel in starts.kernels:
            result[places.tolist()] = model.kernel(kernel)[0]
        return result

    def _discrete_starts(self, model: Model) -> Column:
        positions = self._space.positions()
        ids = self._ids[Origin.DISCRETE].copy()
        for numbers, register in self._declarations.memory:
            ids[positions[register]] = numbers
        result = self._start_column(model, ids)
        for sample in self._declarations.relations.samples:
            result[int(positions[sample.register])] = model.kernel(sample.first)[0]
        return result

    def _init(self) -> ca.Function:
        states = self._ids[Origin.STATE][self._free]
        residuals = self._stacked(self._initial)
        _, slopes = self._model.jacobian(states, self._initial, np.empty(0, np.int64))
        size = len(self._free)
        matrix = self._zeros(size * size)
        if len(slopes.rows):
            matrix[(slopes.rows + size * slopes.columns).tolist()] = slopes.values
        return self._function("m_init", [residuals, matrix])

    def _directional(self) -> ca.Function:
        tangents: dict[Origin, Column] = {
            Origin.STATE: self._type.sym("dx", self._space.size(Origin.STATE)),
            Origin.INPUT: self._type.sym("du", self._space.size(Origin.INPUT)),
            Origin.PARAMETER: self._type.sym("dp", self._space.size(Origin.PARAMETER)),
            Origin.TIME: self._type.sym("dt"),
        }
        results = [
            self._model.directional(tangents, self._ids[Origin.DERIVATIVE]),
            self._model.directional(tangents, self._outputs),
        ]
        return self._function("m_dir", results, [*self._arguments, *tangents.values()])


def _repetition(groups: Sequence[Group]) -> int:
    """Count the operations that loops repeat beyond their first instance."""
    return sum(
        (group.n_instances - 1)
        * ca.Function("size", list((*group.symbols, *group.iterates)), list(group.outputs)).n_instructions()
        for group in groups
        if group.n_instances > 1
    )


def _where(matrix: SparseColumns, mask: NDArray[np.bool_]) -> SparseColumns:
    index = np.flatnonzero(mask)
    return SparseColumns(matrix.rows[index], matrix.columns[index], _picked(matrix.values, index))


def _picked(values: Column, index: NDArray[np.int64]) -> Column:
    return values[index.tolist()] if len(index) else type(values)(0, 1)


def _pattern(matrix: SparseColumns, n_rows: int, n_columns: int) -> SparsityPattern:
    return SparsityPattern(n_rows, n_columns, tuple(map(int, matrix.rows)), tuple(map(int, matrix.columns)))


def c_source(functions: Sequence[ca.Function]) -> str:
    """Write functions as one C file that needs nothing but libm."""
    options: dict[str, Any] = {
        "with_header": False,
        "casadi_int": "int",
        "main": False,
        "infinity": "HUGE_VAL",
        "nan": "NAN",
    }
    with tempfile.TemporaryDirectory() as folder:
        generator = ca.CodeGenerator("model.c", options)
        for function in functions:
            generator.add(function)
        generator.generate(folder + os.sep)
        return (Path(folder) / "model.c").read_text(encoding="utf-8")
