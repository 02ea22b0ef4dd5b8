"""A hybrid as a folder, in the files that every package has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosim.errors import FmuError
from cosim.surrogate.domain import Domain, read_domain
from cosim.surrogate.hybrid.model import TIME, HybridFacts, read_facts
from cosim.surrogate.hybrid.network import HybridNetwork
from cosim.surrogate.model import Array
from cosim.surrogate.package import MISMATCHES, Contents, check_tensors, read_contents

ARCHITECTURE: Final = "hybrid"
SHORTEST: Final = 1e-9
LONGEST: Final = 1e9
"""Steps [s]: a tick, and 30 years."""


@dataclass(frozen=True, slots=True)
class HybridPackage:
    """A hybrid as it was read: everything checked, ready to be put around an FMU."""

    folder: Path
    sha256: str
    document: Mapping[str, Any]
    facts: HybridFacts
    network: HybridNetwork
    tensors: Mapping[str, Array]
    domain: Domain

    @property
    def name(self) -> str:
        """The name in its training file."""
        return str(self.document["name"])

    @property
    def fmu_sha256(self) -> str:
        """Of the FMU that it was trained with."""
        return str(self.document["source"]["sha256"])


def read_hybrid_package(folder: Path) -> HybridPackage:
    """Read the package in ``folder``.

    Raises
    ------
    FmuError
        When something in it is missing, altered, too large, or does not fit together.
    """
    return hybrid_of(read_contents(folder))


def hybrid_of(contents: Contents) -> HybridPackage:
    """Return the hybrid that ``contents`` describe."""
    if contents.architecture != ARCHITECTURE:
        raise FmuError(f"The package in '{contents.folder}' is no hybrid: its architecture is another one.")
    document, tensors = contents.document, contents.tensors
    try:
        facts = read_facts(document["architecture"]["facts"])
        network = HybridNetwork(facts)
        domain = read_domain(document["domain"], tensors)
        package = HybridPackage(contents.folder, contents.sha256, document, facts, network, tensors, domain)
        _check(package)
        check_tensors(contents.folder, network.shapes, domain, tensors)
    except MISMATCHES as error:
        raise contents.mismatch(error) from error
    return package


def _check(package: HybridPackage) -> None:
    """Raise ValueError or KeyError where the description contradicts itself."""
    facts = package.facts
    if package.domain.names != facts.seen or not facts.seen or not facts.n_said:
        raise ValueError("what it sees and says is not what its domain tells of")
    if len(facts.is_positive) != len(facts.corrected):
        raise ValueError("what is positive is not what is corrected")
    limits = np.array([[item.low, item.high, item.start] for item in facts.given])
    if not np.isfinite(limits).all() or (limits.size and (limits[:, 0] >= limits[:, 1]).any()):
        raise ValueError("limits of what it gives are no ranges")
    if not (SHORTEST <= facts.step <= LONGEST and facts.width > 0 and facts.members > 0):
        raise ValueError("its step is from 1e-9 s to 1e9 s, its width and members are above zero")
    names = [*facts.seen, *(item.name for item in facts.given), *facts.corrected]
    if len(set(names) - {TIME}) == 0 or not package.name:
        raise ValueError("it names nothing")
    _ = package.fmu_sha256
