"""Values on their way into an FMU: which variables take them, in which order, in which type."""

import math

import numpy as np
from numpy.typing import NDArray

from cosim.fmu.calls import Transfer
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variability, Variable, VariableType

LARGEST = 2**53
"""Integers up to this size are exact as float64, in which all values travel."""
_FLOATS = (VariableType.FLOAT32, VariableType.FLOAT64)


def why_not_settable(variable: Variable) -> str:
    """Say why ``variable`` takes no value before initialisation; '' when it does (FMI 2.0.4 and 3.0.1, 2.2.7)."""
    if variable.variability is Variability.CONSTANT:
        return "it is a constant"
    if variable.causality is Causality.INDEPENDENT:
        return "it is the time"
    if variable.causality is Causality.CALCULATED_PARAMETER:
        return "the FMU calculates it from other parameters"
    if variable.causality in (Causality.OUTPUT, Causality.LOCAL) and variable.start is None:
        return "the FMU calculates it"
    is_settable = variable.type.is_numeric or variable.type in (VariableType.STRING, VariableType.BINARY)
    if variable.shape or not is_settable:
        if variable.shape:
            return f"it is an array; set its elements, the first of which is {variable.name}[{first_index(variable)}]"
        return f"it is of type {variable.type.value}; only numbers, Booleans, enumerations and texts can be set"
    return ""


def is_continuous_input(variable: Variable) -> bool:
    """Tell whether ``variable`` may change outside of events (FMI 2.0.4, 3.2.3; FMI 3.0.1, 3.2.1)."""
    is_input = variable.causality is Causality.INPUT and variable.variability is Variability.CONTINUOUS
    return is_input and variable.type in _FLOATS


def first_index(variable: Variable) -> str:
    """Return the index of an array's first element."""
    return ",".join("1" for _ in variable.shape)


def start_order(variable: Variable) -> int:
    """Rank parameters before the start values of everything that may depend on them."""
    return 0 if variable.causality is Causality.PARAMETER else 1


def start_number(variable: Variable, value: StartValue) -> float:
    """Return ``value`` as the number to write; an item name counts as its value for an enumeration.

    Raises
    ------
    ValueError
        When it is not a value of the variable's type; the text completes 'cannot start at …: '.
    """
    items = dict(variable.enumeration)
    if isinstance(value, str):
        if not items:
            raise ValueError("it takes a number")
        if value not in items:
            raise ValueError(f"it is one of {', '.join(items)}")
        return float(items[value])
    if abs(value) > LARGEST and variable.type not in _FLOATS:
        raise ValueError("integers beyond 2^53 cannot be carried exactly")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("it takes a finite number")
    if variable.type is VariableType.ENUMERATION and items and number not in items.values():
        raise ValueError(f"it is one of {', '.join(f'{name} ({code})' for name, code in items.items())}")
    if variable.type is VariableType.BOOLEAN and number not in (0.0, 1.0):
        raise ValueError("it is true or false")
    if variable.type not in _FLOATS and not number.is_integer():
        raise ValueError("it takes a whole number")
    return number


def to_buffer(transfer: Transfer, values: NDArray[np.float64]) -> None:
    """Copy ``values`` into the buffer of ``transfer``; integers are rounded, because unit factors leave round-off.

    Raises
    ------
    ValueError
        When a value is not a number or outside the range of the FMU's integer type.
    """
    where = slice(None) if transfer.elements is None else transfer.elements
    if transfer.is_float:
        transfer.buffer[where] = values
        return
    if transfer.is_boolean:
        transfer.buffer[where] = values != 0
        return
    whole, limits = np.rint(values), np.iinfo(transfer.buffer.dtype)
    outside = ~((whole >= max(limits.min, -LARGEST)) & (whole <= min(limits.max, LARGEST)))
    if outside.any():
        which = int(np.argmax(outside))
        kind = transfer.buffer.dtype.name
        raise ValueError(f"{transfer.names[which]} = {values[which]!r} does not fit the FMU's type {kind}")
    transfer.buffer[where] = whole


def first_inexact(transfer: Transfer) -> str:
    """Return name and value of an integer that ``transfer`` has read and float64 cannot carry, '' if there is none."""
    buffer = transfer.buffer
    if buffer.dtype.kind not in "iu" or buffer.dtype.itemsize < 8:
        return ""
    wide = (buffer > LARGEST) | (buffer < -LARGEST) if buffer.dtype.kind == "i" else buffer > LARGEST
    if not wide.any():
        return ""
    which = int(np.argmax(wide))
    name = transfer.names[which] if transfer.elements is None else transfer.names[0]
    return f"{name} = {buffer[which]}"


def to_bytes(value: StartValue) -> bytes:
    """Return the bytes that ``value`` writes in hexadecimal digits.

    Raises
    ------
    ValueError
        When it does not.
    """
    try:
        if isinstance(value, str):
            return bytes.fromhex(value)
    except ValueError:
        pass
    raise ValueError("it takes bytes in hexadecimal digits, such as 0aff")
