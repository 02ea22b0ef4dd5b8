"""Where an FMU runs if the scenario does not say: ours inline, those of others in a process."""

import zipfile

import pytest
from hostile import build_hostile

from cosim.errors import CosimError
from cosim.fmu import open_fmu
from cosim.preparation import prepare
from cosim.run import ALGORITHMS

SCENARIO = """scenario: s
components:
  unit: {source: unit.fmu%s}
phases:
  run: {active: [unit], duration: 1 s, step: 100 ms}
"""


@pytest.mark.parametrize(
    ("tool", "written", "host"),
    [
        ("by hand", "", "process"),
        ("by hand", ", host: inline", "inline"),
        ("cosim 0.1", "", "inline"),
        ("cosim 0.1", ", host: process", "process"),
        ("cosim 0.1", ", timeout: 1 min", "process"),
        ("cosimulation suite", "", "process"),
    ],
)
def test_host(tmp_path, tool, written, host):
    build_hostile(tmp_path / "unit.fmu", tool=tool)
    (tmp_path / "s.yaml").write_text(SCENARIO % written)
    (component,) = prepare(tmp_path / "s.yaml", None, ALGORITHMS).components.values()
    component.close()
    assert component.host == host


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("token_file: t", "'unit' has 'token_file', but no server: its 'host' is process"),
        ("host: inline, token_file: t", "'unit' has 'token_file', which is for FMUs in a process of their own"),
        ("host: 'tcp://nowhere'", "is 'tcp://nowhere'; it should be like tcp://name:7070"),
        ("host: 'tcp://nowhere:99999'", "it should be like tcp://name:7070"),
        ("host: 'udp://nowhere:1'", "it should be inline, process or tcp://name:port"),
        ("host: 'tcp://nowhere:1'", "A server of FMUs is reached with a token"),
        ("host: 'tcp://nowhere:1', token_file: none", "The token cannot be read from '.*none': No such file"),
    ],
)
def test_a_server_that_is_not_described(tmp_path, monkeypatch, written, told):
    monkeypatch.delenv("COSIM_TOKEN", raising=False)
    monkeypatch.delenv("COSIM_TOKEN_FILE", raising=False)
    build_hostile(tmp_path / "unit.fmu", tool="by hand")
    (tmp_path / "s.yaml").write_text(SCENARIO % f", {written}")
    with pytest.raises(CosimError, match=told):
        prepare(tmp_path / "s.yaml", None, ALGORITHMS)


def test_servers_need_a_package(tmp_path, monkeypatch):
    monkeypatch.setattr("cosim.placing.find_spec", lambda _: None)
    build_hostile(tmp_path / "unit.fmu", tool="by hand")
    (tmp_path / "s.yaml").write_text(SCENARIO % ", host: 'tcp://nowhere:1'")
    with pytest.raises(CosimError, match=r"over ZeroMQ: pip install 'bioprocess-cosim\[remote\]'"):
        prepare(tmp_path / "s.yaml", None, ALGORITHMS)


def test_an_fmu_for_another_system_is_refused_here_only(tmp_path):
    path = build_hostile(tmp_path / "unit.fmu", tool="by hand")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "w.fmu", "w") as other:
        for name in archive.namelist():
            other.writestr(name.replace("linux64", "win64").replace(".so", ".dll"), archive.read(name))
    with open_fmu(tmp_path / "w.fmu") as file:
        assert file.obstacles_everywhere == ()
        assert "win64" in str(file.obstacles[0])
