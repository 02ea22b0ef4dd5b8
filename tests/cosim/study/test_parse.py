"""Study files as written: every problem named with its line, all at once."""

import pytest

from cosim.errors import CosimError, raise_all
from cosim.study.parse import parse_study, read_study

GOOD = """\
study: trial
description: A trial
scenario: small.yaml
parameters: {tank.level: 2 L}
factors:
  source.rate: {from: 1 mL/s, to: 2 mL/s}
  source.c_feed: {mean: 0.1 mol/L, sd: 0.01 mol/L}
correlations:
  - {between: [source.rate, source.c_feed], value: 0.5}
responses:
  volume: final(tank.volume)
  full: {value: time(tank.volume > 1 L), unit: min, at_most: 5 min}
method: {name: latin_hypercube, runs: 8}
seed: 3
"""


def parsed(text, tmp_path):
    study, problems = parse_study(text, tmp_path / "s.yaml")
    raise_all(problems)
    return study


def test_everything_is_kept_with_its_line(tmp_path):
    study = parsed(GOOD, tmp_path)
    assert (study.name, study.description, study.seed) == ("trial", "A trial", 3)
    assert study.scenario == tmp_path / "small.yaml"
    assert [(str(item.target), item.value.text) for item in study.parameters] == [("tank.level", "2 L")]
    rate, feed = study.factors
    assert (rate.target, rate.parts["to"].text, rate.origin.line) == ("source.rate", "2 mL/s", 6)
    assert feed.parts["sd"].text == "0.01 mol/L"
    assert [(item.first, item.second, item.value) for item in study.correlations] == [
        ("source.rate", "source.c_feed", 0.5)
    ]
    volume, full = study.responses
    assert (volume.measure.function, volume.unit, volume.at_most) == ("final", None, None)
    assert (full.measure.arguments, full.unit.text, full.at_most.text) == (("tank.volume > 1 L",), "min", "5 min")
    assert (study.method.name.text, study.method.options["runs"].text) == ("latin_hypercube", "8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("study: trial\n", "", r"There is no name. Begin with 'study: <name>'"),
        ("study: trial", "study: a/b", "'a/b' cannot name a study"),
        ("scenario: small.yaml\n", "", "There is no 'scenario'"),
        ("factors:", "factor:", r"s.yaml:5: A study has no key 'factor'. Do you mean 'factors'\?"),
        ("to: 2 mL/s", "too: 2 mL/s", r"s.yaml:6: Factor 'source.rate' has no key 'too'. Do you mean 'to'\?"),
        ("final(tank.volume)", "last(tank.volume)", "s.yaml:11: There is no function 'last' of a run; there are final"),
        ("final(tank.volume)", "tank.volume", "'tank.volume' is not a function of a result. Write final"),
        ("  volume:", "  seconds:", "'seconds' cannot name a response: it is a column that every study has"),
        ("  volume:", "  a b:", "'a b' cannot name a response"),
        ("value: time(tank.volume > 1 L), ", "", "Response 'full' has no 'value'"),
        ("value: 0.5", "value: 1.5", "s.yaml:9: A correlation is 1.5; it should lie between -1 and 1"),
        ("[source.rate, source.c_feed]", "[source.rate]", r"A correlation is written \{between"),
        ("method: {name: latin_hypercube, runs: 8}\n", "", "There is no 'method'"),
        ("name: latin_hypercube, ", "", "'method' has no 'name'"),
        ("seed: 3", "seed: -3", "'seed' is '-3'; it should be a whole number from 0 on"),
        ("seed: 3", "seed: &a 3", r"s.yaml:14: An anchor \(&\) is not allowed here"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(CosimError, match=message):
        parsed(GOOD.replace(old, new, 1), tmp_path)


def test_a_key_out_of_order_and_empty_lists_are_all_told(tmp_path):
    text = "study: x\nseed: 1\nscenario: a.yaml\nfactors: {}\nresponses: {}\nmethod: table\n"
    _, problems = parse_study(text, tmp_path / "s.yaml")
    assert [problem.location.line for problem in problems] == [3, 4, 5]
    assert "should stand above 'seed'" in problems[0].message


def test_a_file_that_is_not_there_or_empty(tmp_path):
    with pytest.raises(CosimError, match=r"There is no study 'missing.yaml'"):
        read_study(type(tmp_path)("missing.yaml"))
    (tmp_path / "s.yaml").write_text("")
    with pytest.raises(CosimError, match=r"This study is empty. Start it with 'study: <name>'"):
        read_study(tmp_path / "s.yaml")
