"""Systems go to other tools as SSP packages and come back; packages of others become scenarios, or a sentence."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from fmu_factory import build_lag
from hostile import build_hostile
from lxml import etree

import cosim
from cosim.cli.app import run_app
from cosim.errors import CosimError, StructureError
from cosim.interchange.ssp_import import import_ssp
from cosim.interchange.ssp_reader import read_ssp
from cosim.interchange.ssp_writer import export_ssp
from cosim.preparation import prepare
from cosim.run import ALGORITHMS

pytestmark = pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")

RING = """scenario: ring
description: Two lags that drive each other
components:
  one:   {source: lag.fmu}   # the first
  other: {source: lag.fmu}
connections:
  - one.y -> other.u
  - other.y -> one.u
parameters:
  one: {tau: 2 s, gain: 0.5}
  other: {tau: 1 min, x_start: 3 mol/m3}
phases:
  run: {active: [one, other], duration: 10 s, step: 100 ms}
algorithm: jacobi
record: [one.y, other.y]
"""


PIPES = """package Pipes
  connector Outlet
    output Real V_flow(unit = "L/h");
  end Outlet;
  connector Inlet
    input Real V_flow(unit = "m3/s", start = 0);
  end Inlet;
  block Feed "In litres and hours"
    Outlet outlet;
  equation
    outlet.V_flow = 100;
  end Feed;
  block Tank "In SI units"
    parameter Integer n = 2 annotation(Evaluate = true);
    Inlet inlet;
    output Real volume(unit = "m3", start = 0, fixed = true);
    Real x[n](each start = 0, each fixed = true);
  equation
    der(volume) = inlet.V_flow;
    for i in 1:n loop
      der(x[i]) = -x[i];
    end for;
  end Tank;
end Pipes;
"""


@pytest.fixture
def ring(tmp_path):
    build_lag(tmp_path / "lag.fmu")
    path = tmp_path / "ring.yaml"
    path.write_text(RING)
    return path


def exported(scenario, path):
    prepared = prepare(scenario, None, ALGORITHMS)
    export_ssp(prepared, path)
    for component in prepared.components.values():
        component.close()
    return path


def outputs(scenario, folder):
    return cosim.run(scenario, out=folder).to_dataframe()


def test_a_round_trip_gives_the_same_scenario_and_result(ring, tmp_path):
    package = exported(ring, tmp_path / "ring.ssp")
    again = import_ssp(package, tmp_path / "again", ALGORITHMS)
    assert again.scenario.read_text() == RING.replace("lag.fmu", "resources/lag.fmu")
    before, after = outputs(ring, tmp_path / "a"), outputs(again.scenario, tmp_path / "b")
    assert before.equals(after)
    assert exported(again.scenario, tmp_path / "second.ssp").read_bytes() == package.read_bytes()


def test_it_runs_in_fmpy_with_the_same_result(tmp_path):
    from fmpy.ssp.simulation import simulate_ssp

    build_hostile(tmp_path / "fast.fmu")
    scenario = tmp_path / "chain.yaml"
    scenario.write_text(
        "scenario: chain\ncomponents:\n  one: {source: fast.fmu}\n  other: {source: fast.fmu}\n"
        "connections:\n  - one.y -> other.u\n"
        "phases:\n  run: {active: [one, other], duration: 10 s, step: 100 ms}\nalgorithm: jacobi\n"
    )
    theirs = simulate_ssp(str(exported(scenario, tmp_path / "chain.ssp")), stop_time=9.95, step_size=0.1)
    ours = outputs(scenario, tmp_path / "ours")
    assert len(theirs) == 100
    for name in ("one.y", "other.y"):
        assert np.ptp(theirs[name]) > 0.5
        np.testing.assert_allclose(ours[name][1:101], theirs[name], rtol=1e-12)


def test_values_travel_without_the_annotation(ring, tmp_path):
    package = exported(ring, tmp_path / "ring.ssp")
    plain = import_ssp(package, tmp_path / "plain", ALGORITHMS, plain=True)
    text = plain.scenario.read_text()
    assert "# the first" not in text
    assert '"one.y -> other.u"' in text
    before = outputs(ring, tmp_path / "a").iloc[-1]
    after = cosim.run(plain.scenario, {}, out=tmp_path / "b").to_dataframe().iloc[-1]
    assert after["other.y"] == pytest.approx(before["other.y"], rel=1e-2), "other steps, the same system"
    assert any("no communication step" in remark for remark in plain.remarks)


def test_streams_phases_and_events_survive(tmp_path):
    package = tmp_path / "hello.ssp"
    scenario = Path("scenarios/hello.yaml").resolve()
    assert run_app(["export", str(scenario), "--ssp", "--out", str(package)]) == 0
    assert run_app(["import", str(package), "--out", str(tmp_path / "hello")]) == 0
    text = (tmp_path / "hello" / "hello.yaml").read_text()
    assert "streams: [feeder.outlet => reactor.feed, reactor.harvest => product]" in text
    assert "modelica:" not in text
    root = etree.fromstring(zipfile.ZipFile(package).read("SystemStructure.ssd"))
    wires = {(one.get("startConnector"), one.get("endConnector")) for one in root.iterfind(".//{*}Connection")}
    assert ("outlet.V_flow", "feed.V_flow") in wires
    assert ("outlet.c_glucose", "feed.c_glucose") in wires


def test_a_file_that_is_read_comes_along(ring, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "u.csv").write_text("time [s],u [mol/m3]\n0,1\n10,2\n")
    text = RING.replace("  - other.y -> one.u\n", "")
    text = text.replace("phases:", "inputs: {one.u: {file: data/u.csv, column: u}}\nphases:")
    ring.write_text(text)
    again = import_ssp(exported(ring, tmp_path / "r.ssp"), tmp_path / "again", ALGORITHMS)
    assert (tmp_path / "again" / "data" / "u.csv").read_text().startswith("time [s]")
    assert outputs(ring, tmp_path / "a").equals(outputs(again.scenario, tmp_path / "b"))


def changed(package, path, change, more=None):
    """Write ``package`` again with another SystemStructure.ssd, and ``more`` members."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(path, "w") as sink:
        for name in source.namelist():
            data = source.read(name)
            sink.writestr(name, change(data.decode()) if name.endswith(".ssd") else data)
        for name, data in (more or {}).items():
            sink.writestr(name, data)
    return path


