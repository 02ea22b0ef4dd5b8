"""Finding a compiler, compiling with it, and what is said when there is none or it gives up."""

import importlib.util
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from sketches import Sketch, compile_sketch

from cosim.build import toolchain as t
from cosim.build.fmu_writer import write_fmu
from cosim.build.packaging import pack_model
from cosim.errors import BuildError

TINY = Sketch("Tiny", {"x": 1.0}, lambda s: [-s.x[0]], outputs={"y": lambda s: 2 * s.x[0]})
STRICT = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wno-sign-conversion", "-Wstrict-prototypes", "-Werror"]
has_zig = importlib.util.find_spec("ziglang") is not None
needs_zig = pytest.mark.skipif(not has_zig, reason="needs the ziglang wheel")


@pytest.mark.parametrize("source", sorted(t.RUNTIME.glob("*.c")), ids=lambda path: path.name)
def test_runtime_compiles_without_a_warning(source, tmp_path):
    compiler = t.find_toolchain(t.native_platform())
    command = [*compiler.command, "-std=c99", "-pedantic", "-O2", *STRICT, "-fPIC", "-I", str(t.RUNTIME)]
    command += ["-isystem", str(t.fmi_headers()), "-c", str(source), "-o", str(tmp_path / "x.o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_library_exports_fmi_and_nothing_else(tmp_path, own_cache):
    packed = pack_model(compile_sketch(TINY), [t.find_toolchain(t.native_platform())], cache=own_cache, record={})
    (library,) = [data for name, data in packed["2.0"].items() if name.startswith("binaries/")]
    (tmp_path / "tiny.so").write_bytes(library)
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", tmp_path / "tiny.so"], capture_output=True, text=True, check=True
    )
    names = {line.split()[-1] for line in listing.stdout.splitlines()}
    assert {"fmi2DoStep", "fmi3DoStep", "fmi2GetReal", "fmi3GetFloat64"} <= names
    assert not [name for name in names if not name.startswith(("fmi2", "fmi3"))]


def test_library_has_no_writable_data_of_its_own(own_cache):
    """Instances share nothing: the runtime's objects have empty .data and .bss sections."""
    compiler = t.find_toolchain(t.native_platform())
    pack_model(compile_sketch(TINY), [compiler], cache=own_cache, record={})
    objects = sorted((own_cache / "runtime").rglob("*.o"))
    assert objects
    sizes = subprocess.run(["size", *objects], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
    for line in sizes:
        _, _data, bss, *_ = line.split()
        assert bss == "0", line


def test_runtime_is_compiled_once(tmp_path, monkeypatch):
    compiler = t.find_toolchain(t.native_platform())
    model = compile_sketch(TINY)
    pack_model(model, [compiler], cache=tmp_path, record={})
    calls = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: calls.append(a) or run(*a, **k))
    pack_model(model, [compiler], cache=tmp_path, record={})
    assert len(calls) == 1


def test_unknown_platform_is_named():
    with pytest.raises(
        BuildError, match=r"Cannot build for the platform 'amiga'. Known are linux64, linux-aarch64, win64"
    ):
        t.find_platform("amiga")


def test_without_any_compiler_both_ways_to_one_are_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(
        BuildError, match=r"no C compiler found.*apt install gcc.*pip install 'bioprocess-cosim\[cross\]'"
    ):
        t.find_toolchain(t.native_platform())


def test_cross_build_needs_zig_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(BuildError, match=r"Cannot build for win64 on this machine without the ziglang compiler"):
        t.find_toolchain(t.PLATFORMS["win64"])


def test_compiler_of_the_environment_comes_first(monkeypatch, tmp_path):
    own = tmp_path / "my-cc"
    own.write_text("#!/bin/sh\nexit 7\n")
    own.chmod(0o755)
    monkeypatch.setenv("CC", str(own))
    assert t.find_toolchain(t.native_platform()).command == (str(own),)


def test_compiler_error_shows_command_and_log(tmp_path, own_cache):
    compiler = t.find_toolchain(t.native_platform())
    with pytest.raises(BuildError) as caught:
        t.compile_library(compiler, "int broken(;", "int x;", output=tmp_path / "x.so", cache=own_cache)
    assert "The C compiler gave up (exit status 1)." in caught.value.message
    assert "model.c:1:12: error" in caught.value.message
    log = Path(caught.value.message.rsplit("Full output: ", 1)[1])
    assert "broken" in log.read_text()
    assert not (tmp_path / "x.so").exists()


@needs_zig
def test_zig_serves_where_there_is_no_cc(monkeypatch, tmp_path):
    import fmpy

    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.delenv("CC", raising=False)
    compiler = t.find_toolchain(t.native_platform())
    assert "ziglang" in compiler.command
    packed = pack_model(compile_sketch(TINY), [compiler], cache=tmp_path, record={})
    write_fmu(tmp_path / "tiny.fmu", packed["2.0"])
    result = fmpy.simulate_fmu(str(tmp_path / "tiny.fmu"), fmi_type="CoSimulation", stop_time=1.0, output=["y"])
    assert result["y"][-1] == pytest.approx(2 * 0.36787944117, rel=1e-6)


@needs_zig
@pytest.mark.slow
def test_one_fmu_carries_all_platforms(tmp_path):
    """Only the format of the foreign libraries is checked; nothing here can run them."""
    toolchains = [t.find_toolchain(platform) for platform in t.PLATFORMS.values()]
    packed = pack_model(compile_sketch(TINY), toolchains, cache=tmp_path, record={})
    magic = {".so": b"\x7fELF", ".dll": b"MZ", ".dylib": b"\xcf\xfa\xed\xfe"}
    for version, folders in {
        "2.0": {"linux64", "aarch64-linux", "win64", "darwin64", "aarch64-darwin"},
        "3.0": {"x86_64-linux", "aarch64-linux", "x86_64-windows", "x86_64-darwin", "aarch64-darwin"},
    }.items():
        write_fmu(tmp_path / f"{version}.fmu", packed[version])
        with zipfile.ZipFile(tmp_path / f"{version}.fmu") as archive:
            libraries = {name: archive.read(name) for name in archive.namelist() if name.startswith("binaries/")}
        assert {name.split("/")[1] for name in libraries} == folders
        for name, data in libraries.items():
            expected = b"\xca\xfe\xba\xbe" if "darwin64" in name else magic[os.path.splitext(name)[1]]
            assert data.startswith(expected), name
