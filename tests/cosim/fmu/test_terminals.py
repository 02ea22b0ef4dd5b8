"""Terminals: written by the builder, read of others, and made stream ports whatever the variables are called."""

import shutil
import zipfile
from pathlib import Path

import fmpy
import pytest
from fmpy.validation import validate_fmu
from fmu_factory import build_lag
from lxml import etree

import cosim
from cosim.build.builder import build
from cosim.cli.app import run_app
from cosim.fmu import open_fmu
from cosim.fmu.terminals import TERMINALS_FILE
from cosim.system.stream import Medium, PortDirection

pytestmark = pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")

PLANT = Path(__file__).parents[1] / "interchange" / "Exchange.mo"
SCHEMA = Path(fmpy.__file__).parent / "schema" / "fmi3" / "fmi3TerminalsAndIcons.xsd"
HEAD = '<fmiTerminalsAndIcons fmiVersion="3.0"><Terminals>'
TAIL = "</Terminals></fmiTerminalsAndIcons>"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terminals")
    shutil.copy(PLANT, folder)
    fmus = build(["Exchange.Feed", "Exchange.Loop"], search_path=(folder,), output=folder, fmi_versions=("3.0",))
    return {fmu.class_name: fmu.path for fmu in fmus}


def terminals_of(fmu):
    with zipfile.ZipFile(fmu) as archive:
        return etree.fromstring(archive.read(TERMINALS_FILE))


def test_what_the_builder_writes(built):
    root = terminals_of(built["Exchange.Loop"])
    assert etree.XMLSchema(etree.parse(SCHEMA)).validate(root)
    assert validate_fmu(str(built["Exchange.Loop"])) == []
    terminals = {one.get("name"): one for one in root.iter("Terminal")}
    assert list(terminals) == ["inlet", "gas", "outlet"]
    kinds = [one.get("terminalKind") for one in terminals.values()]
    assert kinds == [f"io.github.bioprocess-cosim.{medium}" for medium in ("liquid", "gas", "liquid")]
    assert {one.get("matchingRule") for one in terminals.values()} == {"bus"}
    members = {one.get("memberName"): one.get("variableName") for one in terminals["outlet"]}
    assert members == {name: f"outlet.{name}" for name in ("V_flow", "T", "c_salt", "V_total", "m_salt_total")}


def foreign(fmu, path, change):
    """Write ``fmu`` anew as another tool might: ``change`` edits its description and its terminals."""
    with zipfile.ZipFile(fmu) as source, zipfile.ZipFile(path, "w") as sink:
        for name in source.namelist():
            data = source.read(name)
            sink.writestr(name, change(name, data.decode()) if name.endswith(".xml") else data)
    return path


def with_other_names(name, text):
    """Call the variables of the outlet otherwise, and leave what they are to the terminal."""
    text = text.replace('variableName="outlet.', 'variableName="stream_7_').replace(
        'generationTool="cosim', 'generationTool="ts'
    )
    if not name.endswith("terminalsAndIcons.xml"):
        return text.replace('name="outlet.', 'name="stream_7_')
    return text.replace('name="outlet"', 'name="overflow"').replace(
        "io.github.bioprocess-cosim.liquid", "com.example.pipe"
    )


def test_a_terminal_of_others_is_a_port(built, tmp_path):
    path = foreign(built["Exchange.Feed"], tmp_path / "theirs.fmu", with_other_names)
    assert validate_fmu(str(path)) == []
    with open_fmu(path) as file:
        port = file.description.ports["overflow"]
        assert (port.direction, port.medium, port.species) == (PortDirection.OUTLET, Medium.LIQUID, ("salt",))
        assert "stream_7_V_flow" not in file.description.variables
        assert [one.no_port for one in file.facts.terminals] == [""]


