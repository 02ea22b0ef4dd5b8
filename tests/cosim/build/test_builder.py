"""Building through the cache: what is compiled, what is found, what is left behind when something breaks."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from sketches import Sketch, compile_sketch

from cosim.build import builder, cache, compilation, worker
from cosim.build.fmu_writer import copy_whole
from cosim.build.request import BuildRequest
from cosim.build.worker import compile_in_process
from cosim.errors import BuildError, ModelError, ProblemList, SourceLocation


class SourceError(ModelError):
    """A kind that the other process does not know."""


MODEL = "package Lib\n  package Fmus\n    model A end A;\n    model B end B;\n  end Fmus;\nend Lib;\n"
SKETCH = Sketch("Lib.Fmus.A", {"x": 1.0}, lambda s: [-s.x[0]], resources={"species.json": "{}\n"})


@pytest.fixture
def library(tmp_path, own_cache, monkeypatch):
    """A library file, a cache of its own, and a compiler that counts what it is asked for."""
    path = tmp_path / "Lib.mo"
    path.write_text(MODEL)
    compiled = []

    def compile_class(request: BuildRequest):
        compiled.append((request.class_name, dict(request.structure_values)))
        return compile_sketch(SKETCH)

    monkeypatch.setattr(compilation, "compile_class", compile_class)
    return path, compiled


def build(library, tmp_path, **options):
    options = {"search_path": [library[0]], "output": tmp_path / "fmus", "jobs": 1} | options
    return builder.build(["Lib.Fmus.A"], **options)


def test_both_versions_are_built_with_resources_and_record(library, tmp_path):
    built = build(library, tmp_path)
    assert [fmu.fmi_version for fmu in built] == ["2.0", "3.0"]
    assert [fmu.path.name for fmu in built] == ["Lib.Fmus.A.fmi2.fmu", "Lib.Fmus.A.fmi3.fmu"]
    with zipfile.ZipFile(built[0].path) as archive:
        assert archive.read("resources/species.json") == b"{}\n"
        record = json.loads(archive.read("resources/build.json"))
    assert record["class"] == "Lib.Fmus.A"
    assert not any(fmu.is_cached for fmu in built)


def test_second_build_does_nothing(library, tmp_path):
    first = build(library, tmp_path)
    times = [fmu.path.stat().st_mtime_ns for fmu in first]
    second = build(library, tmp_path)
    assert len(library[1]) == 1
    assert all(fmu.is_cached for fmu in second)
    assert [fmu.path.stat().st_mtime_ns for fmu in second] == times
    assert [fmu.sha256 for fmu in first] == [fmu.sha256 for fmu in second]


def test_another_output_folder_is_served_from_the_store(library, tmp_path):
    first = build(library, tmp_path)
    second = build(library, tmp_path, output=tmp_path / "elsewhere")
    assert len(library[1]) == 1
    assert second[0].path.parent == tmp_path / "elsewhere"
    assert [fmu.sha256 for fmu in first] == [fmu.sha256 for fmu in second]


def test_the_store_gives_up_what_nobody_has_used_for_long(library, tmp_path):
    long_ago = time.time() - 2 * cache.UNUSED_FOR
    build(library, tmp_path, structure={"n": 1})
    (old,) = (cache.cache_folder() / "fmus").iterdir()
    build(library, tmp_path, structure={"n": 2})
    (used,) = {*(cache.cache_folder() / "fmus").iterdir()} - {old}
    for folder in (old, used):
        os.utime(folder, (long_ago, long_ago))
    build(library, tmp_path, structure={"n": 2}, output=tmp_path / "elsewhere")
    build(library, tmp_path, structure={"n": 3})
    assert not old.exists()
    assert used.exists()


@pytest.mark.parametrize("change", ["source", "structure", "compiler"])
def test_whatever_changes_is_built_again(library, tmp_path, monkeypatch, change):
    first = build(library, tmp_path)
    options = {}
    if change == "source":
        library[0].write_text(MODEL.replace("model B", "model B2").replace("end B", "end B2"))
    elif change == "structure":
        options["structure"] = {"n": 3}
    else:
        monkeypatch.setattr(cache, "compiler_digest", lambda: "another compiler")
    second = build(library, tmp_path, **options)
    assert len(library[1]) == 2
    assert not second[0].is_cached
    assert (first[0].path == second[0].path) == (change != "structure")


def test_structure_reaches_the_compiler_and_the_name(library, tmp_path):
    (fmu,) = build(library, tmp_path, structure={"n_cells": 200}, fmi_versions=["2.0"])
    assert library[1] == [("Lib.Fmus.A", {"n_cells": 200})]
    assert fmu.path.name.startswith("Lib.Fmus.A.")
    assert fmu.path.name != "Lib.Fmus.A.fmi2.fmu"


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not any more", None])
def test_damaged_file_is_replaced(library, tmp_path, damage):
    path = build(library, tmp_path)[0].path
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    build(library, tmp_path)
    assert path.read_bytes() == whole


def test_failed_build_leaves_nothing(library, tmp_path, monkeypatch):
    def fail(_request: BuildRequest):
        raise ModelError("der(z) is not determined.")

    monkeypatch.setattr(compilation, "compile_class", fail)
    with pytest.raises(ModelError, match=r"der\(z\) is not determined"):
        build(library, tmp_path)
    assert not (tmp_path / "fmus").exists()


def test_failed_compiler_leaves_nothing(library, tmp_path, monkeypatch):
    import dataclasses

    broken = dataclasses.replace(compile_sketch(SKETCH), c_source="int broken(;")
    monkeypatch.setattr(compilation, "compile_class", lambda _request: broken)
    with pytest.raises(BuildError, match="The C compiler gave up"):
        build(library, tmp_path)
    assert not (tmp_path / "fmus").exists()
    assert not (tmp_path / "cache" / "fmus").exists()


def test_progress_hears_of_each_fmu(library, tmp_path):
    heard = []
    built = build(library, tmp_path, progress=heard.append)
    assert heard == built


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"fmi_versions": ["1.0"]}, BuildError, "Cannot build for FMI 1.0. Known versions are 2.0 and 3.0"),
        ({"compiler": "dymola"}, BuildError, "There is no compiler 'dymola'. Known are cosim and omc"),
        ({"platforms": ["amiga"]}, BuildError, "Cannot build for the platform 'amiga'"),
    ],
)
def test_unknown_options_are_named(library, tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        build(library, tmp_path, **options)


def test_unknown_class_is_named(library, tmp_path):
    with pytest.raises(ModelError, match="Cannot find the Modelica class Nowhere"):
        builder.build(["Nowhere.A"], search_path=[library[0]], output=tmp_path)


def test_classes_of_the_fmus_packages_are_exported_in_order(tmp_path):
    from cosim.build.frontend.source import ModelicaSource

    folder = tmp_path / "Lib" / "Fmus"
    folder.mkdir(parents=True)
    (tmp_path / "Lib" / "package.mo").write_text("package Lib\nend Lib;\n")
    (folder / "package.mo").write_text("within Lib;\npackage Fmus\nend Fmus;\n")
    for name in ("B", "A"):
        (folder / f"{name}.mo").write_text(f"within Lib.Fmus;\nmodel {name}\nend {name};\n")
    source = ModelicaSource.discover([tmp_path / "Lib"])
    assert builder.exported_classes(source)[:2] == ["Lib.Fmus.A", "Lib.Fmus.B"]
    (folder / "package.order").write_text("B\nA\n")
    assert builder.exported_classes(source)[:2] == ["Lib.Fmus.B", "Lib.Fmus.A"]


def test_output_goes_to_the_project(tmp_path):
    project = tmp_path / "project"
    (project / "scenarios" / "deep").mkdir(parents=True)
    assert builder.project_output(project / "scenarios" / "deep") == project / "fmus"
    alone = tmp_path / "alone"
    alone.mkdir()
    assert builder.project_output(alone) is None


def test_outside_projects_libraries_of_one_name_keep_their_fmus(library, tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "alone").mkdir()
    monkeypatch.chdir(tmp_path / "alone")
    (one,) = build(library, tmp_path, output=None, fmi_versions=["2.0"])
    library[0].write_text(MODEL + "// another\n")
    (other,) = build(library, tmp_path, output=None, fmi_versions=["2.0"])
    (again,) = build(library, tmp_path, output=None, fmi_versions=["2.0"])

    assert one.path.is_relative_to(tmp_path / "cache")
    assert (one.path.name, one.path.parent != other.path.parent) == (other.path.name, True)
    assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256
    assert (again.path, again.is_cached, len(library[1])) == (other.path, True, 2)


def test_prebuilt_fmu_serves_without_a_compiler(library, tmp_path, monkeypatch):
    built = build(library, tmp_path)
    package = tmp_path / "package"
    for fmu in built:
        copy_whole(fmu.path, package / "_data" / "fmus" / fmu.path.name)
    key = cache.compiler_digest()
    monkeypatch.setattr(cache, "compiler_digest", lambda: key)
    monkeypatch.setattr(cache, "_PACKAGE", package)
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    again = build(library, tmp_path, output=tmp_path / "elsewhere")
    assert all(fmu.is_cached for fmu in again)
    assert [fmu.sha256 for fmu in again] == [fmu.sha256 for fmu in built]
    assert len(library[1]) == 1


def request_for(tmp_path, **changes) -> BuildRequest:
    fields = {
        "class_name": "Lib.Fmus.A",
        "search_path": (tmp_path / "Lib.mo",),
        "output": tmp_path / "fmus",
        "fmi_versions": ("2.0",),
        "platforms": ("linux64",),
        "structure": "{}",
        "compiler": "cosim",
    }
    return BuildRequest(**(fields | changes))


def test_errors_come_back_from_the_other_process(library, tmp_path):
    (tmp_path / "Lib.mo").write_text(MODEL)
    with pytest.raises(ModelError, match=r"Nowhere"):
        compile_in_process(request_for(tmp_path, class_name="Nowhere.A"))


def test_crash_of_the_other_process_is_reported(library, tmp_path, monkeypatch):
    crashing = tmp_path / "python"
    crashing.write_text("#!/bin/sh\ncat > /dev/null\necho 'thread panicked' >&2\nexit 134\n")
    crashing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(crashing))
    message = r"process for Lib.Fmus.A ended with exit status 134; it may use 16 GiB of memory[^\n]*\nthread panicked"
    with pytest.raises(BuildError, match=message):
        compile_in_process(request_for(tmp_path))


def test_an_interrupt_ends_what_is_being_built(library, tmp_path, monkeypatch):
    endless = tmp_path / "python"
    started = tmp_path / "started"
    endless.write_text(f"#!/bin/sh\necho $$ >> {started}\nexec sleep 60\n")
    endless.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(endless))
    classes = [f"Lib.Fmus.X{number}" for number in range(5)]
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        builder.build(classes, search_path=[library[0]], output=tmp_path / "fmus", jobs=2)
    assert time.monotonic() - began < 10.0
    processes = [int(text) for text in started.read_text().split()]
    assert len(processes) == 2
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_all_problems_of_several_classes_are_reported(library, tmp_path):
    with pytest.raises(ProblemList) as caught:
        builder.build(["Lib.Fmus.X", "Lib.Fmus.Y"], search_path=[library[0]], output=tmp_path / "fmus", jobs=2)
    assert {("X" in p.message, "Y" in p.message) for p in caught.value.problems} == {(True, False), (False, True)}


@pytest.mark.parametrize("kind", [ModelError, BuildError, SourceError])
def test_problems_survive_the_trip(kind):
    error = kind("x", component="a", variable="b", location=SourceLocation(Path("M.mo"), 3, 7))
    copy = worker._problem(json.loads(json.dumps(worker._told(error))))
    assert type(copy) is (ModelError if kind is SourceError else kind)
    assert (copy.message, copy.component, copy.variable, copy.location) == ("x", "a", "b", error.location)


@pytest.mark.parametrize("output", [None, Path("fmus")])
def test_a_request_survives_the_trip(output):
    request = BuildRequest(
        "Lib.A", (Path("a b"), Path("ü.mo")), output, ("2.0", "3.0"), ("linux64",), '{"n": 3}', "rumoca", True, "0f"
    )
    assert BuildRequest.from_json(request.to_json()) == request


def test_hit_is_fast_and_imports_nothing_heavy(tmp_path, own_cache):
    """In a fresh process, with the interpreter's own start-up counted in: below 0.3 s of the processor's time."""
    import resource

    (tmp_path / "Hit.mo").write_text("model Hit\n  Real x(start=1, fixed=true);\nequation\n  der(x) = -x;\nend Hit;\n")
    script = (
        "import sys\nfrom pathlib import Path\nfrom cosim.build.builder import build\n"
        f"built = build(['Hit'], search_path=[{str(tmp_path / 'Hit.mo')!r}], output=Path({str(tmp_path / 'fmus')!r}))\n"
        "heavy = {'casadi', 'rumoca', 'numpy', 'fmpy'} & sys.modules.keys()\n"
        "print(all(fmu.is_cached for fmu in built), sorted(heavy))\n"
    )

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def run() -> tuple[str, float]:
        start = spent()
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        return done.stdout.strip(), spent() - start

    assert run()[0].startswith("False")
    hits = [run() for _ in range(3)]
    assert {text for text, _ in hits} == {"True []"}
    assert min(seconds for _, seconds in hits) < 0.3


def test_concurrent_builds_agree(tmp_path, own_cache):
    (tmp_path / "Race.mo").write_text(
        "model Race\n  Real x(start=1, fixed=true);\nequation\n  der(x) = -x;\nend Race;\n"
    )
    script = (
        "from pathlib import Path\nfrom cosim.build.builder import build\n"
        f"b = build(['Race'], search_path=[{str(tmp_path / 'Race.mo')!r}], output=Path({str(tmp_path / 'fmus')!r}))\n"
        "print(b[0].sha256)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    replies = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(replies) == 1
    assert sorted(path.name for path in (tmp_path / "fmus").iterdir()) == ["Race.fmi2.fmu", "Race.fmi3.fmu"]
    assert isinstance(cache.read_record(Path(tmp_path / "fmus" / "Race.fmi2.fmu"))["build_key"], str)
