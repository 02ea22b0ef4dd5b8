"""``release:name@version`` where a scenario, a suite or a training file names a model or a surrogate."""

import hashlib
import shutil
from dataclasses import replace

import pytest
from fmu_factory import build_lag
from released import make_workplace
from taught import packaged

from cosim.build.builder import build
from cosim.errors import CosimError, ReleaseError
from cosim.regressing.baselining import set_baselines
from cosim.regressing.running import regress
from cosim.regression.document import document_of
from cosim.release.gates import checked_gate, judge
from cosim.releasing import package_folder, resolve
from cosim.results.document import encode
from cosim.substitution.source import open_source
from cosim.surrogate.package import read_package
from cosim.surrogate.parse import read_training

MODEL = "release: lag\nversion: '{version}'\nintended_use: To try it\nmain: lag.fmu\ncontent: {{model: [lag.fmu]}}\n"
SURROGATE = """\
release: tiny
version: '1'
kind: surrogate
intended_use: To try it
main: net/manifest.json
content: {{surrogate: [net]}}
"""
SCENARIO = """\
scenario: lag
components: {lag: {source: lag.fmu, host: inline}}
phases: {run: {active: [lag], duration: 2 s, step: 1 s}}
"""
SUITE = """\
suite: lags
cases:
  alone: {fmu: "release:lag@1", duration: 2 s, step: 1 s}
  inside: {scenario: lag.yaml, sources: {lag: "release:lag@1"}, against: {sources: {lag: "release:lag@2"}}}
"""
TRAINING = """\
surrogate: lag
source: release:lag@1
architecture: {name: static_map}
step: 1 s
duration: 10 s
runs: {train: 4, validate: 2, test: 2}
inputs: {u: {from: 0, to: 1, shape: steps, every: 2 s}}
"""


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    for module in ("regressing.running", "regressing.staging", "releasing"):
        monkeypatch.setattr(f"cosim.{module}.cache_folder", lambda: tmp_path / "cache")
    build_lag(tmp_path / "lag.fmu")
    packaged(tmp_path / "net")
    (tmp_path / "lag.yaml").write_text(SCENARIO)
    (tmp_path / "suite.yaml").write_text(SUITE)
    return make_workplace(tmp_path, monkeypatch)


def released(workplace):
    file = workplace.folder / "lag.fmu"
    first = file.read_bytes()
    workplace.create("1", "lag", text=MODEL)
    build_lag(file, files={"documentation/version.txt": "2"})
    workplace.create("2", "lag", text=MODEL)
    file.write_bytes(first)


def retire(workplace, title):
    workplace.sign(title, "retire", "grace", reason="was wrong")


def damage(workplace, title, path):
    file = workplace.registry.objects.path(workplace.registry.release(title).hashes[path])
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b" ")


def outcomes(workplace):
    return {item.case.name: item for item in regress(workplace.folder / "suite.yaml", workers=0).cases}


def test_a_suite_runs_releases_alone_and_in_scenarios(workplace):
    released(workplace)
    set_baselines(workplace.folder / "suite.yaml", reason="the first", by="Linus", workers=0)
    found = outcomes(workplace)
    digest = hashlib.sha256((workplace.folder / "lag.fmu").read_bytes()).hexdigest()
    assert found["inside"].status == "passed"
    assert [finding.kind for finding in found["alone"].comparison.failures] == ["approval"]
    assert list(found["alone"].candidate.models.values()) == [digest]
    assert all(item.is_known for item in outcomes(workplace).values())


def test_a_suite_refuses_what_is_retired_or_altered(workplace):
    released(workplace)
    retire(workplace, "lag@2")
    found = outcomes(workplace)
    assert found["inside"].status == "error"
    assert "suite.yaml:4" in found["inside"].reason
    assert "lag@2 was retired by Grace Hopper: was wrong Name another release." in found["inside"].reason
    damage(workplace, "lag@1", "lag.fmu")
    found = outcomes(workplace)
    assert "suite.yaml:3" in found["alone"].reason
    assert "of the registry has been changed" in found["alone"].reason


COMPILED = """\
suite: tools
cases: {ramp: {scenario: ramp.yaml, compiler: omc, against: {compiler: cosim}}}
"""
RAMP = "model Ramp\n  output Real y(start = 0, fixed = true);\nequation\n  der(y) = 2;\nend Ramp;\n"
RAMPING = """\
scenario: ramp
components: {f: {source: modelica:Ramp, host: inline}}
phases: {run: {active: [f], duration: 2 s, step: 1 s}}
"""


