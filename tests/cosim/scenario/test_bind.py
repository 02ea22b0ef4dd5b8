"""A scenario bound to descriptions: names looked up, values in each variable's own unit."""

from dataclasses import replace
from pathlib import Path

import pytest
from flowsheet import mab_descriptions

from cosim.clock import to_ticks
from cosim.errors import StructureError
from cosim.scenario.bind import bind
from cosim.scenario.parse import load_scenario
from cosim.system.experiment import Collect, Comparison, DeliveredVolume, Duration, PhaseStart, Until
from cosim.system.stream import Medium, Port, PortDirection, PortName, SpeciesLink
from cosim.system.variable import Causality, Variability, Variable, VariableName

SCENARIO = Path(__file__).parents[3] / "scenarios" / "mab_fed_batch.yaml"
BED_VOLUME = 0.0679  # [m3]


def probe(component, starts, names):
    assert (component, names) == ("capture", ["bed_volume"])
    return [BED_VOLUME]


def bound(tmp_path, change=lambda text: text, *, descriptions=None, overrides=None):
    """Bind the mAb scenario after ``change`` of its text; return it and the problems' messages."""
    path = tmp_path / "study.yaml"
    path.write_text(change(MAB), encoding="utf-8")
    result, problems = bind(load_scenario(path), descriptions or mab_descriptions(), overrides=overrides, probe=probe)
    return result, [problem.message for problem in problems]


MAB = """\
scenario: mab
units: {CV: capture.bed_volume}
components:
  reactor: {source: reactor.fmu}
  feeder: {source: feeder.fmu, asleep: frozen}
  centrifuge: {source: centrifuge.fmu}
  hold: {source: hold.fmu}
  buffers: {source: buffers.fmu}
  capture: {source: capture.fmu}
  divert: {source: divert.fmu}
  pool: {source: hold.fmu}
streams:
  - feeder.outlet => reactor.feed
  - reactor.harvest => centrifuge.feed
  - centrifuge.centrate => hold.inlet
  - centrifuge.solids => waste
  - hold.outlet => capture.load
  - buffers.outlet => capture.buffer
  - capture.outlet => divert.inlet
  - divert.collect => pool.inlet
  - divert.rest => waste
connections:
  - reactor.glucose -> feeder.measured
parameters:
  reactor: {mu_max: 0.036 1/h, volume_start: 1500 L}
phases:
  production: {active: [reactor, feeder], duration: 14 d, step: {feeder: 1 h, others: 10 min}}
  harvest:
    active: [reactor, centrifuge, hold]
    until: [reactor.volume < 20 L, hold.volume > reactor.volume]
    at_most: 8 h continue
    step: 10 s
    set: {reactor.harvest_flow: 360 L/h}
  capture:
    delay: 12 h
    active: [hold, buffers, capture, divert, pool]
    step: 5 s
    repeat: 3
    fresh: [capture]
    carry: [capture.load_density]
    steps:
      equilibrate: {volume: 5 CV, through: capture.buffer, set: {buffers.select: equilibration}}
      load: {until: capture.load_density >= 39 g/L, set: {hold.demand: 600 L/h}}
      elute:
        volume: 4 CV
        set: {buffers.select: elution}
        collect: {divert: {from: capture.uv280 > 0.5, to: capture.uv280 < 0.5}}
events:
  - {at: 3 d, set: {reactor.harvest_flow: 1 L/h}}
  - {when: reactor.glucose < 1 g/L, set: {reactor.harvest_flow: 0 L/h}, repeats: true}
ledger: {tolerance: 1e-8, capture: 1e-6, floor: {mab: 1 g, volume: 1 mL}}
record: [reactor.titre, capture.outlet.c_*]
expect:
  - final(reactor.titre) >= 3 g/L
  - integral(reactor.harvest_flow, harvest) <= 500 L
  - at(reactor.titre, 7 d) > 0.5 g/L
  - yield(mab, reactor.harvest, pool.inlet) >= 90 %
seed: 7
"""


@pytest.fixture(scope="module")
def mab(tmp_path_factory):
    # The glucose condition compares amounts with a mass, which is one of the problems to be found elsewhere.
    result, problems = bound(tmp_path_factory.mktemp("mab"), lambda text: text.replace("1 g/L, set", "1 mol/m3, set"))
    assert problems == []
    return result


