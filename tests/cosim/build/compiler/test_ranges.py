"""What must not stand in a model description is refused by name."""

import pytest

from cosim.build.compiler.ranges import check_ranges
from cosim.build.model import BaseType, ModelVariable, Slot
from cosim.errors import ModelError


def variable(**attributes: object) -> ModelVariable:
    plain: dict[str, object] = {"name": "k", "slot": Slot.PARAMETER, "index": 0, "causality": "parameter"}
    return ModelVariable(**(plain | {"variability": "tunable"} | attributes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"type": BaseType.INTEGER, "start": 99999999999.0}, "value 99999999999, .* Declare it as Real"),
        ({"type": BaseType.INTEGER, "maximum": 2.0**31}, r"Integer k has the value 2147483648"),
        ({"minimum": 5.0, "maximum": 1.0, "start": 3.0}, r"k has min=5 above max=1"),
        ({"minimum": 0.0, "start": -3.0}, r"k starts at -3, outside its range: min=0"),
        ({"maximum": 1.0, "start": 3.0, "slot": Slot.STATE}, r"k starts at 3, outside its range: max=1"),
        ({"minimum": 1.0, "start": 0.0}, r"k starts at 0, outside its range: min=1"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(attributes: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        check_ranges([variable(**attributes)])


@pytest.mark.parametrize(
    "attributes",
    [
        {"minimum": 1.0, "maximum": 1.0, "start": 1.0},
        {"type": BaseType.INTEGER, "start": 2.0**31 - 1},
        {"slot": Slot.STATE, "minimum": 1.0, "start": 0.0},  # no start was given
        {"slot": Slot.OUTPUT, "minimum": 1.0, "start": -3.0},  # a guess
    ],
)
def test_what_may_be_passes(attributes: dict[str, object]) -> None:
    check_ranges([variable(**attributes)])
