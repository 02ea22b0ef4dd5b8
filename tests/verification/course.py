"""A course of a unit beside one computed without the library, and how far they are apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import fmpy
import numpy as np
from library_fmu import unit
from scipy.integrate import solve_ivp
from verification.check import Check, Fmus

import cosim

Setting = tuple[float, Mapping[str, float]]
"""From a time [s] on, inputs by name."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over time [s]: what an independent solution says, and what the FMU reached."""

    label: str
    time: np.ndarray
    reference: np.ndarray
    reached: np.ndarray
    tolerance: float

    @property
    def error(self) -> float:
        """Return the largest difference, over the largest value of the reference."""
        return float(np.abs(self.reached - self.reference).max() / np.abs(self.reference).max())

    def check(self, title: str) -> Check:
        """Return the largest difference as a check."""
        return Check(f"{title}: {self.label}", 0.0, self.error, self.tolerance, is_absolute=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The curves of one unit in one experiment."""

    title: str
    source: str
    curves: tuple[Curve, ...]

    @property
    def checks(self) -> list[Check]:
        """Return one check for each curve."""
        return [curve.check(self.title) for curve in self.curves]


def march(
    fmu: Path,
    names: Sequence[str],
    times: Sequence[float],
    settings: Sequence[Setting] = (),
    *,
    tolerance: float = 1e-9,
    **start: float,
) -> np.ndarray:
    """Return ``names`` at ``times`` as columns; inputs change at the times of ``settings``, and steps end there."""
    stops = sorted({*times, *(at for at, _ in settings)} - {0.0})
    rows = {}
    with unit(fmu, tolerance=tolerance, **start) as it:
        for stop in [0.0, *stops]:
            if stop > 0.0:
                it.step(stop - it.time)
            rows[stop] = it.get(names)
            for at, values in settings:
                if at == stop:
                    it.set(values)
    return np.array([rows[time] for time in times])


def through_scenario(
    fmus: Fmus,
    block: str,
    names: Sequence[str],
    times: Sequence[float],
    plan: Sequence[Setting],
    *,
    step: float,
    tolerance: float = 1e-9,
    **start: float,
) -> np.ndarray:
    """Do what ``march`` does by ``cosim run`` of a scenario, from Modelica on; ``times`` are multiples of ``step``."""
    variables = fmpy.read_model_description(str(fmus[f"BioProcess.Fmus.{block}"])).modelVariables
    known = {variable.name: variable for variable in variables}

    def written(name: str, value: float) -> str:
        variable = known[name]
        if variable.type == "Boolean":
            return f"it.{name}: {'true' if value else 'false'}"
        if variable.type == "Enumeration":
            return f"it.{name}: {variable.declaredType.items[round(value) - 1].name}"
        return f"it.{name}: {value!r} {'' if variable.unit in (None, '1') else variable.unit}".rstrip()

    ports = [variable.name for variable in variables if variable.causality == "input" and "." in variable.name]
    outlets = [
        v.name.removesuffix(".V_total") for v in variables if v.causality == "output" and v.name.endswith(".V_total")
    ]
    inputs, phases = {name: 298.15 if name.endswith(".T") else 0.0 for name in ports}, []
    for (begin, change), end in zip(plan, [*(at for at, _ in plan[1:]), times[-1]], strict=True):
        inputs |= change
        values = ", ".join(written(name, value) for name, value in inputs.items())
        phases.append(
            f"  from_{len(phases)}: {{active: [it], duration: {end - begin} s, step: {step} s, set: {{{values}}}}}"
        )
    lines = ["scenario: alone", f"components: {{it: {{source: modelica:BioProcess.Fmus.{block}}}}}",
             f"streams: [{', '.join(f'it.{outlet} => waste' for outlet in outlets)}]",
             "inputs:", *(f"  {written(name, value)}" for name, value in inputs.items() if name in ports),
             "phases:", *phases, f"tolerance: {tolerance}"]  # fmt: skip
    with TemporaryDirectory() as folder:
        file = Path(folder) / "alone.yaml"
        file.write_text("\n".join(lines), encoding="utf-8")
        result = cosim.run(file, {f"it.{name}": value for name, value in start.items()}, out=Path(folder) / "run")
        assert result.status == "completed", result.outcome.reason
        found = result.read([f"it.{name}" for name in names])
        return np.column_stack([np.interp(times, course.time, course.values) for course in found])


def parameters(fmu: Path, names: Sequence[str]) -> dict[str, float]:
    """Read parameters out of an FMU, so that a reference follows a new calibration."""
    with unit(fmu) as it:
        return dict(zip(names, map(float, it.get(names)), strict=True))


def integrate(
    speed: Callable[[float, np.ndarray, Mapping[str, float]], Sequence[float]],
    start: Sequence[float],
    plan: Sequence[Setting],
    times: np.ndarray,
) -> np.ndarray:
    """Return the states at ``times``; inputs add up from one setting to the next."""
    rows, y, inputs = [np.array(start, dtype=float)], np.array(start, dtype=float), {}
    for (begin, change), end in zip(plan, [*(at for at, _ in plan[1:]), times[-1]], strict=True):
        inputs = inputs | change
        here = times[(times > begin) & (times <= end)]
        found = solve_ivp(lambda t, y, u=inputs: speed(t, y, u), (begin, end), y, method="LSODA", rtol=1e-9, atol=1e-12,
                          t_eval=np.unique([*here, end]))  # fmt: skip
        rows += list(found.y.T)[: len(here)]
        y = found.y[:, -1]
    return np.array(rows)


def compared(
    title: str,
    times: np.ndarray,
    labels: Sequence[str],
    expected: Sequence[np.ndarray],
    reached: np.ndarray,
    tolerance: float,
    source: str = "its equations solved with scipy",
) -> Comparison:
    curves = (Curve(label, times, np.asarray(values), reached[:, i], tolerance)
              for i, (label, values) in enumerate(zip(labels, expected, strict=True)))  # fmt: skip
    return Comparison(title, source, tuple(curves))
