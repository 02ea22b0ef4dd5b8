"""The FMU of a unit that forgets begins again where its past matters; snapshots of before keep what they need."""

import os
import zipfile

import numpy as np
import pytest
from pooled import SCENARIO

import cosim
from cosim.clock import Ticks
from cosim.errors import StepError
from cosim.fmu import open_fmu
from cosim.surrogate.original import Original
from cosim.surrogate.package import read_package

MINUTE = 60_000_000_000
STEP = Ticks(5 * MINUTE)
REMEMBERED = 9  # steps: thrice the memory of the package
EXCURSION = SCENARIO.replace(
    "events: []\n",
    "events:\n  - {at: 1 h, set: {pool.c_in: 9 mol/m3}}\n  - {at: 2 h, set: {pool.c_in: 2 mol/m3}}\n",
)


class Made:
    """Makes instances of an FMU and remembers them."""

    def __init__(self, file):
        self.file, self.instances = file, []

    def __call__(self):
        self.instances.append(self.file.instantiate("pool"))
        return self.instances[-1]

    def are_alive(self):
        """Tell which of them can still be read."""
        alive = []
        for instance in self.instances:
            try:
                instance.read(instance.group(["c"]), np.empty(1))
            except StepError:
                alive.append(False)
            else:
                alive.append(True)
        return alive


@pytest.fixture(scope="module")
def package(project):
    return read_package(project / "surrogates" / "pool")


@pytest.fixture(scope="module")
def archive(project):
    from cosim.build.builder import build

    return build(["Pool"], search_path=[project])[0].path


@pytest.fixture
def made(archive):
    with open_fmu(archive) as file:
        yield Made(file)


@pytest.fixture
def original(package, made):
    one = begun(package, made)
    yield one
    one.free()


def begun(package, make):
    one = Original("pool", package, make)
    one.set_start({"tau": 90.0})
    one.enter_initialization(Ticks(0), stop_time=Ticks(2000 * STEP), tolerance=1e-8)
    one.exit_initialization(inputs(0))
    return one


def inputs(k):
    return np.array([1.0 + 2 * (k % 7 == 3), 300.0 + k % 5])


def note(original, first, last):
    for k in range(first, last):
        original.note(Ticks(k * STEP), STEP, inputs(k))


def take_over(original, k):
    return original.take_over(np.empty(0), Ticks(k * STEP))


def go(original, first, last):
    """Step, and return the bits of the outputs."""
    for k in range(first, last):
        original.step(Ticks(k * STEP), STEP, inputs(k))
    return original.read(inputs(last)).tobytes()


def fresh(package, made, first, last):
    """Return what an FMU has that began at step ``first`` with the same parameters and inputs."""
    with made.file.instantiate("other") as other:
        other.set_start({"tau": 90.0})
        other.enter_initialization(Ticks(first * STEP), stop_time=Ticks(2000 * STEP), tolerance=1e-8)
        written, told = other.group(package.input_names), other.group(package.output_names)
        other.write(written, inputs(first))
        other.exit_initialization()
        for k in range(first, last):
            other.write(written, inputs(k))
            other.step(Ticks(k * STEP), STEP)
        values = np.empty(len(package.output_names))
        other.write(written, inputs(last))
        other.read(told, values)
        return values.tobytes()


def test_it_begins_where_its_past_matters(package, made, original):
    note(original, 0, 60)
    assert take_over(original, 60) == "after doing 9 steps again"
    assert original.read(inputs(60)).tobytes() == fresh(package, made, 60 - REMEMBERED, 60)
    assert made.are_alive() == [False, True]
    assert go(original, 60, 63) == fresh(package, made, 60 - REMEMBERED, 63)


def test_as_long_as_it_remembers_all_the_same_instance_goes_on(package, made, original):
    note(original, 0, REMEMBERED)
    assert take_over(original, REMEMBERED) == "after doing 9 steps again"
    assert original.read(inputs(9)).tobytes() == fresh(package, made, 0, 9)
    assert len(made.instances) == 1
    assert take_over(original, REMEMBERED) == "from where it is"


def test_a_long_step_is_cut_to_what_matters(made, original):
    """A unit that slept, or whose clock goes by the day, is not taken through all of that again."""
    original.note(Ticks(0), Ticks(1000 * STEP), inputs(3))
    assert original.take_over(np.empty(0), Ticks(1000 * STEP)) == "after doing 1 step again"
    outputs = original.read(inputs(3))
    assert made.are_alive() == [False, True]
    np.testing.assert_allclose(outputs[0], 3 * 1.03, rtol=1e-6)  # c, long after c_in was 3 at 303 K


