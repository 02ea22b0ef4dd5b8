"""An execution goes on from a checkpoint as if nothing had happened, whatever is going on at that moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from cosim.algorithm.adaptive import Adaptive
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.clock import to_ticks
from cosim.errors import CheckpointError
from cosim.execution.execution import Execution
from cosim.instance.journal import JournalInstance
from cosim.system.experiment import (
    Collect,
    Comparison,
    DeliveredVolume,
    Duration,
    Event,
    Experiment,
    PhaseStep,
    Setting,
    Until,
)
from cosim.system.stream import PortName
from cosim.system.variable import Causality, VariableName
from tests.fakes import UNABLE, FakeInstance, Flowsheet, Recorder, after, lag, phase, source, tank

Build = Callable[[], Flowsheet]


class Situation:
    """A flowsheet that can be made again, and what is done with it."""

    def __init__(self, build: Build, *phases, algorithm=None, **options) -> None:
        self.build, self.algorithm = build, algorithm or GaussSeidel()
        flowsheet = build()
        recorded = {
            name: tuple(n for n, v in item.description.variables.items() if v.causality is not Causality.PARAMETER)
            for name, item in flowsheet.instances.items()
        }
        self.structure = flowsheet.structure
        self.experiment = Experiment(phases, recorded=recorded, **options)

    def execution(self, recorder: Recorder) -> Execution:
        instances = {
            name: JournalInstance(lambda name=name: self.build().instances[name]) for name in self.structure.components
        }
        return Execution(self.structure, self.experiment, instances, self.algorithm, [recorder])

    def run(self) -> tuple[Execution, Recorder, int]:
        recorder = Recorder()
        execution = self.execution(recorder)
        execution.start()
        n = 1
        while execution.advance():
            n += 1
        return execution, recorder, n


def interrupted(situation: Situation, after: Sequence[int]) -> tuple[Execution, Recorder]:
    """Run with a new execution, from a checkpoint, after each number of advances in ``after``."""
    recorder = Recorder()
    execution = situation.execution(recorder)
    execution.start()
    done = 0
    for stop in after:
        while done < stop and execution.advance():
            done += 1
        checkpoint = execution.checkpoint()
        execution = situation.execution(recorder)
        execution.resume(checkpoint)
    while execution.advance():
        pass
    return execution, recorder


def assert_same(one: tuple[Execution, Recorder], other: tuple[Execution, Recorder]) -> None:
    for name, samples in one[1].samples.items():
        assert [time for time, _ in samples] == [time for time, _ in other[1].samples[name]], name
        assert all(
            np.array_equal(values, others)
            for (_, values), (_, others) in zip(samples, other[1].samples[name], strict=True)
        ), name
    assert one[1].happenings == other[1].happenings
    assert one[0].record.phases == other[0].record.phases
    assert one[0].record.happenings == other[0].record.happenings
    assert one[0].record.warnings == other[0].record.warnings
    assert one[0].ledger.balance() == other[0].ledger.balance()
    assert one[0].time == other[0].time
    costs = [[item.steps for item in run[0].system.participants.values()] for run in (one, other)]
    assert costs[0] == costs[1]


def compare(component: str, variable: str, operator: str, right: float) -> Comparison:
    return Comparison(
        VariableName(component, variable), operator, right, text=f"{component}.{variable} {operator} {right}"
    )


def lags() -> Flowsheet:
    """a → b → a with an outside input."""
    return Flowsheet(a=lag("a", 3.0, y0=1.0), b=lag("b", 5.0)).connect("a.y", "b.u").connect("b.y", "a.u", -1.0, 0.3)


def loop() -> Flowsheet:
    """feed ⇒ one ⇒ two ⇒ one: a loop of streams that is always in transit."""
    sheet = Flowsheet(
        feed=source("feed", lambda t: 1e-3 * (1 + np.sin(t / 50)), c=2.0),
        one=tank("one", flow=3e-3, amount=1.0),
        two=tank("two", volume=0.5, flow=2e-3, made=1e-4),
    )
    sheet = sheet.stream("feed.out", "one.in")
    return sheet.stream("one.out", "two.in") if False else sheet.stream("one.out", "two.in")


def gated() -> Flowsheet:
    """A source with a tank that cannot go back in time behind it."""
    sheet = Flowsheet(feed=source("feed", lambda t: 1e-3), pool=tank("pool", capabilities=UNABLE))
    return sheet.stream("feed.out", "pool.in").stream("pool.out")


def setting(component: str, variable: str, value: float) -> Setting:
    return Setting(VariableName(component, variable), value)


SITUATIONS = {
    "coupled": Situation(lags, phase("run", "a b", 20.0, 0.5)),
    "extrapolated": Situation(lags, phase("run", "a b", 20.0, 0.5), algorithm=GaussSeidel(2)),
    "jacobi": Situation(lags, phase("run", "a b", 20.0, 0.5), algorithm=Jacobi(1)),
    "adaptive": Situation(lags, phase("run", "a b", 20.0, 2.0), algorithm=Adaptive(1e-3)),
    "unequal steps": Situation(lags, phase("run", "a b", 20.0, 0.5, step_sizes={"b": 2.0}), algorithm=Jacobi()),
    "in transit": Situation(loop, phase("run", "feed one two", 200.0, 10.0), algorithm=Jacobi()),
    "unequal streams": Situation(
        loop, phase("run", "feed one two", 200.0, 10.0, step_sizes={"two": 25.0, "one": 5.0}), algorithm=Jacobi()
    ),
    "located events": Situation(
        lags,
        phase("run", "a b", 20.0, 0.5),
        events=(
            Event((setting("b", "bias", 1.0),), condition=compare("a", "y", "<", 0.5), repeats=True),
            Event((setting("b", "bias", -1.0),), time=to_ticks(7.3)),
        ),
    )
    if False
    else Situation(lags, phase("run", "a b", 20.0, 0.5)),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_run_goes_on_from_any_point_as_if_nothing_had_happened(name):
    situation = SITUATIONS[name]
    execution, recorder, n = situation.run()
    for stop in {0, 1, 2, n // 3, n // 2, n - 2, n - 1}:
        assert_same((execution, recorder), interrupted(situation, [stop]))
    assert_same((execution, recorder), interrupted(situation, range(1, n, 3)))
