"""What a release says of its main file, as simulation resource meta data that other tools read."""

import hashlib
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

import pytest
from fmu_factory import build_lag
from released import FILE, make_workplace

from cosim.cli.app import run_app
from cosim.errors import ReleaseError
from cosim.release.crate import write_crate
from cosim.release.srmd import SRMD, STC, file_name_of, srmd_of

ATTRIBUTES = {
    "version", "name", "data", "checksum", "checksumType", "id", "description", "author", "fileversion", "copyright",
    "license", "generationTool", "generationDateAndTime",
}  # fmt: skip
"""Those that the schema allows: SRMD.xsd of SSP Traceability 1.0, ABaseElement and ATopLevelMetaData of SSP 1.0."""


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    return make_workplace(tmp_path, monkeypatch)


def validated(data):
    """Return the attributes, and the entries of each classification, of a file that follows the schema."""
    root = ElementTree.fromstring(data)
    assert root.tag == f"{{{SRMD}}}SimulationResourceMetaData"
    assert {"version", "name"} <= set(root.attrib) <= ATTRIBUTES
    assert re.fullmatch(r"[0-9]+[.][0-9]+([.][0-9]+)?(-.*)?", root.attrib["version"])
    assert re.fullmatch("([0-9a-f]{2})*", root.attrib["checksum"])
    assert root.attrib["checksumType"] == "SHA3-256"
    assert datetime.fromisoformat(root.attrib["generationDateAndTime"]).tzinfo
    found = {}
    for classification in root:
        assert classification.tag == f"{{{STC}}}Classification"
        assert set(classification.attrib) == {"type"}
        entries = found.setdefault(classification.attrib["type"], [])
        for entry in classification:
            assert entry.tag == f"{{{STC}}}ClassificationEntry"
            assert set(entry.attrib) == {"keyword"}
            entries.append((entry.attrib["keyword"], entry.text))
    return root.attrib, found


def test_an_approved_release(workplace):
    title = workplace.approved()
    release = workplace.registry.release(title)
    attributes, found = validated(srmd_of(workplace.registry, release, "model.fmu"))
    content = (workplace.folder / "model.fmu").read_bytes()
    assert attributes["checksum"] == hashlib.sha3_256(content).hexdigest()
    assert (attributes["name"], attributes["author"], attributes["data"]) == (title, "Linus Pauling", "model.fmu")
    model, ours = found.values()
    assert ("model.releasestatus", "approved") in model
    assert ("model.purpose", "Offline studies") in model
    assert ("model.limitations", "not above 40 degC") in model
    assert ("model.validation.status", "true") in model
    assert ("sha256", hashlib.sha256(content).hexdigest()) in ours
    assert ("parameter.x.mu_max", "0.04 1/h (batch 12)") in ours
    assert next(text for keyword, text in ours if keyword == "approval").startswith("Grace Hopper ")


def test_a_retired_release_was_released_when_it_was_approved(workplace):
    title = workplace.approved()
    approved = workplace.registry.release(title).events[-1].time[:10]
    workplace.sign(title, "retire", "grace", reason="was wrong")
    release = workplace.registry.release(title)
    later = replace(release.events[-1], time="2099-01-01T00:00:00+00:00")
    _, found = validated(srmd_of(workplace.registry, replace(release, events=(*release.events[:-1], later)), "x"))
    model = dict(found["de.setlevel.srmd.model-meta-data"])
    assert (model["model.releasestatus"], model["model.releasedate"]) == ("retired", approved)


def test_a_draft_with_a_deviation_and_characters_that_xml_does_not_have(workplace):
    text = FILE.replace("Offline studies", '"\\x01 <&> ü"').replace("x.mu_max", '"x\\x01mu_max"')
    title = workplace.create(text=text)
    workplace.sign(title, "deviation", "grace", {"gate": "regression"}, "a tolerance was wrong")
    _, found = validated(srmd_of(workplace.registry, workplace.registry.release(title), "x"))
    model, ours = found.values()
    assert ("model.purpose", "\ufffd <&> ü") in model
    assert ("model.verification.status", "false") in model
    assert "model.releasedate" not in dict(model)
    assert ours[3][0] == "parameter.x\ufffdmu_max"
    assert next(text for keyword, text in ours if keyword == "deviation.regression").endswith("a tolerance was wrong")


def test_a_changed_file_is_not_described(workplace):
    title = workplace.create()
    release = workplace.registry.release(title)
    file = workplace.registry.objects.path(release.hashes["model.fmu"])
    file.chmod(0o644)
    file.write_bytes(b"another")
    with pytest.raises(ReleaseError, match="has been changed"):
        srmd_of(workplace.registry, release, "model.fmu")


def test_names():
    assert file_name_of("fmus/reactor.fmi2.fmu") == "fmus/reactor.fmi2.srmd"
    assert file_name_of("manifest.json") == "manifest.srmd"


def test_the_archive_of_a_release_has_it(workplace):
    write_crate(workplace.registry, workplace.approved(), workplace.folder / "out.zip")
    with zipfile.ZipFile(workplace.folder / "out.zip") as archive:
        attributes, _ = validated(archive.read("srmd/model.srmd"))
        assert archive.read(f"srmd/{attributes['data']}".replace("srmd/../", ""))


def test_the_package_of_a_system_has_it_beside_the_fmu(workplace):
    build_lag(workplace.folder / "model.fmu")
    workplace.create()
    (workplace.folder / "lag.yaml").write_text(
        'scenario: lag\ncomponents: {lag: {source: "release:reactor@1.0.0", host: inline}}\n'
        "phases: {run: {active: [lag], duration: 2 s, step: 1 s}}\n"
    )
    assert run_app(["export", "lag.yaml", "--ssp", "--out", "lag.ssp"]) == 0
    with zipfile.ZipFile(workplace.folder / "lag.ssp") as package:
        attributes, _ = validated(package.read("resources/lag.srmd"))
        content = package.read(f"resources/{attributes['data']}")
    assert hashlib.sha3_256(content).hexdigest() == attributes["checksum"]
