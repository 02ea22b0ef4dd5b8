"""What is said of a design space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cosim.results.display import number, pretty_unit
from cosim.study.capability import proportion_interval
from cosim.study.design_space.drawing import design_space_drawing
from cosim.study.design_space.field import Space
from cosim.study.design_space.grid import mesh
from cosim.study.design_space.ranges import (
    Edge,
    End,
    Judgement,
    edges_of,
    judge_grid,
    largest_box,
    proven_range,
    share_met,
)
from cosim.study.design_space.surfaces import Fitted
from cosim.study.method import Answer, Cell, Runs, Section, Table
from cosim.study.problem import Array, Factor, Problem, Response
from cosim.study.summaries import statistics


@dataclass(frozen=True, slots=True)
class Answering:
    """``space`` found from ``runs``; ``axes`` are the levels of its factors, ``fits`` the surfaces if there are any."""

    problem: Problem
    runs: Runs
    space: Space
    axes: Sequence[Array]
    fits: tuple[Fitted, ...]
    scatters: bool
    """Some factors scatter."""


def answer(asked: Answering) -> Answer:
    """Tell the map, the ranges, the edges, and what each point of the grid is."""
    space = asked.space
    grid = judge_grid(space)
    ranges = [proven_range(space, i) for i in range(len(space.factors))]
    box = largest_box(space, grid)
    edges = edges_of(space, grid)
    sections = [
        _ranges_section(asked, grid, ranges, box),
        _edges_section(space, edges),
        *([_fits_section(space.responses, asked.fits)] if asked.fits else []),
        _grid_section(asked),
        statistics(asked.problem, asked.runs),
    ]
    return Answer(_verdict(space, edges[-1], edges, share_met(space, grid)), tuple(sections), _warnings(asked))


def _headed(factor: Factor) -> str:
    unit = pretty_unit(factor.unit)
    return f"{factor.name} [{unit}]" if unit else factor.name


def _ranges_section(
    asked: Answering,
    grid: Judgement,
    ranges: Sequence[tuple[End, End] | None],
    box: tuple[tuple[float, float], ...] | None,
) -> Section:
    space = asked.space
    rows: list[tuple[Cell, ...]] = []
    for i, (factor, found) in enumerate(zip(space.factors, ranges, strict=True)):
        ends: tuple[Cell, ...] = (None, None, None, None)
        if found is not None:
            low, high = found
            ends = (low.value, high.value, low.response or "as studied", high.response or "as studied")
        rows.append((_headed(factor), float(space.set_point[i]), *ends, *(box[i] if box else (None, None))))
    columns = ("factor", "set point", "proven from", "to", "below ends", "above ends", "box from", "to")
    how = "runs at every point" if not asked.fits else "surfaces, their own error scattered on top"
    text = (
        f"Probability of meeting all specifications, from {how}; the dark line is the edge of the design space, where "
        f"it is {space.demanded:g}. A proven acceptable range is that of one factor with the others at the set point; "
        "all combinations inside the box are good as well. Terms of ICH Q8(R2)."
    )
    drawing = design_space_drawing(space, grid, box, () if asked.fits else asked.axes)
    title = f"Where all specifications are met with a probability of {space.demanded:g}"
    return Section("design_space", title, text, Table(columns, tuple(rows)), drawing)


def _edges_section(space: Space, edges: Sequence[Edge]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for edge in edges if len(edges) > 2 else edges[:-1]:
        interval = proportion_interval(round(edge.probability * space.n), space.n, space.confidence)
        place = (None,) * len(space.factors) if edge.point is None else tuple(edge.point.tolist())
        rows.append((edge.response or "all at once", edge.probability, *interval, edge.distance, *place))
    columns = ("specification", "at the set point", "from", "to", "distance", *(f.name for f in space.factors))
    text = (
        "How often each specification is met at the set point, and the nearest point at which it is met less often "
        "than demanded: its edge of failure. Distance in shares of the ranges studied; – where there is no such point."
    )
    table = Table(columns, tuple(rows), ("", "", "", "", "", *(factor.unit for factor in space.factors)))
    return Section("edge_of_failure", "Edge of failure", text, table)


def _fits_section(responses: Sequence[Response], fits: Sequence[Fitted | None]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for response, fit in zip(responses, fits, strict=True):
        unit = pretty_unit(response.unit)
        name = f"{response.name} [{unit}]" if unit else response.name
        rows.append((name, fit.kind, fit.error, fit.explained) if fit else (name, "too few runs", None, None))
    text = (
        "Each run is predicted from all others: the root of the mean square by which that misses, and the share of the "
        "variance that it explains."
    )
    columns = ("response", "surface", "error of prediction", "variance predicted")
    return Section("surfaces", "How well the surfaces predict", text, Table(columns, tuple(rows)))


def _grid_section(asked: Answering) -> Section:
    space = asked.space
    points = mesh(asked.axes)
    met = space.judge(points).met
    intervals = {int(k): proportion_interval(int(k), space.n, space.confidence) for k in np.unique(met[:, -1])}
    rows = tuple(
        (*point.tolist(), float(k[-1]) / space.n, *intervals[int(k[-1])], *(k[:-1] / space.n).tolist())
        for point, k in zip(points, met, strict=True)
    )
    names = [factor.name for factor in space.factors]
    columns = (*names, "probability", "from", "to", *(response.name for response in space.responses))
    units = (*(factor.unit for factor in space.factors), *("",) * (3 + len(space.responses)))
    text = (
        f"Of {space.n} draws each, the same at every point; intervals of {space.confidence:.0%} confidence after "
        "Clopper and Pearson, then each specification alone."
        if space.n > 1
        else "Nothing scatters: a specification is met or it is not."
    )
    return Section("grid", "Every point of the grid", text, Table(columns, rows, units))


def _verdict(space: Space, whole: Edge, edges: Sequence[Edge], share: float) -> str:
    said = f"{share:.0%} of the ranges studied meet all specifications with a probability of {space.demanded:g}"
    if space.n > 1:
        low, high = proportion_interval(round(whole.probability * space.n), space.n, space.confidence)
        at = f"{whole.probability:.3g} ({low:.3g} to {high:.3g}) at the set point"
    else:
        at = "met at the set point" if whole.probability == 1.0 else "not met at the set point"
    near = [edge for edge in edges[:-1] if edge.distance is not None]
    if not near:
        return f"{said}; {at}, and no edge of failure within the ranges."
    edge = min(near, key=lambda item: item.distance or 0.0)
    if edge.distance == 0.0:
        return f"{said}; {at}, where {edge.response} is met too seldom."
    assert edge.point is not None
    places = zip(space.factors, edge.point.tolist(), strict=True)
    place = ", ".join(f"{f.name} {number(value, 4)} {pretty_unit(f.unit)}".strip() for f, value in places)
    return f"{said}; {at}. The nearest edge of failure is that of {edge.response}, at {place}."


def _warnings(asked: Answering) -> tuple[str, ...]:
    found = []
    for j, response in enumerate(asked.problem.responses):
        n = int(np.sum(~np.isfinite(asked.runs.values[:, j])))
        if n and response.has_limits:
            meaning = "the surface leaves them out" if asked.fits else "they count as out of specification"
            found.append(f"{n} of {len(asked.runs.values)} runs gave no value for '{response.name}': {meaning}.")
    if not asked.scatters and not asked.fits:
        found.append(
            "No factor scatters, so that probabilities are 0 or 1. Give what varies from batch to batch a distribution "
            "such as {mean: …, sd: …}."
        )
    return tuple(found)


def not_fitted(
    problem: Problem, runs: Runs, responses: Sequence[Response], fits: Sequence[Fitted | None], least: float
) -> Answer:
    """Say that there is no design space, since surfaces do not fit."""
    poor = [
        response.name for response, fit in zip(responses, fits, strict=True) if fit is None or fit.explained < least
    ]
    verdict = (
        f"No design space: the surface of {', '.join(poor)} predicts less than {least:.0%} of the variance. Take more "
        "samples, narrower ranges, or runs at every point ('surface: none')."
    )
    return Answer(verdict, (_fits_section(responses, fits), statistics(problem, runs)), (verdict,))
