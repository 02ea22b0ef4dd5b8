"""A ⇒ B while the flow and temperature of A rise: what arrives is weighted by the flows at both ends of A's step."""

import pytest
from fakes import Flowsheet, phase, source, tank


def test_mean_temperature_is_weighted_by_flow():
    rising = source("a", lambda t: 1e-3 * (1.0 + t / 10.0))  # at 0, 10, 20 s: 1, 2, 3 L/s of 300, 310, 320 K
    flowsheet = Flowsheet(a=rising, b=tank("b")).stream("a.out", "b.in").stream("b.out")
    flowsheet.run(phase("run", "a b", 20.0, 10.0))
    arriving = [inputs["in.T"] for inputs in flowsheet.instances["b"].delivered]
    assert arriving == pytest.approx([(1 * 300 + 2 * 310) / 3, (2 * 310 + 3 * 320) / 5])
