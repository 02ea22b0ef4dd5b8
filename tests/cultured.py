"""Cells in a fed batch whose growth and productivity a plant has otherwise than the model; a hybrid of both."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cosim.build.builder import build
from cosim.clock import Ticks
from cosim.fmu import FmuFile, open_fmu
from cosim.loading import search_path

HEAD = """\
model {name} "Cells that grow on a substrate and make a product"
  input Real feed(unit="m3/s", start=0) "Feed";
{rates}
  parameter Real S_feed(unit="kg/m3") = 100 "Substrate in the feed";
  parameter Real X_start(unit="kg/m3") = 0.5 "Cells to begin with";
  output Real X(unit="kg/m3", min=0) "Cells";
  output Real S(unit="kg/m3", min=0) "Substrate";
  output Real P(unit="kg/m3", min=0) "Product";
  output Real volume(unit="m3") "Volume";
protected
  Real V(start=1, fixed=true, unit="m3");
  Real mX(start=X_start, fixed=true);
  Real mS(start=10, fixed=true);
  Real mP(start=0, fixed=true);
  Real growth(unit="1/s");
equation
  X = mX/V;
  S = mS/V;
  P = mP/V;
  volume = V;
  growth = {growth};
  der(V) = feed;
  der(mX) = growth*mX;
  der(mS) = feed*S_feed - 2*growth*mX;
  der(mP) = q_P*mX;
end {name};
"""
MODEL = HEAD.format(
    name="Culture",
    rates='  parameter Real mu_max(unit="1/s") = 1e-5 "Growth";\n  parameter Real q_P(unit="1/s") = 1e-6 "Product";',
    growth="mu_max*S/(S + 0.5)",
)
OPEN = HEAD.format(
    name="OpenCulture",
    rates='  input Real mu(unit="1/s", start=0) "Growth";\n  input Real q_P(unit="1/s", start=0) "Product";',
    growth="mu",
)
"""The same with a hole where the rates belong."""

TRAINING = """\
hybrid: culture
description: Cells whose growth the network knows better
source: modelica:Culture
step: 6 h
measured: batches.csv
sees: [S, P]
gives:
  mu_max: {from: 0 1/h, to: 0.06 1/h}
  q_P: {from: 0 1/h, to: 0.02 1/h}
network: {width: 3, members: 2}
deviation: 2 %
budget: 60 s
"""

SCENARIO = """\
scenario: cultured
components:
  culture: {source: modelica:Culture}
parameters:
  culture: {X_start: 0.6 g/L}
inputs:
  culture.feed: 0 L/h
phases:
  batch: {active: [culture], duration: 72 h, step: 1 h}
events:
  - {at: 24 h, set: {culture.feed: 12 L/h}}
  - {at: 26 h, set: {culture.feed: 0 L/h}}
surrogates:
  culture: {package: surrogates/culture}
"""


def culture(folder: Path, name: str = "Culture") -> FmuFile:
    """Return the FMU of the model, built."""
    folder.mkdir(parents=True, exist_ok=True)
    for model, text in (("Culture", MODEL), ("OpenCulture", OPEN)):
        (folder / f"{model}.mo").write_text(text, encoding="utf-8")
    return open_fmu(build([name], search_path=search_path(folder / "x.yaml"), fmi_versions=("2.0",))[0].path, None)


def rates(y: Sequence[float]) -> tuple[float, float]:
    """Return growth and productivity of the plant [1/s] at cells, substrate, product: what no model here knows."""
    return 1e-5 / (1 + (y[2] / 0.15) ** 2), 1e-6 * (0.5 + 1.5 * y[1] / (y[1] + 5))


def write_batches(folder: Path, n: int = 5) -> None:
    """Write ``n`` experiments of the plant, of which the last is to be predicted only."""
    random = np.random.default_rng(1)
    rows = ["experiment,use,time [h],set culture.X_start [g/L],culture.feed [L/h],culture.X [g/L],culture.S [g/L],"
            "culture.P [g/L]"]  # fmt: skip
    with culture(folder) as file, file.instantiate("plant") as instance:
        for batch in range(n):
            start, level = random.uniform(0.4, 0.7), random.uniform(5.0, 20.0)
            instance.reset()
            instance.set_start({"X_start": start})
            instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
            instance.exit_initialization()
            feed, told, given = (instance.group(names) for names in (["feed"], ["X", "S", "P"], ["mu_max", "q_P"]))
            y = np.empty(3)
            for hour in range(73):
                instance.read(told, y)
                flow = level if hour in (24, 25, 48, 49) else 0.0
                if hour % 12 == 0 or hour in (26, 50):
                    noisy = [f"{v:.5g}" for v in y * (1 + 0.01 * random.standard_normal(3))]
                    cells = noisy if hour % 12 == 0 else ["", "", ""]
                    use = "check" if batch == n - 1 else "fit"
                    rows.append(f"b{batch},{use},{hour},{start:.5f},{flow:.5g},{','.join(cells)}")
                instance.write(feed, np.array([flow / 3.6e6]))
                instance.write(given, np.array(rates(y.tolist())))
                instance.step(Ticks(hour * 3600 * 10**9), Ticks(3600 * 10**9))
    (folder / "batches.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
