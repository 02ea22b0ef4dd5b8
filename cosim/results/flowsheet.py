"""The flowsheet as a drawing: components in layers from left to right, streams and connections between them.

A layered drawing after Sugiyama, Tagawa, Toda (1981, doi:10.1109/TSMC.1981.4308636): feedback edges are set aside,
layers are longest paths, long edges get places in the layers they cross, the order within layers comes from
barycentres, and heights from weighted least squares that keep the order and the spacing. Feedback runs in lanes below
and above.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

NODE_WIDTH: Final = 104.0
NODE_HEIGHT: Final = 84.0
EXIT_WIDTH: Final = 58.0
EXIT_HEIGHT: Final = 28.0
_GAP: Final = 82.0
_CLEARANCE: Final = 28.0
"""Least vertical room between two nodes."""
_SPACING: Final = NODE_HEIGHT + _CLEARANCE
_THROUGH_HEIGHT: Final = 12.0
"""Height of an edge that only passes a layer."""
_LANE: Final = 18.0
_MARGIN: Final = 26.0
_SWEEPS: Final = 12
_LEVEL: Final = 14.0
"""An edge that rises or falls by less is level to the eye."""
_LINE: Final = 14.0
_ROOM: Final = 10.0
"""Room between the label of an exit and what is below it."""
_ABOVE: Final = 9.0
_BELOW: Final = 18.0
"""Distances of a label's lines from each other and from their edge."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A stream or connection to draw; names of component (or exit) nodes."""

    source: str
    target: str
    is_stream: bool
    source_port: str = ""
    target_port: str = ""


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node's middle (x, y) and size."""

    name: str
    x: float
    y: float
    width: float
    height: float
    is_exit: bool


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Where the middle of a label goes: the heights of its first and second line."""

    x: float
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """An edge with its SVG path and where its label is best put."""

    edge: Edge
    path: str
    label: LabelPlace
    is_feedback: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything placed; ``width`` and ``height`` bound it."""

    width: float
    height: float
    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]


@dataclass(slots=True)
class _Vertex:
    """A node, or the place of an edge that passes a layer (``name`` None)."""

    name: str | None
    layer: int
    order: float
    height: float = NODE_HEIGHT
    y: float = 0.0
    before: list[tuple[int, float]] = field(default_factory=list)
    after: list[tuple[int, float]] = field(default_factory=list)


def draw(components: Sequence[str], edges: Sequence[Edge], exits: Sequence[str] = (), top: float = 0.0) -> Drawing:
    """Place ``components`` and ``exits`` below ``top`` and route ``edges`` between them."""
    names = [*components, *exits]
    forward = _forward(names, edges)
    layers = layers_of(names, edges)
    heights = [NODE_HEIGHT] * len(components) + [EXIT_HEIGHT] * len(exits)
    vertices = [_Vertex(name, layers[name], index, heights[index]) for index, name in enumerate(names)]
    chains = _chains(vertices, names, edges, forward)
    _order(vertices)
    _place(vertices)
    return _Router(vertices, len(components), edges, chains, top).drawing()


