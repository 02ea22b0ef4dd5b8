"""A shadow that estimates: what it believes, kept, gone on with, repeated exactly."""

import pytest
from estimating_shadow import arrivals, course, run, write_shadow

from cosim.errors import CosimError, StepError
from cosim.live.record import Note
from cosim.shadowing import shadow as module
from cosim.shadowing.estimates import estimated_rows
from cosim.shadowing.estimator import Estimator
from cosim.shadowing.members import Members
from cosim.shadowing.outlook import Concern, Health
from cosim.shadowing.repetition import differences
from cosim.shadowing.shadow import read_plan, replay

HOURS = 40


@pytest.fixture(scope="module")
def sent():
    return arrivals(list(course(HOURS + 1)))


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return read_plan(write_shadow(tmp_path))


@pytest.fixture(params=["ensemble", "unscented"])
def either(request, tmp_path, monkeypatch):
    """The plan of ``plan``, with each filter."""
    monkeypatch.chdir(tmp_path)
    return read_plan(write_shadow(tmp_path, filter=request.param))


def test_hidden_states_and_a_parameter_are_told_with_intervals(either, sent, tmp_path):
    outlooks = run(either, sent, out=tmp_path / "out")
    last = outlooks[-1]
    truth = dict(course(HOURS))[round(last.time / 3.6e12)]
    told = {item.name: item for item in last.estimates}
    assert list(told) == ["reactor.glucose", "reactor.titre", "reactor.growth_rate"]
    for name, tag in (("reactor.glucose", "LAB_glucose"), ("reactor.titre", "LAB_titre")):
        assert told[name].value == pytest.approx(truth[tag], rel=0.05)
        assert told[name].low < truth[tag] < told[name].high
    (rate,) = last.parameters
    assert rate.value * 3600.0 == pytest.approx(0.0345, rel=0.04)
    assert rate.low < 0.0345 / 3600.0 < rate.high
    assert {(outlook.health, outlook.reason) for outlook in outlooks} == {(Health.GOOD, "")}
    rows = list(estimated_rows(tmp_path / "out/estimated"))
    assert [row[7:9] for row in rows if row[3] == "reactor.titre"][-1] == (
        told["reactor.titre"].low,
        told["reactor.titre"].high,
    )


def test_a_session_with_estimates_is_repeated_exactly(either, sent, tmp_path):
    run(either, sent[:25], out=tmp_path / "out")
    replay(either, tmp_path / "out", out=tmp_path / "again")
    first, second = (list(map(str, estimated_rows(tmp_path / name / "estimated"))) for name in ("out", "again"))
    assert first == second
    assert len(first) > 100
    assert list(differences(tmp_path / "out", tmp_path / "again")) == []


def test_it_goes_on_as_if_nothing_had_been(either, sent, tmp_path, monkeypatch):
    whole = run(either, sent, out=tmp_path / "whole")
    monkeypatch.setattr(module, "KEEP", 0.0)
    run(either, sent[:20], out=tmp_path / "out")
    assert len(list((tmp_path / "out/estimator").iterdir())) == 3
    again = run(either, sent, resume=tmp_path / "out")
    assert again[-1] == whole[-1]
    first, second = (list(map(str, estimated_rows(tmp_path / name / "estimated"))) for name in ("whole", "out"))
    assert first == second


def test_what_cannot_be_gone_on_with_begins_anew_and_says_so(plan, sent, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "KEEP", 0.0)
    run(plan, sent[:12], out=tmp_path / "out")
    for path in (tmp_path / "out/estimator").iterdir():
        path.write_bytes(path.read_bytes()[:-5])
    told = []
    outlooks = run(plan, sent[:20], resume=tmp_path / "out", warn=told.append)
    assert len(outlooks) >= 6
    assert "The estimate begins anew at" in told[0]
    assert "its content is not what was written" in told[0]


def test_samples_that_are_too_late_are_told_and_do_not_count_as_heard(plan, sent, tmp_path):
    """A laboratory takes five hours, of which two are remembered."""
    path, told = plan.file.path, []
    path.write_text(path.read_text().replace("  seed: 3", "  seed: 3\n  horizon: 2 h"))
    outlooks = run(read_plan(path), sent, out=tmp_path / "out", warn=told.append)
    assert outlooks[30].health is Health.GOOD
    assert outlooks[-1].health is Health.UNCERTAIN
    assert outlooks[-1].reason == "The laboratory's last sample was taken at 0 s."
    assert len(told) == 6
    assert told[0].startswith("The sample 'LAB_glucose' taken at 6 h is not used for the estimate: at 10 h")


