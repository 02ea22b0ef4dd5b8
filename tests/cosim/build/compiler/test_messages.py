"""``String(v)`` in the text of an assert is left to the moment at which the message is given."""

from pathlib import Path

from cosim.build.compiler import compile_model
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource

FEATURES = Path(__file__).parents[3] / "modelica" / "features"


def test_values_are_marked_by_name() -> None:
    model = compile_model(load_flat(ModelicaSource.discover([FEATURES]), "AssertWithValues.Test"))
    (message,) = model.asserts
    assert message.text == "y is \x02y\x03, below (limit = \x02limit\x03); low: \x02low\x03 3"
