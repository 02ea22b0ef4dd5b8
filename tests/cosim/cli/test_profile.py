"""The table of ``cosim run --profile``."""

from cosim.cli.profile import print_profile
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
        "read run report total",
        "4.0 ms 2.00 s 120.0 ms 2.12 s",
        "stepping",
        "component time share steps per step step calls",
        "slow 1.50 s 75.0 % 500 3.0 ms 500",
        "fast 10.0 ms 0.5 % 1000 10.0 µs 1000",
        "asleep 0.0 µs 0.0 % 0 – 0",
        "engine 490.0 ms 24.5 % 1000 490.0 µs",
        "besides: 3 steps taken again, 1 step rejected",
        "step size decided by: slow.y 90.0 %, fast.y 10.0 %",
    ]


def test_nothing_to_say():
    assert effort_lines({"repeated": 0, "deciding": {}}) == []


def test_most_are_counted():
    lines = effort_lines({"deciding": {f"a.y{i}": 1 for i in range(8)}})
    assert lines[0].endswith("a.y4 12.5 %, 3 more")


def test_figures():
    assert [time(1.0), time(0.9994), time(5e-5)] == ["1.00 s", "999.4 ms", "50.0 µs"]
    assert share(1.0, 0.0) == "–"
