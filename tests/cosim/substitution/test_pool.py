"""A map in the place of an FMU whose state cannot be written from it: its steps are done again."""

import json

import numpy as np
from pooled import SCENARIO, TRAINING

import cosim
from cosim.results.turns import turns
from cosim.substitution.teaching import train

WITHOUT = "surrogates:\n  pool: {package: surrogates/pool, although_slower: true}\n"
EXCURSION = """\
events:
  - {at: 1 h, set: {pool.c_in: 9 mol/m3}}
  - {at: 2 h, set: {pool.c_in: 2 mol/m3}}
"""


def run(project, name, text, out):
    path = project / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return cosim.run(path, out=out / name)


def test_it_is_near_and_its_shares_make_a_whole(project, tmp_path):
    own = run(project, "own", SCENARIO, tmp_path)
    theirs = run(project, "theirs", SCENARIO.replace(WITHOUT, ""), tmp_path)
    assert np.max(np.abs(own["pool.c"].values - theirs["pool.c"].values)) < 0.2
    whole = own["pool.share[1]"].values + own["pool.share[2]"].values
    np.testing.assert_allclose(whole, 1.0, rtol=0, atol=1e-12)
    assert set(own["pool.spare"].values) == {7.0}


def test_it_leaves_its_domain_and_comes_back(project, tmp_path):
    text = SCENARIO.replace("events: []\n", EXCURSION)
    own = run(project, "own", text, tmp_path)
    theirs = run(project, "theirs", text.replace(WITHOUT, ""), tmp_path)
    switches = [item for item in own.happenings if item.text.startswith("Switch")]
    assert [item.time // 60_000_000_000 for item in switches] == [60, 150]  # in between, members disagree
    assert switches[0].text == (
        "Switch 1: 'pool' goes on with its FMU, after doing 9 steps again: c_in is 9, and it was trained from "
        + switches[0].text.partition("trained from ")[2]
    )
    assert "goes on with its surrogate" in switches[1].text
    (taken,) = turns(own.happenings, {"pool": [(0.0, 4 * 3600.0)]}).values()
    assert [(turn.who, turn.start / 60) for turn in taken] == [("surrogate", 0), ("FMU", 60), ("surrogate", 150)]
    assert taken[1].why.startswith("c_in is 9, and it was trained from ")
    inside = slice(13, 29)  # the FMU gives these samples, after what it forgot
    np.testing.assert_allclose(own["pool.c"].values[inside], theirs["pool.c"].values[inside], rtol=1e-6)
    assert np.max(np.abs(own["pool.c"].values - theirs["pool.c"].values)) < 0.2


def test_a_search_chooses_the_options_it_learns_with(project):
    path = project / "searched.yaml"
    text = TRAINING.replace(", members: 2, width: 16, iterations: 1500", ", members: 1, iterations: 150")
    path.write_text(
        text.replace("seed: 3", "search: {trials: 3, budget: 5 s, width: {from: 4, to: 24}}\nseed: 3"), encoding="utf-8"
    )
    taught = train(path, out=project / "surrogates" / "searched", workers=0)
    document = taught.package.document
    tried = document["training"]["search"]
    assert len(tried) == 3
    best = min(tried, key=lambda trial: trial["score"])
    assert document["architecture"]["facts"]["width"] == best["options"]["width"]


def test_it_tells_what_drives_it(project, capsys):
    from cosim.cli.app import run_app

    assert run_app(["inspect", str(project / "surrogates" / "pool")]) == 0
    assert "what drives what" in capsys.readouterr().out
    assert run_app(["inspect", str(project / "surrogates" / "pool"), "--json"]) == 0
    effects = json.loads(capsys.readouterr().out)["explained"]["effects"]["c"]
    assert effects["c_in"] > 0.9  # it varies by 100 %, the temperature moves c by 10 %
    assert effects["T"] < 0.1
    assert "What drives what" in (project / "surrogates" / "pool" / "card.html").read_text(encoding="utf-8")
