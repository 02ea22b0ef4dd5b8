"""Pages that need nothing but themselves: templates filled with values, all text escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cosim.results.display import duration, number

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).parent / "templates"


def fill(template: str, **values: object) -> str:
    """Return the page that ``template`` makes of ``values``, with the style that all pages share."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return _environment().get_template(template).render(style=style, **values)


@cache
def _environment() -> Environment:
    """Return what keeps templates compiled: that takes longer than all the rest of a short run."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, duration=duration)
    return environment