def test_parameters_are_in_the_variables_units(mab):
    assert mab.experiment.start_values == {"reactor": {"mu_max": 1e-5, "volume_start": 1.5}}
    assert mab.experiment.asleep["feeder"] == "frozen"
    assert mab.experiment.asleep["reactor"] == "ages"
    assert mab.experiment.seed == 7


def test_streams_match_species(mab):
    stream = mab.structure.streams[0]
    assert (stream.source, stream.target) == (PortName("feeder", "outlet"), PortName("reactor", "feed"))
    assert stream.links == tuple(SpeciesLink(name, name) for name in ("cells_viable", "glucose", "mab"))
    assert mab.structure.streams[3].target is None


def test_phases(mab):
    production, harvest, capture = mab.experiment.phases
    assert production.ending == Duration(to_ticks(14 * 86400.0))
    assert (production.step_size, production.step_sizes) == (to_ticks(600.0), {"feeder": to_ticks(3600.0)})
    assert production.start == PhaseStart()
    assert harvest.ending == Until(
        (
            Comparison(VariableName("reactor", "volume"), "<", 0.02, text="reactor.volume < 20 L"),
            Comparison(
                VariableName("hold", "volume"),
                ">",
                VariableName("reactor", "volume"),
                text="hold.volume > reactor.volume",
            ),
        ),
        to_ticks(8 * 3600.0),
        continue_at_limit=True,
    )
    assert [setting.value for setting in harvest.settings] == [1e-4]
    assert capture.start == PhaseStart("harvest", "end", to_ticks(43200.0))
    assert (capture.repeat, capture.fresh) == (3, ("capture",))
    assert capture.carry == (VariableName("capture", "load_density"),)


def test_volumes_in_an_alias_are_resolved_by_the_probe(mab):
    equilibrate, _, elute = mab.experiment.phases[2].steps
    assert isinstance(equilibrate.ending, DeliveredVolume)
    assert equilibrate.ending.inlets == (PortName("capture", "buffer"),)
    assert equilibrate.ending.volume == pytest.approx(5 * BED_VOLUME, rel=1e-15)
    assert isinstance(elute.ending, DeliveredVolume)
    assert elute.ending.inlets == (PortName("capture", "load"), PortName("capture", "buffer"))


def test_enumeration_and_collect(mab):
    equilibrate, _, elute = mab.experiment.phases[2].steps
    assert equilibrate.settings[0].value == 2.0
    assert elute.collects == (
        Collect(
            VariableName("divert", "collecting"),
            Comparison(VariableName("capture", "uv280"), ">", 0.5, text="capture.uv280 > 0.5"),
            Comparison(VariableName("capture", "uv280"), "<", 0.5, text="capture.uv280 < 0.5"),
        ),
    )


def test_events(mab):
    timed, conditional = mab.experiment.events
    assert (timed.time, timed.condition, timed.repeats) == (to_ticks(3 * 86400.0), None, False)
    assert conditional.condition is not None
    assert (conditional.condition.right, conditional.repeats) == (1.0, True)


def test_ledger_tolerances_and_floors(mab):
    ledger = mab.experiment.ledger
    assert (ledger.flowsheet, dict(ledger.components)) == (1e-8, {"capture": 1e-6})
    assert dict(ledger.floor) == {"mab": 1e-3, "volume": 1e-6}


def test_what_conditions_and_expectations_read_is_recorded(mab):
    recorded = mab.experiment.recorded
    assert recorded["capture"] == (
        "load_density",
        "uv280",
        "outlet.c_cells_viable",
        "outlet.c_glucose",
        "outlet.c_mab",
    )
    assert recorded["reactor"] == ("harvest_flow", "titre", "glucose", "volume")
    assert recorded["hold"] == ("volume",)


def test_expectations_are_in_the_variables_units(mab):
    final, integral, at, share = mab.expectations
    assert (final.limit, final.measure.unit) == (3.0, "g/L")
    assert (integral.limit, integral.measure.unit, integral.measure.phase) == (0.5, "L", "harvest")
    assert at.measure.time == to_ticks(7 * 86400.0)
    assert (share.limit, share.measure.unit, share.measure.factor) == (0.9, "%", 100.0)
    assert share.measure.sources == ("reactor.harvest => centrifuge.feed",)
    assert share.measure.targets == ("divert.collect => pool.inlet",)


