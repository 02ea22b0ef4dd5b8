"""The conservation ledger: what each unit and the flowsheet started with, got, gave, made, consumed and hold.

Closure = |start + in + made − out − consumed − held − in transit| / max(start + in + made, floor). A component that
exports no ``held_…`` is outside: what it sends enters the flowsheet, what it receives leaves it. What crosses the
boundary through no port, such as carbon dioxide with the gas, is ``supplied_…_total``, in, and ``vented_…_total``, out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from cosim.algorithm.outlet import Array, Outlet
from cosim.algorithm.participant import Participant
from cosim.errors import LedgerError
from cosim.execution.amounts import CommonAmounts, Place
from cosim.execution.assembly import System
from cosim.execution.layout import port_of, sent_species
from cosim.execution.outcome import LedgerEntry, SpeciesLedger
from cosim.execution.unit_book import UnitBook, balanced_species
from cosim.system.experiment import LedgerTolerance
from cosim.system.stream import VOLUME, PortDirection, PortName, Stream

DEFAULT_FLOOR: Final = 1e-12
"""Amount below which closure is not divided further, in the unit of the species."""


@dataclass(slots=True)
class Account:
    """Amounts of one species in one unit or the flowsheet, in the common unit."""

    start: float = 0.0
    entered: float = 0.0
    left: float = 0.0
    held: float = 0.0
    made: float = 0.0
    consumed: float = 0.0
    in_transit: float = 0.0

    def close(self, unit: str, floor: float) -> LedgerEntry:
        """Return the balance."""
        sources = self.start + self.entered + self.made
        unexplained = sources - self.left - self.consumed - self.held - self.in_transit
        closure = abs(unexplained) / max(abs(sources), floor)
        return LedgerEntry(
            unit, self.start, self.entered, self.left, self.held, self.made, self.consumed, self.in_transit,
            unexplained, closure,
        )  # fmt: skip


@dataclass(slots=True)
class SpeciesAccounts:
    """Accounts of one species by unit, of the flowsheet, and amounts by stream."""

    flowsheet: Account = field(default_factory=Account)
    units: dict[str, Account] = field(default_factory=dict)
    streams: dict[str, float] = field(default_factory=dict)


class Ledger:
    """Books what is started, re-initialised and sent; draws up the balance at any time."""

    VARYING = ("_sent", "_base")
    """What a checkpoint holds besides the books."""

    def __init__(self, system: System, tolerance: LedgerTolerance) -> None:
        self._system, self._tolerance = system, tolerance
        self._common = CommonAmounts(system.structure)
        self._books = {
            name: UnitBook(participant, system.structure)
            for name, participant in system.participants.items()
            if balanced_species(participant)
        }
        self._sent: dict[str, Array] = {}
        self._base: dict[str, Array] = {}

    @property
    def books(self) -> Mapping[str, UnitBook]:
        """The books of the units, by name."""
        return self._books

    def open(self, participant: Participant) -> None:
        """Book that ``participant`` was initialised."""
        for outlet in participant.outlets:
            self._base[outlet.name] = outlet.totals.copy()
        if participant.name in self._books:
            self._books[participant.name].open()

    def close(self, participant: Participant) -> None:
        """Book that ``participant`` is about to be initialised anew."""
        for outlet in participant.outlets:
            self._sent[outlet.name] = self._sent_through(outlet)
        if participant.name in self._books:
            self._books[participant.name].close()

    def amend(self, participant: Participant, edit: Callable[[], None]) -> None:
        """Let ``edit`` change the state of ``participant``: what it holds then came or went; nothing passed a port."""
        before = [outlet.totals.copy() for outlet in participant.outlets]
        book = self._books.get(participant.name)
        if book is None:
            edit()
        else:
            book.amend(edit)
        for outlet, totals in zip(participant.outlets, before, strict=True):
            change = outlet.totals - totals
            if outlet.name in self._base:
                self._base[outlet.name] = self._base[outlet.name] + change
            for transfer in participant.outflows:
                if transfer.outlet is outlet:
                    transfer.delivered += change

    def balance(self) -> dict[str, SpeciesLedger]:
        """Draw up the balance of every species that some unit holds."""
        accounts: dict[str, SpeciesAccounts] = {}
        for book in self._books.values():
            self._add_unit(book, accounts)
        for stream in self._system.structure.streams:
            self._add_stream(stream, accounts)
        return {
            name: SpeciesLedger(
                account.flowsheet.close(self._common.unit(name), self._floor(name)),
                {unit: item.close(self._common.unit(name), self._floor(name)) for unit, item in account.units.items()},
                account.streams,
            )
            for name, account in accounts.items()
        }

    def check(self, balance: Mapping[str, SpeciesLedger]) -> LedgerError | None:
        """Return the error that names the worst balance beyond its tolerance, or None."""
        worst: tuple[float, LedgerError] | None = None
        for species, ledger in balance.items():
            for unit, entry, allowed in self._tolerances(ledger, self._floor(species)):
                ratio = entry.closure / allowed
                if not ratio <= 1.0 and (worst is None or ratio > worst[0]):
                    message = _complaint(species, f"'{unit}'" if unit else "the flowsheet", entry, allowed)
                    message += self._hint(unit)
                    worst = (ratio, LedgerError(message, component=unit, variable=species))
        return worst[1] if worst else None

    def needs(self, name: str) -> bool:
        """Tell whether the balance needs to read component ``name``."""
        return name in self._books

    def _tolerances(self, ledger: SpeciesLedger, floor: float) -> Iterator[tuple[str | None, LedgerEntry, float]]:
        """Yield unit (None: the flowsheet), balance and tolerance; the whole is forgiven what a unit is."""
        general = self._tolerance.flowsheet
        forgiven = 0.0
        for unit, entry in ledger.units.items():
            allowed = self._tolerance.components.get(unit, general)
            yield unit, entry, allowed
            if allowed > general:
                forgiven += allowed * max(entry.start + entry.entered + entry.made, floor)
        whole = ledger.flowsheet
        yield None, whole, general + forgiven / max(whole.start + whole.entered + whole.made, floor)

    def _hint(self, unit: str | None) -> str:
        """Name outlets of ``unit`` through which something may have been lost."""
        structure = self._system.structure
        joined = {stream.source for stream in structure.streams}
        lost = [
            str(PortName(unit, port.name))
            for port in (structure.components[unit].description.ports.values() if unit else ())
            if unit and port.direction is PortDirection.OUTLET and PortName(unit, port.name) not in joined
        ]
        return f" What leaves through {', '.join(lost)}, which leads nowhere, is lost." if lost else ""

    def _floor(self, species: str) -> float:
        return self._tolerance.floor.get(species, DEFAULT_FLOOR)

    def _sent_through(self, outlet: Outlet) -> Array:
        base = self._base.get(outlet.name)
        earlier = self._sent.get(outlet.name, 0.0 * outlet.totals)
        return earlier if base is None else earlier + (outlet.totals - base)

    def _add_unit(self, book: UnitBook, accounts: dict[str, SpeciesAccounts]) -> None:
        held, (made, consumed, supplied, vented) = book.balance()
        for i, species in enumerate(book.species):
            place = (book.name, species)
            account, whole = self._unit(place, accounts), self._whole(place, accounts)
            scale = self._common.scale(place)
            for item in (account, whole):
                item.start += scale * float(book.start[i])
                item.entered += scale * float(book.entered[i] + supplied[i])
                item.left += scale * float(book.left[i] + vented[i])
                item.held += scale * float(held[i])
                item.made += scale * float(made[i])
                item.consumed += scale * float(consumed[i])
        for booking in self._system.participants[book.name].bookings:
            for species, amount in zip((VOLUME, *booking.species), booking.booked.tolist(), strict=True):
                place = (book.name, species)
                scale = self._common.flow_scale(PortName(book.name, booking.name), species)
                self._unit(place, accounts).entered += scale * amount
                self._whole(place, accounts).entered += scale * amount

    def _add_stream(self, stream: Stream, accounts: dict[str, SpeciesAccounts]) -> None:
        outlet = self._system.outlets[stream]
        sent = self._sent_through(outlet)
        transfer = self._system.transfers.get(stream)
        arriving = {link.source: link.target for link in stream.links}
        if outlet.is_liquid:
            arriving[VOLUME] = VOLUME
        species = (VOLUME, *sent_species(stream, port_of(self._system.structure, stream.source)))
        for i, name in enumerate(species):
            if name == VOLUME and not outlet.is_liquid:
                continue
            scale = self._common.flow_scale(stream.source, name)
            waiting = float(outlet.totals[i] - transfer.delivered[i]) if transfer and name in arriving else 0.0
            self._book(stream, name, arriving.get(name), (scale * float(sent[i]), scale * waiting), accounts)

    def _book(
        self,
        stream: Stream,
        name: str,
        arrives_as: str | None,
        amounts: tuple[float, float],
        accounts: dict[str, SpeciesAccounts],
    ) -> None:
        """Book what was sent and what of it is in transit."""
        sent, waiting = amounts
        place = (stream.source.component, name)
        target = stream.target.component if stream.target and arrives_as is not None else None
        from_inside, to_inside = place[0] in self._books, target in self._books
        if not from_inside and not to_inside:
            return
        whole = self._whole(place, accounts)
        self._accounts(place, accounts).streams[stream.name] = sent
        if from_inside:
            self._unit(place, accounts).left += sent
        else:
            whole.entered += sent
        if to_inside and target is not None and arrives_as is not None:
            self._unit((target, arrives_as), accounts).entered += sent - waiting
        else:
            whole.left += sent - waiting
        whole.in_transit += waiting

    def _accounts(self, place: Place, accounts: dict[str, SpeciesAccounts]) -> SpeciesAccounts:
        return accounts.setdefault(self._common.name(place), SpeciesAccounts())

    def _whole(self, place: Place, accounts: dict[str, SpeciesAccounts]) -> Account:
        return self._accounts(place, accounts).flowsheet

    def _unit(self, place: Place, accounts: dict[str, SpeciesAccounts]) -> Account:
        return self._accounts(place, accounts).units.setdefault(place[0], Account())


def _complaint(species: str, where: str, entry: LedgerEntry, allowed: float) -> str:
    return (
        f"The balance of {species} over {where} does not close: {entry.unexplained:.6g} {entry.unit} of "
        f"{entry.start + entry.entered + entry.made:.6g} {entry.unit} are unexplained, a share of {entry.closure:.3g}, "
        f"with {allowed:.3g} allowed. Check that the unit's amounts are states and that it exports what it makes and "
        "consumes, or allow more under 'ledger'."
    )
