"""The text that the front end is given: the class as the top level, with its structural parameters changed."""

import difflib
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from cosim.errors import ModelError

StructuralValue = bool | int | float | str | Sequence["StructuralValue"] | Mapping[str, "StructuralValue"]

WRAPPER: Final = "CosimTopLevel"
"""The name of the class in this text."""

NAMED: Final = "cosim_named"
"""A parameter of it that is none of the model."""


def wrapped(
    class_name: str, structure: Mapping[str, StructuralValue], libraries: Sequence[str], constants: Sequence[str]
) -> str:
    """Return a model that is the class, and names what the front end reads only if this text names it."""
    imports = "".join(f"  import {library};\n" for library in libraries)
    sizes = ", ".join(f"size({{{constant}}}, 1)" for constant in constants)
    named = f"  parameter Integer {NAMED}[{len(constants)}] = {{{sizes}}};\n" if constants else ""
    return f"model {WRAPPER}\n{imports}{named}  extends {class_name}{modification(structure)};\nend {WRAPPER};\n"


def check_structure(class_name: str, structure: Mapping[str, StructuralValue], known: Collection[str]) -> None:
    """Refuse a structural parameter that the class does not have; the front end passes over it in silence."""
    for name in _dotted(structure):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Do you mean '{near[0]}'?" if near else ""
            raise ModelError(f"{class_name} has no structural parameter '{name}'.{hint}", variable=name)


def _dotted(structure: Mapping[str, StructuralValue], prefix: str = "") -> Iterator[str]:
    for name, value in structure.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def modification(structure: Mapping[str, StructuralValue]) -> str:
    """Return ``structure`` as a modification in brackets, '' where there is nothing in it."""
    if not structure:
        return ""
    return "(" + ", ".join(_modified(name, value) for name, value in structure.items()) + ")"


def _modified(name: str, value: StructuralValue) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", name):
        raise ModelError(f"Structural parameter {name!r} is not a Modelica name.", variable=name)
    first, _, rest = name.partition(".")
    if rest:
        return f"{first}({_modified(rest, value)})"
    if isinstance(value, Mapping):
        return name + modification(value)
    return f"{name}={_modelica_value(name, value)}"


def _modelica_value(name: str, value: StructuralValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ModelError(f"Structural parameter {name} is {value}. Give it a finite number.", variable=name)
        return repr(value)
    if isinstance(value, str):
        is_name = re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", value)
        return value if is_name else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return "{" + ", ".join(_modelica_value(name, item) for item in value) + "}"
    raise ModelError(f"Structural parameter {name} has a value of type {type(value).__name__}.", variable=name)
