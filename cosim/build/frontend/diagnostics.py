"""Errors of the front end, which come without a place, as sentences with file, line and the rewrite that works."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cosim.errors import BuildError, CosimError, ModelError, SourceLocation


@dataclass(frozen=True, slots=True)
class Limit:
    """A known limit: ``sign`` in the front end's message, what to write instead, and how its line looks."""

    sign: str
    advice: str
    pattern: str = ""


LIMITS: tuple[Limit, ...] = (
    Limit(
        "function loop reduction",
        "A while loop in a function is not supported. Use a for loop with a fixed range.",
        r"\bwhile\b",
    ),
    Limit(
        "initial algorithm",
        "An initial algorithm is not supported. Use start values with fixed=true or an initial equation.",
        r"\binitial\s+algorithm\b",
    ),
    Limit(
        "model algorithm",
        "An algorithm section of a model is not supported. Write equations, or put the algorithm into a function and "
        "call it; algorithms with nothing but when are fine.",
        r"^\s*algorithm\b|;\s*algorithm\b",
    ),
    Limit(
        "is not a discrete coordinate",
        "An array element assigned in a when is not supported. Declare a scalar variable for each element, or put the "
        "when into a component and make an array of components.",
    ),
    Limit(
        "derivative expression",
        "der() of an expression is not supported. Introduce a variable for the expression, or apply the chain rule.",
        r"\bder\(\s*\w+\s*[-+*/^]",
    ),
    Limit(
        "expandable connector",
        "Expandable connectors are not supported. Declare the members in an ordinary connector.",
        r"\bexpandable\b",
    ),
    Limit(
        "no entry found for key",
        "An array of records with constructors is not supported. Declare one parameter array for each field.",
        r"=\s*\{\s*[A-Z]\w*\(",
    ),
    Limit(
        "reinit",
        "reinit of an array element is not supported. Make the state a scalar, or put it into a component.",
        r"\breinit\(",
    ),
    Limit(
        "when owner definition",
        "A variable is assigned in two when clauses. Join them to one when with elsewhen.",
        r"\bwhen\b",
    ),
    Limit(
        "must name a discrete coordinate",
        "change() and edge() take variables only, not inputs. Write a variable equal to the input, and use that.",
        r"\b(?:change|edge)\(",
    ),
    Limit("unbalanced model", "Every input of an inner component must be connected, every variable determined once."),
)

_QUOTED = re.compile(r"[`']([^`']+)[`']")
_SYNTAX_PLACE = re.compile(r"\[input\.mo:(\d+):(\d+)\]")
_STAGE = re.compile(r"^(?:\w+ failed: )?\w+ (?:failed in \w+|could not be compiled): ")


def explain(
    message: str, files: Sequence[Path], syntax: Sequence[tuple[SourceLocation, str]], *, panicked: bool
) -> Iterator[CosimError]:
    """Turn one failure of the front end into errors with a place where one can be found.

    Parameters
    ----------
    files
        The source files, that of the class first: its lines are searched first.
    syntax
        Syntax errors with their places; where there are any, nothing else counts.
    panicked
        Whether the front end broke instead of refusing the model.
    """
    for place, text in syntax:
        yield _syntax_error(place, text)
    if syntax:
        return
    first = _STAGE.sub("", message.split("\nRelated failures")[0].strip())
    if wrong := re.search(r"cannot extend (\w+) '(\w+)'", first):
        yield ModelError(f"{wrong.group(2)} is a {wrong.group(1)}, of which there is no FMU. Name a model or a block.")
        return
    limit = next((item for item in LIMITS if item.sign in message), None)
    if panicked and limit is None:
        yield BuildError(f"The Modelica front end rumoca broke down: {first}. Simplify the class until it compiles.")
        return
    found = _line_like(limit.pattern, files) if limit and limit.pattern else None
    found = found or locate(_identifiers(first), files)
    what = f"{limit.advice} (rumoca: {first})" if limit else f"{first}."
    line = f"{what} In the line: {source_line(found)}" if found else what
    yield ModelError(line, location=found)


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
        found = _line_like(rf"\b{re.escape(name)}\b", files)
        if found:
            return found
    return None


def _line_like(pattern: str, files: Sequence[Path]) -> SourceLocation | None:
    expression = re.compile(pattern)
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if expression.search(line.split("//")[0]):
                return SourceLocation(file, number)
    return None


def source_line(place: SourceLocation) -> str:
    """Return the text of the line, without its indentation."""
    lines = place.file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[place.line - 1].strip() if 0 < place.line <= len(lines) else ""
