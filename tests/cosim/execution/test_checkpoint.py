"""An execution goes on from a checkpoint as if nothing had happened, whatever is going on at that moment.

The situations are those of the other tests of the engine: each of their runs is made again, interrupted many times.
"""

import copy
import importlib.util
import inspect
import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import fakes
import numpy as np
import pytest
from fakes import Flowsheet, Recorder, lag, phase, source, tank

from cosim.algorithm.adaptive import Adaptive
from cosim.algorithm.contract import AbstractAlgorithm
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.clock import to_ticks
from cosim.errors import CheckpointError, CosimError
from cosim.execution.checkpoint import _holders
from cosim.execution.execution import Execution
from cosim.instance.journal import JournalInstance
from cosim.run import ALGORITHMS
from cosim.system.experiment import Comparison, Event, Experiment, PhaseStep, Setting, Until
from cosim.system.validation import validate
from cosim.system.variable import Causality, VariableName

ROOT = Path(__file__).parents[2]
MODULES = tuple(f"cosim/execution/test_{name}" for name in ("phases", "ledger", "transit", "at_once"))
COUPLINGS = sorted(f"couplings/{path.stem}" for path in (ROOT / "couplings").glob("test_*.py"))
INTERRUPTIONS = 12
"""Most per run."""


def situations(names):
    """Every test without arguments in those modules among ``names`` that make flowsheets of fakes."""
    for name in names:
        spec = importlib.util.spec_from_file_location(f"situations.{name.replace('/', '.')}", ROOT / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if "Flowsheet" not in vars(module):
            continue
        for key, test in vars(module).items():
            if key.startswith("test_") and not inspect.signature(test).parameters:
                yield pytest.param(test, id=key)


class Again:
    """A run that can be made as often as wanted, from copies of its instances."""

    def __init__(self, flowsheet: Flowsheet, phases, algorithm, **options) -> None:
        self.pristine = copy.deepcopy(flowsheet.instances)
        self.structure, self.algorithm = flowsheet.structure, algorithm or GaussSeidel()
        options.setdefault("recorded", {
            name: tuple(n for n, v in item.description.variables.items() if v.causality is not Causality.PARAMETER)
            for name, item in flowsheet.instances.items()
        })  # fmt: skip
        self.experiment = Experiment(phases, **options)

    def execution(self, recorder: Recorder) -> Execution:
        made = {name: JournalInstance(lambda name=name: copy.deepcopy(self.pristine[name])) for name in self.pristine}
        return Execution(self.structure, self.experiment, made, self.algorithm, [recorder])

    def straight(self) -> tuple[Execution, Recorder, int]:
        """Run without interruption, as far as it goes."""
        recorder, n = Recorder(), 0
        execution = self.execution(recorder)
        with suppress(CosimError):
            execution.start()
            while execution.advance():
                n += 1
        return execution, recorder, n

    def interrupted(self, stops) -> tuple[Execution, Recorder]:
        """Go on with a new execution after each number of steps in ``stops``."""
        recorder, done = Recorder(), 0
        execution = self.execution(recorder)
        with suppress(CosimError):
            execution.start()
            for stop in stops:
                while done < stop and execution.advance():
                    done += 1
                checkpoint = execution.checkpoint()
                execution = self.execution(recorder)
                try:
                    execution.resume(checkpoint)
                except CosimError as error:
                    raise AssertionError(f"it does not go on after {stop} steps") from error
            while execution.advance():
                pass
        return execution, recorder

    def check(self) -> None:
        """Compare runs with and without interruptions, bit for bit."""
        if validate(self.structure, self.experiment):
            return
        *one, n = self.straight()
        stops = range(0, n, max(1, n // INTERRUPTIONS))
        assert_same(one, self.interrupted(stops))
        assert_same(one, self.interrupted([max(n - 1, 0)]))


def assert_same(one, other) -> None:
    for name, samples in one[1].samples.items():
        others = other[1].samples[name]
        assert [time for time, _ in samples] == [time for time, _ in others], name
        for (_, values), (_, again) in zip(samples, others, strict=True):
            assert np.array_equal(values, again, equal_nan=True), name
    assert one[1].happenings == other[1].happenings
    for field in ("happenings", "phases", "warnings"):
        assert getattr(one[0].record, field) == getattr(other[0].record, field)
    assert repr(one[0].ledger.balance()) == repr(other[0].ledger.balance())
    assert one[0].time == other[0].time
    assert one[0].system.counts == other[0].system.counts
    costs = [[item.steps for item in run[0].system.participants.values()] for run in (one, other)]
    assert costs[0] == costs[1]


@pytest.mark.parametrize("test", list(situations(MODULES + tuple(COUPLINGS))))
def test_every_situation_goes_on_as_if_nothing_had_happened(test, monkeypatch):
    run = Flowsheet.run

    def run_again(self, *phases, algorithm=None, should_stop=lambda: False, **options):
        Again(self, phases, algorithm, **options).check()
        return run(self, *phases, algorithm=algorithm, should_stop=should_stop, **options)

    monkeypatch.setattr(fakes.Flowsheet, "run", run_again)
    test()


def lags() -> Flowsheet:
    return Flowsheet(a=lag("a", 3.0, y0=1.0), b=lag("b", 5.0)).connect("a.y", "b.u").connect("b.y", "a.u", -1.0, 0.3)


def line() -> Flowsheet:
    """feed ⇒ one ⇒ two, with a flow that changes."""
    sheet = Flowsheet(
        feed=source("feed", lambda t: 1e-3 * (1 + math.sin(t / 50)), c=2.0),
        one=tank("one", flow=3e-3, amount=1.0),
        two=tank("two", volume=0.5, flow=2e-3, made=1e-4),
    )
    return sheet.stream("feed.out", "one.in").stream("one.out", "two.in")


CONFIGURED = {name: [make()] for name, make in ALGORITHMS.items()}
CONFIGURED["gauss_seidel"] += [GaussSeidel(1), GaussSeidel(2)]
CONFIGURED["jacobi"] += [Jacobi(1), Jacobi(2)]
CONFIGURED["adaptive"] += [Adaptive(estimate="predictor")]
EACH = [pytest.param(item, id=f"{name}-{i}") for name, items in CONFIGURED.items() for i, item in enumerate(items)]


@pytest.mark.parametrize("algorithm", EACH)
@pytest.mark.parametrize("sizes", [{}, {"b": 2.0}], ids=["equal", "unequal"])
def test_every_algorithm_goes_on_between_events(algorithm, sizes):
    sheet = lags()
    sheet.instances["c"] = lag("c", 1.0)
    event = Event((Setting(VariableName("c", "u"), 1.0),), time=to_ticks(7.3))
    Again(sheet, (phase("run", "a b c", 20.0, 0.5, step_sizes=sizes),), algorithm, events=(event,)).check()


@pytest.mark.parametrize("algorithm", EACH)
def test_every_algorithm_goes_on_with_streams(algorithm):
    for sizes in ({}, {"two": 25.0, "one": 5.0}):
        Again(line(), (phase("run", "feed one two", 200.0, 10.0, step_sizes=sizes),), algorithm).check()


@dataclass
class Scribble:
    page: str = ""


class Forgetful(AbstractAlgorithm[Scribble]):
    def init(self, network):
        return Scribble()

    def step(self, network, window, state):
        for participant in network.participants:
            participant.gather(window.end)
            participant.advance(window.end)
        return state


def test_a_state_that_cannot_be_written_is_named():
    execution = Again(lags(), (phase("run", "a b", 2.0, 0.5),), Forgetful()).execution(Recorder())
    execution.start()
    with pytest.raises(CheckpointError, match=r"cannot hold a .*\.Scribble\. What an algorithm keeps .* frozen"):
        execution.checkpoint()


def test_an_instance_that_does_not_come_back_is_named():
    counted = []

    def drift(v, time, size):
        counted.append(time)
        v["y"] = float(len(counted))

    sheet = Flowsheet(a=fakes.FakeInstance("a", fakes.describe([], ["y"]), drift))
    again = Again(sheet, (phase("run", "a", 5.0, 1.0),), None)
    execution = again.execution(Recorder())
    execution.start()
    execution.advance()
    checkpoint = execution.checkpoint()
    with pytest.raises(CheckpointError, match=r"'a' cannot go on from t = 1 s: y was .*2\.0.* and is .*4\.0"):
        again.execution(Recorder()).resume(checkpoint)


def test_a_checkpoint_of_another_scenario_is_refused():
    execution = Again(lags(), (phase("run", "a b", 2.0, 0.5),), None).execution(Recorder())
    execution.start()
    other = Again(line(), (phase("run", "feed one two", 20.0, 10.0),), None).execution(Recorder())
    with pytest.raises(CheckpointError, match="does not fit this scenario"):
        other.resume(execution.checkpoint())


def test_what_is_not_said_to_vary_does_not():
    """A field that a class forgets to name would be lost in a checkpoint."""
    step = PhaseStep("fill", Until((V_LEVEL,), to_ticks(500.0)), (Setting(VariableName("one", "flow"), 1e-3),))
    again = Again(
        line(),
        (phase("run", "feed one two", None, 10.0, steps=(step,), repeat=2, fresh=("two",)),),
        Jacobi(),
        events=(Event((Setting(VariableName("two", "flow"), 1e-3),), condition=V_LEVEL, repeats=True),),
    )
    execution = again.execution(Recorder())
    before = {key: fixed_fields(item) for key, item in _holders(execution._parts()).items()}
    execution.start()
    n = 0
    while execution.advance():
        n += 1
        assert {key: fixed_fields(item) for key, item in _holders(execution._parts()).items()} == before
    assert n >= 10
    assert len(execution.record.phases) == 4


V_LEVEL = Comparison(VariableName("one", "level"), ">", 1.05, text="one.level > 1.05")
BESIDES = {"_watches", "_whole", "_step", "_collecting", "_network", "_state", "_shown_at", "_counted_at"}
"""What a checkpoint holds in another form; and times by the wall clock."""


def fixed_fields(item) -> dict[str, str]:
    """What is not named in VARYING, as far as it is plain; arrays are the board's, which a checkpoint holds."""
    names = {name for name in dir(item) if not name.startswith("__")} - {*item.VARYING} - BESIDES
    values = {name: inspect.getattr_static(item, name) for name in names}
    own = {name: getattr(item, name) for name, value in values.items() if not isinstance(value, property)}
    plain = (bool, int, float, str, bytes, list, dict, set, tuple, type(None))
    return {name: repr(value) for name, value in own.items() if isinstance(value, plain) and "array" not in repr(value)}
