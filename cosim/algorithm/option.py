"""Options of co-simulation algorithms: dataclass fields that know what values they take and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

Value = TypeVar("Value", bool, int, float, str)


@dataclass(frozen=True, slots=True)
class Option:
    """An option as a scenario may write it; the type of ``default`` is the option's type."""

    name: str
    default: bool | int | float | str
    meaning: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


def option(
    default: Value,
    meaning: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: Sequence[str] = (),
) -> Value:
    """Declare a field of an algorithm that a scenario may set, from ``least`` to ``most`` or one of ``choices``."""
    metadata = {"meaning": meaning, "least": least, "most": most, "choices": tuple(choices)}
    declared: Any = field(default=default, metadata=metadata)
    return declared  # type: ignore[no-any-return]


def options_of(algorithm: object) -> tuple[Option, ...]:
    """Return the options of ``algorithm``, a dataclass, in the order of its fields."""
    dataclass_type: Any = algorithm
    declared: list[Any] = [item for item in fields(dataclass_type) if item.metadata]
    return tuple(Option(item.name, item.default, **item.metadata) for item in declared)
