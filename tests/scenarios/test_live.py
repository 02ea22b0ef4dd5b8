"""The shipped shadow: its plant and its twin fit its tags and faults, and each other."""

from pathlib import Path

import cosim
from cosim.acting.ahead import Levers
from cosim.acting.aim import Aim
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
        assert {tag.name for tag in plan.tags.tags.values() if tag.source and tag.use is not Use.SAMPLES} <= shown
        assert all(reading.status == 0 for reading in readings)
        assert twin.execution.time == 0
    assert {tag.variable for tag in plan.tags.of(Use.DRIVES)} == {
        "feed.demand", "base.demand", "reactor.gas_oxygen", "reactor.gas_carbon_dioxide", "reactor.jacket_temperature",
    }  # fmt: skip
    assert not Session(plan.tags, plan.file.cycle).is_over


def test_what_looks_ahead_fits_the_twin_that_controls():
    plan = read_plan(FILE.with_name("fed_batch_control.yaml"))
    with cosim.open(plan.advising.scenario) as ahead, cosim.open(plan.file.scenario) as twin:
        levers, aim = Levers(ahead, plan.acting.moves), Aim(plan.advising, ahead)
        levers.set(ahead, {"FIC101_SP": 1.5, "TIC101_SP": 36.0})
        assert ahead["reactor.temperature"] == 309.15
        assert aim.worth(ahead, Ticks(0)) == 0.0
        assert aim.excess(ahead) < 0.0
        assert set(ahead.numbers("reactor")) <= set(twin.numbers("reactor"))
