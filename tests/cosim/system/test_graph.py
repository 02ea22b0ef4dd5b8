from fakes import Flowsheet, lag, tank
from hypothesis import given
from hypothesis import strategies as st

from cosim.system.graph import sender_first, stream_loops, strongly_connected

EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=25)


def as_graph(pairs):
    nodes = [str(i) for i in range(8)]
    edges = {node: [str(b) for a, b in pairs if str(a) == node] for node in nodes}
    return nodes, edges


def reachable(start, edges):
    seen, waiting = set(), [start]
    while waiting:
        for after in edges[waiting.pop()]:
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return seen


@given(EDGES)
def test_parts_are_those_that_reach_each_other(pairs):
    nodes, edges = as_graph(pairs)
    parts = strongly_connected(nodes, edges)
    assert sorted(node for part in parts for node in part) == nodes
    for part in parts:
        for a in nodes:
            mutual = a == part[0] or (a in reachable(part[0], edges) and part[0] in reachable(a, edges))
            assert (a in part) == mutual


@given(EDGES)
def test_parts_come_after_those_that_lead_to_them(pairs):
    nodes, edges = as_graph(pairs)
    rank = {node: i for i, part in enumerate(strongly_connected(nodes, edges)) for node in part}
    assert all(rank[a] <= rank[b] for a in nodes for b in edges[a])


def test_deep_graphs_do_not_exhaust_the_stack():
    nodes = [str(i) for i in range(20_000)]
    parts = strongly_connected(nodes, {str(i): [str(i + 1)] for i in range(19_999)})
    assert [part[0] for part in parts] == nodes


def test_written_order_is_kept_where_nothing_else_decides():
    assert strongly_connected(["c", "a", "b"], {}) == [["c"], ["a"], ["b"]]


def test_streams_count_before_connections():
    flowsheet = Flowsheet(a=tank("a"), b=tank("b"), c=lag("c", 1.0))
    flowsheet.stream("b.out", "a.in").connect("a.level", "c.u").connect("c.y", "b.flow")
    order = sender_first(flowsheet.structure, ["a", "b", "c"])
    assert order.index("b") < order.index("a")


def test_sleepers_do_not_decide_the_order():
    flowsheet = Flowsheet(a=tank("a"), b=tank("b"), c=tank("c"))
    flowsheet.stream("a.out", "b.in").stream("b.out", "c.in").stream("c.out", "a.in")
    assert sender_first(flowsheet.structure, ["a", "b", "c"]) == ("a", "b", "c")
    assert sender_first(flowsheet.structure, ["a", "c"]) == ("c", "a")


def test_loops_of_streams():
    flowsheet = Flowsheet(a=tank("a"), b=tank("b"), c=tank("c"))
    flowsheet.stream("a.out", "b.in").stream("b.out", "a.in").stream("c.out")
    assert stream_loops(flowsheet.structure) == [["a", "b"]]
