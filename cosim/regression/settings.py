"""By what a suite judges, as plain values: its cases, their tolerances, and what they are held against.

It does not depend on where the suite lies, nor on how its file is laid out. Whoever approves baselines approves it too.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cosim.errors import ResultError
from cosim.regression.suite import Case, Data, Subject, Suite
from cosim.results.document import plain
from cosim.scenario.model import Source

SETTINGS: Final = "settings.json"
_FORMAT: Final = "cosim suite settings 1"
Settings = Mapping[str, Any]
"""By the name of each case."""


def settings_of(suite: Suite, held: Mapping[str, object]) -> Settings:
    """Return by what each case is judged; ``held`` tells the content of what some stand against, by the case."""
    folder = suite.path.resolve().parent
    told = {
        name: {**_of_case(case, folder), **({"held_against": held[name]} if name in held else {})}
        for name, case in suite.cases.items()
    }
    return {name: json.loads(json.dumps(plain(settings))) for name, settings in told.items()}


def encode_settings(settings: Settings) -> bytes:
    """Return ``settings`` as bytes, the same for the same ones."""
    return (json.dumps({"format": _FORMAT, "cases": settings}, sort_keys=True, indent=1) + "\n").encode()


def decode_settings(data: bytes, what: str) -> Settings:
    """Read what ``encode_settings`` wrote; ``what`` it is, for the message.

    Raises
    ------
    ResultError
        When it is something else.
    """
    try:
        document = json.loads(data)
        cases: Settings = document["cases"]
        if document["format"] != _FORMAT or not isinstance(cases, dict):
            raise ValueError("its format is another")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ResultError(f"{what} does not tell by what a suite judges ({error}). Restore it.") from error
    return cases


def differences(old: Any, new: Any) -> list[str]:  # noqa: ANN401
    """Return in words where the settings of a case are ``new`` and no longer ``old``."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    names = [name for name in {**before, **after} if before.get(name, ...) != after.get(name, ...)]
    return [f"{name} is {_shown(after, name)}, was {_shown(before, name)}" for name in names]


def _shown(leaves: Mapping[str, Any], name: str) -> str:
    if name not in leaves:
        return "not there"
    leaf = leaves[name]
    is_hash = isinstance(leaf, str) and re.fullmatch("[0-9a-f]{64}", leaf)
    return leaf[:8] if is_hash else json.dumps(leaf, ensure_ascii=False)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not items:
        yield name, value
    for key, item in items:
        yield from _leaves(item, f"{name}.{key}" if name else str(key))


def _of_case(case: Case, folder: Path) -> dict[str, object]:
    against = case.against
    return {
        "runs": _of_subject(case.subject, folder),
        "against": _within(against.path, folder)
        if isinstance(against, Data)
        else _of_subject(against, folder)
        if against is not None
        else None,
        "rules": case.rules,
        "kpis": {item.name: [item.measure.text, item.unit.text if item.unit else None] for item in case.numbers},
    }


def _of_subject(subject: Subject, folder: Path) -> dict[str, object]:
    """Return what is run, but for what shows as a difference of its curves."""
    return {
        "what": _of_source(subject.source, folder) if subject.source else _within(subject.path, folder),
        "sources": {name: _of_source(source, folder) for name, source in subject.sources.items()},
        "parameters": {name: scalar.text for name, scalar in subject.parameters.items()},
        "fmi": subject.fmi,
        "compiler": subject.compiler,
        "inputs": _within(subject.inputs, folder) if subject.inputs else None,
        "duration": subject.duration.text if subject.duration else None,
        "step": subject.step.text if subject.step else None,
    }


def _of_source(source: Source, folder: Path) -> str:
    is_file = source.kind in ("fmu", "csv")
    return f"{source.kind}:{_within(Path(source.text), folder) if is_file else source.text}"


def _within(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder)).as_posix()
