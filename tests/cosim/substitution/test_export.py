"""Surrogates as FMUs and ONNX models: the numbers of the network, in other tools too."""

import fmpy
import numpy as np
import pytest
from fmpy.validation import validate_fmu
from fmu_driver import ERROR, OK, Fmu
from taught import packaged

import cosim
from cosim.clock import Ticks
from cosim.errors import ResultError, StructureError
from cosim.fmu import open_fmu
from cosim.substitution import export, network_fmu
from cosim.substitution.export import export_surrogate, plain_name
from cosim.surrogate.batch import BatchStepper
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.package import read_package

HOUR = Ticks(3_600_000_000_000)


@pytest.fixture(scope="module")
def exported(taught, tmp_path_factory):
    return export_surrogate(taught.package.folder, "fmu", tmp_path_factory.mktemp("exported") / "reactor.fmu")


@pytest.fixture
def tiny(tmp_path):
    path = export_surrogate(packaged(tmp_path / "package"), "fmu", tmp_path / "tiny.fmu")
    return fmpy.extract(str(path), str(tmp_path / "unzipped"))


def begin(instance, package):
    limits = package.document["parameters"]
    instance.set_start({name: 0.5 * (low + high) for name, (low, high) in limits.items()})
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()


def test_other_tools_find_nothing_wrong(exported):
    assert validate_fmu(str(exported)) == []


def test_the_fmu_gives_what_the_network_gives(exported, taught):
    package = taught.package
    with open_fmu(exported, None) as file, file.instantiate("fmu") as fmu:
        own = SurrogateInstance("own", package)
        outputs = np.empty((2, len(package.output_names)))
        for instance in (fmu, own):
            begin(instance, package)
        for k in range(48):
            for instance, found in zip((fmu, own), outputs, strict=True):
                instance.write(instance.group(["feed.V_flow"]), np.array([5e-6 * (k % 12 == 3)]))
                instance.step(Ticks(k * HOUR), HOUR)
                instance.read(instance.group(package.output_names), found)
        np.testing.assert_allclose(outputs[0], outputs[1], rtol=1e-9, atol=1e-15)


def test_it_is_what_a_scenario_can_be_made_of(exported, taught, tmp_path):
    path = tmp_path / "exported.yaml"
    path.write_text(
        f"scenario: exported\ncomponents:\n  reactor: {{source: {exported.as_posix()}}}\n"
        "  feeder: {source: modelica:BioProcess.Fmus.GlucoseFeeder}\n"
        "streams: [feeder.outlet => reactor.feed, reactor.harvest => product]\n"
        "connections: [reactor.glucose -> feeder.measured]\nparameters:\n  feeder: {first: 1 d}\n"
        "phases:\n  batch: {active: [reactor, feeder], duration: 3 d, step: 1 h}\n",
        encoding="utf-8",
    )
    result = cosim.run(path, out=tmp_path / "out")
    assert result.status == "completed"
    assert max(item.units["reactor"].closure for item in result.outcome.ledger.values()) < 1e-12


def test_a_state_goes_back_and_is_the_same_as_bytes(exported, taught):
    with open_fmu(exported, None) as file, file.instantiate("fmu") as fmu:
        begin(fmu, taught.package)
        fmu.step(Ticks(0), HOUR)
        data = fmu.serialise_state(fmu.get_state())
        found = np.empty((2, len(taught.package.output_names)))
        for row in found:
            fmu.set_state(fmu.deserialise_state(data))
            fmu.step(HOUR, HOUR)
            fmu.read(fmu.group(taught.package.output_names), row)
        np.testing.assert_array_equal(found[0], found[1])


def test_a_batch_gives_what_one_gives(taught):
    package = taught.package
    own = SurrogateInstance("own", package)
    begin(own, package)
    parameters = np.array([[0.5 * (low + high) for low, high in package.document["parameters"].values()]] * 3)
    courses = np.tile([package.document["fixed"].get(name, 0.0) for name in package.input_names], (3, 20, 1))
    found = BatchStepper(package).roll_out(parameters, courses)
    for k in range(20):
        own.write(own.group(package.input_names), courses[0, k])
        own.step(Ticks(k * HOUR), HOUR)
    for row in found:
        np.testing.assert_allclose(row[-1], own.told(), rtol=1e-9, atol=1e-15)


def test_a_step_that_it_was_not_trained_for_is_refused(tiny):
    fmu = Fmu(tiny)
    assert fmu.call("DoStep", 0.0, 90.0, 1) == ERROR
    assert "A step of 90 s was asked for; the surrogate was trained at 60 s, and takes one or several" in fmu.log[-1]
    assert fmu.call("DoStep", 0.0, 120.0, 1) == OK


def test_leaving_the_domain_is_told_once(tiny):
    fmu = Fmu(tiny)
    fmu.set(u=7.0)
    for k in range(3):
        assert fmu.call("DoStep", 60.0 * k, 60.0, 1) == OK
    told = [text for text in fmu.log if "left the domain of its training" in text]
    assert len(told) == 1
    assert told[0].startswith("At t = 0 s")


def test_what_is_no_state_is_refused(tiny):
    fmu = Fmu(tiny)
    assert fmu.deserialise(b"nonsense") == ERROR
    assert "These bytes are no state of this FMU." in fmu.log[-1]


def test_an_fmu_that_gives_other_numbers_is_not_written(tmp_path, monkeypatch):
    package = read_package(packaged(tmp_path / "package"))
    right = network_fmu.write_tables
    monkeypatch.setattr(
        network_fmu,
        "write_tables",
        lambda *a: right(*a).replace(
            "static const double advance_constants[] = {\n", "static const double advance_constants[] = {\n0.125+"
        ),
    )
    with pytest.raises(StructureError, match=r"is not the network: after \d+ steps 'y' is .* Nothing was written\."):
        export_surrogate(package.folder, "fmu", tmp_path / "wrong.fmu")
    assert not (tmp_path / "wrong.fmu").exists()


def test_a_folder_is_not_replaced(tmp_path):
    folder = packaged(tmp_path / "package")
    with pytest.raises(ResultError, match=r"is a folder\. Name the file to write with --out"):
        export_surrogate(folder, "fmu", folder)


@pytest.mark.parametrize(
    ("name", "plain"),
    [("fed-batch_2", "fed-batch_2"), ("../../etc/x", "______etc_x"), ("", "surrogate"), ("ä" * 99, "_" * 64)],
)
def test_a_name_stays_a_name(name, plain):
    assert plain_name(name) == plain


def test_a_network_in_an_fmu_is_refused(tmp_path, monkeypatch):
    folder = packaged(tmp_path / "package")
    monkeypatch.setattr(export, "HYBRID", "static_map")
    with pytest.raises(StructureError, match=r"is a network in an FMU, which takes no step without it"):
        export_surrogate(folder, "onnx", tmp_path / "it.onnx")
