"""C code and Python step the same system to the same bits, whatever happens on the way."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cosim.algorithm.compiled import KERNEL, CompiledNetwork
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.clock import to_ticks
from cosim.execution import execute
from cosim.execution.observer import AbstractBlockObserver
from cosim.fmu import open_fmu
from cosim.native import load
from cosim.system.component import Component
from cosim.system.experiment import Comparison, Event, Experiment, Setting, Until
from cosim.system.structure import Connection, SystemStructure
from cosim.system.variable import VariableName
from tests.fakes import Recorder, phase
from tests.fmu_factory import FAULTS, build_lag

KERNEL_LIBRARY = load(KERNEL)
pytestmark = pytest.mark.skipif(KERNEL_LIBRARY is None, reason="needs a C compiler")
RECORDED = ("y", "steps", "level_out", "is_on", "mode_out")
name = VariableName.parse


class Blocks(Recorder, AbstractBlockObserver):
    """A recorder that takes many samples at once and counts how often that happened."""

    def __init__(self):
        super().__init__()
        self.n_blocks = 0

    def sampled_block(self, block):
        self.n_blocks += 1
        for time, row in zip(block.times.tolist(), block.values, strict=True):
            for component, columns in block.columns.items():
                self.sampled(component, time, row[columns])


@dataclass
class Plant:
    """Lags joined at random: what each is, who is wired to whom, what happens when."""

    fmis: list[str]
    wires: list[tuple[int, int, str, float, float]] = field(default_factory=list)
    starts: dict[str, dict[str, float]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    ending: Until | None = None
    algorithm: object = field(default_factory=GaussSeidel)
    n_windows: int = 40
    can_go_back: bool = True
    recorded: tuple[str, ...] = RECORDED

    def run(self, files, kernel, observer=None, **options):
        recorder = observer or Recorder()
        names = [f"c{i}" for i in range(len(self.fmis))]
        with ExitStack() as stack:
            opened = [stack.enter_context(open_fmu(files[fmi, self.can_go_back])) for fmi in self.fmis]
            instances = {key: file.instantiate(key) for key, file in zip(names, opened, strict=True)}
            structure = SystemStructure(
                {key: Component(key, file.description) for key, file in zip(names, opened, strict=True)},
                tuple(
                    Connection(name(f"c{a}.{'y' if into == 'u' else 'steps'}"), name(f"c{b}.{into}"), factor, offset)
                    for a, b, into, factor, offset in self.wires
                ),
            )
            duration = None if self.ending else self.n_windows * 0.5
            experiment = Experiment(
                (phase("run", " ".join(names), duration, 0.5, ending=self.ending),),
                recorded=dict.fromkeys(names, self.recorded),
                start_values={"c0": {"x_start": 3.0}} | self.starts,
                events=self.events,
            )
            outcome = execute(structure, experiment, instances, self.algorithm, [recorder], kernel=kernel, **options)
        return recorder, outcome


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("lags")

    def build(fmi, can_go_back):
        names = ("canGetAndSetFMUstate", "canGetAndSetFMUState")

        def change(xml):
            for item in names:
                xml = xml.replace(f'{item}="true"', f'{item}="{str(can_go_back).lower()}"')
            return xml

        return build_lag(folder / f"lag{fmi}{can_go_back}.fmu", fmi, change=change)

    return {(fmi, able): build(fmi, able) for fmi in ("2.0", "3.0") for able in (True, False)}


def assert_same(plant, files):
    """Run ``plant`` in Python and by the kernel; return the latter's outcome."""
    python, expected = plant.run(files, None)
    native, found = plant.run(files, KERNEL_LIBRARY)
    assert {key: [(t, v.tobytes()) for t, v in rows] for key, rows in native.samples.items()} == {
        key: [(t, v.tobytes()) for t, v in rows] for key, rows in python.samples.items()
    }
    assert native.happenings == python.happenings
    assert (found.status, found.reason, found.time) == (expected.status, expected.reason, expected.time)
    assert (found.phases, found.failure, found.ledger) == (expected.phases, expected.failure, expected.ledger)
    assert found.effort.windows == expected.effort.windows
    return found


