"""What C code needs to move the variables of an FMU."""

import ctypes
from typing import Final

from cosim.fmu.calls import Transfer, address_of
from cosim.instance.abilities import NativeMove

_C_FUNCTION: Final = ctypes.CFUNCTYPE(None).__mro__[1]
"""What ctypes makes all functions of libraries of."""


def is_native(transfer: Transfer) -> bool:
    """Tell whether C code can do ``transfer``: clocked variables and elements of arrays take more."""
    functions = (transfer.get, transfer.set)
    return transfer.elements is None and all(isinstance(item, _C_FUNCTION) for item in functions)


def native_move(transfer: Transfer) -> NativeMove:
    """Return how to do ``transfer`` without Python."""
    return NativeMove(
        set=address_of(transfer.set),
        get=address_of(transfer.get),
        references=transfer.references,
        buffer=transfer.buffer,
        positions=transfer.positions,
        is_boolean=transfer.is_boolean,
    )
