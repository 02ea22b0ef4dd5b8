"""Left ⇄ Right (two masses joined by a stiff spring), coupled through first and second derivatives.

Inputs of both follow the other's output from where it is now, along its derivatives: nothing is iterated.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import cosim
from cosim.build.builder import build
from cosim.clock import Ticks
from cosim.fmu import open_fmu

MODEL = Path(__file__).parents[2] / "benchmarks" / "TwoMass.mo"
STOP = 10.0
STATES = ("x1", "v1", "x2", "v2")


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_mass")
    (folder / "TwoMass.mo").write_bytes(MODEL.read_bytes())
    built = build(["TwoMass.Left", "TwoMass.Right"], search_path=(folder,), output=folder, fmi_versions=("2.0", "3.0"))
    return {(fmu.class_name.partition(".")[2], fmu.fmi_version): fmu.path for fmu in built}


def exact(times: np.ndarray) -> np.ndarray:
    """Positions of both masses, (n, 2): the solution of x' = A x by the matrix exponential."""
    matrix = np.array([[0, 1, 0, 0], [-101, -1.1, 100, 1], [0, 0, 0, 1], [100, 1, -101, -1.1]])
    return np.array([(expm(matrix * t) @ [1.0, 0.0, 0.0, 0.0])[[0, 2]] for t in times])


class End:
    """One FMU with its inputs, and outputs that drive the other end."""

    def __init__(self, path: Path, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        self.file = open_fmu(path)
        self.instance = self.file.instantiate(path.stem)
        self.inputs, self.outputs = self.instance.group(inputs), self.instance.group(outputs)
        self.position = self.instance.group(("x",))
        self.n = len(outputs)

    def sent(self, order: int) -> np.ndarray:
        """Derivatives of the outputs, now."""
        values = np.zeros(self.n)
        if order == 0:
            self.instance.read(self.outputs, values)
        else:
            self.instance.read_derivatives(self.outputs, order, values)
        return values

    def take(self, order: int, values: np.ndarray) -> None:
        """Set the inputs, or how they change."""
        if order == 0:
            self.instance.write(self.inputs, values)
        else:
            self.instance.write_derivatives(self.inputs, order, values)

    def close(self) -> None:
        self.instance.free()
        self.file.close()


def run(fmus, version: str, fmu_steps: int, orders: int) -> float:
    """Return the error of both positions, root mean square over the run, relative to that of the positions."""
    ends = (
        End(fmus["Left", version], ("force",), ("x", "v")),
        End(fmus["Right", version], ("x_left", "v_left"), ("force",)),
    )
    left, right = ends
    for end in ends:
        end.instance.enter_initialization(Ticks(0), stop_time=None, tolerance=1e-8)
    for end in ends:
        end.instance.exit_initialization()
    n = fmu_steps // 2
    size = Ticks(round(STOP * 1e9) // n)
    found = np.zeros((n, 2))
    for k in range(n):
        for source, target in ((left, right), (right, left)):  # the force follows directly from positions
            for order in range(orders + 1):
                target.take(order, source.sent(order))
        for end in ends:
            end.instance.step(Ticks(k * size), size)
        for column, end in enumerate(ends):
            end.instance.read(end.position, found[k, column : column + 1])
    for end in ends:
        end.close()
    reference = exact(np.arange(1, n + 1) * (STOP / n))
    return float(np.linalg.norm(found - reference) / np.linalg.norm(reference))


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_accuracy(fmus, version):
    assert run(fmus, version, 10_000, orders=2) < 1e-5


SCENARIO = """\
scenario: two_mass
components: {{left: {{source: {left}}}, right: {{source: {right}}}}}
connections: [left.x -> right.x_left, left.v -> right.v_left, right.force -> left.force]
phases: {{run: {{active: [left, right], duration: 2 s, step: {step}}}}}
algorithm: {{name: {algorithm}, extrapolation: 2}}
tolerance: 1e-10
"""
RECYCLE = """\
scenario: separator_recycle
components: {{reactor: {{source: {reactor}}}, separator: {{source: {separator}}}}}
connections: [reactor.c -> separator.c_feed, separator.c_recycle -> reactor.c_recycle]
phases: {{run: {{active: [reactor, separator], duration: 10 s, step: 0.2 s}}}}
algorithm: iterated
tolerance: 1e-10
"""


def error_of_run(fmus, version: str, folder: Path, algorithm: str, step: str) -> float:
    left, right = fmus["Left", version], fmus["Right", version]
    path = folder / "two_mass.yaml"
    path.write_text(SCENARIO.format(left=left, right=right, step=step, algorithm=algorithm), encoding="utf-8")
    result = cosim.run(path, out=folder / step.replace(" ", ""))
    reference = exact(np.asarray(result["left.x"].time))
    found = np.column_stack([result["left.x"].values, result["right.x"].values])
    return float(np.linalg.norm(found - reference) / np.linalg.norm(reference))


@pytest.mark.parametrize(
    ("algorithm", "version", "steps", "order"),
    [
        ("jacobi", "2.0", ("8 ms", "4 ms"), 2.7),
        ("jacobi", "3.0", ("8 ms", "4 ms"), 2.7),
        ("gauss_seidel", "2.0", ("8 ms", "4 ms"), 2.7),
        ("iterated", "2.0", ("16 ms", "8 ms"), 3.6),
        ("iterated", "3.0", ("16 ms", "8 ms"), 3.6),
    ],
)
def test_order_of_algorithms(fmus, tmp_path, algorithm, version, steps, order):
    coarse, fine = (error_of_run(fmus, version, tmp_path, algorithm, step) for step in steps)
    assert fine < 1e-4
    assert np.log2(coarse / fine) > order


def test_steps_longer_than_the_time_constant_stay_stable(tmp_path):
    (tmp_path / "Coupled.mo").write_bytes(MODEL.with_name("Coupled.mo").read_bytes())
    classes = ["Coupled.RecycleReactor", "Coupled.Separator"]
    reactor, separator = build(classes, search_path=(tmp_path,), output=tmp_path, fmi_versions=("2.0",))
    path = tmp_path / "recycle.yaml"
    path.write_text(RECYCLE.format(reactor=reactor.path, separator=separator.path), encoding="utf-8")
    result = cosim.run(path, out=tmp_path / "out")
    assert result.status == "completed"

    def rates(t, x):
        return [((2 - x[0]) + 3 * (1.2 * x[1] - x[0])) / 2 - 0.5 * x[0] ** 2, 8 * (x[0] - x[1])]

    found = result["reactor.c"]
    reference = solve_ivp(rates, (0.0, 10.0), [0.2, 0.0], t_eval=np.asarray(found.time), rtol=1e-11, atol=1e-13)
    assert np.abs(found.values - reference.y[0]).max() < 2e-4
