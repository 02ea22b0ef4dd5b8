"""Errors of the front end, which come without a place, as sentences with file, line and the rewrite that works."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cosim.errors import BuildError, CosimError, ModelError, SourceLocation

LIMITS: tuple[tuple[str, str], ...] = (
    ("function loop reduction", "A while loop in a function is not supported. Use a for loop with a fixed range."),
    (
        "model algorithm",
        "An algorithm section of a model is not supported. Write equations, or put the algorithm "
        "into a function and call it; algorithms with nothing but when are fine.",
    ),
    (
        "is not a discrete coordinate",
        "An array element assigned in when is not supported. Declare a scalar variable "
        "for each element, or put the when into a component and make an array of components.",
    ),
    (
        "initial algorithm",
        "An initial algorithm is not supported. Use start values with fixed=true or an initial equation.",
    ),
    (
        "derivative expression",
        "der() of an expression is not supported. Introduce a variable for the expression, or apply the chain rule.",
    ),
    ("expandable connector", "Expandable connectors are not supported. Declare the members in an ordinary connector."),
    ("reinit", "reinit of an array element is not supported. Make the state a scalar, or put it into a component."),
    (
        "no entry found for key",
        "Most often this is an array of records with constructors, which is not supported. "
        "Declare one parameter array for each field of the record.",
    ),
    ("unbalanced model", "Count the equations of each component; every input of an inner component must be connected."),
)

_QUOTED = re.compile(r"[`']([^`']+)[`']")
_SYNTAX_PLACE = re.compile(r"\[input\.mo:(\d+):(\d+)\]")


def explain(
    message: str, files: Sequence[Path], syntax: Sequence[tuple[SourceLocation, str]], *, panicked: bool
) -> Iterator[CosimError]:
    """Turn one failure of the front end into errors with a place where one can be found."""
    for place, text in syntax:
        yield _syntax_error(place, text)
    if syntax:
        return
    first = message.split("\nRelated failures")[0].strip()
    advice = next((text for key, text in LIMITS if key in message), "")
    if panicked and not advice:
        yield BuildError(f"The Modelica front end rumoca broke down: {first}. Simplify the class until it compiles.")
        return
    found = locate(_identifiers(first), files)
    line = f"In the line {source_line(found)!r}: " if found else ""
    yield ModelError(f"{line}{first}. {advice}".strip(), location=found)


def _syntax_error(place: SourceLocation, text: str) -> ModelError:
    found = _SYNTAX_PLACE.search(text)
    if found:
        place = SourceLocation(place.file, int(found.group(1)), int(found.group(2)))
    unexpected = re.search(r"unexpected [^\n]+|expected [^\n]+", text)
    wanted = re.search(r"help: expected one of: ([^\n]+)", text)
    what = unexpected.group(0) if unexpected else text.strip().splitlines()[0]
    hint = f"; one of {wanted.group(1).strip().rstrip(',')} could stand here" if wanted else ""
    line = source_line(place)
    return ModelError(f"Modelica syntax: {what} in '{line}'{hint}. Is a semicolon missing before?", location=place)


def _identifiers(message: str) -> list[str]:
    """Names the message quotes, the most telling (last, inside quotes) first."""
    quoted = [name.split(".")[-1].split("[")[0] for name in _QUOTED.findall(message)]
    return [name for name in reversed(quoted) if re.fullmatch(r"[A-Za-z_]\w*", name)]


def locate(names: Sequence[str], files: Sequence[Path]) -> SourceLocation | None:
    """Find the first line outside comments that uses one of ``names``, trying the names in order."""
    for name in names:
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        for file in files:
            for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                if pattern.search(line.split("//")[0]):
                    return SourceLocation(file, number)
    return None


def source_line(place: SourceLocation) -> str:
    """Return the text of the line, without its indentation."""
    lines = place.file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[place.line - 1].strip() if 0 < place.line <= len(lines) else ""
