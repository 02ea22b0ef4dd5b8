"""Shipped scenarios come out the same to the last bit by C code, in Python and on threads."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import cosim
from cosim.algorithm import crew
from cosim.algorithm.compiled import KERNEL
from cosim.native import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def run(name, out, *, kernel, n_cores):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("cosim.run"), "kernel_for", lambda prepared: kernel)
        patch.setattr(crew, "n_cores", lambda: n_cores)
        if n_cores > 1:
            patch.setattr(crew, "WORTH", 0.0)
        result = cosim.run(SCENARIOS / f"{name}.yaml", out=out)
    assert result.status == "completed", result.outcome.reason
    return result


@pytest.mark.slow
@pytest.mark.skipif(load(KERNEL) is None, reason="needs a C compiler")
@pytest.mark.parametrize("name", ["mab_fed_batch", "scale_up"])
def test_the_way_of_stepping_changes_no_bit(name, tmp_path):
    found = run(name, tmp_path / "c", kernel=load(KERNEL), n_cores=1)
    assert found.outcome.effort.compiled > 0.95 * found.outcome.effort.windows
    for way, kernel, n_cores in (("python", None, 1), ("threads", load(KERNEL), 3)):
        other = run(name, tmp_path / way, kernel=kernel, n_cores=n_cores)
        for signal in found:
            assert np.array_equal(found[signal].time, other[signal].time), (way, signal)
            assert found[signal].values.tobytes() == other[signal].values.tobytes(), (way, signal)
        assert repr(found.ledger) == repr(other.ledger)
        assert found.happenings == other.happenings
