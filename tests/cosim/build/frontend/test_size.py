"""A model that is too large is refused before it is written out."""

from pathlib import Path

import pytest

from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.size import LARGEST_MODEL
from cosim.build.frontend.source import ModelicaSource
from cosim.errors import ModelError

TEXT = """package P
  model T
    parameter Integer n = {n};
    Real x[n, 2](each start = 1);
    output Real y = x[1, 1];
  equation
    for i in 1:n loop
      der(x[i, :]) = -x[i, :];
    end for;
  end T;
end P;
"""


def source(folder: Path, n: int) -> ModelicaSource:
    (folder / "P.mo").write_text(TEXT.format(n=n))
    return ModelicaSource.discover([folder])


def test_an_array_that_is_too_large_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"P.mo:4: P.T is too large: the array x alone has 200,000,000 .* 200,000"):
        load_flat(source(tmp_path, 100_000_000), "P.T")


def test_so_is_one_that_the_structure_makes_too_large(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the array x alone has 200,002"):
        load_flat(source(tmp_path, 2), "P.T", {"n": LARGEST_MODEL // 2 + 1})


def test_variables_that_are_many_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cosim.build.frontend.size.LARGEST_MODEL", 9)
    with pytest.raises(ModelError, match=r"P.T is too large: it has 10 scalar variables, and the limit is 9"):
        load_flat(source(tmp_path, 4), "P.T")
