"""Everything about a structure and its experiment that can be found wrong without running."""

from cosim.errors import CosimError
from cosim.system.experiment import Experiment
from cosim.system.structure import SystemStructure


def validate(structure: SystemStructure, experiment: Experiment) -> list[CosimError]:
    """Return every problem found; none: the experiment can be run."""
    return []
