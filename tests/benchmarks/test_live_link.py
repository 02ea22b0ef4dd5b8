"""The benchmark of the link counts what was stored, and finds nothing missing or doubled in a short run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


def test_all_that_is_sent_is_stored_once():
    import live_link

    figures = live_link.measure("asyncua", 100, 0.2, 2.0, silence=5.0)
    assert figures.share == 1.0
    assert figures.doubled == 0
    assert figures.stored >= 1000
