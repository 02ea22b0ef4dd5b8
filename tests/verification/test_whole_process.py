"""The shipped process closes and yields the same at coarse and fine communication steps."""

import pytest
from verification.whole_process import whole_process_checks


@pytest.mark.slow
def test_closes_and_yields_the_same_at_any_step() -> None:
    checks = whole_process_checks({})

    assert [check for check in checks if not check.holds] == []
