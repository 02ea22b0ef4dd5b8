"""FMUs of hand-written models, packed once per session."""

from collections.abc import Callable, Iterator
from pathlib import Path

import fmpy
import pytest
from fmu_driver import Fmu
from sketches import Sketch, compile_sketch

from cosim.build.fmu_writer import write_fmu
from cosim.build.packaging import pack_model
from cosim.build.toolchain import find_toolchain, native_platform

Maker = Callable[[Sketch], dict[str, Path]]


@pytest.fixture(scope="session")
def runtime_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder whose runtime objects serve the whole session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def own_cache(runtime_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder for one test, empty but for the runtime's objects."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (runtime_cache / "runtime").mkdir(exist_ok=True)
    (cache / "runtime").symlink_to(runtime_cache / "runtime")
    monkeypatch.setenv("COSIM_CACHE", str(cache))
    return cache


@pytest.fixture(scope="session")
def make_fmu(tmp_path_factory: pytest.TempPathFactory, runtime_cache: Path) -> Maker:
    """Pack a sketch for both FMI versions; return the paths by version."""
    made: dict[str, dict[str, Path]] = {}
    toolchain = find_toolchain(native_platform())

    def make(sketch: Sketch) -> dict[str, Path]:
        if sketch.name not in made:
            packed = pack_model(
                compile_sketch(sketch), [toolchain], cache=runtime_cache, record={"sketch": sketch.name}
            )
            folder = tmp_path_factory.mktemp(sketch.name)
            for version, entries in packed.items():
                write_fmu(folder / f"{sketch.name}{version[0]}.fmu", entries)
            made[sketch.name] = {version: folder / f"{sketch.name}{version[0]}.fmu" for version in packed}
        return made[sketch.name]

    return make


@pytest.fixture
def open_fmu(make_fmu: Maker, tmp_path: Path) -> Iterator[Callable[..., Fmu]]:
    """Open instances of a sketch's FMI 2.0 FMU; they are freed at the end of the test."""
    opened: list[Fmu] = []

    def open_one(sketch: Sketch, **options: object) -> Fmu:
        path = make_fmu(sketch)["2.0"]
        folder = tmp_path / sketch.name
        if not folder.exists():
            fmpy.extract(path, folder)
        opened.append(Fmu(folder, **options))
        return opened[-1]

    yield open_one
    for fmu in opened:
        fmu.free()
