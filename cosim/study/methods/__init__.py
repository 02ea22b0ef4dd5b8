"""Methods by the name a study gives them; a new one is one file here and one line below."""

from collections.abc import Callable, Mapping
from typing import Final

from cosim.study.method import AbstractMethod
from cosim.study.methods.calibration import Calibration
from cosim.study.methods.central_composite import CentralComposite
from cosim.study.methods.cost import Cost
from cosim.study.methods.design_space import DesignSpace
from cosim.study.methods.faults import Faults
from cosim.study.methods.fractional_factorial import FractionalFactorial
from cosim.study.methods.full_factorial import FullFactorial
from cosim.study.methods.latin_hypercube import LatinHypercube
from cosim.study.methods.monte_carlo import MonteCarlo
from cosim.study.methods.morris import Morris
from cosim.study.methods.optimisation import Optimisation
from cosim.study.methods.scale_up import ScaleUp
from cosim.study.methods.sobol import Sobol
from cosim.study.methods.sobol_sequence import SobolSequence
from cosim.study.methods.table import UserTable

METHODS: Final[Mapping[str, Callable[..., AbstractMethod]]] = {
    "latin_hypercube": LatinHypercube,
    "sobol_sequence": SobolSequence,
    "full_factorial": FullFactorial,
    "fractional_factorial": FractionalFactorial,
    "central_composite": CentralComposite,
    "table": UserTable,
    "morris": Morris,
    "sobol": Sobol,
    "monte_carlo": MonteCarlo,
    "calibration": Calibration,
    "design_space": DesignSpace,
    "cost": Cost,
    "optimisation": Optimisation,
    "faults": Faults,
    "scale_up": ScaleUp,
}