def test_going_back_before_a_hand_over_finds_the_instance_of_then(package, made, original):
    note(original, 0, 40)
    before = original.get_state()
    take_over(original, 40)
    assert made.are_alive() == [True, True]
    first = go(original, 40, 42)
    original.set_state(before)
    assert made.are_alive() == [True, False]
    take_over(original, 40)
    assert made.are_alive() == [True, False, True]
    assert go(original, 40, 42) == first
    original.free_state(before)
    assert made.are_alive() == [False, False, True]


def test_a_snapshot_of_after_a_hand_over_outlives_going_back(package, made, original):
    before = original.get_state()
    note(original, 0, 30)
    take_over(original, 30)
    after = original.get_state()
    original.set_state(before)
    assert go(original, 0, 2) == fresh(package, made, 0, 2)
    original.set_state(after)
    assert go(original, 30, 32) == fresh(package, made, 30 - REMEMBERED, 32)
    original.free_state(after)
    original.free_state(before)
    assert made.are_alive() == [False, True]


@pytest.mark.parametrize("n_noted", [0, 4, 20], ids=["fmu", "few steps", "more than it remembers"])
def test_another_process_goes_on_alike(package, made, original, n_noted):
    """What is written after a hand-over is read by an instance that began at the beginning."""
    note(original, 0, 30)
    take_over(original, 30)
    note(original, 30, 30 + n_noted)
    snapshot = original.get_state()
    data = original.serialise_state(snapshot)
    other = begun(package, made)
    there = other.deserialise_state(data)
    other.set_state(there)
    other.free_state(there)
    original.free_state(snapshot)
    last = 30 + n_noted
    assert take_over(other, last) == take_over(original, last)
    assert go(other, last, last + 3) == go(original, last, last + 3)
    other.free()


@pytest.mark.parametrize("is_kept", [False, True], ids=["freed first", "stepped far"])
def test_an_fmu_of_one_instance_a_process(package, archive, tmp_path, is_kept):
    path = tmp_path / "Once.fmu"
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "modelDescription.xml":
                assert b"<CoSimulation " in data
                data = data.replace(b"<CoSimulation ", b'<CoSimulation canBeInstantiatedOnlyOncePerProcess="true" ')
            after.writestr(name, data)
    with open_fmu(path) as file:
        make = Made(file)
        one = begun(package, make)
        snapshot = one.get_state() if is_kept else None
        note(one, 0, 50)
        assert take_over(one, 50) == "after doing 9 steps again"
        assert len(make.instances) == (1 if is_kept else 2)
        with open_fmu(archive) as theirs:
            expected = np.frombuffer(fresh(package, Made(theirs), 50 - REMEMBERED, 50))
        np.testing.assert_allclose(one.read(inputs(50)), expected, rtol=1e-5)
        if is_kept:
            one.free_state(snapshot)
        one.free()
        assert not any(make.are_alive())


def test_all_are_freed_with_snapshots_left(made, package):
    one = begun(package, made)
    kept = one.get_state()
    note(one, 0, 30)
    take_over(one, 30)
    one.free()
    assert made.are_alive() == [False, False]
    one.free_state(kept)  # legal, and nothing any more


@pytest.mark.parametrize("n", [5, 16, 26], ids=["before", "fmu", "came back"])
def test_a_run_that_was_stopped_around_hand_overs_is_completed(project, tmp_path, n):
    path = project / "stopped.yaml"
    path.write_text(EXCURSION, encoding="utf-8")
    whole = cosim.run(path, out=tmp_path / "whole")
    calls = iter(range(1000))
    stopped = cosim.run(path, out=tmp_path / "run", checkpoint="5 min", should_stop=lambda: next(calls) >= n)
    assert stopped.status == "stopped"
    result = cosim.resume(tmp_path / "run")
    assert result["pool.c"].values.tobytes() == whole["pool.c"].values.tobytes()
    switches = [[item.text for item in one.happenings if item.text.startswith("Switch")] for one in (whole, result)]
    assert switches[0] == switches[1]
    assert len(switches[0]) == 2


def test_nothing_lies_about_afterwards(project, tmp_path):
    n_before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    path = project / "about.yaml"
    path.write_text(EXCURSION, encoding="utf-8")
    for k in range(3):
        cosim.run(path, out=tmp_path / str(k))
    if n_before:
        assert len(os.listdir("/proc/self/fd")) <= n_before + 5
