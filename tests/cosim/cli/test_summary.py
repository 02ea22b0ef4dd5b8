"""What the summary of a run shows of its expectations."""

import pytest

from cosim.cli.app import run_app
from cosim.cli.summary import _shown_value
from cosim.results.records import ExpectationRecord


@pytest.mark.parametrize(
    ("holds", "value", "shown"),
    [(True, 4.2168001, "4.2168"), (False, 3.5, "3.5"), (False, 3.999999999999997, "3.999999999999997")],
)
def test_a_missed_limit_never_looks_met(holds, value, shown):
    finding = ExpectationRecord(text="final(a.x) >= 4", holds=holds, value=value, unit="1", reason="")
    assert _shown_value(finding) == shown


@pytest.mark.parametrize("verb", [["report", "nowhere"], ["plot", "nowhere", "a.x"]])
def test_a_run_that_is_not_there_is_wrong_input(verb, capfd, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run_app(verb) == 2
    assert "There is no result in 'nowhere'" in capfd.readouterr().err
