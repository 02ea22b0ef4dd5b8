"""Inputs that move within a communication step: told beforehand (FMI 1.0, 2.0), or given when asked (FMI 3.0).

FMI 3.0 has no input derivatives: an FMU that provides intermediate update asks for its inputs at the points it needs
(FMI 3.0.1, 4.2.2), and is answered from the derivatives. It is asked through a C function where there is a compiler.
An FMI 2.0 FMU that was told new derivatives of inputs takes them into account in those of its outputs; one of FMI 3.0
cannot yet know them, and gets their direct effect added by its directional derivatives.
"""

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from cosim import native
from cosim.errors import CapabilityError
from cosim.fmu.calls import WARNING, AbstractCalls, CallRefused, Transfer, pointer
from cosim.fmu.rates import directional_derivative

SOURCE: Final = Path(__file__).parent / "motion.c"
MOST_ORDERS: Final = 3
"""Derivatives kept for an FMI 3.0 FMU."""
_SET: Final = "fmi3SetFloat64"


class AbstractMotion(ABC):
    """Moves inputs of one instance; every method raises CallRefused for a status above Warning."""

    @abstractmethod
    def write(self, transfer: Transfer, order: int, values: NDArray[np.float64]) -> None:
        """Set derivatives [unit/s^order], for the next communication step only."""

    @abstractmethod
    def adapt(self, transfer: Transfer, order: int, rates: NDArray[np.float64]) -> None:
        """Make ``rates``, just read of outputs, those with the derivatives of inputs written since the step."""

    @abstractmethod
    def begin(self, time: float) -> None:
        """Begin the communication step that the derivatives are for, at ``time`` [s]."""

    @abstractmethod
    def end(self, time: float) -> bool:
        """End the step at ``time`` [s]: inputs are held from here on. Tell whether it matters that they moved."""

    @abstractmethod
    def snapshot(self) -> tuple[float, ...]:
        """Return what has to be known besides the FMU's own state to go back to the end of the last step."""

    @abstractmethod
    def restore(self, snapshot: tuple[float, ...]) -> None:
        """Take note that the FMU is back at ``snapshot``; () where no input has moved."""


class ToldMotion(AbstractMotion):
    """FMI 1.0 and 2.0: the FMU gets the derivatives before the step."""

    def __init__(self, calls: AbstractCalls) -> None:
        self._calls = calls

    def write(self, transfer: Transfer, order: int, values: NDArray[np.float64]) -> None:
        n = len(transfer.references)
        orders, rates = np.full(n, order, dtype=np.int32), np.ascontiguousarray(values)
        arguments = pointer(transfer.references), ctypes.c_size_t(n), pointer(orders), pointer(rates)
        self._calls.call(self._calls.names.input_derivatives, *arguments)

    def adapt(self, transfer: Transfer, order: int, rates: NDArray[np.float64]) -> None:
        pass

    def begin(self, time: float) -> None:
        pass

    def end(self, time: float) -> bool:
        return False

    def snapshot(self) -> tuple[float, ...]:
        return ()

    def restore(self, snapshot: tuple[float, ...]) -> None:
        pass


class Motion(ctypes.Structure):
    """``Motion`` of motion.c."""

    _fields_: ClassVar = [
        ("is_active", ctypes.c_int32),
        ("status", ctypes.c_int32),
        ("begin", ctypes.c_double),
        ("instance", ctypes.c_void_p),
        ("set", ctypes.c_void_p),
        ("n", ctypes.c_size_t),
        *((name, ctypes.c_void_p) for name in ("references", "rates", "values")),
    ]


