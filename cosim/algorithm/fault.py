"""What ``kernel.c`` reports."""

from dataclasses import dataclass
from enum import IntEnum


class FaultKind(IntEnum):
    """Why the kernel came back; numbered as there."""

    DONE = 0
    """All windows are complete."""
    HOLDS = 1
    """A condition holds at the end of the last one."""
    LOOK = 2
    """Something else has to be looked at there."""
    REDO = 3
    """A component needs Python for its whole step."""
    SET_INPUTS = 4
    SET_TUNABLES = 5
    STEP = 6
    """Its step ended in another way than at its end with OK or Warning."""
    GET = 7
    VALUE = 8
    """An output is not a finite number."""
    BACKWARDS = 9
    """A stream flows backwards."""

    @property
    def is_between_windows(self) -> bool:
        """True where no window was begun that is not complete."""
        return self <= FaultKind.LOOK


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the kernel came back: in the step of participant number ``participant``, or of its stream ``which``."""

    kind: FaultKind
    participant: int
    which: int
    status: int
