"""A release as an archive: every file named, every reference there, nothing outside."""

import hashlib
import json
import zipfile

import pytest
from released import make_workplace

from cosim.errors import ReleaseError
from cosim.release import crate as crate_module
from cosim.release.crate import write_crate


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    return make_workplace(tmp_path, monkeypatch)


def written(workplace, title):
    write_crate(workplace.registry, title, workplace.folder / "out.zip")
    with zipfile.ZipFile(workplace.folder / "out.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_archive_of_a_release(workplace):
    title = workplace.approved()
    files = written(workplace, title)
    document = json.loads(files["ro-crate-metadata.json"])
    entities = {entity["@id"]: entity for entity in document["@graph"]}
    root = entities["./"]
    assert (root["name"], root["creativeWorkStatus"], root["mainEntity"]) == (
        title,
        "approved",
        {"@id": "files/model.fmu"},
    )
    assert {part["@id"] for part in root["hasPart"]} == files.keys() - {"ro-crate-metadata.json"}
    for entity in entities.values():
        for key in ("agent", "author", "object", "about"):
            assert entity.get(key, {"@id": "./"})["@id"] in entities
    for name, data in files.items():
        if name.startswith("files/"):
            assert entities[name]["sha256"] == hashlib.sha256(data).hexdigest()
    assert sum(name.startswith("records/releases") for name in files) == 6
    assert sum(name.startswith("records/people") for name in files) == 4
    assert entities["#grace"]["name"] == "Grace Hopper"
    first = (workplace.folder / "out.zip").read_bytes()
    written(workplace, title)
    assert (workplace.folder / "out.zip").read_bytes() == first


def test_names_with_spaces_are_identifiers(workplace):
    title = workplace.create()
    (workplace.folder / "to see.txt").write_text("x")
    workplace.add_files(title, "to see.txt")
    files = written(workplace, title)
    assert "files/to see.txt" in files
    identifiers = {entity["@id"] for entity in json.loads(files["ro-crate-metadata.json"])["@graph"]}
    assert "files/to%20see.txt" in identifiers


def test_its_history_as_prov(workplace):
    title = workplace.approved()
    document = json.loads(written(workplace, title)["prov.json"])
    events = workplace.registry.events(title)
    assert list(document["activity"]) == [f"cosim:record/{event.hash}" for event in events]
    for relation, keys in {
        "used": {"prov:activity": "activity", "prov:entity": "entity"},
        "wasAssociatedWith": {"prov:activity": "activity", "prov:agent": "agent"},
        "wasInformedBy": {"prov:informed": "activity", "prov:informant": "activity"},
        "wasGeneratedBy": {"prov:entity": "entity", "prov:activity": "activity"},
        "hadMember": {"prov:collection": "entity", "prov:entity": "entity"},
    }.items():
        assert document[relation], relation
        for one in document[relation].values():
            for key, kind in keys.items():
                assert one[key] in document[kind]


def test_a_path_that_an_author_has_forged_is_not_packed(workplace, monkeypatch):
    title = workplace.create()
    release = workplace.registry.release(title)
    digest = release.hashes["model.fmu"]
    content = [{"path": "../../etc/evil", "role": "evidence", "sha256": digest, "size": 1}]
    workplace.sign(title, "evidence", "linus", {"content": content})
    with pytest.raises(ReleaseError, match=r"holds a file '\.\./\.\./etc/evil', which is no path below a folder"):
        written(workplace, title)


def test_what_is_refused(workplace, monkeypatch):
    title = workplace.create()
    with pytest.raises(ReleaseError, match=r"A crate is a \.zip file, not 'out\.tar'"):
        write_crate(workplace.registry, title, workplace.folder / "out.tar")
    monkeypatch.setattr(crate_module, "_LARGEST", 10)
    with pytest.raises(ReleaseError, match="is longer than the 10 bytes read here"):
        written(workplace, title)
