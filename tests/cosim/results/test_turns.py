"""Who gave the outputs: from the sentences of switches to lanes, with the sentences that instances write."""

import pytest

from cosim.clock import to_ticks
from cosim.execution.outcome import Happening
from cosim.results.timeline import LABEL_WIDTH, WIDTH, Span
from cosim.results.turns import changes, lanes, turns

DAY = 86_400.0
ACTIVE = {"golgi": [(17 * DAY, 24 * DAY), (24 * DAY, 31 * DAY)], "column": [(32 * DAY, 33 * DAY)]}
AWAY = "Switch 1: 'golgi' goes on with its FMU, after doing 9 steps again: T is 311: above 310."
BACK = "Switch 2: 'golgi' goes on with its surrogate: it was inside its domain for 5 steps."


def told(*items):
    return [Happening(to_ticks(time), "warning", name, text) for time, name, text in items]


def test_turns_follow_one_another_from_the_beginning_to_the_end_of_the_component():
    found = turns(told((20 * DAY, "golgi", AWAY), (21 * DAY, "golgi", BACK)), ACTIVE)
    assert list(found) == ["golgi"]
    assert [(t.who, t.start / DAY, t.end / DAY, t.is_usual) for t in found["golgi"]] == [
        ("surrogate", 17, 20, True),
        ("FMU", 20, 21, False),
        ("surrogate", 21, 31, True),
    ]
    assert [t.why for t in found["golgi"]] == [
        "",
        "T is 311: above 310 (after doing 9 steps again)",
        "it was inside its domain for 5 steps",
    ]


@pytest.mark.parametrize(
    ("text", "began", "goes_on"),
    [
        ("Switch 1: 'golgi' goes on with its surrogate: the process of 'golgi' ended by SIGSEGV", "FMU", "surrogate"),
        ("Switch 1: 'golgi' goes on with its mechanism alone: S is 3", "network", "mechanism alone"),
    ],
    ids=["lost FMU", "hybrid"],
)
def test_what_began_is_the_other_one(text, began, goes_on):
    assert [t.who for t in turns(told((20 * DAY, "golgi", text)), ACTIVE)["golgi"]] == [began, goes_on]


def test_other_warnings_and_components_that_never_ran_have_no_turns():
    assert turns(told((1, "golgi", "Switch on the light."), (2, "nobody", AWAY)), ACTIVE) == {}


def test_lanes_are_to_scale_each_on_its_own_span():
    late = BACK.replace("golgi", "column").replace("Switch 2", "Switch 1").replace("surrogate", "FMU")
    found = turns(told((20 * DAY, "golgi", AWAY), (21 * DAY, "golgi", BACK), (32.5 * DAY, "column", late)), ACTIVE)
    golgi, column = lanes(found)
    width = WIDTH - LABEL_WIDTH - 12
    assert [block.width for block in golgi.blocks] == pytest.approx([width * 3 / 14, width / 14, width * 10 / 14])
    assert [block.x for block in column.blocks] == pytest.approx([LABEL_WIDTH, LABEL_WIDTH + width / 2])
    assert [tick.text for tick in golgi.ticks][:2] == ["0", "2"]
    assert column.y > golgi.y + golgi.height
    assert golgi.blocks[1].label == "FMU"
    assert "from 20 d: T is 311: above 310" in golgi.blocks[1].title


def test_what_has_no_room_is_told_above_and_not_on_top_of_another():
    switches = [(18 * DAY + k * 600.0, "golgi", AWAY if k % 2 == 0 else BACK) for k in range(8)]
    (lane,) = lanes(turns(told(*switches), ACTIVE))
    above = [block for block in lane.blocks if block.is_above]
    assert [block.label for block in above] == ["FMU"]
    assert min(block.width for block in lane.blocks) >= 2


def test_changes_say_in_which_phase():
    phases = [Span("growth", None, 0, 17 * DAY, 24 * DAY, "", 0), Span("rest", None, 0, 24 * DAY, 31 * DAY, "", 1)]
    found = turns(told((20 * DAY, "golgi", AWAY), (24 * DAY, "golgi", BACK)), ACTIVE)
    assert [(c.time, c.phase, c.who) for c in changes(found, phases)] == [
        ("20 d", "3 d into growth", "FMU"),
        ("24 d", "0 s into rest", "surrogate"),
    ]


def test_a_switch_at_the_very_end_is_drawn():
    (lane,) = lanes(turns(told((31 * DAY, "golgi", AWAY)), ACTIVE))
    assert [block.turn.who for block in lane.blocks] == ["surrogate", "FMU"]
    assert lane.blocks[1].x + lane.blocks[1].width <= WIDTH
