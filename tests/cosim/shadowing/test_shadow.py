"""A shadow of the kettle without a network: cycles, inputs, comparison; interrupted, resumed, replayed."""

import json
import math

import numpy as np
import pytest
from fake_link import FakeLink
from live_plant import kettle, write_kettle

import cosim.results
from cosim.clock import to_ticks
from cosim.errors import CosimError, LinkError, RequestError
from cosim.live import reading
from cosim.live.endpoint import Endpoint
from cosim.live.record import Kind, Note, Sample
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE
from cosim.resuming import alone
from cosim.shadowing import shadow as module
from cosim.shadowing.comparison import compared_rows
from cosim.shadowing.repetition import cycles_of_each, differences
from cosim.shadowing.shadow import Listeners, read_plan, replay, shadow

S = 10**9
T0 = 10**18


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_kettle(tmp_path)
    (tmp_path / "s.yaml").write_text(
        "shadow: s\nscenario: kettle.yaml\nparameters: {kettle.loss: 8 W/K}\ntags: kettle.tags.yaml\ncycle: 1 min\n"
    )
    return read_plan(tmp_path / "s.yaml", {"kettle": kettle})


def arrivals(n=122, heat=lambda t: 1000.0 if t < 600 else 500.0):
    """What the plant sends in ``n`` times ten seconds: its loss is 5 W/K, which the twin takes for 8."""
    temperature = 293.15
    found = [Note(Kind.CONNECTED, T0), Note(Kind.TEXT, T0, "batch 1", BATCH_ID)]
    for i in range(n):
        t = 10 * i
        wall = T0 + t * S
        values = [("TT1", temperature - 273.15), ("QT1", heat(t)), (BATCH_TIME, float(t))]
        if i % 12 == 6:
            found.append((Sample("LAB1", wall - 55 * S, wall, wall, (t - 55) * 1e-3, 0),))
        found.append(tuple(Sample(name, wall, wall, wall, value, 0) for name, value in values))
        temperature += (heat(t) - 5.0 * (temperature - 293.15)) / 4.2e4 * 10
    return found


def run(plan, sent, **options):
    link = FakeLink(sent)
    return shadow(
        plan, Endpoint("opc.tcp://nowhere"), link=link, listeners=Listeners(should_stop=link.is_done.is_set), **options
    )


def rows(folder, kind):
    return [row for row in compared_rows(folder / "compared") if row[1] == kind]


def test_plant_and_twin_stand_side_by_side(plan, tmp_path):
    result = run(plan, arrivals(), out=tmp_path / "out")
    measured = {row[3]: (row[4], row[6]) for row in rows(tmp_path / "out", "measured")}
    assert len(measured) == 20 == result.n_cycles
    twin = plant = 293.15
    for t in range(0, 1200, 10):
        heat = 1000.0 if t < 600 else 500.0
        twin += (heat - 8.0 * (twin - 293.15)) / 4.2e4 * 10
        plant += (heat - 5.0 * (plant - 293.15)) / 4.2e4 * 10
        if t + 10 in measured:
            assert measured[t + 10] == pytest.approx((plant - 273.15, twin - 273.15), abs=1e-9)
    assert result.mismatches["TT1"].mean < 0
    assert result.mismatches["TT1"].rms == pytest.approx(
        math.sqrt(np.mean([(b - a) ** 2 for a, b in measured.values()]))
    )
    assert cosim.results.load(tmp_path / "out")["kettle.T"].values[-1] == pytest.approx(twin, abs=1e-9)
    summary = json.loads((tmp_path / "out/mismatch.json").read_text())
    assert summary["TT1"]["n"] == 20


def test_a_laboratory_is_compared_with_the_time_when_it_sampled(plan, tmp_path):
    run(plan, arrivals(), out=tmp_path / "out")
    found = rows(tmp_path / "out", "laboratory")
    assert [row[3] for row in found] == [60 * (1 + 2 * i) - 55 for i in range(len(found))]
    assert all(row[6] == pytest.approx(row[4]) for row in found)  # also of the first cycle: the twin tells its start


