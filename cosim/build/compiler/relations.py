"""Comparisons that are frozen between events, and the instants of ``sample``."""

from dataclasses import dataclass

import casadi as ca
import numpy as np

from cosim.build.compiler.kernel import Kernel, Symbols
from cosim.build.compiler.space import Ids, Origin, Space
from cosim.build.compiler.values import SX, Value

NEVER = 1e300
SAMPLE_TOLERANCE = 1e-6  # share of the interval within which an instant counts as reached


@dataclass(frozen=True, slots=True)
class RelationFamily:
    """``difference > 0`` (``>= 0`` if not strict) for every point; ``instant`` is when a time relation becomes true."""

    kernel: Kernel
    ids: Ids
    is_strict: bool
    is_time: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A ``sample(start, interval)``: its next instant is kept in a discrete register."""

    register: int
    kernel: Kernel
    first: Kernel


class Relations:
    """Every frozen comparison of a model, each distinct one once."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._known: dict[tuple[str, bool, bytes], Ids] = {}
        self._samples_known: dict[tuple[str, bytes], Ids] = {}
        self.families: list[RelationFamily] = []
        self.samples: list[Sample] = []

    def truth(self, symbols: Symbols, difference: ca.SX, *, is_strict: bool) -> ca.SX:
        """Return the symbol of a comparison's frozen truth, negated where time runs against it."""
        slope = self._slope_in_time(symbols, difference)
        if slope is not None and slope < 0:
            # A time event is announced for the instant at which a relation becomes true.
            return ca.logic_not(self._frozen(symbols, -difference, not is_strict, is_time=True))
        return self._frozen(symbols, difference, is_strict, is_time=slope is not None)

    def _slope_in_time(self, symbols: Symbols, difference: ca.SX) -> float | None:
        """Return d/dt of a comparison of time with what only changes at events, or None."""
        time = symbols.of(self._space.time)
        slope = ca.jacobian(difference, time)
        if not slope.is_constant() or float(slope) == 0.0:
            return None
        others = symbols.kernel([ca.substitute(difference, time, SX(0))]).ids
        origins = self._space.origins()[others]
        settled = np.isin(origins, (Origin.PARAMETER, Origin.CONSTANT, Origin.DISCRETE, Origin.PRE, Origin.UNKNOWN))
        is_settled = bool(settled.all()) and not self._space.is_continuous(np.unique(others))
        return float(slope) if is_settled else None

    def _frozen(self, symbols: Symbols, difference: ca.SX, is_strict: bool, *, is_time: bool) -> ca.SX:
        kernel = symbols.kernel([difference, self._instant(symbols, difference) if is_time else SX(NEVER)])
        key = (kernel.signature(), is_strict, kernel.ids.tobytes())
        if key not in self._known:
            first = self._space.size(Origin.RELATION)
            names = [f"relation {first + index + 1}" for index in range(kernel.n_points)]
            self._known[key] = self._space.allocate(Origin.RELATION, names)
            self.families.append(RelationFamily(kernel, self._known[key], is_strict, is_time))
        return symbols.of(self._known[key])

    def _instant(self, symbols: Symbols, difference: ca.SX) -> ca.SX:
        time = symbols.of(self._space.time)
        return -ca.substitute(difference, time, SX(0)) / ca.jacobian(difference, time)

    def sample(self, symbols: Symbols, start: Value, interval: Value) -> ca.SX:
        """Return the truth that the next instant of a sample has come."""
        first, step = symbols.symbolic(start), symbols.symbolic(interval)
        key_kernel = symbols.kernel([first, step])
        key = (key_kernel.signature(), key_kernel.ids.tobytes())
        if key in self._samples_known:
            return symbols.of(self._samples_known[key])
        name = f"$next_sample{len(self.samples) + 1}"
        register = int(self._space.allocate(Origin.DISCRETE, [name])[0])
        before = symbols.of(int(self._space.allocate(Origin.PRE, [name])[0]))
        time = symbols.of(self._space.time)
        truth = self._frozen(symbols, time - before, False, is_time=True)
        passed = ca.floor((time - first) / step + SAMPLE_TOLERANCE)
        following = ca.if_else(truth, first + step * (passed + 1), before)
        self.samples.append(Sample(register, symbols.kernel([following]), symbols.kernel([first])))
        self._samples_known[key] = self.families[-1].ids
        return truth

    def sample_fires(self, symbols: Symbols, start: Value, interval: Value) -> ca.SX:
        """Return the truth that a ``when sample`` fires: at each instant, also at one on which the run starts."""
        truth = self.sample(symbols, start, interval)
        first, step = symbols.symbolic(start), symbols.symbolic(interval)
        phase = (symbols.of(self._space.time) - first) / step
        is_instant = ca.fabs(phase - ca.floor(phase + 0.5)) < SAMPLE_TOLERANCE
        return ca.logic_and(truth, ca.logic_or(ca.logic_not(symbols.of(self._space.initial)), is_instant))
