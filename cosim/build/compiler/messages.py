"""Texts of ``assert`` and ``terminate``: what ``String(v)`` stands for is filled in when the message is given."""

from cosim.build.compiler.expressions import Evaluator
from cosim.build.frontend.flat import Binary, Builtin, Expression, Literal, Reference
from cosim.build.frontend.walk import all_references

# The runtime replaces a name between these by the variable's value at that moment; see messages.c.
OPEN, CLOSE = "\x02", "\x03"


def message_text(node: Expression, evaluator: Evaluator) -> str:
    """Return the text of a message, with the names of variables between ``OPEN`` and ``CLOSE`` for their values."""
    if isinstance(node, Literal):
        return str(node.value)
    if isinstance(node, Binary) and node.operator in ("Add", "AddElem"):
        return message_text(node.left, evaluator) + message_text(node.right, evaluator)
    if isinstance(node, Builtin) and node.function == "String":
        return _number(node.arguments[0])
    return str(evaluator.value(node, {}))


def _number(node: Expression) -> str:
    if isinstance(node, Literal):
        return str(node.value)
    if isinstance(node, Reference):
        return f"{OPEN}{_flat_name(node)}{CLOSE}"
    # Of an expression the message gives what it is made of.
    names = sorted(all_references(node))
    return "(" + ", ".join(f"{name} = {OPEN}{name}{CLOSE}" for name in names) + ")"


def _flat_name(node: Reference) -> str:
    numbers = [item.value for item in node.subscripts if isinstance(item, Literal)]
    if not numbers or len(numbers) != len(node.subscripts):
        return node.name
    return f"{node.name}[{','.join(map(str, numbers))}]"
