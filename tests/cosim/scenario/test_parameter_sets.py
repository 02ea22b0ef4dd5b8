"""Values from CSV files: order, places in messages, hostile files."""

import hashlib
from pathlib import Path

import pytest

from cosim.errors import ScenarioError
from cosim.scenario.bind import bind
from cosim.scenario.parse import load_scenario, read_scenario
from cosim.system.component import ComponentDescription
from cosim.system.variable import Causality, Variability, Variable

PARAMETER = {"causality": Causality.PARAMETER, "variability": Variability.FIXED}
TANK = ComponentDescription(
    "Tank",
    {
        name: Variable(name, unit=unit, start=1.0, **PARAMETER)
        for name, unit in (("volume", "m3"), ("k[1,2]", "1/s"), ("k[2,1]", "1/s"))
    }
    | {"y": Variable("y", Causality.OUTPUT)},
)


def starts(folder: Path, parameters: str, overrides=None):
    """Return the start values of the tank, and the problems with their places."""
    path = folder / "study.yaml"
    path.write_text(
        f"scenario: study\ncomponents: {{tank: {{source: tank.fmu}}}}\nparameters: {parameters}\n"
        "phases: {run: {active: [tank], duration: 1 h, step: 1 min}}\n",
        encoding="utf-8",
    )
    result, problems = bind(load_scenario(path), {"tank": TANK}, overrides=overrides)
    return dict(result.experiment.start_values.get("tank", {})), [str(problem) for problem in problems]


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_values_of_a_file_have_units_and_notes(tmp_path):
    write(tmp_path, "lot.csv", 'name,value,unit,note\n# flow field\nvolume,200,L,measured\n"k[1,2]",36,1/h,\n')
    assert starts(tmp_path, "{tank: {parameter_set: lot.csv}}") == ({"volume": 0.2, "k[1,2]": 0.01}, [])


def test_file_for_several_components_names_them(tmp_path):
    write(tmp_path, "lot.csv", "unit,name,value\nL,tank.volume,200\n")
    assert starts(tmp_path, "{parameter_set: [lot.csv]}") == ({"volume": 0.2}, [])


def test_later_file_then_parameters_then_override_count(tmp_path):
    write(tmp_path, "a.csv", 'name,value,unit\nvolume,1,L\n"k[1,2]",1,1/s\n"k[2,1]",1,1/s\n')
    write(tmp_path, "b.csv", 'name,value,unit\nvolume,2,L\n"k[1,2]",2,1/s\n')
    files = "parameter_set: [a.csv, b.csv]"
    assert starts(tmp_path, f"{{tank: {{{files}, volume: 3 L}}}}")[0] == {"volume": 0.003, "k[1,2]": 2.0, "k[2,1]": 1.0}
    assert starts(tmp_path, f"{{tank: {{{files}, volume: 3 L}}}}", {"tank.volume": "4 L"})[0]["volume"] == 0.004


def test_files_are_known_by_their_hash(tmp_path):
    write(tmp_path, "lot.csv", "name,value,unit\nvolume,200,L\n")
    (tmp_path / "study.yaml").write_text(
        "scenario: study\ncomponents: {tank: {source: tank.fmu}}\nparameters: {tank: {parameter_set: lot.csv}}\n"
        "phases: {run: {active: [tank], duration: 1 h, step: 1 min}}\n"
    )
    bound, _ = bind(load_scenario(tmp_path / "study.yaml"), {"tank": TANK})
    (file,) = bound.parameter_files
    assert file.file == "lot.csv"
    assert file.sha256 == hashlib.sha256((tmp_path / "lot.csv").read_bytes()).hexdigest()
    assert {str(name): entry.value.text for name, entry in file.values.items()} == {"tank.volume": "200 L"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,value,unit\nvolum,1,L\n", r"lot\.csv:2: .*volum.*volume"),
        ("name,value,unit\nvolume,1,kg\n", r"lot\.csv:2: .*kg"),
        ("name,value,unit\nvolume,1,L\nvolume,2,L\n", r"lot\.csv:3: tank\.volume stands in .* twice"),
        ("name,value,unit\nvolume,,L\n", r"lot\.csv:2: tank\.volume has no value"),
        ("name,value,unit\ny,1,\n", r"lot\.csv:2: Cannot set tank\.y"),
        ("name,value,unit\nvolume,1\n", r"Line 2 of .* has 2 cells, its head 3"),
        ("name,valeu,unit\nvolume,1,L\n", r"no column 'value'.*valeu"),
        ("name,value,unit\nvolume,nan,L\n", r"lot\.csv:2: .*nan"),
        ("", r"no column 'name'"),
        ('name,value,unit\n"volume,1,L\n', r"cannot be read as CSV"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(tmp_path, text, message):
    write(tmp_path, "lot.csv", text)
    _, problems = starts(tmp_path, "{tank: {parameter_set: lot.csv}}")
    assert len(problems) == 1
    with pytest.raises(ScenarioError, match=message):
        raise ScenarioError(problems[0])


def test_missing_and_binary_files_and_wrong_names_are_sentences(tmp_path):
    assert "There is no parameter set" in starts(tmp_path, "{tank: {parameter_set: no.csv}}")[1][0]
    (tmp_path / "lot.csv").write_bytes(b"\xff\xfe\x00\x01")
    assert "cannot be read as CSV" in starts(tmp_path, "{tank: {parameter_set: lot.csv}}")[1][0]
    write(tmp_path, "lot.csv", "name,value,unit\nvolume,1,L\n")
    assert "not of the form component.variable" in starts(tmp_path, "{parameter_set: lot.csv}")[1][0]


def test_no_component_can_be_called_parameter_set(tmp_path):
    write(tmp_path, "study.yaml", "scenario: s\ncomponents: {parameter_set: {source: a.fmu}}\n")
    assert any("cannot name a component" in str(problem) for problem in read_scenario(tmp_path / "study.yaml")[1])
