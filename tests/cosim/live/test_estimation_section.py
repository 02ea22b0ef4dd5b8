"""The sections `estimation` and `forecast` of a shadow file, and what is wrong with them, by line."""

import pytest

from cosim.errors import CosimError
from cosim.live.shadow_file import read_shadow_file

HOUR = 3600 * 10**9


def read(tmp_path, text):
    path = tmp_path / "s.yaml"
    path.write_text(f"shadow: s\nscenario: a.yaml\ntags: t.yaml\n{text}")
    return read_shadow_file(path)


def test_both_are_read(tmp_path):
    text = """\
estimation:
  members: 30
  states: {a.m*: {spread: 5 %, noise: 0.01}}
  parameters: {a.k: {spread: 10 %, limits: [1 1/h, none]}}
  measurements: {T1: {noise: 0.1 K, offset: 0.3 K}, LAB_*: {relative_noise: 4 %}}
forecast:
  {scenario: f.yaml, until: 14 d, every: 2 h, share: 60 %, hold: {F1: {variable: p.flow, within: 1 L/h}},
   limits: {a.g: [2 mmol/L, none]}}
"""
    found = read(tmp_path, text)
    estimation, forecast = found.estimation, found.forecast
    assert (estimation.members, estimation.horizon) == (30, 24 * HOUR)
    assert [(prior.name, prior.spread, prior.noise) for prior in estimation.states] == [("a.m*", 0.05, 0.01)]
    assert estimation.parameters[0].limits == ("1 1/h", "")
    assert [(noise.pattern, noise.absolute, noise.relative, noise.offset) for noise in estimation.noises] == [
        ("T1", "0.1 K", 0.0, "0.3 K"),
        ("LAB_*", "", 0.04, ""),
    ]
    assert (forecast.scenario, forecast.every, forecast.share) == (tmp_path / "f.yaml", 2 * HOUR, 0.6)
    assert [(hold.tag, hold.variable, hold.within) for hold in forecast.holds] == [("F1", "p.flow", "1 L/h")]
    assert forecast.limits == {"a.g": ("2 mmol/L", "")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("estimation: {}", "s.yaml:4: An estimation needs 'measurements'"),
        ("estimation: {measurements: {}}", "There is nothing to estimate"),
        ("estimation: {members: 3}", "'members'"),
        ("estimation: {filter: unsented}", "s.yaml:4: There is no filter 'unsented'.* Do you mean 'unscented'"),
        ("estimation: {filter: unscented, members: 30}", "s.yaml:4: The unscented filter has two members for each"),
        ("estimation: {states: {a: {}}}", "Nothing can be learnt of 'a'"),
        ("estimation: {states: {a: {spread: -1 %}}}", "'spread' is negative"),
        ("estimation: {states: {a: {spread: 1 K}}}", "'spread'"),
        ("estimation: {states: {a: {spread: 100000 %}}}", "s.yaml:4: 'a' has a spread of 100000%"),
        ("estimation: {measurements: {T1: {}}}", "'T1' has no noise"),
        ("estimation: {measurements: {T1: {noise: 0 %}}}", "s.yaml:4: 'T1' has no noise; no sensor is exact"),
        ("estimation: {measurements: {T1: {noise: -1 K}}}", "s.yaml:4: The noise of 'T1' is negative"),
        ("estimation: {measurments: {}}", "no key 'measurments'"),
        ("forecast: {}", "A forecast needs an 'estimation'"),
        ("forecast: {share: 0 %}", "'share' is 0"),
        ("forecast: {limits: {a.g: [none, none]}}", "of which one may be none"),
        ("forecast: {hold: {F1: {within: 1 L}}}", "Say which 'variable'"),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path, text, message):
    with pytest.raises(CosimError, match=message):
        read(tmp_path, text)
