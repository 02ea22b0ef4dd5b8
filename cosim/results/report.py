"""``report.html``: one self-contained page that tells a run."""

from __future__ import annotations

import html
from pathlib import Path

from cosim.results.document import encode, write_text
from cosim.results.result import Result
from cosim.results.summary import report_json


def write_report(result: Result, path: Path) -> None:
    """Write the report of ``result`` to ``path``, replacing an earlier one whole."""
    write_text(path, f"<!doctype html><meta charset=utf-8><pre>{html.escape(encode(report_json(result), indent=1))}</pre>")
