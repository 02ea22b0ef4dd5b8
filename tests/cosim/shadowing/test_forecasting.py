"""How a batch goes on from an estimate, and what is told of limits ahead."""

from types import SimpleNamespace

import numpy as np
import pytest
from estimating_shadow import arrivals, course, run, write_shadow

from cosim.clock import to_ticks
from cosim.errors import CosimError, RequestError
from cosim.live.tag_file import read_tag_map
from cosim.opened import open as open_scenario
from cosim.shadowing import shadow as module
from cosim.shadowing.estimates import estimated_rows
from cosim.shadowing.forecasting import Deviation, Limit
from cosim.shadowing.lookout import Lookout
from cosim.shadowing.outlook import Concern, Estimate
from cosim.shadowing.shadow import read_plan
from cosim.shadowing.watching import Watch
from cosim.shipped import scenarios_folder

HOUR = to_ticks(3600.0)
HELLO = scenarios_folder() / "hello.yaml"
FORECAST = (
    "forecast: {{scenario: {path}, until: 3 d, every: 2 h, step: 12 h, members: 6, "
    "hold: {{FT1: {{variable: feeder.target, within: 1 mmol/L}}}}, "
    "limits: {{reactor.glucose: [{low} mmol/L, none]}}}}\n"
)


@pytest.fixture(scope="module")
def told():
    return list(course(72))


def planned(folder, monkeypatch, low=1.0):
    monkeypatch.chdir(folder)
    return read_plan(write_shadow(folder, FORECAST.format(path=HELLO, low=low)))


def test_the_batch_goes_on_as_the_estimate_has_it(tmp_path, monkeypatch, told):
    outlooks = run(planned(tmp_path, monkeypatch), arrivals(told[:42]), out=tmp_path / "out")
    assert outlooks[0].forecast == ()
    last = outlooks[-1]
    titre = next(item for item in last.forecast if item.name == "reactor.titre")
    assert titre.times == (48 * HOUR, 60 * HOUR, 72 * HOUR)
    final = told[72][1]["LAB_titre"]
    assert titre.middle[-1] == pytest.approx(final, rel=0.05)
    assert titre.low[-1] < final < titre.high[-1]
    assert last.alerts == ()
    rows = [row for row in estimated_rows(tmp_path / "out/estimated") if row[2] == "forecast"]
    assert len({row[0] for row in rows}) == 4  # each time that a time of it has passed


@pytest.mark.slow
def test_forecasts_go_on_after_an_interruption_as_if_nothing_had_been(tmp_path, monkeypatch, told):
    plan, sent = planned(tmp_path, monkeypatch), arrivals(told[:24])
    whole = run(plan, sent, out=tmp_path / "whole")
    monkeypatch.setattr(module, "KEEP", 0.0)
    run(plan, sent[:14], out=tmp_path / "out")
    assert run(plan, sent, resume=tmp_path / "out")[-1] == whole[-1]
    first, second = (list(map(str, estimated_rows(tmp_path / name / "estimated"))) for name in ("whole", "out"))
    assert first == second


def test_a_limit_ahead_is_told_with_its_cause(tmp_path, monkeypatch, told):
    """A limit of 30 mmol/L is watched, and the target of the feed is off its plan."""
    spoilt = [(hour, values | ({"FT1": 3.0} if hour > 2 else {})) for hour, values in told[:9]]
    outlooks = run(planned(tmp_path, monkeypatch, low=30.0), arrivals(spoilt), out=tmp_path / "out")
    warned = [o.time for o in outlooks if any(alert.concern is Concern.DEVIATION for alert in o.alerts)]
    assert 3 * HOUR < warned[0] <= 5 * HOUR  # two hours at most after it can be seen
    deviation, alert = outlooks[-1].alerts
    assert (deviation.concern, deviation.name, deviation.begun) == (Concern.DEVIATION, "FT1", 3 * HOUR)
    assert deviation.text == "FT1 is 3 where 32.6 mmol/L is planned, since 3 h."
    assert (alert.concern, alert.name, alert.share) == (Concern.LIMIT, "reactor.glucose", 1.0)
    assert alert.text.startswith("reactor.glucose will be below 30 mmol/L at ")
    assert alert.cause.startswith("FT1 is 3 where 32.6 mmol/L is planned.")


