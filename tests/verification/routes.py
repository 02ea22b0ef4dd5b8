"""The scenarios of the verification cases, run by cosim; where there is nothing to couple, also their FMU alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import fmpy
import numpy as np

import cosim
from cosim.preparation import prepare
from cosim.run import ALGORITHMS
from cosim.system.experiment import Duration

SCENARIOS = Path(__file__).parent / "scenarios"
Values = Mapping[str, str | float]


class Course:
    """Variables over time; ``course[name, t]`` interpolates, ``course[name]`` is the last value."""

    def __init__(self, series: Mapping[str, tuple[np.ndarray, np.ndarray]], ends: Sequence[float]) -> None:
        self._series = series
        self.ends = ends
        """When each phase ended [s]."""

    def __getitem__(self, key: str | tuple[str, float]) -> float:
        if isinstance(key, str):
            return float(self.all(key)[-1])
        return float(np.interp(key[1], *self._series[key[0]]))

    def time(self, name: str) -> np.ndarray:
        """Return the times [s] of ``name``."""
        return self._series[name][0]

    def all(self, name: str) -> np.ndarray:
        """Return every value of ``name``."""
        return self._series[name][1]


def through_cosim(scenario: str, names: Sequence[str], values: Values = {}) -> Course:  # noqa: B006
    """Do what ``cosim run SCENARIO --set NAME=VALUE …`` does, and return variables of the result."""
    with TemporaryDirectory() as folder:
        result = cosim.run(SCENARIOS / f"{scenario}.yaml", values, out=Path(folder) / "run")
        assert result.status == "completed", result.outcome.reason
        series = {name: (course.time, course.values) for name, course in zip(names, result.read(names), strict=True)}
        return Course(series, [phase.end / 1e9 for phase in result.phases])


def is_alone(scenario: str) -> bool:
    """Tell whether a scenario is one FMU over a given time."""
    prepared = prepare(SCENARIOS / f"{scenario}.yaml", None, ALGORITHMS)
    phases = prepared.bound.experiment.phases
    return len(prepared.components) == len(phases) == 1 and isinstance(phases[0].ending, Duration)


def fmu_alone(scenario: str, names: Sequence[str], values: Values = {}) -> Course:  # noqa: B006
    """Step the only FMU of a scenario with fmpy, with the values, steps and tolerance that cosim would give it."""
    prepared = prepare(SCENARIOS / f"{scenario}.yaml", values, ALGORITHMS)
    ((component, loaded),) = prepared.components.items()
    experiment = prepared.bound.experiment
    (phase,) = experiment.phases
    assert isinstance(phase.ending, Duration)
    rows = fmpy.simulate_fmu(
        str(loaded.file), fmi_type="CoSimulation", stop_time=phase.ending.duration / 1e9,
        output_interval=phase.step_size / 1e9, relative_tolerance=experiment.tolerance,
        output=[name.removeprefix(f"{component}.") for name in names],
        start_values=dict(experiment.start_values.get(component, {})),
    )  # fmt: skip
    time = np.asarray(rows["time"])
    return Course({name: (time, np.asarray(rows[name.removeprefix(f"{component}.")])) for name in names}, [time[-1]])
