"""The table of ``cosim run --profile``."""

import pytest

from cosim.cli.profile import GROUPS, print_profile
from cosim.results.effort import effort_lines, share, time

PROFILE = {
    "stages": {"read": 0.004, "run": 2.0, "report": 0.12},
    "components": {
        "fast": {"steps": 1000, "seconds": 0.01, "calls": {"step": {"n": 1000, "seconds": 0.008}}},
        "slow": {"steps": 500, "seconds": 1.5, "calls": {"step": {"n": 500, "seconds": 1.4}}},
        "asleep": {"steps": 0, "seconds": 0.0, "calls": {}},
    },
    "effort": {"windows": 1000, "engine": 0.49, "repeated": 3, "rejected": 1, "deciding": {"slow.y": 9, "fast.y": 1}},
}


def printed(capsys) -> list[str]:
    print_profile(PROFILE)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert printed(capsys) == [
        "where the time went",
        "stage time share",
        "read 4.0 ms 0.2 %",
        "run 2.00 s 94.2 %",
        "report 120.0 ms 5.6 %",
        "total 2.12 s 100.0 %",
        "stepping",
        "component time share steps per step",
        "slow 1.50 s 75.0 % 500 3.0 ms",
        "fast 10.0 ms 0.5 % 1000 10.0 µs",
        "asleep 0.0 µs 0.0 % 0 –",
        "engine 490.0 ms 24.5 % 1000 490.0 µs",
        "calls",
        "component step",
        "slow 500",
        "fast 1000",
        "asleep 0",
        "besides: 3 steps taken again, 1 step rejected",
        "step size decided by: slow.y 90.0 %, fast.y 10.0 %",
    ]


@pytest.mark.parametrize("columns", ["80", "60"])
def test_no_number_is_cut_on_a_narrow_terminal(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    calls = {group: {"n": 123456789, "seconds": 1.0} for group in GROUPS}
    stages = dict.fromkeys(
        ("read", "build", "load", "check", "instantiate", "initialise", "run", "write", "report"), 0.1
    )
    column = {"steps": 12345678, "seconds": 123.456, "calls": calls}
    print_profile({"stages": stages, "components": {"protein_a_capture_column": column}, "effort": {}})
    lines = capsys.readouterr().out.splitlines()
    text = "\n".join(lines)
    assert "…" not in text
    assert all(len(line) <= int(columns) for line in lines)
    assert text.count("123456789") == len(GROUPS)
    assert all(item in text for item in ("initialise", "12345678 ", "123.46 s", "derivatives"))


def test_nothing_to_say():
    assert effort_lines({"repeated": 0, "deciding": {}}) == []


def test_most_are_counted():
    lines = effort_lines({"deciding": {f"a.y{i}": 1 for i in range(8)}})
    assert lines[0].endswith("a.y4 12.5 %, 3 more")


def test_figures():
    assert [time(1.0), time(0.9994), time(5e-5)] == ["1.00 s", "999.4 ms", "50.0 µs"]
    assert share(1.0, 0.0) == "–"