def judged(workplace):
    (workplace.folder / "ramp.yaml").write_text(RAMPING)
    (workplace.folder / "tools.yaml").write_text(COMPILED)
    (workplace.folder / "Ramp.mo").write_text(RAMP)
    data = encode(document_of(regress(workplace.folder / "tools.yaml", workers=0))).encode()
    (built,) = build(["Ramp"], search_path=[workplace.folder], fmi_versions=("2.0",))
    main = hashlib.sha256(built.path.read_bytes()).hexdigest()
    gate = checked_gate("tools", {"evidence": "regress.json", "compilers": "agree"}, "ramp.fmu")
    return judge(gate, {"regress.json": "cd" * 32, "ramp.fmu": main}, lambda digest: data)


def test_a_gate_says_where_openmodelica_is_missing(workplace, monkeypatch):
    which = shutil.which
    monkeypatch.setattr(
        "shutil.which", lambda name, *more, **words: None if name == "omc" else which(name, *more, **words)
    )
    finding = judged(workplace)
    assert finding.is_open
    assert finding.text == (
        "omc and cosim were not compared where 'regress.json' was made (the case 'ramp': OpenModelica is not "
        "installed here)"
    )


@pytest.mark.skipif(shutil.which("omc") is None, reason="OpenModelica (omc) is not installed")
def test_a_gate_of_two_compilers(workplace):
    finding = judged(workplace)
    assert (finding.state, finding.text) == ("passed", "two compilers agree: ramp")


def test_a_surrogate_that_is_released(workplace):
    workplace.create(text=SURROGATE)
    folder, warning = package_folder("release:tiny@1", workplace.folder)
    assert read_package(folder).sha256 == read_package(workplace.folder / "net").sha256
    assert warning == "The release tiny@1 is draft, not approved."
    (folder / "weights.safetensors").write_bytes(b"another")
    (folder / "card.html").unlink()
    assert package_folder("release:tiny@1", workplace.folder)[0] == folder
    read_package(folder)
    assert package_folder("net", workplace.folder) == (workplace.folder / "net", "")


def test_a_surrogate_that_is_altered_or_retired(workplace):
    workplace.create(text=SURROGATE)
    package_folder("release:tiny@1", workplace.folder)
    damage(workplace, "tiny@1", "net/weights.safetensors")
    with pytest.raises(ReleaseError, match="of the registry has been changed"):
        package_folder("release:tiny@1", workplace.folder)
    retire(workplace, "tiny@1")
    with pytest.raises(ReleaseError, match="tiny@1 was retired"):
        package_folder("release:tiny@1", workplace.folder)


def test_what_passed_the_gates_of_one_kind_is_not_another(workplace):
    released(workplace)
    with pytest.raises(ReleaseError, match=r"lag@1 is a release of the kind 'model', and not a surrogate"):
        package_folder("release:lag@1", workplace.folder)
    for kind in ("baseline", "data", "scenario"):  # which fewer gates stand before
        workplace.create("1", kind, text=MODEL.replace("release: lag", f"release: {kind}\nkind: {kind}"))
        with pytest.raises(ReleaseError, match=f"{kind}@1 is a release of the kind '{kind}', and not a model"):
            resolve(f"{kind}@1", workplace.folder)
    workplace.create("1", "net", text=SURROGATE.replace("tiny", "net").replace("net/manifest.json", "net/card.html"))
    with pytest.raises(ReleaseError, match=r"net@1 is no surrogate: its 'main' is 'net/card\.html'"):
        package_folder("release:net@1", workplace.folder)


def test_a_surrogate_is_trained_on_a_release(workplace, monkeypatch):
    released(workplace)
    (workplace.folder / "lag_net.yaml").write_text(TRAINING)
    file, problems = read_training(workplace.folder / "lag_net.yaml")
    assert not problems
    with open_source(file) as source:
        assert source.sha256 == workplace.registry.release("lag@1").hashes["lag.fmu"]
    retire(workplace, "lag@1")
    with pytest.raises(CosimError, match=r"'source': lag@1 was retired by Grace Hopper"):
        open_source(file)
    with pytest.raises(CosimError, match=r"There is no release lag@3"):
        open_source(replace(file, source=replace(file.source, text="release:lag@3")))
