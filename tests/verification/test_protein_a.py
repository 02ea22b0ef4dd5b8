"""Ageing of a Protein A column, and what moves with the antibody."""

import math
from pathlib import Path

import pytest
from library_fmu import library_fmus, unit
from verification.flagship import FLOW, capture_cycle


@pytest.fixture(scope="module")
def column(request: pytest.FixtureRequest) -> Path:
    name = "BioProcess.Fmus.ProteinA"
    return library_fmus(request.config.cache.mkdir("library_fmus"), [name])[name]


def test_capacity_falls_with_cycles_and_alkali(column: Path) -> None:
    with unit(column, loss_cycle=0.01, loss_caustic=1e-6) as it:
        capture_cycle(it, step=10.0)
        assert it.read("cycles") == 1.0
        assert it.read("capacity") == pytest.approx(0.99, rel=1e-4)
        it.set({"buffer.c_sodium": 100.0, "buffer.c_acetate": 0.0, "buffer.V_flow": FLOW})
        it.step(3600.0)
        before = it.read("capacity")
        it.step(1000.0)
        assert it.read("capacity") / before == pytest.approx(math.exp(-1e-6 * 100.0 * 1000.0), rel=1e-4)


def test_pressure_is_that_of_ergun(column: Path) -> None:
    with unit(column) as it:
        it.set({"buffer.c_sodium": 100.0, "buffer.c_chloride": 120.6, "buffer.c_tris": 25.0, "buffer.V_flow": FLOW})
        it.step(10.0)
        u, eps, d = FLOW / (math.pi / 4 * 0.6**2), 0.35, 8.5e-5
        viscous = 150 * 8.9e-4 * u * (1 - eps) ** 2 / (eps**3 * d**2)
        inertial = 1.75 * 997 * u**2 * (1 - eps) / (eps**3 * d)
        assert it.read("pressure_drop") == pytest.approx(0.24 * (viscous + inertial), rel=1e-9)


def test_variants_move_with_the_antibody_and_dna_mostly_passes(column: Path) -> None:
    shares = {"mab_acidic": 0.2, "mab_aggregate": 0.03, "glycan_galactose": 0.01}
    with unit(column) as it:
        it.set({f"load.c_{name}": 4.36 * share for name, share in shares.items()} | {"load.c_dna": 0.02})
        capture_cycle(it, step=10.0)
        mab = it.read("outlet.m_mab_total")
        for name, share in shares.items():
            assert it.read(f"outlet.m_{name}_total") / mab == pytest.approx(share, rel=1e-6)
        assert 1.0 < it.read("outlet.m_protein_a_total") / mab * 1e6 < 50.0
