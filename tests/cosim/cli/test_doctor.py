"""`cosim doctor` tells what is there and what to do about what is not."""

import json
import shutil

import pytest

from cosim import native
from cosim.cli.app import run_app


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """Nothing compiled before counts, in the folder or in the process."""
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path))
    native.load.cache_clear()
    yield
    native.load.cache_clear()


def test_a_token_in_the_environment(capfd, monkeypatch):
    monkeypatch.setenv("COSIM_TOKEN", "short")
    assert run_app(["doctor"]) == 0
    printed = " ".join(capfd.readouterr().out.split())
    assert "· FMUs at servers The token in COSIM_TOKEN is not one line of 20 to 1000 characters" in printed
    monkeypatch.setenv("COSIM_TOKEN", "x" * 20)
    run_app(["doctor"])
    assert "✓ FMUs at servers encrypted; the environment has a token" in " ".join(capfd.readouterr().out.split())


def test_a_good_machine(capfd):
    code = run_app(["doctor", "--json"])
    findings = {finding["subject"]: finding for finding in json.loads(capfd.readouterr().out)}
    assert code == 0, findings
    assert findings["numpy"]["state"] == "good"
    assert findings["BioProcess library"]["state"] == "good"


@pytest.mark.skipif(native.find_compiler() is None, reason="needs a C compiler")
def test_the_kernel_is_compiled_to_see_whether_it_can_be(capfd, empty_cache):
    run_app(["doctor"])
    assert "✓ C kernel              compiled for this machine" in capfd.readouterr().out


def test_a_kernel_that_cannot_be_compiled_is_no_reason_to_stop(capfd, monkeypatch, empty_cache):
    monkeypatch.setattr(native, "find_compiler", lambda: ("false",))
    assert run_app(["doctor"]) == 0
    assert "· C kernel              it could not be compiled" in capfd.readouterr().out


def test_without_a_compiler_it_says_what_to_install(capfd, monkeypatch, empty_cache):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run_app(["doctor"]) == 1
    printed = capfd.readouterr().out
    assert "✗ C compiler" in printed
    assert "· C kernel              no C compiler; FMUs are stepped in Python" in printed
    assert "install gcc or clang, or pip install 'bioprocess-cosim[cross]'" in printed