def test_a_system_changed_elsewhere_is_not_taken_for_ours(ring, tmp_path):
    package = exported(ring, tmp_path / "ring.ssp")
    other = changed(package, tmp_path / "o.ssp", lambda text: text.replace('endConnector="u"', 'endConnector="x"', 1))
    with pytest.raises(StructureError, match=r"was changed after cosim wrote it.*--plain"):
        import_ssp(other, tmp_path / "again", ALGORITHMS)
    assert not (tmp_path / "again").exists()


HEAD = (
    '<ssd:SystemStructureDescription xmlns:ssd="http://ssp-standard.org/SSP1/SystemStructureDescription" '
    'xmlns:ssc="http://ssp-standard.org/SSP1/SystemStructureCommon" '
    'xmlns:ssv="http://ssp-standard.org/SSP1/SystemStructureParameterValues" version="{version}" name="plant">'
)


def component(name, more=""):
    return (
        f'<ssd:Component name="{name}" source="resources/lag.fmu"><ssd:Connectors>'
        '<ssd:Connector name="u" kind="input"><ssc:Real/></ssd:Connector>'
        '<ssd:Connector name="y" kind="output"><ssc:Real/></ssd:Connector></ssd:Connectors>'
        f"{more}</ssd:Component>"
    )


def wire(start, end, more="", extra=""):
    (a, x), (b, y) = (part.split(".") for part in (start, end))
    ends = "".join(f' {side}Element="{name}"' for side, name in (("start", a), ("end", b)) if name)
    return f'<ssd:Connection{ends} startConnector="{x}" endConnector="{y}"{extra}>{more}</ssd:Connection>'


