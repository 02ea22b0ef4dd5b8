"""``model_tables.c``: the tables of a compiled model as the constants that ``runtime/model.h`` declares."""

from collections.abc import Iterable, Sequence

from cosim.build.description import DescribedModel, indicator_relations
from cosim.build.elimination import EliminationPlan, plan_elimination
from cosim.build.model import BaseType, CompiledModel, Message, ModelVariable, Slot
from cosim.build.state_layout import StateLayout, count_slot
from cosim.errors import BuildError

_TYPE = {BaseType.REAL: 0, BaseType.INTEGER: 1, BaseType.BOOLEAN: 2, BaseType.ENUMERATION: 3}
_LEVEL = {"warning": 0, "error": 1, "terminate": 2}
_NEVER, _START, _ALWAYS = 0, 1, 2
_UNBOUNDED = 1e300
_FUNCTIONS = ("rhs", "jac", "out", "alg", "rel", "event", "start", "init", "assert", "dir")


def write_tables(described: DescribedModel, layout: StateLayout) -> str:
    """Return the C text that defines ``cosim_model``."""
    model = described.model
    plan = plan_elimination(model.jacobian)
    parts = [
        '#include "model.h"',
        *(f"int m_{name}(const double **, double **, int *, double *, int);" for name in _FUNCTIONS),
        *(f"int m_{name}_work(int *, int *, int *, int *);" for name in _FUNCTIONS),
        _variables(described),
        *_vectors(described),
        *_algebraic(model),
        *_relations(model),
        *_linear(plan),
        _model(described, layout, plan),
    ]
    return "\n".join(parts) + "\n"


def _quote(text: str) -> str:
    """Write ``text`` as a C string: bytes beyond ASCII in octal, which cannot run into a following digit."""
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}" for byte in text.encode()
    )
    return f'"{escaped}"'


def _array(kind: str, name: str, values: Iterable[object]) -> str:
    items = [str(value) for value in values]
    lines = [", ".join(items[i : i + 20]) for i in range(0, len(items), 20)]
    body = ",\n    ".join(lines) if items else "0"
    return f"static const {kind} {name}[] = {{\n    {body}\n}};"


def _numbers(values: Iterable[float]) -> list[str]:
    return [repr(max(-1e300, min(1e300, float(value)))) for value in values]


def _settable(variable: ModelVariable) -> int:
    """When FMI lets a variable be set (FMI 2.0.4, section 2.2.7, tables of causality, variability and initial)."""
    if variable.slot is Slot.INPUT:
        return _ALWAYS
    if variable.slot is Slot.PARAMETER and variable.causality == "parameter":
        return _ALWAYS if variable.variability == "tunable" else _START
    is_start = variable.slot in (Slot.STATE, Slot.DISCRETE) and variable.initial in ("exact", "approx")
    return _START if is_start else _NEVER


def _variables(described: DescribedModel) -> str:
    rows = []
    items = {enumeration.name: len(enumeration.items) for enumeration in described.model.enumerations}
    for v in described.variables:
        first, last = (1.0, items[v.enumeration]) if v.enumeration else (-_UNBOUNDED, _UNBOUNDED)
        minimum, maximum = first if v.minimum is None else v.minimum, last if v.maximum is None else v.maximum
        numbers = ", ".join(_numbers([v.start or 0.0, minimum, maximum]))
        codes = f"{v.slot.value}, {v.index}, {_TYPE[v.type]}, {_settable(v)}"
        rows.append(f"{{{_quote(v.name)}, {_quote(v.unit or '')}, {numbers}, {codes}}}")
    return "static const Variable variables[] = {\n    " + ",\n    ".join(rows) + "\n};"


def _by_index(variables: Sequence[ModelVariable], slot: Slot, count: int, default: float, field: str) -> list[float]:
    values = [default] * count
    for variable in reversed(variables):
        value = getattr(variable, field)
        if variable.slot is slot and value is not None:
            values[variable.index] = value
    return values


def _vectors(described: DescribedModel) -> list[str]:
    model, variables = described.model, described.variables
    n_inputs, n_parameters = count_slot(model, Slot.INPUT), count_slot(model, Slot.PARAMETER)
    input_start = _by_index(variables, Slot.INPUT, n_inputs, 0.0, "start")
    input_nominal = _by_index(variables, Slot.INPUT, n_inputs, 1.0, "nominal")
    parameter_start = _by_index(variables, Slot.PARAMETER, n_parameters, 0.0, "start")
    state_minimum = _by_index(variables, Slot.STATE, len(model.state_nominals), -_UNBOUNDED, "minimum")
    return [
        _array("double", "input_start", _numbers(input_start)),
        _array("double", "input_nominal", _numbers(_positive(input_nominal))),
        _array("double", "parameter_start", _numbers(parameter_start)),
        _array("double", "state_nominal", _numbers(_positive(model.state_nominals))),
        _array("double", "state_minimum", _numbers(state_minimum)),
        _array("int", "free_state", model.free_states),
    ]