@st.composite
def plants(draw):
    n = draw(st.integers(1, 4))
    inputs = draw(
        st.lists(st.tuples(st.integers(0, n - 1), st.sampled_from(["u", "level"])), unique=True, max_size=2 * n)
    )
    number = st.floats(-3.0, 3.0)
    wires = [(draw(st.integers(0, n - 1)), i, into, draw(number), draw(number)) for i, into in inputs]
    events = [
        Event((Setting(name("c0.gain"), draw(number)),), time=to_ticks(draw(st.floats(0.1, 19.0)))),
        Event(
            (Setting(name(f"c{n - 1}.enabled"), draw(st.sampled_from([0.0, 1.0]))),),
            condition=Comparison(name(f"c{n - 1}.y"), draw(st.sampled_from(["<", ">", "<=", ">="])), draw(number)),
            repeats=draw(st.booleans()),
        ),
    ]
    return Plant(
        fmis=draw(st.lists(st.sampled_from(["2.0", "3.0"]), min_size=n, max_size=n)),
        wires=wires,
        starts={f"c{n - 1}": {"x_start": draw(number), "tau": draw(st.floats(0.5, 20.0))}},
        events=tuple(draw(st.lists(st.sampled_from(events), unique_by=id))),
        algorithm=draw(st.sampled_from([GaussSeidel(), Jacobi()])),
        can_go_back=draw(st.booleans()),
        recorded=draw(st.sampled_from([RECORDED, ("y",), ()])),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plants())
def test_random_systems_agree_bit_for_bit(files, plant):
    assert_same(plant, files)


@pytest.mark.parametrize("algorithm", [GaussSeidel(), Jacobi()])
@pytest.mark.parametrize("fault", ["warning", "discard", "error", "fatal", "nan", "terminate", "early", "nonsense"])
@pytest.mark.parametrize("at", [1, 20])
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
@pytest.mark.parametrize("is_watched", [False, True])
def test_faults_agree(files, algorithm, fault, at, fmi, is_watched):
    watch = (
        (Event((Setting(name("c0.gain"), 1.0),), condition=Comparison(name("c0.y"), ">", 1e9)),) if is_watched else ()
    )
    plant = Plant(
        [fmi] * 3,
        wires=[(0, 1, "u", 2.0, 0.5), (1, 2, "u", 1.0, 0.0)],
        starts={"c1": {"fault": FAULTS[fault], "fault_at": at}},
        algorithm=algorithm,
        events=watch,
    )
    assert_same(plant, files)


@pytest.mark.parametrize("first", ["discard", "fatal", "nan", "early"])
@pytest.mark.parametrize("second", ["error", "nan", "terminate"])
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
@pytest.mark.parametrize("recorded", [RECORDED, ("y",)])
def test_of_two_faults_in_a_window_that_of_the_first_component_counts(files, first, second, fmi, recorded):
    plant = Plant(
        [fmi] * 3,
        wires=[(2, 0, "u", 1.0, 0.0), (0, 1, "u", 2.0, 0.5)],
        starts={"c0": {"fault": FAULTS[first], "fault_at": 9}, "c2": {"fault": FAULTS[second], "fault_at": 9}},
        algorithm=Jacobi(),
        recorded=recorded,
    )
    assert_same(plant, files)


def test_numbers_of_which_only_the_sum_is_too_large_are_numbers(files):
    huge = {"x_start": 1.7e308, "tau": 1e9}
    plant = Plant(["2.0"], starts={"c0": huge}, recorded=("y", "x"), n_windows=12)
    found = assert_same(plant, files)
    assert found.status == "completed"


def test_an_integer_out_of_range_agrees(files):
    found = assert_same(Plant(["3.0", "2.0"], wires=[(0, 1, "level", 1e8, 0.0), (1, 0, "level", 2.0, 1.0)]), files)
    assert found.status == "failed"
    assert "does not fit" in found.reason


@pytest.mark.parametrize("can_go_back", [True, False])
def test_a_phase_ends_where_its_condition_begins_to_hold(files, can_go_back):
    ending = Until((Comparison(name("c1.y"), ">", 1.0),), to_ticks(50.0))
    plant = Plant(["2.0", "3.0"], [(0, 1, "u", 2.0, 0.0)], ending=ending, can_go_back=can_go_back)
    found = assert_same(plant, files)
    assert found.status == "completed"
    assert 0.0 < found.time / 1e9 < 50.0
    assert (found.time % to_ticks(0.5) != 0) is can_go_back


def test_most_windows_are_stepped_by_c_code(files, monkeypatch):
    taken = []
    advance = CompiledNetwork.advance

    def noted(self, time, n, *arguments, **options):
        taken.append(n)
        return advance(self, time, n, *arguments, **options)

    monkeypatch.setattr(CompiledNetwork, "advance", noted)
    observer, outcome = Plant(["2.0", "3.0"], n_windows=1000).run(files, KERNEL_LIBRARY, Blocks())
    assert outcome.effort.windows == 1000
    assert sum(taken) > 950
    assert observer.n_blocks == len(taken)
    assert len(observer.times("c0")) == 1001


def test_an_execution_stops_soon_after_it_was_asked(files):
    asked = []
    _, outcome = Plant(["2.0"], n_windows=3_000_000).run(
        files, KERNEL_LIBRARY, should_stop=lambda: asked.append(0) or len(asked) == 10
    )
    assert outcome.status == "stopped"
    assert outcome.wall_seconds < 10.0
