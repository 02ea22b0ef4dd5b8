"""A → B: Gauss–Seidel hands B what A has just put out, Jacobi what A put out before."""

import pytest
from fakes import FakeInstance, Flowsheet, describe, lag, phase

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi


def clock(v, time, size):
    v["y"] = time + size


@pytest.mark.parametrize(("algorithm", "delivered"), [(GaussSeidel(), [1.0, 2.0, 3.0]), (Jacobi(), [0.0, 1.0, 2.0])])
def test_delivered_inputs(algorithm, delivered):
    flowsheet = Flowsheet(b=lag("b", 1.0), a=FakeInstance("a", describe([], ["y"]), clock)).connect("a.y", "b.u")
    flowsheet.run(phase("run", "a b", 3.0, 1.0), algorithm=algorithm)
    assert [inputs["u"] for inputs in flowsheet.instances["b"].delivered] == delivered


def test_factor_and_offset_convert_units():
    flowsheet = Flowsheet(a=FakeInstance("a", describe([], ["y"]), clock), b=lag("b", 1.0))
    flowsheet.connect("a.y", "b.u", 1000.0, 273.15).run(phase("run", "a b", 2.0, 1.0))
    assert [inputs["u"] for inputs in flowsheet.instances["b"].delivered] == [1273.15, 2273.15]


def test_wire_from_a_component_that_never_runs_leaves_the_start_value():
    receiver = FakeInstance("b", describe({"u": 7.0}, ["y"]), lambda v, t, h: v.update(y=v["u"]))
    flowsheet = Flowsheet(a=FakeInstance("a", describe([], ["y"]), clock), b=receiver).connect("a.y", "b.u")
    flowsheet.run(phase("run", "b", 2.0, 1.0))
    assert [inputs["u"] for inputs in receiver.delivered] == [7.0, 7.0]