def test_what_is_missing_is_held(plan, tmp_path):
    sent = [
        arrival if isinstance(arrival, Note) else tuple(s for s in arrival if s.tag != "QT1" or s.source < T0 + 300 * S)
        for arrival in arrivals(heat=lambda t: 800.0)
    ]
    sent = [arrival for arrival in sent if arrival]
    heard, grounds = [], []

    class Hear(module.AbstractFollower):
        def __init__(self, ground):
            grounds.append(ground)

        def follow(self, compared):
            heard.append(compared)

        def settle(self):
            pass

    link = FakeLink(sent)
    shadow(
        plan,
        Endpoint("x"),
        out=tmp_path / "out",
        link=link,
        listeners=Listeners(makers=[Hear], should_stop=link.is_done.is_set),
    )
    assert [(ground.folder, ground.begins, ground.prospects) for ground in grounds] == [(tmp_path / "out", 0, None)]
    assert [item.held for item in heard][-1] == ("QT1",)
    assert heard[0].inputs == {"QT1": 800.0}
    twin = 293.15
    for _ in range(120):
        twin += (800.0 - 8.0 * (twin - 293.15)) / 4.2e4 * 10
    assert heard[-1].pairs[0].twin == pytest.approx(twin - 273.15, abs=1e-9)


def test_an_interrupted_shadow_goes_on_from_its_checkpoint_as_if_nothing_had_been(plan, tmp_path, monkeypatch):
    whole = run(plan, arrivals(), out=tmp_path / "whole")
    monkeypatch.setattr(module, "KEEP", 0.0)
    run(plan, arrivals(70), out=tmp_path / "out")
    assert list((tmp_path / "out/checkpoints").glob("*.checkpoint"))
    result = run(plan, arrivals()[30:], resume=tmp_path / "out")  # some of it for the second time
    assert result.n_cycles == whole.n_cycles
    assert list(differences(tmp_path / "whole", tmp_path / "out")) == []
    assert len(rows(tmp_path / "out", "measured")) == 20
    first, second = (cosim.results.load(tmp_path / name)["kettle.T"] for name in ("whole", "out"))
    assert np.array_equal(first.values, second.values)
    assert result.mismatches["TT1"].n == whole.mismatches["TT1"].n
    assert result.mismatches["TT1"].rms == pytest.approx(whole.mismatches["TT1"].rms)


def test_a_shadow_that_goes_on_reads_what_came_after_its_bookmark_only(plan, tmp_path, monkeypatch):
    run(plan, arrivals(), out=tmp_path / "whole")
    monkeypatch.setattr(reading, "EVERY", 60)
    run(plan, arrivals(70), out=tmp_path / "out")
    assert len(list((tmp_path / "out/bookmarks").iterdir())) == 2
    heard = []
    sent = arrivals()[60:]
    link = FakeLink(sent)
    listeners = Listeners(heard=heard.append, should_stop=link.is_done.is_set)
    shadow(plan, Endpoint("x"), link=link, resume=tmp_path / "out", listeners=listeners)
    assert len(heard) < 40 + len(sent)
    assert list(differences(tmp_path / "whole", tmp_path / "out")) == []
    assert len(rows(tmp_path / "out", "measured")) == 20


def test_what_was_compared_after_the_last_checkpoint_is_compared_again(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "KEEP", 0.0)
    keep, count = module.OpenExecution.keep, []

    def dies(self):
        count.append(self.time)
        if len(count) > 6:
            raise KeyboardInterrupt  # after the segment, before the checkpoint
        keep(self)

    monkeypatch.setattr(module.OpenExecution, "keep", dies)
    with pytest.raises(KeyboardInterrupt):
        run(plan, arrivals(), out=tmp_path / "out")
    monkeypatch.setattr(module.OpenExecution, "keep", keep)
    run(plan, arrivals(), resume=tmp_path / "out")
    numbers = [row[0] for row in rows(tmp_path / "out", "measured")]
    assert numbers == list(range(20))


def test_a_session_is_repeated_exactly(plan, tmp_path):
    run(plan, arrivals(), out=tmp_path / "out")
    replay(plan, tmp_path / "out", out=tmp_path / "again")
    assert list(differences(tmp_path / "out", tmp_path / "again")) == []
    assert len(rows(tmp_path / "again", "measured")) == 20
    (tmp_path / "s.yaml").write_text(plan.file.text.replace("8 W/K", "9 W/K"))
    with pytest.raises(RequestError, match="the shadow file has changed since"):
        replay(read_plan(plan.file.path, {"kettle": kettle}), tmp_path / "out", out=tmp_path / "third")


def test_it_stops_where_it_is_told(plan, tmp_path):
    result = shadow(plan, Endpoint("x"), out=tmp_path / "out", link=FakeLink(arrivals()), until=to_ticks(300))
    assert result.n_cycles == 5


