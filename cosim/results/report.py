"""``report.html``: one self-contained page that tells a run."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from cosim.clock import to_seconds
from cosim.results import page
from cosim.results.charts import PANELS_SHOWN, affordable, chart_data
from cosim.results.document import write_text
from cosim.results.effort import effort_lines, time
from cosim.results.plant_section import PlantSection, caption
from cosim.results.result import Result
from cosim.results.signals import Selection, select
from cosim.results.templating import TEMPLATES, fill
from cosim.results.timeline import LABEL_WIDTH, WIDTH, activity, spans, timeline
from cosim.results.turns import Turn, changes, lanes, turns
from cosim.results.yields import yield_rows

_NOTABLE: Final = ("event", "collect", "warning", "failure", "wake")
_MOST_HAPPENINGS: Final = 200


def write_report(result: Result, path: Path, plant: PlantSection | None = None) -> None:
    """Write the report of ``result`` to ``path``, replacing an earlier one whole; ``plant`` is what it followed.

    The page needs nothing but itself: no network, no server, no other file. All text is escaped, and a content security
    policy admits no script but the one that is part of it.

    Raises
    ------
    ResultError
        When ``path`` cannot be written.
    """
    write_text(path, render(result, plant))


def render(result: Result, plant: PlantSection | None = None) -> str:
    """Return the page as text."""
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return fill("report.html.j2", script=script, digest=digest, plant=plant, caption=caption, **_context(result))


def _context(result: Result) -> dict[str, Any]:
    selections = affordable(select(result))
    drawing, edges = page.flowsheet(result)
    components = result.run.get("structure", {}).get("components", {})
    phases, _ = spans(result.phases)
    active = activity(result.run.get("phases", []), result.phases)
    taken = turns(result.happenings, active)
    species, product = page.species_views(result), page.product_of(result)
    notable = [happening for happening in result.happenings if happening.kind in _NOTABLE]
    return {
        "result": result,
        "run": result.run,
        "verdict": page.verdict(result),
        "tiles": page.tiles(result),
        "drawing": drawing,
        "edges": edges,
        "product": product,
        "models": components,
        "glyphs": {name: page.glyph(name, model) for name, model in components.items()},
        "active_in": {name: [span for span in phases if _is_active(result, span.phase, name)] for name in components},
        "timeline": timeline(result.phases),
        "timeline_width": WIDTH,
        "timeline_label_width": LABEL_WIDTH,
        "lanes": lanes(taken),
        "changes": changes(taken, phases),
        "selections": selections,
        "panels_shown": PANELS_SHOWN,
        "data": _for_script(_data(result, selections, active, taken)),
        "yields": yield_rows(result, product),
        "species": species,
        "present": [view for view in species if view.is_present],
        "absent": [view for view in species if not view.is_present],
        "ledger_units": page.ledger_units(result),
        "elements": page.element_rows(result),
        "costs": page.costs(result),
        "efforts": effort_lines(asdict(result.outcome.effort)),
        "stages": {name: time(seconds) for name, seconds in result.profile.get("stages", {}).items()},
        "failure": page.failure(result),
        "broken": result.outcome.failure.get("component", ""),
        "happenings": notable[:_MOST_HAPPENINGS],
        "n_happenings": len(notable),
    }


def _is_active(result: Result, phase: str, component: str) -> bool:
    stated = result.run.get("phases", [])
    return any(entry["name"] == phase and component in entry["active"] for entry in stated)


def _data(
    result: Result,
    selections: list[Selection],
    active: dict[str, list[tuple[float, float]]],
    taken: dict[str, tuple[Turn, ...]],
) -> dict[str, Any]:
    phases, parts = spans(result.phases)
    charts = chart_data(selections, active)
    assert isinstance(charts, dict)
    return {
        **charts,
        "end": to_seconds(result.outcome.time),
        "phases": [{"name": s.phase, "start": s.start, "end": s.end, "colour": s.colour} for s in phases],
        "steps": [
            {"phase": s.phase, "name": s.step, "cycle": s.cycle, "start": s.start, "end": s.end, "colour": s.colour}
            for s in parts
        ],
        "turns": {
            name: [{"start": turn.start, "end": turn.end, "who": turn.who} for turn in mine if not turn.is_usual]
            for name, mine in taken.items()
        },
    }


def _for_script(data: dict[str, Any]) -> str:
    """Write JSON that cannot end the element it stands in, whatever names it holds."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
