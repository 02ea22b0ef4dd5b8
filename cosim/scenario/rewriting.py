"""A scenario's text with other sources for its components, and nothing else changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cosim.errors import ScenarioError
from cosim.scenario.model import Scenario

_PREFIXED: Final = ("modelica", "release")
"""Kinds of sources that are written with their kind, of those that can be replaced."""


def with_sources(scenario: Scenario, sources: Mapping[str, str]) -> str:
    """Return the text of ``scenario`` in which each component of ``sources`` comes from the file given there.

    Raises
    ------
    ScenarioError
        When the place of a source is not in the text.
    """
    lines = scenario.text.splitlines(keepends=True)
    places = []
    for name, new in sources.items():
        entry = scenario.components[name]
        origin = entry.source.origin
        written = f"{entry.source.kind}:{entry.source.text}" if entry.source.kind in _PREFIXED else entry.source.text
        line = lines[origin.line - 1] if origin is not None else ""
        begin = line.find(written, (origin.column or 1) - 1) if origin is not None else -1
        if origin is None or begin < 0:
            raise ScenarioError(
                f"The source of '{name}' is written in a way that cannot be replaced: write it plainly."
            )
        places.append((origin.line - 1, begin, len(written), new))
    for number, begin, length, new in sorted(places, reverse=True):
        line = lines[number]
        lines[number] = line[:begin] + new + line[begin + length :]
    return "".join(lines)