def layers_of(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return the layer of each node, from left to right."""
    forward = _forward(names, edges)
    return _layers(names, [edge for edge, is_forward in zip(edges, forward, strict=True) if is_forward])


def _forward(names: Sequence[str], edges: Sequence[Edge]) -> list[bool]:
    """Tell of each edge whether it goes forward; streams have the say, an edge that would close a ring is feedback."""
    reach: dict[str, set[str]] = {name: {name} for name in names}
    forward = [False] * len(edges)
    for index in sorted(range(len(edges)), key=lambda index: not edges[index].is_stream):
        edge = edges[index]
        if edge.source in reach[edge.target]:
            continue
        forward[index] = True
        for reached in reach.values():
            if edge.source in reached:
                reached |= reach[edge.target]
    return forward


def _layers(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return longest-path layers, with sources moved next to what they feed."""
    layers = dict.fromkeys(names, 0)
    is_settled = False
    while not is_settled:
        is_settled = True
        for edge in edges:
            if layers[edge.target] <= layers[edge.source]:
                layers[edge.target] = layers[edge.source] + 1
                is_settled = False
    fed = {edge.target for edge in edges}
    for name in names:
        following = [layers[edge.target] for edge in edges if edge.source == name]
        if name not in fed and following:
            layers[name] = min(following) - 1
    return layers


def _chains(
    vertices: list[_Vertex], names: Sequence[str], edges: Sequence[Edge], forward: Sequence[bool]
) -> list[list[int] | None]:
    """Return for each forward edge the vertices it passes; add those that only serve this."""
    index_of = {name: index for index, name in enumerate(names)}
    degree = Counter(end for edge in edges for end in {edge.source, edge.target})
    chains: list[list[int] | None] = []
    for edge, is_forward in zip(edges, forward, strict=True):
        if not is_forward:
            chains.append(None)
            continue
        chain = [index_of[edge.source]]
        for layer in range(vertices[chain[0]].layer + 1, vertices[index_of[edge.target]].layer):
            vertices.append(_Vertex(None, layer, vertices[chain[0]].order + 0.5, _THROUGH_HEIGHT))
            chain.append(len(vertices) - 1)
        chain.append(index_of[edge.target])
        # The product's path stays straight when branches that end pull little.
        weight = (4.0 if edge.is_stream else 0.5) * (0.1 if 1 in (degree[edge.source], degree[edge.target]) else 1.0)
        for left, right in itertools.pairwise(chain):
            vertices[left].after.append((right, weight))
            vertices[right].before.append((left, weight))
        chains.append(chain)
    return chains


def _by_layer(vertices: Sequence[_Vertex]) -> list[list[_Vertex]]:
    layers: list[list[_Vertex]] = [[] for _ in range(max((vertex.layer for vertex in vertices), default=-1) + 1)]
    for vertex in vertices:
        layers[vertex.layer].append(vertex)
    return [sorted(layer, key=lambda vertex: vertex.order) for layer in layers]


def _order(vertices: Sequence[_Vertex]) -> None:
    """Sort each layer by the mean place of its neighbours, to and fro, so that few edges cross."""
    layers = _by_layer(vertices)
    for layer in layers:
        _renumber(layer)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            for vertex in layer:
                neighbours = vertex.before if sweep % 2 == 0 else vertex.after
                total = sum(weight for _, weight in neighbours)
                if total:
                    vertex.order = sum(vertices[index].order * weight for index, weight in neighbours) / total
            _renumber(layer)


def _renumber(layer: list[_Vertex]) -> None:
    layer.sort(key=lambda vertex: vertex.order)
    for place, vertex in enumerate(layer):
        vertex.order = place - (len(layer) - 1) / 2


def _place(vertices: Sequence[_Vertex]) -> None:
    """Give heights: each vertex at the weighted mean of its neighbours as far as order and spacing allow."""
    layers = _by_layer(vertices)
    for layer in layers:
        for place, vertex in enumerate(layer):
            vertex.y = (place - (len(layer) - 1) / 2) * _SPACING
    for sweep in range(_SWEEPS * 2):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wished, weights = [], []
            for vertex in layer:
                neighbours = vertex.before + vertex.after
                total = sum(weight for _, weight in neighbours)
                wished.append(sum(vertices[i].y * weight for i, weight in neighbours) / total if total else vertex.y)
                weights.append(total or 0.1)
            for vertex, y in zip(layer, _spaced(wished, weights, _offsets(layer)), strict=True):
                vertex.y = y


def _offsets(layer: Sequence[_Vertex]) -> list[float]:
    offsets = [0.0]
    for above, below in itertools.pairwise(layer):
        label = 2 * _LINE if above.height == EXIT_HEIGHT else 0.0
        offsets.append(offsets[-1] + (above.height + below.height) / 2 + max(_CLEARANCE, label + _ROOM))
    return offsets


def _spaced(wished: Sequence[float], weights: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """Return the heights nearest to ``wished`` in weighted least squares that keep at least the given distances.

    Pool adjacent violators on ``wished`` − ``offsets`` (isotonic regression).
    """
    pools: list[tuple[float, float, int]] = []
    for wish, weight, offset in zip(wished, weights, offsets, strict=True):
        mean, total, count = wish - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, other_total, other_count = pools.pop()
            mean = (mean * total + other * other_total) / (total + other_total)
            total, count = total + other_total, count + other_count
        pools.append((mean, total, count))
    level = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(level, offsets, strict=True)]


class _Router:
    """Turns placed vertices into nodes and smooth paths."""

    def __init__(
        self,
        vertices: Sequence[_Vertex],
        n_components: int,
        edges: Sequence[Edge],
        chains: Sequence[Sequence[int] | None],
        ceiling: float,
    ) -> None:
        self._edges = edges
        self._chains = chains
        nodes = [vertex for vertex in vertices if vertex.name is not None]
        n_above = sum(chain is None and edge.is_stream for edge, chain in zip(edges, chains, strict=True))
        highest = min((vertex.y - (NODE_HEIGHT - vertex.height) / 2 for vertex in vertices), default=0.0)
        self._shift_y = ceiling + _MARGIN + NODE_HEIGHT / 2 - highest + n_above * _LANE
        self._ceiling = ceiling + _MARGIN + n_above * _LANE
        n_layers = max((vertex.layer for vertex in vertices), default=-1) + 1
        self.width = 2 * _MARGIN + n_layers * NODE_WIDTH + max(n_layers - 1, 0) * _GAP
        self._points = [(self._x(vertex.layer), vertex.y + self._shift_y) for vertex in vertices]
        self._nodes = {
            vertex.name or "": self._node(vertex, index >= n_components) for index, vertex in enumerate(nodes)
        }
        self._deepest = max((node.y + node.height / 2 for node in self._nodes.values()), default=ceiling)
        self._layer_of = {vertex.name or "": vertex.layer for vertex in nodes}
        self._sides = self._assign_sides()

    def _x(self, layer: int) -> float:
        return _MARGIN + NODE_WIDTH / 2 + layer * (NODE_WIDTH + _GAP)

    def _node(self, vertex: _Vertex, is_exit: bool) -> PlacedNode:
        size = (EXIT_WIDTH, EXIT_HEIGHT) if is_exit else (NODE_WIDTH, NODE_HEIGHT)
        x = self._x(vertex.layer) - (NODE_WIDTH - EXIT_WIDTH) / 2 * is_exit
        return PlacedNode(vertex.name or "", x, vertex.y + self._shift_y, *size, is_exit)

    def _assign_sides(self) -> Mapping[tuple[int, str], float]:
        """Spread the ends of edges over the sides of their nodes, in the order of where they lead."""
        ends: dict[tuple[str, str], list[tuple[float, int]]] = {}
        for index, (edge, chain) in enumerate(zip(self._edges, self._chains, strict=True)):
            below = -1e6 if edge.is_stream else 1e6
            leads_to = self._points[chain[1]][1] if chain else below
            comes_from = self._points[chain[-2]][1] if chain else below
            ends.setdefault((edge.source, "out"), []).append((leads_to, index))
            ends.setdefault((edge.target, "in"), []).append((comes_from, index))
        sides = {}
        for (name, side), leads in ends.items():
            room = self._nodes[name].height - 20
            pitch = min(18.0, room / max(len(leads) - 1, 1))
            for place, (_, index) in enumerate(sorted(leads)):
                sides[index, side] = self._nodes[name].y + (place - (len(leads) - 1) / 2) * pitch
        return sides

    def drawing(self) -> Drawing:
        """Return everything placed."""
        lanes = {True: 0, False: 0}
        placed = []
        for index, (edge, chain) in enumerate(zip(self._edges, self._chains, strict=True)):
            if chain is None:
                lanes[edge.is_stream] += 1
                placed.append(self._feedback(index, edge, lanes[edge.is_stream]))
            else:
                placed.append(self._through(index, edge, chain))
        return Drawing(self.width, self._deepest + _MARGIN, tuple(self._nodes.values()), tuple(placed))

    def _through(self, index: int, edge: Edge, chain: Sequence[int]) -> PlacedEdge:
        source, target = self._nodes[edge.source], self._nodes[edge.target]
        start = (source.x + source.width / 2, self._sides[index, "out"])
        end = (target.x - target.width / 2, self._sides[index, "in"])
        points = [start]
        for vertex in chain[1:-1]:
            x, y = self._points[vertex]
            points += [(x - NODE_WIDTH / 2, y), (x + NODE_WIDTH / 2, y)]
        points.append(end)
        path = [f"M{start[0]:.1f},{start[1]:.1f}"]
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            middle = (x1 + x2) / 2
            path.append(f"C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f}")
        return PlacedEdge(edge, " ".join(path), self._label_place(edge, points), False)

    def _label_place(self, edge: Edge, points: Sequence[tuple[float, float]]) -> LabelPlace:
        """Put the label around the middle of a level edge, else on the free side of the end it has more for itself.

        What leaves is labelled where it leaves.
        """
        (x1, y1), (x2, y2) = points[0], points[1]
        target = self._nodes[edge.target]
        if target.is_exit and len(points) == 2:
            foot = target.y + target.height / 2
            self._deepest = max(self._deepest, foot + 2 * _LINE)
            return LabelPlace(target.x, foot + _LINE, foot + 2 * _LINE - 1)
        if abs(y2 - y1) < _LEVEL:
            middle = (y1 + y2) / 2
            return LabelPlace((x1 + x2) / 2, middle - _ABOVE, middle + _BELOW)
        leaving = sum(other.source == edge.source for other in self._edges)
        arriving = sum(other.target == edge.target for other in self._edges)
        at_start = leaving <= arriving or len(points) > 2
        x, y = (x1 + 0.4 * (x2 - x1), y1) if at_start else (x2 - 0.45 * (x2 - x1), y2)
        # The edge bends towards its other end, so the room is on the side away from it.
        if (y2 > y1) == at_start:
            return LabelPlace(x, y - _ABOVE - _LINE, y - _ABOVE) if edge.is_stream else LabelPlace(x, y - _ABOVE, y)
        return LabelPlace(x, y + _BELOW, y + _BELOW + _LINE)

    def _feedback(self, index: int, edge: Edge, lane: int) -> PlacedEdge:
        """Go round: out to the right, along a lane below (streams: above), in from the left."""
        source, target = self._nodes[edge.source], self._nodes[edge.target]
        start = (source.x + source.width / 2, self._sides[index, "out"])
        end = (target.x - target.width / 2, self._sides[index, "in"])
        y = self._ceiling - lane * _LANE if edge.is_stream else self._floor(edge) + lane * _LANE
        self._deepest = max(self._deepest, y)
        right, left = start[0] + 8 + 5 * lane, end[0] - 12 - 5 * lane
        r = 7.0
        up = -r if edge.is_stream else r
        path = (
            f"M{start[0]:.1f},{start[1]:.1f} H{right - r:.1f} "
            f"Q{right:.1f},{start[1]:.1f} {right:.1f},{start[1] + up:.1f} "
            f"V{y - up:.1f} Q{right:.1f},{y:.1f} {right - r:.1f},{y:.1f} H{left + r:.1f} "
            f"Q{left:.1f},{y:.1f} {left:.1f},{y - up:.1f} V{end[1] + up:.1f} Q{left:.1f},{end[1]:.1f} "
            f"{left + r:.1f},{end[1]:.1f} H{end[0]:.1f}"
        )
        return PlacedEdge(edge, path, LabelPlace((left + right) / 2, y + 4, y + 4 + _LINE), True)

    def _floor(self, edge: Edge) -> float:
        """Return how deep the drawing reaches between the two ends of ``edge``."""
        first, last = sorted((self._layer_of[edge.source], self._layer_of[edge.target]))
        between = [
            node.y + node.height / 2 for name, node in self._nodes.items() if first <= self._layer_of[name] <= last
        ]
        passing = [y for x, y in self._points if self._x(first) <= x <= self._x(last)]
        return max(between + passing)
