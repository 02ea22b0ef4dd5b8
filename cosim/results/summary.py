"""A result in figures, for programs: what ``cosim report RUN --json`` prints."""

from __future__ import annotations

import math
from typing import Final

from cosim.execution.outcome import LedgerEntry, SpeciesLedger
from cosim.results.document import Document
from cosim.results.result import Result

_NAMES: Final = {"entered": "in", "left": "out"}
_FIELDS: Final = (
    "unit",
    "start",
    "entered",
    "left",
    "held",
    "made",
    "consumed",
    "in_transit",
    "unexplained",
    "closure",
)


def report_json(result: Result) -> dict[str, Document]:
    """Return status, expectations, ledger and costs of ``result`` as plain values; what is not finite is None."""
    fmus = result.run.get("fmus", {})
    names = dict.fromkeys([*result.run.get("structure", {}).get("components", {}), *result.costs])
    return {
        "scenario": str(result.run.get("scenario", "")),
        "status": result.status,
        "wall_s": _finite(result.outcome.wall_seconds),
        "expect": [
            {"text": finding.text, "holds": finding.holds, "value": _finite(finding.value)}
            for finding in result.expectations
        ],
        "ledger": {name: _species(entry) for name, entry in result.ledger.items()},
        "components": {
            name: {
                "fmu_sha256": fmus.get(name, {}).get("sha256"),
                "steps": result.costs[name].steps if name in result.costs else 0,
                "seconds": _finite(result.costs[name].seconds) if name in result.costs else 0.0,
            }
            for name in names
        },
    }


def _species(ledger: SpeciesLedger) -> dict[str, Document]:
    units: dict[str, Document] = {name: _entry(entry) for name, entry in ledger.units.items()}
    return {**_entry(ledger.flowsheet), "units": units}


def _entry(entry: LedgerEntry) -> dict[str, Document]:
    return {_NAMES.get(name, name): entry.unit if name == "unit" else _finite(getattr(entry, name)) for name in _FIELDS}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
