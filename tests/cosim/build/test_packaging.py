"""What is in the archives."""

import subprocess
import sys
import zipfile

import fmpy
import numpy as np
import pytest
from fmpy.validation import validate_fmu
from lxml import etree
from sketches import Sketch

from cosim.build.toolchain import find_toolchain, fmi_headers, native_platform

SKETCH = Sketch("Packed", {"x": 1.0}, lambda s: [-s.x[0]], resources={"species.json": "{}\n"})


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_fmu_is_valid(make_fmu, version):
    assert validate_fmu(str(make_fmu(SKETCH)[version])) == []


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_resources_are_packed(make_fmu, version):
    with zipfile.ZipFile(make_fmu(SKETCH)[version]) as archive:
        names = set(archive.namelist())
        assert archive.read("resources/species.json") == b"{}\n"
    assert {"resources/state_layout.json", "resources/build.json", "modelDescription.xml"} <= names


@pytest.mark.skipif(sys.platform == "win32", reason="replaces the library as a POSIX linker makes it")
@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_embedded_sources_make_the_same_fmu(make_fmu, tmp_path, version):
    path = make_fmu(SKETCH)[version]
    folder = tmp_path / "x"
    fmpy.extract(path, folder)
    description = etree.parse(folder / "modelDescription.xml")
    if version == "2.0":
        listed = {element.get("name") for element in description.findall("CoSimulation/SourceFiles/File")}
    else:
        build = etree.parse(folder / "sources" / "buildDescription.xml")
        listed = {element.get("name") for element in build.iter("SourceFile")}
    assert listed == {file.name for file in (folder / "sources").glob("*.c")}
    (library,) = (folder / "binaries").rglob("Packed.*")
    library.unlink()
    compiler = find_toolchain(native_platform()).command
    sources = [str(folder / "sources" / name) for name in sorted(listed)]
    subprocess.run(
        [*compiler, "-O1", "-shared", "-fPIC", "-I", str(fmi_headers()), *sources, "-lm", "-o", library], check=True
    )
    again = fmpy.simulate_fmu(str(folder), fmi_type="CoSimulation", stop_time=1.0, output=["x"])
    first = fmpy.simulate_fmu(str(path), fmi_type="CoSimulation", stop_time=1.0, output=["x"])
    np.testing.assert_allclose(again["x"], first["x"], rtol=1e-12)
