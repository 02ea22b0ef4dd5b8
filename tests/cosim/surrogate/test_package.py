"""Packages: read back as written; altered, hostile or half ones are refused with a sentence."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from taught import packaged

from cosim.errors import FmuError, ResultError
from cosim.surrogate.package import CARD, DESCRIPTION, MANIFEST, WEIGHTS, read_package, write_package
from cosim.surrogate.weights import read_weights, write_weights

pytest.importorskip("safetensors", reason="needs safetensors")


@pytest.fixture
def folder(tmp_path):
    return packaged(tmp_path / "package")


def seal(folder):
    """Write the manifest anew, as whoever wants to deceive would."""
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (DESCRIPTION, WEIGHTS, CARD)}
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest |= {"files": hashes, "sha256": hashlib.sha256(listed.encode()).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def describe(folder, change):
    document = json.loads((folder / DESCRIPTION).read_text())
    change(document)
    (folder / DESCRIPTION).write_text(json.dumps(document))
    seal(folder)


def test_it_comes_back(folder):
    package = read_package(folder)
    assert package.name == "tiny"
    assert package.step == 60.0
    assert package.input_names == ("u",)
    assert package.sha256 == json.loads((folder / MANIFEST).read_text())["sha256"]


@pytest.mark.parametrize("name", [DESCRIPTION, WEIGHTS, CARD])
def test_every_altered_file_is_found(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(FmuError, match=f"'{name}' of the surrogate in '.*' was altered after it was made"):
        read_package(folder)


def test_an_altered_manifest_is_found(folder):
    text = (folder / MANIFEST).read_text()
    manifest = json.loads(text)
    (folder / MANIFEST).write_text(text.replace(manifest["sha256"], "0" * 64))
    with pytest.raises(FmuError, match=f"'{MANIFEST}' of the surrogate in '.*' was altered"):
        read_package(folder)


@pytest.mark.parametrize("name", [MANIFEST, DESCRIPTION, WEIGHTS, CARD])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(FmuError, match=rf"The surrogate in '.*' has no file '{name}'\. Restore the package"):
        read_package(folder)


def test_a_link_to_elsewhere_is_no_file(folder, tmp_path):
    shutil.move(folder / CARD, tmp_path / "elsewhere")
    (folder / CARD).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FmuError, match=f"has no file '{CARD}'"):
        read_package(folder)


def test_other_files_are_not_accepted(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"]["../secret"] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(FmuError, match="lists other files than a package has"):
        read_package(folder)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 9_000, "is no JSON"),
        ('{"a": NaN}', "is no JSON: NaN is no number"),
        ("[]", "should hold an object"),
        ("\xff", "is no package"),
    ],
    ids=["deep", "NaN", "list", "text"],
)
def test_hostile_json_is_refused(folder, text, why):
    (folder / MANIFEST).write_bytes(text.encode("latin-1") if text != "\xff" else b"{}")
    with pytest.raises(FmuError, match=why):
        read_package(folder)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.pop("domain"), "lacks 'domain'"),
        (lambda d: d["architecture"].update(name="oracle"), "lacks 'oracle'"),
        (lambda d: d["architecture"]["facts"].update(width="wide"), r"its description asks for .*'wide'"),
        (lambda d: d["architecture"]["facts"].update(width=10**9), r"has the shape .*, and its description asks for"),
        (lambda d: d["architecture"]["facts"].update(varied=[7]), r"does not fit together"),
        (lambda d: d["architecture"]["facts"].update(memory=10**15), r"its description asks for"),
        (lambda d: d["architecture"]["facts"]["readouts"][0].update(kind="quantity", a=9), r"does not fit together"),
        (lambda d: d["architecture"]["facts"].update(step_size=0.0), r"its step is 0\.0 s"),
        (lambda d: d.update(inputs=["v"]), r"'v' is not in its interface"),
        (lambda d: d.update(interface=[]), r"does not fit together"),
        (lambda d: d["domain"].update(coordinates={}), r"does not fit together"),
        (lambda d: d.update(handover={"places": {"99": 0}, "time": 0, "fresh": {}}), r"names places that are not"),
    ],
    ids=["lack", "unknown", "kind", "huge", "place", "memory", "readout", "step", "name", "list", "empty", "handover"],
)
def test_a_description_that_does_not_fit_is_refused(folder, change, why):
    describe(folder, change)
    with pytest.raises(FmuError, match=why):
        read_package(folder)


def test_weights_of_another_shape_are_refused(folder):
    tensors = read_weights(folder / WEIGHTS)
    write_weights(folder / WEIGHTS, tensors | {"map.0.bias": np.zeros((1, 1, 3))})
    seal(folder)
    with pytest.raises(FmuError, match=r"Tensor 'map\.0\.bias' .* has the shape \(1, 1, 3\), and its description asks"):
        read_package(folder)


def test_missing_weights_are_named(folder):
    tensors = read_weights(folder / WEIGHTS)
    del tensors["map.1.weight"]
    write_weights(folder / WEIGHTS, tensors)
    seal(folder)
    with pytest.raises(FmuError, match=r"lack 'map\.1\.weight'"):
        read_package(folder)


def test_nothing_else_is_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ResultError, match="is there and is no package of a surrogate"):
        write_package(tmp_path, {}, {}, "")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_package_replaces_an_older_one_and_leaves_nothing_beside_it(folder):
    packaged(folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    read_package(folder)
