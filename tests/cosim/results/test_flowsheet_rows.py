"""A long flowsheet is drawn in rows."""

import re
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cosim.results.flowsheet import NODE_WIDTH, Edge, draw
from cosim.results.flowsheet_rows import MOST_LAYERS, draw_in_rows


def _nodes(drawing):
    return {node.name: node for node in drawing.nodes}


def _overlap(a, b):
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2


def chain(n):
    names = [f"n{index}" for index in range(n)]
    return names, [Edge(a, b, True) for a, b in pairwise(names)]


def test_what_fits_a_row_is_drawn_in_one():
    names, edges = chain(MOST_LAYERS)
    assert draw_in_rows(names, edges) == draw(names, edges)


def test_a_long_chain_is_read_like_lines_of_text():
    names, edges = chain(22)
    drawing = draw_in_rows(names, edges)
    nodes = _nodes(drawing)
    rows = sorted({nodes[name].y for name in names})
    assert len(rows) == 3
    assert [rows.index(nodes[name].y) for name in names] == sorted(rows.index(nodes[name].y) for name in names)
    assert drawing.width < draw(names, edges).width / 2.5
    assert [placed.edge for placed in drawing.edges] == edges


def test_the_cut_is_made_where_few_streams_cross():
    names, edges = chain(10)
    drawing = draw_in_rows(names, [*edges, Edge("n3", "n5", True), Edge("n4", "n6", True)])
    nodes = _nodes(drawing)
    assert nodes["n2"].y < min(nodes[name].y for name in names[3:])
    assert nodes["n3"].x == nodes["n0"].x


def test_sources_and_waste_stand_in_the_row_of_what_they_belong_to():
    names, edges = chain(12)
    drawing = draw_in_rows([*names, "buffer"], [*edges, Edge("buffer", "n6", True), Edge("n5", "w", True)], ["w"])
    nodes = _nodes(drawing)
    heights = sorted(nodes[name].y for name in names)
    between = (heights[5] + heights[6]) / 2
    assert nodes["w"].y < between < nodes["buffer"].y


def test_an_edge_between_rows_meets_its_ends():
    names, edges = chain(12)
    drawing = draw_in_rows(names, edges)
    nodes = _nodes(drawing)
    (crossing,) = [it for it in drawing.edges if nodes[it.edge.source].y != nodes[it.edge.target].y]
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", crossing.path)]
    source, target = nodes[crossing.edge.source], nodes[crossing.edge.target]
    assert numbers[:2] == [source.x + NODE_WIDTH / 2, source.y]
    assert numbers[-2:] == [target.x - NODE_WIDTH / 2, target.y]
    assert source.y < crossing.label.first < target.y


@settings(deadline=None, max_examples=40)
@given(
    st.integers(12, 40).flatmap(
        lambda n: st.tuples(
            st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.booleans()), max_size=12)
        )
    )
)
def test_any_long_graph_is_placed_without_overlap_inside_its_bounds(graph):
    n, pairs = graph
    names, edges = chain(n)
    edges += [Edge(names[a], names[b], is_stream) for a, b, is_stream in pairs]
    drawing = draw_in_rows(names, edges)
    nodes = drawing.nodes
    assert sorted(node.name for node in nodes) == sorted(names)
    assert [placed.edge for placed in drawing.edges] == edges
    assert not [pair for pair in combinations(nodes, 2) if _overlap(*pair)]
    for node in nodes:
        assert node.width / 2 <= node.x <= drawing.width - node.width / 2
        assert node.height / 2 <= node.y <= drawing.height - node.height / 2
