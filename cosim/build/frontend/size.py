"""How large a model may be: arrays are looked at before the front end expands them, all variables after it."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cosim.build.frontend.flat import Variable
from cosim.errors import ModelError, SourceLocation

LARGEST_MODEL = 200_000
"""Scalar variables of a model; a column of 100 cells with ten components has some ten thousand."""

_INTEGER = re.compile(r"\bInteger\s+(\w+)\s*(?:\([^;=]*\))?\s*=\s*(\d+)\s*[;,\"]")
_ARRAY = re.compile(r"\b[A-Za-z_][\w.]*\s+([A-Za-z_]\w*)\s*\[([\w\s,]+)\]")


def check_arrays(class_name: str, files: Sequence[Path], structure: Mapping[str, object]) -> None:
    """Refuse arrays in the file of a class that are too large by their plain numbers.

    The front end would write out every element, for minutes and gigabytes, before anything could count them.

    Raises
    ------
    ModelError
        An array alone has more than ``LARGEST_MODEL`` elements.
    """
    short = class_name.rpartition(".")[2]
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        if re.search(rf"\b(?:model|block|class)\s+{short}\b", text):
            _check_text(class_name, file, text, structure)


def _check_text(class_name: str, file: Path, text: str, structure: Mapping[str, object]) -> None:
    sizes = {name: int(number) for name, number in _INTEGER.findall(text)}
    sizes |= {name: value for name, value in structure.items() if isinstance(value, int)}
    for number, line in enumerate(text.splitlines(), 1):
        for name, subscripts in _ARRAY.findall(line.split("//")[0]):
            count = math.prod(_size(item.strip(), sizes) for item in subscripts.split(","))
            if count > LARGEST_MODEL:
                raise _too_large(
                    class_name, f"the array {name} alone has {count:,}", SourceLocation(file, number), name
                )


def _size(subscript: str, sizes: Mapping[str, int]) -> int:
    return int(subscript) if subscript.isdigit() else sizes.get(subscript, 1)


def check_size(class_name: str, variables: Iterable[Variable]) -> None:
    """Refuse a flat model with more than ``LARGEST_MODEL`` scalar variables.

    Raises
    ------
    ModelError
        It has more.
    """
    count = sum(math.prod(variable.dimensions) for variable in variables)
    if count > LARGEST_MODEL:
        raise _too_large(class_name, f"it has {count:,}", None, None)


def _too_large(class_name: str, said: str, place: SourceLocation | None, variable: str | None) -> ModelError:
    return ModelError(
        f"{class_name} is too large: {said} scalar variables, and the limit is {LARGEST_MODEL:,}. Use fewer cells or "
        "split the model.",
        variable=variable,
        location=place,
    )
