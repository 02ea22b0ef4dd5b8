"""Tag maps: what they say, and what is wrong with them, by line."""

import pytest

from cosim.errors import CosimError
from cosim.live.tag import CLOCK, Use
from cosim.live.tag_file import read_tag_map


def read(tmp_path, tags, head="tag_map: t"):
    path = tmp_path / "t.tags.yaml"
    path.write_text(f"{head}\ntags:\n" + "".join(f"  {line}\n" for line in tags))
    return read_tag_map(path)


def test_a_tag_map_is_read(tmp_path):
    tags = read(
        tmp_path,
        [
            "TT1: {measures: a.T, unit: degC, limits: [20 degC, 323.15 K], every: 5 s, node: 'ns=2;s=x'}",
            "FT1: {drives: a.feed, plant: pump.out, unit: L/h, path: Objects/Pump/Flow}",
            "LAB: {samples: a.glucose, unit: g/L}",
            "SP1: {plant: a.set, unit: K, limits: [280 K, 300 K], writable: true}",
        ],
    )
    first, flow = tags.tags["TT1"], tags.tags["FT1"]
    assert (first.low, first.high) == (20.0, pytest.approx(50.0))
    assert (first.address.text, first.address.is_path, first.every) == ("ns=2;s=x", False, 5 * 10**9)
    assert (flow.variable, flow.source, flow.address.is_path) == ("a.feed", "pump.out", True)
    assert [tag.name for tag in tags.of(Use.MEASURES, Use.SAMPLES)] == ["TT1", "LAB"]
    assert tags.tags["SP1"].is_writable
    assert tags.clock == CLOCK


def test_a_plant_may_have_no_clock_or_one_of_its_own(tmp_path):
    assert read(tmp_path, ["TT1: {}"], "tag_map: t\nclock: none").clock is None
    clock = read(tmp_path, ["TT1: {}"], "tag_map: t\nclock: {batch_time: {node: 'ns=3;i=7'}}").clock
    assert clock.batch_time.text == "ns=3;i=7"
    assert clock.speed == CLOCK.speed


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("TT1: {measure: a.T}", r"t.tags.yaml:3: Tag 'TT1' has no key 'measure'. Do you mean 'measures'"),
        ("TT1: {measures: a.T, drives: a.u}", "'TT1' both measures and drives. Keep one."),
        ("TT1: {measures: T}", "'T' is not of the form component.variable"),
        ("TT1: {unit: foo}", "The unit of 'TT1': .*foo"),
        ("TT1: {unit: K, limits: [3 K]}", "limits of 'TT1' are two quantities"),
        ("TT1: {unit: K, limits: [3 K, 2 K]}", "limits of 'TT1' do not rise: 3 is not below 2 K"),
        ("TT1: {unit: K, limits: [3, 4]}", r"'3' has no unit. Write one that fits \[K\]"),
        ("TT1: {unit: K, limits: [3 L, 4 K]}", "'limits' of 'TT1': '3 L' is a volume"),
        ("TT1: {writable: true}", "'TT1' can be written, so it needs limits"),
        ("TT1: {node: x, path: y}", "'TT1' has both a node and a path"),
        ("TT1: {node: x}", "'x' is no node id"),
        ("BatchTime: {}", "'BatchTime' cannot name a tag"),
        ("TT1: {every: 0 s}", "'every' of 'TT1' is 0 s; it should be above zero"),
    ],
)
def test_a_problem_is_named_with_its_line(tmp_path, line, message):
    with pytest.raises(CosimError, match=message):
        read(tmp_path, [line])


def test_an_input_has_one_driver(tmp_path):
    with pytest.raises(CosimError, match=r"t.tags.yaml:4: 'B' drives a.u, which 'A' drives already"):
        read(tmp_path, ["A: {drives: a.u}", "B: {drives: a.u}"])


def test_all_problems_come_at_once(tmp_path):
    with pytest.raises(CosimError, match=r"(?s)foo.*limits"):
        read(tmp_path, ["A: {unit: foo}", "B: {writable: true}"])
