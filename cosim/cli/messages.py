"""Messages on the error stream: problems with their source line, usage errors, unexpected failures."""

from __future__ import annotations

import linecache
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from cosim.errors import CosimError, ProblemList, SourceLocation

_LONGEST_LINE: Final = 160
_SHOWN: Final = (".yaml", ".yml", ".mo")
"""Names of files of which a line is shown: what somebody wrote for cosim. Others may hold what nobody should see."""


def error_console() -> Console:
    """Return the console of the error stream; long lines are left for the terminal to wrap."""
    return Console(stderr=True, soft_wrap=True, highlight=False)


def show_line(text: str, style: str = "") -> None:
    """Print one line of plain text on the error stream."""
    error_console().print(Text(text, style=style))


def show_warning(text: str) -> None:
    """Print a warning on the error stream."""
    error_console().print(Text.assemble(("warning: ", "bold yellow"), plain(text)))


@contextmanager
def showing_warnings(show: Callable[[str], None]) -> Iterator[None]:
    """Pass the texts of Python's warnings to ``show`` while the block runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *rest: show(str(message))
        yield


def show_error(error: CosimError) -> None:
    """Print each problem with its place and the line it is about."""
    console = error_console()
    problems = error.problems if isinstance(error, ProblemList) else (error,)
    for problem in problems:
        console.print(_rendered(problem))
    if len(problems) > 1:
        console.print(Text(f"{len(problems)} problems.", style="bold"))


def _rendered(problem: CosimError) -> Text:
    text = Text()
    text.append("error: ", style="bold red")
    text.append(plain(problem.message))
    if problem.location is not None:
        text.append(_excerpt(problem.location))
    return text


def _excerpt(place: SourceLocation) -> Text:
    """Return the place and the line there, with a mark under its column."""
    text = Text(f"\n  --> {place}", style="cyan")
    if place.file.suffix.lower() not in _SHOWN:
        return text
    linecache.checkcache(str(place.file))
    line = linecache.getline(str(place.file), place.line).rstrip()
    if not line:
        return text
    number = str(place.line)
    column = min(place.column or 1 + len(line) - len(line.lstrip()), len(line))
    start = max(0, column - _LONGEST_LINE // 2) if len(line) > _LONGEST_LINE else 0
    shown = plain(line[start : start + _LONGEST_LINE].replace("\t", " "))
    text.append(f"\n {number} | ", style="blue")
    text.append(shown, style="default")
    text.append(f"\n {' ' * len(number)} | ", style="blue")
    text.append(" " * (column - 1 - start) + "^", style="bold red")
    return text


def plain(text: str) -> str:
    """Take control characters out of text that came from a file."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


def show_usage_error(message: str, command: str) -> None:
    """Print what is wrong with the command line and where help is."""
    console = error_console()
    text = Text("error: ", style="bold red")
    text.append(plain(message), style="default")
    console.print(text)
    console.print(Text(f"See '{command} --help'."))


def show_unexpected(error: Exception) -> None:
    """Print one line for an error nobody planned, with the traceback in a file."""
    place = _write_log(error)
    kept = f" The details are in {place}; please report them." if place else ""
    show_error(CosimError(f"cosim met an unexpected {type(error).__name__}: {error}.{kept}"))


def _write_log(error: Exception) -> Path | None:
    import tempfile

    import platformdirs

    now = datetime.now(UTC)
    text = "".join(traceback.format_exception(error))
    for folder in (Path(platformdirs.user_log_dir("cosim")), Path(tempfile.gettempdir())):
        path = folder / f"cosim-{now:%Y%m%d-%H%M%S-%f}.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{now.isoformat()}\n{text}", encoding="utf-8")
        except OSError:
            continue
        return path
    return None
