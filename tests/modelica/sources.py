"""The library's sources as classes with their elements, for rules that can be seen without a compiler."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from library_fmu import LIBRARY

from cosim.build.frontend.classes import CLASS_WORDS, ClassText, classes_of
from cosim.build.frontend.tokens import Token, closing, split

ROOT = LIBRARY.parent
PREFIXES = frozenset(
    "parameter constant discrete input output flow stream final inner outer replaceable redeclare each".split()
)


@dataclass(frozen=True, slots=True)
class Modifier:
    """``name``, a dotted path from the element that is modified, with what is written around it.

    ``retyped`` tells the classes that redeclarations give to the components on the way.
    """

    name: str
    is_each: bool
    value: str
    retyped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """A component of a class."""

    name: str
    type_name: str
    prefixes: frozenset[str]
    is_protected: bool
    is_array: bool
    modifiers: tuple[Modifier, ...]
    binding: str = ""

    @property
    def is_parameter(self) -> bool:
        """Tell whether its value does not change with time; records of the library have parameters only."""
        return bool(self.prefixes & {"parameter", "constant"}) or self.type_name.startswith("Data.")


@dataclass(frozen=True, slots=True)
class Source:
    """A class with its qualified name, base classes (with modifiers), components and equations."""

    name: str
    text: ClassText
    bases: tuple[tuple[str, tuple[Modifier, ...]], ...]
    elements: tuple[Element, ...]
    equations: tuple[tuple[Token, ...], ...]

    @property
    def is_partial(self) -> bool:
        """Tell whether the class is incomplete."""
        return f"partial {self.text.word} {self.text.name}" in self.text.file.read_text(encoding="utf-8")


@cache
def library() -> dict[str, Source]:
    """Return every class of the library by its qualified name."""
    found = {}
    for file in sorted(LIBRARY.rglob("*.mo")):
        folder = file.parent if file.stem != "package" else file.parent.parent
        within = ".".join(folder.relative_to(ROOT).parts)
        for text in classes_of(file):
            outer = f"{within}.{text.parent.name}" if text.parent else within
            name = f"{outer}.{text.name}".lstrip(".")
            found[name] = _source(name, text)
    return found


def resolve(type_name: str, scope: str) -> str:
    """Return the qualified name that ``type_name`` has in ``scope``; of a predefined type its name."""
    parts = scope.split(".")
    while parts:
        if (candidate := ".".join([*parts, type_name])) in library():
            return candidate
        parts.pop()
    return type_name


def all_elements(name: str) -> dict[str, Element]:
    """Return the components of a class, those of its base classes first."""
    source = library().get(name)
    if source is None:
        return {}
    found: dict[str, Element] = {}
    for base, _ in source.bases:
        found |= all_elements(resolve(base, name))
    return found | {element.name: element for element in source.elements}


def declaring(name: str, element: str) -> str:
    """Return the class among ``name`` and its bases that declares a component: the scope of its type."""
    source = library()[name]
    if any(item.name == element for item in source.elements):
        return name
    bases = [resolve(base, name) for base, _ in source.bases]
    return next((declaring(base, element) for base in bases if element in all_elements(base)), name)


def words(tokens: tuple[Token, ...] | list[Token]) -> str:
    """Return tokens as text."""
    return " ".join(token.text for token in tokens)


def _source(name: str, text: ClassText) -> Source:
    whole = text.file.read_text(encoding="utf-8")
    protected = re.search(r"^protected$", whole, re.MULTILINE)
    border = protected.start() if protected else len(whole)
    bases, elements, equations = [], [], []
    for statement in text.statements:
        tokens = statement.tokens
        first = next((token.text for token in tokens), "")
        if not statement.is_declaration:
            equations.append(tuple(tokens))
        elif first == "extends":
            bases.append(_extends(tokens[1:]))
        elif tokens and not any(token.text in CLASS_WORDS for token in tokens if token.kind == "name"):
            elements += _elements(tokens, is_protected=tokens[0].start > border)
    if len(text.statements) == 1 and words(text.statements[0].tokens).startswith(f"{text.word} {text.name} ="):
        bases.append(_extends([token for token in text.statements[0].tokens[3:] if token.kind != "string"]))
    return Source(name, text, tuple(bases), tuple(elements), tuple(equations))


def _path(tokens: list[Token]) -> int:
    """Return how many tokens the dotted name at the beginning takes."""
    length = 1
    while length + 1 < len(tokens) and tokens[length].text == ".":
        length += 2
    return length


def _extends(tokens: list[Token]) -> tuple[str, tuple[Modifier, ...]]:
    length = _path(tokens)
    name = "".join(token.text for token in tokens[:length])
    opening = next((i for i in range(length, len(tokens)) if tokens[i].text == "("), None)
    return name, () if opening is None else tuple(_modifiers(tokens[opening + 1 : closing(tokens, opening)]))


def _elements(tokens: list[Token], *, is_protected: bool) -> Iterator[Element]:
    at = 0
    while tokens[at].text in PREFIXES:
        at += 1
    prefixes = frozenset(token.text for token in tokens[:at])
    length = _path(tokens[at:])
    type_name = "".join(token.text for token in tokens[at : at + length])
    rest = tokens[at + length :]
    is_array = bool(rest) and rest[0].text == "["
    if is_array:
        rest = rest[closing(rest, 0) + 1 :]
    for part in split(rest, ","):
        yield _element(part, type_name, prefixes, is_protected=is_protected, is_array=is_array)


def _element(
    part: list[Token], type_name: str, prefixes: frozenset[str], *, is_protected: bool, is_array: bool
) -> Element:
    at = 1
    if at < len(part) and part[at].text == "[":
        is_array, at = True, closing(part, at) + 1
    modifiers: tuple[Modifier, ...] = ()
    if at < len(part) and part[at].text == "(":
        modifiers = tuple(_modifiers(part[at + 1 : closing(part, at)]))
        at = closing(part, at) + 1
    binding = words(part[at + 1 :]) if at < len(part) and part[at].text == "=" else ""
    return Element(part[0].text, type_name, prefixes, is_protected, is_array, modifiers, binding)


def _modifiers(
    tokens: list[Token], outer: str = "", is_each: bool = False, retyped: tuple[tuple[str, str], ...] = ()
) -> Iterator[Modifier]:
    for part in split(tokens, ","):
        at = 0
        while part[at].text in PREFIXES:
            at += 1
        each = is_each or any(token.text == "each" for token in part[:at])
        types = retyped
        if any(token.text == "redeclare" for token in part[:at]):
            length = _path(part[at:])  # the type; the name of the component follows
            given = "".join(token.text for token in part[at : at + length])
            at += length
            types = (*retyped, (outer + part[at].text, given))
        length = _path(part[at:])
        name = outer + "".join(token.text for token in part[at : at + length])
        at += length
        if at < len(part) and part[at].text == "(":
            end = closing(part, at)
            yield from _modifiers(part[at + 1 : end], f"{name}.", each, types)
            at = end + 1
        if at < len(part) and part[at].text == "=":
            yield Modifier(name, each, words(part[at + 1 :]), types)
