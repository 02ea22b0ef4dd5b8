"""The page that a model card is: one file that loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

STYLE: Final = (
    ":root{--ink:#1a1a1a;--soft:#5c5c5c;--grid:#e6e6e6;--accent:#1f6f8b;--other:#b8651b;--card:#fff;"
    "color-scheme:light dark}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a6a6a6;--grid:#383838;--accent:#6cb9d4;"
    "--other:#e09a58;--card:#181818}}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--ink);"
    "background:var(--card)}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .8rem;text-align:left;"
    "border-bottom:1px solid var(--grid)}td.n{text-align:right;font-variant-numeric:tabular-nums}h2{margin-top:2rem}"
    ".wide{overflow-x:auto}.plot{display:block;width:100%;height:auto;margin:.6rem 0 1.4rem}"
    ".plot text{fill:var(--ink);font-size:12px}"
    ".plot .tick,.plot .label{fill:var(--soft);font-size:11px}.plot .mid{text-anchor:middle}.plot .end{text-anchor:end}"
    ".plot .grid{stroke:var(--grid)}.plot .curve{fill:none;stroke:var(--accent);stroke-width:1.8}"
    ".plot .second{stroke:var(--other);stroke-dasharray:5 4}.plot .band{fill:var(--accent);opacity:.18}"
    ".plot .sample{fill:var(--ink)}.plot .bar{fill:var(--accent)}"
)


def page(title: str, parts: Sequence[str]) -> str:
    """Return the page with ``parts``, HTML each."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; the first column is text, the others are numbers."""
    lines = ["<table>"]
    if head:
        lines.append("<tr>" + "".join(f"<th>{escape(text)}</th>" for text in head) + "</tr>")
    for row in rows:
        first, *rest = (escape(str(item)) for item in row)
        lines.append(f"<tr><td>{first}</td>" + "".join(f'<td class="n">{item}</td>' for item in rest) + "</tr>")
    return "".join([*lines, "</table>"])
