"""The state of a model edited from outside, between two communication steps."""

from collections.abc import Sequence

from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.execution.ledger import Ledger
from cosim.instance.abilities import AbstractEditable


def amend(participant: Participant, ledger: Ledger, numbers: Sequence[str], values: Array) -> None:
    """Let ``participant`` go on from ``values`` (n,) of some of the ``numbers`` of its instance, which is editable.

    Outputs are read again. What it holds more or less is booked as come or gone.
    """
    instance = participant.instance
    assert isinstance(instance, AbstractEditable)

    def edit() -> None:
        instance.write_numbers(numbers, values)
        participant.read()
        for outlet in participant.updates:
            outlet.update(participant.outputs, 0.0)

    ledger.amend(participant, edit)
