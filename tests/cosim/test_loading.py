"""Components are loaded from where a scenario says they come from."""

from cosim.build import builder
from cosim.build.builder import BuiltFmu
from cosim.loading import load_components
from cosim.scenario.parse import load_scenario

SCENARIO = """\
scenario: plant
components:
  a: {source: modelica:Plant.A}
  b: {source: modelica:Plant.B}
  other: {source: modelica:Plant.B}
  c: {source: modelica:Plant.C}
phases:
  run: {active: [a, b, other, c], duration: 1 min, step: 1 s}
"""


def test_what_is_compiled_is_told_and_counted(tmp_path, monkeypatch):
    def build(names, *, progress, **_):
        fmus = [BuiltFmu(name, "2.0", tmp_path / f"{name}.fmu", "", name == "Plant.A", 12.34) for name in names]
        for fmu in fmus:
            progress(fmu)
        return fmus

    monkeypatch.setattr(builder, "build", build)
    (tmp_path / "plant.yaml").write_text(SCENARIO)
    told = []
    load_components(load_scenario(tmp_path / "plant.yaml"), {}, told.append)
    assert told == ["Plant.B in 12.3 s, 2 of 3", "Plant.C in 12.3 s, 3 of 3"]
