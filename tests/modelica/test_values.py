"""One small model per file of ``values``: its output ``y`` at t = 1 against the number worked out by hand."""

from pathlib import Path

import fmpy
import pytest

from cosim.build.builder import build

VALUES = Path(__file__).parent / "values"
NAMES = sorted(file.stem for file in VALUES.glob("*.mo"))
TOLERANCE = 2e-5


def expected(name: str) -> list[float]:
    """Read the comment in the first line."""
    first, _ = (VALUES / f"{name}.mo").read_text().split("\n", 1)
    return [float(number) for number in first.removeprefix("// y = ").split(",")]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_model_gives_the_value_worked_out_by_hand(tmp_path: Path, name: str) -> None:
    built = build([f"{name}.Test"], search_path=[VALUES / f"{name}.mo"], output=tmp_path, fmi_versions=["2.0"])
    known = {variable.name for variable in fmpy.read_model_description(str(built[0].path)).modelVariables}
    numbers = expected(name)
    outputs = ["y"] if "y" in known else [f"y[{index + 1}]" for index in range(len(numbers))]
    for kind in ("CoSimulation", "ModelExchange"):
        result = fmpy.simulate_fmu(
            str(built[0].path),
            fmi_type=kind,
            stop_time=1.0,
            output_interval=0.1,
            output=outputs,
            relative_tolerance=1e-8,
        )
        assert [result[output][-1] for output in outputs] == pytest.approx(numbers, rel=TOLERANCE, abs=TOLERANCE), kind
