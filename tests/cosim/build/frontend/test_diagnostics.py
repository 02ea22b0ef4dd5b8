"""What is wrong in a source comes with its line, once, and with what to do."""

import re
from pathlib import Path

import pytest

from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource
from cosim.errors import ModelError

HEAD = "package P\n  model T\n"
FOOT = "  end T;\nend P;\n"
STATE = "    Real x(start = 1, fixed = true);\n    output Real y;\n  equation\n    der(x) = -x;\n"

BROKEN = {
    "type": (STATE + "    y = true;\n", 7, "type mismatch: expected `Real`, found `Boolean`"),
    "index": ("    Real x[2];\n  equation\n    der(x) = -x;\n    0 = x[3];\n", 6, "subscript 3 for `x` is out"),
    "twice declared": ("    Real x;\n    Real x;\n" + STATE[36:], 4, "x is declared twice, first in line 3"),
    "der of input": ("    input Real u;\n    Real x;\n  equation\n    x = der(u);\n", 6, "Differentiate in the sender"),
    "clocked": (STATE + "    y = hold(sample(x, Clock(0.1)));\n", 7, "Clocked variables are not supported"),
    "loop over reals": (
        "    Real x[3];\n  equation\n    for i in 0.5:2.5 loop\n      der(x[i]) = 1;\n    end for;\n",
        5,
        "must run over Integers",
    ),
    "cardinality": (STATE + "    y = cardinality(x);\n", 7, "cardinality.. is not supported"),
    "too large": ("    parameter Real n = 1e999;\n" + STATE + "    y = n;\n", 3, "larger than the largest Real"),
    "itself": ("    T inner_one;\n", 2, "T contains a component of its own class"),
    "over": (STATE + "    y = x;\n    y = 2*x;\n", 8, r"3 equation.* 2 unknown.*y would .* line 7 'y = x'; line 8"),
    "under": ("    Real z;\n" + STATE + "    y = x + z;\n", 3, r"2 equation.* 3 unknown.*determines one of z, y"),
    "when and equation": (
        "    Real z;\n" + STATE + "    y = z;\n    z = 2;\n    when x < 0.5 then\n      z = x;\n    end when;\n",
        10,
        r"z would be determined more than once, by line 9 'z = 2'; line 10",
    ),
}  # fmt: skip


def refusal(folder: Path, text: str) -> ModelError:
    (folder / "P.mo").write_text(text)
    with pytest.raises(ModelError) as caught:
        load_flat(ModelicaSource.discover([folder]), "P.T")
    return caught.value


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_model_is_refused_at_its_line(tmp_path: Path, name: str) -> None:
    body, line, text = BROKEN[name]
    error = refusal(tmp_path, HEAD + body + FOOT)
    assert error.location is not None
    assert (error.location.file, error.location.line) == (tmp_path / "P.mo", line)
    assert re.search(text, error.message), error.message
    assert not re.search(r"\[[^]]*\.mo:\d+|BytePos|SourceId|EP001", error.message)


def test_a_wrong_end_names_both(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEAD + STATE + "    y = x;\n  end U;\nend P;\n")
    assert error.message == "Modelica syntax: 'end U' closes the class T. Write 'end T'."
    assert error.location is not None
    assert error.location.line == 8


def test_a_partial_model_is_said_to_be_one(tmp_path: Path) -> None:
    error = refusal(tmp_path, "package P\n  partial model T\n    output Real y;\n" + FOOT)
    assert "no equation determines y. T is partial" in error.message


def test_an_unconnected_inner_input_is_named(tmp_path: Path) -> None:
    parts = "package P\n  model Gain\n    input Real u;\n    output Real y = 2*u;\n  end Gain;\n"
    error = refusal(tmp_path, parts + "  model T\n    Gain gain;\n    output Real y = gain.y;\n" + FOOT)
    assert "gain.u" in error.message
    assert "connect it if it is an input of a component" in error.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file declares no class P"),
        ("within Z;\n" + HEAD + STATE + FOOT, "'within Z' says that P lies in that"),
    ],
)
def test_a_file_without_its_class_is_named(tmp_path: Path, text: str, message: str) -> None:
    error = refusal(tmp_path, text)
    assert message in error.message
    assert error.location is not None
    assert error.location.line == 1


def test_a_misspelt_class_gets_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "P.mo").write_text("package P\n  model Feeder\n    output Real y = 1;\n  end Feeder;\nend P;\n")
    with pytest.raises(ModelError, match=r"There is no Modelica class P.Feder. Do you mean P.Feeder\?"):
        load_flat(ModelicaSource.discover([tmp_path]), "P.Feder")
