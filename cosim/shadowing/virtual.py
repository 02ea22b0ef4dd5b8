"""A virtual plant from its files: the scenario that is true, the tags it shows, the faults it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cosim.clock import Ticks
from cosim.live.acting_file import read_acting
from cosim.live.deadman import fallback_of
from cosim.live.fault import FaultScript
from cosim.live.fault_file import read_fault_script
from cosim.live.opcua.server import Serving
from cosim.live.shadow_file import ShadowFile, is_shadow_file, read_shadow_file
from cosim.live.tag import Tag
from cosim.live.tag_file import read_tag_map
from cosim.loading import OnBuilt
from cosim.opened import open as open_scenario
from cosim.shadowing.plant import VirtualPlant
from cosim.shadowing.plant_model import PlantModel, default_tags

EVERY = Ticks(60_000_000_000)
"""Time of the batch between the values of a plant that has no tag map: a minute."""


@dataclass(frozen=True, slots=True)
class PlantFiles:
    """What a virtual plant is made of; without ``tags`` it shows all plain outputs of its scenario.

    ``shadow`` is the file of the twin that may control it.
    """

    scenario: Path
    parameters: Mapping[str, str]
    tags: Path | None = None
    faults: Path | None = None
    shadow: ShadowFile | None = None


def plant_files(path: Path) -> PlantFiles:
    """Read what ``path`` says, a shadow file with a plant or a plain scenario.

    Raises
    ------
    ScenarioError, ProblemList
        When it cannot be read.
    """
    if not is_shadow_file(path):
        return PlantFiles(path, {})
    shadow = read_shadow_file(path)
    if shadow.plant is None:
        return PlantFiles(shadow.scenario, shadow.parameters, shadow.tags)
    return PlantFiles(shadow.plant.scenario, shadow.plant.parameters, shadow.tags, shadow.plant.faults, shadow)


@contextmanager
def virtual_plant(
    files: PlantFiles, serving: Serving, *, speed: float = 1.0, seed: int | None = None, on_built: OnBuilt | None = None
) -> Iterator[VirtualPlant]:
    """Open the scenario of a virtual plant; it lives until the block ends.

    Raises
    ------
    CosimError
        When a file cannot be used, or tags and faults name what the scenario does not have.
    """
    tag_map = read_tag_map(files.tags) if files.tags is not None else None
    tags = tag_map.tags if tag_map is not None else None
    acting = read_acting(files.shadow, tag_map)[0] if files.shadow is not None and tag_map is not None else None
    script = read_fault_script(files.faults, tags) if files.faults is not None and tags is not None else None
    with open_scenario(files.scenario, dict(files.parameters), on_built=on_built) as execution:
        shown: Mapping[str, Tag] = tags if tags is not None else default_tags(execution, EVERY)
        if script is None:
            script = read_fault_script(files.faults, shown) if files.faults is not None else FaultScript()
        if seed is not None:
            script = replace(script, seed=seed)
        batch_id = f"{files.scenario.stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        model = PlantModel(execution, shown, script)
        fallback = fallback_of(acting)
        yield VirtualPlant(model, shown, serving, speed=speed, batch_id=batch_id, fallback=fallback)
