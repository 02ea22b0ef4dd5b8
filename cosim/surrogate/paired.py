"""A surrogate and its FMU in the place of one component, whichever of them gives the outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cosim.clock import Ticks
from cosim.instance.abilities import AbstractSerialising, AbstractTelling
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.model import Array
from cosim.surrogate.original import Original
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue


class AbstractPaired(AbstractInstance, AbstractSerialising, AbstractTelling):
    """Keeps what is written and read in the surrogate, which goes along where the FMU takes a step."""

    _surrogate: SurrogateInstance
    _original: Original
    _news: list[tuple[Ticks, str]]

    @property
    def description(self) -> ComponentDescription:
        return self._surrogate.description

    def group(self, names: Sequence[str]) -> VariableGroup:
        return self._surrogate.group(names)

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        self._surrogate.set_start(values)
        self._original.set_start(values)

    def write(self, group: VariableGroup, values: Array) -> None:
        self._surrogate.write(group, values)

    def take_news(self) -> Sequence[tuple[Ticks, str]]:
        news, self._news = self._news, []
        return news

    def free(self) -> None:
        self._original.free()
        self._surrogate.free()

    def _step_original(self, time: Ticks, size: Ticks) -> StepOutcome:
        """Take a step with the FMU, and the surrogate along."""
        inputs = self._surrogate.inputs
        outcome = self._original.step(time, size, inputs)
        self._surrogate.take_along(self._original.read(inputs), outcome.time, self._original.state())
        return outcome
