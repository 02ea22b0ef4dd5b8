"""What an FMU does in a process of its own is what it does inline, bit for bit, through every part of the contract."""

import numpy as np
import pytest
from fmu_factory import build_lag
from heater import build_heater
from hosted import hosted, inline

import cosim
from cosim.errors import CosimError, StepDiscarded, StructureError
from cosim.fmu import open_fmu
from cosim.hosting import lane


def numbers(instance, names):
    values = np.zeros(len(names))
    instance.read(instance.group(names), values)
    return values.tolist()


def exercise(instance):
    """Everything that the lag can do; return all that it said."""
    names = [
        name
        for name, item in instance.description.variables.items()
        if item.causality.value == "output" and item.type.is_numeric and not item.shape
    ]
    u, y, said = instance.group(["u"]), instance.group(names), []
    values = np.zeros(len(names))

    def note():
        instance.read(y, values)
        said.append(values.tobytes())

    instance.set_start({"gain": 1.5, "tau": 3.0, "x_start": 0.25})
    instance.enter_initialization(0, stop_time=10**11, tolerance=1e-6)
    instance.write(u, np.array([0.5]))
    note()
    instance.exit_initialization()
    for i in range(5):
        instance.write(u, np.array([0.1 * i]))
        said.append(instance.step(i * 10**9, 10**9))
        note()
        note()
    state = instance.get_state()
    said.append(instance.step(5 * 10**9, 10**9))
    note()
    instance.set_state(state)
    note()
    instance.write(u, np.array([3.0]))
    instance.write(u, np.array([4.0]))
    note()
    said.append(instance.step(5 * 10**9, 10**9))
    note()
    instance.free_state(state)
    instance.terminate()
    return said


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_the_lag(fmi, tmp_path):
    path = build_lag(tmp_path / "lag.fmu", fmi)
    with hosted(path) as there, inline(path) as here:
        assert exercise(there) == exercise(here)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("fault", "kind"), [("error", None), ("discard", StepDiscarded), ("fatal", None)])
def test_its_errors_are_those_of_the_fmu(fault, kind, tmp_path):
    from fmu_factory import FAULTS

    path = build_lag(tmp_path / "lag.fmu")
    found = []
    for way in (inline, hosted):
        with way(path) as instance:
            instance.set_start({"fault": FAULTS[fault], "fault_at": 2})
            instance.enter_initialization(0, stop_time=None, tolerance=None)
            instance.exit_initialization()
            instance.step(0, 10**9)
            with pytest.raises(CosimError) as caught:
                instance.step(10**9, 10**9)
            found.append((type(caught.value), caught.value.message, getattr(caught.value, "reached", None)))
            with pytest.raises(CosimError, match="has failed before"):
                instance.step(2 * 10**9, 10**9)
    assert found[0] == found[1]
    assert kind is None or found[1][0] is kind


@pytest.mark.usefixtures("way")
def test_a_variable_that_there_is_not(tmp_path):
    with hosted(build_lag(tmp_path / "lag.fmu")) as instance, pytest.raises(StructureError, match="no variable 'w'"):
        instance.group(["w"])


@pytest.mark.usefixtures("way")
def test_more_than_fits_the_shared_memory(tmp_path, monkeypatch):
    path = build_lag(tmp_path / "lag.fmu")
    monkeypatch.setattr(lane, "SIZE", 2048)
    with inline(path) as here:
        expected = exercise(here)
    with open_fmu(path) as file:
        names = list(file.description.variables)
    assert names
    with hosted(path) as there:
        groups = [there.group(["u", "y"]) for _ in range(40)]
        assert exercise(there) == expected
        values = np.zeros(2)
        for group in groups:
            there.read(group, values)
        assert values.any()


@pytest.mark.filterwarnings("ignore:Nothing drives a.on")
@pytest.mark.parametrize("fmi", ["1.0", "2.0", "3.0"])
@pytest.mark.parametrize("interface", ["Co-Simulation", "Model Exchange"])
def test_the_heater_in_a_run(fmi, interface, tmp_path, server):
    path = build_heater(tmp_path / "heater.fmu", fmi)
    with open_fmu(path) as file:
        if interface not in file.facts.interface_types:
            pytest.skip(f"it offers {file.facts.interface_types}")
        outputs = [n for n, v in file.description.variables.items() if v.causality.value == "output"]
    found = []
    for number, host in enumerate(("inline", "process", f"{server.address}, token_file: {server.token_file}")):
        kind = interface.lower().replace(" ", "-")
        text = (
            f"scenario: heater\ncomponents: {{a: {{source: heater.fmu, host: {host}, fmi: {kind}}}}}\n"
            "inputs: {a.ambient: 290}\nphases: {run: {active: [a], duration: 60 s, step: 1 s}}\n"
            "tolerance: 1e-6\n"
        )
        (tmp_path / f"{number}.yaml").write_text(text)
        result = cosim.run(tmp_path / f"{number}.yaml", out=tmp_path / str(number))
        assert result.status == "completed", result.outcome.reason
        found.append({name: result[f"a.{name}"].values.tobytes() for name in outputs})
    assert found[0] == found[1] == found[2]