class AskedMotion(AbstractMotion):
    """FMI 3.0: the FMU asks for its inputs within the step.

    It is made before the instance, which gets ``references``, ``callback`` and ``environment`` when it is instantiated.
    """

    def __init__(self, references: Sequence[int], *, is_differentiable: bool) -> None:
        self._motion = Motion(n=len(references))
        self.references = np.array(references, dtype=np.uint32)
        self._places = {int(reference): place for place, reference in enumerate(references)}
        self._is_differentiable = is_differentiable
        self._rates = np.zeros((MOST_ORDERS + 1, len(references)))
        self._past = np.zeros((MOST_ORDERS + 1, len(references)))  # at the end of the last step, as the FMU knows them
        self._values = np.zeros(len(references))
        self._failure: BaseException | None = None
        self._motion.references, self._motion.rates = self.references.ctypes.data, self._rates.ctypes.data
        self._motion.values = self._values.ctypes.data
        library = native.load(SOURCE)
        self.callback: Any = _in_python(self._answer) if library is None else library.motion_update

    @property
    def environment(self) -> int:
        """The address that the FMU passes on to the callback, and to the logger."""
        return ctypes.addressof(self._motion)

    def attach(self, calls: AbstractCalls) -> None:
        """Take note of the instance, once it is there."""
        self._calls = calls
        self._motion.instance, self._motion.set = calls.handle, calls.address(_SET)
        n = ctypes.c_size_t(len(self._values))
        self._arguments = pointer(self.references), n, pointer(self._values), n

    def write(self, transfer: Transfer, order: int, values: NDArray[np.float64]) -> None:
        if not 1 <= order <= MOST_ORDERS:
            raise CapabilityError(f"Derivatives of inputs of FMI 3.0 FMUs have order 1 to {MOST_ORDERS}, not {order}.")
        for name, reference in zip(transfer.names, transfer.references, strict=True):
            if int(reference) not in self._places:
                raise CapabilityError(f"{name} cannot move within a step: it is no input for which the FMU asks then.")
        self._rates[order, [self._places[int(reference)] for reference in transfer.references]] = values
        self._motion.is_active = 1

    def adapt(self, transfer: Transfer, order: int, rates: NDArray[np.float64]) -> None:
        change = self._rates[order] - self._past[order]
        if not (self._motion.is_active and self._is_differentiable and change.any()):
            return
        share = np.zeros_like(rates)
        directional_derivative(self._calls, transfer.references, self.references, seed=change, sensitivity=share)
        rates += share

    def begin(self, time: float) -> None:
        self._calls.call("fmi3GetFloat64", *self._arguments)
        self._rates[0] = self._values
        self._motion.begin = time

    def end(self, time: float) -> bool:
        status, failure, tau = self._motion.status, self._failure, time - self._motion.begin
        self._motion.is_active = self._motion.status = 0
        self._failure = None
        if failure is not None:
            raise failure
        if status > WARNING:
            raise CallRefused(_SET, status)
        _, u1, u2, u3 = self._rates
        self._past[1:] = u1 + tau * (u2 + tau / 2 * u3), u2 + tau * u3, u3
        self._rates[1:] = 0.0
        return bool(self._past.any())

    def snapshot(self) -> tuple[float, ...]:
        return tuple(self._past[1:].ravel().tolist())

    def restore(self, snapshot: tuple[float, ...]) -> None:
        self._past[1:] = np.reshape(snapshot, (MOST_ORDERS, -1)) if snapshot else 0.0
        self._rates[1:] = 0.0
        self._motion.is_active = 0

    def _answer(self, time: float) -> None:
        """Do what ``motion_update`` does where no compiler makes it."""
        motion = self._motion
        if not motion.is_active or self._failure is not None or not time >= motion.begin:
            return
        tau = time - motion.begin
        u, u1, u2, u3 = self._rates
        self._values[:] = u + tau * (u1 + tau / 2 * (u2 + tau / 3 * u3))
        try:
            self._calls.call(_SET, *self._arguments)
        except BaseException as error:  # it cannot cross the FMU's C code; Ctrl-C included, it is raised after the step
            self._failure = error


def _in_python(answer: Any) -> Any:
    """Return ``motion_update`` as a Python callback, which the caller keeps alive."""
    flag, real = ctypes.c_bool, ctypes.c_double
    kind = ctypes.CFUNCTYPE(
        None, ctypes.c_void_p, real, flag, flag, flag, flag, ctypes.POINTER(flag), ctypes.POINTER(real)
    )

    def update(_environment: int, time: float, is_set_requested: bool, *rest: Any) -> None:
        return_requested, return_time = rest[3:]
        return_requested[0], return_time[0] = False, time
        if is_set_requested:
            answer(time)

    return kind(update)
