"""Who gave the outputs of a component that has a surrogate, when and why, as lanes over its own span of time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cosim.clock import TICKS_PER_SECOND, format_ticks, to_seconds, to_ticks
from cosim.execution.outcome import Happening
from cosim.results.display import duration
from cosim.results.timeline import LABEL_WIDTH, WIDTH, Span, Tick, TimeScale

_SWITCH: Final = re.compile(r"Switch \d+: '.*?' goes on with its (FMU|surrogate|network|mechanism alone)(.*)", re.S)
"""What instances tell of a switch (``cosim.surrogate``): who goes on, how it got there, and why."""
_OTHER: Final = {"FMU": "surrogate", "surrogate": "FMU", "mechanism alone": "network", "network": "mechanism alone"}
_BAR: Final = 20.0
_TOP: Final = 22.0
"""Room above a bar for what does not fit into it."""
_FOOT: Final = 40.0
_LETTER: Final = 6.2
"""Width of a letter, to tell whether a label fits."""
_THINNEST: Final = 2.0
_FILLED: Final = 26
"""Letters of a label that says who and for how long."""


@dataclass(frozen=True, slots=True)
class Turn:
    """From ``start`` to ``end`` [s] ``who`` gave the outputs; ``why`` is '' at the beginning."""

    who: str
    start: float
    end: float
    why: str
    is_usual: bool
    """True for the one that began."""


@dataclass(frozen=True, slots=True)
class Block:
    """A turn with its place; ``label`` stands above where ``is_above``, and is '' where there is no room."""

    turn: Turn
    x: float
    width: float
    label: str
    is_above: bool
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The turns of a component, and the axis below them."""

    component: str
    y: float
    height: float
    blocks: tuple[Block, ...]
    ticks: tuple[Tick, ...]
    unit: str
    foot: float


@dataclass(frozen=True, slots=True)
class Change:
    """A switch as texts of a table."""

    component: str
    time: str
    phase: str
    who: str
    why: str


def turns(
    happenings: Sequence[Happening], active: Mapping[str, Sequence[tuple[float, float]]]
) -> dict[str, tuple[Turn, ...]]:
    """Return the turns of the components that switched, within the spans of time [s] in which they were active."""
    found: dict[str, list[tuple[float, str, str]]] = {}
    for happening in happenings:
        match = _SWITCH.fullmatch(happening.text)
        if match and active.get(happening.subject):
            how, _, why = match[2].partition(": ")
            text = why.removesuffix(".") + (f" ({how.removeprefix(', ')})" if how else "")
            found.setdefault(happening.subject, []).append((to_seconds(happening.time), match[1], text))
    return {name: _turns(switches, active[name]) for name, switches in found.items()}


def _turns(switches: Sequence[tuple[float, str, str]], active: Sequence[tuple[float, float]]) -> tuple[Turn, ...]:
    usual = _OTHER[switches[0][1]]
    begins = [(active[0][0], usual, ""), *switches]
    ends = [*(time for time, _, _ in switches), max(active[-1][1], switches[-1][0])]
    return tuple(Turn(who, start, end, why, who == usual) for (start, who, why), end in zip(begins, ends, strict=True))


def lanes(found: Mapping[str, Sequence[Turn]]) -> tuple[Lane, ...]:
    """Place the turns of each component on a scale of its own, one component below the other."""
    return tuple(_lane(name, mine, i * (_TOP + _BAR + _FOOT) + _TOP) for i, (name, mine) in enumerate(found.items()))


def _lane(component: str, mine: Sequence[Turn], y: float) -> Lane:
    start, end = mine[0].start, mine[-1].end
    scale = TimeScale(start, max(end - start, 1e-9))
    unit, ticks = scale.ticks(y + _BAR + 2, origin=start)
    blocks: list[Block] = []
    free_from = LABEL_WIDTH
    for turn in mine:
        block = _block(turn, scale, free_from)
        if block.is_above:
            free_from = block.x + block.width / 2 + len(block.label) * _LETTER / 2
        blocks.append(block)
    return Lane(component, y, _BAR, tuple(blocks), tuple(ticks), f"{unit} of {component}", y + _BAR + _FOOT)


def _block(turn: Turn, scale: TimeScale, free_from: float) -> Block:
    x, width = scale.x(turn.start), max(scale.width(turn.end - turn.start), _THINNEST)
    length = duration(round((turn.end - turn.start) * TICKS_PER_SECOND))
    title = f"{turn.who}, {length}" + (f"\nfrom {format_ticks(to_ticks(turn.start))}: {turn.why}" if turn.why else "")
    if width >= _FILLED * _LETTER:
        return Block(turn, x, width, f"{turn.who}, {length}", False, title)
    if width >= (len(turn.who) + 1) * _LETTER:
        return Block(turn, x, width, turn.who, False, title)
    half, middle = len(turn.who) * _LETTER / 2, x + width / 2
    has_room = not turn.is_usual and middle - half >= free_from and middle + half <= WIDTH
    return Block(turn, x, width, turn.who if has_room else "", has_room, title)


def changes(found: Mapping[str, Sequence[Turn]], phases: Sequence[Span]) -> list[Change]:
    """Return all switches in order of time."""
    every = [(name, turn) for name, mine in found.items() for turn in mine[1:]]
    every.sort(key=lambda item: item[1].start)
    return [
        Change(name, duration(to_ticks(turn.start)), _within(turn.start, phases), turn.who, turn.why)
        for name, turn in every
    ]


def _within(time: float, phases: Sequence[Span]) -> str:
    """Say how far into which phase ``time`` [s] is, the last to begin where several run."""
    running = [span for span in phases if span.start <= time <= span.end]
    if not running:
        return ""
    last = max(running, key=lambda span: span.start)
    return f"{duration(to_ticks(time - last.start))} into {last.phase}"
