"""A pump that has stopped, and a controller that settles."""

from cosim.clock import to_ticks
from cosim.shadowing.deviating import DeviationWatch
from cosim.shadowing.forecasting import Deviation
from cosim.shadowing.outlook import Concern

MINUTE = to_ticks(60.0)
STOPPED = [Deviation("FT101", "L/h", 0.0, 1.8)]


def told(watch, first, last, deviations):
    """Go through cycles of ten minutes; return the alerts of the last."""
    for minute in range(first, last, 10):
        alerts = watch.alerts(minute * MINUTE, (minute + 10) * MINUTE, deviations)
    return alerts


def test_what_lasts_for_an_hour_is_told_until_it_is_over():
    watch = DeviationWatch()
    assert told(watch, 0, 300, []) == []
    assert told(watch, 300, 350, STOPPED) == []
    (alert,) = told(watch, 350, 400, STOPPED)
    assert (alert.concern, alert.name, alert.begun, alert.due) == (Concern.DEVIATION, "FT101", 300 * MINUTE, None)
    assert alert.text == "FT101 is 0 where 1.8 L/h is planned, since 5 h."
    assert told(watch, 400, 410, []) == []


def test_what_comes_and_goes_is_not_told():
    watch = DeviationWatch()
    for minute in range(0, 600, 60):
        assert told(watch, minute, minute + 50, STOPPED) == []
        assert told(watch, minute + 50, minute + 60, []) == []


def test_one_cycle_of_two_hours_is_long_enough():
    watch = DeviationWatch()
    watch.alerts(0, 120 * MINUTE, [])
    (alert,) = watch.alerts(120 * MINUTE, 240 * MINUTE, STOPPED)
    assert alert.begun == 120 * MINUTE


def test_a_batch_begins_off_its_plan():
    watch = DeviationWatch()
    assert told(watch, 0, 600, STOPPED) == []
    assert told(watch, 600, 610, []) == []
    again = DeviationWatch()
    again.recall(watch.notes())
    (alert,) = told(again, 610, 700, STOPPED)
    assert alert.begun == 610 * MINUTE
