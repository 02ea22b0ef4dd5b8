"""``String(v)`` in the text of an assert is left to the moment at which the message is given."""

from pathlib import Path

from cosim.build.compiler import compile_model
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource

TEXT = """package P
  model T
    parameter Real limit = 0.5;
    Real x(start=1, fixed=true);
    Boolean low = x < limit;
    output Real y = 2*x;
  equation
    der(x) = -x;
    assert(x > limit, "y is " + String(y) + ", below " + String(2*limit) + "; low: " + String(low) + " " + String(3));
  end T;
end P;
"""


def test_values_are_marked_by_name(tmp_path: Path) -> None:
    (tmp_path / "P.mo").write_text(TEXT)
    model = compile_model(load_flat(ModelicaSource.discover([tmp_path]), "P.T"))
    (message,) = model.asserts
    assert message.text == "y is \x02y\x03, below (limit = \x02limit\x03); low: \x02low\x03 3"
