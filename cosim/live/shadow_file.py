"""Shadow file: YAML → what a twin follows, and the virtual plant that stands in for a real one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cosim.clock import Ticks
from cosim.errors import raise_all
from cosim.live.estimation_section import EstimationSection, ForecastSection, read_estimation, read_forecast
from cosim.live.tag_file import settings_in
from cosim.scenario.document import Entry, parse_document, read_text
from cosim.scenario.reading import Problems, duration_of, fields_of, text_of

KEYS: Final = (
    "shadow", "description", "scenario", "parameters", "tags", "cycle", "estimation", "forecast", "act", "advice",
    "plant",
)  # fmt: skip
_PLANT_KEYS: Final = ("scenario", "parameters", "faults")
CYCLE: Final = Ticks(600_000_000_000)
"""Time of the batch between two comparisons where the file tells none: ten minutes."""


@dataclass(frozen=True, slots=True)
class PlantEntry:
    """The virtual plant: the scenario that is the truth, and what goes wrong."""

    scenario: Path
    parameters: dict[str, str] = field(default_factory=dict)
    faults: Path | None = None


@dataclass(frozen=True, slots=True)
class ShadowFile:
    """A whole shadow file; ``text`` is the file as read."""

    path: Path
    text: str
    name: str
    description: str
    scenario: Path
    parameters: dict[str, str]
    tags: Path
    cycle: Ticks
    plant: PlantEntry | None
    estimation: EstimationSection | None = None
    forecast: ForecastSection | None = None


def is_shadow_file(path: Path) -> bool:
    """Tell whether the YAML at ``path`` is a shadow file, by its keys.

    Raises
    ------
    ScenarioError, ProblemList
        When it cannot be read.
    """
    root = parse_document(read_text(path, "shadow file"), path)
    return any(entry.key == "shadow" for entry in root.entries)


def read_shadow_file(path: Path) -> ShadowFile:
    """Read the shadow file at ``path``.

    Raises
    ------
    ScenarioError, ProblemList
        All its problems at once, with file and line.
    """
    text = read_text(path, "shadow file")
    root = parse_document(text, path, "shadow")
    problems = Problems()
    fields = fields_of(root, KEYS, "A shadow file", problems)
    name = text_of(fields["shadow"].value, "'shadow'", problems) if "shadow" in fields else None
    for key in ("shadow", "scenario", "tags"):
        if key not in fields:
            problems.add(f"There is no '{key}'.", root.origin)
    cycle = duration_of(fields["cycle"].value, "'cycle'", problems) if "cycle" in fields else CYCLE
    found = ShadowFile(
        path=path,
        text=text,
        name=name or "shadow",
        description=(text_of(fields["description"].value, "'description'", problems) or "")
        if "description" in fields
        else "",
        scenario=_path(fields.get("scenario"), path, problems) or path,
        parameters=settings_in(fields.get("parameters"), problems),
        tags=_path(fields.get("tags"), path, problems) or path,
        cycle=cycle or CYCLE,
        plant=_plant(fields.get("plant"), path, problems),
        estimation=read_estimation(fields["estimation"], problems) if "estimation" in fields else None,
        forecast=read_forecast(fields["forecast"], path, problems) if "forecast" in fields else None,
    )
    if found.forecast is not None and found.estimation is None:
        problems.add("A forecast needs an 'estimation', from whose members it goes on.", found.forecast.origin)
    if not found.name.replace("_", "").replace("-", "").isalnum():
        problems.add(f"'{name}' cannot name a shadow: use letters, digits, underscores and hyphens.", root.origin)
    raise_all(problems.found)
    return found


def _plant(entry: Entry | None, path: Path, problems: Problems) -> PlantEntry | None:
    if entry is None:
        return None
    fields = fields_of(entry.value, _PLANT_KEYS, "'plant'", problems)
    scenario = _path(fields.get("scenario"), path, problems)
    if scenario is None:
        problems.add("The plant has no 'scenario' that it runs.", entry.origin)
        return None
    return PlantEntry(
        scenario, settings_in(fields.get("parameters"), problems), _path(fields.get("faults"), path, problems)
    )


def _path(entry: Entry | None, path: Path, problems: Problems) -> Path | None:
    """Return the file that is named, relative to this one."""
    text = text_of(entry.value, f"'{entry.key}'", problems) if entry is not None else None
    return path.parent / text if text is not None else None