def burst(sent):
    """Return the same with all samples but the last in one arrival, as history comes."""
    notes = [arrival for arrival in sent if isinstance(arrival, Note)]
    samples = [arrival for arrival in sent if not isinstance(arrival, Note)]
    return [*notes, tuple(sample for arrival in samples[:-1] for sample in arrival), samples[-1]]


def test_it_stops_where_it_is_told_also_within_what_one_arrival_brings(plan, tmp_path):
    sent = [*burst(arrivals()), Note(Kind.TEXT, T0 + 1210 * S, "complete", PHASE)]
    result = shadow(plan, Endpoint("x"), out=tmp_path / "out", link=FakeLink(sent), until=to_ticks(290))
    assert (result.n_cycles, result.is_over) == (5, False)
    assert max(row[3] for row in rows(tmp_path / "out", "measured")) == 300.0
    again = run(plan, [], resume=tmp_path / "out")  # all that was received is stored
    assert (again.n_cycles, again.is_over) == (20, True)
    assert run(plan, sent, out=tmp_path / "whole").n_cycles == 20
    assert list(differences(tmp_path / "whole", tmp_path / "out")) == []


def test_a_repetition_ends_where_the_session_ended(plan, tmp_path):
    shadow(plan, Endpoint("x"), out=tmp_path / "out", link=FakeLink(burst(arrivals())), until=to_ticks(300))
    assert replay(plan, tmp_path / "out", out=tmp_path / "again").n_cycles == 5
    assert cycles_of_each(tmp_path / "out", tmp_path / "again") == (5, 5)


def test_a_link_that_ends_ends_the_shadow_and_leaves_what_came(plan, tmp_path):
    link = FakeLink(arrivals(40), LinkError("The disk is full."))
    with pytest.raises(LinkError, match=r"The disk is full."):
        shadow(plan, Endpoint("x"), out=tmp_path / "out", link=link)
    assert run(plan, arrivals(), resume=tmp_path / "out").n_cycles == 20


def test_a_folder_is_used_once_and_only_a_shadow_is_gone_on_with(plan, tmp_path):
    run(plan, arrivals(20), out=tmp_path / "out")
    with pytest.raises(CosimError, match="holds a result already"):
        run(plan, arrivals(20), out=tmp_path / "out")
    with pytest.raises(RequestError, match="There is no shadow in"):
        run(plan, arrivals(20), resume=tmp_path)


def test_tags_that_the_twin_does_not_have_are_told_by_line(plan, tmp_path):
    text = (tmp_path / "kettle.tags.yaml").read_text()
    (tmp_path / "kettle.tags.yaml").write_text(
        text.replace("kettle.salt", "kettle.salty").replace("drives: kettle.heat", "drives: kettle.T")
    )
    with pytest.raises(
        CosimError, match=r"(?s)tags.yaml:4: Tag 'QT1' of the twin: Cannot set kettle.T.*Tag 'LAB1'.*'salty'"
    ):
        run(read_plan(plan.file.path, {"kettle": kettle}), arrivals(5), out=tmp_path / "out")


def test_a_folder_that_another_shadow_has_just_made_is_not_written_into(plan, tmp_path):
    (tmp_path / "out").mkdir()
    with alone(tmp_path / "out"):  # it has not said yet what it is
        with pytest.raises(RequestError, match="out' is still running in another process"):
            run(plan, arrivals(), out=tmp_path / "out")
        with pytest.raises(RequestError, match="out' is still running in another process"):
            replay(plan, run(plan, arrivals(), out=tmp_path / "first").result.folder, out=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["checkpoints", "lock"]


def test_a_shadow_that_runs_elsewhere_is_not_touched(plan, tmp_path):
    run(plan, arrivals(40), out=tmp_path / "out")
    made = []
    with alone(tmp_path / "out"), pytest.raises(CosimError, match="still running in another process"):
        shadow(
            plan, Endpoint("x"), resume=tmp_path / "out", link=FakeLink(arrivals()),
            listeners=Listeners(makers=[made.append]),
        )  # fmt: skip
    assert made == []


def test_what_leaves_is_told_while_the_link_stands_and_of_what_session_it_was(plan, tmp_path):
    told = []
    link = FakeLink(arrivals(40))
    listeners = Listeners(
        resumed=lambda session: told.append(session.number), leaving=lambda: told.append("leaving"),
        should_stop=link.is_done.is_set,
    )  # fmt: skip
    shadow(plan, Endpoint("x"), out=tmp_path / "out", link=link, listeners=listeners)
    assert told == [0, "leaving"]
