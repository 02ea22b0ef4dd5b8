"""Two runs compared: every difference that counts is found, named and measured."""

import dataclasses

import numpy as np
import pytest
from regression_records import curve, record

from cosim.errors import StructureError
from cosim.regression.comparison import compare
from cosim.regression.record import Moment, Number
from cosim.regression.tolerance import NumberRule, Pattern, Rules, Tolerance
from cosim.units import parse_quantity

S = 1_000_000_000
RAMP = curve(np.linspace(0.0, 1.0, 11))
EXACT = Rules(Tolerance(relative=1e-3, reach=0))


def kinds(baseline, candidate, rules=EXACT):
    return [finding.kind for finding in compare(baseline, candidate, rules).failures]


def only(baseline, candidate, rules=EXACT):
    found = compare(baseline, candidate, rules).failures
    assert len(found) == 1, found
    return found[0]


def with_values(values, **changes):
    return record(dataclasses.replace(RAMP, values=np.asarray(values, dtype=float), **changes))


def test_the_same_run_holds():
    comparison = compare(record(RAMP), record(RAMP), EXACT)
    assert comparison.holds
    assert comparison.culprit is None
    assert comparison.signals[0].size <= 1


def test_a_signal_that_is_gone():
    found = only(record(RAMP, curve([1.0, 2.0], name="tank.flow")), record(RAMP))
    assert (found.kind, found.subject) == ("missing", "tank.flow")
    assert "tank.flow is in the baseline, and not in this run" in found.text


def test_a_signal_that_is_new():
    assert only(record(RAMP), record(RAMP, curve([1.0] * 11, name="tank.flow"))).kind == "new"


def test_no_number_in_either_run():
    values = RAMP.values.copy()
    values[4] = np.nan
    assert "is no number in this run, at 4 s, 1 times" in only(record(RAMP), with_values(values)).text
    assert "no number in the baseline" in only(with_values(values), record(RAMP)).text
    assert kinds(with_values(values), with_values(values)) == ["nan"]


def test_another_unit_of_the_same_dimension_is_converted_and_told():
    found = only(record(RAMP), with_values(RAMP.values * 100, unit="cm"))
    assert found.kind == "unit"
    assert "is in [cm], and was in [m]. Its values are compared after conversion." in found.text
    assert kinds(record(RAMP), with_values(RAMP.values, unit="cm")) == ["unit", "value"]


def test_another_writing_of_the_same_unit_is_none():
    one, other = (record(dataclasses.replace(RAMP, unit=unit)) for unit in ("kg/m3", "kg.m-3"))
    assert kinds(one, other) == []


@pytest.mark.parametrize("unit", ["s", None])
def test_a_unit_of_another_dimension_cannot_be_compared(unit):
    found = only(record(RAMP), with_values(RAMP.values, unit=unit))
    assert found.kind == "unit"
    assert "cannot be compared" in found.text


def test_a_shorter_and_a_longer_run():
    short = record(curve(RAMP.values[:8]))
    found = only(record(RAMP), short)
    assert (found.kind, found.time) == ("shorter", 7 * S)
    assert found.text == "The run ends at 7 s instead of 10 s."
    assert kinds(short, record(RAMP)) == ["longer"]
    assert kinds(record(RAMP), short, Rules(Tolerance(reach=3 * S))) == []


def test_a_component_that_ends_earlier_than_it_did():
    other = curve(np.zeros(11), name="feed.rate")
    late = curve(RAMP.values[2:], RAMP.ticks[2:])
    found = only(record(RAMP, other), record(late, other))
    assert (found.kind, found.subject, found.text) == ("shorter", "tank", "'tank' begins at 2 s instead of 0 s.")


def test_a_signal_that_stands_still_fails_inside_any_tube():
    wide = Rules(Tolerance(absolute=parse_quantity("10 m")))
    assert kinds(record(RAMP), with_values(np.zeros(11)), wide) == ["constant"]
    assert kinds(record(RAMP), with_values(0.2 + 1e-6 * RAMP.values), wide) == ["constant"]
    assert kinds(record(RAMP), with_values(RAMP.values * 0.5), wide) == []


def test_a_mirrored_signal_fails_inside_any_tube():
    wide = Rules(Tolerance(absolute=parse_quantity("10 m")))
    assert kinds(record(RAMP), with_values(-RAMP.values), wide) == ["sign"]
    raised = dataclasses.replace(RAMP, values=20 + RAMP.values)
    assert kinds(record(raised), with_values(20 - RAMP.values), wide) == ["sign"]
    assert kinds(record(RAMP), with_values(np.full(11, 1e308) - RAMP.values), wide) == ["constant"]


def responses(values, runs):
    return record(curve(values, runs, name="responses.level", axis="run"), end=0)


