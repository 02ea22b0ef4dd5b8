"""Modelica text cut into tokens, for what must be seen in the sources themselves."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\])*")
    |(?P<name>[A-Za-z_]\w*|'(?:\\.|[^'\\])*')
    |(?P<number>(?:\d+(?:\.(?![*/^+-])\d*)?|\.\d+)(?:[eE][-+]?\d+)?)
    |(?P<sign>:=|==|<>|<=|>=|\.[*/^+-]|.)""",
    re.VERBOSE | re.DOTALL,
)
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``kind`` is string, name (keywords too), number or sign."""

    text: str
    kind: str
    start: int
    line: int

    @property
    def end(self) -> int:
        """Position behind the token."""
        return self.start + len(self.text)


def tokenise(text: str) -> list[Token]:
    """Cut ``text`` into tokens, without blanks, comments and annotations."""
    tokens: list[Token] = []
    line = 1
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        if kind != "skip":
            tokens.append(Token(found.group(), kind, found.start(), line))
        line += found.group().count("\n")
    return _without_annotations(tokens)


def _without_annotations(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        is_annotation = tokens[position].text == "annotation" and position + 1 < len(tokens)
        if is_annotation and tokens[position + 1].text == "(":
            position = closing(tokens, position + 1) + 1
        else:
            kept.append(tokens[position])
            position += 1
    return kept


def closing(tokens: list[Token], opening: int) -> int:
    """Return the position of the bracket that closes the one at ``opening``; of the last token if there is none."""
    depth = 0
    for position in range(opening, len(tokens)):
        text = tokens[position].text
        if text in OPENING:
            depth += 1
        elif text in CLOSING:
            depth -= 1
            if depth == 0:
                return position
    return len(tokens) - 1


def split(tokens: list[Token], separator: str) -> list[list[Token]]:
    """Split at each ``separator`` outside brackets; empty parts are left out."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if token.text == separator and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]
