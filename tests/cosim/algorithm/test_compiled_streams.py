"""Flowsheets of real FMUs at random: C code, Python and threads give the same bits, with all that flows and is booked.

feed ⇒ vat ⇒ vat …, the last back to the first or to waste; gas beside them; phases that end by time, condition or
volume, sleepers, signals, events, units that are converted on every stream and total.
"""

import shutil
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fakes import Recorder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cosim
from cosim.algorithm import crew
from cosim.algorithm.compiled import KERNEL
from cosim.build.builder import build
from cosim.execution import execute
from cosim.instantiation import instantiate
from cosim.native import load
from cosim.preparation import prepare
from cosim.run import ALGORITHMS

KERNEL_LIBRARY = load(KERNEL)
pytestmark = [
    pytest.mark.skipif(KERNEL_LIBRARY is None, reason="needs a C compiler"),
    pytest.mark.filterwarnings("ignore:.*The recorded signal:cosim.run.ScenarioWarning"),
]
CLASSES = ("Flows.Feed", "Flows.Vat", "Flows.Sparger", "Flows.Headspace")
STATE = {"2": "canGetAndSetFMUstate", "3": "canGetAndSetFMUState"}
RUNS = {"python": None, "kernel": KERNEL_LIBRARY, "threads": KERNEL_LIBRARY}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The FMUs, as Vat2.fmu and Vat3.fmu, and as Vat2x.fmu without access to their state; and a signal."""
    folder = tmp_path_factory.mktemp("flows")
    for fmu in build(CLASSES, search_path=[Path(__file__).parent], output=folder, jobs=1):
        version = fmu.fmi_version[0]
        name = fmu.class_name.rpartition(".")[2] + version
        shutil.copy(fmu.path, folder / f"{name}.fmu")
        with zipfile.ZipFile(fmu.path) as whole, zipfile.ZipFile(folder / f"{name}x.fmu", "w") as other:
            for item in whole.namelist():
                content = whole.read(item)
                if item == "modelDescription.xml":
                    content = content.replace(f'{STATE[version]}="true"'.encode(), f'{STATE[version]}="false"'.encode())
                other.writestr(item, content)
    (folder / "pace.csv").write_text("time [min],pace\n" + "".join(f"{i / 3},{(i * 7) % 5 / 3}\n" for i in range(9)))
    return folder


@dataclass
class Plant:
    """What is drawn at random; ``text`` is the scenario."""

    fmis: list[str]
    phases: list[str]
    is_loop: bool = False
    has_gas: bool = False
    has_level: bool = False
    signal: str = ""
    events: list[str] = field(default_factory=list)
    algorithm: str = "gauss_seidel"
    can_go_back: bool = True

    @property
    def vats(self) -> list[str]:
        return [f"vat{i}" for i in range(len(self.fmis) - 1)]

    @property
    def names(self) -> list[str]:
        return ["feed", *self.vats, *(["sparger", "headspace"] if self.has_gas else [])]

    def text(self) -> str:
        end = "x" * (not self.can_go_back)
        sources = {"feed": f"Feed{self.fmis[0]}{end}"}
        sources |= {name: f"Vat{fmi}{end}" for name, fmi in zip(self.vats, self.fmis[1:], strict=True)}
        if self.has_gas:
            sources |= {"sparger": f"Sparger{self.fmis[0]}{end}", "headspace": f"Headspace{self.fmis[-1]}{end}"}
        streams = [f"{a}.outlet => {b}.inlet" for a, b in zip(["feed", *self.vats], self.vats, strict=False)]
        streams.append(f"{self.vats[-1]}.outlet => {'vat0.back' if self.is_loop else 'waste'}")
        streams += ["sparger.outlet => headspace.inlet"] * self.has_gas
        inputs = (
            f"inputs: {{feed.pace: {{file: pace.csv, column: pace, unit: '1'{self.signal}}}}}" if self.signal else ""
        )
        level = ["connections: [vat0.held_volume -> feed.level]"] if self.has_level else []
        components = ", ".join(
            f"{name}: {{source: {file}.fmu, host: inline, asleep: frozen}}" for name, file in sources.items()
        )
        active = ", ".join(self.names)
        lines = [
            "scenario: flows", f"components: {{{components}}}", f"streams: [{', '.join(streams)}]", *level, inputs,
            "phases:", *(f"  {item.replace('ALL', active)}" for item in self.phases),
            f"events: [{', '.join(self.events)}]", f"algorithm: {self.algorithm}", "ledger: {tolerance: 0.9}",
        ]  # fmt: skip
        return "\n".join(line for line in lines if line)

    def run(self, folder, kernel, *, threads=False):
        (folder / "flows.yaml").write_text(self.text())
        recorder = Recorder()
        prepared = prepare(folder / "flows.yaml", None, ALGORITHMS)
        with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
            if threads:
                patch.setattr(crew, "n_cores", lambda: 3)
                patch.setattr(crew, "WORTH", 0.0)
            outcome = execute(
                prepared.bound.structure,
                prepared.bound.experiment,
                instantiate(prepared, stack),
                prepared.algorithm,
                [recorder],
                kernel=kernel,
            )
        return recorder, outcome


def told(recorder, outcome):
    """Everything that has to be the same."""
    samples = {name: [(time, values.tobytes()) for time, values in rows] for name, rows in recorder.samples.items()}
    return (
        samples, recorder.happenings, outcome.status, outcome.reason, outcome.time, outcome.phases, outcome.warnings,
        repr(outcome.ledger), outcome.effort.windows, outcome.effort.located, outcome.failure,
    )  # fmt: skip


def assert_same(plant, folder):
    """Run ``plant`` in every way; return the outcome of the kernel."""
    found = {name: plant.run(folder, kernel, threads=name == "threads") for name, kernel in RUNS.items()}
    for name in ("kernel", "threads"):
        for one, other in zip(told(*found["python"]), told(*found[name]), strict=True):
            assert one == other, name
    return found["kernel"][1]


@st.composite
def plants(draw):
    n = draw(st.integers(2, 4))
    last = f"vat{n - 2}"
    digit = st.integers(0, 9)
    endings = [
        f"duration: {draw(st.integers(10, 60))} s",
        f"until: vat0.held_volume > {40 + draw(digit) / 5} L, at_most: {draw(st.integers(20, 80))} s continue",
        f"volume: {0.3 + draw(digit) / 8} L, through: {draw(st.sampled_from(['vat0', last]))}, at_most: 60 s continue",
    ]
    first, third = draw(st.sampled_from(endings)), draw(st.sampled_from(endings))
    later = [
        "second: {active: [feed, vat0], duration: 9 s, step: 0.5 s, set: {vat0.demand: 0 L/h}}",
        f"third: {{active: [ALL], {third}, step: 1 s, set: {{{last}.demand: {draw(digit) * 40} L/h}}}}",
        "fourth: {active: [ALL], step: 0.5 s, repeat: 2, steps: {"
        f"fill: {{volume: {0.2 + draw(digit) / 20} L, through: vat0, at_most: 40 s continue}}, "
        f"wait: {{duration: {draw(st.integers(5, 20))} s, set: {{feed.level: 3 L}}}}}}}}",
    ]
    has_level = draw(st.booleans())
    if has_level:
        later[2] = later[2].replace("feed.level: 3 L", f"{last}.demand: 9 L/h")
    events = [
        f"{{at: {draw(st.floats(0.1, 90.0)):.3f} s, set: {{{last}.demand: {draw(digit) * 30} L/h}}}}",
        f"{{when: vat0.held_volume > {40 + draw(digit) / 10} L, set: {{vat0.demand: 90 L/h}}}}",
        f"{{when: feed.outlet.V_flow < {60 + 10 * draw(digit)} L/h, repeats: true, "
        f"set: {{{last}.back.V_flow: 20 L/h}}}}",
    ]
    is_loop = draw(st.booleans())
    if is_loop and n == 2:  # a stream drives the inlet
        events.pop()
    return Plant(
        fmis=draw(st.lists(st.sampled_from(["2", "3"]), min_size=n, max_size=n)),
        phases=[f"first: {{active: [ALL], {first}, step: {draw(st.sampled_from(['1 s', '0.7 s']))}}}"]
        + [item for item in later if draw(st.booleans())],
        is_loop=is_loop,
        has_gas=draw(st.booleans()),
        has_level=has_level,
        signal=draw(st.sampled_from(["", ", interpolation: hold", ", interpolation: linear"])),
        events=[item for item in events if draw(st.booleans())],
        algorithm=draw(st.sampled_from(["gauss_seidel", "jacobi"])),
        can_go_back=draw(st.booleans()),
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plants())
def test_random_flowsheets_agree_bit_for_bit(folder, plant):
    assert_same(plant, folder)


@pytest.mark.parametrize("algorithm", ["gauss_seidel", "jacobi"])
@pytest.mark.parametrize("can_go_back", [True, False])
def test_volumes_signals_and_loops_are_stepped_by_c_code(folder, algorithm, can_go_back):
    plant = Plant(
        ["2", "3", "2"],
        ["first: {active: [ALL], volume: 8 L, through: vat1, step: 0.25 s}"],
        is_loop=True,
        has_gas=True,
        has_level=True,
        signal=", interpolation: linear",
        events=["{when: vat0.held_volume < 1 L, set: {vat0.demand: 0 L/h}}"],
        algorithm=algorithm,
        can_go_back=can_go_back,
    )
    outcome = assert_same(plant, folder)
    assert outcome.status == "completed", outcome.reason
    assert outcome.phases[0].ended_by == "volume"
    assert outcome.effort.compiled > 0.9 * outcome.effort.windows > 500


@pytest.mark.parametrize("can_go_back", [True, False])
def test_a_flow_that_grows_suddenly_delivers_its_volume_all_the_same(folder, can_go_back):
    """The demand grows a hundredfold: within one step, the volume is overtaken that seemed far away."""
    plant = Plant(
        ["2", "3", "2"],
        ["first: {active: [ALL], volume: 2 L, through: vat1, step: 1 s, set: {vat0.demand: 40 L/h}}"],
        events=["{at: 50 s, set: {vat0.demand: 9000 L/h}}"],
        can_go_back=can_go_back,
    )
    outcome = assert_same(plant, folder)
    assert (outcome.status, outcome.phases[0].ended_by) == ("completed", "volume")
    assert outcome.effort.compiled > 30


LONG = Plant(
    ["2", "3", "2"],
    [
        "first: {active: [ALL], volume: 1 L, through: vat1, step: 0.25 s}",
        "second: {active: [feed, vat0], duration: 60 s, step: 0.25 s, set: {vat0.demand: 0 L/h}}",
        "third: {active: [ALL], duration: 60 s, step: 0.25 s}",
    ],
    is_loop=True,
    has_gas=True,
    signal=", interpolation: linear",
    events=["{when: vat0.held_volume > 42 L, set: {vat1.demand: 200 L/h}, repeats: true}"],
)


@pytest.mark.parametrize("algorithm", ["gauss_seidel", "jacobi"])
def test_a_run_by_c_code_goes_on_from_a_checkpoint_to_the_same_bits(folder, algorithm, tmp_path):
    (folder / "flows.yaml").write_text(replace(LONG, algorithm=algorithm).text())
    whole = cosim.run(folder / "flows.yaml", out=tmp_path / "whole")
    asked = []
    part = cosim.run(
        folder / "flows.yaml",
        out=tmp_path / "part",
        checkpoint="7 s",
        should_stop=lambda: bool(asked.append(0)) or len(asked) == 25,
    )
    n_before = part.outcome.effort.compiled
    resumed = cosim.resume(tmp_path / "part")
    assert (whole.status, part.status, resumed.status) == ("completed", "stopped", "completed"), whole.outcome.reason
    assert 0 < n_before < resumed.outcome.effort.compiled
    for name in whole:
        assert whole[name].time.tobytes() == resumed[name].time.tobytes(), name
        assert whole[name].values.tobytes() == resumed[name].values.tobytes(), name
    assert repr(whole.ledger) == repr(resumed.ledger)
    assert whole.happenings == resumed.happenings


def test_a_sleeper_is_not_called(folder, tmp_path):
    calls = {}
    for seconds in (60, 600):
        (folder / "flows.yaml").write_text(
            LONG.text().replace("duration: 60 s, step: 0.25 s, set", f"duration: {seconds} s, step: 0.25 s, set")
        )
        result = cosim.run(folder / "flows.yaml", out=tmp_path / str(seconds), profile=True)
        assert result.status == "completed", result.outcome.reason
        calls[seconds] = {
            name: sum(group["n"] for group in item["calls"].values())
            for name, item in result.profile["components"].items()
        }
    grown = {name for name in calls[60] if calls[600][name] > calls[60][name] + 20}
    assert grown == {"feed", "vat0"}