def test_a_response_of_a_study_is_compared_run_by_run():
    before, at_once = responses([1.0, 2.0, 3.0], [0, 1, 2]), Rules(Tolerance())
    assert kinds(before, responses([1.0, 2.0005, 3.0], [0, 1, 2]), at_once) == []
    found = only(before, responses([1.0, 2.9, 3.0], [0, 1, 2]), at_once)
    assert (found.kind, found.time) == ("value", None)
    assert "in run 1" in found.text
    assert kinds(before, responses([3.0, 2.0, 1.0], [0, 1, 2]), at_once) == ["sign"]


def test_a_response_that_has_no_value_in_a_run_is_missing_there():
    before, after = responses([1.0, 2.0, 3.0], [0, 1, 2]), responses([1.0, 3.0], [0, 2])
    assert "responses.level has no value any more in run 1." in only(before, after).text
    assert "responses.level had no value before in run 1." in only(after, before).text
    assert "in run 1, and in 1 more." in only(before, responses([1.0], [0])).text


def test_a_value_outside_its_tube_tells_where_and_how_far():
    values = RAMP.values.copy()
    values[6:] += 0.05
    values[8] += 0.01
    comparison = compare(record(RAMP), with_values(values), EXACT)
    found = comparison.failures[0]
    assert (found.kind, found.time) == ("value", 6 * S)
    assert found.size == pytest.approx(60)
    assert "leaves its tube at 6 s, farthest at 8 s: 0.86 m, where 0.799 to 0.801 m is allowed" in found.text
    assert comparison.first is found


def test_the_tolerance_of_the_last_pattern_counts():
    moved = with_values(RAMP.values + 0.05)
    loose = Pattern("tank.*", Tolerance(absolute=parse_quantity("10 cm"), reach=0))
    tight = Pattern("*.level", Tolerance(reach=0))
    assert kinds(record(RAMP), moved, Rules(signals=[tight, loose])) == []
    assert kinds(record(RAMP), moved, Rules(signals=[loose, tight])) == ["value"]
    assert kinds(record(RAMP), moved, Rules(signals=[Pattern("feed.*", Tolerance())])) == ["missing"]


def test_a_tolerance_of_another_dimension_is_refused():
    with pytest.raises(StructureError, match=r"'1 s' is a time and .* a length"):
        compare(record(RAMP), record(RAMP), Rules(Tolerance(absolute=parse_quantity("1 s"))))


def test_round_off_around_zero_is_nothing():
    large, small = curve(np.linspace(0, 5, 11)), curve(1e-16 * np.arange(11), name="tank.residual")
    other = curve(-1e-16 * np.arange(11) ** 2, name="tank.residual")
    assert kinds(record(large, small), record(large, other)) == []


def test_events_one_after_the_other():
    def moments(*times):
        return tuple(Moment(time * S, "event", "bolus") for time in times)

    before = record(RAMP, moments=moments(1, 4, 8))
    rules = Rules(Tolerance(reach=S))
    assert kinds(before, record(RAMP, moments=moments(1, 5, 8)), rules) == []
    found = only(before, record(RAMP, moments=moments(1, 6, 8)), rules)
    assert found.text == "The event of 'bolus' (number 2 of 3) is at 6 s, 2 s later."
    assert (found.time, found.size) == (4 * S, 2.0)
    assert "happens 2 times; it was 3 times" in only(before, record(RAMP, moments=moments(1, 4)), rules).text
    assert "'bolus' happens never" in only(before, record(RAMP), rules).text
    assert "of 'bolus' at 1 s is new" in only(record(RAMP), before, rules).text


def test_numbers_and_their_limits():
    def run(value, unit="g/L", reason=""):
        return record(RAMP, numbers={"titre": Number(value, unit, reason)})

    assert kinds(run(3.0), run(3.002)) == []
    assert "titre is 3.03 g/L, and was 3 g/L (10 × tolerance)" in only(run(3.0), run(3.03)).text
    assert kinds(run(3.0), run(3000.0, "mg/L")) == []
    assert kinds(run(3.0), run(3.0, "mol")) == ["unit"]
    assert "without a value (it never was)" in only(run(3.0), run(None, reason="it never was")).text
    assert kinds(run(None), run(None)) == []
    assert kinds(run(3.0), record(RAMP)) == ["missing"]
    assert kinds(record(RAMP), run(3.0)) == ["new"]
    limits = Rules(numbers={"titre": NumberRule(at_least=parse_quantity("3.5 g/L"), at_most=parse_quantity("4 g/L"))})
    assert "titre is 3 g/L; the suite asks for at least 3.5 g/L" in only(run(3.0), run(3.0), limits).text
    assert kinds(run(4.5), run(4.5), limits) == ["limit"]
    assert kinds(run(3.7), run(3.7), limits) == []


