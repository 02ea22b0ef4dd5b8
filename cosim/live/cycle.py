"""One cycle of a shadow: what the plant measured, aligned to one time of the batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cosim.clock import Ticks
from cosim.live.quality import Quality


@dataclass(frozen=True, slots=True)
class Aligned:
    """The value of a tag for a cycle, in the tag's unit; NaN where it is missing.

    Of a tag that measures, the last value at its end; of one that drives, the mean over it, values held in between.
    ``age`` is how long before the end the last value was taken [ticks], ``n`` how many are newer than those of earlier
    cycles, also where they came too late for them. ``is_held`` where the plant has told since that the value is bad,
    and one from before is held.
    """

    value: float
    quality: Quality
    age: Ticks
    n: int
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class LaboratorySample:
    """A sample that was ``taken`` at one time of the batch and ``reported`` at another."""

    tag: str
    taken: Ticks
    reported: Ticks
    value: float
    quality: Quality


@dataclass(frozen=True, slots=True)
class Cycle:
    """From ``start`` to ``end``, in the time of the batch.

    ``samples`` became known in this cycle, or before it where they were taken in it. ``n_late`` counts values that came
    after the cycle to which they belong was over. ``received`` is when the plant told that it was over [ns since 1970].
    """

    number: int
    start: Ticks
    end: Ticks
    values: Mapping[str, Aligned]
    samples: tuple[LaboratorySample, ...]
    phase: str
    received: int
    n_late: int
