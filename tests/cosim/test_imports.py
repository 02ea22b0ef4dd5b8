"""Imports point down, each third-party package has one importer, and `import cosim` is light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cosim

PACKAGE = Path(cosim.__file__).parent

ENGINE = ("clock", "errors", "system", "instance", "algorithm", "execution")
ENGINE_ORDER = {"errors": 0, "clock": 0, "system": 1, "instance": 2, "algorithm": 3, "execution": 4}
UNITS = ("units", "unit_notation")
ADAPTERS = (
    "audit",
    "build",
    "estimation",
    "fmu",
    "hosting",
    "live",
    "measurements",
    "regression",
    "release",
    "results",
    "scenario",
    "study",
    "surrogate",
)
ROOT = (
    "acting", "audited", "by_hand", "claims", "instantiation", "intake", "interchange", "loading", "native",
    "opened", "placing", "preparation", "processes", "qualification", "regressing", "releasing", "renewal",
    "resuming", "round_trip", "run", "run_folder", "shadowing", "shipped", "stopwatch", "studying", "substitution",
    "warm", "whole_file",
)  # fmt: skip
# An adapter imports the engine, units and itself; what else is agreed stands here.
AGREED = {("build", "shipped"), ("build", "native"), ("fmu", "native"), ("hosting", "fmu"), ("hosting", "native")}
AGREED |= {(adapter, "processes") for adapter in ("build", "hosting", "study")}
# A study is a file like a scenario, and its page one like the report.
AGREED |= {("study", "scenario"), ("study", "results"), ("study", "measurements")}
# So is a suite, and its page.
AGREED |= {("regression", "scenario"), ("regression", "results")}
# Tag maps and fault scripts are files like a scenario; what is received is kept as Parquet, like results.
AGREED |= {("live", "scenario"), ("live", "results")}
# A training file is one more, and a model card one more page; steps of surrogates run in C.
AGREED |= {("surrogate", "scenario"), ("surrogate", "results"), ("surrogate", "native")}
# A release is told to the audit trail, by the same keys; its file is one like a scenario, its report a page.
AGREED |= {("release", "audit"), ("release", "scenario"), ("release", "results")}

ONE_IMPORTER = {
    "pint": "cosim.unit_notation",
    "ruamel": "cosim.scenario",
    "fmpy": "cosim.fmu",
    "zmq": "cosim.hosting.network",
    "elftools": "cosim.intake",
    "h5py": "cosim.results",
    "pandas": "cosim.results",
    "pyarrow": "cosim.results",
    "xarray": "cosim.results",
    "matplotlib": "cosim.results",
    "jinja2": "cosim.results",
    "casadi": "cosim.build.compiler",
    "rumoca": "cosim.build.frontend",
    "OMPython": "cosim.build.omc",
    "filterpy": "cosim.estimation",
    "SALib": "cosim.study",
    "cobyqa": "cosim.study.optimising",
    "dask": "cosim.study",
    "distributed": "cosim.study",
    "pydoe": "cosim.study",
    "asyncua": "cosim.live.opcua",
    "aiohttp": "cosim.live.page",
    "typer": "cosim.cli",
    "rich": "cosim.cli",
    "torch": "cosim.surrogate.training",
    "safetensors": "cosim.surrogate.weights",
    "onnx": "cosim.surrogate.program.onnx_model",
    "onnxruntime": "cosim.surrogate.batch",
    "openpyxl": "cosim.measurements.excel",
}

# Keys that sign, and certificates of OPC UA; what factors of a study and options of a network are searched with.
TWO_IMPORTERS = {
    "cryptography": ("cosim.audit.ed25519", "cosim.live.opcua.pki"),
    "optuna": ("cosim.study.optimising.trials", "cosim.surrogate.search"),
}


def module_name(path: Path) -> str:
    parts = ("cosim", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Every module that the file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
IMPORTS = {module_name(path): imports_of(path) for path in FILES}


def layer(module: str) -> str:
    """The second part of a module's name: its package or top-level module in cosim."""
    return module.split(".")[1] if "." in module else ""


def may_import(importer: str, imported: str) -> bool:
    if importer == imported or imported in ("", "_version", "errors", "clock"):
        return True
    if importer in ENGINE:
        return imported in ENGINE and ENGINE_ORDER[imported] <= ENGINE_ORDER[importer]
    if importer in UNITS:
        return imported in UNITS
    if importer in ADAPTERS:
        return imported in (*ENGINE, *UNITS, "whole_file") or (importer, imported) in AGREED
    if importer in ROOT:
        return imported in (*ENGINE, *UNITS, *ADAPTERS, *ROOT)
    return importer in ("cli", "", "__main__")


@pytest.mark.parametrize("module", IMPORTS, ids=str)
def test_imports_point_down(module):
    upward = {
        name
        for name in IMPORTS[module]
        if name.split(".")[0] == "cosim" and layer(name) and not may_import(layer(module), layer(name))
        if (PACKAGE / layer(name)).is_dir() or (PACKAGE / f"{layer(name)}.py").exists()
    }
    assert not upward, f"{module} imports {sorted(upward)}"


@pytest.mark.parametrize("package", ONE_IMPORTER, ids=str)
def test_a_third_party_package_has_one_importer(package):
    owner = ONE_IMPORTER[package]
    importers = {name for name, found in IMPORTS.items() if any(one.split(".")[0] == package for one in found)}
    strangers = {name for name in importers if name != owner and not name.startswith(owner + ".")}
    assert not strangers, f"{package} is imported by {sorted(strangers)}; its importer is {owner}"


@pytest.mark.parametrize("package", TWO_IMPORTERS, ids=str)
def test_a_third_party_package_has_these_importers(package):
    importers = {name for name, found in IMPORTS.items() if any(one.split(".")[0] == package for one in found)}
    assert importers == set(TWO_IMPORTERS[package])


def test_the_engine_needs_numpy_only():
    allowed = set(sys.stdlib_module_names) | {"cosim", "numpy"}
    for name, found in IMPORTS.items():
        if layer(name) in ENGINE:
            assert {one.split(".")[0] for one in found} <= allowed, name


HEAVY = (
    "torch",
    "asyncua",
    "OMPython",
    "dask",
    "casadi",
    "rumoca",
    "pint",
    "h5py",
    "pandas",
    "xarray",
    "fmpy",
    "typer",
    "zmq",
    "cryptography",
)


def loaded_after(code: str) -> set[str]:
    """The heavy packages in a fresh interpreter after ``code``."""
    script = f"import sys; {code}; print(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_cosim_is_light():
    assert loaded_after("import cosim") == set()


def test_the_command_line_frame_is_light():
    assert loaded_after("from cosim.cli.app import run_app, _register; _register()") <= {"typer"}
