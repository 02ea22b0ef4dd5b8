"""A map of a response over the two factors that move it most."""

from __future__ import annotations

from typing import Final

import numpy as np

from cosim.results.display import number, pretty_unit
from cosim.study.drawing import Axis, bottom_axis, nice_ticks, svg, text
from cosim.study.problem import Array, Factor, Problem, Response
from cosim.study.quadratic import Quadratic

_CELLS: Final = 36
_LEFT: Final = 92.0
_RIGHT: Final = 520.0
_BOTTOM: Final = 330.0
_SCALE: Final = 560.0


def surface(problem: Problem, response: Response, found: Quadratic, points: Array) -> tuple[str, str]:
    """Return title and drawing: ``response`` by colour, the runs at ``points`` as dots."""
    first, second = _strongest(problem, found)
    x, y = problem.factors[first], problem.factors[second]
    across = Axis(*x.distribution.bounds, _LEFT, _RIGHT)
    up = Axis(*y.distribution.bounds, _BOTTOM, 14.0)
    centres = (np.arange(_CELLS) + 0.5) / _CELLS * 2.0 - 1.0
    grid = np.zeros((_CELLS * _CELLS, len(problem.factors)))
    grid[:, first], grid[:, second] = (axis.ravel() for axis in np.meshgrid(centres, centres))
    values = found(grid).reshape(_CELLS, _CELLS)
    colours = Axis(float(values.min()), float(values.max()), 0.06, 0.95)
    body = [*_cells(values, colours), *bottom_axis(across, _BOTTOM - 1, _BOTTOM, x.name, x.unit)]
    body += _left_axis(up, y)
    body += [
        f'<circle class="run" cx="{across(point[first])}" cy="{up(point[second])}" r="4"/>' for point in points.tolist()
    ]
    body += _key(colours, response)
    title = f"{response.name} over {x.name} and {y.name}"
    return title, svg(720, _BOTTOM + 44, body, title)


def _strongest(problem: Problem, found: Quadratic) -> tuple[int, int]:
    weights = np.zeros(len(problem.factors))
    for power, value in zip(found.powers, found.coefficients, strict=True):
        for i in set(power):
            weights[i] += abs(value)
    order = np.argsort(-weights)
    return int(order[0]), int(order[1])


def _cells(values: Array, colours: Axis) -> list[str]:
    width, height = (_RIGHT - _LEFT) / _CELLS, (_BOTTOM - 14.0) / _CELLS
    size = f'width="{width:.3f}" height="{height:.3f}"'
    return [
        f'<rect class="cell" x="{_LEFT + j * width:.3f}" y="{_BOTTOM - (i + 1) * height:.3f}" {size} '
        f'opacity="{colours(values[i, j]):.2f}"/>'
        for i in range(_CELLS)
        for j in range(_CELLS)
    ]


def _left_axis(up: Axis, factor: Factor) -> list[str]:
    unit = pretty_unit(factor.unit)
    name = f"{factor.name} [{unit}]" if unit else factor.name
    middle = up((up.low + up.high) / 2)
    ticks = [text(_LEFT - 8, up(tick) + 4, number(tick), "tick end") for tick in nice_ticks(up.low, up.high)]
    label = text(18, middle, name, "label mid").replace("<text ", f'<text transform="rotate(-90 18 {middle})" ', 1)
    return [*ticks, label]


def _key(colours: Axis, response: Response) -> list[str]:
    unit = pretty_unit(response.unit)
    parts = [text(_SCALE, 26, f"{response.name} [{unit}]" if unit else response.name, "label")]
    ticks = np.linspace(colours.high, colours.low, 5)
    for i, tick in enumerate(ticks.tolist()):
        top = 40 + 26 * i
        parts.append(
            f'<rect class="cell" x="{_SCALE}" y="{top}" width="22" height="26" opacity="{colours(tick):.2f}"/>'
        )
        parts.append(text(_SCALE + 30, top + 17, number(tick), "tick"))
    return parts
