"""A package that another training begins with: what it learns anew, and what stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cosim.errors import StructureError, StudyError
from cosim.surrogate.architectures.contract import AbstractModel
from cosim.surrogate.architectures.known import read_model
from cosim.surrogate.domain import SLACK, Domain
from cosim.surrogate.interface import differences
from cosim.surrogate.model import Array, Plan, Runs
from cosim.surrogate.package import Package
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest


@dataclass(frozen=True, slots=True)
class Inherited:
    """Tensors to begin with, and the names of those that are learned again."""

    tensors: Mapping[str, Array]
    retrained: frozenset[str]


def layers_of(model: AbstractModel) -> tuple[str, ...]:
    """Return the names of the layers of ``model``, such as ``rates.2``, whose weights are learned."""
    weights = model.first_weights(np.random.default_rng(0))
    return tuple(dict.fromkeys(name.rpartition(".")[0] for name in weights))


def inherit(package: Package, layers: Sequence[str]) -> Inherited:
    """Return what a training begins with that learns ``layers`` again: ``rates.2``, or ``rates`` for all of them.

    Raises
    ------
    StructureError
        Naming a layer that is not there.
    """
    known = layers_of(package.model)
    chosen: set[str] = set()
    for written in layers:
        meant = {name for name in known if name == written or name.startswith(f"{written}.")}
        if not meant:
            raise StructureError(
                f"'layers' names '{written}', and '{package.name}' has {', '.join(known)}.{nearest(written, known)}"
            )
        chosen |= meant
    weights = package.model.first_weights(np.random.default_rng(0))
    return Inherited(package.tensors, frozenset(name for name in weights if name.rpartition(".")[0] in chosen))


def require_same_kind(package: Package, plan: Plan, description: ComponentDescription) -> None:
    """Raise StructureError unless ``package`` has the arrays of ``plan``, and its units and step."""
    wrong = differences(package.interface, description)
    if wrong:
        raise StructureError(f"the interface of '{package.name}' is not that of the FMU: {'; '.join(wrong[:3])}.")
    step = plan.step / 1e9
    if package.step != step:
        raise StructureError(f"'{package.name}' takes steps of {package.step:g} s, and 'step' is {step:g} s.")
    pairs = {
        "parameters that vary": (package.parameter_names, plan.varied),
        "inputs": (package.input_names, plan.input_names),
        "outputs": (package.output_names, plan.output_names),
    }
    for what, (theirs, ours) in pairs.items():
        if theirs != ours:
            raise StructureError(
                f"'{package.name}' knows other {what}: {_listed(theirs)} there, {_listed(ours)} in this file. Use the "
                "same ones in the same order."
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "") if names else "none"


def carried_over(package: Package, runs: Runs) -> AbstractModel:
    """Return the model of ``package`` with the constants of ``runs``.

    Raises
    ------
    StudyError
        Where an output that it takes for constant varies.
    """
    architecture: Mapping[str, Any] = package.document["architecture"]
    facts = dict(architecture["facts"])
    if "readouts" in facts:
        places = {name: i for i, name in enumerate(package.output_names)}
        facts["readouts"] = [_renewed(entry, runs.outputs[..., places[entry["name"]]]) for entry in facts["readouts"]]
    return read_model({**architecture, "facts": facts})


def _renewed(entry: Mapping[str, Any], values: Array) -> Mapping[str, Any]:
    if entry["kind"] != "constant":
        return entry
    if np.ptp(values) > 0:
        raise StudyError(
            f"'{entry['name']}' varies from {values.min():g} to {values.max():g} in the new runs, and was constant "
            "where the transfer begins. Train without 'transfer'."
        )
    return {**entry, "value": float(values.flat[0])}


def widened(domain: Domain, places: Array, spreads: Array) -> Domain:
    """Return ``domain`` with the coordinates ``places`` (n, n_coordinates) and the ``spreads`` of new runs in it."""
    return replace(
        domain,
        low=np.minimum(domain.low, places.min(0)),
        high=np.maximum(domain.high, places.max(0)),
        distance_limit=max(domain.distance_limit, SLACK * float(domain.distance(places).max())),
        spread_limit=max(domain.spread_limit, SLACK * float(spreads.max())),
    )
