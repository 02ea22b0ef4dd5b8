"""Everything about a structure and its experiment that can be found wrong without running."""

from cosim.errors import CosimError
from cosim.system.check_capabilities import check_capabilities
from cosim.system.check_horizon import check_horizon
from cosim.system.check_loops import check_algebraic_loops
from cosim.system.check_phases import check_phases
from cosim.system.check_streams import check_streams
from cosim.system.check_wiring import check_wiring
from cosim.system.checking import Checker
from cosim.system.experiment import Experiment
from cosim.system.structure import SystemStructure


def validate(structure: SystemStructure, experiment: Experiment, *, solves_loops: bool = False) -> list[CosimError]:
    """Return every problem found; none: the experiment can be run."""
    return examine(structure, experiment, solves_loops=solves_loops)[0]


def examine(
    structure: SystemStructure, experiment: Experiment, *, solves_loops: bool = False
) -> tuple[list[CosimError], list[str]]:
    """Return every problem found, and warnings of what can be run but may not be meant.

    ``solves_loops`` tells that the co-simulation algorithm solves algebraic loops.
    """
    checker = Checker(structure)
    check_wiring(checker, experiment)
    check_algebraic_loops(checker, experiment, solves_loops=solves_loops)
    check_streams(checker)
    check_phases(checker, experiment)
    check_horizon(checker, experiment)
    check_capabilities(checker, experiment)
    return checker.problems, checker.warnings
