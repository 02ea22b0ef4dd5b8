"""States and parameters that no sensor shows, estimated from a model and what sensors do show."""

from cosim.estimation.belief import Belief, Bounds, Innovation, Measurement
from cosim.estimation.consistency import Consistency
from cosim.estimation.ensemble import EnsembleFilter
from cosim.estimation.filter import AbstractFilter
from cosim.estimation.process import AbstractProcess
from cosim.estimation.recollection import Memory, Recollection
from cosim.estimation.timeline import Timeline
from cosim.estimation.unscented import UnscentedFilter

__all__ = [
    "AbstractFilter",
    "AbstractProcess",
    "Belief",
    "Bounds",
    "Consistency",
    "EnsembleFilter",
    "Innovation",
    "Measurement",
    "Memory",
    "Recollection",
    "Timeline",
    "UnscentedFilter",
]
