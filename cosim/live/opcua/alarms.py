"""Alarms of a virtual plant: an event when a value leaves its limits, and one when it is back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asyncua import Server, ua
from asyncua.common.node import Node
from asyncua.server.event_generator import EventGenerator

from cosim.live.quality import Quality, quality_of
from cosim.live.tag import Tag

_SEVERITY: Final = 600
"""Of 1 to 1,000: high. Source: OPC 10000-5, 6.4.2."""
_BACK: Final = 100


class Alarms:
    """Watches the limits of tags; events come from the plant's folder."""

    def __init__(self, generator: EventGenerator, tags: Mapping[str, Tag]) -> None:
        self._generator = generator
        self._limits = {
            tag.name: tag
            for tag in tags.values()
            if tag.low is not None and tag.high is not None and not tag.is_writable
        }
        self._states: dict[str, str] = {}

    @classmethod
    async def of(cls, server: Server, folder: Node, tags: Mapping[str, Tag]) -> Alarms:
        """Make them for the tags below ``folder``."""
        generator = await server.get_event_generator(ua.ObjectIds.ExclusiveLimitAlarmType, folder)
        return cls(generator, tags)

    async def look(self, name: str, value: float, status: int) -> None:
        """Tell of ``name`` when it passes a limit, fails, or comes back."""
        tag = self._limits.get(name)
        if tag is None:
            return
        state = _state(tag, value, status)
        if state != self._states.get(name, ""):
            self._states[name] = state
            await self._tell(name, state or "is back within its limits", _SEVERITY if state else _BACK)

    async def _tell(self, name: str, text: str, severity: int) -> None:
        event = self._generator.event
        event.SourceName, event.Severity = name, severity
        await self._generator.trigger(message=f"{name} {text}.")


def _state(tag: Tag, value: float, status: int) -> str:
    """Say what is wrong, '' for nothing."""
    assert tag.low is not None
    assert tag.high is not None
    if quality_of(status) is Quality.MISSING:
        return "has failed"
    if value > tag.high:
        return f"is above {tag.high:g} {tag.unit}"
    return f"is below {tag.low:g} {tag.unit}" if value < tag.low else ""
