"""Every algorithm steps the units of the library, and comes to the same culture."""

from functools import cache
from pathlib import Path

import pytest

import cosim
from cosim.run import ALGORITHMS

HELLO = Path(__file__).parents[2] / "scenarios" / "hello.yaml"
EXTRAPOLATING = ("{name: gauss_seidel, extrapolation: 1}", "{name: jacobi, extrapolation: 2}")


def culture(algorithm: str, folder: Path) -> cosim.Result:
    text = HELLO.read_text().partition("expect:")[0].replace("7 d", "12 h")
    (folder / "hello.yaml").write_text(f"{text}algorithm: {algorithm}\n")
    result = cosim.run(folder / "hello.yaml", out=folder / "run")
    assert result.status == "completed", result.outcome.reason
    return result


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return cache(lambda: culture("gauss_seidel", tmp_path_factory.mktemp("expected")))


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, *EXTRAPOLATING])
def test_an_algorithm_steps_real_units(algorithm, expected, tmp_path):
    result = culture(algorithm, tmp_path)
    for name in ("reactor.glucose", "reactor.viable_cells", "reactor.titre"):
        assert result[name].values[-1] == pytest.approx(expected()[name].values[-1], rel=1e-3), name
    assert max(item.flowsheet.closure for item in result.ledger.values()) < 1e-9
