"""From modelDescription.xml to the component description."""

import pytest
from fmu_factory import build_lag, lag_description, write_fmu

from cosim.errors import FmuError
from cosim.fmu import open_fmu
from cosim.system.stream import Medium, PortDirection
from cosim.system.variable import Causality, Variability, VariableType


@pytest.fixture(params=["2.0", "3.0"])
def version(request):
    return request.param


@pytest.fixture
def lag(version, tmp_path):
    with open_fmu(build_lag(tmp_path / "lag.fmu", version)) as file:
        yield file


def described(tmp_path, *replacements, fmi="2.0"):
    xml = lag_description(fmi)
    for old, new in replacements:
        assert old in xml
        xml = xml.replace(old, new)
    with open_fmu(write_fmu(tmp_path / "changed.fmu", {"modelDescription.xml": xml})) as file:
        return file


def test_variables(lag, version):
    variables = lag.description.variables
    tau = variables["tau"]
    assert (tau.causality, tau.variability, tau.type) == (
        Causality.PARAMETER,
        Variability.FIXED,
        VariableType.FLOAT64,
    )
    assert (tau.unit, tau.start, tau.minimum, tau.maximum, tau.nominal) == ("s", 10.0, 1e-6, 1e6, None)
    assert tau.display_unit == ("h" if version == "2.0" else None)
    assert variables["enabled"].start is True
    assert variables["enabled"].type is VariableType.BOOLEAN
    assert variables["level"].start == 0
    assert variables["level"].type is VariableType.INT32
    assert variables["label"].start == ""
    assert variables["time"].causality is Causality.INDEPENDENT


def test_declared_types_are_resolved(lag):
    u = lag.description.variables["u"]
    assert (u.unit, u.minimum, u.nominal, u.start, u.description) == ("mol/m3", 0.0, 100.0, 0.0, "Input")
    mode = lag.description.variables["mode"]
    assert mode.type is VariableType.ENUMERATION
    assert mode.enumeration == (("hold", 1), ("follow", 2))
    assert mode.start == 2


def test_feedthrough_is_taken_from_the_model_structure(lag):
    feedthrough = lag.description.feedthrough
    assert feedthrough["y"] == frozenset()
    assert feedthrough["level_out"] == {"level"}
    assert "mode_out" not in feedthrough, "dependencies not stated: it may depend on all"


def test_feedthrough_counts_inputs_only(tmp_path):
    file = described(tmp_path, ('<Unknown index="3" dependencies=""/>', '<Unknown index="3" dependencies="2 4"/>'))
    assert file.description.feedthrough["y"] == {"u"}


def test_capabilities(tmp_path, lag):
    found = lag.description.capabilities
    assert found.can_vary_step
    assert found.can_get_and_set_state
    assert not found.can_be_instantiated_only_once
    changed = described(
        tmp_path,
        (
            'canHandleVariableCommunicationStepSize="true"',
            'needsExecutionTool="true" canInterpolateInputs="true" maxOutputDerivativeOrder="2" '
            'canSerializeFMUstate="true" providesDirectionalDerivative="true"',
        ),
    ).description.capabilities
    assert not changed.can_vary_step
    assert changed.needs_execution_tool
    assert changed.can_interpolate_inputs
    assert changed.max_output_derivative_order == 2
    assert changed.can_serialise_state
    assert changed.provides_directional_derivatives


def test_arrays_and_binary_of_fmi3(tmp_path):
    with open_fmu(build_lag(tmp_path / "lag.fmu", "3.0")) as file:
        variables = file.description.variables
    assert variables["w"].shape == (2,)
    assert variables["w"].start == (1.0, 2.0)
    assert variables["blob"].start == b"\x0a\xff"
    assert variables["n"].causality is Causality.STRUCTURAL_PARAMETER
    assert variables["echo_uint64"].type is VariableType.UINT64


def test_directional_derivatives_of_fmi3(tmp_path):
    change = ('canGetAndSetFMUState="true"', 'providesDirectionalDerivatives="true"')
    assert described(tmp_path, change, fmi="3.0").description.capabilities.provides_directional_derivatives