def _positive(nominals: Iterable[float]) -> list[float]:
    return [abs(nominal) or 1.0 for nominal in nominals]


def _algebraic(model: CompiledModel) -> list[str]:
    blocks = sorted(model.blocks, key=lambda block: (block.level, block.offset))
    pattern = model.z_jacobian
    rows = []
    for block in blocks:
        inside = [k for k, row in enumerate(pattern.rows) if block.offset <= row < block.offset + block.size]
        first, last = (inside[0], inside[-1] + 1) if inside else (0, 0)
        if last - first != len(inside):
            raise BuildError(f"The compiler scattered the loop around {model.z_names[block.offset]}; please report it.")
        rows.append(f"{{{block.offset}, {block.size}, {block.level}, {first}, {last}}}")
    return [
        _array("double", "z_nominal", _numbers(_positive(model.z_nominals))),
        _array("double", "z_minimum", _numbers(model.z_minimum)),
        _array("double", "z_maximum", _numbers(model.z_maximum)),
        _array("char *const", "z_name", [_quote(name) for name in model.z_names]),
        _array("int", "z_row", pattern.rows),
        _array("int", "z_column", pattern.columns),
        _array("Block", "blocks", rows or ["{0, 0, 0, 0, 0}"]),
    ]


def _messages(name: str, messages: Sequence[Message]) -> str:
    rows = [f"{{{_quote(message.text)}, {_LEVEL[message.level]}}}" for message in messages]
    return _array("MessageText", name, rows or ['{"", 0}'])


def _relations(model: CompiledModel) -> list[str]:
    return [
        _array("int", "relation_strict", [int(relation.strict) for relation in model.relations]),
        _array("int", "relation_is_time", [int(relation.is_time) for relation in model.relations]),
        _array("int", "indicator_relation", indicator_relations(model)),
        _messages("asserts", model.asserts),
        _messages("fired", model.fired_messages),
    ]


def _linear(plan: EliminationPlan) -> list[str]:
    return [
        _array("int", "position", plan.position),
        _array("int", "jac_slot", plan.jac_slot),
        _array("int", "diag_slot", plan.diag_slot),
        _array("int", "row_start", plan.row_start),
        _array("int", "column", plan.column),
    ]


def _sizes(described: DescribedModel) -> dict[str, int]:
    model = described.model
    return {
        "nx": len(model.state_nominals),
        "nz": len(model.z_nominals),
        "nu": count_slot(model, Slot.INPUT),
        "np": count_slot(model, Slot.PARAMETER),
        "nd": model.n_discrete,
        "nr": len(model.relations),
        "nc": model.n_conditions,
        "ny": count_slot(model, Slot.OUTPUT),
        "ni": len(model.free_states),
        "na": len(model.asserts),
        "nm": len(model.fired_messages),
        "nv": len(described.variables),
        "jac_nnz": len(model.jacobian.rows),
        "z_nnz": len(model.z_jacobian.rows),
        "n_blocks": len(model.blocks),
        "n_levels": len({block.level for block in model.blocks}),
        "largest_block": max((block.size for block in model.blocks), default=0),
        "n_indicators": len(indicator_relations(model)),
    }


_POINTERS = (
    "variables", "input_start", "parameter_start", "state_nominal", "state_minimum", "input_nominal", "z_nominal",
    "z_minimum", "z_maximum", "z_name", "z_row", "z_column", "blocks", "free_state", "relation_strict",
    "relation_is_time", "indicator_relation", "asserts", "fired",
)  # fmt: skip


def _model(described: DescribedModel, layout: StateLayout, plan: EliminationPlan) -> str:
    fields = [
        f".name = {_quote(described.model.name)}",
        f".token = {_quote(described.token)}",
        f".layout_hash = {layout.hash64}u",
        *(f".{name} = {size}" for name, size in _sizes(described).items()),
        *(f".{name} = {name}" for name in _POINTERS),
        f".linear = {{{plan.method.value}, {plan.n_storage}, position, jac_slot, diag_slot, "
        f"{plan.lower}, {plan.upper}, row_start, column}}",
        ".f = {"
        + ", ".join(f"m_{name}" for name in _FUNCTIONS)
        + ", "
        + ", ".join(f"m_{name}_work" for name in _FUNCTIONS)
        + "}",
    ]
    return "const Model cosim_model = {\n    " + ",\n    ".join(fields) + "\n};"
