import pytest
from fakes import FakeInstance, Flowsheet, describe, phase, source, tank

from cosim.execution.ledger import Account
from cosim.system.stream import SpeciesLink


def run(flowsheet: Flowsheet):
    outcome = flowsheet.run(phase("run", " ".join(flowsheet.instances), 100.0, 10.0))
    assert outcome.status == "completed", outcome.reason
    return outcome.ledger


def test_source_and_waste_are_the_boundary():
    flowsheet = Flowsheet(s=source("s", lambda t: 1e-3, c=2.0), a=tank("a", flow=2e-3, amount=1.0, made=0.01))
    ledger = run(flowsheet.stream("s.out", "a.in").stream("a.out"))
    volume, x = ledger["volume"], ledger["x"]
    assert (volume.flowsheet.start, volume.flowsheet.entered, volume.flowsheet.left) == pytest.approx((1.0, 0.1, 0.2))
    assert volume.flowsheet.held == pytest.approx(0.9)
    assert x.flowsheet.entered == pytest.approx(0.2)
    assert x.flowsheet.made == pytest.approx(1.0)
    assert x.streams["s.out => a.in"] == pytest.approx(0.2)
    assert x.streams["a.out => waste"] == x.flowsheet.left == x.units["a"].left
    assert set(x.units) == {"a"}


def test_receiver_without_inventory_is_outside():
    sink = FakeInstance("sink", describe({"in.V_flow": 0.0, "in.c_x": 0.0}, ["y"]), lambda v, t, h: None)
    ledger = run(Flowsheet(a=tank("a", flow=1e-3, amount=1.0), sink=sink).stream("a.out", "sink.in"))
    assert ledger["volume"].flowsheet.left == pytest.approx(0.1)
    assert set(ledger["x"].units) == {"a"}


def test_dropped_species_leave_here():
    filtered = FakeInstance(
        "b",
        describe({"in.V_flow": 0.0}, ["held_volume"]),
        lambda v, t, h: v.update(held_volume=v["held_volume"] + v["in.V_flow"] * h),
    )
    flowsheet = Flowsheet(a=tank("a", flow=1e-3, amount=1.0), b=filtered)
    ledger = run(flowsheet.stream("a.out", "b.in", links=(), dropped=("x",)))
    assert ledger["x"].flowsheet.left == pytest.approx(ledger["x"].units["a"].left) != 0.0
    assert ledger["volume"].flowsheet.left == 0.0
    assert ledger["volume"].units["b"].held == pytest.approx(0.1)


def test_species_of_another_name_are_followed():
    def renamed(v, time, size):
        v["held_volume"] += v["in.V_flow"] * size
        v["held_product"] += v["in.V_flow"] * v["in.c_product"] * size

    b = FakeInstance("b", describe({"in.V_flow": 0.0, "in.c_product": 0.0}, ["held_volume", "held_product"]), renamed)
    flowsheet = Flowsheet(a=tank("a", flow=1e-3, amount=1.0), b=b)
    ledger = run(flowsheet.stream("a.out", "b.in", links=(SpeciesLink("x", "product", 1000.0),)))
    assert set(ledger) == {"volume", "x"}
    assert set(ledger["x"].units) == {"a", "b"}
    assert ledger["x"].flowsheet.held == pytest.approx(1.0)
    assert b.inner.values["held_product"] == pytest.approx(1000.0 * ledger["x"].units["b"].held)


def test_closure_is_a_share_of_what_there_was_down_to_the_floor():
    entry = Account(start=2e-6, entered=1e-6, made=1e-6, left=0.5e-6, consumed=0.5e-6, held=2e-6).close("kg", 1e-12)
    assert (entry.unexplained, entry.closure) == pytest.approx((1e-6, 0.25))
    assert Account(held=1e-15).close("kg", 1e-12).closure == pytest.approx(1e-3)


def test_an_inventory_that_is_no_number_does_not_close():
    def breaks(v, time, size):
        v["held_x"] = float("nan") if size else 1.0

    flowsheet = Flowsheet(a=FakeInstance("a", describe([], ["held_x"]), breaks))
    outcome = flowsheet.run(phase("run", "a", 10.0, 10.0), recorded={"a": ()})
    assert outcome.status == "failed"
    assert outcome.reason.startswith("The balance of x over 'a' does not close: nan")


def test_totals_that_begin_above_zero_are_counted_from_there_in_every_cycle():
    def makes(v, time, size):
        if size == 0.0:
            v["made_x_total"], v["held_x"] = 5.0, 0.0
        v["made_x_total"] += 0.1 * size
        v["held_x"] += 0.1 * size

    flowsheet = Flowsheet(a=FakeInstance("a", describe([], ["held_x", "made_x_total"]), makes))
    outcome = flowsheet.run(phase("run", "a", 10.0, 10.0, repeat=2, fresh=("a",)))
    assert outcome.status == "completed", outcome.reason
    assert outcome.ledger["x"].units["a"].made == pytest.approx(2.0)


def test_what_comes_and_goes_through_no_port_is_in_and_out_and_neither_made_nor_consumed():
    def breathes(v, time, size):
        v["supplied_x_total"] += 0.3 * size
        v["vented_x_total"] += 0.1 * size
        v["held_x"] = v["supplied_x_total"] - v["vented_x_total"]

    names = ["held_x", "supplied_x_total", "vented_x_total"]
    flowsheet = Flowsheet(a=FakeInstance("a", describe([], names), breathes))
    outcome = flowsheet.run(phase("run", "a", 10.0, 10.0, repeat=2, fresh=("a",)))
    assert outcome.status == "completed", outcome.reason
    for entry in (outcome.ledger["x"].units["a"], outcome.ledger["x"].flowsheet):
        assert (entry.entered, entry.made, entry.consumed) == (pytest.approx(6.0), 0.0, 0.0)
        assert entry.left + entry.held == pytest.approx(6.0)
