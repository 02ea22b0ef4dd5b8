"""Courses of the units against solutions that do not use the library."""

from pathlib import Path

import pytest
from library_fmu import library_fmus
from verification.references import REFERENCES, Reference


@pytest.fixture(scope="module")
def fmus(request: pytest.FixtureRequest) -> dict[str, Path]:
    classes = sorted({name for reference in REFERENCES for name in reference.classes})
    return library_fmus(request.config.cache.mkdir("library_fmus"), classes)


@pytest.mark.parametrize(
    "reference",
    [pytest.param(r, id=r.name, marks=[pytest.mark.slow] if r.is_slow else []) for r in REFERENCES],
)
def test_follows_its_reference(reference: Reference, fmus: dict[str, Path]) -> None:
    checks = reference.checks(fmus)

    assert checks
    assert [check for check in checks if not check.holds] == []
