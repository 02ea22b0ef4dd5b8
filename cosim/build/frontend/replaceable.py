"""Constants that replaceable packages inherit and keep: the front end may take those of what is replaced, or others."""

from collections.abc import Iterator, Mapping, Sequence

from cosim.build.frontend.classes import ClassText
from cosim.build.frontend.scopes import Scopes, Value, end_of_name
from cosim.build.frontend.tokens import Token


def is_replaceable(item: ClassText) -> bool:
    """Tell whether ``item`` or a class that it stands in is declared replaceable, or as a replacement."""
    outer = item.parent
    return bool(item.prefixes & {"replaceable", "redeclare"}) or (outer is not None and is_replaceable(outer))


def kept_where_replaceable(
    item: ClassText, scopes: Scopes, changed: Mapping[str, set[str]]
) -> Iterator[tuple[ClassText, Token, str]]:
    """Find constants with a value that a package keeps as inherited, and others of its family change.

    ``changed`` has the latter, by the paths of the packages that declare them.
    """
    yield from _extended(item, scopes)
    for place, name, package, is_replaced in _packages(item, scopes):
        names = {name for base in scopes.ancestors(package) for name in changed.get(base.path, ())}
        inherited = scopes.inherited(package)
        if not is_replaced:
            names = _with_dependent(names, inherited)
        given = {name for base in scopes.bases(package) for name in base.values}
        read = names & _read_of(name, package, scopes)
        kept = sorted(constant for constant in read - given if inherited.get(constant))
        if kept:
            yield (
                item,
                place,
                f"{name}.{kept[0]} could be that of another package, since {name} is replaceable and {package.name} "
                f"does not give {kept[0]} a value. Write it into the 'extends' of {package.name}: '({kept[0]}=…)'.",
            )


def _read_of(name: str, package: ClassText, scopes: Scopes) -> set[str]:
    """Return the names read behind ``name`` and a dot, and constants named in classes inside ``package``."""
    found = {after for before, after in scopes.qualified if before == name}
    for level in (package, *scopes.ancestors(package)):
        found |= {token.text for inner in scopes.inside(level) for token in scopes.constants_in(inner, level)}
    return found


def _extended(item: ClassText, scopes: Scopes) -> Iterator[tuple[ClassText, Token, str]]:
    """Find ``redeclare package extends P``, where ``P`` has constants."""
    if item.word != "package" or "extends" not in item.prefixes or item.parent is None:
        return
    replaced = (scopes.find([item.name], base.path) for base in scopes.ancestors(item.parent))
    tokens = [token for statement in item.statements or item.parent.statements for token in statement.tokens]
    if any(scopes.constants(_meant(found, scopes)) for found in replaced if found is not None):
        yield (
            item,
            tokens[0],
            f"The constants of {item.name} could be those of another package. Declare a package of its own, and write "
            f"'extends M(redeclare package {item.name} = …)'.",
        )


def _packages(item: ClassText, scopes: Scopes) -> Iterator[tuple[Token, str, ClassText, bool]]:
    """Yield packages that may be replaced, or replace others: where, by what name, which, whether as a replacement."""
    bases = scopes.bases(item)
    if item.word == "package" and bases and is_replaceable(item) and _meant(item, scopes) is item:
        yield bases[0].token, item.name, item, False
    for statement in item.statements:
        words = [token.text for token in statement.tokens]
        for at in range(1, len(words) - 3):
            if words[at] == "package" and words[at + 2] == "=" and words[at - 1] in ("redeclare", "replaceable"):
                stop = end_of_name(statement.tokens, at + 3)
                found = scopes.find([word for word in words[at + 3 : stop] if word != "."], item.path)
                if found is not None and words[stop : stop + 1] != ["("]:
                    is_replaced = words[at - 1] == "redeclare"
                    yield statement.tokens[at], words[at + 1], _meant(found, scopes), is_replaced


def _meant(item: ClassText, scopes: Scopes) -> ClassText:
    """Return what ``item`` is another name for, itself where it is not."""
    passed: set[str] = set()
    while item.path not in passed:
        passed.add(item.path)
        is_short = bool(item.statements) and any(token.text == item.word for token in item.statements[0].tokens)
        base = next(iter(scopes.bases(item)), None)
        if is_short and base is not None and base.found is not None and not base.values:
            item = base.found
    return item


def _with_dependent(names: set[str], values: Mapping[str, Value]) -> set[str]:
    """Return ``names`` with the constants whose values depend on them."""
    found = set(names)
    while new := {name for name, value in values.items() if name not in found and _names_in(value) & found}:
        found |= new
    return found


def _names_in(value: Sequence[Token]) -> set[str]:
    return {token.text for token in value}
