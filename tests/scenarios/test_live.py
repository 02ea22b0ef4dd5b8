"""The shipped shadow: its plant and its twin fit its tags and faults, and each other."""

from pathlib import Path

import cosim
from cosim.clock import Ticks
from cosim.live.fault_file import read_fault_script
from cosim.live.session import Session
from cosim.live.tag import Use
from cosim.shadowing.plant_model import PlantModel
from cosim.shadowing.shadow import read_plan
from cosim.shadowing.twin import Twin

FILE = Path(__file__).parents[2] / "scenarios" / "live" / "fed_batch.yaml"


def test_plant_and_twin_fit_the_shadow():
    plan = read_plan(FILE)
    entry = plan.file.plant
    script = read_fault_script(entry.faults, plan.tags.tags)
    with cosim.open(entry.scenario, entry.parameters) as truth, cosim.open(plan.file.scenario) as model:
        plant, twin = PlantModel(truth, plan.tags.tags, script), Twin(model, plan.tags)
        readings = [reading for item in plant.advance(Ticks(7_200 * 10**9)) for reading in item.readings]
        shown = {reading.tag for reading in readings}
        assert {tag.name for tag in plan.tags.tags.values() if tag.use is not Use.SAMPLES} <= shown
        assert all(reading.status == 0 for reading in readings)
        assert twin.execution.time == 0
    assert {tag.variable for tag in plan.tags.of(Use.DRIVES)} == {
        "feed.demand", "base.demand", "reactor.gas_oxygen", "reactor.gas_carbon_dioxide", "reactor.jacket_temperature",
    }  # fmt: skip
    assert not Session(plan.tags, plan.file.cycle).is_over
