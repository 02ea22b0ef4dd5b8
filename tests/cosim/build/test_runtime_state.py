"""FMU states: saving, restoring, serialising, editing."""

import json
import struct
import zipfile

import numpy as np
import pytest
from fmu_driver import ERROR, OK, edit
from sketches import Event, Sketch

SKETCH = Sketch(
    "Stateful",
    {"x": 1.0, "y": 0.0},
    lambda s: [s.u[0] - s.p[0] * s.x[0] ** 2 + s.z[0], s.x[0] * (1 + s.r[0])],
    inputs={"u": 0.5},
    parameters={"k": 0.3},
    algebraic={"w": 1.0},
    residuals=lambda s: [s.z[0] ** 3 + s.z[0] - s.x[0]],
    discrete={"n": 0.0},
    relations=[lambda s: s.x[0] - 1.2],
    event=lambda s: Event(d=[s.d[0] + s.r[0] * (1 - s.c[0])], c=[s.r[0]]),
    n_conditions=1,
    units={"x": "kg", "u": "kg/s"},
)
NAMES = ("x", "y", "der(x)", "n")


def layout_of(make_fmu):
    with zipfile.ZipFile(make_fmu(SKETCH)["2.0"]) as archive:
        return json.loads(archive.read("resources/state_layout.json"))


def offset_of(make_fmu, name):
    (entry,) = [entry for entry in layout_of(make_fmu)["entries"] if entry["name"] == name]
    return entry["offset"]


def test_restored_state_replays_bit_for_bit(open_fmu):
    fmu = open_fmu(SKETCH)
    for _ in range(7):
        assert fmu.step(0.1) == OK
    state, time = fmu.save(), fmu.time
    first = []
    for k in range(20):
        assert fmu.set(u=0.5 + 0.1 * k) == OK
        assert fmu.step(0.13) == OK
        first.append(fmu.get(*NAMES))
    assert fmu.restore(state) == OK
    fmu.time = time
    second = []
    for k in range(20):
        assert fmu.set(u=0.5 + 0.1 * k) == OK
        assert fmu.step(0.13) == OK
        second.append(fmu.get(*NAMES))
    assert first == second
    fmu.discard(state)


def test_state_can_be_saved_into_an_existing_one(open_fmu):
    fmu = open_fmu(SKETCH)
    state = fmu.save()
    assert fmu.step(1.0) == OK
    again = fmu.save(state)
    assert again.value == state.value
    x = fmu.get("x")
    assert fmu.step(1.0) == OK
    assert fmu.restore(state) == OK
    assert fmu.get("x") == x
    fmu.discard(state)


def test_serialised_state_continues_in_another_instance(open_fmu):
    one, other = open_fmu(SKETCH), open_fmu(SKETCH)
    assert one.step(0.7) == OK
    assert other.deserialise(one.serialise()) == OK
    other.time = one.time
    for fmu in (one, other):
        assert fmu.step(0.4) == OK
    assert one.get(*NAMES) == other.get(*NAMES)


def test_restoring_undoes_an_error(open_fmu):
    sketch = Sketch("Bounded", {"x": 0.0}, lambda s: [1.0], asserts=[("error", "too high", lambda s: s.x[0] < 1.5)])
    fmu = open_fmu(sketch)
    state = fmu.save()
    assert fmu.step(2.0) == ERROR
    assert fmu.step(1.0) == ERROR  # the instance is in the error state
    assert fmu.restore(state) == OK
    assert fmu.step(1.0) == OK
    fmu.discard(state)


def test_layout_names_every_number(open_fmu, make_fmu):
    fmu, layout = open_fmu(SKETCH), layout_of(make_fmu)
    assert fmu.set(u=0.75) == OK
    assert fmu.step(0.5) == OK
    data = fmu.serialise()
    assert layout["size"] == len(data)
    assert [entry["offset"] for entry in layout["entries"]] == list(range(32, len(data), 8))
    found = {entry["name"]: struct.unpack_from("<d", data, entry["offset"])[0] for entry in layout["entries"]}
    assert len(found) == len(layout["entries"])
    assert [found["x"], found["y"]] == fmu.get("x", "y")
    assert (found["time"], found["u"], found["k"]) == (0.5, 0.75, 0.3)
    assert {entry["name"]: entry["unit"] for entry in layout["entries"]}["x"] == "kg"


def test_edited_state_is_taken_over(open_fmu, make_fmu):
    """Another x: the loop variable w, the relation x > 1.2 and what it counts must follow."""
    fmu = open_fmu(SKETCH)
    assert fmu.step(0.01) == OK
    edited = edit(fmu.serialise(), offset_of(make_fmu, "x"), 2.0)
    assert fmu.deserialise(edited) == OK
    assert fmu.get("x") == [2.0]
    assert fmu.get("der(x)")[0] == pytest.approx(0.5 - 0.3 * 4 + 1.0, abs=1e-12)  # w^3 + w = 2 at w = 1
    assert fmu.step(1e-9) == OK
    assert fmu.get("n") == [1.0]
    assert fmu.get("der(y)")[0] == pytest.approx(4.0, abs=1e-6)


def test_edited_solver_step_is_taken_over(open_fmu, make_fmu):
    fmu = open_fmu(SKETCH)
    assert fmu.step(0.1) == OK
    expected = open_fmu(SKETCH)
    assert expected.step(0.1) == OK
    assert fmu.deserialise(edit(fmu.serialise(), offset_of(make_fmu, "solver.step_size"), 0.0)) == OK
    for instance in (fmu, expected):
        assert instance.step(1.0) == OK
    np.testing.assert_allclose(fmu.get("x"), expected.get("x"), rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:-8], "has {short} bytes; this FMU's states have {size}"),
        (lambda data: b"X" + data[1:], "differs in the magic word"),
        (lambda data: data[:8] + b"\0" * 8 + data[16:], "differs in the hash of the state layout"),
        (lambda data: data[:16] + b"\0" * 8 + data[24:], "differs in size"),
        (lambda data: edit(data, len(data) - 8, float("nan")), "every entry must be finite"),
        (lambda data: edit(data, 32, float("inf")), "holds inf at byte offset 32"),
    ],
)
def test_foreign_state_is_refused(open_fmu, change, message):
    fmu = open_fmu(SKETCH)
    data = fmu.serialise()
    assert fmu.deserialise(change(data)) == ERROR
    assert message.format(size=len(data), short=len(data) - 8) in fmu.log[-1]
    assert fmu.step(0.1) == OK


def test_state_of_the_other_kind_is_refused(open_fmu):
    exchange, simulation = open_fmu(SKETCH, kind="me"), open_fmu(SKETCH)
    assert simulation.deserialise(exchange.serialise()) == ERROR
    assert "saved by a Model Exchange instance" in simulation.log[-1]
