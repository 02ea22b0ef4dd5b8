"""A network in the place of an FMU, from the training file to the result of a scenario."""

import shutil

import numpy as np
import pytest
from released import make_workplace
from taught import scenario

import cosim
from cosim.errors import CosimError

WITHOUT = ("surrogates:\n  reactor: {package: surrogates/small_reactor, although_slower: true}\n", "")


def test_it_is_near_the_fmu_on_runs_it_has_not_seen(taught):
    assert taught.metrics["titre, NRMSE, median"] < 0.05
    assert taught.n_failed == 0


def test_a_scenario_runs_with_it_and_the_ledger_closes(taught, folder, tmp_path):
    with_network = cosim.run(scenario(folder), out=tmp_path / "network")
    with_fmu = cosim.run(scenario(folder, WITHOUT), out=tmp_path / "fmu")
    assert with_network.status == "completed"
    own, theirs = with_network["reactor.titre"].values, with_fmu["reactor.titre"].values
    assert np.max(np.abs(own - theirs)) < 0.05 * np.max(theirs)
    assert not np.array_equal(own, theirs)
    assert max(item.units["reactor"].closure for item in with_network.outcome.ledger.values()) < 1e-12
    provenance = (tmp_path / "network" / "run.json").read_text(encoding="utf-8")
    assert f"replaced by the surrogate 'small_reactor' (sha256 {taught.package.sha256})" in provenance


def test_a_package_that_is_released(folder, tmp_path, monkeypatch):
    workplace = make_workplace(tmp_path, monkeypatch)
    shutil.copytree(folder / "surrogates" / "small_reactor", tmp_path / "net")
    text = "release: net\nversion: '1'\nkind: surrogate\nintended_use: x\nmain: net/manifest.json\n"
    workplace.create(text=f"{text}content: {{{{surrogate: [net]}}}}\n")
    path = scenario(folder, ("package: surrogates/small_reactor", 'package: "release:net@1"'))
    path = path.rename(tmp_path / path.name)
    assert "Surrogate of 'reactor': The release net@1 is draft, not approved." in cosim.check(path).warnings
    workplace.sign("net@1", "retire", "grace", reason="It was wrong.")
    with pytest.raises(CosimError, match=r"Surrogate of 'reactor': net@1 was retired by Grace Hopper: It was wrong"):
        cosim.check(path)


def test_it_does_not_replace_what_takes_no_time(folder):
    path = scenario(folder, (", although_slower: true", ""))
    with pytest.raises(CosimError, match=r"it would not pay\. A step of 3600 s takes the FMU \d+ µs and the surrogate"):
        cosim.check(path)


def test_a_parameter_outside_its_range_is_refused(folder):
    with pytest.raises(
        CosimError, match=r"reactor\.mu_max is 1\.38889e-05 1/s, and its surrogate was trained from 9\.44444e-06"
    ):
        cosim.check(scenario(folder), {"reactor.mu_max": "0.05 1/h"})


def test_a_parameter_that_did_not_vary_is_refused(folder):
    with pytest.raises(CosimError, match=r"reactor\.volume_start is 1 m3, and its surrogate was trained with 1\.5 m3"):
        cosim.check(scenario(folder), {"reactor.volume_start": "1000 L"})


def test_a_step_that_is_too_long_is_refused(folder):
    path = scenario(folder, ("step: 1 h", "step: 2 h"))
    with pytest.raises(CosimError, match=r"In phase 'batch' the step of 'reactor' is 2 h, and its surrogate was train"):
        cosim.check(path)


def test_another_fmu_is_refused(folder):
    path = scenario(folder, ("  reactor: {package", "  feeder: {package"))
    with pytest.raises(CosimError, match=r"Surrogate of 'feeder': it was trained on an FMU with the SHA-256"):
        cosim.check(path)


def test_an_unknown_component_is_named(folder):
    path = scenario(folder, ("  reactor: {package", "  reaktor: {package"))
    with pytest.raises(
        CosimError, match=r"'surrogates' names 'reaktor', which is no component\. Do you mean 'reactor'"
    ):
        cosim.check(path)


def test_leaving_the_domain_hands_over_to_the_fmu(folder, tmp_path):
    """A large feed on the second day is far outside; afterwards it is inside again."""
    changes = (
        "  feeder: {first: 1 d}",
        "  feeder: {first: 1 d, interval: 1000 d, target: 300 mmol/L, dose_max: 300 L}",
    )
    with_network = cosim.run(scenario(folder, changes), out=tmp_path / "network")
    with_fmu = cosim.run(scenario(folder, changes, WITHOUT), out=tmp_path / "fmu")
    switches = [text for text in with_network.outcome.warnings if text.startswith("Switch 1:")]
    assert len(switches) == 1
    assert "goes on with its FMU, from the state of the surrogate: " in switches[0]
    own, theirs = with_network["reactor.glucose"].values, with_fmu["reactor.glucose"].values
    assert np.max(np.abs(own - theirs)) < 0.02 * np.max(theirs)
    assert max(item.units["reactor"].closure for item in with_network.outcome.ledger.values()) < 1e-9


def test_the_policy_stop_ends_the_run(folder, tmp_path):
    path = scenario(
        folder,
        ("although_slower: true", "although_slower: true, policy: stop"),
        ("  feeder: {first: 1 d}", "  feeder: {first: 1 d, target: 300 mmol/L, dose_max: 300 L}"),
    )
    result = cosim.run(path, out=tmp_path / "stopped")
    assert result.status == "failed"
    assert "The surrogate of 'reactor' should not be trusted at t = 1 d" in result.outcome.reason


SUITE = """\
suite: surrogates
cases:
  reactor:
    scenario: replaced.yaml
    against: {scenario: original.yaml}
    signals: {reactor.titre: {relative: 0.05, time: 1 h}}
    ledger: 1e-9
    accept: [variable, start, capability]
"""


def test_a_suite_compares_it_with_the_fmu(folder):
    scenario(folder, WITHOUT).rename(folder / "original.yaml")
    scenario(folder)
    suite = folder / "suite.yaml"
    suite.write_text(SUITE)
    (found,) = cosim.regress(suite, workers=0).cases
    assert found.status == "passed", found.reason or found.comparison.failures
    (titre,) = found.comparison.signals
    assert titre.candidate is not titre.reference  # where they are equal, they are one
    suite.write_text(SUITE.replace("relative: 0.05, time: 1 h", "relative: 1e-6, time: 0 s"))
    (found,) = cosim.regress(suite, workers=0).cases
    assert [item.kind for item in found.comparison.failures] == ["value"]
    assert found.comparison.culprit.component == "reactor"
