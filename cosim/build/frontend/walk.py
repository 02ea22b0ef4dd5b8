"""Walk over expressions and statements of the flat model."""

from collections.abc import Iterator

from cosim.build.frontend.flat import Builtin, Reference

_LOOKS_BACK = ("Pre", "Edge", "Change")


def nodes(root: object) -> Iterator[object]:
    """Yield ``root`` and everything inside, in no particular order."""
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple):
            waiting += item
        elif hasattr(type(item), "__slots__") and type(item).__module__.startswith("cosim.build.frontend"):
            yield item
            waiting += _members(item)


def references(root: object) -> set[str]:
    """Return the names that are read at the present time, which excludes arguments of ``pre``."""
    found = set()
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple):
            waiting += item
        elif isinstance(item, Builtin) and item.function in _LOOKS_BACK:
            continue
        elif hasattr(type(item), "__slots__") and type(item).__module__.startswith("cosim.build.frontend"):
            if isinstance(item, Reference):
                found.add(item.name)
            waiting += _members(item)
    return found


def _members(item: object) -> list[object]:
    return [getattr(item, name) for name in getattr(type(item), "__slots__", ())]


def all_references(root: object) -> set[str]:
    """Return every name that occurs."""
    return {item.name for item in nodes(root) if isinstance(item, Reference)}


def arguments_of(root: object, *functions: str) -> set[str]:
    """Return the flat names to which one of the built-in ``functions`` is applied, without component subscripts."""
    found = set()
    for item in nodes(root):
        if isinstance(item, Builtin) and item.function in functions:
            argument = item.arguments[0]
            if isinstance(argument, Reference):
                found.add(argument.name)
    return found
