"""The model card: what a surrogate is, where it holds and how well, on one page for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .8rem;border-bottom:1px solid #ddd;"
    "text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}h2{margin-top:2rem}"
)


def card(document: Mapping[str, Any]) -> str:
    """Return the page for the description of a package; it loads nothing from elsewhere."""
    source, training = document["source"], document["training"]
    runs = training["runs"]
    parts = [
        f"<h1>{escape(document['name'])}</h1>",
        f"<p>{escape(document['description'])}</p>",
        "<h2>What it stands for</h2>",
        _table((), [
            ("FMU", source["text"]), ("SHA-256 of the FMU", source["sha256"]),
            ("Architecture", document["architecture"]["name"]), ("Step", f"{document['step']:g} s"),
            ("Made", f"{document['created']} by cosim {document['cosim']}"),
        ]),
        "<h2>How good it is</h2>",
        f"<p>On {runs['test']} runs that were not used for training. NRMSE: root mean square error over a whole run, "
        "over the range of the output.</p>",
        _table(("Figure", "Value"), [(name, f"{value:.3%}") for name, value in document["metrics"].items()]),
        "<h2>Where it holds</h2>",
        _table(("Parameter", "From", "To", "Unit"), [
            (name, f"{low:.6g}", f"{high:.6g}", document["units"].get(name) or "1")
            for name, (low, high) in document["parameters"].items() if low < high
        ]),
        _table(("Coordinate of the domain", "From", "To"), [
            (name, f"{low:.4g}", f"{high:.4g}")
            for name, (low, high) in document["domain"]["coordinates"].items() if low < high
        ]),
        "<p>Whatever is not listed was the same in all runs, and has to be so where it is used.</p>",
        f"<h2>Bands</h2><p>A whole run stays within them with a probability of {document['calibration']['level']:.0%} "
        f"(split conformal, {document['calibration']['n']} runs).</p>",
        _table(("Output", "±", "Unit"), [
            (name, f"{width:.3g}", document["units"].get(name) or "1")
            for name, width in document["calibration"]["half_widths"].items()
        ]),
        "<h2>Training</h2>",
        _table((), [
            ("Runs", f"{runs['train']} to learn, {runs['validate']} to stop and to calibrate, {runs['test']} to judge"),
            *_begun(training.get("transfer")),
            ("SHA-256 of the data", training["data_sha256"]), ("Seed", training["seed"]),
            ("CPU time", f"{training['seconds']:.0f} s, {training['iterations']} iterations"),
        ]),
    ]  # fmt: skip
    head = f'<meta charset="utf-8"><title>{escape(document["name"])}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _begun(transfer: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if transfer is None:
        return []
    layers = ", ".join(transfer["layers"])
    return [("Begun with", f"{transfer['from']} (sha256 {transfer['sha256'][:12]}…), learning {layers} again")]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["<table>"]
    if head:
        lines.append("<tr>" + "".join(f"<th>{escape(text)}</th>" for text in head) + "</tr>")
    for row in rows:
        first, *rest = (escape(str(item)) for item in row)
        lines.append(f"<tr><td>{first}</td>" + "".join(f'<td class="n">{item}</td>' for item in rest) + "</tr>")
    return "".join([*lines, "</table>"])
