"""A ⇄ B, two values each way that follow at once: Newton with the derivatives that FMUs tell, or with differences."""

import zipfile
from pathlib import Path

import pytest

import cosim
from cosim.build.builder import build
from cosim.fmu.instance import FmuInstance

SCENARIO = """\
scenario: knot
components:
  a: {{source: {a}.fmu}}
  b: {{source: {b}.fmu}}
connections: [a.y1 -> b.u1, a.y2 -> b.u2, b.y1 -> a.u1, b.y2 -> a.u2]
parameters: {{b: {{gain: -3, rest: 2}}}}
phases: {{run: {{active: [a, b], duration: 2 s, step: 0.1 s}}}}
algorithm: {{name: iterated, correction: newton, relative: 1e-9}}
record: [a.x, b.x, a.y1, b.y2]
"""
DECLARED = {"2.0": "providesDirectionalDerivative", "3.0": "providesDirectionalDerivatives"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("knot")
    for fmu in build(["Knot"], search_path=[Path(__file__).parent], output=folder, jobs=1):
        name = f"told{fmu.fmi_version[0]}"
        (folder / f"{name}.fmu").write_bytes(fmu.path.read_bytes())
        with zipfile.ZipFile(fmu.path) as whole, zipfile.ZipFile(folder / f"un{name}.fmu", "w") as other:
            for item in whole.namelist():
                content = whole.read(item)
                if item == "modelDescription.xml":
                    word = DECLARED[fmu.fmi_version]
                    content = content.replace(f'{word}="true"'.encode(), f'{word}="false"'.encode())
                other.writestr(item, content)
    return folder


@pytest.fixture
def run(folder, monkeypatch, tmp_path):
    """Runs a loop; returns its result, the passes it took, and how often derivatives were asked for."""
    monkeypatch.chdir(folder)
    asked = []
    ask = FmuInstance.directional_derivative
    monkeypatch.setattr(FmuInstance, "directional_derivative", lambda *given: asked.append(0) or ask(*given))

    def run(a, b):
        asked.clear()
        (folder / "knot.yaml").write_text(SCENARIO.format(a=a, b=b))
        result = cosim.run("knot.yaml", out=tmp_path / f"{a} {b}", profile=True)
        assert result.status == "completed", result.outcome.reason
        return result, result.profile["effort"]["iterations"], len(asked)

    return run


@pytest.mark.parametrize(("a", "b"), [("told2", "told2"), ("told3", "told3"), ("told2", "told3")])
def test_stated_derivatives_save_passes_and_change_nothing(run, a, b):
    told, n_told, n_asked = run(a, b)
    untold, n_untold, n_never = run(f"un{a}", f"un{b}")
    for name in told:
        assert told[name].values[-1] == pytest.approx(untold[name].values[-1], rel=0.02)
    assert n_asked > 0 == n_never
    assert 4 * n_told < n_untold


def test_where_one_tells_none_differences_serve(run):
    _, n_mixed, _ = run("told2", "untold3")
    _, n_told, _ = run("told2", "told3")
    assert 4 * n_told < n_mixed
