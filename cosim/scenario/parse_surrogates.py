"""``surrogates:`` of a scenario → entries: which packages stand for which components, and what guards them."""

from __future__ import annotations

from typing import Final, Literal, cast

from cosim.clock import Ticks
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.document import Node
from cosim.scenario.model import SurrogateEntry
from cosim.scenario.reading import Problems, boolean_of, choice_of, duration_of, entries_of, fields_of, scalar_of

POLICIES: Final = ("fall_back", "warn", "stop")
AUDIT_INTERVAL: Final = Ticks(-1)
"""Where nothing is written: as often as keeps the FMU at 4 % of the steps."""
_KEYS: Final = ("package", "policy", "audit", "although_slower")


def parse_surrogates(node: Node, problems: Problems) -> dict[str, SurrogateEntry]:
    """Read ``{reactor: {package: surrogates/reactor, policy: fall_back, audit: 1 d}}``, or the package alone."""
    found = {}
    for item in entries_of(node, "'surrogates'", problems):
        is_short = not isinstance(item.value, MappingNode)
        fields = {} if is_short else fields_of(item.value, _KEYS, f"The surrogate of '{item.key}'", problems)
        if not is_short and "package" not in fields:
            text = f"The surrogate of '{item.key}' has no 'package'. Write the folder that 'cosim train' made."
            problems.add(text, item.origin)
            continue
        package = scalar_of(item.value if is_short else fields["package"].value, "'package'", problems)
        policy = choice_of(fields["policy"].value, POLICIES, "'policy'", problems) if "policy" in fields else None
        slower = (
            boolean_of(fields["although_slower"].value, "'although_slower'", problems)
            if "although_slower" in fields
            else False
        )
        audit = _audit(fields["audit"].value, problems) if "audit" in fields else AUDIT_INTERVAL
        if package is not None:
            chosen = cast(Literal["fall_back", "warn", "stop"], policy or "fall_back")
            found[item.key] = SurrogateEntry(package, chosen, audit, bool(slower), item.origin)
    return found


def _audit(node: Node, problems: Problems) -> Ticks | None:
    """Read the time between audits; None for 'none'."""
    written = scalar_of(node, "'audit'", problems)
    if written is None or written.text == "none":
        return None
    return duration_of(node, "'audit'", problems)
