"""Modelica classes → FMUs, through the cache: the one function that the rest of cosim builds with."""

import hashlib
import json
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from cosim.build import cache
from cosim.build.fmu_writer import copy_whole
from cosim.build.frontend.source import ModelicaSource
from cosim.build.request import BuildRequest
from cosim.build.toolchain import ALIASES, PLATFORMS, find_platform, native_platform
from cosim.errors import BuildError, CosimError, ModelError, SourceLocation, raise_all

FMI_VERSIONS = ("2.0", "3.0")
COMPILERS = ("cosim", "omc")
PLATFORM_NAMES = (*PLATFORMS, *ALIASES)

Progress = Callable[["BuiltFmu"], None]


class BuildWarning(UserWarning):
    """Something in a model that is compiled, but not as it reads."""


@dataclass(frozen=True, slots=True)
class BuiltFmu:
    """An FMU that is up to date at ``path``, with its SHA-256.

    ``is_cached`` tells that nothing had to be compiled, ``seconds`` how long it took [s].
    """

    class_name: str
    fmi_version: str
    path: Path
    sha256: str
    is_cached: bool
    seconds: float


def build(
    class_names: Sequence[str] | None = None,
    *,
    search_path: Sequence[Path | str] = (),
    output: Path | None = None,
    fmi_versions: Sequence[str] = FMI_VERSIONS,
    platforms: Sequence[str] | None = None,
    structure: Mapping[str, object] | None = None,
    compiler: str = "cosim",
    jobs: int | None = None,
    progress: Progress | None = None,
    is_portable: bool = False,
) -> list[BuiltFmu]:
    """Build the FMUs of Modelica classes, or find them built.

    Parameters
    ----------
    class_names : sequence of str, optional
        Qualified names; default every class in the ``Fmus`` package of the libraries on the search path.
    search_path : sequence of Path
        Libraries, ``.mo`` files or folders of them; ``MODELICAPATH`` and cosim's own library follow.
    output : Path, optional
        Folder for the FMUs; default :func:`project_output`, outside projects the user's cache, where each FMU keeps
        its place: there, libraries of one name do not overwrite each other's.
    fmi_versions : sequence of str
        ``"2.0"``, ``"3.0"``.
    platforms : sequence of str, optional
        Names of :data:`cosim.build.toolchain.PLATFORMS`; default this machine's.
    structure : mapping, optional
        Structural parameters, applied to every class.
    compiler : str
        ``"cosim"``, or ``"omc"`` for an installed OpenModelica.
    jobs : int, optional
        Classes compiled at the same time, each in a process of its own; default one per core. With 1 they are compiled
        in this process, one after the other, and nothing limits what they take.
    progress : callable, optional
        Called with each FMU as soon as it is there.
    is_portable : bool
        Compile with ziglang also for this machine, so that the FMUs run on older ones.

    Returns
    -------
    list of BuiltFmu
        By class in the order asked for, then by FMI version.

    Raises
    ------
    ModelError
        A class does not exist, has an error or uses what the compiler does not support.
    BuildError
        The tool chain is missing or gave up, or an argument names something unknown.
    """
    source = ModelicaSource.discover(search_path)
    names = list(dict.fromkeys(class_names)) if class_names is not None else exported_classes(source)
    output = output or project_output()
    if platforms is None:
        platforms = [native_platform().name]
    _check(names, fmi_versions, compiler)
    digests = _source_digests(source, names)
    requests = [
        BuildRequest(
            class_name=name,
            search_path=tuple(Path(entry).resolve() for entry in search_path),
            output=output.resolve() if output else None,
            fmi_versions=tuple(fmi_versions),
            platforms=tuple(dict.fromkeys(find_platform(platform).name for platform in platforms)),
            structure=json.dumps(structure or {}, sort_keys=True),
            compiler=compiler,
            is_portable=is_portable,
            known_digest=digests[name],
        )
        for name in names
    ]
    return _build_all(requests, jobs or os.cpu_count() or 1, progress or (lambda _: None))


