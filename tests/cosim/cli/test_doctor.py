"""`cosim doctor` tells what is there and what to do about what is not."""

import json
import shutil

from cosim.cli.app import run_app


def test_a_good_machine(capfd):
    code = run_app(["doctor", "--json"])
    findings = {finding["subject"]: finding for finding in json.loads(capfd.readouterr().out)}
    assert code == 0, findings
    assert findings["numpy"]["state"] == "good"
    assert findings["BioProcess library"]["state"] == "good"


def test_without_a_compiler_it_says_what_to_install(capfd, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run_app(["doctor"]) == 1
    printed = capfd.readouterr().out
    assert "✗ C compiler" in printed
    assert "install gcc or clang, or pip install 'bioprocess-cosim[cross]'" in printed
