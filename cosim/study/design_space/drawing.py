"""Maps of a design space: probability by colour, the demanded one as a line, each edge of failure as another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.results.display import number, pretty_unit
from cosim.study.design_space.contours import crossings
from cosim.study.design_space.field import Space
from cosim.study.design_space.grid import levels_of, mesh
from cosim.study.design_space.ranges import Judgement
from cosim.study.distributions import Choice
from cosim.study.drawing import Axis, bottom_axis, nice_ticks, svg, text
from cosim.study.problem import Array, Factor

_WIDTH: Final = 900.0
_LEFT: Final = 66.0
_KEY: Final = 690.0
_MOST_PANELS: Final = 6
_CELLS: Final = 41
"""Of a panel, along each side."""
_COLOURS: Final = 8

Box = tuple[tuple[float, float], ...]


def design_space_drawing(space: Space, grid: Judgement, box: Box | None, runs: Sequence[Array]) -> str:
    """Draw the map; ``runs`` are the levels at which runs were made, () for none."""
    if len(space.factors) == 1:
        return _curve(space, grid)
    if len(space.factors) == 2:
        frame = _Frame(0, 1, _LEFT, 14.0, _KEY - _LEFT - 40.0, 420.0)
        body = [*_panel(space, frame, grid, box, None), *_dots(space, frame, runs), *_axes(space, frame)]
        return svg(_WIDTH, 490.0, [*body, *_key(space, box, bool(runs))], "Design space")
    return _multiples(space, box, runs)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Factor ``x`` across and ``y`` up, in a rectangle."""

    x: int
    y: int
    left: float
    top: float
    width: float
    height: float

    def across(self, space: Space) -> Axis:
        """Return where values of the factor across are."""
        return Axis(*space.factors[self.x].distribution.bounds, self.left, self.left + self.width)

    def up(self, space: Space) -> Axis:
        """Return where values of the other are."""
        return Axis(*space.factors[self.y].distribution.bounds, self.top + self.height, self.top)


def _shown(factor: Factor) -> str:
    unit = pretty_unit(factor.unit)
    return f"{factor.name} [{unit}]" if unit else factor.name


