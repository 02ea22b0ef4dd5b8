"""The C functions of one FMU instance, alike for every FMI version; ``fmi2.py`` and ``fmi3.py`` fill them in."""

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from cosim.fmu.arrays import ArrayLayout
from cosim.instance.abilities import NativeStep
from cosim.system.variable import VariableType

OK: Final = 0
WARNING: Final = 1
DISCARD: Final = 2
ERROR: Final = 3
FATAL: Final = 4

CFunction = Callable[..., int]


class CallRefused(Exception):
    """An FMI function returned worse than Warning; turned into a StepError where component and time are known."""

    def __init__(self, function: str, status: int, detail: str = "", reached: float | None = None) -> None:
        super().__init__(function)
        self.function = function
        self.status = status
        self.detail = detail
        self.reached = reached
        """Up to when a discarded step was computed [s]."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One pair of C functions moving ``names``, all of one type, through ``buffer``.

    ``arguments`` are the ctypes objects both functions take; they point into ``buffer`` and ``references``.
    ``positions`` tells where the values belong in the group's array, None when they are the whole array in order.
    """

    names: tuple[str, ...]
    get: CFunction
    set: CFunction
    get_name: str
    set_name: str
    arguments: tuple[Any, ...]
    buffer: NDArray[Any]
    references: NDArray[np.uint32]
    positions: NDArray[np.intp] | None
    is_boolean: bool
    is_float: bool
    elements: NDArray[np.intp] | None = None
    """Places in ``buffer`` of the elements meant, where it holds whole arrays; None: all of it."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """What an FMU reports after a step: the time it reached [s], and whether it asks to end the simulation."""

    time: float
    is_early: bool
    is_terminated: bool
    needs_event: bool = False
    """True when the FMU waits for an event to be handled at ``time``."""


@dataclass(frozen=True, slots=True)
class AbilityFunctions:
    """FMI's names of the functions behind abilities; '' where a version has none."""

    output_derivatives: str
    input_derivatives: str = ""
    save: str = ""
    state_size: str = ""
    serialise: str = ""
    deserialise: str = ""
    directional: str = ""
    counts_values: bool = False
    """True where the number of values follows the values, beside the number of references."""


class AbstractCalls(ABC):
    """FMI functions of one instance. Every method raises :class:`CallRefused` for a status above Warning.

    Order of calls as in :class:`cosim.instance.contract.AbstractInstance`.
    """

    names: ClassVar[AbilityFunctions]

    @property
    @abstractmethod
    def handle(self) -> int:
        """The instance, as its functions get it."""

    @abstractmethod
    def address(self, name: str) -> int:
        """Return the address of the FMI function ``name``."""

    @abstractmethod
    def call(self, name: str, *arguments: Any) -> None:
        """Call the FMI function ``name`` of this instance; the instance itself is added as the first argument."""

    @abstractmethod
    def transfer(
        self,
        kind: VariableType,
        names: Sequence[str],
        references: Sequence[int],
        positions: NDArray[np.intp] | None,
        layout: ArrayLayout | None = None,
    ) -> Transfer:
        """Prepare moving variables of one numeric type; with ``layout``, elements of arrays."""

    @abstractmethod
    def set_string(self, reference: int, text: str) -> None:
        """Set a string variable."""

    @abstractmethod
    def set_binary(self, reference: int, content: bytes) -> None:
        """Set a binary variable."""

    @abstractmethod
    def configure(self, assign: Callable[[], None]) -> None:
        """Call ``assign``, which sets structural parameters, in the mode in which they may be set."""

    @abstractmethod
    def enter_initialization(self, start: float, stop: float | None, tolerance: float | None) -> None:
        """Begin initialisation at ``start`` [s]."""

    @abstractmethod
    def exit_initialization(self) -> None:
        """Complete initialisation."""

    @abstractmethod
    def step(self, time: float, size: float) -> StepReport | None:
        """Step from ``time`` by ``size`` [s]; None when the whole step was done and nothing is to be reported."""

    @abstractmethod
    def get_state(self) -> ctypes.c_void_p:
        """Return a handle of a copy of the state."""

    @abstractmethod
    def set_state(self, state: ctypes.c_void_p) -> None:
        """Restore a copy of the state."""

    @abstractmethod
    def free_state(self, state: ctypes.c_void_p) -> None:
        """Free a copy of the state."""

    @abstractmethod
    def reset(self) -> None:
        """Return to the state after instantiation."""

    @abstractmethod
    def terminate(self) -> None:
        """End the simulation."""

    @abstractmethod
    def free(self) -> None:
        """Free the instance."""


class AbstractNativeCalls(AbstractCalls):
    """FMI functions of one instance that C code may call too."""

    @abstractmethod
    def conclude(self, status: int, time: float, size: float) -> StepReport | None:
        """Return what ``step`` would, after its function returned ``status``."""

    @abstractmethod
    def native_step(self) -> NativeStep | None:
        """Return what C code needs to call the function of ``step``; None where there is none."""


_DTYPES: Final = {
    VariableType.FLOAT32: np.float32,
    VariableType.FLOAT64: np.float64,
    VariableType.INT8: np.int8,
    VariableType.UINT8: np.uint8,
    VariableType.INT16: np.int16,
    VariableType.UINT16: np.uint16,
    VariableType.INT32: np.int32,
    VariableType.UINT32: np.uint32,
    VariableType.INT64: np.int64,
    VariableType.UINT64: np.uint64,
    VariableType.ENUMERATION: np.int64,
    VariableType.BOOLEAN: np.bool_,
}


def buffer_type(kind: VariableType) -> type[np.generic]:
    """Return the element type of FMI 3.0's arrays of ``kind``."""
    return _DTYPES[kind]


def pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    """Return the address of an array's first element; the array must outlive it."""
    return ctypes.c_void_p(array.ctypes.data)


def address_of(function: Any) -> int:
    """Return the address of a C function."""
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def encoded(text: str) -> ctypes.c_char_p:
    """Return ``text`` as the UTF-8 string of the C interface."""
    return ctypes.c_char_p(text.encode("utf-8"))
