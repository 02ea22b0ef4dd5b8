"""How what goes round in a loop follows itself at once, as far as the models in it tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.exchange import SMOOTH_TYPES, Link
from cosim.algorithm.monitor import Monitor
from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.instance.abilities import AbstractDifferentiable

Places = NDArray[np.intp]


def slopes_of_pass(
    members: Sequence[Participant], interface: Monitor, links: Mapping[str, Sequence[Link]]
) -> Array | None:
    """Return ∂g/∂x (n, n) of the outputs ``interface``, g being what a pass over ``members`` makes of supposed x.

    Only what follows at the same time counts, not what comes about within the step. None where some model tells no
    derivatives of an output that depends on an input directly, or may.
    """
    places = dict(interface.places)
    n = sum(map(len, places.values()))
    rows = np.split(np.eye(n), np.cumsum([len(own) for own in places.values()])[:-1])
    known = dict(zip(places, rows, strict=True))
    effects: dict[Participant, list[tuple[Participant, Array]]] = {}
    for receiver in members:
        for link in links[receiver.name]:
            if receiver not in places or link.sender not in places:
                continue
            effect = _effect(receiver, places[receiver], link, places[link.sender])
            if effect is None:
                return None
            effects.setdefault(receiver, []).append((link.sender, effect))
    for _ in range(2):  # each steps with what those before it have put out; all are read once more in the end
        for receiver, parts in effects.items():
            known[receiver] = np.sum([effect @ known[sender] for sender, effect in parts], axis=0)
    return np.concatenate(list(known.values()))


def _effect(receiver: Participant, own: Places, link: Link, sent: Places) -> Array | None:
    """Return ∂(outputs ``own`` of ``receiver``)/∂(outputs ``sent`` of the sender)."""
    effect = np.zeros((len(own), len(sent)))
    columns = {place: column for column, place in enumerate(sent.tolist())}
    for source, target, factor in zip(link.sources.tolist(), link.targets.tolist(), link.factors, strict=True):
        if source in columns:
            slopes = _slopes(receiver, own, receiver.input_names[target])
            if slopes is None:
                return None
            effect[:, columns[source]] += factor * slopes
    return effect


def _slopes(participant: Participant, own: Places, name: str) -> Array | None:
    """Return ∂(outputs ``own``)/∂(input ``name``)."""
    instance, description = participant.instance, participant.instance.description
    outputs = [participant.output_names[place] for place in own.tolist()]
    slopes = np.zeros(len(outputs))
    following = [i for i, output in enumerate(outputs) if name in description.feedthrough.get(output, (name,))]
    if not following:
        return slopes
    is_told = description.capabilities.provides_directional_derivatives and all(
        outputs[i] in description.feedthrough and description.variables[outputs[i]].type in SMOOTH_TYPES
        for i in following
    )
    if not is_told or not isinstance(instance, AbstractDifferentiable):
        return None
    found = np.empty(len(following))
    unknowns = participant.subgroup(tuple(outputs[i] for i in following))
    instance.directional_derivative(unknowns, participant.subgroup((name,)), np.ones(1), found)
    slopes[following] = found
    return slopes
