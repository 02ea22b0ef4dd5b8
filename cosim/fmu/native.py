"""What C code needs to move the variables of an FMU."""

from cosim.fmu.calls import Transfer, address_of
from cosim.instance.abilities import NativeMove


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