def test_without_record_every_output_is_recorded(tmp_path):
    result, _ = bound(tmp_path, lambda text: text.replace("record: [reactor.titre, capture.outlet.c_*]\n", ""))
    assert "outlet.V_total" in result.experiment.recorded["feeder"]
    assert "measured" not in result.experiment.recorded["feeder"]


def test_an_empty_record_keeps_what_expectations_read_only(tmp_path):
    result, _ = bound(tmp_path, lambda text: text.replace("[reactor.titre, capture.outlet.c_*]", "[]"))
    assert result.experiment.recorded["feeder"] == ()
    assert "titre" in result.experiment.recorded["reactor"]


def test_overrides_replace_parameters(tmp_path):
    overrides = {"reactor.mu_max": "0.072 1/h", "reactor.volume_start": 1.25}
    result, _ = bound(tmp_path, overrides=overrides)
    assert result.experiment.start_values == {"reactor": {"mu_max": 2e-5, "volume_start": 1.25}}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"mu_max": "1 1/h"}, "The parameter 'mu_max' is not of the form component.variable."),
        ({"reactor.mu": "1 1/h"}, "There is no variable 'mu' in 'reactor' (FedBatchReactor)."),
        ({"reactor.mu_max": float("nan")}, "Cannot set reactor.mu_max: nan is not a finite number."),
        ({"reactor.mu_max": "1"}, "Cannot set reactor.mu_max: '1' has no unit. Write one that fits [1/s]."),
    ],
)
def test_overrides_that_do_not_fit(tmp_path, overrides, message):
    assert message in " ".join(bound(tmp_path, overrides=overrides)[1])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("reactor.glucose < 1 g/L", "reactor.glucose < 1 g/L", "Give a molar mass"),
        ("collect: {divert", "collect: {pool", "There is no variable 'collecting' in 'pool' (HoldTank)."),
        ("through: capture.buffer", "through: capture.outlet", "counts through capture.outlet, which is an outlet"),
        ("through: capture.buffer", "through: buffers", "counts through 'buffers', which has no liquid inlet"),
        ("volume: 5 CV", "volume: -5 CV", "The volume of Step 'capture.equilibrate' is '-5 CV'"),
        (
            "volume: 5 CV",
            "volume: 0 CV",
            "The volume of Step 'capture.equilibrate' is '0 CV'; it should be above zero.",
        ),
        ("volume: 5 CV", "volume: 5 kg", "Cannot count '5 kg' through capture.buffer.V_flow: '5 kg' is a mass"),
        ("fresh: [capture]", "fresh: [reactor]", "'reactor' is not active in phase 'capture'."),
        ("{feeder: 1 h,", "{hold: 1 h,", "'hold' is not active in phase 'production'."),
        ("integral(reactor.harvest_flow, harvest)", "mean(reactor.volume, harv)", "There is no phase 'harv'."),
        ("yield(mab", "yield(mob", "reactor.harvest carries no 'mob'. Do you mean 'mab'?"),
        ("floor: {mab", "floor: {mob", "The ledger's floor names 'mob', which no component carries."),
    ],
)
def test_problems_name_what_does_not_fit(tmp_path, old, new, message):
    _, messages = bound(tmp_path, lambda text: text.replace(old, new))
    assert message in " ".join(messages)


def change_variable(descriptions, component, name, **fields):
    description = descriptions[component]
    variables = {**description.variables, name: replace(description.variables[name], **fields)}
    return {**descriptions, component: replace(description, variables=variables)}


def test_streams_convert_units_and_bases(tmp_path):
    descriptions = mab_descriptions()
    for name, unit in (("V_flow", "L/h"), ("T", "degC"), ("c_glucose", "g/L"), ("c_cells_viable", "1e9/L")):
        descriptions = change_variable(descriptions, "hold", f"inlet.{name}", unit=unit)
    result, _ = bound(tmp_path, descriptions=descriptions)
    stream = result.structure.streams[2]
    assert stream.volume_factor == pytest.approx(3.6e6, rel=1e-15)
    assert (stream.temperature_factor, stream.temperature_offset) == (1.0, -273.15)
    factors = {link.source: link.factor for link in stream.links}
    assert factors == pytest.approx({"cells_viable": 1e-12, "glucose": 0.18016, "mab": 1.0}, rel=1e-14)


