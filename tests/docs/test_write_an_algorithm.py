"""The algorithm that the guide shows is the one that runs."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_algorithm_shown_is_the_one_that_runs():
    page = (ROOT / "docs" / "how-to" / "write-an-algorithm.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    assert shown in (ROOT / "cosim" / "algorithm" / "gauss_seidel.py").read_text(encoding="utf-8")
