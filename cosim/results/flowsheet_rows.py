"""A long flowsheet as a drawing of several rows, read like lines of text.

Rows are cut where few streams cross. What a source sends is drawn in the row of what it feeds, exits in the row of what
it leaves. An edge from row to row goes round through the lanes between the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cosim.results.flowsheet import Drawing, Edge, LabelPlace, PlacedEdge, PlacedNode, draw, layers_of

MOST_LAYERS: Final = 8
"""Longest row that can be read at the width of a page."""
_SLACK: Final = 2
"""How far a cut may move from where rows would be of the same length."""
_LANE: Final = 40.0
_OUT: Final = 14.0
"""How far an edge goes beside its ends before it turns."""
_RADIUS: Final = 7.0
_ABOVE: Final = 9.0
_BELOW: Final = 18.0


def draw_in_rows(components: Sequence[str], edges: Sequence[Edge], exits: Sequence[str] = ()) -> Drawing:
    """Place ``components`` and ``exits`` and route ``edges``, in as many rows as are needed to read the names."""
    row_of = _rows([*components, *exits], edges, set(exits))
    n_rows = max(row_of.values(), default=0) + 1
    if n_rows == 1:
        return draw(components, edges, exits)
    crossing = [edge for edge in edges if row_of[edge.source] != row_of[edge.target]]
    drawings, lanes, top = [], {}, 0.0
    for row in range(n_rows):
        for edge in crossing:
            if row_of[edge.target] == row:
                top += _LANE
                lanes[id(edge)] = top - _LANE / 2
        drawings.append(
            draw(
                [name for name in components if row_of[name] == row],
                [edge for edge in edges if row_of[edge.source] == row_of[edge.target] == row],
                [name for name in exits if row_of[name] == row],
                top=top,
            )
        )
        top = drawings[-1].height
    nodes = {node.name: node for drawing in drawings for node in drawing.nodes}
    placed = {id(item.edge): item for drawing in drawings for item in drawing.edges}
    for edge in crossing:
        feet = [drawing.height for drawing in drawings[: row_of[edge.source] + 1]]
        is_next = row_of[edge.target] == row_of[edge.source] + 1
        placed[id(edge)] = _round(edge, nodes, lanes[id(edge)], None if is_next else feet[-1] - _OUT)
    width = max(drawing.width for drawing in drawings)
    return Drawing(width, top, tuple(nodes.values()), tuple(placed[id(edge)] for edge in edges))


def _rows(names: Sequence[str], edges: Sequence[Edge], exits: set[str]) -> dict[str, int]:
    """Return the row of each node."""
    layers = layers_of(names, edges)
    lengths = max((layers[name] for name in names if name not in exits), default=-1) + 1
    cuts = _cuts(lengths, [(layers[edge.source], layers[edge.target]) for edge in edges if edge.target not in exits])
    row_of = {name: sum(layers[name] >= cut for cut in cuts) for name in names}
    fed = {edge.target for edge in edges if edge.is_stream}
    for edge in edges:
        if edge.target in exits:
            row_of[edge.target] = row_of[edge.source]
        elif edge.source not in fed and edge.is_stream and layers[edge.source]:
            row_of[edge.source] = row_of[edge.target]
    return row_of


def _cuts(n_layers: int, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return the layers that rows begin with: near equal lengths, where few edges cross."""
    n_rows = -(-n_layers // MOST_LAYERS)
    cuts = []
    for row in range(1, n_rows):
        even = row * n_layers / n_rows
        near = [cut for cut in range(1, n_layers) if abs(cut - even) <= _SLACK]
        cuts.append(min(near, key=lambda cut: (sum(min(s) < cut <= max(s) for s in spans), abs(cut - even))))
    return sorted(set(cuts))


def _round(edge: Edge, nodes: dict[str, PlacedNode], lane: float, below: float | None) -> PlacedEdge:
    """Go to the right of the source, to the lane above the row of the target, and in from its left.

    ``below`` is a lane under the row of the source, for an edge that goes on past other rows along the left margin.
    """
    source, target = nodes[edge.source], nodes[edge.target]
    right, left = source.x + source.width / 2, target.x - target.width / 2
    corners = [(right, source.y), (right + _OUT, source.y)]
    if below is not None:
        corners += [(right + _OUT, below), (_OUT / 2, below), (_OUT / 2, lane)]
    else:
        corners.append((right + _OUT, lane))
    corners += [(left - _OUT, lane), (left - _OUT, target.y), (left, target.y)]
    middle = (corners[-4][0] + corners[-3][0]) / 2
    return PlacedEdge(edge, _rounded(corners), LabelPlace(middle, lane - _ABOVE, lane + _BELOW), False)


def _rounded(corners: Sequence[tuple[float, float]]) -> str:
    """Return the path through ``corners``, each of which is rounded."""
    path = [f"M{corners[0][0]:.1f},{corners[0][1]:.1f}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        (x1, y1), (x2, y2) = _short_of(corner, before), _short_of(corner, after)
        path.append(f"L{x1:.1f},{y1:.1f} Q{corner[0]:.1f},{corner[1]:.1f} {x2:.1f},{y2:.1f}")
    path.append(f"L{corners[-1][0]:.1f},{corners[-1][1]:.1f}")
    return " ".join(path)


def _short_of(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return the point a radius from ``corner`` towards ``other``, at most half the way."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)
    share = min(_RADIUS / length, 0.5) if length else 0.0
    return corner[0] + share * dx, corner[1] + share * dy
