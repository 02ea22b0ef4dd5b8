"""States as bytes: of our FMUs, and of FMUs that say wrong things about them."""

import json
from pathlib import Path

import pytest
from fmu_factory import ASKER_FAULTS, build_asker
from stepped import begin, get, move, put, rates, step

from cosim.build.builder import build
from cosim.errors import CapabilityError, CheckpointError, StepError
from cosim.fmu import open_fmu


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moved")
    (folder / "Moved.mo").write_bytes((Path(__file__).parent / "Moved.mo").read_bytes())
    return {fmu.fmi_version: fmu.path for fmu in build(["Moved"], search_path=[folder], output=folder)}


@pytest.fixture(params=["2.0", "3.0"])
def file(fmus, request):
    with open_fmu(fmus[request.param]) as file:
        yield file


def written(instance):
    state = instance.get_state()
    data = instance.serialise_state(state)
    instance.free_state(state)
    return data


def taken(instance, data):
    state = instance.deserialise_state(data)
    instance.set_state(state)
    instance.free_state(state)


def advanced(instance):
    put(instance, u=1.0)
    move(instance, 1, u=0.5)
    step(instance, 0.0, 1.0)
    return instance


def test_another_instance_goes_on_bit_for_bit(file):
    with file.instantiate("one") as one, file.instantiate("other") as other:
        advanced(begin(one))
        begin(other)
        taken(other, written(one))
        for instance in (one, other):
            put(instance, u=2.0)
            move(instance, 2, u=1.5)
        assert rates(one, 1, "y") == rates(other, 1, "y")
        for instance in (one, other):
            step(instance, 1.0, 0.7)
        assert get(one, "x", "y", "u", "crossings") == get(other, "x", "y", "u", "crossings")


def test_model_exchange(fmus):
    with (
        open_fmu(fmus["2.0"], "Model Exchange") as file,
        file.instantiate("one") as one,
        file.instantiate("two") as two,
    ):
        for instance in (one, two):
            begin(instance)
        put(one, u=1.0)
        step(one, 0.0, 1.0)
        taken(two, written(one))
        for instance in (one, two):
            step(instance, 1.0, 1.0)
        assert get(one, "x") == pytest.approx(get(two, "x"), rel=1e-8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"", "was not written by an FMU instance"),
        (lambda data: b"{}\n" + data, "was not written by an FMU instance"),
        (lambda data: b"[" * 100_000, "was not written by an FMU instance"),
        (lambda data: data[:-1], "bytes instead of"),
        (lambda data: data.replace(b'"Moved"', b'"Other"', 1), "was written by 'Other'"),
        (lambda data: data.replace(b'"stepper": null', b'"stepper": [1]', 1), "was written by 'Moved'"),
        (
            lambda data: data.replace(b'"motion": [', b'"motion": [1.0, ', 1).replace(b"1.0, ]", b"1.0]"),
            "was written by",
        ),
    ],
)
def test_bytes_that_are_not_a_state_are_refused(file, change, message):
    with file.instantiate("it") as instance:
        begin(instance)
        with pytest.raises(CheckpointError, match=message):
            instance.deserialise_state(change(written(instance)))


def test_the_fmu_looks_at_its_part(file):
    with file.instantiate("it") as instance:
        begin(instance)
        head, _, body = written(instance).partition(b"\n")
        with pytest.raises(StepError, match="Reading the state failed at t = 0 s in 'it'"):
            instance.deserialise_state(head + b"\n" + b"X" + body[1:])


def test_size_beyond_belief(temp):
    with open_fmu(build_asker(temp.parent / "asker.fmu")) as file, file.instantiate("asker") as instance:
        begin(instance, fault=ASKER_FAULTS["huge"])
        state = instance.get_state()
        with pytest.raises(StepError, match=r"fmi3SerializedFMUStateSize → Error.*It states a size of \d+ bytes"):
            instance.serialise_state(state)


def test_state_that_is_none(temp):
    with open_fmu(build_asker(temp.parent / "asker.fmu")) as file, file.instantiate("asker") as instance:
        begin(instance, fault=ASKER_FAULTS["empty"])
        with pytest.raises(StepError, match=r"fmi3GetFMUState → Error.*said that all was well, but gave no state"):
            instance.get_state()


def test_freed_state(file):
    with file.instantiate("it") as instance:
        begin(instance)
        state = instance.get_state()
        instance.free_state(state)
        with pytest.raises(StepError, match="A state of another instance, or a freed one, was given to 'it'"):
            instance.serialise_state(state)


def test_fmu_without_written_states(temp):
    path = build_asker(temp.parent / "asker.fmu", lambda xml: xml.replace('canSerializeFMUState="true"', ""))
    with open_fmu(path) as file, file.instantiate("asker") as instance:
        begin(instance)
        state = instance.get_state()
        with pytest.raises(CapabilityError, match="'asker' cannot have its state written: its FMU does not declare"):
            instance.serialise_state(state)
        with pytest.raises(CapabilityError, match="'asker' cannot have its state written"):
            instance.deserialise_state(json.dumps({}).encode())
