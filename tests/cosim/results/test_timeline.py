import itertools

import mab_run
import pytest

from cosim.clock import to_ticks
from cosim.execution.outcome import PhaseRecord
from cosim.results.timeline import LABEL_WIDTH, WIDTH, activity, spans, time_unit, timeline


def test_bars_are_to_scale():
    rows = dict(timeline(mab_run.phases()).rows)
    production, capture = rows["production"], rows["capture"]
    assert production.x == LABEL_WIDTH
    span = capture.span.end
    assert production.width == pytest.approx((WIDTH - LABEL_WIDTH - 12) * 14 * mab_run.DAY / span)
    assert capture.x + capture.width == pytest.approx(WIDTH - 12)


def test_steps_are_magnified_with_cycles():
    strip = timeline(mab_run.phases()).strips[0]
    assert strip.phase == "capture"
    assert len(strip.bars) == 15
    assert [mark.text for mark in strip.cycles] == ["cycle 1", "cycle 2", "cycle 3"]
    assert [bar.label for bar in strip.bars[1:5]] == ["load", "wash", "elute", "strip"]
    assert "cycle 1" in strip.bars[0].title
    for left, right in zip(strip.bars[:-1], strip.bars[1:], strict=True):
        assert right.x == pytest.approx(left.x + left.width)


def test_same_step_has_the_same_colour_in_every_cycle():
    _, steps = spans(mab_run.phases())
    assert len({(step.step, step.colour) for step in steps}) == 5


def test_phase_without_steps_shows_its_cycles():
    records = [PhaseRecord("fill", None, cycle, to_ticks(cycle), to_ticks(cycle + 1), "") for cycle in (1, 2, 3)]
    phases, steps = spans(records)
    assert [(phases[0].start, phases[0].end)] == [(1.0, 4.0)]
    assert [step.step for step in steps] == ["cycle 1", "cycle 2", "cycle 3"]


def test_no_phases():
    assert timeline(()) is None


def test_phase_of_no_length_is_still_seen():
    bar = timeline((PhaseRecord("x", None, 1, to_ticks(0), to_ticks(0), ""),)).rows[0][1]
    assert bar.width >= 2


def test_hundred_cycles_stay_within_the_drawing():
    records = [
        PhaseRecord("capture", name, cycle, to_ticks(cycle * 10 + i), to_ticks(cycle * 10 + i + 1), "")
        for cycle in range(100)
        for i, name in enumerate(("load", "elute"))
    ]
    bars = timeline(records).strips[0].bars
    assert len(bars) == 200
    assert max(bar.x + bar.width for bar in bars) < WIDTH
    assert {bar.label for bar in bars} == {""}


def test_activity_is_when_phases_of_a_component_ran():
    run_phases = [{"name": "production", "active": ["reactor"]}, {"name": "harvest", "active": ["reactor"]}]
    active = activity(run_phases, mab_run.phases())
    assert active["reactor"][0] == (0.0, 14 * mab_run.DAY)
    assert len(active["reactor"]) == 2


@pytest.mark.parametrize(("span", "unit"), [(14 * 86_400.0, "d"), (5 * 3600.0, "h"), (600.0, "min"), (0.5, "s")])
def test_unit_of_an_axis(span, unit):
    assert time_unit(span)[0] == unit


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_lenses_are_drawn_only_while_they_can_be_told_apart(n):
    records = [
        PhaseRecord(f"phase{index}", name, 1, to_ticks(2 * index + i), to_ticks(2 * index + i + 1), "")
        for index in range(n)
        for i, name in enumerate(("fill", "empty"))
    ]
    drawing = timeline(records)
    assert [bool(strip.lens) for strip in drawing.strips] == [n <= 2] * n
    assert [strip.colour for strip in drawing.strips] == [bar.span.colour for _, bar in drawing.rows]
    assert max(tick.y + 16 for tick in drawing.strips[-1].ticks) < drawing.height
    tops = [strip.y for strip in drawing.strips]
    assert all(below - above > 30 + 26 for above, below in itertools.pairwise(tops))
