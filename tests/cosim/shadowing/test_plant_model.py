"""The model behind a virtual plant: read in the units of its tags, operated, disturbed by faults."""

import math

import pytest
from live_plant import kettle, write_kettle

import cosim
from cosim.clock import Ticks
from cosim.errors import CosimError
from cosim.live.fault_file import read_fault_script
from cosim.live.tag_file import read_tag_map
from cosim.shadowing.plant_model import PlantModel, default_tags

MINUTE = 60 * 10**9


@pytest.fixture
def made(tmp_path):
    """A function that makes the kettle with faults."""
    path = write_kettle(tmp_path)
    opened = []

    def make(faults=""):
        (tmp_path / "f.yaml").write_text("faults: f\n" + faults)
        tags = read_tag_map(tmp_path / "kettle.tags.yaml").tags
        script = read_fault_script(tmp_path / "f.yaml", tags)
        opened.append(cosim.open(path, components={"kettle": kettle}))
        return PlantModel(opened[-1], tags, script)

    yield make
    for one in opened:
        one.close()


def shown(model, tag, until=10 * MINUTE):
    """The course of a tag: minutes and values."""
    return {
        reading.taken / MINUTE: reading.value
        for publication in model.advance(Ticks(until))
        for reading in publication.readings
        if reading.tag == tag
    }


def test_values_come_in_the_units_of_their_tags_when_they_are_due(made):
    model = made()
    course = shown(model, "TT1")
    assert course[0] == pytest.approx(20.0)
    assert len(course) == 61
    assert course[10] == pytest.approx(20 + 200 * (1 - (1 - 5 / 4200) ** 60), rel=1e-9)
    assert shown(model, "SP1", 11 * MINUTE)[11] == 1.0  # kW


def test_nothing_is_told_ahead_of_time(made):
    model = made()
    assert [publication.time for publication in model.advance(Ticks(25 * 10**9))] == [0, 10**10, 2 * 10**10]


def test_an_operator_changes_the_model(made):
    model = made("events: [{at: 2 min, fault: operate, tag: SP1, to: 0 W}]")
    course = shown(model, "QT1", 3 * MINUTE)
    assert (course[1], course[2]) == (1000.0, 0.0)
    model.operate("SP1", 2.0)
    assert shown(model, "QT1", 4 * MINUTE)[4] == 2000.0


def test_what_fails_comes_back_to_what_the_operator_wants_by_then(made):
    model = made("events: [{at: 1 min, for: 3 min, fault: set, set: {kettle.heat: 0 W}}]")
    assert shown(model, "QT1", 2 * MINUTE)[2] == 0.0
    model.operate("SP1", 1.5)
    course = shown(model, "SP1", 3 * MINUTE)
    assert course[3] == 1.5  # the set-point stands, whatever the heater does
    assert shown(model, "QT1", 5 * MINUTE)[5] == 1500.0


def test_a_batch_ends(made):
    model = made()
    publications = list(model.advance(Ticks(200 * MINUTE)))
    assert model.is_over
    assert publications[-1].time == 120 * MINUTE


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ("events: [{at: 1 min, fault: set, set: {kettle.heaat: 0 W}}]", "f.yaml:2: There is no variable 'heaat'"),
        ("events: [{at: 1 min, fault: set, set: {kettle.heat: 9 kW}}]", "'9 kW' is above its maximum"),
        ("events: [{at: 1 min, fault: set, set: {kettle.loss: 1 W/K}}]", "Only inputs and tunable parameters"),
    ],
)
def test_a_fault_that_cannot_happen_is_refused_at_once(made, faults, message):
    with pytest.raises(CosimError, match=message):
        made(faults)


def test_a_tag_without_a_variable_of_the_plant_is_refused(made, tmp_path):
    with cosim.open(tmp_path / "kettle.yaml", components={"kettle": kettle}) as execution:
        tags = dict(read_tag_map(tmp_path / "kettle.tags.yaml").tags)
        text = "tag_map: t\ntags: {A: {measures: kettle.T, unit: bar}, B: {plant: pot.T}}"
        (tmp_path / "bad.yaml").write_text(text)
        with pytest.raises(CosimError, match=r"(?s)bad.yaml:2: Tag 'A' of the plant: .*Tag 'B'.*no component 'pot'"):
            PlantModel(execution, read_tag_map(tmp_path / "bad.yaml").tags, read_fault_script_of(tmp_path, tags))


def read_fault_script_of(folder, tags):
    (folder / "none.yaml").write_text("faults: none")
    return read_fault_script(folder / "none.yaml", tags)


def test_a_scenario_without_a_tag_map_shows_its_plain_outputs_and_inputs(made, tmp_path):
    made()
    with cosim.open(tmp_path / "kettle.yaml", components={"kettle": kettle}) as execution:
        tags = default_tags(execution, Ticks(MINUTE))
    assert list(tags) == ["kettle.heat", "kettle.T", "kettle.salt"]
    assert tags["kettle.heat"].is_writable
    assert (tags["kettle.heat"].low, tags["kettle.heat"].high) == (0.0, 3000.0)
    assert not math.isnan(tags["kettle.T"].every)
