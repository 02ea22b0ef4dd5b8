"""Errors of the front end, which come without a place, as sentences with file, line and the rewrite that works."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cosim.errors import BuildError, CosimError, ModelError, SourceLocation


@dataclass(frozen=True, slots=True)
class Limit:
    """A known limit: ``sign`` in the front end's message, what to write instead, and how its line looks.

    Where the sign may mean something else, ``only_with_line`` asks for such a line.
    """

    sign: str
    advice: str
    pattern: str = ""
    only_with_line: bool = False


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
    Limit(
        "derivative target",
        "der() is applied to something that no equation integrates, such as an input. Differentiate in the sender, or "
        "use a filter: T*der(y) = u - y.",
        r"\bder\(",
    ),
    Limit(
        "MLS §16",
        "Clocked variables are not supported. Use when sample(start, interval) then ... end when.",
        r"\b(?:Clock|hold|subSample|superSample|backSample|shiftSample|noClock|previous)\s*\(",
    ),
    Limit(
        "for-equation range",
        "A for equation must run over Integers that are known when the model is built, such as 1:n.",
        r"\bfor\s+\w+\s+in\b",
    ),
    Limit(
        "while-statement",
        "A while loop is not supported. Write equations, or call a function with a for loop of fixed range.",
        r"\bwhile\b",
    ),
    Limit(
        "cardinality() may only",
        "cardinality() is not supported in equations. Use a Boolean parameter that says what is connected.",
        r"\bcardinality\s*\(",
    ),
    Limit(
        "expected a numeric expression, found Real",
        "A number is larger than the largest Real, 1.8e308. Write a smaller one.",
        r"\d[eE]\+?(?:30[89]|3[1-9]\d|[4-9]\d\d|\d{4,})\b",
        only_with_line=True,
    ),
)

_QUOTED = re.compile(r"[`']([^`']+)[`']")
_SYNTAX_PLACE = re.compile(r"\[input\.mo:(\d+):(\d+)\]")
_PLACE = re.compile(r"\s*\[([^\[\]]+\.mo):(\d+):(\d+)\]")
_SPAN = re.compile(r"Span \{ source: SourceId\(\d+\), start: BytePos\((\d+)\), end: BytePos\((\d+)\) \}")
_DETAIL = re.compile(r'detail: "([^"]*)"')
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
    special = _recursive(first, files) or _unresolved(first, files) or _misspelt(first, files)
    if special is not None:
        yield special
        return
    limit, found = _limit(message, files)
    if panicked and limit is None:
        yield BuildError(f"The Modelica front end rumoca broke down: {first}. Simplify the class until it compiles.")
        return
    named = _PLACE.search(first)
    if named and Path(named.group(1)).is_file():
        found = SourceLocation(Path(named.group(1)), int(named.group(2)), int(named.group(3)))
    found = found or _spanned(first, files) or locate(_identifiers(first), files)
    said = _plain(first)
    what = f"{limit.advice} (rumoca: {said})" if limit else f"{said}."
    line = f"{what} In the line: {source_line(found)}" if found else what
    yield ModelError(line, location=found)


def _limit(message: str, files: Sequence[Path]) -> tuple[Limit | None, SourceLocation | None]:
    for limit in LIMITS:
        if limit.sign in message:
            place = _line_like(limit.pattern, files) if limit.pattern else None
            if place or not limit.only_with_line:
                return limit, place
    return None, None


def _plain(message: str) -> str:
    """Leave out places, which the error has already, and the innards of the front end."""
    detail = _DETAIL.search(message)
    if detail and _SPAN.search(message):
        return detail.group(1)
    return _PLACE.sub("", message)


def _spanned(message: str, files: Sequence[Path]) -> SourceLocation | None:
    """Return the place of a message that names bytes but no file: the first file in which they are one word or call."""
    found = _SPAN.search(message)
    if found:
        start, end = int(found.group(1)), int(found.group(2))
        for file in files:
            text = file.read_bytes()
            if re.fullmatch(rb"[A-Za-z_][\w.]*(?:\([^;]*\))?", text[start:end]):
                return SourceLocation(file, text.count(b"\n", 0, start) + 1)
    return None


def _recursive(message: str, files: Sequence[Path]) -> ModelError | None:
    found = re.search(r"cyclic class instantiation detected: (\w+)", message)
    if found is None:
        return None
    name = found.group(1)
    place = _line_like(rf"\b(?:model|block|class|record|connector)\s+{name}\b", files)
    return ModelError(
        f"{name} contains a component of its own class, so that it never ends ({message.partition(': ')[2]}). Use an "
        "array of components instead.",
        location=place,
    )


def _misspelt(message: str, files: Sequence[Path]) -> ModelError | None:
    found = re.search(r"base class not found: `([\w.]+)`", message)
    if found is None:
        return None
    package, _, short = found.group(1).rpartition(".")
    known = {
        name
        for file in files
        for name in re.findall(r"\b(?:model|block)\s+(\w+)", file.read_text(encoding="utf-8", errors="replace"))
    }
    near = difflib.get_close_matches(short, sorted(known), n=1)
    hint = f" Do you mean {package}.{near[0]}?" if near else " Check its name and package."
    return ModelError(f"There is no Modelica class {found.group(1)}.{hint}")


def _unresolved(message: str, files: Sequence[Path]) -> ModelError | None:
    """Explain why a library on the search path has no class: its file is empty, or says that it belongs elsewhere."""
    found = re.fullmatch(r"unresolved import: '(\w+)'", message)
    if found is None:
        return None
    name = found.group(1)
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        within = re.match(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*within\s+(\w[\w.]*)\s*;", text, re.DOTALL)
        if within and re.search(rf"\b{name}\b", text):
            line = text.count("\n", 0, within.start(1)) + 1
            return ModelError(
                f"'within {within.group(1)}' says that {name} lies in that package, but the file lies at the top of "
                "the search path. Remove the within clause, or search from the folder of that package.",
                location=SourceLocation(file, line),
            )
        if file.stem == name and not re.search(rf"\b{name}\b", text):
            return ModelError(f"The file declares no class {name}.", location=SourceLocation(file, 1))
    return None


def _syntax_error(place: SourceLocation, text: str) -> ModelError:
    found = _SYNTAX_PLACE.search(text)
    if found:
        place = SourceLocation(place.file, int(found.group(1)), int(found.group(2)))
    parse = re.search(r"parse error: ((?:[^\n]+)(?:\n\s*│[^\n]*)*)", text)
    if parse:
        return _parse_error(place, re.sub(r"\s*\n\s*│\s*", " ", parse.group(1)))
    unexpected = re.search(r"unexpected [^\n]+|expected [^\n]+", text)
    wanted = re.search(r"help: expected one of: ([^\n]+)", text)
    what = unexpected.group(0) if unexpected else text.strip().splitlines()[0]
    hint = f"; one of {wanted.group(1).strip().rstrip(',')} could stand here" if wanted else ""
    line = source_line(place)
    return ModelError(f"Modelica syntax: {what} in '{line}'{hint}. Is a semicolon missing before?", location=place)


def _parse_error(place: SourceLocation, text: str) -> ModelError:
    """Explain what the parser finds wrong though the grammar allows it."""
    twice = re.search(r"Duplicate declaration of '(\w+)' at line \d+ \(first declared at line (\d+)\)", text)
    end = re.search(r"End name '(\w+)' does not match class name '(\w+)'", text)
    if twice:
        name, line = twice.groups()
        what = f"{name} is declared twice, first in line {line}. Remove or rename one of them."
    elif end:
        what = f"'end {end.group(1)}' closes the class {end.group(2)}. Write 'end {end.group(2)}'."
    else:
        what = f"{text}. In the line: {source_line(place)}"
    return ModelError(f"Modelica syntax: {what}", location=place)


def _identifiers(message: str) -> list[str]:
    """Names the message quotes, the most telling (last, inside quotes) first."""
    quoted = [name.split(".")[-1].split("[")[0] for name in _QUOTED.findall(message)]
    return [name for name in reversed(quoted) if re.fullmatch(r"[A-Za-z_]\w*", name)]


def without_value(name: str, files: Sequence[Path]) -> ModelError | None:
    """Say that the parameter or constant ``name`` has no value; None for one declared outer, which has its inner's."""
    short = re.escape(name.rpartition(".")[2].split("[")[0])
    if "." in name and _line_like(rf"\bouter\b.*\b{short}\b", files):
        return None
    found = _line_like(rf"\b(?:parameter|constant)\b.*\b{short}\b", files) or locate([short], files)
    line = f" In the line: {source_line(found)}" if found else ""
    return ModelError(
        f"{name} has no value. Give it one, or for a parameter start=… if whoever uses the FMU is to set it.{line}",
        variable=name,
        location=found,
    )


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