def _multiples(space: Space, box: Box | None, runs: Sequence[Array]) -> str:
    """Draw a panel for some values of the factor that has a list, else of the last."""
    kinds = [isinstance(factor.distribution, Choice) for factor in space.factors]
    z = kinds.index(True) if any(kinds) else 2
    x, y = (i for i in range(3) if i != z)
    slices = _slices(space, z)
    body: list[str] = []
    width, height = 174.0, 170.0
    for i, value in enumerate(slices):
        frame = _Frame(x, y, _LEFT + (i % 3) * (width + 26.0), 30.0 + (i // 3) * (height + 44.0), width, height)
        axes = tuple(levels_of(factor, _CELLS) for factor in space.factors)
        axes = tuple(np.array([value]) if j == z else axis for j, axis in enumerate(axes))
        points = mesh(axes)
        judged = space.judge(points)
        is_set = abs(value - float(space.set_point[z])) <= 1e-9 * abs(value)
        body += _panel(space, frame, Judgement(axes, points, judged.margins, judged.met), box, (z, value))
        body += _dots(space, frame, runs if _is_level(value, runs, z) else ())
        factor = space.factors[z]
        title = f"{factor.name} {number(value, 4)} {pretty_unit(factor.unit)}".strip()
        kind = "panel-name mid set" if is_set else "panel-name mid"
        body.append(text(frame.left + width / 2, frame.top - 9, title, kind))
        body += _small_axes(space, frame, is_left=i % 3 == 0, is_low=i + 3 >= len(slices))
    rows = (len(slices) + 2) // 3
    bottom = 30.0 + rows * (height + 44.0)
    columns = min(len(slices), 3)
    middle = _LEFT + (columns * (width + 26.0) - 26.0) / 2.0
    body.append(text(middle, bottom + 8, _shown(space.factors[x]), "label mid"))
    body.append(_turned(16, 30.0 + (rows * (height + 44.0) - 44.0) / 2.0, _shown(space.factors[y])))
    return svg(_WIDTH, max(bottom + 20.0, 330.0), [*body, *_key(space, box, bool(runs))], "Design space")


def _slices(space: Space, z: int) -> list[float]:
    """Return values for the panels, the set point among them."""
    levels = levels_of(space.factors[z], _MOST_PANELS - 1)
    if len(levels) <= _MOST_PANELS:
        return [float(level) for level in levels]
    chosen = levels[np.unique(np.linspace(0, len(levels) - 1, _MOST_PANELS).round().astype(int))]
    nearest = int(np.argmin(np.abs(chosen - space.set_point[z])))
    chosen[nearest] = space.set_point[z]
    return [float(level) for level in chosen]


def _is_level(value: float, runs: Sequence[Array], z: int) -> bool:
    return bool(runs) and bool(np.any(np.abs(runs[z] - value) <= 1e-9 * (np.ptp(runs[z]) or 1.0)))


def _panel(space: Space, frame: _Frame, grid: Judgement, box: Box | None, at: tuple[int, float] | None) -> list[str]:
    """Draw the colours, the edges, the box, and the set point where the panel passes through it (``at`` a value)."""
    across, up = frame.across(space), frame.up(space)
    xs, ys = grid.axes[frame.x], grid.axes[frame.y]
    body = [
        f'<rect class="back" x="{frame.left:g}" y="{frame.top:g}" width="{frame.width:g}" height="{frame.height:g}"/>'
    ]
    body += _cells(frame, across, up, (xs, ys), (grid.met[:, -1] / space.n).reshape(len(xs), len(ys)).T)
    for j in range(len(space.responses)):
        margins = grid.margins[:, j].reshape(len(xs), len(ys)).T
        body += _line(across, up, crossings(xs, ys, margins), f"edge c{j % _COLOURS}")
    whole = grid.margins[:, -1].reshape(len(xs), len(ys)).T
    body += _line(across, up, crossings(xs, ys, whole), "boundary")
    if box is not None and (at is None or box[at[0]][0] <= at[1] <= box[at[0]][1]):
        (low, high), (under, over) = box[frame.x], box[frame.y]
        body.append(
            f'<rect class="box" x="{across(low):g}" y="{up(over):g}" width="{across(high) - across(low):.2f}" '
            f'height="{up(under) - up(over):.2f}"/>'
        )
    if at is None or abs(at[1] - float(space.set_point[at[0]])) <= 1e-9 * abs(at[1]):
        body.append(_cross(across(float(space.set_point[frame.x])), up(float(space.set_point[frame.y]))))
    return body


def _cross(x: float, y: float) -> str:
    return f'<path class="set-point" d="M{x - 6:g} {y:g}h12M{x:g} {y - 6:g}v12"/>'


def _cells(frame: _Frame, across: Axis, up: Axis, axes: tuple[Array, Array], shares: Array) -> list[str]:
    """Draw each row of cells as few rectangles, neighbours of the same colour as one."""
    xs, ys = (_bounds(axis) for axis in axes)
    body = []
    for i, row in enumerate(np.round(shares, 2).tolist()):
        top, bottom = up(float(ys[i + 1])), up(float(ys[i]))
        first = 0
        for j in range(1, len(row) + 1):
            if j < len(row) and row[j] == row[first]:
                continue
            left, right = across(float(xs[first])), across(float(xs[j]))
            if row[first] > 0.0:
                body.append(
                    f'<rect class="cell" x="{left:g}" y="{top:g}" width="{right - left:.2f}" '
                    f'height="{bottom - top:.2f}" opacity="{_opacity(row[first]):.2f}"/>'
                )
            first = j
    return body


def _opacity(share: float) -> float:
    return 0.72 * share


def _bounds(axis: Array) -> Array:
    """Return the ends of the cells around the values of ``axis``."""
    found: Array = np.concatenate([[axis[0]], (axis[1:] + axis[:-1]) / 2.0, [axis[-1]]])
    return found


def _line(
    across: Axis, up: Axis, segments: Sequence[tuple[tuple[float, float], tuple[float, float]]], kind: str
) -> list[str]:
    if not segments:
        return []
    path = "".join(f"M{across(a):g} {up(b):g}L{across(c):g} {up(d):g}" for (a, b), (c, d) in segments)
    return [f'<path class="{kind}" d="{path}"/>']


def _dots(space: Space, frame: _Frame, runs: Sequence[Array]) -> list[str]:
    if not runs:
        return []
    across, up = frame.across(space), frame.up(space)
    return [
        f'<circle class="made" cx="{across(x):g}" cy="{up(y):g}" r="1.4"/>'
        for x in runs[frame.x].tolist()
        for y in runs[frame.y].tolist()
    ]


def _turned(x: float, y: float, content: str) -> str:
    return text(x, y, content, "label mid").replace("<text ", f'<text transform="rotate(-90 {x:g} {y:g})" ', 1)


def _axes(space: Space, frame: _Frame) -> list[str]:
    across, up = frame.across(space), frame.up(space)
    bottom = frame.top + frame.height
    x, y = space.factors[frame.x], space.factors[frame.y]
    body = bottom_axis(across, bottom, bottom + 4, x.name, x.unit)
    body += [text(frame.left - 8, up(tick) + 4, number(tick), "tick end") for tick in nice_ticks(up.low, up.high)]
    return [*body, _turned(16, frame.top + frame.height / 2, _shown(y))]


def _small_axes(space: Space, frame: _Frame, *, is_left: bool, is_low: bool) -> list[str]:
    across, up = frame.across(space), frame.up(space)
    body = []
    if is_low:
        ticks = nice_ticks(across.low, across.high, 4)
        body += [text(across(tick), frame.top + frame.height + 16, number(tick), "tick mid") for tick in ticks]
    if is_left:
        ticks = nice_ticks(up.low, up.high, 5)
        body += [text(frame.left - 6, up(tick) + 4, number(tick), "tick end") for tick in ticks]
    return body


def _key(space: Space, box: Box | None, has_runs: bool) -> list[str]:
    """Draw what colours, lines and marks mean."""
    body = [text(_KEY, 26, "probability of", "label"), text(_KEY, 41, "meeting all specifications", "label")]
    for i in range(6):
        share, place = 1.0 - i / 5, 54 + 19 * i
        body.append(f'<rect class="back" x="{_KEY:g}" y="{place}" width="24" height="19"/>')
        body.append(
            f'<rect class="cell" x="{_KEY:g}" y="{place}" width="24" height="19" opacity="{_opacity(share):.2f}"/>'
        )
        body.append(text(_KEY + 32, place + 14, number(share), "tick"))
    top = 196.0
    marks = [("boundary", f"design space, from {space.demanded:g} on")]
    marks += [(f"edge c{j % _COLOURS}", f"{item.name} alone") for j, item in enumerate(space.responses)]
    for kind, meaning in marks:
        body.append(f'<path class="{kind}" d="M{_KEY:g} {top:g}h24"/>')
        body.append(text(_KEY + 32, top + 4, meaning if len(meaning) <= 28 else f"{meaning[:27]}…", "tick"))
        top += 20.0
    body += [_cross(_KEY + 12, top), text(_KEY + 32, top + 4, "set point", "tick")]
    if box is not None:
        top += 20.0
        body.append(f'<rect class="box" x="{_KEY:g}" y="{top - 6:g}" width="24" height="12"/>')
        body.append(text(_KEY + 32, top + 4, "largest box", "tick"))
    if has_runs:
        top += 20.0
        body.append(f'<circle class="made" cx="{_KEY + 12:g}" cy="{top:g}" r="1.4"/>')
        body.append(text(_KEY + 32, top + 4, "runs were made", "tick"))
    return body


def _curve(space: Space, grid: Judgement) -> str:
    """Draw probability over the only factor."""
    factor, right = space.factors[0], _KEY - 40.0
    across, up = Axis(*factor.distribution.bounds, _LEFT, right), Axis(0.0, 1.0, 330.0, 14.0)
    good = grid.margins[:, -1] >= 0.0
    xs = grid.axes[0]
    bounds = _bounds(xs)
    body = [
        f'<rect class="cell" x="{across(float(bounds[i])):g}" y="14" height="316" '
        f'width="{across(float(bounds[i + 1])) - across(float(bounds[i])):.2f}" opacity="0.14"/>'
        for i in np.flatnonzero(good).tolist()
    ]
    body += bottom_axis(across, 14.0, 330.0, factor.name, factor.unit)
    body += [text(_LEFT - 8, up(tick) + 4, number(tick), "tick end") for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    body.append(_turned(16, 172.0, "probability"))
    body.append(f'<line class="limit" x1="{_LEFT}" x2="{right}" y1="{up(space.demanded)}" y2="{up(space.demanded)}"/>')
    for j in [*range(len(space.responses)), -1]:
        kind = "boundary" if j < 0 else f"edge c{j % _COLOURS}"
        points = zip(xs.tolist(), (grid.met[:, j] / space.n).tolist(), strict=True)
        body.append(f'<path class="{kind}" d="M{"L".join(f"{across(x):g} {up(share):g}" for x, share in points)}"/>')
    x = across(float(space.set_point[0]))
    body.append(f'<line class="box" x1="{x}" x2="{x}" y1="14" y2="330"/>')
    top = 40.0
    marks = [("boundary", "all specifications"), ("limit", f"demanded: {space.demanded:g}"), ("box", "set point")]
    marks += [(f"edge c{j % _COLOURS}", f"{item.name} alone") for j, item in enumerate(space.responses)]
    for kind, meaning in marks:
        body.append(f'<path class="{kind}" d="M{_KEY:g} {top:g}h24"/>')
        body.append(text(_KEY + 32, top + 4, meaning if len(meaning) <= 28 else f"{meaning[:27]}…", "tick"))
        top += 20.0
    return svg(_WIDTH, 376.0, body, "Design space")
