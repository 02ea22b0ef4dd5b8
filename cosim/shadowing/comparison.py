"""The comparison of plant and twin, kept as Parquet beside the run, and how far they are apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.live.quality import Quality
from cosim.results.segments import Row, read_segment, write_segment
from cosim.shadowing.following import AbstractFollower, Compared, Pair
from cosim.shadowing.twin import Twin

FOLDER: Final = "compared"
COLUMNS: Final = (
    ("cycle", "int64", "number of the cycle"),
    ("kind", "string", "measured, laboratory, input, or twin: what it says of a laboratory's tag"),
    ("tag", "string", "name of the tag"),
    ("time", "float64", "time of the batch [s]; of a laboratory's sample, when it was taken"),
    ("measured", "float64", "value of the plant in the tag's unit"),
    ("quality", "string", "good, uncertain or missing"),
    ("twin", "float64", "value of the twin in the tag's unit"),
)
_TWIN: Final = "twin"


class Comparison(AbstractFollower):
    """Writes what was compared into segments in ``folder``, each from one checkpoint to the next."""

    def __init__(self, folder: Path, twin: Twin) -> None:
        self._folder, self._twin = folder, twin
        self._rows: list[Row] = []
        folder.mkdir(parents=True, exist_ok=True)

    def follow(self, compared: Compared) -> None:  # noqa: D102
        number = compared.cycle.number
        for kind, pairs in (("measured", compared.pairs), ("laboratory", compared.samples)):
            self._rows += [_row(number, kind, pair) for pair in pairs]
        end = to_seconds(compared.cycle.end)
        for tag, value in compared.inputs.items():
            quality = compared.cycle.values[tag].quality.value
            self._rows.append((number, "input", tag, end, value, quality, value))
        since = Ticks(0) if number == 0 else compared.cycle.end
        for time, tag, value in self._twin.laboratory(since):
            self._rows.append((number, _TWIN, tag, to_seconds(time), math.nan, Quality.MISSING.value, value))

    def settle(self) -> None:  # noqa: D102
        if self._rows:
            write_segment(self._folder / f"{int(self._rows[0][0]):08}.parquet", self._rows, COLUMNS)
            self._rows = []


def _row(number: int, kind: str, pair: Pair) -> Row:
    return number, kind, pair.tag, to_seconds(pair.time), pair.measured, pair.quality.value, pair.twin


def go_back(folder: Path, time: Ticks, twin: Twin) -> int:
    """Forget what was compared after ``time``, let ``twin`` remember what it said before; return the next cycle."""
    numbers = [-1]
    said: dict[float, dict[str, float]] = {}
    for path in sorted(folder.glob("*.parquet")):
        rows = list(read_segment(path))
        if not rows or to_ticks(_end(rows)) > time:
            path.unlink()
            continue
        for number, kind, tag, moment, _, _, value in rows:
            numbers.append(number)
            if kind == _TWIN:
                said.setdefault(moment, {})[tag] = value
    for moment, values in said.items():
        twin.remember(to_ticks(moment), values)
    return max(numbers) + 1


def _end(rows: list[Row]) -> float:
    """Return the end of the last cycle in ``rows``; laboratory's samples are earlier."""
    return max(float(row[3]) for row in rows)


def compared_rows(folder: Path) -> Iterator[Row]:
    """Yield all that was compared, in order; ``COLUMNS`` says what."""
    for path in sorted(folder.glob("*.parquet")):
        yield from read_segment(path)


def n_compared(folder: Path) -> int:
    """Return how many cycles were compared."""
    return max((int(row[0]) for row in compared_rows(folder)), default=-1) + 1


@dataclass(slots=True)
class Mismatch:
    """How far the twin is from the plant in one tag: mean and root mean square of twin minus plant."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    last: float = math.nan

    @property
    def mean(self) -> float:
        """Mean difference, NaN without any."""
        return self.total / self.n if self.n else math.nan

    @property
    def rms(self) -> float:
        """Root mean square of the difference."""
        return math.sqrt(self.squares / self.n) if self.n else math.nan

    def add(self, difference: float) -> None:
        """Take in another difference; NaN is none."""
        if math.isfinite(difference):
            self.n, self.total, self.squares = self.n + 1, self.total + difference, self.squares + difference**2
            self.last = difference


class Mismatches(AbstractFollower):
    """Adds up how far the twin is from the plant, by tag."""

    def __init__(self, tags: Sequence[str]) -> None:
        self.by_tag = {name: Mismatch() for name in tags}

    def follow(self, compared: Compared) -> None:  # noqa: D102
        for pair in (*compared.pairs, *compared.samples):
            self.by_tag[pair.tag].add(pair.difference)

    def settle(self) -> None:  # noqa: D102
        pass

    def recall(self, folder: Path) -> None:
        """Take in what was compared before."""
        for _, kind, tag, _, measured, _, twin in compared_rows(folder):
            if kind in ("measured", "laboratory"):
                self.by_tag[tag].add(float(twin) - float(measured))
