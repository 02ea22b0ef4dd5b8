"""States and parameters that no sensor shows, estimated from a model and what sensors do show."""

from cosim.estimation.belief import Belief, Bounds, Innovation, Measurement
from cosim.estimation.consistency import Consistency, is_unlikely
from cosim.estimation.ensemble import EnsembleFilter
from cosim.estimation.filter import AbstractFilter
from cosim.estimation.offsets import Offsets
from cosim.estimation.process import AbstractProcess
from cosim.estimation.recollection import Recollection
from cosim.estimation.remembering import OUTLYING, AbstractRecollection, Memory
from cosim.estimation.timeline import Timeline
from cosim.estimation.unscented import UnscentedFilter
from cosim.estimation.unscented_recollection import UnscentedRecollection

__all__ = [
    "OUTLYING",
    "AbstractFilter",
    "AbstractProcess",
    "AbstractRecollection",
    "Belief",
    "Bounds",
    "Consistency",
    "EnsembleFilter",
    "Innovation",
    "Measurement",
    "Memory",
    "Offsets",
    "Recollection",
    "Timeline",
    "UnscentedFilter",
    "UnscentedRecollection",
    "is_unlikely",
]
