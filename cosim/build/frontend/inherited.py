"""Constants that packages inherit, of which the front end would take those of another package.

The front end keeps one value for each declaration, also where several packages inherit it and give it values of their
own. It tells these apart by the names of the packages whose constants it has read, and for any other package takes the
value it happened to read last, another one in each run. Of the packages that a model names it reads only those that
occur in plain values: not those in subscripts, modifiers, arguments of records or asserts. A text that names them all
cures this, also for constants that are not inherited, which would not be found; what even then goes wrong is an error.
"""

from collections.abc import Collection, Iterator, Mapping

from cosim.build.frontend.classes import ClassText
from cosim.build.frontend.replaceable import is_replaceable, kept_where_replaceable
from cosim.build.frontend.scopes import Scopes, dotted_names
from cosim.build.frontend.tokens import Token

Finding = tuple[ClassText, Token, str]


def constants_to_name(scopes: Scopes) -> list[str]:
    """Return the qualified name of one constant, that has a value, of each package."""
    found = []
    for item in scopes.classes:
        if item.word != "package" or "partial" in item.prefixes or is_replaceable(item):
            continue
        constants = scopes.constants(item)
        open_ones = {name for name, value in constants.items() if not value}
        values = {
            name: value
            for name, value in constants.items()
            if value and not any(token.text in open_ones for token in value)
        }
        if values:
            found.append(f"{item.path}.{min(values, key=lambda name: len(values[name]))}")
    return found


def misread(scopes: Scopes) -> Iterator[Finding]:
    """Find constants that would still be taken from another package."""
    changed = _changed(scopes)
    models = {item.name for item in scopes.classes if _own_values(item, scopes)}
    for item in scopes.classes:
        yield from _unknown_bases(item, scopes)
        yield from _changed_twice(item, scopes)
        yield from _imported(item, scopes)
        yield from _read_from_models(item, scopes, models)
        yield from _redeclared(item, scopes, changed)
        yield from _read_in_base(item, scopes, changed)
        yield from kept_where_replaceable(item, scopes, changed)


def _changed(scopes: Scopes) -> dict[str, set[str]]:
    """Return the packages with constants that others inherit with values of their own, by path, and these constants."""
    changed: dict[str, set[str]] = {}
    for item in scopes.classes:
        names = {name for base in scopes.bases(item) for name in base.values} if item.word == "package" else ()
        for base in scopes.ancestors(item) if names else ():
            changed.setdefault(base.path, set()).update(names)
    return changed


def _unknown_bases(item: ClassText, scopes: Scopes) -> Iterator[Finding]:
    for base in scopes.bases(item):
        if item.word == "package" and base.found is None:
            yield (
                item,
                base.token,
                f"The base class {base.token.text} of {item.name} is not found. Write its full name.",
            )


def _changed_twice(item: ClassText, scopes: Scopes) -> Iterator[Finding]:
    for base in scopes.bases(item):
        if item.word != "package" or base.found is None:
            continue
        levels = [base.found, *scopes.ancestors(base.found)]
        given = {name: level for level in levels for other in scopes.bases(level) for name in other.values}
        for name in sorted(given.keys() & base.values.keys()):
            yield (
                item,
                base.token,
                f"The value of {name} would be the one that {given[name].name} gives it. Extend the package that "
                f"declares {name}.",
            )


def _imported(item: ClassText, scopes: Scopes) -> Iterator[Finding]:
    for statement in item.statements:
        words = [token.text for token in statement.tokens]
        if words[:1] != ["import"]:
            continue
        path = words[words.index("=") + 1 if "=" in words else 1 :]
        names = [word for word in path if word not in (".", ",", "{", "}")]
        taken = names[path.index("{") // 2 :] if "{" in path else names[-1:]
        package = scopes.find(names[: len(names) - len(taken)], "")
        inherited = scopes.inherited(package) if package is not None else {}
        if package is not None and inherited and ({*taken} & {".*", "*", *inherited}):
            yield (
                item,
                statement.tokens[0],
                f"The constants that {package.name} inherits could be those of another package where they are "
                f"imported. Import {package.path}, and write {package.name}.{next(iter(inherited))}.",
            )


def _own_values(item: ClassText, scopes: Scopes) -> set[str]:
    """Return the constants that ``item``, if it is no package, inherits and gives values of its own."""
    values = {name for base in scopes.bases(item) for name in base.values} if item.word != "package" else set()
    return values & scopes.inherited(item).keys() if values else values


def _read_from_models(item: ClassText, scopes: Scopes, models: Collection[str]) -> Iterator[Finding]:
    """Find ``M.k`` where a class ``M``, its name in ``models``, has a value of its own for a constant it inherits."""
    for names in dotted_names(item):
        for at, owner in enumerate(names[:-1]):
            path = [name.text for name in names[: at + 1]]
            found = scopes.find(path, item.path) if owner.text in models else None
            constant = names[at + 1].text
            if found is not None and constant in _own_values(found, scopes):
                yield (
                    item,
                    owner,
                    f"{found.name}.{constant} would be the value that the base class of {found.name} gives {constant}. "
                    "Declare the constant in a package.",
                )


def _redeclared(item: ClassText, scopes: Scopes, changed: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Find a package redeclared as an element, whose functions would read the constants of its base."""
    if item.word != "package" or "redeclare" not in item.prefixes:
        return
    for base in scopes.ancestors(item):
        read = base.path in changed and any(scopes.constants_in(inner, base) for inner in scopes.inside(base))
        if read:
            yield (
                item,
                item.statements[0].tokens[0],
                f"The functions of {item.name} would read the constants of {base.name}. Redeclare it in the extends: "
                f"'extends M(redeclare package {item.name} = …)'.",
            )
            return


def _read_in_base(item: ClassText, scopes: Scopes, changed: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Find classes of a base package, other than its functions, that read a constant which packages change."""
    if item.path not in changed:
        return
    for inner in scopes.inside(item):
        token = next(iter(scopes.constants_in(inner, item)), None)
        if token is not None and (inner.word != "function" or inner.path != f"{item.path}.{inner.name}"):
            yield (
                inner,
                token,
                f"{inner.name} reads the constant {token.text} of {item.name}, and would get the value of any package "
                f"that inherits it. Make {token.text} a parameter of {inner.name}.",
            )
