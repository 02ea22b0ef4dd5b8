"""Shipped scenarios give the same numbers, bit for bit, with every FMU in a process of its own."""

import re
from pathlib import Path

import pytest

import cosim

SCENARIOS = Path(__file__).parents[2] / "scenarios"
HEAVY = ("controlled_fed_batch", "mab_continuous", "mab_fed_batch", "gradients_12m3", "resin_lifetime",
         "capture_cycles", "fed_batch_quality")  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.stem, marks=[pytest.mark.slow] if path.stem in HEAVY else [])
        for path in sorted(SCENARIOS.glob("*.yaml"))
    ],
)
def test_inline_and_hosted_agree(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for table in SCENARIOS.glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    there = re.sub(r"(source: modelica:[\w.]+)", r"\1, host: process", text)
    assert there.count("host: process") > 0
    (tmp_path / "here.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "there.yaml").write_text(there, encoding="utf-8")

    here, there = (cosim.run(tmp_path / f"{place}.yaml", out=tmp_path / place) for place in ("here", "there"))

    assert (here.status, there.status) == ("completed", "completed")
    names = list(here)
    assert names
    for variable in names:
        assert here[variable].values.tobytes() == there[variable].values.tobytes(), variable
