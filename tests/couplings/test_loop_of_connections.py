"""A ⇄ B: in a loop the first in the file steps first, with what the second put out before."""

from fakes import Flowsheet, lag, phase


def test_order_and_delivered_inputs():
    flowsheet = Flowsheet(a=lag("a", 1.0, y0=1.0), b=lag("b", 1.0, y0=5.0)).connect("a.y", "b.u").connect("b.y", "a.u")
    flowsheet.run(phase("run", "a b", 2.0, 1.0))
    a = [value for _, value in flowsheet.recorder.series("a.y")]
    b = [value for _, value in flowsheet.recorder.series("b.y")]
    assert [inputs["u"] for inputs in flowsheet.instances["a"].delivered] == b[:2]
    assert [inputs["u"] for inputs in flowsheet.instances["b"].delivered] == a[1:]
