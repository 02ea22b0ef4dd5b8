"""What components pass on to each other, looked at to judge a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.exchange import find_links
from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant


@dataclass(frozen=True, slots=True)
class Monitor:
    """Outputs, by participant, that connections carry as continuous numbers or that flow through streams."""

    places: tuple[tuple[Participant, NDArray[np.intp]], ...]

    def name(self, index: int) -> str:
        """Return the qualified name of the value at ``index``."""
        for participant, places in self.places:
            if index < len(places):
                return f"{participant.name}.{participant.output_names[places[index]]}"
            index -= len(places)
        raise IndexError(index)

    def read(self) -> Array:
        """Return all values as they are now."""
        if not self.places:
            return np.empty(0)
        return np.concatenate([participant.outputs[places] for participant, places in self.places])


def watch_couplings(participants: Sequence[Participant]) -> Monitor:
    """Return a monitor of everything continuous that ``participants`` pass on to each other."""
    found: dict[Participant, set[int]] = {participant: set() for participant in participants}
    for link in (link for links in find_links(participants).values() for link in links):
        found[link.sender].update(link.sources.tolist())
    for participant in participants:
        for flow in participant.inflows:
            if flow.sender in found:
                found[flow.sender].update([flow.outlet.flow, *flow.outlet.contents.tolist()])
    return Monitor(
        tuple((participant, np.array(sorted(places), dtype=np.intp)) for participant, places in found.items() if places)
    )
