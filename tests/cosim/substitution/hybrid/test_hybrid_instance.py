"""A hybrid in a scenario: what was judged is what runs, its domain is guarded, an interrupted run is the same."""

import json

import numpy as np
import pytest
from cultured import SCENARIO, culture

import cosim
from cosim.clock import Ticks
from cosim.errors import CosimError, FmuError
from cosim.surrogate.hybrid.instance import HybridInstance
from cosim.surrogate.hybrid.package import read_hybrid_package
from cosim.surrogate.package import read_package, write_package

HOUR = 3600 * 10**9
FEED = "- {at: 24 h, set: {culture.feed: 12 L/h}}"


def run(project, tmp_path, *changes):
    text = SCENARIO
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = project / "cultured.yaml"
    path.write_text(text, encoding="utf-8")
    return cosim.run(path, out=tmp_path / "out")


def test_it_is_near_the_plant_and_shows_what_it_gives(culture_project, tmp_path):
    result = run(culture_project, tmp_path)
    assert result.status == "completed"
    growth = result["culture.mu_max"].values * 3600
    product = result["culture.P"].values
    expected = 0.036 / (1 + (product / 0.15) ** 2)
    assert np.abs(growth - expected)[6:].max() < 0.004
    assert not [h for h in result.happenings if h.text.startswith("Switch")]


def test_outside_its_domain_the_mechanism_goes_on_alone(culture_project, tmp_path):
    much = (FEED, "- {at: 24 h, set: {culture.feed: 100 L/h}}")
    result = run(culture_project, tmp_path, much)
    assert result.status == "completed"
    switches = [h for h in result.happenings if h.text.startswith("Switch")]
    assert switches[0].text.startswith("Switch 1: 'culture' goes on with its mechanism alone: S is ")
    assert result["culture.mu_max"].values[-1] * 3600 == pytest.approx(0.036)
    policy = ("surrogates/culture}", "surrogates/culture, policy: stop}")
    stopped = run(culture_project, tmp_path / "stopped", much, policy)
    assert stopped.status == "failed"
    assert "The network in 'culture' should not be trusted at t = 1 d 6 h: S is " in stopped.outcome.reason
    warned = run(culture_project, tmp_path / "warned", much, (policy[0], "surrogates/culture, policy: warn}"))
    assert sum("should not be trusted" in h.text for h in warned.happenings) == 1


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("{X_start: 0.6 g/L}", "{mu_max: 0.04 1/h}", "mu_max"),
        ("surrogates/culture}", "surrogates/culture, audit: 1 h}", "'audit' has nothing to compare"),
        ("modelica:Culture}", "modelica:OpenCulture}", "it was trained on an FMU with the SHA-256"),
    ],
)
def test_what_it_cannot_do_is_told(culture_project, tmp_path, before, after, why):
    culture(culture_project, "OpenCulture").close()
    with pytest.raises(CosimError, match=why):
        run(culture_project, tmp_path, (before, after))


def hours(instance, begin, end):
    told, y = instance.group(["X", "P", "mu_max"]), np.empty(3)
    found = []
    for hour in range(begin, end):
        instance.step(Ticks(hour * HOUR), Ticks(HOUR))
        instance.read(told, y)
        found.append(y.copy())
    return np.stack(found)


def test_a_state_that_was_written_goes_on_as_if_nothing_had_been(culture_project, culture_fmu):
    package = read_hybrid_package(culture_project / "surrogates" / "culture")
    made = [HybridInstance("c", package, culture_fmu.instantiate("c"), "fall_back") for _ in range(2)]
    with made[0] as one, made[1] as other:
        for instance in made:
            instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
            instance.exit_initialization()
            instance.write(instance.group(["feed"]), np.array([100 / 3.6e6]))  # leaves the domain within hours
        hours(one, 0, 9)
        state = one.get_state()
        data = one.serialise_state(state)
        rest = hours(one, 9, 20)
        other.set_state(other.deserialise_state(data))
        np.testing.assert_array_equal(hours(other, 9, 20), rest)
        one.set_state(state)
        np.testing.assert_array_equal(hours(one, 9, 20), rest)
        (switch,) = one.take_news()
        assert switch[0] < 9 * HOUR
        assert "Switch 1: 'c' goes on with its mechanism alone" in switch[1]
        assert other.take_news() == [switch]


def test_a_package_that_was_altered_is_refused(culture_project, tmp_path):
    import shutil

    folder = tmp_path / "altered"
    shutil.copytree(culture_project / "surrogates" / "culture", folder)
    path = folder / "surrogate.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["architecture"]["facts"]["given"][0]["high"] = 1.0
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(FmuError, match=r"'surrogate\.json' of the surrogate in .* was altered"):
        read_hybrid_package(folder)


def test_a_hybrid_is_no_surrogate(culture_project):
    with pytest.raises(FmuError, match="lacks 'hybrid'"):
        read_package(culture_project / "surrogates" / "culture")


def rewritten(project, folder, change):
    """Write the package again to ``folder`` after ``change`` of its description."""
    package = read_hybrid_package(project / "surrogates" / "culture")
    document = json.loads(json.dumps(dict(package.document)))
    change(document)
    write_package(folder, document, package.tensors, "")
    return folder


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d["architecture"]["facts"].update(step=1e-12), "its step is from 1e-9 s to 1e9 s"),
        (lambda d: d["architecture"]["facts"].update(width=10**9), "has the shape"),
        (lambda d: d["architecture"]["facts"]["given"][0].update(low=1.0), "limits of what it gives are no ranges"),
        (lambda d: d["architecture"]["facts"]["given"][0].pop("low"), "lacks 'low'"),
        (lambda d: d["architecture"]["facts"].update(seen=["S"]), "what it sees and says is not what its domain"),
        (lambda d: d["architecture"]["facts"].update(is_positive=[True]), "what is positive is not what is corrected"),
        (lambda d: d["source"].pop("sha256"), "lacks 'sha256'"),
    ],
)
def test_a_description_that_contradicts_itself_is_refused(culture_project, tmp_path, change, why):
    with pytest.raises(FmuError) as caught:
        read_hybrid_package(rewritten(culture_project, tmp_path / "odd", change))
    assert why in str(caught.value)


def test_names_that_the_fmu_lacks_are_refused(culture_project, tmp_path):
    def change(document):
        document["architecture"]["facts"]["given"][0]["name"] = "mu_least"

    rewritten(culture_project, culture_project / "surrogates" / "strange", change)
    with pytest.raises(CosimError, match="it names 'mu_least', which 'culture' does not have"):
        run(culture_project, tmp_path, ("surrogates/culture}", "surrogates/strange}"))


def test_inspecting_shows_text_as_text(culture_project, tmp_path, capsys):
    from cosim.cli.app import run_app

    def change(document):
        document["description"] = "\x1b[2J[/red] [link=x]"
        document["metrics"] = {"[/b]": 0.5}

    assert run_app(["inspect", str(rewritten(culture_project, tmp_path / "shown", change))]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[2J" not in shown
    assert "[/b]" in shown
    assert run_app(["inspect", str(rewritten(culture_project, tmp_path / "odd", lambda d: d.update(metrics=[])))]) == 2
    assert "does not fit together" in capsys.readouterr().err
