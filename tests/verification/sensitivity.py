"""Sensitivity indices that are known in closed form, from studies of an FMU."""

from pathlib import Path
from tempfile import TemporaryDirectory

from verification.check import Check, Fmus

import cosim

MODEL = """\
model Ishigami "Function of Ishigami and Homma 1990, doi:10.1109/ISUMA.1990.151285, a = 7, b = 0.1"
  parameter Real x1 = 0;
  parameter Real x2 = 0;
  parameter Real x3 = 0;
  output Real y = sin(x1) + 7*sin(x2)^2 + 0.1*x3^4*sin(x1);
  output Real passed(start = 0, fixed = true);
equation
  der(passed) = 1;
end Ishigami;
"""
SCENARIO = """\
scenario: ishigami
components:
  f: {source: modelica:Ishigami}
phases:
  run: {active: [f], duration: 1 s, step: 1 s}
"""
PI = "3.141592653589793"
STUDY = f"""\
study: ishigami
scenario: ishigami.yaml
factors:
  f.x1: {{from: -{PI}, to: {PI}}}
  f.x2: {{from: -{PI}, to: {PI}}}
  f.x3: {{from: -{PI}, to: {PI}}}
responses:
  y: final(f.y)
method: {{name: sobol, samples: 16384}}
"""


def ishigami(_: Fmus) -> list[Check]:
    """Indices from 2^14 samples; the closed form is that of Saltelli et al. 2008, Global Sensitivity Analysis."""
    with TemporaryDirectory() as folder:
        for name, text in (("Ishigami.mo", MODEL), ("ishigami.yaml", SCENARIO), ("study.yaml", STUDY)):
            (Path(folder) / name).write_text(text, encoding="utf-8")
        result = cosim.study(Path(folder) / "study.yaml", out=Path(folder) / "out", workers=0)
        found = {row[0]: row for row in result.answer.table("sobol.y").rows}
    return [
        Check("first order, x1", 0.3139051911, found["f.x1"][1], 2e-2, is_absolute=True),
        Check("first order, x2", 0.4424111448, found["f.x2"][1], 2e-2, is_absolute=True),
        Check("first order, x3", 0.0, found["f.x3"][1], 2e-2, is_absolute=True),
        Check("total, x1", 0.5575888552, found["f.x1"][3], 2e-2, is_absolute=True),
        Check("total, x3", 0.2436836641, found["f.x3"][3], 2e-2, is_absolute=True),
    ]
