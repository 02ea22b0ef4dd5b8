"""A ⇄ B, two values each way that follow at once: Newton with the derivatives that FMUs tell, or with differences."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import fsolve

import cosim
from cosim.build.builder import build
from cosim.fmu.instance import FmuInstance

SCENARIO = """\
scenario: knot
components:
  a: {{source: {a}.fmu, host: inline}}
  b: {{source: {b}.fmu, host: inline}}
connections: [a.y1 -> b.u1, a.y2 -> b.u2, b.y1 -> a.u1, b.y2 -> a.u2]
parameters: {{b: {{gain: -3, rest: 2}}}}
phases: {{run: {{active: [a, b], duration: 2 s, step: 0.1 s}}}}
events: [{{at: 1 s, set: {{a.w: 5}}}}]
algorithm: {{name: iterated, correction: newton, relative: 1e-9}}
record: [a.x, b.x, a.y1, b.y2]
"""
DECLARED = {"2.0": "providesDirectionalDerivative", "3.0": "providesDirectionalDerivatives"}


def solution(times):
    """Return both states at ``times``, from the whole system at once."""

    def around(v, x, w):
        bent = [u * abs(u) / (1 + u * u) for u in v]
        return [3 * v[2] + v[3] + x[0] + w - v[0], 3 * v[3] - bent[2] - x[0] - v[1],
                -3 * v[0] + v[1] + x[1] - v[2], -3 * v[1] - bent[0] - x[1] - v[3]]  # fmt: skip

    def slopes(t, x, w):
        y = fsolve(around, np.zeros(4), (x, w), xtol=1e-10)
        return [1 - x[0] + 0.1 * y[2], 2 - x[1] + 0.1 * y[0]]

    found, x = [], np.zeros(2)
    for span, w in (((0.0, 1.0), 0.0), ((1.0, 2.0), 5.0)):
        own = times[(times >= span[0]) & (times < span[1])] if w == 0.0 else times[times >= span[0]]
        run = solve_ivp(slopes, span, x, args=(w,), t_eval=own, rtol=1e-7, atol=1e-9)
        x = solve_ivp(slopes, span, x, args=(w,), rtol=1e-7, atol=1e-9).y[:, -1]
        found.append(run.y)
    return dict(zip(("a.x", "b.x"), np.hstack(found), strict=True))


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
    for result in (told, untold):
        for name, exact in solution(result["a.x"].time).items():
            assert result[name].values == pytest.approx(exact, abs=1e-3), name
    assert n_asked > 0 == n_never
    assert 4 * n_told < n_untold


def test_where_one_tells_none_differences_serve(run):
    _, n_mixed, _ = run("told2", "untold3")
    _, n_told, _ = run("told2", "told3")
    assert 4 * n_told < n_mixed
