"""Fault scripts: what they say, and what is wrong with them, by line."""

import pytest
from live_plant import TAGS

from cosim.errors import CosimError
from cosim.live.fault import Kind
from cosim.live.fault_file import read_fault_script
from cosim.live.tag_file import read_tag_map


@pytest.fixture
def tags(tmp_path):
    (tmp_path / "t.yaml").write_text(TAGS)
    return read_tag_map(tmp_path / "t.yaml").tags


def read(tmp_path, tags, text):
    path = tmp_path / "f.yaml"
    path.write_text("faults: f\n" + text)
    return read_fault_script(path, tags)


def test_a_fault_script_is_read(tmp_path, tags):
    script = read(
        tmp_path,
        tags,
        "seed: 7\ninstruments:\n  TT1: {noise: 0.5 K}\n  LAB*: {relative_noise: 4 %, delay: 2 min, delay_spread: 1 h}\n"
        "events:\n  - {at: 2 h, for: 1 h, fault: set, set: {kettle.heat: 0 W}}\n"
        "  - {at: 1 h, fault: bias, tag: TT1, by: -2 K}\n  - {at: 1 h, fault: operate, tag: SP1, to: 500 W}\n",
    )
    assert script.seed == 7
    assert script.instruments["TT1"].noise == 0.5
    assert script.instruments["LAB1"].relative_noise == pytest.approx(0.04)
    assert [fault.kind for fault in script.faults] == [Kind.BIAS, Kind.OPERATE, Kind.SET]
    assert [fault.size for fault in script.faults] == [-2.0, 0.5, 0.0]
    assert script.faults[2].settings == {"kettle.heat": "0 W"}
    assert script.faults[2].is_on(2 * 3600 * 10**9)
    assert not script.faults[2].is_on(3 * 3600 * 10**9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("events: [{at: 1 h, fault: freeze, tag: TT}]", r"f.yaml:2: There is no tag 'TT'. Do you mean 'TT1'"),
        ("events: [{at: 1 h, fault: freez, tag: TT1}]", "'fault' is 'freez'; it should be one of .*freeze"),
        ("events: [{fault: freeze, tag: TT1}]", "An event tells when and what"),
        ("events: [{at: 1 h, fault: drift, tag: TT1, by: 1 K}]", "A fault 'drift' needs 'over'"),
        ("events: [{at: 1 h, fault: freeze, tag: TT1, by: 1 K}]", "A fault 'freeze' has no 'by'"),
        ("events: [{at: 1 h, fault: operate, tag: TT1, to: 30 degC}]", "'TT1' cannot be written"),
        ("events: [{at: 1 h, fault: operate, tag: SP1, to: 5 kW}]", "5 kW is outside the limits of 'SP1', 0 to 3 kW"),
        ("instruments: {TT1: {noise: 1 %}}", "'noise': '1 %' is a dimensionless number"),
        ("instruments: {TT1: {noise: -1 K}}", "'noise' is negative"),
        ("instruments: {TT1: {delay: 1 h}}", "'TT1' is no laboratory sample"),
        ("instruments: {XX*: {}}", r"There is no tag 'XX\*'"),
    ],
)
def test_a_problem_is_named_with_its_line(tmp_path, tags, text, message):
    with pytest.raises(CosimError, match=message):
        read(tmp_path, tags, text)
