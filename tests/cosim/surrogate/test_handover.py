"""Numbers found by name in the serialised state of an FMU."""

import struct

import numpy as np

from cosim.surrogate.handover import MAGIC, name_handover

NAMES = ("column.m", "cycles_now")


def layout(*extra):
    described = [("time", "current time"), ("column.m", "state"), ("events.discrete[1]", "discrete"),
                 ("fmi.inputs_changed", ""), ("solver.step_size", ""), *extra]  # fmt: skip
    return {
        "entries": [
            {"name": name, "description": text, "offset": 8 * (i + 1)} for i, (name, text) in enumerate(described)
        ]
    }


def data(*values):
    return MAGIC + struct.pack(f"<{len(values)}d", *values)


def test_states_are_found_by_name_and_discrete_ones_by_what_changed():
    found, why = name_handover(layout(), data(0, 0, 0, 0, 0), data(9, 3.5, 2.0, 0, 0), NAMES, np.array([3.0, 2.0]))
    assert why == ""
    assert found.places == {0: 16, 1: 24}
    assert found.time == 8


def test_a_state_of_the_FMU_that_nobody_keeps_is_named():
    found, why = name_handover(
        layout(("other.x", "state")), data(0, 0, 0, 0, 0, 0), data(9, 3.5, 2.0, 0, 0, 1.0), NAMES, np.array([3.0, 2.0])
    )
    assert (found, why) == (None, "'other.x' of its FMU is none of the numbers that the surrogate keeps")


def test_a_discrete_number_that_nobody_has_is_named():
    _, why = name_handover(layout(), data(0, 0, 0, 0, 0), data(9, 3.5, 4.0, 0, 0), NAMES, np.array([3.0, 2.0]))
    assert why == "'events.discrete[1]' of its FMU is none of the numbers that the surrogate keeps"


def test_a_number_that_the_FMU_does_not_have_is_named():
    _, why = name_handover(layout(), data(0, 0, 2.0, 0, 0), data(9, 3.5, 2.0, 0, 0), NAMES, np.array([3.0, 2.0]))
    assert why == "'cycles_now' is no state of its FMU"
    _, why = name_handover(layout(), b"", data(0), NAMES, np.zeros(2))
    assert why == "its FMU does not write the state that it documents"
