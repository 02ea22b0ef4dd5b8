"""A ⇒ B where A has no totals: its flow is integrated, with an error of order 2 that A's own books would show."""

import pytest
from fakes import Flowsheet, phase, source, tank


def delivered(size: float) -> float:
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-5 * t * t, totals=False), b=tank("b"))
    outcome = flowsheet.stream("a.out", "b.in").stream("b.out").run(phase("run", "a b", 30.0, size))
    assert outcome.status == "completed"
    return outcome.ledger["volume"].units["b"].entered


def test_order_2():
    exact = 1e-5 * 30.0**3 / 3.0
    errors = [delivered(size) - exact for size in (10.0, 5.0, 2.5)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=1e-6)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=1e-6)
