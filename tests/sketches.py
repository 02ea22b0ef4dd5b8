"""Compiled models written by hand with CasADi, so that the runtime is tested without the Modelica compiler."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import casadi as ca

from cosim.build.model import (
    AlgebraicBlock,
    CompiledModel,
    Message,
    ModelVariable,
    Relation,
    Slot,
    SparsityPattern,
)


@dataclass
class Symbols:
    """The vectors of the model ABI as CasADi symbols; ``pre`` and ``c`` occur in the event function only."""

    t: ca.SX
    x: ca.SX
    z: ca.SX
    u: ca.SX
    p: ca.SX
    d: ca.SX
    r: ca.SX
    c: ca.SX
    initial: ca.SX


@dataclass
class Event:
    """Results of ``m_event``; what is left out stays as it is."""

    d: list[Any] | None = None
    x: list[Any] | None = None
    c: list[Any] = field(default_factory=list)
    fired: list[Any] = field(default_factory=list)


@dataclass
class Sketch:
    """A model by its vectors: start values by name, equations as functions of :class:`Symbols`."""

    name: str
    states: Mapping[str, float]
    rhs: Callable[[Symbols], list[Any]]
    inputs: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    discrete: Mapping[str, float] = field(default_factory=dict)
    outputs: Mapping[str, Callable[[Symbols], Any]] = field(default_factory=dict)
    algebraic: Mapping[str, float] = field(default_factory=dict)
    residuals: Callable[[Symbols], list[Any]] | None = None
    blocks: Sequence[AlgebraicBlock] = ()
    z_bounds: tuple[float, float] = (-1e300, 1e300)
    relations: Sequence[Callable[[Symbols], Any]] = ()
    time_relations: Sequence[Callable[[Symbols], Any]] = ()
    event: Callable[[Symbols], Event] | None = None
    asserts: Sequence[tuple[str, str, Callable[[Symbols], Any]]] = ()
    fired: Sequence[Message] = ()
    free: Sequence[str] = ()
    initial_residuals: Callable[[Symbols], list[Any]] | None = None
    nominals: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, str] | None = None
    fixed: Sequence[str] = ()
    n_conditions: int = 0
    block_diagonal: bool = False
    revise: Callable[[CompiledModel], CompiledModel] | None = None


def _column(values: Sequence[Any]) -> ca.SX:
    return ca.vertcat(*[ca.SX(value) for value in values]) if values else ca.SX(0, 1)


def compile_sketch(sketch: Sketch) -> CompiledModel:
    """Return what the compiler would return for ``sketch``."""
    n_relations = len(sketch.relations) + len(sketch.time_relations)
    s = Symbols(
        ca.SX.sym("t"),
        *(ca.SX.sym(n, k) for n, k in (
            ("x", len(sketch.states)), ("z", len(sketch.algebraic)), ("u", len(sketch.inputs)),
            ("p", len(sketch.parameters)), ("d", len(sketch.discrete)), ("r", n_relations), ("c", sketch.n_conditions),
        )),
        ca.SX.sym("initial"),
    )  # fmt: skip
    functions, jacobian, z_jacobian = _functions(sketch, s)
    generator = ca.CodeGenerator("model.c", {"with_header": False, "casadi_int": "int"})
    for function in functions:
        generator.add(function)
    with tempfile.TemporaryDirectory() as folder:
        generator.generate(folder + "/")
        source = (Path(folder) / "model.c").read_text()
    variables = _variables(sketch)
    model = CompiledModel(
        name=sketch.name,
        description="",
        c_source=source,
        variables=tuple(variables),
        enumerations=(),
        state_nominals=tuple(sketch.nominals.get(name, 1.0) for name in sketch.states),
        free_states=tuple(list(sketch.states).index(name) for name in sketch.free),
        jacobian=jacobian,
        z_names=tuple(sketch.algebraic),
        z_nominals=tuple(sketch.nominals.get(name, 1.0) for name in sketch.algebraic),
        z_minimum=tuple(sketch.z_bounds[0] for _ in sketch.algebraic),
        z_maximum=tuple(sketch.z_bounds[1] for _ in sketch.algebraic),
        z_jacobian=z_jacobian,
        blocks=tuple(sketch.blocks) or ((AlgebraicBlock(0, len(sketch.algebraic), 0),) if sketch.algebraic else ()),
        relations=(
            *(Relation(True, False) for _ in sketch.relations),
            *(Relation(False, True) for _ in sketch.time_relations),
        ),
        n_conditions=sketch.n_conditions,
        n_discrete=len(sketch.discrete),
        asserts=tuple(Message(level, text) for level, text, _ in sketch.asserts),
        fired_messages=tuple(sketch.fired),
        dependencies={},
        initial_dependencies={},
        resources=sketch.resources,
    )
    return sketch.revise(model) if sketch.revise else model


def _pattern(sparsity: ca.Sparsity) -> SparsityPattern:
    rows, columns = sparsity.get_triplet()
    return SparsityPattern(sparsity.size1(), sparsity.size2(), tuple(rows), tuple(columns))


def _functions(sketch: Sketch, s: Symbols) -> tuple[list[ca.Function], SparsityPattern, SparsityPattern]:
    a = [s.t, s.x, s.z, s.u, s.p, s.d, s.r]
    f = _column(sketch.rhs(s))
    y = _column([expression(s) for expression in sketch.outputs.values()])
    residual = _column(sketch.residuals(s)) if sketch.residuals else ca.SX(0, 1)
    dz = ca.jacobian(residual, s.z)
    diagonal = ca.SX(ca.Sparsity.diag(len(sketch.algebraic)), ca.diag(dz)) if sketch.block_diagonal else dz

    def total(expression: ca.SX, argument: ca.SX) -> ca.SX:
        partial = ca.jacobian(expression, argument)
        if not sketch.algebraic:
            return partial
        return ca.sparsify(partial - ca.jacobian(expression, s.z) @ ca.solve(dz, ca.jacobian(residual, argument)))

    jac = ca.sparsify(total(f, s.x))
    g = _column([relation(s) for relation in sketch.relations] + [1.0 for _ in sketch.time_relations])
    te = _column([1e300 for _ in sketch.relations] + [relation(s) for relation in sketch.time_relations])
    event = sketch.event(s) if sketch.event else Event()
    free = [list(sketch.states).index(name) for name in sketch.free]
    initial = _column(sketch.initial_residuals(s)) if sketch.initial_residuals else ca.SX(0, 1)
    initial_jac = ca.densify(total(initial, s.x)[:, free]) if free else ca.SX(0, 0)
    seeds = [ca.SX.sym("dx", s.x.numel()), ca.SX.sym("du", s.u.numel()), ca.SX.sym("dp", s.p.numel())]
    seeds.append(ca.SX.sym("dt"))
    directions = [
        sum((total(e, v) @ dv for v, dv in zip((s.x, s.u, s.p, s.t), seeds, strict=True)), ca.SX.zeros(e.numel(), 1))
        for e in (f, y)
    ]
    start = [_column(list(v.values())) for v in (sketch.states, sketch.discrete, sketch.algebraic)]
    functions = [
        ca.Function("m_rhs", a, [ca.densify(f)]),
        ca.Function("m_jac", a, [jac, ca.densify(total(f, s.t))]),
        ca.Function("m_out", a, [ca.densify(y)]),
        ca.Function("m_alg", a, [ca.densify(residual), diagonal]),
        ca.Function("m_rel", a, [ca.densify(g), ca.densify(te)]),
        ca.Function("m_event", [*a, s.c, s.initial], [
            ca.densify(_column(event.d)) if event.d is not None else s.d,
            ca.densify(_column(event.x)) if event.x is not None else s.x,
            ca.densify(_column(event.c)),
            ca.densify(_column(event.fired)),
        ]),
        ca.Function("m_start", [s.p], [ca.densify(v) for v in start]),
        ca.Function("m_init", a, [ca.densify(initial), initial_jac]),
        ca.Function("m_assert", a, [ca.densify(_column([condition(s) for _, _, condition in sketch.asserts]))]),
        ca.Function("m_dir", [*a, *seeds], [ca.densify(e) for e in directions]),
    ]  # fmt: skip
    return functions, _pattern(jac.sparsity()), _pattern(diagonal.sparsity())


def _variables(sketch: Sketch) -> list[ModelVariable]:
    unit = sketch.units.get
    states = [
        ModelVariable(n, Slot.STATE, i, "local", "continuous", initial="calculated" if n in sketch.free else "exact",
                      start=None if n in sketch.free else q, unit=unit(n), nominal=sketch.nominals.get(n))
        for i, (n, q) in enumerate(sketch.states.items())
    ]  # fmt: skip
    derivatives = [
        ModelVariable(f"der({n})", Slot.DERIVATIVE, i, "local", "continuous", initial="calculated", derivative_of=n)
        for i, n in enumerate(sketch.states)
    ]
    inputs = [
        ModelVariable(n, Slot.INPUT, i, "input", "continuous", start=q, unit=unit(n))
        for i, (n, q) in enumerate(sketch.inputs.items())
    ]
    parameters = [
        ModelVariable(n, Slot.PARAMETER, i, "parameter", "fixed" if n in sketch.fixed else "tunable", initial="exact",
                      start=q, unit=unit(n))
        for i, (n, q) in enumerate(sketch.parameters.items())
    ]  # fmt: skip
    discrete = [
        ModelVariable(n, Slot.DISCRETE, i, "local", "discrete", initial="exact", start=q)
        for i, (n, q) in enumerate(sketch.discrete.items())
    ]
    outputs = [
        ModelVariable(n, Slot.OUTPUT, i, "output", "continuous", initial="calculated", unit=unit(n))
        for i, n in enumerate(sketch.outputs)
    ]
    return [*states, *derivatives, *inputs, *parameters, *discrete, *outputs]
