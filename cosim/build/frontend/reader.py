"""Expressions, statements and functions out of the front end's JSON; an unknown shape is an error."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cosim.build.frontend.flat import (
    ArrayOf,
    Assertion,
    Assignment,
    Binary,
    Branching,
    Builtin,
    Call,
    Colon,
    Comprehension,
    Conditional,
    Expression,
    Field,
    ForLoop,
    Function,
    FunctionVariable,
    Indexed,
    Jump,
    Literal,
    Part,
    Range,
    Reference,
    Reinitialisation,
    Statement,
    Subscript,
    Termination,
    Unary,
)
from cosim.errors import ModelError

Json = Any


def tag(node: Json) -> tuple[str, Json]:
    """Split a tagged value: ``{"Binary": {...}}`` or the bare text ``"Der"``."""
    if isinstance(node, str):
        return node, {}
    if isinstance(node, dict) and len(node) == 1:
        return next(iter(node.items()))
    raise ModelError(f"The Modelica front end returned {str(node)[:80]!r} where a tagged value was expected.")


def field(node: Json, name: str) -> Json:
    """Take a member that must be there."""
    try:
        return node[name]
    except (KeyError, TypeError) as error:
        text = str(node)[:80]
        raise ModelError(
            f"The Modelica front end returned {text!r} without {name!r}; is it another version?"
        ) from error


def expression(node: Json) -> Expression:
    """Read one expression."""
    kind, content = tag(node)
    reader = _EXPRESSIONS.get(kind)
    if reader is None:
        raise ModelError(f"The compiler does not know the expression {kind!r} of the Modelica front end.")
    return reader(content)


def optional(node: Json) -> Expression | None:
    """Read an expression that may be missing."""
    return None if node is None else expression(node)


def _literal(node: Json) -> Literal:
    kind, value = tag(field(node, "value"))
    if kind not in ("Real", "Integer", "Boolean", "String"):
        raise ModelError(f"The compiler does not know the literal {kind!r} of the Modelica front end.")
    return Literal(float(value) if kind == "Real" else value)


def subscript(node: Json) -> Subscript:
    """Read a subscript: an index, an expression or ``:``."""
    kind, content = tag(node)
    if kind == "Colon":
        return Colon()
    if kind == "Index":
        return Literal(int(field(content, "value")))
    if kind == "Expr":
        return expression(field(content, "expr"))
    return expression(node)


def _subscripts(nodes: Json) -> tuple[Subscript, ...]:
    return tuple(subscript(node) for node in nodes or ())


def _parts(component: Json) -> tuple[Part, ...]:
    parts = field(component, "parts")
    return tuple(Part(field(part, "ident"), _subscripts(part.get("subs"))) for part in parts)


def _reference(node: Json) -> Reference:
    name = field(node, "name")
    component = name.get("component_ref")
    parts = _parts(component) if component else ()
    return Reference(field(name, "name"), _subscripts(node.get("subscripts")), parts)


def component_reference(component: Json) -> Reference:
    """Read the target of an assignment."""
    parts = _parts(component)
    return Reference(".".join(part.name for part in parts), parts[-1].subscripts, parts)


def _binary(node: Json) -> Binary:
    return Binary(tag(field(node, "op"))[0], expression(field(node, "lhs")), expression(field(node, "rhs")))


def _unary(node: Json) -> Unary:
    return Unary(tag(field(node, "op"))[0], expression(field(node, "rhs")))


def _conditional(node: Json) -> Conditional:
    branches = tuple((expression(condition), expression(value)) for condition, value in field(node, "branches"))
    otherwise = node.get("else_branch")
    if otherwise is None:
        raise ModelError("An if expression has no else branch. Give it one.")
    return Conditional(branches, expression(otherwise))


def _array(node: Json) -> ArrayOf:
    return ArrayOf(tuple(expression(element) for element in field(node, "elements")))


def _range(node: Json) -> Range:
    return Range(expression(field(node, "start")), optional(node.get("step")), expression(field(node, "end")))


def _comprehension(node: Json) -> Comprehension:
    if node.get("filter") is not None:
        raise ModelError("Array comprehensions with a filter are not supported. Use an if expression inside.")
    indices = tuple((field(index, "name"), expression(field(index, "range"))) for index in field(node, "indices"))
    return Comprehension(expression(field(node, "expr")), indices)


def _builtin(node: Json) -> Builtin:
    function = field(node, "function")
    return Builtin(tag(function)[0], tuple(expression(argument) for argument in field(node, "args")))


def _string_of(node: Json) -> Builtin:
    """Read ``String(value, …)``; of the format nothing is kept."""
    return Builtin("String", (expression(field(node, "value")),))


def _call(node: Json) -> Call:
    arguments = tuple(expression(argument) for argument in field(node, "args"))
    return Call(field(field(node, "name"), "name"), arguments, bool(node.get("is_constructor")))


def _indexed(node: Json) -> Indexed:
    return Indexed(expression(field(node, "base")), _subscripts(field(node, "subscripts")))


def _field_access(node: Json) -> Field:
    return Field(expression(field(node, "base")), field(node, "field"))


_EXPRESSIONS: Mapping[str, Callable[[Json], Expression]] = {
    "Literal": _literal,
    "VarRef": _reference,
    "Binary": _binary,
    "Unary": _unary,
    "If": _conditional,
    "Array": _array,
    "Tuple": _array,
    "Range": _range,
    "ArrayComprehension": _comprehension,
    "BuiltinCall": _builtin,
    "StringConversion": _string_of,
    "FunctionCall": _call,
    "Index": _indexed,
    "FieldAccess": _field_access,
}


def _reinit(content: Json) -> Reinitialisation:
    target = content.get("state", content.get("variable"))
    reference = Reference(target, (), ()) if isinstance(target, str) else component_reference(target)
    return Reinitialisation(reference, expression(field(content, "value")))


def assertion(content: Json) -> Assertion:
    """Read an assert of an equation section or a statement."""
    level = content.get("level")
    text = str(level)
    is_warning = "warning" in text or "'Integer': 1" in text
    return Assertion(
        expression(field(content, "condition")),
        expression(field(content, "message")),
        "warning" if level is not None and is_warning else "error",
    )


def _for(content: Json) -> ForLoop:
    indices = tuple((field(index, "ident"), expression(field(index, "range"))) for index in field(content, "indices"))
    return ForLoop(indices, statements(content.get("equations") or content.get("body") or ()))


def _if(content: Json) -> Branching:
    blocks = content.get("cond_blocks") or content.get("branches") or ()
    branches = tuple((expression(field(block, "cond")), statements(field(block, "stmts"))) for block in blocks)
    return Branching(branches, statements(content.get("else_block") or ()))


def _assignment(content: Json) -> Assignment:
    return Assignment((component_reference(field(content, "comp")),), expression(field(content, "value")))


def _equation_assignment(content: Json) -> Assignment:
    return Assignment((Reference(field(content, "target"), (), ()),), expression(field(content, "value")))


def _output_assignment(content: Json) -> Assignment:
    targets = tuple(_output_target(output) for output in field(content, "outputs"))
    call = content.get("function") or content.get("value")
    return Assignment(targets, expression(call))


def _output_target(output: Json) -> Reference | None:
    if output is None or isinstance(output, str):
        return Reference(output, (), ()) if output else None
    if "parts" in output:
        return component_reference(output)
    target = expression(output)
    return target if isinstance(target, Reference) else None


def _call_statement(content: Json) -> Assignment:
    component = field(content, "comp")
    arguments = tuple(expression(argument) for argument in field(content, "args"))
    name = ".".join(part.name for part in _parts(component))
    return Assignment(tuple(map(_output_target, content.get("outputs") or ())), Call(name, arguments, False))


_STATEMENTS: Mapping[str, Callable[[Json], Statement]] = {
    "Assignment": _assignment,
    "Assign": _equation_assignment,
    "FunctionCallOutputs": _output_assignment,
    "FunctionCall": _call_statement,
    "For": _for,
    "If": _if,
    "Reinit": _reinit,
    "Assert": assertion,
    "Terminate": lambda content: Termination(expression(field(content, "message"))),
    "Return": lambda content: Jump("return"),
    "Break": lambda content: Jump("break"),
}


def statements(nodes: Sequence[Json]) -> tuple[Statement, ...]:
    """Read the statements of a function, a loop, a branch or a when."""
    return tuple(statement(node) for node in nodes if node != "Empty")


def statement(node: Json) -> Statement:
    """Read one statement."""
    kind, content = tag(node)
    reader = _STATEMENTS.get(kind)
    if reader is None:
        raise ModelError(f"The statement {kind!r} is not supported. Rewrite it with for loops and if expressions.")
    return reader(content)


def function(node: Json) -> Function:
    """Read a user-defined function."""
    name = field(node, "name")
    external = node.get("external")
    return Function(
        name=name,
        inputs=tuple(map(_function_variable, field(node, "inputs"))),
        outputs=tuple(map(_function_variable, field(node, "outputs"))),
        local_variables=tuple(map(_function_variable, field(node, "locals"))),
        body=() if external else statements(field(node, "body")),
        is_external=bool(external),
        is_constructor=bool(node.get("is_constructor")),
        external_name=_plain_external(node, external) if external else "",
    )


def _plain_external(node: Json, external: Json) -> str:
    """Return the C function's name where it gets the inputs in their order and returns the output."""
    passed = [reference.get("VarRef", {}).get("name", {}).get("name") for reference in external.get("args") or ()]
    is_plain = passed == [item["name"] for item in node["inputs"]] and external.get("output_name")
    return str(external.get("function_name")) if is_plain else ""


def _function_variable(node: Json) -> FunctionVariable:
    shape = _subscripts(node.get("shape_expr"))
    if not shape:  # the size may be that of its type
        sizes = (node.get("effective_type") or {}).get("dimensions") or ()
        shape = tuple(Literal(size) if size else Colon() for size in sizes)
    return FunctionVariable(field(node, "name"), shape, optional(node.get("default")))
