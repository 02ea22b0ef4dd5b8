"""A → B → A, where both begin in balance with their inputs: consistent start values of real FMUs, found together."""

from pathlib import Path

import pytest
from fakes import Flowsheet, Recorder, phase

from cosim.build.builder import build
from cosim.errors import ConvergenceError
from cosim.fmu.file import open_fmu
from cosim.run import check

HERE = Path(__file__).parent
VERSIONS = ("2.0", "3.0")
INTERFACES = ("Co-Simulation", "Model Exchange")


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("settled")
    (folder / "Settled.mo").write_bytes((HERE / "Settled.mo").read_bytes())
    built = build(["Settled.Lag", "Settled.Root"], search_path=(folder,), output=folder, fmi_versions=VERSIONS)
    return {(fmu.class_name, fmu.fmi_version): fmu.path for fmu in built}


def ring(fmus, model: str, version: str, interface: str, **starts) -> Recorder:
    with open_fmu(fmus[model, version], interface) as fmu:
        flowsheet = Flowsheet(a=fmu.instantiate("a"), b=fmu.instantiate("b"))
        flowsheet.connect("a.y", "b.u").connect("b.y", "a.u")
        outcome = flowsheet.run(
            phase("run", "a b", 2.0, 1.0), recorded={"a": ("u", "y"), "b": ("u", "y")}, start_values=starts
        )
    assert outcome.status == "completed", outcome.reason
    return flowsheet.recorder


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("version", VERSIONS)
def test_linear(fmus, version, interface):
    recorder = ring(fmus, "Settled.Lag", version, interface)
    for name in ("a.u", "a.y", "b.u", "b.y"):
        assert [value for _, value in recorder.series(name)] == pytest.approx([2.0, 2.0, 2.0], rel=1e-8)


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("version", VERSIONS)
def test_parameters_count(fmus, version, interface):
    starts = {"a": {"gain": -0.25, "offset": 3.0}}  # a = 3 - b/4, b = a/2 + 1
    recorder = ring(fmus, "Settled.Lag", version, interface, **starts)
    assert recorder.series("a.y")[0][1] == pytest.approx(2.75 / 1.125, rel=1e-8)
    assert recorder.series("b.y")[0][1] == pytest.approx(2.75 / 2.25 + 1.0, rel=1e-8)


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("version", VERSIONS)
def test_nonlinear(fmus, version, interface):
    recorder = ring(fmus, "Settled.Root", version, interface)
    for name in ("a.u", "a.y", "b.u", "b.y"):
        assert recorder.series(name)[0][1] == pytest.approx((3.0 + 5.0**0.5) / 2.0, rel=1e-8)


def test_check_names_a_loop_without_solution(fmus, tmp_path):
    scenario = tmp_path / "ring.yaml"
    scenario.write_text(
        f"""\
scenario: ring
components:
  a: {{source: '{fmus["Settled.Lag", "2.0"]}'}}
  b: {{source: '{fmus["Settled.Lag", "2.0"]}'}}
connections: [a.y -> b.u, b.y -> a.u]
parameters:
  a: {{gain: 1}}
  b: {{gain: 1}}
phases:
  run: {{active: [a, b], duration: 2 s, step: 1 s}}
""",
        encoding="utf-8",
    )
    with pytest.raises(
        ConvergenceError, match=r"algebraic loop of 'a' and 'b' at t = 0 s: .* (a|b)\.u = .* \(residual"
    ):
        check(scenario)
