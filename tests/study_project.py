"""A study small enough for tests: a linear model as a function or as an FMU, and its file with parts replaced."""

from collections.abc import Mapping
from pathlib import Path

from fakes import describe

import cosim
from cosim.instance.function import FunctionInstance
from cosim.study.result import StudyResult

SCENARIO = """\
scenario: linear
components:
  f: {source: python}
phases:
  warm_up: {active: [f], duration: 2 s, step: 1 s, set: {f.u: 1}}
  run: {active: [f], duration: 3 s, step: 1 s, set: {f.u: 2}}
"""
STUDY = """\
study: trial
scenario: linear.yaml
factors:
  f.a: {from: 0, to: 1}
  f.b: {from: -1, to: 1}
responses:
  y: final(f.y)
method: {name: latin_hypercube, runs: 8}
"""


def linear(name: str) -> FunctionInstance:
    """Y = 3 a + 2 b + a·b + 0.1·u·t; fails where a is above ``limit``."""

    def step(v, time, size):
        if v["a"] > v["limit"]:
            raise ValueError("a is too large")
        v["t"] += size
        v["y"] = 3.0 * v["a"] + 2.0 * v["b"] + v["a"] * v["b"] + 0.1 * v["u"] * v["t"]

    description = describe({"u": 0.0}, ["y", "t"], {"a": 0.5, "b": 0.0, "limit": 2.0})
    return FunctionInstance(name, description, step)


def write_project(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write scenario and study into ``folder``; return the path of the study."""
    (folder / "linear.yaml").write_text(SCENARIO)
    text = STUDY
    for old, new in (changes or {}).items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "trial.yaml").write_text(text)
    return folder / "trial.yaml"


def run_linear(folder: Path, changes: Mapping[str, str] | None = None, **options: object) -> StudyResult:
    """Run the study in this process, with the function as its model."""
    path = write_project(folder, changes)
    options.setdefault("out", folder / "out")
    return cosim.study(path, components={"f": linear}, **options)
