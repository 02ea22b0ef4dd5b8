"""Interfaces of components: as plain values, and compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from cosim.errors import StructureError
from cosim.regression.finding import Finding
from cosim.regression.record import Interface
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest
from cosim.system.variable import Causality, Variability, Variable
from cosim.units import read_unit

_SEEN: Final = (Causality.PARAMETER, Causality.STRUCTURAL_PARAMETER, Causality.INPUT, Causality.OUTPUT)
"""What others may refer to; local variables and what is computed from parameters are a model's own."""
_SAME: Final = 1e-9
"""Relative difference of start values that is the rounding of a conversion."""
_WORDS: Final = {"causality": "causality", "variability": "variability", "type": "type", "shape": "shape"}

_USUAL: Final = {"variability": Variability.CONTINUOUS.value}
"""What is kept as nothing."""


def interface_of(description: ComponentDescription) -> Interface:
    """Return what others may rely on: inputs, outputs, parameters with all they state, and capabilities."""
    seen = (variable for variable in description.variables.values() if variable.causality in _SEEN)
    capabilities = description.capabilities
    return {
        "variables": {variable.name: _facts(variable) for variable in seen},
        "capabilities": {item.name: getattr(capabilities, item.name) for item in fields(capabilities)},
    }


def _facts(variable: Variable) -> dict[str, Any]:
    start = variable.start
    return {
        "causality": variable.causality.value,
        "variability": variable.variability.value if variable.variability is not Variability.CONTINUOUS else "",
        "type": variable.type.value,
        "unit": variable.unit or "",
        "start": list(start) if isinstance(start, tuple) else start.hex() if isinstance(start, bytes) else start,
        "shape": list(variable.shape),
    }


def compare_interfaces(before: Mapping[str, Interface], after: Mapping[str, Interface]) -> Iterator[Finding]:
    """Compare the interfaces of components that both have; a component more or less shows in its signals too."""
    for name, interface in before.items():
        if name not in after:
            yield Finding("missing", name, f"There is no component '{name}' any more.{nearest(name, after)}")
        else:
            yield from _compare(name, interface, after[name])
    for name in after:
        if name not in before:
            yield Finding("new", name, f"The component '{name}' is new.")


def _compare(component: str, before: Interface, after: Interface) -> Iterator[Finding]:
    olds, news = before["variables"], after["variables"]
    for name, old in olds.items():
        full = f"{component}.{name}"
        if name not in news:
            yield Finding("variable", full, f"The {old['causality']} {full} is gone.{nearest(name, news)}")
            continue
        new = news[name]
        for key, word in _WORDS.items():
            if old[key] != new[key]:
                now, then = (_told(one[key] or _USUAL.get(key)) for one in (new, old))
                yield Finding("variable", full, f"The {word} of {full} is {now}; it was {then}.")
        if not _same_unit(old["unit"], new["unit"]):
            text = f"{full} is in [{new['unit'] or 'no unit'}], and was in [{old['unit'] or 'no unit'}]."
            yield Finding("unit", full, text)
        if not _same_value(old["start"], new["start"]):
            text = f"The start value of {full} is {_told(new['start'])} {new['unit']}".rstrip()
            yield Finding("start", full, f"{text}; it was {_told(old['start'])} {old['unit']}".rstrip() + ".")
    for name in news:
        if name not in olds:
            yield Finding(
                "variable", f"{component}.{name}", f"The {news[name]['causality']} {component}.{name} is new."
            )
    for name, old in before["capabilities"].items():
        new = after["capabilities"].get(name)
        if new != old:
            text = f"The capability {name} of '{component}' is {_told(new)}; it was {_told(old)}."
            yield Finding("capability", component, text)


def _told(value: object) -> str:
    return "none" if value in (None, "", []) else f"{value:.9g}" if isinstance(value, float) else str(value)


def _same_unit(old: str, new: str) -> bool:
    if old == new:
        return True
    try:
        one, two = read_unit(old or "1"), read_unit(new or "1")
    except StructureError:
        return False
    return (one.dimension, one.factor, one.offset) == (two.dimension, two.factor, two.offset)


def _same_value(old: object, new: object) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same_value, old, new))
    numbers = (int, float)
    if isinstance(old, numbers) and isinstance(new, numbers) and not isinstance(old, bool):
        return math.isclose(old, new, rel_tol=_SAME)
    return old == new
