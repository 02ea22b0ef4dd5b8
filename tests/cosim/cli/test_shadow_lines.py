"""What a shadow prints of an outlook: alerts as they begin and end, estimates once a day."""

from dataclasses import replace
from types import SimpleNamespace

from cosim.cli.shadow_lines import ShadowLines
from cosim.clock import to_ticks
from cosim.shadowing.following import Compared
from cosim.shadowing.outlook import Alert, Concern, Estimate, Health, Outlook

DAY = to_ticks(86_400.0)
ALERT = Alert(Concern.LIMIT, "a.x", "a.x will be below 2 g/L at 3 d.", "F1 is 0 where 1.8 L/h is planned.", DAY)


def lines(capsys, *outlooks):
    shown = ShadowLines(is_shown=True)
    for outlook in outlooks:
        cycle = SimpleNamespace(end=outlook.time, number=1)
        shown.follow(Compared(cycle, (), (), {}, (), outlook))
    return [" ".join(line.split()) for line in capsys.readouterr().err.splitlines()]


def test_an_alert_is_told_once_and_when_it_is_over(capsys):
    calm = Outlook(DAY + 1, Health.GOOD, "")
    told = lines(capsys, replace(calm, alerts=(ALERT,)), replace(calm, alerts=(ALERT,)), calm)
    assert sum("a.x will be below 2 g/L at 3 d. F1 is 0" in line for line in told) == 1
    assert sum("It is over with a.x." in line for line in told) == 1


def test_estimates_are_told_once_a_day_with_their_health(capsys):
    outlook = Outlook(DAY, Health.UNCERTAIN, "Half is missing.", (Estimate("a.x", "g/L", 2.0, 1.5, 2.5),))
    told = lines(capsys, outlook, replace(outlook, time=DAY + 1))
    assert [line for line in told if "estimate" in line] == [
        "1 d estimate (uncertain: Half is missing.): x 2 (1.5 to 2.5) g/L"
    ]
