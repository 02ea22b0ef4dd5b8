"""OPC UA status codes as a policy: Good is used, Uncertain used with a warning, Bad is missing.

Source: OPC 10000-4, 7.39 (the two highest bits are the severity) and OPC 10000-6, annex A (the codes).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

GOOD: Final = 0
UNCERTAIN: Final = 0x40930000
"""UncertainSensorNotAccurate."""
BAD_SENSOR: Final = 0x808C0000
"""BadSensorFailure."""
BAD_TYPE: Final = 0x80740000
"""BadTypeMismatch: what came is not a number."""
_SEVERITY: Final = 30


class Quality(Enum):
    """What a status code means for who uses the value."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    MISSING = "missing"


def quality_of(status: int) -> Quality:
    """Return what ``status`` means."""
    severity = status >> _SEVERITY
    return Quality.GOOD if severity == 0 else Quality.UNCERTAIN if severity == 1 else Quality.MISSING
