"""A search finds the better options, keeps what it tried, and goes on as if it had not been interrupted."""

import math
import sys

import pytest

from cosim.errors import StudyError
from cosim.surrogate.search import Trial, best_of, find_options

pytest.importorskip("optuna", reason="needs optuna")
RANGES = {"width": (1, 64), "memory": (1, 6)}


def score(options):
    return abs(options["width"] - 40) / 40 + abs(options["memory"] - 3)


def find(place, n_trials=12, attempt=score, **more):
    return find_options(RANGES, n_trials=n_trials, seed=3, place=place, attempt=attempt, **more)


def test_it_comes_near_the_best(tmp_path):
    trials = find(tmp_path / "search.json", 30)
    assert best_of(trials).score < 0.3
    assert best_of(trials).score < min(trial.score for trial in trials[:5])


def test_an_interruption_changes_nothing(tmp_path):
    whole = find(tmp_path / "whole.json")
    calls = []

    def interrupted(options):
        calls.append(options)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return score(options)

    with pytest.raises(KeyboardInterrupt):
        find(tmp_path / "search.json", attempt=interrupted)
    n_before = len(calls) - 1
    assert find(tmp_path / "search.json", attempt=lambda options: (calls.append(options), score(options))[1]) == whole
    assert len(calls) - 1 <= len(whole)
    assert n_before == 7


def test_what_was_tried_is_not_tried_again(tmp_path):
    find(tmp_path / "search.json")
    found = find(tmp_path / "search.json", attempt=lambda options: pytest.fail("tried again"))
    assert len(found) == 12


def test_options_that_break_down_are_never_the_best(tmp_path):
    told = []
    trials = find(
        tmp_path / "search.json",
        attempt=lambda options: math.inf if options["width"] > 30 else score(options),
        on_trial=lambda n, trial: told.append((n, trial)),
    )
    assert any(trial.score is None for trial in trials)
    assert best_of(trials).score is not None
    assert [n for n, _ in told] == list(range(1, 13))


@pytest.mark.parametrize("text", ["{", "[1]", '[{"options": {"width": 3}, "score": 1}]'], ids=str)
def test_a_file_that_is_no_search_is_refused(tmp_path, text):
    (tmp_path / "search.json").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"cannot be read\. Remove that file"):
        find(tmp_path / "search.json")


@pytest.mark.parametrize("entry", ['"width": 99, "memory": 1}, "score": 1', '"width": 9, "memory": 1}, "score": "x"'])
def test_trials_of_another_search_are_refused(tmp_path, entry):
    (tmp_path / "search.json").write_text(f'[{{"options": {{{entry}}}]', encoding="utf-8")
    with pytest.raises(StudyError, match=r"are not those of this search\. Remove that file"):
        find(tmp_path / "search.json")


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(StudyError, match=r"pip install 'bioprocess-cosim\[study\]'"):
        find(tmp_path / "search.json")


def test_the_best_of_equal_ones_is_the_first():
    trials = [Trial({"width": 1}, None), Trial({"width": 2}, 0.5), Trial({"width": 3}, 0.5)]
    assert best_of(trials).options == {"width": 2}
