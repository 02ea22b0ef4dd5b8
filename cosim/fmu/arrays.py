"""Elements of FMI 3.0 arrays as variables of their own, named ``x[1]`` or ``x[2,3]``, counted from 1, row by row."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cosim.system.variable import Causality, Variable

if TYPE_CHECKING:
    from fmpy.model_description import ModelDescription

MOST_ELEMENTS: Final = 10_000
"""Elements of one array that become variables; larger arrays are data rather than signals."""


@dataclass(frozen=True, slots=True)
class Element:
    """Place of an element in its array, whose value reference and number of values an FMI call asks for."""

    array: str
    reference: int
    size: int
    index: int


@dataclass(frozen=True, slots=True)
class Arrays:
    """The elements of an FMU's arrays by name, and the structural parameters that decide how many there are."""

    elements: Mapping[str, Element]
    sizing: frozenset[str]


@dataclass(frozen=True, slots=True)
class ArrayLayout:
    """How the values of several whole arrays lie one after the other, and where in them the chosen elements are."""

    references: tuple[int, ...]
    n_values: int
    elements: NDArray[np.intp]


def with_elements(variables: Mapping[str, Variable]) -> dict[str, Variable]:
    """Return ``variables`` with each array followed by its elements."""
    found: dict[str, Variable] = {}
    for name, variable in variables.items():
        found[name] = variable
        if not variable.shape:
            continue
        for number, element in enumerate(_names(variable)):
            if element not in variables:
                found[element] = replace(variable, name=element, shape=(), start=_start(variable, number))
    return found


def find_arrays(model: "ModelDescription", variables: Mapping[str, Variable]) -> Arrays:
    """Return the places of all elements in ``variables``, which hold them already."""
    stated = {variable.name: variable for variable in model.modelVariables}
    elements: dict[str, Element] = {}
    sizing: set[str] = set()
    for name, variable in variables.items():
        if not variable.shape:
            continue
        sizing.update(one.variable.name for one in stated[name].dimensions if one.variable is not None)
        size = math.prod(variable.shape)
        for number, element in enumerate(_names(variable)):
            if element not in stated:
                elements[element] = Element(name, stated[name].valueReference, size, number)
    return Arrays(elements, frozenset(sizing))


def lay_out(elements: Sequence[Element]) -> ArrayLayout:
    """Arrange the arrays that ``elements`` belong to."""
    begin: dict[int, int] = {}
    n_values = 0
    for element in elements:
        if element.reference not in begin:
            begin[element.reference] = n_values
            n_values += element.size
    places = [begin[element.reference] + element.index for element in elements]
    return ArrayLayout(tuple(begin), n_values, np.array(places, dtype=np.intp))


def _names(variable: Variable) -> Iterator[str]:
    """Yield the names of the elements; none of arrays that cannot be exchanged."""
    is_exchanged = variable.type.is_numeric and variable.causality is not Causality.STRUCTURAL_PARAMETER
    if variable.shape and is_exchanged and math.prod(variable.shape) <= MOST_ELEMENTS:
        for indices in product(*(range(1, length + 1) for length in variable.shape)):
            yield f"{variable.name}[{','.join(map(str, indices))}]"


def _start(variable: Variable, number: int) -> float | int | bool | None:
    if not isinstance(variable.start, tuple):
        return None
    values = variable.start
    return values[number] if len(values) > number else values[0] if len(values) == 1 else None
