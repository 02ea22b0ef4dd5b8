"""The model card: what a surrogate is, where it holds and how well, on one page for people."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from cosim.surrogate.explained import explanation
from cosim.surrogate.page import page, table


def card(document: Mapping[str, Any]) -> str:
    """Return the page for the description of a package; it loads nothing from elsewhere."""
    source, training = document["source"], document["training"]
    runs = training["runs"]
    parts = [
        f"<h1>{escape(document['name'])}</h1>",
        f"<p>{escape(document['description'])}</p>",
        "<h2>What it stands for</h2>",
        table((), [
            ("FMU", source["text"]), ("SHA-256 of the FMU", source["sha256"]),
            ("Architecture", document["architecture"]["name"]), ("Step", f"{document['step']:g} s"),
            ("Made", f"{document['created']} by cosim {document['cosim']}"),
        ]),
        "<h2>How good it is</h2>",
        f"<p>On {runs['test']} runs that were not used for training. NRMSE: root mean square error over a whole run, "
        "over the range of the output.</p>",
        table(("Figure", "Value"), [(name, f"{value:.3%}") for name, value in document["metrics"].items()]),
        "<h2>Where it holds</h2>",
        table(("Parameter", "From", "To", "Unit"), [
            (name, f"{low:.6g}", f"{high:.6g}", document["units"].get(name) or "1")
            for name, (low, high) in document["parameters"].items() if low < high
        ]),
        table(("Coordinate of the domain", "From", "To"), [
            (name, f"{low:.4g}", f"{high:.4g}")
            for name, (low, high) in document["domain"]["coordinates"].items() if low < high
        ]),
        "<p>Whatever is not listed was the same in all runs, and has to be so where it is used.</p>",
        *explanation(document),
        f"<h2>Bands</h2><p>A whole run stays within them with a probability of {document['calibration']['level']:.0%} "
        f"(split conformal, {document['calibration']['n']} runs).</p>",
        table(("Output", "±", "Unit"), [
            (name, f"{width:.3g}", document["units"].get(name) or "1")
            for name, width in document["calibration"]["half_widths"].items()
        ]),
        "<h2>Training</h2>",
        table((), [
            ("Runs", f"{runs['train']} to learn, {runs['validate']} to stop and to calibrate, {runs['test']} to judge"),
            *_begun(training.get("transfer")),
            ("SHA-256 of the data", training["data_sha256"]), ("Seed", training["seed"]),
            ("CPU time", f"{training['seconds']:.0f} s, {training['iterations']} iterations"),
        ]),
    ]  # fmt: skip
    return page(document["name"], parts)


def _begun(transfer: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if transfer is None:
        return []
    layers = ", ".join(transfer["layers"])
    return [("Begun with", f"{transfer['from']} (sha256 {transfer['sha256'][:12]}…), learning {layers} again")]
