"""A cycle of a column is what is loaded once and then emptied, whatever the load is made of."""

from pathlib import Path

import pytest
from library_fmu import library_fmus, unit

FLOW = 600e-3 / 3600.0
LOADS = {
    "ProteinA": {"sodium": 150.0, "chloride": 110.0, "tris": 25.0, "antigen": 3.0},
    "AnionExchange": {"sodium": 600.0, "chloride": 620.0, "tris": 30.0, "mab": 10.0},
}
"""What does not bind: another product, and antibody in more salt than that of a strip."""


@pytest.fixture(scope="module")
def columns(request: pytest.FixtureRequest) -> dict[str, Path]:
    return library_fmus(request.config.cache.mkdir("library_fmus"), [f"BioProcess.Fmus.{name}" for name in LOADS])


@pytest.mark.parametrize("block", LOADS)
def test_a_load_that_does_not_stay_is_one_cycle(block: str, columns: dict[str, Path]) -> None:
    composition = {f"{port}.c_{name}": value for port in ("load", "buffer") for name, value in LOADS[block].items()}
    composition |= {"buffer.c_mab": 0.0, "buffer.c_antigen": 0.0}
    with unit(columns[f"BioProcess.Fmus.{block}"], loss_cycle=0.01) as it:
        for _ in range(2):
            it.set(composition | {"load.V_flow": FLOW, "buffer.V_flow": 0.0})
            it.step(3600.0)
            loaded = it.read("load_density")
            it.set({"load.V_flow": 0.0, "buffer.V_flow": FLOW})
            it.step(3600.0)

        assert it.read("cycles") == 2.0
        assert it.read("capacity") == pytest.approx(0.99**2, rel=1e-3)
        product = LOADS[block].get("mab", 0.0) + LOADS[block].get("antigen", 0.0)
        assert loaded == pytest.approx(product * FLOW * 3600.0 / it.read("bed_volume"), rel=1e-6)
        assert it.read("load_density") == 0.0
