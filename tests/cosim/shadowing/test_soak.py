"""A day of a shadow with all that belongs to it: no cycle is missed, memory stays flat."""

import gc
import threading
import tracemalloc
from contextlib import contextmanager

import pytest
from live_plant import SCENARIO, TAGS, kettle

from cosim.live import reading, store
from cosim.live.endpoint import Endpoint
from cosim.live.page.board import NOTHING, Board
from cosim.live.record import Kind, Note, Sample
from cosim.live.tag import BATCH_ID, BATCH_TIME
from cosim.shadowing import shadow as module
from cosim.shadowing.comparison import compared_rows
from cosim.shadowing.following import AbstractFollower
from cosim.shadowing.shadow import Listeners, read_plan, shadow
from cosim.shadowing.showing import Showing

S = 10**9
T0 = 10**18
HOURS = 24
EVERY = 10
GROWTH = 1_000_000
"""Bytes by which memory may grow from the eighth hour to the last; what the twin said of the laboratory is kept."""


def day():
    """Yield what a plant sends in a day and a bit, with a lost connection and a dead sensor every hour."""
    yield from (Note(Kind.CONNECTED, T0), Note(Kind.TEXT, T0, "batch 1", BATCH_ID))
    for i in range(HOURS * 3600 // EVERY + 7):
        t = EVERY * i
        wall = T0 + t * S
        status = 0x808C0000 if t % 3600 < 120 else 0
        if t % 3600 == 1800:
            yield from (
                Note(kind, wall, "gone") for kind in (Kind.LOST, Kind.CONNECTED, Kind.BACKFILL, Kind.BACKFILLED)
            )
        if t % 600 == 300:
            yield (Sample("LAB1", wall - 250 * S, wall, wall, 1e-3 * (t - 250), 0),)
        values = (("TT1", 40.0), ("QT1", 500.0 + t % 7), (BATCH_TIME, float(t)))
        yield tuple(
            Sample(name, wall, wall, wall, value, 0 if name == BATCH_TIME else status) for name, value in values
        )


class Fed:
    """A link that delivers as fast as the shadow takes."""

    def __init__(self):
        self.is_done = threading.Event()

    @contextmanager
    def __call__(self, endpoint, tags, known, sink, **options):
        self._arrivals, self._known, self._sink = day(), known, sink
        yield self

    def check(self):
        for arrival in self._arrivals:
            if isinstance(arrival, Note):
                known_note = {Kind.BACKFILL: self._known.begin_history, Kind.BACKFILLED: self._known.close_history}
                known_note.get(arrival.kind, lambda: None)()
                self._sink(arrival)
            elif new := self._known.new(arrival):
                self._sink(new)
            return
        self.is_done.set()


class Weigh(AbstractFollower):
    """Measures memory every eight hours."""

    def __init__(self):
        self.bytes = []

    def follow(self, compared):
        if (compared.cycle.number + 1) % (8 * 60) == 0:
            gc.collect()
            self.bytes.append(tracemalloc.get_traced_memory()[0])

    def settle(self):
        pass


@pytest.mark.slow
def test_a_day_misses_no_cycle_and_memory_stays_flat(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "KEEP", 0.5)
    monkeypatch.setattr(module, "_LOOK", 0.0)
    monkeypatch.setattr(reading, "EVERY", 2_000)
    monkeypatch.setattr(store.Store.__init__, "__kwdefaults__", {"most": 3_000})
    (tmp_path / "kettle.tags.yaml").write_text(TAGS)
    (tmp_path / "kettle.yaml").write_text(SCENARIO.replace("2 h", "30 h"))
    (tmp_path / "s.yaml").write_text("shadow: s\nscenario: kettle.yaml\ntags: kettle.tags.yaml\ncycle: 1 min\n")
    plan = read_plan(tmp_path / "s.yaml", {"kettle": kettle})
    link, weigh, board = Fed(), Weigh(), Board(cycles=400)
    showing = Showing(plan, "opc.tcp://plant", board.take)
    listeners = Listeners([weigh], should_stop=link.is_done.is_set, makers=[showing.made], arrived=showing.arrived)
    tracemalloc.start()
    try:
        result = shadow(plan, Endpoint("x"), out=tmp_path / "out", link=link, listeners=listeners)
    finally:
        tracemalloc.stop()
    assert result.n_cycles == HOURS * 60
    numbers = [row[0] for row in compared_rows(tmp_path / "out/compared") if row[1] == "measured"]
    assert numbers == list(range(HOURS * 60))
    first, _, last = weigh.bytes
    assert last - first < GROWTH
    assert len(list((tmp_path / "out/bookmarks").iterdir())) == 2
    assert sum(alarm["until"] is None for alarm in board.since(NOTHING)[1]["alarms"]) <= 2