def test_a_value_that_is_held_counts_once(either, sent, tmp_path, monkeypatch):
    """Instruments tell every six hours, and are held in the cycles between."""
    tags, counted, take = tmp_path / "hello.tags.yaml", [], Estimator.take

    def heard(self, compared):
        taken = take(self, compared)
        counted.extend(round(item.time / 3.6e12) for item in taken.innovations if len(item.which) == 2)
        assert taken.missing == ()
        return taken

    monkeypatch.setattr(Estimator, "take", heard)
    tags.write_text(tags.read_text().replace("every: 1 h", "every: 6 h"))
    rare = [
        arrival if isinstance(arrival, Note) or i % 6 == 2 else tuple(s for s in arrival if s.tag not in ("VT1", "XT1"))
        for i, arrival in enumerate(sent[:28])
    ]
    outlooks = run(read_plan(either.file.path), rare, out=tmp_path / "out")
    assert counted == [6, 12, 18, 24]
    assert {outlook.health for outlook in outlooks} == {Health.GOOD}


def test_an_instrument_that_tells_after_its_cycle_counts_for_it(plan, sent, tmp_path, monkeypatch):
    """What VT1 and XT1 show is told two hours late, and of then."""
    counted, take = [], Estimator.take

    def heard(self, compared):
        taken = take(self, compared)
        counted.extend(
            (round((compared.cycle.end - item.time) / 3.6e12), tuple(item.which)) for item in taken.innovations
        )
        return taken

    monkeypatch.setattr(Estimator, "take", heard)
    arrivals_of_hours = sent[2:16]
    late = [
        (*(s for s in arrivals_of_hours[max(i - 2, 0)] if s.tag in ("VT1", "XT1")),
         *(s for s in arrival if s.tag not in ("VT1", "XT1")))
        for i, arrival in enumerate(arrivals_of_hours)
    ]  # fmt: skip
    outlooks = run(plan, [*sent[:2], *late], out=tmp_path / "out")
    assert counted.count((1, (0,))) == counted.count((1, (1,))) == 11
    assert {outlook.health for outlook in outlooks} == {Health.GOOD}


def test_an_estimator_that_fails_ends_and_the_shadow_goes_on(plan, sent, tmp_path, monkeypatch):
    calls = []

    def fails(self, states, start, end):
        calls.append(end)
        raise StepError("The model fails.")

    monkeypatch.setattr(Members, "advance", fails)
    told = []
    outlooks = run(plan, sent[:8], out=tmp_path / "out", warn=told.append)
    assert told == ["The estimator ended at 1 h: The model fails."]
    assert len(outlooks) >= 4
    assert len(calls) == 1
    assert {outlook.health for outlook in outlooks} == {Health.BAD}
    assert outlooks[-1].reason == "The estimator ended at 1 h: The model fails."


def test_a_model_that_is_wrong_is_told(either, tmp_path):
    """Something else eats glucose and product, of which the model has nothing."""
    eaten = [
        (hour, values | {name: values[name] * (1.0 - 0.006 * hour) for name in ("LAB_glucose", "LAB_titre")})
        for hour, values in course(73)
    ]
    outlooks = run(either, arrivals(eaten), out=tmp_path / "out")
    assert outlooks[-1].health is Health.BAD
    assert outlooks[-1].reason.startswith("Values of LAB_")
    assert "Either the model is wrong" in outlooks[-1].reason


def test_an_instrument_that_fails_is_named(plan, sent, tmp_path):
    """From the fifth hour on the volume reads 900 L too much."""
    spoilt = [
        arrival
        if isinstance(arrival, Note) or i < 7
        else tuple(s._replace(value=s.value + 900.0) if s.tag == "VT1" else s for s in arrival)
        for i, arrival in enumerate(sent[:16])
    ]
    outlooks = run(plan, spoilt, out=tmp_path / "out")
    alert = next(alert for outlook in outlooks for alert in outlook.alerts)
    assert (alert.concern, alert.name) == (Concern.ESTIMATE, "VT1")
    assert alert.text == "VT1 has been far from the estimate since 5 h; it counts for little."
    assert outlooks[-1].health is not Health.GOOD


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("reactor.m[1]:", "reactor.m[99]:"), r"'reactor' has no state 'm\[99\]' that could be estimated"),
        (
            ("reactor.mu_max:", "reactor.mu_may:"),
            "no parameter 'mu_may' that could be estimated. Do you mean 'mu_max'",
        ),
        (("LAB_*:", "LAB_x*:"), "There is no tag 'LAB_x"),
        (("noise: 5 L", "noise: 5 K"), "s.yaml:12: 'VT1'"),
        (
            ("[0.02 1/h, 0.06 1/h]", "[0.06 1/h, 0.02 1/h]"),
            "s.yaml:11: The limits of 'reactor.mu_max', 0.06 1/h to 0.02",
        ),
        (
            ("[0.02 1/h, 0.06 1/h]", "[0.05 1/h, 0.06 1/h]"),
            "s.yaml:11: .* do not hold what the twin has, 1.0.*e-05 1/s",
        ),
        (("reactor.growth_rate: 1/h", "reactor.growth_rate: 1/L"), "Output 'reactor.growth_rate'"),
    ],
)
def test_what_the_twin_does_not_have_is_told_by_line(plan, sent, tmp_path, change, message):
    path = plan.file.path
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(CosimError, match=message):
        run(read_plan(path), sent[:3], out=tmp_path / "out")
