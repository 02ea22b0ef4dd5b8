"""The model card of a hybrid: what it is made of, how good it is on experiments it has not seen, where it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from cosim.surrogate.page import page, table
from cosim.surrogate.panels import Panel, draw, time_unit


@dataclass(frozen=True, slots=True)
class Curve:
    """An output of an unseen experiment: measured, by the hybrid, by the mechanism alone, at ``times`` [s]."""

    experiment: str
    output: str
    unit: str
    times: Sequence[float]
    measured: Sequence[float]
    hybrid: Sequence[float]
    alone: Sequence[float]


def card(document: Mapping[str, Any], curves: Sequence[Curve]) -> str:
    """Return the page for the description of a package."""
    source, training, facts = document["source"], document["training"], document["architecture"]["facts"]
    units = document["units"]
    parts = [
        f"<h1>{escape(document['name'])}</h1>",
        f"<p>{escape(document['description'])}</p>",
        "<h2>What it is made of</h2>",
        table((), [
            ("Mechanistic model", source["text"]), ("SHA-256 of the FMU", source["sha256"]),
            ("The network sees", ", ".join(facts["seen"])),
            *([("and gives", ", ".join(item["name"] for item in facts["given"]))] if facts["given"] else []),
            *([("and corrects", ", ".join(facts["corrected"]))] if facts["corrected"] else []),
            ("What it gives is held for", f"{facts['step']:g} s"),
            ("Made", f"{document['created']} by cosim {document['cosim']}"),
        ]),
        "<h2>How good it is</h2>",
        f"<p>On the experiments {escape(', '.join(training['experiments']['check']))}, which it was not fitted "
        "to. NRMSE: root mean square error over the range of what was measured.</p>",
        table(("Figure", "Value"), [(name, f"{value:.2%}") for name, value in document["metrics"].items()]),
    ]  # fmt: skip
    if curves:
        parts += ["<p>Points: measured. Line: hybrid. Dashed: mechanism alone.</p>", _drawn(curves)]
    if document["dependences"]:
        parts += [
            "<h2>What it has learned</h2>",
            "<p>What it gives, or adds to an output, against each thing it sees, the others at their mean: mean of the "
            "members and, shaded, their range.</p>",
            draw([_dependence(entry, units) for entry in document["dependences"]], "What it has learned"),
        ]
    parts += [
        "<h2>Where it holds</h2>",
        table(("What the network sees", "From", "To", "Unit"), [
            (name, f"{low:.4g}", f"{high:.4g}", units.get(name, "1"))
            for name, (low, high) in document["domain"]["coordinates"].items()
        ]),
        *_limits(facts["given"], units),
        "<h2>Training</h2>",
        table((), [
            ("Fitted to", ", ".join(training["experiments"]["fit"])), ("Gradients", training["derivatives"]),
            ("SHA-256 of the measurements", training["data_sha256"]), ("Seed", training["seed"]),
            ("CPU time", f"{training['seconds']:.0f} s, {training['iterations']} steps of the fit"),
        ]),
    ]  # fmt: skip
    return page(document["name"], parts)


def _dependence(entry: Mapping[str, Any], units: Mapping[str, str]) -> Panel:
    return Panel(
        entry["said"], units.get(entry["said"], "1"), entry["seen"], units.get(entry["seen"], "1"), entry["values"],
        [entry["mean"]], band=[entry["low"], entry["high"]],
    )  # fmt: skip


def _limits(given: Sequence[Mapping[str, Any]], units: Mapping[str, str]) -> list[str]:
    if not given:
        return []
    rows = [
        (
            item["name"],
            f"{item['low']:.4g}",
            f"{item['high']:.4g}",
            f"{item['start']:.4g}",
            units.get(item["name"], "1"),
        )
        for item in given
    ]
    return [table(("What it gives", "From", "To", "Mechanism alone", "Unit"), rows)]


def _drawn(curves: Sequence[Curve]) -> str:
    unit, size = time_unit(max(curve.times[-1] for curve in curves))
    panels = []
    for curve in curves:
        order = sorted(range(len(curve.times)), key=lambda i, curve=curve: curve.times[i])  # type: ignore[misc]
        times, measured, hybrid, alone = (
            [part[i] for i in order] for part in (curve.times, curve.measured, curve.hybrid, curve.alone)
        )
        x = [time / size for time in times]
        panels.append(
            Panel(f"{curve.experiment}: {curve.output}", curve.unit, "time", unit, x, (hybrid, alone), measured)
        )
    return draw(panels, "Measured and computed")
