"""Data values of OPC UA as samples and notes."""

from __future__ import annotations

import math

from asyncua import ua

from cosim.live.opcua.times import to_ns
from cosim.live.quality import BAD_TYPE
from cosim.live.record import Kind, Note, Origin, Sample


def sample_of(tag: str, value: ua.DataValue, received: int, origin: Origin) -> Sample:
    """Return ``value`` as a sample; what is no finite number counts as Bad, whatever the server says."""
    status = int(value.StatusCode.value) if value.StatusCode is not None else 0
    number = number_of(value)
    if not math.isfinite(number) and status >> 30 < 2:
        status = BAD_TYPE
    return Sample(tag, to_ns(value.SourceTimestamp), to_ns(value.ServerTimestamp), received, number, status, origin)


def number_of(value: ua.DataValue) -> float:
    """Return the number that ``value`` holds, NaN for anything else; a Boolean is one."""
    content = value.Value.Value if value.Value is not None else None
    return float(content) if isinstance(content, int | float) else math.nan


def text_of(tag: str, value: ua.DataValue, received: int) -> Note | None:
    """Return the text that ``value`` holds, None for another value."""
    content = value.Value.Value if value.Value is not None else None
    return Note(Kind.TEXT, received, content, tag, to_ns(value.SourceTimestamp)) if isinstance(content, str) else None
