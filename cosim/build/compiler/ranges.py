"""Whether the numbers of the variables can stand in an FMU: ranges, start values inside them, 32-bit Integers."""

from collections.abc import Iterable

from cosim.build.model import BaseType, ModelVariable, Slot
from cosim.errors import ModelError

LARGEST_INTEGER = 2**31 - 1
_SET_BY_USERS = (Slot.PARAMETER, Slot.INPUT, Slot.STATE, Slot.DISCRETE, Slot.CONSTANT)


def check_ranges(variables: Iterable[ModelVariable]) -> None:
    """Refuse values that an FMU must not have.

    Raises
    ------
    ModelError
        An Integer exceeds 32 bits, a minimum exceeds its maximum, or a start value lies outside its range.
    """
    for variable in variables:
        _check_integers(variable)
        low, high = variable.minimum, variable.maximum
        if low is not None and high is not None and low > high:
            raise ModelError(
                f"{variable.name} has min={low:g} above max={high:g}. Exchange them.", variable=variable.name
            )
        start = variable.start
        # A start value of 0 is also what a variable without one gets.
        if (
            start is None
            or variable.slot not in _SET_BY_USERS
            or (start == 0.0 and variable.slot is not Slot.PARAMETER)
        ):
            continue
        if (low is not None and start < low) or (high is not None and start > high):
            bound = f"min={low:g}" if low is not None and start < low else f"max={high:g}"
            raise ModelError(
                f"{variable.name} starts at {start:g}, outside its range: {bound}. Change the value or the range.",
                variable=variable.name,
            )


def _check_integers(variable: ModelVariable) -> None:
    if variable.type is not BaseType.INTEGER:
        return
    for value in (variable.start, variable.minimum, variable.maximum):
        if value is not None and abs(value) > LARGEST_INTEGER:
            raise ModelError(
                f"The Integer {variable.name} has the value {value:.0f}, but an Integer of an FMU ends at "
                f"{LARGEST_INTEGER}. Declare it as Real.",
                variable=variable.name,
            )
