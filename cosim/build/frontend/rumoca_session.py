"""The only place that calls the rumoca compiler: Modelica sources in, the JSON of its flat stage out."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosim.build.frontend.diagnostics import explain
from cosim.build.frontend.loops import split_nested
from cosim.build.frontend.unbalanced import counts_in, explain_balance, filled_up
from cosim.errors import BuildError, SourceLocation, raise_all

_EQUATIONS = '"equations":['
_AFTER_EQUATIONS = '],"structured_equations":['
_END_OF_EQUATION = '"scalar_count":'


@dataclass(frozen=True, slots=True)
class FlatJson:
    """The front end's reply; ``equations`` are still JSON texts, since most of them may never be looked at."""

    content: dict[str, Any]
    equations: tuple[str, ...]


def flatten(files: Sequence[Path], roots: Sequence[Path], wrapper: str, wrapper_name: str) -> FlatJson:
    """Flatten the class ``wrapper_name`` written in ``wrapper`` against the libraries at ``roots``.

    Parameters
    ----------
    files
        Every source file of the libraries, for error messages.

    Raises
    ------
    ModelError
        The sources are wrong or use what the compiler does not support.
    BuildError
        The front end itself broke.
    """
    text = _run(files, roots, wrapper, wrapper_name)
    begin = text.find(_EQUATIONS)
    end = text.find(_AFTER_EQUATIONS, begin)
    if begin < 0 or end < 0:
        raise BuildError("The Modelica front end rumoca returned no equations; cosim needs rumoca 0.10.2.")
    rows = _split(text[begin + len(_EQUATIONS) : end])
    return FlatJson(json.loads(text[: begin + len(_EQUATIONS)] + text[end:]), rows)


def _split(text: str) -> tuple[str, ...]:
    """Cut the equations apart without parsing them; ``scalar_count`` is the last member of each."""
    rows = []
    start = 0
    while (at := text.find(_END_OF_EQUATION, start)) >= 0:
        stop = text.index("}", at) + 1
        rows.append(text[start:stop].lstrip(","))
        start = stop
    return tuple(rows)


def _run(files: Sequence[Path], roots: Sequence[Path], wrapper: str, name: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        prepared = _with_split_loops(roots, Path(folder))
        outcome = _flat_text(prepared, wrapper, name)
    if isinstance(outcome, str):
        return outcome
    if prepared != list(roots):  # the message must be about the text as it was written
        outcome = _flat_text(roots, wrapper, name)
        if isinstance(outcome, str):
            return outcome
    counts = counts_in(str(outcome))
    if counts is not None:
        filled = _flat_text(roots, filled_up(wrapper, counts), name)
        extended = re.search(r"extends ([\w.]+)", wrapper)
        class_name = extended.group(1) if extended else name
        raise explain_balance(filled if isinstance(filled, str) else None, counts, class_name, files)
    panicked = not isinstance(outcome, Exception)
    raise_all(list(explain(str(outcome), files, _syntax_errors(files), panicked=panicked)))
    raise AssertionError("unreachable")


def _with_split_loops(roots: Sequence[Path], folder: Path) -> list[Path]:
    """Return ``roots``, in place of those with nested loops of equations copies in ``folder`` with these split."""
    prepared = []
    for number, root in enumerate(roots):
        files = sorted(root.rglob("*.mo")) if root.is_dir() else [root]
        texts = {file: file.read_text(encoding="utf-8", errors="replace") for file in files}
        changed = {file: split_nested(text) for file, text in texts.items()}
        if changed == texts:
            prepared.append(root)
            continue
        copy = folder / str(number) / root.name
        for file, text in changed.items():
            target = copy / file.relative_to(root) if root.is_dir() else copy
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        prepared.append(copy)
    return prepared


def _flat_text(roots: Sequence[Path], wrapper: str, name: str) -> str | BaseException:
    """Return the flat JSON, or what the front end raised."""
    import rumoca

    with tempfile.TemporaryDirectory() as empty, _quiet_stderr(), _without_cache():
        # Without a workspace of its own, rumoca would read every .mo file of the current directory.
        try:
            session = rumoca.Session(roots=[str(root) for root in roots], workspace=empty)
            model = session.loads(wrapper, model=name, filename=str(Path(empty) / f"{name}.mo"))
            return str(model.to_json("flat", pretty=False))
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:  # a panic of the Rust library derives from BaseException only
            return error


def _syntax_errors(files: Sequence[Path]) -> list[tuple[SourceLocation, str]]:
    import rumoca

    found = []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        for diagnostic in rumoca.validate_source(text):
            if diagnostic.rule == "syntax-error":
                found.append((SourceLocation(file, int(diagnostic.line or 1)), str(diagnostic.message)))
    return found


@contextmanager
def _without_cache() -> Iterator[None]:
    """Leave rumoca no folder to keep parsed files in: each run would add a thousand, and none gets faster by them."""
    saved = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = os.devnull
    try:
        yield
    finally:
        del os.environ["XDG_CACHE_HOME"]
        if saved is not None:
            os.environ["XDG_CACHE_HOME"] = saved


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep the Rust library's backtraces off the terminal; its message arrives as an exception."""
    saved = os.dup(2)
    try:
        with open(os.devnull, "w", encoding="utf-8") as sink:
            os.dup2(sink.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
