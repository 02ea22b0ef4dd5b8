"""Every example and test of the library compiles, runs and keeps its assertions; the sources keep the house's rules."""

import re
from pathlib import Path
from runpy import run_path

import fmpy
import pytest
from library_fmu import LIBRARY, REPOSITORY, SPECIES, library_fmus

LIBRARIES = (LIBRARY, REPOSITORY / "modelica" / "Modelica")
SOURCES = sorted(file for library in LIBRARIES for file in library.rglob("*.mo"))
RUNNABLE = [
    f"BioProcess.{package}.{file.stem}"
    for package in ("Examples", "Tests")
    for file in sorted((LIBRARY / package).glob("*.mo"))
    if file.stem != "package"
]
_CLASS = re.compile(
    r"^(?:(?:partial|expandable|replaceable|final|encapsulated) )*"
    r"(?:package|model|block|connector|record|function|type) (\w+)",
    re.MULTILINE,
)
_EXTENDS = re.compile(r"^  (?:type|(?:final )?constant [\w.]+) (\w+)", re.MULTILINE)


def _name(file: Path) -> str:
    return str(file.relative_to(REPOSITORY / "modelica"))


@pytest.fixture(scope="module")
def fmus(request: pytest.FixtureRequest) -> dict[str, Path]:
    return library_fmus(request.config.cache.mkdir("library_fmus"), RUNNABLE)


@pytest.mark.parametrize("class_name", RUNNABLE)
def test_runs_and_keeps_its_assertions(class_name: str, fmus: dict[str, Path]) -> None:
    experiment = fmpy.read_model_description(str(fmus[class_name])).defaultExperiment
    assert experiment is not None, f"{class_name} has no experiment annotation."

    stop = float(experiment.stopTime)
    result = fmpy.simulate_fmu(
        str(fmus[class_name]), stop_time=stop, output_interval=stop / 200, output=["time"], fmi_type="CoSimulation"
    )

    assert result["time"][-1] == pytest.approx(stop)


def test_a_broken_promise_fails_the_run(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    (tmp_path / "LeakyTank.mo").write_text(
        "model LeakyTank\n  extends BioProcess.Tests.EmptyingTank(tank(volume_small=0.5));\nend LeakyTank;\n"
    )
    fmu = library_fmus(request.config.cache.mkdir("library_fmus"), ["LeakyTank"], [tmp_path])["LeakyTank"]
    messages: list[str] = []

    def keep(_environment: object, _name: bytes, _status: int, _category: bytes, message: bytes) -> None:
        messages.append(message.decode())

    with pytest.raises(fmpy.fmi1.FMICallException):
        fmpy.simulate_fmu(str(fmu), stop_time=3600, output_interval=10, fmi_type="CoSimulation", logger=keep)

    assert any("does not run dry" in message for message in messages)


@pytest.mark.parametrize("file", SOURCES, ids=_name)
def test_a_file_holds_the_class_it_is_named_after(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    folder = file.parent.parent if file.stem == "package" else file.parent
    within = ".".join(folder.relative_to(REPOSITORY / "modelica").parts)
    name = file.parent.name if file.stem == "package" else file.stem

    assert re.match(rf"within ?{re.escape(within)};\n", text), f"{_name(file)} is not within '{within}'."
    assert _CLASS.findall(text)[:1] == [name], f"{_name(file)} does not declare {name}."


@pytest.mark.parametrize("package", [file.parent for file in SOURCES if file.stem == "package"], ids=_name)
def test_package_order_lists_what_is_there(package: Path) -> None:
    listed = (package / "package.order").read_text(encoding="utf-8").split()
    files = {file.stem for file in package.glob("*.mo")} - {"package"}
    packages = {folder.name for folder in package.iterdir() if (folder / "package.mo").is_file()}
    elements = set(_EXTENDS.findall((package / "package.mo").read_text(encoding="utf-8")))

    assert len(listed) == len(set(listed))
    assert set(listed) == files | packages | elements


def test_every_class_is_used_by_an_example_or_a_test() -> None:
    texts = {file: set(re.findall(r"\w+", file.read_text(encoding="utf-8"))) for file in LIBRARY.rglob("*.mo")}
    classes = {file.stem: file for file in texts if file.stem != "package" and file.parent.name != "UsersGuide"}
    reached = {file for file in texts if file.parent.name in ("Examples", "Tests")}
    waiting = list(reached)
    while waiting:
        for name in texts[waiting.pop()] & set(classes):
            if classes[name] not in reached:
                reached.add(classes[name])
                waiting.append(classes[name])
    # icons of packages are used by packages
    reached |= {classes[name] for file in texts if file.stem == "package" for name in texts[file] & set(classes)}

    assert {_name(file) for file in classes.values()} - {_name(file) for file in reached} == set()


def test_every_parameter_says_what_it_is() -> None:
    silent = [
        f"{_name(file)}: {statement.split(';')[0].strip()[:80]}"
        for file in LIBRARY.rglob("*.mo")
        for statement in re.findall(r"^  parameter [^;]*;", file.read_text(encoding="utf-8"), re.MULTILINE)
        if not re.search(r'"[^"]+"\s*;$', statement)
    ]

    assert silent == []


def test_what_repeats_every_species_is_written_from_their_files() -> None:
    script = LIBRARY.parent / "write_interfaces.py"

    stale = [
        path.name
        for path, text in run_path(str(script))["written_files"]().items()
        if path.read_text(encoding="utf-8") != text
    ]

    assert stale == [], "Run python modelica/write_interfaces.py."


def test_the_number_of_species_stands_nowhere_but_where_it_is_written() -> None:
    """With another number of species, the one of today is gone from all code."""
    with_count = run_path(str(LIBRARY.parent / "write_interfaces.py"))["with_count"]
    counted = re.compile(rf"(?<![\w.]){len(SPECIES)}(?![\w.])")

    literal = [
        f"{_name(file)}: {line.strip()}"
        for file in LIBRARY.rglob("*.mo")
        if file.stem != "GolgiNetwork"  # its numbers are those of oligosaccharides
        for line in re.sub(r'"(?:[^"\\]|\\.)*"', "", with_count(file.read_text(encoding="utf-8"), 997)).splitlines()
        if counted.search(line) and not re.match(r"    index=|  v\[", line)
    ]

    assert literal == [], "Call it n_species, declared as in Chromatography/SoluteColumn.mo."


@pytest.mark.parametrize("connector", ["LiquidInlet", "LiquidOutlet", "LiquidDriver", "LiquidReceiver"])
def test_every_connector_carries_every_species(connector: str) -> None:
    text = (LIBRARY / "Interfaces" / f"{connector}.mo").read_text(encoding="utf-8")

    assert tuple(re.findall(r" c_(\w+) ", text)) == SPECIES
    if connector in ("LiquidOutlet", "LiquidReceiver"):
        assert tuple(re.findall(r" m_(\w+)_total\s", text)) == SPECIES
