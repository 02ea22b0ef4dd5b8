"""Fitting parameters to data: bounded least squares, profile likelihood, what the data cannot tell.

Everything here is numbers; a model is whatever answers a generator's points (m, p) with predictions (m, n), NaN where
it has none. The runs behind them may be made side by side, and in any place.
"""

from cosim.study.fitting.fit import Fit, Options, fit, search
from cosim.study.fitting.problem import FitProblem, Parameter

__all__ = ["Fit", "FitProblem", "Options", "Parameter", "fit", "search"]
