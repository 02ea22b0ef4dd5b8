"""Scenarios with surrogates: what they replace is what the shipped training files sample, at the step they sample."""

from pathlib import Path

import pytest

import cosim
from cosim.clock import to_seconds
from cosim.errors import raise_all
from cosim.results.turns import turns
from cosim.scenario.parse import read_scenario
from cosim.surrogate.parse import read_training

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TRAINING = {path.stem: path for path in (SCENARIOS / "surrogates").glob("*.yaml")}
REPLACED = sorted((SCENARIOS / "replaced").glob("*.yaml"))


@pytest.mark.parametrize("path", REPLACED, ids=[path.stem for path in REPLACED])
def test_every_surrogate_has_a_training_file_that_fits(path: Path) -> None:
    scenario, wrong = read_scenario(path)
    raise_all(wrong)
    assert scenario.surrogates
    for name, entry in scenario.surrogates.items():
        package = Path(entry.package.text)
        assert package.parent == Path("../../surrogates"), "where 'cosim train' puts packages, from the clone"
        file, problems = read_training(TRAINING[package.name])
        raise_all(problems)
        assert file is not None
        assert scenario.components[name].source.text == file.source.text.removeprefix("modelica:")


@pytest.mark.slow
def test_the_excursion_leaves_the_domain_and_comes_back(tmp_path: Path) -> None:
    """The shipped process, its Golgi by the model of few cells, for which a surrogate is learned within a minute."""
    pytest.importorskip("torch", reason="needs torch")
    from cosim.substitution.teaching import train

    training = (SCENARIOS / "surrogates" / "glycosylation.yaml").read_text(encoding="utf-8")
    training = changed(training, ("Fmus.Glycosylation", "Fmus.ReducedGlycosylation"))
    training = changed(training, ("{train: 48, validate: 16, test: 64}", "{train: 24, validate: 8, test: 4}"))
    (tmp_path / "golgi.yaml").write_text(training, encoding="utf-8")
    train(tmp_path / "golgi.yaml", out=tmp_path / "golgi", workers=0)
    text = (SCENARIOS / "replaced" / "mab_excursion.yaml").read_text(encoding="utf-8")
    text = changed(text, ("Fmus.Glycosylation", "Fmus.ReducedGlycosylation"))
    text = changed(
        text, ("glycans: ../../surrogates/glycosylation", "glycans: {package: golgi, although_slower: true}")
    )
    text = changed(text, ("  capture: {package: ../../surrogates/protein_a_general_rate, audit: none}\n", ""))
    (tmp_path / "mab_excursion.yaml").write_text(text, encoding="utf-8")
    result = cosim.run(tmp_path / "mab_excursion.yaml", out=tmp_path / "out")
    assert result.status == "completed"
    (excursion,) = (record for record in result.phases if record.phase == "excursion")
    reactor = (to_seconds(result.phases[0].start), to_seconds(result.outcome.time))
    taken = turns(result.happenings, {"glycans": [reactor]})["glycans"]
    (hot,) = (turn for turn in taken if turn.who == "FMU" and "temperature" in turn.why)
    start, end = to_seconds(excursion.start), to_seconds(excursion.end)
    assert start < hot.start < start + 3600
    assert end < hot.end < end + 4 * 3600
    assert "after doing 9 steps again" in hot.why
    assert taken[-1].who == "surrogate"
    at = result["reactor.temperature"]
    assert at.values[at.time == hot.start][0] > 311.15  # 38 °C: as far as it was trained


def changed(text: str, change: tuple[str, str]) -> str:
    before, after = change
    assert before in text
    return text.replace(before, after)
