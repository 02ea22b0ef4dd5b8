"""Names looked up in the classes of Modelica sources, and the constants of a class with those it inherits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from cosim.build.frontend.classes import CLASS_WORDS, ELEMENT_WORDS, PREFIXES, ClassText
from cosim.build.frontend.tokens import Token, closing, split

Value = Sequence[Token]


@dataclass(frozen=True, slots=True)
class Component:
    """A declared component with the words before its type and what stands behind its ``=``, if anything."""

    name: str
    prefixes: frozenset[str]
    value: Value


@dataclass(frozen=True, slots=True)
class Base:
    """A class that another extends, if it is found, with the values that the ``extends`` gives its elements."""

    found: ClassText | None
    token: Token
    values: Mapping[str, Value]


class Scopes:
    """Classes by their qualified names, with what can be asked about several of them at once."""

    def __init__(self, classes: Sequence[ClassText]) -> None:
        self.classes = classes
        self._by_path = {item.path: item for item in classes}
        self._bases: dict[str, tuple[Base, ...]] = {}
        self._inherited: dict[str, dict[str, Value]] = {}

    def find(self, name: Sequence[str], scope: str) -> ClassText | None:
        """Look a dotted name up from inside the class ``scope`` outwards; '' is the top level."""
        if not name:
            return None
        found = self._member(scope, name[0])
        while found is None and scope:
            item = self._by_path.get(scope)
            found = self._imported(item, name[0]) if item else None
            scope = scope.rpartition(".")[0]
            found = found or self._member(scope, name[0])
        for part in name[1:]:
            found = self._member(found.path, part) if found else None
        return found

    def bases(self, item: ClassText) -> tuple[Base, ...]:
        """Return what ``item`` extends, or is a short name for."""
        if item.path not in self._bases:
            self._bases[item.path] = ()  # while these are looked up, nothing is found through them
            self._bases[item.path] = tuple(self._read_bases(item))
        return self._bases[item.path]

    def ancestors(self, item: ClassText) -> list[ClassText]:
        """Return every class that ``item`` inherits from."""
        found = {item.path: item}
        waiting = [item]
        while waiting:
            new = [base.found for base in self.bases(waiting.pop()) if base.found and base.found.path not in found]
            found |= {base.path: base for base in new}
            waiting += new
        return list(found.values())[1:]

    def inside(self, item: ClassText) -> list[ClassText]:
        """Return the classes declared in ``item``, at any depth."""
        return [other for other in self.classes if other.path.startswith(item.path + ".")]

    def inherited(self, item: ClassText) -> dict[str, Value]:
        """Return the constants that ``item`` inherits, each with the tokens of its value, none where it has none."""
        if item.path not in self._inherited:
            for level in (*reversed(self.ancestors(item)), item):  # so that long chains do not nest
                self._inherit(level)
        return self._inherited[item.path]

    def _inherit(self, item: ClassText) -> None:
        if item.path in self._inherited:
            return
        self._inherited[item.path] = {}  # what classes get that inherit from themselves
        found: dict[str, Value] = {}
        for base in self.bases(item):
            constants = self.constants(base.found) if base.found else {}
            found |= constants | {name: value for name, value in base.values.items() if name in constants}
        self._inherited[item.path] = found

    def constants(self, item: ClassText) -> dict[str, Value]:
        """Return all constants of ``item``, each with the tokens of its value."""
        own = {part.name: part.value for part in components(item) if "constant" in part.prefixes}
        return self.inherited(item) | own

    def constants_in(self, inner: ClassText, package: ClassText) -> list[Token]:
        """Return where ``inner`` names constants of ``package``, in which it stands."""
        names = self.constants(package).keys() - {component.name for component in components(inner)}
        return [
            token
            for statement in inner.statements
            for before, token in zip([None, *statement.tokens], statement.tokens, strict=False)
            if token.text in names and (before is None or before.text != ".")
        ]

    @cached_property
    def qualified(self) -> set[tuple[str, str]]:
        """The names that occur on the two sides of a dot."""
        return {
            (before.text, after.text)
            for item in self.classes
            for names in dotted_names(item)
            for before, after in pairwise(names)
        }

    def _member(self, path: str, name: str) -> ClassText | None:
        own = self._by_path.get(f"{path}.{name}" if path else name)
        item = self._by_path.get(path)
        if own is not None or item is None:
            return own
        inherited = (self._by_path.get(f"{base.path}.{name}") for base in self.ancestors(item))
        return next((found for found in inherited if found is not None), None)

    def _imported(self, item: ClassText, name: str) -> ClassText | None:
        for statement in item.statements:
            words = [token.text for token in statement.tokens]
            if words[:1] != ["import"]:
                continue
            parts = [word for word in words[words.index("=") + 1 if "=" in words else 1 :] if word != "."]
            if (words[1] if "=" in words else parts[-1]) == name:
                return self.find(parts, "")
            if parts[-1] in ("*", ".*") and (found := self.find([*parts[:-1], name], "")):
                return found
        return None

    def _read_bases(self, item: ClassText) -> Iterator[Base]:
        for statement in item.statements:
            words = [token.text for token in statement.tokens]
            first = next((at for at, word in enumerate(words) if word not in PREFIXES), len(words))
            if words[first : first + 1] == ["extends"]:
                first += 1
            elif first + 3 < len(words) and words[first] in CLASS_WORDS and words[first + 2] == "=":
                first += 3
            else:
                continue
            stop = end_of_name(statement.tokens, first)
            if stop > first:
                name = [word for word in words[first:stop] if word != "."]
                values = _values(statement.tokens, stop) if words[stop : stop + 1] == ["("] else {}
                yield Base(self.find(name, item.path), statement.tokens[first], values)


def components(item: ClassText) -> Iterator[Component]:
    """Yield the components that ``item`` itself declares."""
    for statement in item.statements:
        words = [token.text for token in statement.tokens]
        first = next((at for at, word in enumerate(words) if word not in ELEMENT_WORDS), len(words))
        stop = end_of_name(statement.tokens, first)
        if not statement.is_declaration or words[first : first + 1] in (["import"], ["extends"]) or stop == first:
            continue
        if words[first] in CLASS_WORDS:
            continue
        if words[stop : stop + 1] == ["["]:
            stop = closing(statement.tokens, stop) + 1
        for part in split(statement.tokens[stop:], ","):
            yield Component(part[0].text, frozenset(words[:first]), _value(part))


def dotted_names(item: ClassText) -> Iterator[list[Token]]:
    """Yield the names with dots that occur in the statements of ``item``, each as the tokens between its dots."""
    for statement in item.statements:
        position = 0
        while position < len(statement.tokens):
            stop = end_of_name(statement.tokens, position)
            names = [token for token in statement.tokens[position:stop] if token.text != "."]
            if len(names) > 1:
                yield names
            position = max(stop, position + 1)


def end_of_name(tokens: Sequence[Token], first: int) -> int:
    """Return the position behind the dotted name at ``first``; ``first`` itself where there is none."""
    position = first
    if tokens[position : position + 1] and tokens[position].text == ".":
        position += 1
    while position < len(tokens) and tokens[position].kind == "name":
        position += 1
        if position + 1 >= len(tokens) or tokens[position].text != "." or tokens[position + 1].kind != "name":
            break
        position += 1
    return position


def _values(tokens: list[Token], opening: int) -> dict[str, Value]:
    """Return the values that the modification in brackets at ``opening`` gives, by the names they are given to."""
    found = {}
    for argument in split(tokens[opening + 1 : closing(tokens, opening)], ","):
        words = [token.text for token in argument]
        first = next((at for at, word in enumerate(words) if word not in PREFIXES), len(words))
        if value := _value(argument[first:]):
            found[words[first]] = value
    return found


def _value(part: list[Token]) -> Value:
    """Return what stands behind the ``=`` of a component or an argument, without its description."""
    parts = split(part, "=")
    return [token for token in parts[1] if token.kind != "string"] or parts[1] if len(parts) == 2 else ()
