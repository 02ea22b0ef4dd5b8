"""What a shadow file says of acting and of advice, bound to the tags; its problems, with line and reason."""

import pytest

from cosim.clock import to_ticks
from cosim.errors import CosimError
from cosim.live.acting import Harvest, Heartbeat, Kept, Manipulated, Mode, Price
from cosim.live.acting_file import read_acting
from cosim.live.shadow_file import read_shadow_file
from cosim.live.tag_file import read_tag_map

TAGS = """\
tag_map: t
tags:
  TT: {measures: reactor.temperature, unit: degC}
  F_SP: {plant: feed.demand, unit: L/h, limits: [0 L/h, 10 L/h], writable: true}
  F_ADVICE: {unit: L/h, limits: [0 L/h, 9 L/h], writable: true}
  T_SP: {plant: heat.set_point, unit: degC, limits: [30 degC, 40 degC], writable: true}
  BEAT: {limits: [0, 10000], writable: true}
"""
ACT = """\
shadow: s
scenario: twin.yaml
tags: tags.yaml
cycle: 10 min
act:
  mode: control
  moves:
    F_SP: {sets: feed.demand, range: [0.5 L/h, 6 L/h], rate: 50 mL/h per 1 min, safe: 30 mL/min, advice: F_ADVICE}
    T_SP: {sets: heat.set_point, range: [306 K, 310.15 K], rate: 0.5 K per 1 h}
  heartbeat: {tag: BEAT, every: 2 s, timeout: 20 s}
  hand_over: 90 min
  needs: [TT]
"""
ADVICE = """\
advice:
  scenario: ahead.yaml
  parameters: {reactor.mu_max: 0.035 1/h}
  every: 1 d
  from: 2 d
  maximise: {reactor.titre: 1 L/g, feed.outlet.V_total: -0.1 1/m3}
  keep: {reactor.glucose: [2 mmol/L, any], reactor.volume: [any, 2200 L]}
  harvest: {from: 12 d, to: 14 d, per_day: 0.05}
  doubt: {reactor.mu_max: 5 %}
  forecasts: 30
  confidence: 90 %
"""


def read(folder, text):
    (folder / "tags.yaml").write_text(TAGS)
    (folder / "s.yaml").write_text(text)
    return read_acting(read_shadow_file(folder / "s.yaml"), read_tag_map(folder / "tags.yaml"))


def test_all_that_can_be_said(tmp_path):
    acting, advising = read(tmp_path, ACT + ADVICE)
    assert acting.mode is Mode.CONTROL
    feed, heat = acting.moves["F_SP"], acting.moves["T_SP"]
    assert feed == Manipulated(
        "F_SP", "feed.demand", "L/h", 0.5, 6.0, 0.05, to_ticks(60), 1.8, "F_ADVICE", feed.origin
    )  # fmt: skip
    assert (heat.low, heat.high) == pytest.approx((32.85, 37.0))
    assert (heat.rate, heat.per, heat.safe, heat.advice) == (0.5, to_ticks(3600), None, None)
    assert acting.heartbeat == Heartbeat("BEAT", 2.0, 20.0, 10_000)
    assert (acting.stale, acting.patience, acting.needs) == (to_ticks(1800), to_ticks(5400), ("TT",))
    assert set(acting.ranges) == {"F_SP", "T_SP", "F_ADVICE"}
    assert advising.scenario == tmp_path / "ahead.yaml"
    assert advising.worth[0] == Price("reactor.titre", "1 L/g", advising.worth[0].origin)
    assert advising.kept[1] == Kept("reactor.volume", None, "2200 L", advising.kept[1].origin)
    assert advising.harvest == Harvest(to_ticks(12 * 86400), to_ticks(14 * 86400), 0.05)
    assert (advising.doubt, advising.n_forecasts, advising.confidence) == ({"reactor.mu_max": 0.05}, 30, 0.9)
    assert (advising.every, advising.start) == (to_ticks(86400), to_ticks(2 * 86400))


