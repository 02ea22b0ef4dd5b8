"""The classes of Modelica sources as lists of their own statements, and which of them a class may use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cosim.build.frontend.tokens import CLOSING, OPENING, Token, closing, tokenise

CLASS_WORDS = frozenset("model block class record connector type package function operator".split())
PREFIXES = frozenset(
    "redeclare replaceable final inner outer partial encapsulated expandable pure impure operator public protected "
    "each".split()
)
ELEMENT_WORDS = PREFIXES | {"constant", "parameter", "discrete", "input", "output", "flow", "stream"}
_SECTIONS = {"public": True, "protected": True, "equation": False, "algorithm": False, "initial": False}
_BLOCKS = frozenset("if for when while".split())
_DECLARED = re.compile(rf"\b(?:{'|'.join(sorted(CLASS_WORDS))})\s+(?:extends\s+)?([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands before one semicolon."""

    tokens: list[Token]
    is_declaration: bool


@dataclass(frozen=True, slots=True)
class ClassText:
    """A class with its own statements; those of classes inside it belong to these.

    ``path`` is its qualified name, ``word`` what it is (model, package …), ``prefixes`` the words before that, and
    the ``extends`` behind it in ``redeclare package extends P``.
    """

    path: str
    word: str
    prefixes: frozenset[str]
    file: Path
    parent: "ClassText | None"
    statements: list[Statement] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]

    def names(self) -> set[str]:
        """Return every name that occurs in its statements."""
        return {token.text for item in self.statements for token in item.tokens if token.kind == "name"}


def classes_used_by(class_name: str, files: Sequence[Path]) -> list[ClassText]:
    """Return the classes that ``class_name`` may use, found by their short names: at least those that it does use."""
    declaring: dict[str, set[Path]] = {}
    for file in files:
        for name in _DECLARED.findall(file.read_text(encoding="utf-8", errors="replace")):
            declaring.setdefault(name, set()).add(file)
    read: set[Path] = set()
    waiting: list[ClassText] = []
    used: list[ClassText] = []
    named = set(class_name.split("."))
    fresh = set(named)
    while fresh:
        new_files = {file for name in fresh for file in declaring.get(name, ())} - read
        read |= new_files
        waiting += [item for file in sorted(new_files) for item in classes_of(file)]
        reached = [
            item for item in waiting if item.name in named and (item.parent is None or item.parent.name in named)
        ]
        waiting = [item for item in waiting if not any(item is other for other in reached)]
        used += reached
        fresh = {name for item in reached for name in item.names()} - named
        named |= fresh
    return used


def classes_of(file: Path) -> list[ClassText]:
    """Return every class of a file."""
    tokens = tokenise(file.read_text(encoding="utf-8", errors="replace"))
    found: list[ClassText] = []
    stack: list[ClassText] = []
    current: list[Token] = []
    within = ""
    is_declaration, depth, position = True, 0, 0
    while position < len(tokens):
        token = tokens[position]
        depth += (token.text in OPENING) - (token.text in CLOSING)
        following = tokens[position + 1].text if position + 1 < len(tokens) else ""
        begins = depth == 0 and token.text in CLASS_WORDS and all(item.text in PREFIXES for item in current)
        if begins and (name_at := _long_class(tokens, position)):
            path = _join(stack[-1].path if stack else within, tokens[name_at].text)
            prefixes = frozenset(item.text for item in (*current, *tokens[position + 1 : name_at]))
            stack.append(ClassText(path, token.text, prefixes, file, stack[-1] if stack else None))
            found.append(stack[-1])
            current, is_declaration, position = [], True, _after_header(tokens, name_at)
            continue
        if depth == 0 and token.text == "end" and following not in _BLOCKS:
            stack = stack[:-1]
            current, is_declaration, position = [], True, position + 3
            continue
        if depth == 0 and token.text == ";":
            if not stack and current and current[0].text == "within":
                within = "".join(item.text for item in current[1:])
            _close(Statement(current, is_declaration), stack, found, file, within)
            current = []
        elif depth == 0 and token.text in _SECTIONS and not current:
            is_declaration = _SECTIONS[token.text]
        else:
            current.append(token)
        position += 1
    return found


def _long_class(tokens: list[Token], position: int) -> int:
    """Return the position of the name of the class that begins here, 0 where it is a short class or none."""
    name = position + 2 if tokens[position + 1].text == "extends" else position + 1
    if name + 1 >= len(tokens) or tokens[name].kind != "name" or tokens[name].text in CLASS_WORDS:
        return 0
    return 0 if tokens[name + 1].text == "=" else name


def _after_header(tokens: list[Token], name: int) -> int:
    position = name + 1
    if tokens[position].text == "(":
        position = closing(tokens, position) + 1
    while position < len(tokens) and tokens[position].kind == "string":
        position += 1
    return position


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _close(statement: Statement, stack: list[ClassText], found: list[ClassText], file: Path, within: str) -> None:
    """Put a statement into its class; a short class is a class of its own."""
    words = [token.text for token in statement.tokens]
    first = next((i for i, word in enumerate(words) if word not in PREFIXES), len(words))
    if first + 2 < len(words) and words[first] in CLASS_WORDS and words[first + 2] == "=":
        parent = stack[-1] if stack else None
        path = _join(parent.path if parent else within, words[first + 1])
        found.append(ClassText(path, words[first], frozenset(words[:first]), file, parent, [statement]))
    elif stack:
        stack[-1].statements.append(statement)
