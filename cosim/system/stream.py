"""Streams: one outlet joined to one inlet, carrying flow and composition such that what is sent arrives.

Port ``P`` of a liquid is the variables ``P.V_flow`` [m3/s], ``P.T`` [K], ``P.c_<species>`` [kg/m3, mol/m3 or 1/m3] and,
at an outlet, the totals ``P.V_total``, ``P.m_<species>_total``, ``P.H_total`` since initialisation. A gas port has
``P.n_flow``, ``P.y_<species>``, ``P.T``, ``P.p`` and totals ``P.n_<species>_total``.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from cosim.errors import SourceLocation

VOLUME: Final = "volume"
"""The name under which volume is balanced like a species."""


class PortDirection(Enum):
    """Which way a port's flow counts as positive."""

    INLET = "inlet"
    OUTLET = "outlet"


class Exit(StrEnum):
    """What a stream is called that leaves the flowsheet."""

    WASTE = "waste"
    PRODUCT = "product"


class Medium(Enum):
    """What flows through a port."""

    LIQUID = "liquid"
    GAS = "gas"


@dataclass(frozen=True, slots=True)
class Species:
    """What balances need to know of a species.

    ``basis`` is 'kg', 'mol', 'count' or, of what is none of these, an SI unit; ``molar_mass`` [kg/mol]; ``carbon`` and
    ``nitrogen`` [mol per unit of basis]; ``charge`` [elementary charges per molecule]; ``location`` 'broth' or
    ``'liquid'``; ``volume`` [m3 per unit of basis].
    """

    name: str
    basis: str
    molar_mass: float | None = None
    carbon: float = 0.0
    nitrogen: float = 0.0
    charge: float = 0.0
    location: str = "liquid"
    volume: float = 0.0

    @property
    def unit(self) -> str:
        """The unit of amounts: 'kg', 'mol', '1' for a count."""
        return "1" if self.basis == "count" else self.basis


@dataclass(frozen=True, slots=True)
class Port:
    """A stream port of a component, recognised by the names of its variables."""

    name: str
    direction: PortDirection
    medium: Medium
    species: tuple[str, ...]
    has_totals: bool = False
    has_temperature: bool = False
    has_demand: bool = False
    is_reversible: bool = False


@dataclass(frozen=True, slots=True, order=True)
class PortName:
    """A port of a component, written ``component.port``."""

    component: str
    port: str

    def __str__(self) -> str:
        return f"{self.component}.{self.port}"


@dataclass(frozen=True, slots=True)
class SpeciesLink:
    """How a species passes: concentration at the target = ``factor`` × that at the source.

    Amounts follow from flow × concentration: at the target they are ``factor`` × the stream's ``volume_factor`` times
    those at the source.
    """

    source: str
    target: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Stream:
    """One outlet joined to one inlet; ``target`` None means that it leaves the flowsheet, as ``exit``.

    Conversion from the source's to the target's units is linear: volume × ``volume_factor`` (flow likewise),
    temperature × ``temperature_factor`` + ``temperature_offset``. ``links`` are the species both sides know;
    ``absent`` ones are set to zero at the target, ``dropped`` ones leave the flowsheet here and are booked.
    """

    source: PortName
    target: PortName | None
    links: tuple[SpeciesLink, ...] = ()
    absent: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    volume_factor: float = 1.0
    temperature_factor: float = 1.0
    temperature_offset: float = 0.0
    demand_factor: float = 1.0
    """From the target's demand to the source's unit, where the target sets the flow."""
    origin: SourceLocation | None = None
    exit: Exit = Exit.WASTE

    @property
    def name(self) -> str:
        """``source => target`` as in a scenario."""
        return f"{self.source} => {self.target or self.exit}"