def test_a_shadow_that_only_looks(tmp_path):
    assert read(tmp_path, ACT[: ACT.index("act:")]) == (None, None)
    acting, _ = read(tmp_path, ACT.replace("mode: control", "mode: monitor"))
    assert acting.ranges == {}
    acting, _ = read(tmp_path, ACT.replace("mode: control", "mode: advise"))
    assert set(acting.ranges) == {"F_ADVICE"}
    assert acting.ranges["F_ADVICE"] == (0.5, 6.0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("F_SP: {sets", "G_SP: {sets", r"s.yaml:8: There is no tag 'G_SP'. Do you mean"),
        ("F_SP: {sets", "TT: {sets", "'TT' cannot be written: its tag map does not say 'writable: true'"),
        ("[0.5 L/h, 6 L/h]", "[0.5 L/h, 11 L/h]", "should rise and lie within its limits, 0 to 10 L/h"),
        ("[0.5 L/h, 6 L/h]", "[6 L/h, 0.5 L/h]", "should rise and lie within its limits"),
        ("[0.5 L/h, 6 L/h]", "[0.5 L/h]", "The range of 'F_SP' is two quantities"),
        ("[0.5 L/h, 6 L/h]", "[0.5 g/h, 6 L/h]", "'range': "),
        ("[0.5 L/h, 6 L/h]", "[.nan L/h, 6 L/h]", "'range': "),
        (", rate: 50 mL/h per 1 min", "", "Move 'F_SP' needs 'rate'"),
        ("50 mL/h per 1 min", "50 mL/h", "is how much in which time: '0.5 L/h per 1 h'"),
        ("50 mL/h per 1 min", "-50 mL/h per 1 min", "is how much in which time"),
        ("50 mL/h per 1 min", "50 mL/h per 0 min", "'rate' is 0 min; it should be above zero"),
        ("safe: 30 mL/min", "safe: 7 L/h", "The safe value of 'F_SP', 7 L/h, is outside its range"),
        ("advice: F_ADVICE", "advice: T_SP", "'T_SP' is in"),
        ("advice: F_ADVICE", "advice: F_SP", "'F_SP' is given two purposes"),
        ("sets: heat.set_point", "sets: feed.demand", "feed.demand is set by two moves"),
        ("tag: BEAT", "tag: T_SP2", "There is no tag 'T_SP2'"),
        (
            "[0.5 L/h, 6 L/h]",
            "[0.5 L/h, 9.5 L/h]",
            "'F_ADVICE' cannot show all of the range of 'F_SP': its limits are 0",
        ),
        ("tag: BEAT", "tag: F_ADVICE", "'F_ADVICE' is given two purposes"),
        ("  heartbeat: {tag: BEAT, every: 2 s, timeout: 20 s}\n", "", "Mode 'control' needs a 'heartbeat'"),
        ("timeout: 20 s", "timeout: 5 s", "at least 3 beats of 2 s"),
        ("needs: [TT]", "needs: [T_SP]", "no tag that measures or drives"),
        ("mode: control", "mode: take over", "'mode' is 'take over'; it should be one of monitor, advise, control"),
        ("mode: control", "mode: advise\n  arm: true", "'act' has no key 'arm'"),
        ("maximise: {reactor.titre: 1 L/g, feed.outlet.V_total: -0.1 1/m3}", "risk: 2", "'risk' is a share from 0"),
        ("maximise: {reactor.titre: 1 L/g, feed.outlet.V_total: -0.1 1/m3}", "risk: 2 %", "what to maximise"),
        ("[2 mmol/L, any]", "[any, any]", "is kept between two quantities"),
        ("from: 12 d, to: 14 d", "from: 14 d, to: 12 d", "A harvest is possible from one time to a later one"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, old, new, reason):
    text = ACT + ADVICE
    assert old in text
    with pytest.raises(CosimError, match=reason):
        read(tmp_path, text.replace(old, new))


def test_advice_needs_to_know_what_may_be_moved(tmp_path):
    with pytest.raises(CosimError, match="Advice needs 'act'"):
        read(tmp_path, ACT[: ACT.index("act:")] + ADVICE)


def test_control_has_to_know_what_it_relies_on(tmp_path):
    with pytest.raises(CosimError, match="no tag drives the twin, so name tags in 'needs'"):
        read(tmp_path, ACT.replace("  needs: [TT]\n", ""))
    acting, _ = read(tmp_path, ACT.replace("  needs: [TT]\n", "").replace("mode: control", "mode: monitor"))
    assert acting.needs == ()


@pytest.mark.parametrize(
    ("name", "address"),
    [("F_ADVICE", "path: Plant/F_SP"), ("F_ADVICE", "path: /Objects/Plant/TT"), ("BEAT", "path: Plant/T_SP")],
)
def test_what_is_written_has_a_node_of_its_own(tmp_path, monkeypatch, name, address):
    monkeypatch.setitem(globals(), "TAGS", TAGS.replace(f"{name}: {{", f"{name}: {{{address}, "))
    with pytest.raises(CosimError, match="have the same address in the tag map"):
        read(tmp_path, ACT)