def test_copies_are_members_of_the_estimate_in_the_scenario_that_forecasts(tmp_path, monkeypatch):
    plan = planned(tmp_path, monkeypatch)
    with open_scenario(plan.file.scenario) as execution:
        lookout = Lookout(plan.file, plan.tags, execution, tmp_path)
        try:
            copies = lookout.prospects.copies(4)
            found = [copy.numbers("reactor", ["mu_max"])["mu_max"] for copy in copies]
            for copy in copies:
                copy.run_until("6 h")
                copy.close()
            members = lookout.estimator.states[:, -1]
            assert len(set(found)) == 4
            assert set(found) <= set(members.tolist())
            lookout.forecaster._plan.run_until("10 min")
            with pytest.raises(RequestError, match="Ask again next cycle"):
                lookout.prospects.copies(1)
        finally:
            lookout.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("variable: feeder.target", "variable: reactor.glucose"), "'hold' of 'FT1': Cannot set reactor.glucose"),
        (("hold: {FT1", "hold: {FT9"), "'hold' of 'FT9': There is no tag 'FT9'"),
        (("reactor.glucose: [1.0 mmol/L", "reactor.glucose: [1.0 K"), "The limits of 'reactor.glucose'"),
        (("limits: {reactor.glucose", "limits: {reactor.glucos"), "The limits of 'reactor.glucos'"),
    ],
)  # fmt: skip
def test_what_the_plan_does_not_have_is_told(tmp_path, monkeypatch, change, message):
    plan = planned(tmp_path, monkeypatch)
    path = plan.file.path
    path.write_text(path.read_text().replace(*change))
    plan = read_plan(path)
    with open_scenario(plan.file.scenario) as execution, pytest.raises(CosimError, match=message):
        Lookout(plan.file, read_tag_map(plan.file.tags), execution, tmp_path)


class Ahead:
    """A forecaster whose courses are given."""

    def __init__(self, *courses):
        self.times = tuple(k * 12 * HOUR for k in range(1, 4))
        self.courses = np.array(courses, dtype=float)[:, :, None]
        self.shown = [SimpleNamespace(name="a.x")]
        self.limits = [Limit("a.x", "g/L", 2.0, np.inf)]
        self.deviations = ()


GOES, STAYS = [5.0, 3.0, 1.0], [5.0, 4.0, 3.0]


def watch(share=0.5):
    setup = SimpleNamespace(n_states=1, spreads=np.array([0.0, 0.1]))
    return Watch(setup, np.array([0.0, 2.0]), share)


def parameter(value):
    return [Estimate("a.k", "1/h", value, value, value)]


def test_an_alert_begins_with_a_share_and_ends_below_half_of_it():
    one = watch()
    nothing = np.full(3, np.nan)
    few, half, quarter = Ahead(STAYS, STAYS, GOES), Ahead(STAYS, GOES, nothing), Ahead(STAYS, STAYS, STAYS, GOES)
    assert one.alerts(0, few, [], parameter(2.0)) == []
    (alert,) = one.alerts(HOUR, half, [], parameter(2.0))
    assert (alert.begun, alert.due, alert.share, alert.cause) == (HOUR, 36 * HOUR, 0.5, "")
    (alert,) = one.alerts(2 * HOUR, quarter, [], parameter(2.5))
    assert (alert.begun, alert.share) == (HOUR, 0.25)
    assert alert.cause == "a.k is 1.25 times what was expected."
    assert one.alerts(3 * HOUR, Ahead(STAYS, STAYS), [], parameter(2.0)) == []


def test_what_is_out_already_is_told_at_once():
    ahead = Ahead(STAYS)
    ahead.deviations = (Deviation("FT1", "L/h", 0.0, 1.8),)
    (alert,) = watch().alerts(HOUR, ahead, [Estimate("a.x", "g/L", 1.5, 1.0, 2.5)], parameter(2.0))
    assert (alert.text, alert.due) == ("a.x is below 2 g/L.", None)
    assert alert.cause == "FT1 is 0 where 1.8 L/h is planned."
