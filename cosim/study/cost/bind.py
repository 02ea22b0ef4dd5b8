"""What a run has to tell for its cost, and CostEntry → CostModel over the numbers it told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cosim.errors import CosimError, ScenarioError, StructureError
from cosim.scenario.document import Scalar
from cosim.scenario.expressions import parse_measure
from cosim.scenario.model import MeasureEntry, Scenario
from cosim.scenario.reading import Problems
from cosim.study.cost.entries import AmountEntry, CostEntry, EquipmentEntry, ItemEntry
from cosim.study.cost.model import Amount, Campaign, CostModel, Equipment, Item, PhaseTimes
from cosim.study.cost.prices import Price, price_of, read_prices
from cosim.study.problem import Response
from cosim.system.nearest import nearest
from cosim.system.stream import PortName
from cosim.units import conversion, dimension_name, parse_quantity, read_unit, seconds

OPERATING_TIME: Final = 330.0 * 24.0
"""[h] in a year, where the study states none: what facilities are customarily planned with."""


def measures_for(entry: CostEntry, scenario: Scenario) -> tuple[MeasureEntry, ...]:
    """Return what has to be known of a run, each once, by its text."""
    written = [entry.product]
    for item in entry.items:
        amounts = (*item.amounts, *((item.times,) if item.times else ()))
        written += [amount.measure for amount in amounts if amount.measure is not None]
    if entry.campaign is not None:
        written += [_rate(measure, entry.campaign.phase.text) for measure in written if _grows(entry, measure)]
    for phase in scenario.phases:
        written += [parse_measure(f"{edge}({phase.name})", entry.origin) for edge in ("start", "end")]
    return tuple({measure.text: measure for measure in reversed(written)}.values())[::-1]


def _grows(entry: CostEntry, measure: MeasureEntry) -> bool:
    """Tell whether ``measure`` grows where the phase of the campaign lasts longer."""
    if entry.campaign is None or measure.function != "increase":
        return False
    places = [argument for argument in measure.arguments[1:] if "=" not in argument]
    return not places or places == [entry.campaign.phase.text]


def _rate(measure: MeasureEntry, phase: str) -> MeasureEntry:
    """Return the increase over ``phase`` alone."""
    arguments = measure.arguments if phase in measure.arguments else (*measure.arguments, phase)
    return parse_measure(f"increase({', '.join(arguments)})", measure.origin)


def bind_cost(
    entry: CostEntry, scenario: Scenario, responses: Sequence[Response], problems: Problems
) -> CostModel | None:
    """Bind ``entry`` to ``responses``, which have what ``measures_for`` asks for; None where that has a problem."""
    n_before = len(problems.found)
    try:
        prices = read_prices(entry.prices)
    except CosimError as error:
        problems.found += list(getattr(error, "problems", (error,)))
        return None
    binder = _Binder(entry, scenario, responses, problems)
    equipment = binder.equipment()
    items = tuple(binder.item(item, prices, [one.name for one in equipment]) for item in entry.items)
    product = problems.attempt(binder.product, entry.product.origin)
    campaign = binder.campaign()
    operating = binder.hours(entry.operating_time, "'operating_time'", OPERATING_TIME)
    if len(problems.found) > n_before or product is None:
        return None
    return CostModel(
        prices={item.price.item: item.price for item in items if item is not None},
        items=tuple(item for item in items if item is not None),
        product=product,
        phases=binder.phases(),
        equipment=equipment,
        operating=operating,
        campaign=campaign,
        lines=entry.lines,
    )


class _Binder:
    """Looks up what an entry names; notes what is not there or does not fit."""

    def __init__(self, entry: CostEntry, scenario: Scenario, responses: Sequence[Response], problems: Problems) -> None:
        self._entry, self._scenario, self._problems = entry, scenario, problems
        self._responses = responses
        self._places = {response.measure.text: i for i, response in enumerate(responses)}

    def phases(self) -> tuple[PhaseTimes, ...]:
        """Return when phases are."""
        return tuple(
            PhaseTimes(
                phase.name, phase.active, self._places[f"start({phase.name})"], self._places[f"end({phase.name})"]
            )
            for phase in self._scenario.phases
        )

    def hours(self, written: Scalar | None, what: str, default: float, *, may_be_zero: bool = False) -> float:
        """Return a duration in h."""
        if written is None:
            return default
        found = self._problems.attempt(lambda: seconds(written.text) / 3600.0, written.origin, f"{what}: ")
        if found is not None and (found < 0.0 or (found == 0.0 and not may_be_zero)):
            self._problems.add(f"{what} is {written.text}; it should be above zero.", written.origin)
        return found if found is not None else default

    def campaign(self) -> Campaign | None:
        """Return the phase that lasts longer than simulated."""
        written = self._entry.campaign
        if written is None:
            return None
        names = [phase.name for phase in self._scenario.phases]
        if written.phase.text not in names:
            hint = nearest(written.phase.text, names)
            self._problems.add(f"There is no phase '{written.phase.text}'.{hint}", written.phase.origin)
        return Campaign(written.phase.text, self.hours(written.lasts, "'lasts' of 'campaign'", 0.0))

    def equipment(self) -> tuple[Equipment, ...]:
        """Return what is written, or each component that a stream goes to."""
        if not self._entry.equipment:
            active = {name for phase in self._scenario.phases for name in phase.active}
            targets = [
                stream.target.component for stream in self._scenario.streams if isinstance(stream.target, PortName)
            ]
            return tuple(Equipment(name, (name,)) for name in dict.fromkeys(targets) if name in active)
        owners: dict[str, str] = {}
        return tuple(self._machine(written, owners) for written in self._entry.equipment)

    def _machine(self, written: EquipmentEntry, owners: dict[str, str]) -> Equipment:
        what = f"Equipment '{written.name}'"
        active = {name for phase in self._scenario.phases for name in phase.active}
        for unit in written.units:
            if unit.text not in self._scenario.components:
                hint = nearest(unit.text, self._scenario.components)
                self._problems.add(f"{what}: there is no component '{unit.text}'.{hint}", unit.origin)
            elif unit.text not in active:
                self._problems.add(f"{what}: '{unit.text}' is active in no phase. Leave it out.", unit.origin)
            elif unit.text in owners:
                self._problems.add(f"{what}: '{unit.text}' belongs to '{owners[unit.text]}' already.", unit.origin)
            owners.setdefault(unit.text, written.name)
        turnaround = self.hours(written.turnaround, f"'turnaround' of {what}", 0.0, may_be_zero=True)
        return Equipment(written.name, tuple(unit.text for unit in written.units), written.parallel, turnaround)

    def item(self, written: ItemEntry, prices: Mapping[str, Price], equipment: Sequence[str]) -> Item | None:
        """Bind one item to its price."""
        what = f"Item '{written.name}': "
        price = self._problems.attempt(
            lambda: price_of(written.price, prices, self._entry.prices), written.origin, what
        )
        if price is None:
            return None
        amounts = [
            self._problems.attempt(lambda one=one: self._amount(one, price, equipment), one.written.origin, what)  # type: ignore[misc]
            for one in written.amounts
        ]
        times: Amount | None = Amount(1.0)
        if (counted := written.times) is not None:
            times = self._problems.attempt(lambda: self._count(counted), counted.written.origin, what)
        if times is None or not all(amounts):
            return None
        found = tuple(one for one in amounts if one is not None)
        return Item(written.name, price, found, times, written.is_shared)

    def _amount(self, written: AmountEntry, price: Price, equipment: Sequence[str]) -> Amount:
        per = price.money.per
        if written.span is not None:
            if written.span == "occupation" and written.equipment not in equipment:
                hint = nearest(written.equipment, equipment)
                raise StructureError(f"there is no equipment '{written.equipment}'.{hint}")
            return Amount(self._factor("h", price, written), span=written.span, equipment=written.equipment)
        if written.measure is None:
            quantity = parse_quantity(written.written.text)
            self._factor(quantity.unit or "1", price, written)
            return Amount(_not_negative(quantity.to(per), written))
        place = self._places[written.measure.text]
        return Amount(self._factor(self._responses[place].unit, price, written), place, self._rate_of(written.measure))

    def _factor(self, unit: str, price: Price, written: AmountEntry) -> float:
        per = price.money.per
        if read_unit(unit).dimension != read_unit(per).dimension:
            a, b = dimension_name(read_unit(unit)), dimension_name(read_unit(per))
            money = f"{price.money.value:g} {price.money.currency}{'' if per == '1' else f'/{per}'}"
            raise StructureError(
                f"'{written.written.text}' is in [{unit}] ({a}), and the price of '{price.item}', {money} in line "
                f"{price.location.line} of '{price.location.file.name}', is per [{per}] ({b}). Change one of the two."
            )
        return conversion(unit, per).factor

    def _count(self, written: AmountEntry) -> Amount:
        """Bind ``times``: a pure number."""
        if written.span is not None:
            raise StructureError(f"'times' is '{written.written.text}', a time. Write a number, or put it in 'amount'.")
        if written.measure is None:
            return Amount(_not_negative(parse_quantity(written.written.text).to("1"), written))
        place = self._places[written.measure.text]
        unit = self._responses[place].unit
        if any(read_unit(unit).dimension):
            raise StructureError(f"'times' is '{written.measure.text}' in [{unit}]; it should be a pure number.")
        return Amount(conversion(unit, "1").factor, place, self._rate_of(written.measure))

    def _rate_of(self, measure: MeasureEntry) -> int | None:
        if self._entry.campaign is None or not _grows(self._entry, measure):
            return None
        return self._places[_rate(measure, self._entry.campaign.phase.text).text]

    def product(self) -> Amount:
        """Bind the amount of product, in g."""
        place = self._places[self._entry.product.text]
        unit = self._responses[place].unit
        if read_unit(unit).dimension != read_unit("g").dimension:
            raise StructureError(f"'product' is '{self._entry.product.text}' in [{unit}]; it should be a mass.")
        return Amount(conversion(unit, "g").factor, place, self._rate_of(self._entry.product))


def _not_negative(value: float, written: AmountEntry) -> float:
    if value < 0.0:
        raise ScenarioError(f"'{written.written.text}' is below zero.")
    return value