NESTED = (
    '<ssd:System name="plant">'
    '<ssd:ParameterBindings><ssd:ParameterBinding source="resources/values.ssv">'
    '<ssd:ParameterMapping source="resources/names.ssm"/></ssd:ParameterBinding></ssd:ParameterBindings>'
    "<ssd:Elements>" + component("feed tank") + '<ssd:System name="line"><ssd:Connectors>'
    '<ssd:Connector name="in" kind="input"><ssc:Real/></ssd:Connector>'
    '<ssd:Connector name="out" kind="output"><ssc:Real/></ssd:Connector></ssd:Connectors>'
    "<ssd:Elements>"
    + component(
        "unit",
        '<ssd:ParameterBindings><ssd:ParameterBinding><ssd:ParameterValues><ssv:ParameterSet version="1.0" name="own">'
        '<ssv:Parameters><ssv:Parameter name="tau"><ssv:Real value="5"/></ssv:Parameter>'
        '<ssv:Parameter name="gain"><ssv:Real value="0.25"/></ssv:Parameter></ssv:Parameters></ssv:ParameterSet>'
        "</ssd:ParameterValues></ssd:ParameterBinding></ssd:ParameterBindings>",
    )
    + "</ssd:Elements><ssd:Connections>"
    + wire(".in", "unit.u")
    + wire("unit.y", ".out")
    + "</ssd:Connections></ssd:System></ssd:Elements><ssd:Connections>"
    + wire("feed tank.y", "line.in")
    + wire("line.out", "feed tank.u")
    + "</ssd:Connections></ssd:System>"
    '<ssd:DefaultExperiment startTime="0.0" stopTime="5.0"/></ssd:SystemStructureDescription>'
)
VALUES = (
    '<ssv:ParameterSet xmlns:ssv="http://ssp-standard.org/SSP1/SystemStructureParameterValues" version="1.0" name="v">'
    '<ssv:Parameters><ssv:Parameter name="slow"><ssv:Real value="0.5"/></ssv:Parameter></ssv:Parameters>'
    "</ssv:ParameterSet>"
)
NAMES = (
    '<ssm:ParameterMapping xmlns:ssm="http://ssp-standard.org/SSP1/SystemStructureParameterMapping" '
    'xmlns:ssc="http://ssp-standard.org/SSP1/SystemStructureCommon" version="1.0">'
    '<ssm:MappingEntry source="slow" target="line.unit.tau"><ssc:LinearTransformation factor="60"/></ssm:MappingEntry>'
    "</ssm:ParameterMapping>"
)


def package(tmp_path, body, version="1.0", head=HEAD, **members):
    fmu = build_lag(tmp_path / "lag.fmu")
    path = tmp_path / "plant.ssp"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("SystemStructure.ssd", head.replace("{version}", version) + body)
        archive.writestr("resources/lag.fmu", fmu.read_bytes())
        for name, text in members.items():
            archive.writestr(f"resources/{name.replace('_', '.')}", text)
    return path


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_foreign_package_with_systems_in_systems_and_a_mapping(tmp_path, version):
    path = package(tmp_path, NESTED, version, values_ssv=VALUES, names_ssm=NAMES)
    found = import_ssp(path, tmp_path / "plant", ALGORITHMS)
    text = found.scenario.read_text()
    assert '"feed_tank.y -> line_unit.u"' in text
    assert '"line_unit.y -> feed_tank.u"' in text
    assert '"tau": "30.0 s"' in text, "mapped, times 60, and stronger than what is said within"
    assert '"gain": 0.25' in text
    assert "duration: 5.0 s, step: 0.01 s" in text
    assert cosim.run(found.scenario, out=tmp_path / "r").outcome.status == "completed"


def flat(connections, more=""):
    return (
        '<ssd:System name="plant"><ssd:Elements>'
        + component("a")
        + component("b", more)
        + f"</ssd:Elements><ssd:Connections>{connections}</ssd:Connections></ssd:System>"
        "</ssd:SystemStructureDescription>"
    )


