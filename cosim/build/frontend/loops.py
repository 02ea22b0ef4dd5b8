"""Nested ``for`` loops of equations split into loops with one header, which the front end keeps as loops.

Equations have no order, so that ``for i loop A; for j loop B; end for; end for`` means the same as a loop over ``i``
with ``A`` and one over ``i, j`` with ``B``. Lines stay where they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cosim.build.frontend.tokens import Token, closing, tokenise

_BLOCKS = frozenset(("if", "when", "while"))
_ENDS = frozenset(("public", "protected", "algorithm", "external"))
_NESTED = re.compile(r"\bfor\b.*?\bfor\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop: positions of ``for``, of the first token of its body and of its ``end``; its index clauses."""

    begin: int
    body: int
    end: int
    clauses: tuple[tuple[str, str], ...]


def split_nested(text: str) -> str:
    """Return ``text`` with the nested loops in its equation sections split; the same text where there are none."""
    if not _NESTED.search(text):
        return text
    tokens = tokenise(text)
    pieces: list[str] = []
    copied = 0
    for begin in _loops_of_equations(tokens):
        loop = _loop(tokens, begin)
        if loop is None or tokens[begin].start < copied:
            continue
        parts = _split(text, tokens, loop, ())
        if parts is not None:
            stop = tokens[loop.end + 2].end
            pieces += [text[copied : tokens[begin].start], "".join(parts).removeprefix(" ")]
            copied = stop
    return "".join(pieces) + text[copied:]


def _loops_of_equations(tokens: list[Token]) -> Iterator[int]:
    """Yield the positions at which an outermost loop of an equation section begins."""
    is_equations, depth = False, 0
    for position, token in enumerate(tokens):
        before = tokens[position - 1].text if position else ";"
        starts = before in (";", "equation", "then", "loop", "else") or tokens[position - 1].kind == "string"
        if token.text == "equation":
            is_equations, depth = True, 0
        elif token.text in _ENDS or (before == "end" and token.text not in (*_BLOCKS, "for")):
            is_equations = False
        elif before == "end":
            depth -= 1
        elif is_equations and starts and token.text in (*_BLOCKS, "for"):
            if token.text == "for" and depth == 0:
                yield position
            depth += 1


def _loop(tokens: list[Token], begin: int) -> _Loop | None:
    """Read the header of a loop and find its end; None for a loop of another form."""
    clauses = []
    position = begin + 1
    while position + 2 < len(tokens) and tokens[position + 1].text == "in":
        stop = _end_of_range(tokens, position + 2)
        clauses.append((tokens[position].text, " ".join(token.text for token in tokens[position + 2 : stop])))
        position = stop + 1
        if tokens[stop].text == "loop":
            end = _end(tokens, position)
            return _Loop(begin, position, end, tuple(clauses)) if end else None
    return None


def _end_of_range(tokens: list[Token], position: int) -> int:
    while position < len(tokens) - 1 and tokens[position].text not in (",", "loop"):
        position = closing(tokens, position) + 1 if tokens[position].text in ("(", "[", "{") else position + 1
    return position


def _end(tokens: list[Token], body: int) -> int:
    """Return the position of the ``end`` of the loop whose body begins at ``body``, 0 if there is none."""
    for statement, stop in _statements(tokens, body):
        if tokens[statement].text == "end":
            return statement if [token.text for token in tokens[statement + 1 : stop + 1]] == ["for", ";"] else 0
    return 0


def _statements(tokens: list[Token], position: int) -> Iterator[tuple[int, int]]:
    """Yield first and last position of each equation from ``position``, whole blocks as one, then that of ``end``."""
    while position < len(tokens):
        first, depth = position, 0
        while position < len(tokens):
            text, before = tokens[position].text, tokens[position - 1].text if position > first else ";"
            if text in ("(", "[", "{"):
                position = closing(tokens, position)
            elif text == "end":
                depth -= 1
            elif text in (*_BLOCKS, "for") and before in (";", "then", "else", "loop"):
                depth += 1
            elif text == ";" and depth <= 0:
                break
            position += 1
        if position >= len(tokens):
            return
        yield first, position
        if tokens[first].text == "end":
            return
        position += 1


def _split(text: str, tokens: list[Token], loop: _Loop, outer: tuple[tuple[str, str], ...]) -> list[str] | None:
    """Return the loops that ``loop`` becomes inside those over ``outer``; None where it has to stay as it is."""
    clauses = outer + loop.clauses
    names = [name for name, _ in clauses]
    parts: list[str] = []
    plain: list[tuple[int, int]] = []
    has_inner = False

    def flush() -> None:
        if plain:
            begin, stop = tokens[plain[0][0]].start, tokens[plain[-1][1]].end
            parts.append(f" {_header(clauses)} {text[begin:stop]} end for;")
            plain.clear()

    if len(set(names)) < len(names):
        return None
    copied = loop.body - 1
    for first, stop in _statements(tokens, loop.body):
        inner = _loop(tokens, first) if tokens[first].text == "for" else None
        apart = _independent(inner, names, text, tokens, clauses) if inner else None
        if tokens[first].text == "end" or apart is not None:
            flush()
            gap = text[tokens[copied].end : tokens[first].start]
            parts.append("\n" * gap.count("\n") if tokens[first].text != "end" else gap)
        if tokens[first].text == "end":
            break
        if apart is not None:
            has_inner = True
            parts += apart
            copied = stop
            continue
        if not plain:
            parts.append("\n" * text[tokens[copied].end : tokens[first].start].count("\n"))
        plain.append((first, stop))
        copied = stop
    header_lines = text[tokens[loop.begin].start : tokens[loop.body - 1].end].count("\n")
    tail = text[tokens[loop.end].start : tokens[loop.end + 2].end].count("\n")
    return ["\n" * header_lines, *parts, "\n" * tail] if has_inner or outer else None


def _independent(
    inner: _Loop, names: list[str], text: str, tokens: list[Token], clauses: tuple[tuple[str, str], ...]
) -> list[str] | None:
    """Split an inner loop off, unless its ranges read an index of an outer one."""
    if any(re.search(rf"\b{name}\b", values) for name in names for _, values in inner.clauses):
        return None
    return _split(text, tokens, inner, clauses)


def _header(clauses: tuple[tuple[str, str], ...]) -> str:
    return "for " + ", ".join(f"{name} in {values}" for name, values in clauses) + " loop"
