"""How an FMU's variables change: outputs with time, unknowns with knowns."""

import ctypes
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cosim.errors import StructureError
from cosim.fmu.calls import AbstractCalls, Transfer, pointer


def rated(component: str, transfers: Sequence[Transfer]) -> Transfer:
    """Return the one transfer of a group of float64 scalars, which alone have derivatives.

    Raises
    ------
    StructureError
        When the group holds anything else.
    """
    for transfer in transfers:
        if transfer.elements is None and transfer.buffer.dtype == np.float64:
            continue
        what = "an element of an array" if transfer.elements is not None else f"of type {transfer.buffer.dtype.name}"
        name = transfer.names[0]
        raise StructureError(
            f"Derivatives of {component}.{name} cannot be exchanged: it is {what}; only real scalars have them.",
            component=component,
            variable=name,
        )
    if not transfers:
        raise StructureError(f"Derivatives of no variable of '{component}' were asked for.", component=component)
    return transfers[0]


def output_derivatives(calls: AbstractCalls, transfer: Transfer, order: int, values: NDArray[np.float64]) -> None:
    """Fill ``values`` with derivatives with respect to time."""
    n = len(transfer.references)
    orders, found, count = np.full(n, order, dtype=np.int32), np.zeros(n), ctypes.c_size_t(n)
    after = (count,) if calls.names.counts_values else ()
    arguments = pointer(transfer.references), count, pointer(orders), pointer(found), *after
    calls.call(calls.names.output_derivatives, *arguments)
    values[:] = found


def directional_derivative(
    calls: AbstractCalls,
    unknowns: NDArray[np.uint32],
    knowns: NDArray[np.uint32],
    *,
    seed: NDArray[np.float64],
    sensitivity: NDArray[np.float64],
) -> None:
    """Fill ``sensitivity`` with the derivatives of ``unknowns`` along ``seed`` in ``knowns``, value references."""
    given, found = np.ascontiguousarray(seed, dtype=np.float64), np.zeros(len(unknowns))
    n_unknowns, n_knowns = ctypes.c_size_t(len(unknowns)), ctypes.c_size_t(len(knowns))
    lists = pointer(unknowns), n_unknowns, pointer(knowns), n_knowns
    if calls.names.counts_values:
        calls.call(calls.names.directional, *lists, pointer(given), n_knowns, pointer(found), n_unknowns)
    else:
        calls.call(calls.names.directional, *lists, pointer(given), pointer(found))
    sensitivity[:] = found
