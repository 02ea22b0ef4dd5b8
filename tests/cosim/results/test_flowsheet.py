import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cosim.results.flowsheet import NODE_WIDTH, Edge, draw


def _nodes(drawing):
    return {node.name: node for node in drawing.nodes}


def _overlap(a, b):
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2


def _numbers(path):
    return [float(number) for number in re.findall(r"-?\d+\.\d+", path)]


def test_a_chain_is_a_straight_line_from_left_to_right():
    drawing = draw(["a", "b", "c"], [Edge("a", "b", True), Edge("b", "c", True)])
    nodes = _nodes(drawing)
    assert nodes["a"].x < nodes["b"].x < nodes["c"].x
    assert nodes["a"].y == nodes["b"].y == nodes["c"].y


def test_recycle_is_drawn_as_feedback():
    drawing = draw(["a", "b"], [Edge("a", "b", True), Edge("b", "a", True)])
    assert [placed.is_feedback for placed in drawing.edges] == [False, True]


def test_connection_yields_to_the_stream():
    drawing = draw(["reactor", "feeder"], [Edge("reactor", "feeder", False), Edge("feeder", "reactor", True)])
    nodes = _nodes(drawing)
    assert nodes["feeder"].x < nodes["reactor"].x
    assert [placed.is_feedback for placed in drawing.edges] == [True, False]


def test_source_stands_next_to_what_it_feeds():
    drawing = draw(["a", "b", "c", "buffer"], [Edge("a", "b", True), Edge("b", "c", True), Edge("buffer", "c", True)])
    nodes = _nodes(drawing)
    assert nodes["buffer"].x == nodes["b"].x


def test_connection_of_a_component_with_itself():
    assert draw(["a"], [Edge("a", "a", False)]).edges[0].is_feedback


def test_no_components():
    drawing = draw([], [])
    assert drawing.nodes == ()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 9).flatmap(
        lambda n: st.tuples(
            st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.booleans()), max_size=16)
        )
    )
)
def test_any_graph_is_placed_without_overlap_inside_its_bounds(graph):
    n, pairs = graph
    names = [f"n{index}" for index in range(n)]
    drawing = draw(names, [Edge(names[a], names[b], is_stream) for a, b, is_stream in pairs])
    nodes = drawing.nodes
    assert len(nodes) == n
    assert len(drawing.edges) == len(pairs)
    assert not [(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :] if _overlap(a, b)]
    for node in nodes:
        assert node.width / 2 <= node.x <= drawing.width - node.width / 2
        assert 0 <= node.y - node.height / 2
        assert node.y + node.height / 2 <= drawing.height
    for placed in drawing.edges:
        assert all(number == number for number in _numbers(placed.path))


def test_waste_is_small_and_labelled_below():
    drawing = draw(["a"], [Edge("a", "w", True)], ["w"])
    waste = _nodes(drawing)["w"]
    assert waste.is_exit
    assert waste.width < NODE_WIDTH
    assert drawing.edges[0].label.first > waste.y + waste.height / 2


@pytest.mark.parametrize("n", [400])
def test_a_large_system_is_drawn_quickly(n):
    import time

    names = [f"n{index}" for index in range(n)]
    begin = time.perf_counter()
    draw(names, [Edge(a, b, True) for a, b in pairwise(names)])
    assert time.perf_counter() - begin < 20
