"""Models that count their time in another unit than the second."""

from __future__ import annotations

from dataclasses import replace

from cosim.errors import FmuError, StructureError
from cosim.fmu.calls import CallRefused, StepReport
from cosim.fmu.renaming import TIME
from cosim.fmu.stepping import AbstractStepper
from cosim.system.component import ComponentDescription
from cosim.system.variable import Causality
from cosim.units import read_unit


def seconds_in(unit: str | None) -> float:
    """Return how many seconds one ``unit`` of a model's time has.

    Raises
    ------
    FmuError
        When it is no unit of time.
    """
    try:
        found = read_unit(unit or "1")
    except StructureError as error:
        raise FmuError(f"Its time: {error.message}", variable=TIME) from error
    if found.dimension != read_unit("s").dimension or found.offset:
        text = f"Its time cannot be in [{unit or '1'}], which is no unit of time. Write, for example, 'h'."
        raise FmuError(text, variable=TIME)
    return float(found.factor)


def stated_time(description: ComponentDescription) -> str | None:
    """Return the unit in which a model says it counts its time, where that is not the second."""
    found = (item for item in description.variables.values() if item.causality is Causality.INDEPENDENT)
    unit = next((item.unit for item in found if item.unit is not None), None)
    try:
        return None if unit is None or seconds_in(unit) == 1.0 else unit
    except FmuError:  # a unit that nobody knows is told of elsewhere
        return None


def paced_description(description: ComponentDescription, seconds: float) -> ComponentDescription:
    """Return ``description`` of a model that counts in ``seconds``, as of one that counts in seconds.

    Derivatives by time are given up: they would have to be converted by order.
    """
    can = description.capabilities
    step, fixed = description.default_step_size, can.fixed_step
    return replace(
        description,
        default_step_size=None if step is None else step * seconds,
        capabilities=replace(
            can,
            fixed_step=None if fixed is None else fixed * seconds,
            can_interpolate_inputs=False,
            max_output_derivative_order=0,
        ),
    )


class PacedStepper(AbstractStepper):
    """Steps a model by its own unit of time, of ``seconds``; errors are not added up, as each time is converted."""

    def __init__(self, stepper: AbstractStepper, seconds: float) -> None:
        self._stepper, self._seconds = stepper, seconds

    def begin(self, time: float, tolerance: float | None) -> None:
        self._stepper.begin(time / self._seconds, tolerance)

    def before_write(self, *, is_continuous: bool = False) -> None:
        self._stepper.before_write(is_continuous=is_continuous)

    def step(self, time: float, size: float) -> StepReport | None:
        try:
            report = self._stepper.step(time / self._seconds, size / self._seconds)
        except CallRefused as refusal:
            if refusal.reached is not None:
                refusal.reached *= self._seconds
            raise
        return None if report is None else replace(report, time=report.time * self._seconds)

    def snapshot(self) -> object:
        return self._stepper.snapshot()

    def restore(self, snapshot: object) -> None:
        self._stepper.restore(snapshot)

    def close(self) -> None:
        self._stepper.close()