def test_ledgers_and_effort():
    before = record(RAMP, ledger={"mab": 1e-12}, steps=100, seconds=1.0)
    after = record(RAMP, ledger={"mab": 1e-7}, steps=150, seconds=3.0)
    assert kinds(before, after) == []
    rules = Rules(ledger=1e-9, steps=1.2, seconds=2.0)
    assert kinds(before, after, rules) == ["ledger", "steps", "seconds"]
    assert kinds(before, record(RAMP, ledger={"mab": float("inf")}), rules) == ["ledger"]
    assert kinds(before, record(RAMP)) == ["missing"]


def test_runs_that_failed():
    failed = record(RAMP, status="failed", reason="The pump broke.")
    assert only(record(RAMP), failed).text == "The run has failed: The pump broke."
    assert "The baseline has failed" in only(failed, record(RAMP)).text
    assert "Both runs have failed" in only(failed, failed).text


def test_what_is_accepted_is_told_and_does_not_count():
    comparison = compare(record(RAMP), with_values(RAMP.values * 100, unit="cm"), Rules(accept=frozenset({"unit"})))
    assert comparison.holds
    assert [finding.kind for finding in comparison.findings] == ["unit"]


def test_measured_data_ask_for_nothing_but_their_points():
    measured = record(curve([0.0, 0.5], [0, 5 * S]), is_measured=True)
    run = record(RAMP, curve([1.0, 2.0], name="tank.flow"), numbers={"n": Number(1.0, "1")}, ledger={"mab": 0.0})
    assert kinds(measured, run) == []
    assert kinds(measured, record(curve(RAMP.values * 2))) == ["value"]


@pytest.mark.parametrize("other", [0.0, -1.0])
def test_round_off_that_stands_still_or_turns_is_nothing(other):
    large, small = curve(np.linspace(0, 5, 11)), curve(1e-16 * np.arange(11), name="tank.residual")
    ratio = curve(1e-17 * np.arange(11), name="tank.ratio", unit="1")
    changed = [dataclasses.replace(item, values=other * item.values) for item in (small, ratio)]
    assert kinds(record(large, small, ratio), record(large, *changed)) == []


def test_a_run_that_ends_before_the_data_is_shorter_than_they_are():
    measured = record(curve([0.0, 0.5, 2.0], [-4 * S, 5 * S, 20 * S]), is_measured=True)
    found = compare(measured, record(RAMP), EXACT).failures
    assert [finding.text for finding in found] == [
        "tank.level begins at 0 s, and was measured at -4 s.", "tank.level ends at 10 s, and was measured at 20 s.",
    ]  # fmt: skip
    assert compare(measured, record(RAMP), dataclasses.replace(EXACT, accept=frozenset({"shorter"}))).holds
    assert compare(measured, record(RAMP), Rules(Tolerance(reach=10 * S))).holds


def test_a_pattern_that_chooses_nothing_is_no_agreement():
    rules = Rules(signals=(Pattern("tank.level", Tolerance()), Pattern("*.flow", Tolerance())))
    assert "The suite compares '*.flow', which neither run has." in only(record(RAMP), record(RAMP), rules).text
    flow = curve([1.0] * 11, name="tank.flow")
    measured = record(RAMP, is_measured=True)
    assert "which the data do not hold" in only(measured, record(RAMP, flow), rules).text
    assert kinds(record(RAMP, flow), record(RAMP, flow), rules) == []


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "tank.level", True), ("tank.*", "tank.level", True), ("*.level", "tank.level", True),
        ("t*k.l*l", "tank.level", True), ("tank.level", "tank.level", True), ("*a*a*", "tank.level", False),
        ("tank.*level", "tank.level", True), ("tank.level*level", "tank.level", False), ("", "tank.level", False),
        ("tank?level", "tank.level", False), ("*a" * 30 + "b", "a" * 100, False), ("*a" * 30, "a" * 100, True),
    ],
)  # fmt: skip
def test_patterns(pattern, name, matches):
    assert Pattern(pattern, Tolerance()).matches(name) is matches


def test_a_range_that_no_float_can_hold_is_no_excuse():
    huge = np.array([-1.7e308, 1.7e308] * 5 + [0.0])
    changed = huge.copy()
    changed[4] = 1e308
    assert kinds(with_values(huge), with_values(huge)) == []
    assert kinds(with_values(huge), with_values(changed)) == ["value"]


def test_a_limit_of_zero_allows_nothing():
    before, after = (record(RAMP, ledger={"mab": 1e-12}, steps=n, seconds=float(n)) for n in (1, 2))
    rules = dataclasses.replace(EXACT, ledger=0.0, steps=0.0, seconds=0.0)
    assert kinds(before, after, rules) == ["ledger", "steps", "seconds"]
