"""YAML text as a tree of nodes that know their line; nothing is evaluated, nothing is constructed.

Scalars stay text: what ``1e-9`` or ``no`` means is decided by the key they are written under. Anchors, aliases, tags,
several documents, duplicate keys and tabs in the indentation are refused, size and depth are bounded.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    DirectiveToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    TagToken,
)

from cosim.errors import CosimError, ScenarioError, SourceLocation, raise_all

LARGEST_FILE: Final = 1_000_000
"""Bytes; a scenario fits one screen, so this is generous."""
DEEPEST_NESTING: Final = 20
SUFFIXES: Final = (".yaml", ".yml")
"""Of scenarios: nothing of another file is read, so that no message can show what is in it."""

_OPENING: Final = (
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingStartToken,
    FlowSequenceStartToken,
)
_CLOSING: Final = (BlockEndToken, FlowMappingEndToken, FlowSequenceEndToken)
_REFUSED: Final = {
    AnchorToken: "An anchor (&) is not allowed here. Write the value out.",
    AliasToken: "An alias (*) is not allowed here. Write the value out, or put a wildcard between quotes.",
    TagToken: "A tag (!) is not allowed here. Remove it; what a value means follows from its key.",
    DirectiveToken: "A directive (%) is not allowed here. Remove the line.",
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text as written, without its quotes; ``is_quoted`` tells ``'5'`` from ``5``."""

    text: str
    is_quoted: bool
    origin: SourceLocation | None

    @property
    def is_null(self) -> bool:
        """True for nothing at all after the colon."""
        return not self.is_quoted and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A YAML list."""

    items: tuple[Node, ...]
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: str
    value: Node
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A YAML mapping in the order written, keys unique."""

    entries: tuple[Entry, ...]
    origin: SourceLocation | None


Node = Scalar | Sequence | Mapping


def read_text(path: Path, kind: str = "scenario") -> str:
    """Read the file at ``path``, a scenario or another ``kind``; refuse what is no regular, small, UTF-8 text file.

    Raises
    ------
    ScenarioError
        Naming the file and what to do.
    """
    if not path.exists():
        raise ScenarioError(f"There is no {kind} '{path}'.{_nearby(path)}")
    if not path.is_file():
        raise ScenarioError(f"The {kind} '{path}' is not a file. Give the path of a .yaml file.")
    if path.suffix.lower() not in SUFFIXES:
        raise ScenarioError(f"'{path}' is no {kind}: the name of one ends in {' or '.join(SUFFIXES)}.")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ScenarioError(f"The {kind} '{path}' is larger than {LARGEST_FILE // 1_000_000} MB, the limit.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioError(
            f"The {kind} '{path}' is not text in UTF-8 (byte {error.start}). Save it as such."
        ) from error
    except OSError as error:
        raise ScenarioError(f"The {kind} '{path}' cannot be read: {os.strerror(error.errno or 0)}.") from error


def content_of(text: str) -> object:
    """Return what YAML ``text`` says, to be compared: without comments, layout, and the places where it is written.

    Raises
    ------
    ScenarioError, ProblemList
        As ``parse_document``.
    """
    return _plain(parse_document(text, Path()))


def _plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text, node.is_quoted
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return [(entry.key, _plain(entry.value)) for entry in node.entries]


def _nearby(path: Path) -> str:
    """Name scenarios that exist where one was looked for in vain."""
    folder = path.parent if path.parent.is_dir() else None
    found = sorted(file.name for file in folder.glob("*.y*ml"))[:5] if folder else []
    return f" There are {', '.join(found)} in '{folder}'." if found else ""


def parse_document(text: str, path: Path, kind: str = "scenario") -> Mapping:
    """Turn YAML ``text`` into nodes; ``path`` is for the places in messages, ``kind`` what such a file is.

    Raises
    ------
    ScenarioError, ProblemList
        Where it is not YAML or uses what is refused here.
    """
    _check_characters(text, path)
    try:
        _check_tokens(text, path)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise _syntax_problem(error, path) from error
    except YAMLError as error:
        raise ScenarioError(f"This is not YAML: {error}", location=SourceLocation(path, 1)) from error
    except RecursionError as error:  # only reached when the depth check above has a gap
        raise ScenarioError("This YAML is nested too deeply.", location=SourceLocation(path, 1)) from error
    if root is None:
        raise ScenarioError(f"This {kind} is empty. Start it with '{kind}: <name>'.", location=SourceLocation(path, 1))
    problems: list[CosimError] = []
    node = _convert(root, path, problems)
    if not isinstance(node, Mapping):
        problems.append(
            ScenarioError(
                f"A {kind} is a list of 'key: value' lines, starting with '{kind}: <name>'.", location=node.origin
            )
        )
    raise_all(problems)
    assert isinstance(node, Mapping)
    return node


def _check_characters(text: str, path: Path) -> None:
    problems: list[CosimError] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            problems.append(
                ScenarioError(
                    "A tab indents this line. YAML indents with spaces.", location=SourceLocation(path, number, 1)
                )
            )
        elif any(ord(character) < 32 and character not in "\t\r" for character in line):
            problems.append(
                ScenarioError("This line holds a control character. Remove it.", location=SourceLocation(path, number))
            )
    raise_all(problems[:20])


def _check_tokens(text: str, path: Path) -> None:
    depth = 0
    for token in YAML(typ="safe", pure=True).scan(text):
        place = SourceLocation(path, token.start_mark.line + 1, token.start_mark.column + 1)
        message = _REFUSED.get(type(token))
        if message:
            raise ScenarioError(message, location=place)
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEEPEST_NESTING:
            raise ScenarioError(f"This is nested deeper than {DEEPEST_NESTING} levels.", location=place)


def _syntax_problem(error: MarkedYAMLError, path: Path) -> ScenarioError:
    mark = error.problem_mark or error.context_mark
    place = SourceLocation(path, mark.line + 1, mark.column + 1) if mark else SourceLocation(path, 1)
    if "another document" in str(error.problem):
        return ScenarioError("A second document (---) begins here. One file holds one scenario.", location=place)
    what = str(error.problem or error.context or "it cannot be read").replace("\n", " ")
    context = f" ({error.context})" if error.context and error.problem else ""
    hint = ""
    if "mapping values are not allowed" in what:
        hint = " Is a space missing after a colon, or the indentation wrong?"
    elif "expected ',' or" in what or "expected <block end>" in what:
        hint = " Is a bracket, brace, quote or comma missing?"
    return ScenarioError(f"This is not YAML: {what}{context}.{hint}", location=place)


def _convert(node: ScalarNode | SequenceNode | MappingNode, path: Path, problems: list[CosimError]) -> Node:
    place = SourceLocation(path, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, ScalarNode):
        return Scalar(str(node.value), node.style in ("'", '"', "|", ">"), place)
    if isinstance(node, SequenceNode):
        return Sequence(tuple(_convert(item, path, problems) for item in node.value), place)
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        where = SourceLocation(path, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, ScalarNode):
            problems.append(ScenarioError("A key should be a single word or name.", location=where))
            continue
        key = str(key_node.value)
        value = _convert(value_node, path, problems)
        if key in entries:
            first = entries[key].origin
            problems.append(
                ScenarioError(f"The key '{key}' is here a second time; it stands already at {first}.", location=where)
            )
            continue
        entries[key] = Entry(key, value, where)
    return Mapping(tuple(entries.values()), place)