def project_output(start: Path | None = None) -> Path | None:
    """Return ``fmus/`` of the project that ``start`` (default: the working directory) lies in; None if it is in none.

    A project is a folder that has ``fmus/`` or ``scenarios/``.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "fmus").is_dir() or (folder / "scenarios").is_dir():
            return folder / "fmus"
    return None


def exported_classes(source: ModelicaSource) -> list[str]:
    """Return the classes in the ``Fmus`` packages of ``source``, in the order of ``package.order``."""
    names: list[str] = []
    for library in source.libraries:
        folder = library.root / "Fmus"
        order = folder / "package.order"
        if order.is_file():
            listed = [line.strip() for line in order.read_text(encoding="utf-8").splitlines() if line.strip()]
        else:
            listed = sorted(file.stem for file in folder.glob("*.mo") if file.name != "package.mo")
        names += [f"{library.name}.Fmus.{name}" for name in listed if (folder / f"{name}.mo").is_file()]
    return names


def _source_digests(source: ModelicaSource, names: Sequence[str]) -> dict[str, str]:
    """Hash the sources of each class; the classes of one library may use the same, which are read once."""
    by_library: dict[str, str] = {}
    for name in names:
        library = name.split(".")[0]
        if library not in by_library:
            by_library[library] = source.digest(name)
    return {name: by_library[name.split(".")[0]] for name in names}


def _check(names: Sequence[str], fmi_versions: Sequence[str], compiler: str) -> None:
    if not names:
        raise ModelError("There is nothing to build: no library on the search path has a package Fmus. Name a class.")
    unknown = [version for version in fmi_versions if version not in FMI_VERSIONS]
    if unknown or not fmi_versions:
        raise BuildError(f"Cannot build for FMI {', '.join(unknown) or '(none)'}. Known versions are 2.0 and 3.0.")
    if compiler not in COMPILERS:
        raise BuildError(f"There is no compiler {compiler!r}. Known are {' and '.join(COMPILERS)}.")


def _build_all(requests: Sequence[BuildRequest], jobs: int, progress: Progress) -> list[BuiltFmu]:
    """Take from the cache what is there; compile the rest, each class in a process of its own unless ``jobs`` is 1."""
    built: dict[BuildRequest, list[BuiltFmu]] = {}
    for request in requests:
        found = _find(request)
        if found is not None:
            built[request] = found
            _report(found, progress)
    missing = [request for request in requests if request not in built]
    if jobs == 1:
        for request in missing:
            built[request] = _compile_here(request)
            _report(built[request], progress)
    elif missing:
        built |= _compile_apart(missing, jobs, progress)
    if missing:
        cache.clear_store()
    for place in dict.fromkeys(place for request in missing for place in _unchecked(request)):
        warnings.warn(
            f"{place}: this assert stands in a function, where it is not checked. Write it where the function is "
            "called.",
            BuildWarning,
            stacklevel=3,
        )
    return [fmu for request in requests for fmu in built[request]]


def _unchecked(request: BuildRequest) -> list[SourceLocation]:
    from cosim.build.frontend.unchecked import unchecked_assertions  # what a cache hit does without

    return unchecked_assertions(request.source, request.class_name) if request.compiler != "omc" else []


def _report(fmus: Sequence[BuiltFmu], progress: Progress) -> None:
    for fmu in fmus:
        progress(fmu)


def _find(request: BuildRequest) -> list[BuiltFmu] | None:
    """Return the FMUs of ``request`` if none needs compiling, copying them into the output folder if need be."""
    start = time.perf_counter()
    found: list[BuiltFmu] = []
    for version in request.fmi_versions:
        target = request.path(version)
        prebuilt = None
        if request.structure == "{}":
            prebuilt = cache.find_prebuilt(request.class_name, version, request.source_key, request.platforms)
        if prebuilt is not None:
            if cache.read_record(target) != cache.read_record(prebuilt):
                copy_whole(prebuilt, target)
        elif not cache.is_current(target, request.build_key):
            cache.mark_used(request.stored(version))
            if not cache.is_current(request.stored(version), request.build_key):
                return None
            copy_whole(request.stored(version), target)
        found.append(_built(request, version, is_cached=True, seconds=time.perf_counter() - start))
    return found


def _built(request: BuildRequest, version: str, *, is_cached: bool, seconds: float) -> BuiltFmu:
    path = request.path(version)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return BuiltFmu(request.class_name, version, path, sha256, is_cached, seconds)


def _compile_here(request: BuildRequest) -> list[BuiltFmu]:
    from cosim.build.compilation import compile_request  # pulls in CasADi and rumoca, which a cache hit does without

    start = time.perf_counter()
    compile_request(request)
    seconds = time.perf_counter() - start
    return [_built(request, version, is_cached=False, seconds=seconds) for version in request.fmi_versions]


def _compile_apart(
    requests: Sequence[BuildRequest], jobs: int, progress: Progress
) -> dict[BuildRequest, list[BuiltFmu]]:
    from cosim.build.worker import Process, compile_in_process, stop

    running: set[Process] = set()
    built: dict[BuildRequest, list[BuiltFmu]] = {}
    problems: dict[BuildRequest, CosimError] = {}

    def run(request: BuildRequest) -> list[BuiltFmu]:
        start = time.perf_counter()
        compile_in_process(request, running)
        seconds = time.perf_counter() - start
        return [_built(request, version, is_cached=False, seconds=seconds) for version in request.fmi_versions]

    with ThreadPoolExecutor(max_workers=min(jobs, len(requests))) as pool:
        waiting: dict[Future[list[BuiltFmu]], BuildRequest] = {pool.submit(run, q): q for q in requests}
        try:
            for done in as_completed(waiting):
                try:
                    built[waiting[done]] = done.result()
                except CosimError as error:
                    problems[waiting[done]] = error
                else:
                    _report(built[waiting[done]], progress)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            stop(running)
            raise
    raise_all([problems[request] for request in requests if request in problems])
    return built
