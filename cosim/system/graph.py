"""Orders in a directed graph: strongly connected parts, and senders before receivers."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from cosim.system.structure import SystemStructure

Node = TypeVar("Node", bound=Hashable)
Edges = Mapping[Node, Sequence[Node]]
"""Successors by node."""


def strongly_connected(nodes: Sequence[Node], edges: Edges[Node]) -> list[list[Node]]:
    """Return the strongly connected parts of a graph, each after all parts that lead to it.

    Among parts that do not depend on each other, and inside a part, the order of ``nodes`` is kept where possible.

    Source: R. Tarjan, SIAM J. Comput. 1 (1972) 146, written without recursion.
    """
    position = {node: i for i, node in enumerate(nodes)}
    search = _Search({node: [n for n in edges.get(node, ()) if n in position] for node in nodes}, position)
    for node in reversed(nodes):
        if node not in search.index:
            search.visit(node)
    return search.parts[::-1]


def shortest_loop(part: Sequence[Node], edges: Edges[Node]) -> list[Node]:
    """Return the shortest way from the first node of a strongly connected part back to it, beginning with it."""
    first = part[0]
    inside = set(part)
    ways = [[first]]
    reached: set[Node] = set()
    for way in ways:  # grows while it is walked, shorter ways first
        for node in edges.get(way[-1], ()):
            if node == first:
                return way
            if node in inside and node not in reached:
                reached.add(node)
                ways.append([*way, node])
    raise ValueError(f"'{first}' is in no loop.")


class _Search(Generic[Node]):
    """Tarjan's depth-first search; parts come out receivers first."""

    def __init__(self, edges: Edges[Node], position: Mapping[Node, int]) -> None:
        self.edges = {node: sorted(after, key=position.__getitem__, reverse=True) for node, after in edges.items()}
        self.position = position
        self.index: dict[Node, int] = {}
        self.low: dict[Node, int] = {}
        self.stack: list[Node] = []
        self.stacked: set[Node] = set()
        self.parts: list[list[Node]] = []

    def visit(self, root: Node) -> None:
        """Search everything that can be reached from ``root`` and was not reached before."""
        self._enter(root)
        path = [(root, iter(self.edges[root]))]
        while path:
            node, successors = path[-1]
            following = next((n for n in successors if self._is_new(node, n)), None)
            if following is not None:
                self._enter(following)
                path.append((following, iter(self.edges[following])))
                continue
            path.pop()
            if path:
                self.low[path[-1][0]] = min(self.low[path[-1][0]], self.low[node])
            if self.low[node] == self.index[node]:
                self._leave(node)

    def _enter(self, node: Node) -> None:
        self.index[node] = self.low[node] = len(self.index)
        self.stack.append(node)
        self.stacked.add(node)

    def _is_new(self, node: Node, following: Node) -> bool:
        if following not in self.index:
            return True
        if following in self.stacked:
            self.low[node] = min(self.low[node], self.index[following])
        return False

    def _leave(self, node: Node) -> None:
        part: list[Node] = []
        while not part or part[-1] != node:
            part.append(self.stack.pop())
        self.stacked.difference_update(part)
        self.parts.append(sorted(part, key=self.position.__getitem__))


def sender_first(structure: SystemStructure, among: Iterable[str]) -> tuple[str, ...]:
    """Return the components ``among`` in Gauss–Seidel order.

    Streams and connections both put the source before the target. In a loop streams count first, because amounts
    that come late are in transit; a loop of streams is cut in the order in which components are written.
    """
    chosen = set(among)
    nodes = [name for name in structure.components if name in chosen]
    streams = _edges((s.source.component, s.target.component) for s in structure.streams if s.target is not None)
    wires = _edges((c.source.component, c.target.component) for c in structure.connections)
    both = {node: [*streams.get(node, ()), *wires.get(node, ())] for node in nodes}
    order: list[str] = []
    for part in strongly_connected(nodes, both):
        for inner in strongly_connected(part, streams):
            order.extend(inner)
    return tuple(order)


def stream_loops(structure: SystemStructure) -> list[list[str]]:
    """Return the loops that streams make, each as its components."""
    edges = _edges((s.source.component, s.target.component) for s in structure.streams if s.target is not None)
    parts = strongly_connected(list(structure.components), edges)
    return [part for part in parts if len(part) > 1 or part[0] in edges.get(part[0], ())]


def in_loops_of_connections(structure: SystemStructure) -> frozenset[str]:
    """Return the components that are joined with a loop of connections, by connections and streams, both ways."""
    streams = [(s.source.component, s.target.component) for s in structure.streams if s.target is not None]
    wires = [(c.source.component, c.target.component) for c in structure.connections]
    inner = _edges(wires)
    parts = strongly_connected(list(structure.components), _edges([*streams, *wires]))
    return frozenset(name for part in parts if _has_loop(part, inner) for name in part)


def _has_loop(nodes: Sequence[str], edges: Edges[str]) -> bool:
    parts = strongly_connected(nodes, edges)
    return any(len(part) > 1 or part[0] in edges.get(part[0], ()) for part in parts)


def _edges(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    edges: dict[str, list[str]] = {}
    for source, target in pairs:
        if target not in edges.setdefault(source, []):
            edges[source].append(target)
    return edges