def test_facts(lag, version):
    facts = lag.facts
    assert facts.fmi_version == version
    assert facts.interface_types == ("Co-Simulation",)
    assert facts.default_experiment.stop_time == 100.0
    assert lag.description.default_step_size == 1.0
    assert "gain" in facts.without_unit
    assert "u" not in facts.without_unit
    assert facts.unit_names == ("s", "mol/m3")
    assert facts.oddities == ()


def test_an_fmu_without_default_experiment(tmp_path):
    file = described(tmp_path, ('<DefaultExperiment startTime="0" stopTime="100" stepSize="1"/>', ""))
    assert file.description.default_step_size is None


def test_deviations_that_do_no_harm_are_noted(tmp_path):
    file = described(tmp_path, ('<Real unit="s" displayUnit="h" start="10"', '<Real unit="parsec" start="10"'))
    assert file.facts.oddities == ('The unit "parsec" of variable "tau" (line 21) is not defined.',)
    assert file.description.variables["tau"].unit == "parsec"


def test_start_value_that_is_no_number(tmp_path):
    old = '<Float64 name="w" valueReference="59" causality="parameter" variability="fixed" start="1 2">'
    new = '<Float64 name="w" valueReference="59" causality="parameter" variability="fixed" start="1 2"'
    assert old in lag_description("3.0")
    with pytest.raises(FmuError, match=r"line \d+: Element 'Float64'.*'1 two'"):
        described(tmp_path, (old, new.replace("1 2", "1 two") + ">"), fmi="3.0")
    with pytest.raises(FmuError, match=r"line \d+: Element 'Start'.*'0af'"):
        described(tmp_path, ('value="0aff"', 'value="0af"'), fmi="3.0")
    with pytest.raises(FmuError, match=r"'gain' in line \d+ of .* is a scalar and has 2 start values"):
        described(tmp_path, ('variability="tunable" start="1"', 'variability="tunable" start="1 2"'), fmi="3.0")


PORT = """
    <ScalarVariable name="feed.V_flow" valueReference="90" causality="input"><Real unit="m3/s" start="0"/></ScalarVariable>
    <ScalarVariable name="feed.T" valueReference="91" causality="input"><Real unit="K" start="300"/></ScalarVariable>
    <ScalarVariable name="feed.c_mab" valueReference="92" causality="input"><Real unit="kg/m3" start="0"/></ScalarVariable>
  </ModelVariables>"""  # noqa: E501


def test_ports_and_species(tmp_path):
    xml = lag_description().replace("</ModelVariables>", PORT)
    species = '{"mab": {"basis": "kg", "molar_mass": 148.0, "carbon": 44.0, "location": "liquid"}}'
    path = write_fmu(tmp_path / "lag.fmu", {"modelDescription.xml": xml, "resources/species.json": species})
    with open_fmu(path) as file:
        port = file.description.ports["feed"]
        mab = file.description.species["mab"]
    assert (port.direction, port.medium, port.species) == (PortDirection.INLET, Medium.LIQUID, ("mab",))
    assert port.has_temperature
    assert (mab.basis, mab.molar_mass, mab.carbon, mab.location) == ("kg", 148.0, 44.0, "liquid")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('{"basis": "kg", "colour": "blue"}', "has an unknown property 'colour'"),
        ('{"basis": "kg", "molar_mass": "big"}', "has the molar_mass 'big', which is not a number"),
        ('{"basis": "kg", "molar_mass": -1}', "has the molar_mass -1, which should be finite"),
        ('{"basis": "kg", "carbon": NaN}', "has the carbon nan"),
        ('{"basis": "kg", "molar_mass": 0}', "has the molar_mass 0"),
        ('{"basis": "kg", "carbon": true}', "has the carbon True"),
        ('{"basis": "kg", "location": "moon"}', "has the location 'moon'"),
        ("3", "is not a table of properties"),
        ("{}", "has the basis None"),
    ],
)
def test_species_that_are_refused(tmp_path, entry, why):
    files = {"modelDescription.xml": lag_description(), "resources/species.json": f'{{"mab": {entry}}}'}
    with pytest.raises(FmuError, match=rf"in resources/species\.json, 'mab' {why}"):
        open_fmu(write_fmu(tmp_path / "lag.fmu", files))