def test_it_sends_its_stream(built, tmp_path):
    foreign(built["Exchange.Feed"], tmp_path / "theirs.fmu", with_other_names)
    shutil.copy(built["Exchange.Feed"], tmp_path / "ours.fmu")
    shutil.copy(built["Exchange.Loop"], tmp_path / "loop.fmu")
    results = []
    for feed, outlet in (("ours.fmu", "outlet"), ("theirs.fmu", "overflow")):
        (tmp_path / "plant.yaml").write_text(
            f"scenario: plant\ncomponents:\n  feed: {{source: {feed}}}\n  loop: {{source: loop.fmu}}\n"
            f"streams:\n  - {{stream: feed.{outlet} => loop.inlet, absent: [sugar]}}\n  - loop.outlet => waste\n"
            "phases:\n  run: {active: [feed, loop], duration: 1 h, step: 1 min}\nledger: {tolerance: 1}\n"
        )
        results.append(cosim.run(tmp_path / "plant.yaml", out=tmp_path / outlet).to_dataframe())
    assert list(results[0]["loop.outlet.V_flow"]) == list(results[1]["loop.outlet.V_flow"])
    assert results[1]["loop.outlet.V_flow"].iloc[-2] > 0
    assert list(results[0]["feed.outlet.V_flow"]) == list(results[1]["feed.overflow.V_flow"])


def test_a_map_counts_more(built, tmp_path):
    path = foreign(built["Exchange.Feed"], tmp_path / "theirs.fmu", with_other_names)
    (tmp_path / "names.csv").write_text("name,vendor,unit\nharvest.V_flow,stream_7_V_flow,\n")
    (tmp_path / "s.yaml").write_text(
        f"scenario: s\ncomponents:\n  feed: {{source: {path.name}, map: names.csv}}\n"
        "streams: [feed.harvest => waste]\n"
        "phases:\n  run: {active: [feed], duration: 1 min, step: 1 min}\nrecord: [feed.*]\n"
    )
    found = cosim.run(tmp_path / "s.yaml", out=tmp_path / "r").to_dataframe()
    assert "feed.harvest.V_flow" in found
    assert "feed.overflow.T" in found, "what the map does not name is called as the terminal says"


def lag_with(tmp_path, terminals, fmi="3.0"):
    return build_lag(tmp_path / "lag.fmu", fmi, files={TERMINALS_FILE: terminals})


def terminal(name, **members):
    listed = "".join(
        f'<TerminalMemberVariable variableName="{variable}" memberName="{member}" variableKind="signal"/>'
        for member, variable in members.items()
    )
    return f'<Terminal name="{name}" matchingRule="plug" terminalKind="k">{listed}</Terminal>'


NO_PORT = {
    "other members": (terminal("a", voltage="u", current="y"), "no member is called V_flow or n_flow"),
    "no such variable": (terminal("a", V_flow="y", T="nowhere"), "its variable 'nowhere' does not exist"),
    "a parameter": (terminal("a", V_flow="tau"), "its flow 'tau' is neither an input nor an output"),
    "twice": (terminal("a", V_flow="y") + terminal("b", V_flow="y"), "its variable 'y' belongs to another terminal"),
}


@pytest.mark.parametrize(("xml", "why"), NO_PORT.values(), ids=NO_PORT)
def test_why_a_terminal_is_no_port(tmp_path, xml, why):
    with open_fmu(lag_with(tmp_path, HEAD + xml + TAIL)) as file:
        assert file.facts.terminals[-1].no_port == why


UNREADABLE = {
    "not XML": ("<fmiTerm", "not well-formed"),
    "a bomb": ('<!DOCTYPE x [<!ENTITY a "aaaa">]><fmiTerminalsAndIcons fmiVersion="&a;"/>', "document type definition"),
    "against the schema": (HEAD + '<Terminal name="a"/>' + TAIL, "does not follow the schema"),
}


@pytest.mark.parametrize(("xml", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_odd_and_no_more(tmp_path, xml, why):
    with open_fmu(lag_with(tmp_path, xml)) as file:
        assert any(why in oddity and "is not used" in oddity for oddity in file.facts.oddities)
        assert file.facts.terminals == ()


def test_inspect_says_by_what_a_port_is_known(built, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    path = foreign(built["Exchange.Feed"], tmp_path / "theirs.fmu", with_other_names)
    assert run_app(["inspect", str(path)]) == 0
    assert "overflow: the FMU describes them as terminals." in capsys.readouterr().out
    assert run_app(["inspect", str(lag_with(tmp_path, HEAD + terminal("pins", voltage="u") + TAIL))]) == 0
    assert "Terminal 'pins' is none: no member is called V_flow or n_flow." in capsys.readouterr().out
