"""An installation qualification tells what is installed, finds what was changed, and tests what works."""

import base64
import hashlib
import json
from importlib import metadata

import pytest

from cosim.audit import ed25519
from cosim.cli.app import run_app
from cosim.errors import ResultError
from cosim.qualification import installed, record, self_tests
from cosim.qualification.installed import Package, digest_of, own_files
from cosim.qualification.self_tests import SelfTest


def test_self_tests_pass_here_but_the_flowsheet(monkeypatch):
    monkeypatch.delitem(self_tests._TESTS, "flowsheet")
    found = self_tests.run_self_tests()
    assert [(test.name, test.state) for test in found] == [
        (name, "passed") for name in ("hashing", "signatures", "units", "audit trail", "disk")
    ]


def test_a_self_test_that_fails_says_so(monkeypatch):
    def broken():
        raise ResultError("it cannot be written.")

    monkeypatch.setattr(self_tests, "_TESTS", {"one": broken, "two": lambda: None})
    assert [(test.state, test.text) for test in self_tests.run_self_tests()] == [
        ("failed", "it cannot be written."),
        ("left out", "cryptography is not installed"),
    ]


def test_signatures_are_left_out_without_what_signs(monkeypatch):
    monkeypatch.setattr(self_tests, "can_sign", lambda: False)
    assert self_tests._signatures() is None
    assert ed25519.can_sign()


def test_the_shipped_scenario_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert self_tests._flowsheet().startswith("the scenario hello: final(reactor.titre) >= 0.5 g/L is 0.8375")


def write_distribution(folder, content):
    listed = base64.urlsafe_b64encode(hashlib.sha256(b"as published").digest()).decode().rstrip("=")
    (folder / "some_thing.py").write_bytes(content)
    info = folder / "some_thing-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-thing\nVersion: 1.2\n")
    (info / "RECORD").write_text(f"some_thing.py,sha256={listed},12\ngone.py,sha256={listed},1\n")
    return metadata.Distribution.at(info)


def test_files_that_were_changed_are_found(tmp_path):
    found = installed._package(write_distribution(tmp_path, b"as published"))
    assert found == Package("some-thing", "1.2", 2, ("gone.py (missing)",))
    (tmp_path / "some_thing.py").write_bytes(b"as changed")
    changed = installed._package(metadata.Distribution.at(tmp_path / "some_thing-1.2.dist-info"))
    assert changed.changed == ("some_thing.py", "gone.py (missing)")


def test_cosim_itself_has_one_hash():
    files = own_files()
    assert "audit/chain.py" in files
    assert digest_of(files) != digest_of({**files, "audit/chain.py": "00" * 32})


@pytest.mark.parametrize(
    ("state", "changed", "finding", "code"),
    [("passed", (), "good", 0), ("failed", (), "good", 1), ("passed", ("a.py",), "good", 1)],
)
def test_the_record_is_written_and_judged(tmp_path, monkeypatch, capsys, state, changed, finding, code):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(record, "run_self_tests", lambda: [SelfTest("disk", state, "<b>bold</b>", 0.1)])
    monkeypatch.setattr(record, "packages", lambda: [Package("numpy", "2", 3, changed)])
    assert run_app(["doctor", "--iq", "iq.json"]) == code
    told = json.loads((tmp_path / "iq.json").read_text())
    assert (told["good"], told["packages"][0]["name"]) == (code == 0, "numpy")
    assert {"host", "system", "cores"} <= told["machine"].keys()
    assert ("changed since it was published: numpy: a.py" in capsys.readouterr().out) == bool(changed)
    assert run_app(["doctor", "--iq", "iq.html"]) == code
    assert "&lt;b&gt;bold" in (tmp_path / "iq.html").read_text()
    assert run_app(["doctor", "--iq", "iq.txt"]) == 3