def test_species_must_be_declared_absent_or_dropped(tmp_path):
    descriptions = mab_descriptions()
    hold = descriptions["hold"]
    ports = {**hold.ports, "inlet": replace(hold.ports["inlet"], species=("mab", "salt"))}
    variables = {**hold.variables, "inlet.c_salt": replace(hold.variables["inlet.c_mab"], name="inlet.c_salt")}
    descriptions["hold"] = replace(hold, ports=ports, variables=variables)
    _, messages = bound(tmp_path, descriptions=descriptions)
    assert (
        "hold.inlet needs salt, which centrifuge.centrate does not carry. Write {stream: centrifuge.centrate => "
        "hold.inlet, absent: [salt]} to take it as zero." in messages
    )
    assert any("hold.inlet ignores cells_viable, glucose, which centrifuge.centrate carries." in m for m in messages)
    options = "{stream: centrifuge.centrate => hold.inlet, absent: [salt], drop: [cells_viable, glucose]}"
    result, _ = bound(
        tmp_path, lambda text: text.replace("centrifuge.centrate => hold.inlet", options), descriptions=descriptions
    )
    stream = result.structure.streams[2]
    assert (stream.absent, stream.dropped) == (("salt",), ("cells_viable", "glucose"))
    assert stream.links == (SpeciesLink("mab", "mab"),)


def test_a_variable_without_unit_takes_a_bare_number(tmp_path):
    descriptions = change_variable(mab_descriptions(), "reactor", "mu_max", unit=None)
    _, messages = bound(tmp_path, descriptions=descriptions)
    assert any("'0.036 1/h' has a unit, and the model states none for it" in message for message in messages)
    result, _ = bound(tmp_path, lambda text: text.replace("0.036 1/h", "0.036"), descriptions=descriptions)
    assert result.experiment.start_values["reactor"]["mu_max"] == 0.036


def test_a_connection_with_one_unit_missing_is_warned_of(tmp_path):
    descriptions = change_variable(mab_descriptions(), "feeder", "measured", unit=None)
    result, _ = bound(tmp_path, descriptions=descriptions)
    (warning,) = result.warnings
    assert warning.endswith(
        "study.yaml:23: reactor.glucose [mol/m3] -> feeder.measured [no unit] passes unconverted, because one model "
        "states no unit."
    )


@pytest.mark.parametrize("mass", ["0 g/mol", "-180 g/mol"])
def test_a_molar_mass_is_above_zero(tmp_path, mass):
    descriptions = change_variable(mab_descriptions(), "feeder", "measured", unit="g/L")
    wire = f"{{connection: reactor.glucose -> feeder.measured, molar_mass: {mass}}}"
    _, messages = bound(
        tmp_path, lambda text: text.replace("reactor.glucose -> feeder.measured", wire), descriptions=descriptions
    )
    assert any(
        f"The molar mass of connection reactor.glucose -> feeder.measured is '{mass}'; it should be above zero." in text
        for text in messages
    )


def test_a_connection_converts_with_a_molar_mass(tmp_path):
    descriptions = change_variable(mab_descriptions(), "feeder", "measured", unit="g/L")
    wire = "{connection: reactor.glucose -> feeder.measured, molar_mass: 180 g/mol}"
    result, _ = bound(
        tmp_path, lambda text: text.replace("reactor.glucose -> feeder.measured", wire), descriptions=descriptions
    )
    assert result.structure.connections[0].factor == pytest.approx(0.18, rel=1e-15)


def test_gas_does_not_end_a_step_by_its_volume(tmp_path):
    descriptions = mab_descriptions()
    ports = {**descriptions["capture"].ports, "air": Port("air", PortDirection.INLET, Medium.GAS, ())}
    descriptions["capture"] = replace(descriptions["capture"], ports=ports)
    _, messages = bound(
        tmp_path,
        lambda text: text.replace("through: capture.buffer", "through: capture.air"),
        descriptions=descriptions,
    )
    assert (
        "Step 'capture.equilibrate' counts through capture.air, which is a gas inlet. Name a liquid inlet." in messages
    )


def test_a_component_that_could_not_be_loaded_is_passed_over(tmp_path):
    descriptions = mab_descriptions()
    del descriptions["capture"]
    _, messages = bound(tmp_path, lambda text: text.replace("1 g/L, set", "1 mol/m3, set"), descriptions=descriptions)
    assert not any("capture.outlet" in message or "no component" in message for message in messages)