WRONG = {
    "half a table": (
        flat(wire("a.is_on", "b.enabled", '<ssc:BooleanMappingTransformation><ssc:MapEntry source="true" target="false"'
                  "/></ssc:BooleanMappingTransformation>")),
        "connection a.is_on → b.enabled has the value 'false', of which its table says nothing",
    ),
    "unknown item": (
        flat(wire("a.mode_out", "b.mode", '<ssc:EnumerationMappingTransformation><ssc:MapEntry source="follow" '
                  'target="halt"/></ssc:EnumerationMappingTransformation>')),
        "has the item 'halt'; known are hold, follow",
    ),
    "no dictionary": (
        flat("").replace("<ssd:Connections></ssd:Connections>", "").replace(
            "</ssd:Elements>", '<ssd:SignalDictionaryReference name="r" dictionary="bus"/></ssd:Elements>'),
        "refers to the signal dictionary 'bus', which there is not",
    ),
    "no such connector": (flat(wire("a.y", "b.nowhere")), "nowhere"),
    "no such element": (flat(wire("a.y", "c.u")), "c"),
    "outside": (flat(wire("a.y", "b.u")).replace("resources/lag.fmu", "../lag.fmu"), "not in the package"),
    "remote": (flat(wire("a.y", "b.u")).replace("resources/lag.fmu", "http://x.example/lag.fmu"), "not in the package"),
    "schema": (flat(wire("a.y", "b.u")).replace("startConnector", "startKonnector"), "does not follow the schema"),
    "values": (
        flat("", '<ssd:ParameterBindings><ssd:ParameterBinding source="resources/no.ssv"/></ssd:ParameterBindings>')
        .replace("<ssd:Connections></ssd:Connections>", ""),
        "'resources/no.ssv', which is not in",
    ),
    "not closed": ("<ssd:System name='plant'>", "not well-formed XML"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_a_sentence_and_leaves_nothing(tmp_path, body, message):
    with pytest.raises(CosimError, match=message):
        import_ssp(package(tmp_path, body), tmp_path / "plant", ALGORITHMS)
    assert not (tmp_path / "plant").exists()


def table(kind, **entries):
    listed = "".join(f'<ssc:MapEntry source="{a.strip("_")}" target="{b}"/>' for a, b in entries.items())
    return f"<ssc:{kind}MappingTransformation>{listed}</ssc:{kind}MappingTransformation>"


def run_flat(tmp_path, connections, parameters=""):
    """Import a system of two lags and run it for 1 s, with ``parameters`` in the scenario."""
    imported = import_ssp(package(tmp_path, flat(connections)), tmp_path / "plant", ALGORITHMS)
    text = imported.scenario.read_text()
    starts = "" if "parameters:" in text else "parameters:\n"
    imported.scenario.write_text(text.replace("phases:", f"{starts}{parameters}phases:"))
    return imported, cosim.run(imported.scenario, {}, out=tmp_path / "r").to_dataframe()


def test_what_connections_do_beyond_units_stands_between(tmp_path):
    wires = (
        wire("a.y", "b.u", '<ssc:LinearTransformation factor="2" offset="-1"/>')
        + wire("a.is_on", "b.enabled", table("Boolean", true="false", false="true"))
        + wire("a.level_out", "b.level", table("Integer", _0_="7", _1_="8"))
        + wire("a.mode_out", "b.mode", table("Enumeration", hold="follow", follow="hold"))
    )
    imported, found = run_flat(tmp_path, wires, "  a: {u: 10 mol/m3, x_start: 4 mol/m3}\n")
    assert (
        "4 connections do more than convert units: blocks of Between.mo stand between their ends." in imported.remarks
    )
    assert list(found["between_1.y"]) == list(2 * found["a.y"] - 1)
    assert set(found["b.is_on"]) == {not found["a.is_on"].iloc[0]}
    assert set(found["b.level_out"]) == {7.0}
    assert (set(found["a.mode_out"]), set(found["b.mode_out"])) == ({2.0}, {1.0})


def test_a_factor_that_the_units_give_needs_nothing_between(tmp_path):
    same = wire("a.y", "b.u", '<ssc:LinearTransformation factor="1"/>', ' suppressUnitConversion="true"')
    imported = import_ssp(package(tmp_path, flat(same)), tmp_path / "plant", ALGORITHMS)
    assert '"a.y -> b.u"' in imported.scenario.read_text()
    assert not list(imported.scenario.parent.glob("*.mo"))


def test_mapped_parameters_are_converted_first(tmp_path):
    names = (
        '<ssm:ParameterMapping xmlns:ssm="http://ssp-standard.org/SSP1/SystemStructureParameterMapping" '
        'xmlns:ssc="http://ssp-standard.org/SSP1/SystemStructureCommon" version="1.0">'
        '<ssm:MappingEntry source="wait" target="a.tau"><ssc:LinearTransformation factor="2" offset="1"/>'
        "</ssm:MappingEntry>"
        '<ssm:MappingEntry source="way" target="a.mode">' + table("Enumeration", fast="hold") + "</ssm:MappingEntry>"
        "</ssm:ParameterMapping>"
    )
    values = VALUES.replace(
        '<ssv:Parameter name="slow"><ssv:Real value="0.5"/></ssv:Parameter>',
        '<ssv:Parameter name="wait"><ssv:Real value="3" unit="min"/></ssv:Parameter>'
        '<ssv:Parameter name="way"><ssv:Enumeration value="fast"/></ssv:Parameter>',
    )
    body = flat(wire("a.y", "b.u")).replace(
        '<ssd:System name="plant">',
        '<ssd:System name="plant"><ssd:ParameterBindings><ssd:ParameterBinding source="resources/values.ssv">'
        '<ssd:ParameterMapping source="resources/names.ssm"/></ssd:ParameterBinding></ssd:ParameterBindings>',
    )
    path = package(tmp_path, body, names_ssm=names, values_ssv=values)
    text = import_ssp(path, tmp_path / "plant", ALGORITHMS).scenario.read_text()
    assert '"tau": "361.0 s"' in text, "3 min are 180 s, times 2 and 1 more"
    assert '"mode": "hold"' in text


def test_signals_of_a_dictionary_pass(tmp_path):
    references = "".join(f'<ssd:SignalDictionaryReference name="{name}" dictionary="bus"/>' for name in ("r1", "r2"))
    body = flat(wire("a.y", "r1.concentration") + wire("r2.concentration", "b.u"))
    body = body.replace("</ssd:Elements>", references + "</ssd:Elements>")
    body = body.replace("</ssd:System>", '<ssd:SignalDictionaries><ssd:SignalDictionary name="bus" '
                        'source="resources/bus.ssb"/></ssd:SignalDictionaries></ssd:System>')  # fmt: skip
    text = import_ssp(package(tmp_path, body), tmp_path / "plant", ALGORITHMS).scenario.read_text()
    assert '"a.y -> b.u"' in text
    twice = body.replace("</ssd:Connections>", wire("b.y", "r2.concentration") + "</ssd:Connections>")
    with pytest.raises(StructureError, match="concentration is driven twice"):
        read_ssp(package(tmp_path, twice))


INNER = (
    '<ssd:System name="line"><ssd:Connectors><ssd:Connector name="in" kind="input"><ssc:Real/></ssd:Connector>'
    "</ssd:Connectors><ssd:Elements>"
    + component("unit")
    + "</ssd:Elements><ssd:Connections>"
    + wire(".in", "unit.u")
    + "</ssd:Connections></ssd:System></ssd:SystemStructureDescription>"
)


def outer(kind, source):
    inner = f'<ssd:Component name="line" type="application/x-ssp-{kind}" source="{source}"/>'
    return flat(wire("a.y", "line.in")).replace("</ssd:Elements>", inner + "</ssd:Elements>")


@pytest.mark.parametrize("kind", ["definition", "package"])
def test_systems_in_files_of_their_own(tmp_path, kind):
    inner = HEAD.format(version="1.0") + INNER
    if kind == "definition":
        path = package(
            tmp_path, outer(kind, "resources/line.ssd"), line_ssd=inner.replace("resources/lag.fmu", "lag.fmu")
        )
    else:
        within = package(tmp_path, INNER).rename(tmp_path / "inner.ssp").read_bytes()
        path = package(tmp_path, outer(kind, "resources/line.ssp"), line_ssp=within)
    text = import_ssp(path, tmp_path / "plant", ALGORITHMS).scenario.read_text()
    assert '"a.y -> line_unit.u"' in text
    assert ("resources/line.ssp-resources-lag.fmu" in text) == (kind == "package")


def test_a_system_within_itself_ends(tmp_path):
    body = outer("definition", "SystemStructure.ssd")
    with pytest.raises(StructureError, match="more than 16 systems within systems"):
        read_ssp(package(tmp_path, body))


def test_systems_that_multiply_end(tmp_path):
    def level(number):
        parts = "".join(
            f'<ssd:Component name="s{i}" type="application/x-ssp-definition" source="l{number}.ssd"/>' for i in range(9)
        )
        return (
            f'<ssd:System name="l"><ssd:Elements>{parts}</ssd:Elements></ssd:System></ssd:SystemStructureDescription>'
        )

    head = HEAD.format(version="1.0")
    files = {f"l{number}_ssd": head + level(min(number + 1, 5)) for number in range(1, 6)}
    files["l5_ssd"] = head + flat(wire("a.y", "b.u")).replace("resources/lag.fmu", "lag.fmu")
    with pytest.raises(StructureError, match="more than 1000 systems"):
        read_ssp(package(tmp_path, level(1).replace("l1.ssd", "resources/l1.ssd"), **files))


def test_types_and_gaps_of_version_2(tmp_path):
    own = (
        '<ssd:ParameterBindings><ssd:ParameterBinding><ssd:ParameterValues><ssv:ParameterSet version="2.0" name="own">'
        '<ssv:Parameters><ssv:Parameter name="tau"><ssv:Float64 value="0.5" unit="min"/></ssv:Parameter>'
        '<ssv:Parameter name="fault_at"><ssv:Int32 value="3"/></ssv:Parameter></ssv:Parameters></ssv:ParameterSet>'
        "</ssd:ParameterValues></ssd:ParameterBinding></ssd:ParameterBindings>"
    )
    body = flat(wire("a.y", "b.u"), own).replace("<ssc:Real/>", "<ssc:Float64/>")
    text = import_ssp(package(tmp_path, body, "2.0"), tmp_path / "plant", ALGORITHMS).scenario.read_text()
    assert '"tau": "0.5 min"' in text
    assert '"fault_at": 3' in text
    for part in ('startConnector="y" ', 'name="a" '):
        with pytest.raises(StructureError, match=r"<\w+> in line \d+ of '.*plant.ssp' has no "):
            read_ssp(package(tmp_path, body.replace(part, "", 1), "2.0"))
    with pytest.raises(StructureError, match="has no <System>"):
        read_ssp(package(tmp_path, "</ssd:SystemStructureDescription>", "2.0"))


def hostile(tmp_path, deed):
    path = package(tmp_path, flat(wire("a.y", "b.u")))
    if deed == "damaged":
        data = bytearray(path.read_bytes())
        place = data.index(b"lag.fmu") + 2000
        data[place : place + 200] = bytes(200)
        path.write_bytes(data)
        return path
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        if deed == "escape":
            archive.writestr("../outside.txt", "x")
        elif deed == "link":
            info = zipfile.ZipInfo("resources/link")
            info.create_system, info.external_attr = 3, 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
        elif deed == "bomb":
            archive.writestr("resources/zeros", bytes(100 << 20))
    return path


HOSTILE = {
    "escape": r"Package '.*plant.ssp'.*\.\./outside.txt",
    "link": r"Package '.*plant.ssp'.*link",
    "bomb": r"Package '.*plant.ssp'.*times",
    "damaged": r"Package '.*plant.ssp' is damaged",
}


@pytest.mark.parametrize(("deed", "message"), HOSTILE.items(), ids=HOSTILE)
def test_hostile_packages_are_refused_in_a_sentence(tmp_path, deed, message):
    with pytest.raises(StructureError, match=message):
        import_ssp(hostile(tmp_path, deed), tmp_path / "plant", ALGORITHMS)
    assert not (tmp_path / "plant").exists()
    assert not (tmp_path / "outside.txt").exists()


def test_a_package_too_large_to_read(tmp_path, monkeypatch):
    monkeypatch.setattr("cosim.interchange.ssp_archive.LARGEST_PACKAGE", 1000)
    with pytest.raises(StructureError, match=r"unpacks to .* GB, more than the 1e-06 GB"):
        read_ssp(package(tmp_path, flat(wire("a.y", "b.u"))))


def test_entities_do_not_fill_the_memory(tmp_path):
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    head = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>' + HEAD.replace('name="plant"', 'name="&e11;"')
    with pytest.raises(StructureError, match=r"document type definition|not well-formed"):
        read_ssp(package(tmp_path, flat(wire("a.y", "b.u")), head=head))


def test_entities_are_refused(tmp_path):
    head = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + HEAD
    with pytest.raises(StructureError, match="document type definition"):
        read_ssp(package(tmp_path, flat(wire("a.y", "b.u")), head=head))


def test_no_package_at_all(tmp_path):
    text = tmp_path / "x.ssp"
    text.write_text("hello")
    with pytest.raises(StructureError, match="not an SSP package"):
        read_ssp(text)
    fmu = build_lag(tmp_path / "lag.fmu")
    with pytest.raises(StructureError, match="not a System Structure Package"):
        read_ssp(fmu)


def test_a_folder_with_something_in_it_is_left_alone(ring, tmp_path):
    package = exported(ring, tmp_path / "ring.ssp")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(StructureError, match="not empty"):
        import_ssp(package, tmp_path / "full", ALGORITHMS)
    assert [item.name for item in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_data_as_a_component_cannot_be_exported(ring, tmp_path, capsys):
    (tmp_path / "d.csv").write_text("time [s],y\n0,1\n10,2\n")
    ring.write_text(RING.replace("other: {source: lag.fmu}", "other: {source: csv:d.csv}").replace(
        "  - one.y -> other.u\n", "").replace("  other: {tau: 1 min, x_start: 3 mol/m3}\n", ""))  # fmt: skip
    assert run_app(["export", str(ring), "--ssp", "--out", str(tmp_path / "o.ssp")]) == 2
    assert "'other' is csv data, which SSP has no component for" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "o.ssp").exists()


def test_mapped_names_travel(ring, tmp_path):
    (tmp_path / "names.csv").write_text("name,vendor,unit\nsignal,y,kmol/m3\n")
    ring.write_text(RING.replace("one:   {source: lag.fmu}", "one: {source: lag.fmu, map: names.csv}").replace(
        "one.y ->", "one.signal ->").replace("record: [one.y, other.y]", "record: [one.signal, other.y]"))  # fmt: skip
    path = exported(ring, tmp_path / "o.ssp")
    root = etree.fromstring(zipfile.ZipFile(path).read("SystemStructure.ssd"))
    into = {one.get("endElement"): one for one in root.iterfind(".//{*}Connection")}["other"]
    assert into.get("startConnector") == "y", "what the FMU calls it"
    assert float(into[0].get("factor")) == 1000.0, "only the map knows"
    before = outputs(ring, tmp_path / "a")
    again = import_ssp(path, tmp_path / "again", ALGORITHMS)
    assert outputs(again.scenario, tmp_path / "b").equals(before)
    plain = import_ssp(path, tmp_path / "plain", ALGORITHMS, plain=True).scenario
    plain.write_text(
        plain.read_text().replace("step: 0.02 s", "step: 0.1 s").replace("phases:", "algorithm: jacobi\nphases:")
    )
    text = plain.read_text()
    assert '"one.y -> between_' in text
    assert "factor: 1000.0" in text


def test_time_in_hours_cannot_be_exported(ring, tmp_path):
    (tmp_path / "names.csv").write_text("name,vendor,unit\ntime,time,h\n")
    ring.write_text(RING.replace("one:   {source: lag.fmu}", "one: {source: lag.fmu, map: names.csv}"))
    with pytest.raises(CosimError, match="'one' counts its time in another unit than seconds"):
        exported(ring, tmp_path / "o.ssp")


def test_streams_and_structure_travel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fmus").mkdir()
    (tmp_path / "Pipes.mo").write_text(PIPES)
    scenario = tmp_path / "pipes.yaml"
    scenario.write_text(
        "scenario: pipes\ncomponents:\n  feed: {source: modelica:Pipes.Feed}\n"
        "  tank: {source: modelica:Pipes.Tank, structure: {n: 3}}\nstreams: [feed.outlet => tank.inlet]\n"
        "phases:\n  run: {active: [feed, tank], duration: 1 h, step: 1 min}\nledger: {tolerance: 1}\n"
    )
    path = exported(scenario, tmp_path / "pipes.ssp")
    root = etree.fromstring(zipfile.ZipFile(path).read("SystemStructure.ssd"))
    assert not list(root.iter("{*}LinearTransformation")), "units alone tell how"
    again = import_ssp(path, tmp_path / "again", ALGORITHMS).scenario
    assert "structure: {n: 3}" in again.read_text()
    assert outputs(again, tmp_path / "b").equals(outputs(scenario, tmp_path / "a"))
    again.write_text(again.read_text().replace("n: 3", "n: 4"))
    with pytest.raises(CosimError, match=r"'structure', which needs a 'modelica:' source to rebuild: '.*fmu' was not"):
        cosim.run(again, {}, out=tmp_path / "c")
    plain = import_ssp(path, tmp_path / "plain", ALGORITHMS, plain=True).scenario
    assert '"feed.outlet => tank.inlet"' in plain.read_text()
    plain.write_text(plain.read_text() + "ledger: {tolerance: 1}\n")
    found = cosim.run(plain, {}, out=tmp_path / "d").to_dataframe()
    assert found["tank.volume"].iloc[-1] == pytest.approx(0.1, rel=1e-6), "100 L/h for an hour, converted"


def test_say_as_what(ring, capsys):
    assert run_app(["export", str(ring)]) == 2
    assert "--ssp" in capsys.readouterr().err
