"""FMUs by exporters from the package index, well-behaved and not; each function writes one and returns its path."""

import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from fmu_factory import BUILD_FOLDER, FOLDERS, compile_library, write_fmu
from hostile import build_hostile, description_of

SLAVES = Path(__file__).parent / "third_party" / "slaves"


@cache
def exported(exporter: str, name: str) -> Path:
    """Export ``slaves/<name>.py`` by PythonFMU or PythonFMU3."""
    pytest.importorskip(exporter)
    folder = BUILD_FOLDER / "exported"
    folder.mkdir(exist_ok=True)
    source = SLAVES / f"{name.lower()}.py"
    command = [sys.executable, "-m", exporter, "build", "-f", str(source), "-d", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / f"{name}.fmu"


def toolbox_container(path: Path, mischief: str = "NOTHING") -> Path:
    """Two in a row, a → b, by fmu-manipulation-toolbox; both do ``mischief``."""
    assembly = pytest.importorskip("fmu_manipulation_toolbox.assembly")
    inner = build_hostile(path.parent / "inner.fmu", mischief)
    node = assembly.AssemblyNode(path.name, step_size=0.1, auto_link=False, auto_input=False, auto_output=False)
    for name in "ab":
        node.add_fmu(name, str(inner))
    node.add_input("u", "a", "u")
    node.add_link("a", "y", "b", "u")
    node.add_output("b", "y", "y")
    node.make_fmu(path.parent)
    return path


def fmpy_container(path: Path, mischief: str = "NOTHING", inner: Path | None = None) -> Path:
    """Two in a row, a → b, by fmpy."""
    from fmpy import read_model_description
    from fmpy.container_fmu.cli import create_container_fmu
    from fmpy.container_fmu.config import Component, Configuration, Connection
    from fmpy.model_description import CoSimulation, DefaultExperiment, ModelDescription, ModelVariable, Unknown

    inner = inner or build_hostile(path.parent / "inner.fmu", mischief)
    described = read_model_description(inner)
    a, b = (Component(name, inner, described) for name in "ab")
    theirs = {variable.name: variable for variable in described.modelVariables}
    for variable in theirs.values():
        variable.type = "Float64"  # fmpy writes FMI 2.0's names of types, which its own container refuses
    time, u, y = (
        ModelVariable(name=name, type="Real", causality=causality, variability="continuous", valueReference=number)
        for number, (name, causality) in enumerate((("time", "independent"), ("u", "input"), ("y", "output")))
    )
    u.start = "0"
    description = ModelDescription(
        fmiVersion="2.0", modelName="Container", instantiationToken="container",
        coSimulation=CoSimulation(modelIdentifier="container_fmu", fixedInternalStepSize=0.1),
        defaultExperiment=DefaultExperiment(stepSize="0.1"), modelVariables=[time, u, y],
        outputs=[Unknown(variable=y)],
    )  # fmt: skip
    mappings = [(u, [(a, theirs["u"])]), (y, [(b, theirs["y"])])]
    configuration = Configuration(
        False, description, [a, b], [Connection(a, [theirs["y"]], b, [theirs["u"]])],
        SimpleNamespace(items=lambda: mappings),  # its keys cannot be hashed
    )  # fmt: skip
    (path.parent / "writing").mkdir()
    create_container_fmu(configuration, path.parent / "writing", path)
    return path


def crowded(path: Path, n: int = 10_000) -> Path:
    """One with ``n`` outputs."""
    more = "".join(
        f'<ScalarVariable name="section[{i // 100}].stage{i % 100}" valueReference="{3 + i}" causality="output" '
        f'variability="continuous"><Real/></ScalarVariable>\n'
        for i in range(n)
    )
    unknowns = "".join(f'<Unknown index="{4 + i}" dependencies="1"/>' for i in range(n))
    xml = description_of("1").replace("</ModelVariables>", f"{more}</ModelVariables>")
    xml = xml.replace("</Outputs>", f"{unknowns}</Outputs>").replace(
        "</InitialUnknowns>", f"{unknowns}</InitialUnknowns>"
    )
    library = compile_library("hostile_fmi2.c", ("MISCHIEF=NOTHING", "AT=3"))
    return write_fmu(path, {"modelDescription.xml": xml, f"binaries/{FOLDERS['2.0']}/hostile.so": library})


def deep(path: Path) -> Path:
    """One with a file sixty folders down, 1,900 characters of path."""
    build_hostile(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("resources/" + "a_folder_in_a_folder_in_a_folder/" * 57 + "table.csv", "1,2\n")
    return path