def test_an_alias_that_cannot_be_known_is_a_problem(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(MAB, encoding="utf-8")
    _, problems = bind(load_scenario(path), mab_descriptions(), probe=None)
    assert any("capture.bed_volume has no start value" in problem.message for problem in problems)

    def failing(component, starts, names):
        raise StructureError("it broke")

    _, problems = bind(load_scenario(path), mab_descriptions(), probe=failing)
    assert any("the unit CV is not known: it broke" in problem.message for problem in problems)


@pytest.mark.parametrize(("written", "ticks"), [("10 ms", 10_000_000), ("2 us", 2_000)])
def test_how_near_to_its_moment_a_condition_acts_can_be_chosen(tmp_path, written, ticks):
    def with_tolerance(text):
        return text.replace("ledger:", f"algorithm: {{name: jacobi, event_tolerance: {written}}}\nledger:")

    assert bound(tmp_path, with_tolerance)[0].experiment.event_tolerance == ticks
    assert bound(tmp_path)[0].experiment.event_tolerance == 1_000_000


def test_a_unit_in_which_nothing_is_written_is_pointed_out(tmp_path):
    found, _ = bound(tmp_path, lambda text: text.replace("{CV: capture", "{AV: 3 L, CV: capture"))
    assert [text.partition(": ")[2] for text in found.warnings if "unit" in text] == [
        "no quantity is written in the unit 'AV'. Remove it."
    ]


@pytest.mark.parametrize("size", [0.0, -1.0, float("inf"), float("nan")])
def test_a_unit_has_to_be_above_zero(tmp_path, size):
    path = tmp_path / "study.yaml"
    path.write_text(MAB, encoding="utf-8")
    _, problems = bind(load_scenario(path), mab_descriptions(), probe=lambda component, starts, names: [size])
    assert any(f"capture.bed_volume is {size:g}; a unit has to be above zero" in item.message for item in problems)


def test_a_demand_is_converted_against_its_stream(tmp_path):
    descriptions = mab_descriptions()
    outlet, inlet = descriptions["hold"], descriptions["capture"]
    descriptions["hold"] = replace(
        outlet,
        variables={
            **outlet.variables,
            "outlet.demand": Variable("outlet.demand", Causality.INPUT, unit="m3/s", start=0.0),
        },
        ports={**outlet.ports, "outlet": replace(outlet.ports["outlet"], has_demand=True)},
    )
    descriptions["capture"] = replace(
        inlet,
        variables={**inlet.variables, "load.demand": Variable("load.demand", Causality.OUTPUT, unit="L/s")},
        ports={**inlet.ports, "load": replace(inlet.ports["load"], has_demand=True)},
    )
    result, _ = bound(tmp_path, descriptions=descriptions)
    (stream,) = [item for item in result.structure.streams if str(item.source) == "hold.outlet"]
    assert stream.demand_factor == pytest.approx(1e-3, rel=1e-15)


def test_the_shipped_scenario_can_be_read():
    scenario = load_scenario(SCENARIO)
    names = [phase.name for phase in scenario.phases]
    assert (len(scenario.components), names[0], names[-1]) == (28, "thaw", "fill")


def test_a_condition_on_a_sleeper_is_warned_of(tmp_path):
    result, _ = bound(tmp_path, lambda text: text.replace("reactor.volume < 20 L", "feeder.outlet.T < 20 degC"))
    assert result.warnings == (
        "'feeder.outlet.T < 20 degC' in phase 'harvest' reads 'feeder', which is not active there: it stands "
        "still unless another phase runs it.",
    )


def test_a_parameter_is_no_input(tmp_path):
    _, found = bound(tmp_path, lambda text: text.replace("phases:", "inputs: {reactor.volume_start: 1 L}\nphases:"))
    assert found[:1] == [
        "Cannot drive reactor.volume_start: its causality is parameter, not input. Parameters and start values go "
        "under 'parameters'."
    ]


def test_a_value_is_given_once(tmp_path):
    both = "  hold: {demand: 1 L/h}\ninputs: {hold.demand: 2 L/h}\nphases:"
    _, found = bound(tmp_path, lambda text: text.replace("phases:", both))
    line = MAB.splitlines().index("phases:") + 1
    assert found[:1] == [f"hold.demand has been given a value already in line {line}. Remove one of the two."]


def test_a_constant_cannot_be_set(tmp_path):
    descriptions = change_variable(mab_descriptions(), "reactor", "mu_max", variability=Variability.CONSTANT)
    _, messages = bound(tmp_path, descriptions=descriptions)
    assert "Cannot set reactor.mu_max: its causality is constant, not a parameter, input or start value." in messages
