"""``probe``: all trials of an FMU, one after the other → a report."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from cosim._version import __version__
from cosim.algorithm.contract import AbstractAlgorithm
from cosim.clock import Ticks, to_ticks
from cosim.errors import StructureError
from cosim.fmu import FmuFile, open_fmu
from cosim.fmu.limits import find_limits
from cosim.intake.assess import Conduct, assess, seconds
from cosim.intake.binaries import Binary, read_binaries
from cosim.intake.report import AlgorithmVerdict, Finding, IntakeReport, Tone
from cosim.intake.sandbox import Attempt, attempt
from cosim.round_trip import try_file
from cosim.system.experiment import StartValue
from cosim.system.nearest import nearest
from cosim.system.variable import Causality, Variable, VariableType
from cosim.units import conversion, parse_quantity

PATIENCE: Final = 60.0
"""How long an FMU may be silent before it counts as hanging [s]."""
STEPS_OF_EXPERIMENT: Final = 500
"""Communication steps in the experiment that the author suggests, where no step is suggested."""
_SHOWN: Final = 6
_NEEDED: Final = ("start", "run")
"""Where one of these fails, the others would only fail again."""

Algorithms = Mapping[str, Callable[..., AbstractAlgorithm[Any]]]
InterfaceType = Literal["Co-Simulation", "Model Exchange"]


def probe(
    path: Path,
    algorithms: Algorithms,
    *,
    interface: InterfaceType | None = None,
    step: Ticks | None = None,
    starts: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
    on_trial: Callable[[str], None] = lambda _: None,
) -> IntakeReport:
    """Try the FMU at ``path`` in processes of its own, and say what it does and which of ``algorithms`` can use it.

    ``step`` is the communication step, else what the FMU suggests, else 1 s; ``starts`` are values with units of
    parameters and inputs. Trials are done one at a time: a licence may have one seat.

    Raises
    ------
    FmuError
        When the file cannot be opened as an FMU.
    StructureError
        When a start value does not fit.
    """
    with open_fmu(path, interface) as file:
        ticks = step or _suggested_step(file)
        values = _start_values(file, starts or {})
        is_runnable = not file.obstacles
        attempts: dict[str, Attempt] = {}
        if is_runnable:
            request = {"file": str(path.resolve()), "interface": interface, "starts": values, "size": ticks}
            attempts = _try_all(request, _trials(file), patience, on_trial)
        findings, conduct = assess(attempts, file.description)
        serialises = _serialises(request, file, conduct, on_trial) if is_runnable else None
        if serialises is not None:
            findings.append(serialises)
        findings = [*_static(path, file), *findings]
        host: Literal["inline", "process"] = "process" if conduct.is_dangerous else "inline"
        return IntakeReport(
            file=path.name,
            sha256=file.sha256,
            interface=file.interface_type,
            step_size=ticks / 1e9,
            tried_with=f"cosim {__version__}",
            tried_on=f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver()).strip()}",
            findings=tuple(findings),
            verdicts=tuple(_verdicts(file, algorithms, conduct)),
            snippet=_snippet(path, file, ticks, interface, conduct),
            host=host,
            rolls_back=conduct.rolls_back,
            serialises=None if serialises is None else serialises.tone == "good",
            varies_step=conduct.varies_step,
            measured=_measured(attempts),
        )


def _suggested_step(file: FmuFile) -> Ticks:
    stated, description = file.facts.default_experiment, file.description
    suggestion = description.capabilities.fixed_step or description.default_step_size
    if suggestion is None and stated.stop_time is not None:
        suggestion = (stated.stop_time - (stated.start_time or 0.0)) / STEPS_OF_EXPERIMENT
    return to_ticks(suggestion) if suggestion and suggestion > 1e-9 else Ticks(1_000_000_000)


def _start_values(file: FmuFile, starts: Mapping[str, str]) -> dict[str, StartValue]:
    return {name: _start_value(file, name, text) for name, text in starts.items()}


def _start_value(file: FmuFile, name: str, text: str) -> StartValue:
    variables = file.description.variables
    if name not in variables:
        raise StructureError(f"'{file.path.name}' has no variable '{name}'.{nearest(name, variables)}", variable=name)
    variable = variables[name]
    if variable.causality not in (Causality.PARAMETER, Causality.STRUCTURAL_PARAMETER, Causality.INPUT):
        raise StructureError(f"'{name}' is {variable.causality.value}; only parameters and inputs can be set.")
    if variable.type in (VariableType.STRING, VariableType.ENUMERATION):
        return text
    if variable.type is VariableType.BOOLEAN:
        if text not in ("true", "false"):
            raise StructureError(f"'{name}' is true or false, not '{text}'.")
        return text == "true"
    return _number(variable, text)


def _number(variable: Variable, text: str) -> float | int:
    quantity = parse_quantity(text)
    value = float(quantity.value)
    if quantity.unit:
        change = conversion(quantity.unit, variable.unit)
        value = value * change.factor + change.offset
    return value if variable.type in (VariableType.FLOAT32, VariableType.FLOAT64) else round(value)


def _trials(file: FmuFile) -> Iterator[str]:
    can = file.description.capabilities
    yield from ("start", "run", "again")
    if not can.can_be_instantiated_only_once:
        yield from ("together", "crowd")
    if can.can_get_and_set_state:
        yield "state"
    if can.can_vary_step:
        yield from ("vary", "zero", "tiny")
    yield from ("reset", "cycles")
    inputs = [item for item in file.description.variables.values() if item.causality is Causality.INPUT]
    if inputs and file.facts.major_version > 1:
        yield "feedthrough"
    if inputs and can.provides_directional_derivatives:
        yield "derivatives"


def _try_all(
    request: Mapping[str, object], trials: Iterator[str], patience: float, on_trial: Callable[[str], None]
) -> dict[str, Attempt]:
    attempts: dict[str, Attempt] = {}
    for trial in trials:
        on_trial(trial)
        attempts[trial] = attempt(request, trial, patience)
        if trial in _NEEDED and attempts[trial].ended != "done":
            break
    return attempts


def _serialises(
    request: Mapping[str, object], file: FmuFile, conduct: Conduct, on_trial: Callable[[str], None]
) -> Finding | None:
    """Save its state in one process and restore it in another."""
    if not (file.description.capabilities.can_serialise_state and conduct.steps):
        return None
    on_trial("serialised state")
    verdict = try_file({**request, "name": "probe", "tolerance": None})
    if verdict.is_trusted:
        return Finding("serialised state", "good", "Saved in one process and restored in another, it goes on the same.")
    return Finding("serialised state", "bad", f"It declares that its state can be written, but {verdict.why}.")


def _static(path: Path, file: FmuFile) -> Iterator[Finding]:
    facts = file.facts
    offered = " and ".join(facts.interface_types)
    yield Finding("standard", "good", f"FMI {facts.fmi_version}, {offered}; tried as {file.interface_type}.")
    for binary in read_binaries(path):
        yield _binary(binary)
    tones: dict[str, Tone] = {"stop": "bad", "limit": "limit", "note": "note"}
    for limit in find_limits(file):
        yield Finding("declared", tones[limit.severity], f"{limit.what} {limit.why}")
    interface = [item for item in file.description.variables.values() if item.causality is not Causality.LOCAL]
    silent = [item.name for item in interface if not item.description and item.causality is not Causality.INDEPENDENT]
    if silent:
        n = len(silent)
        text = f"{n} of {len(interface)} variables {'has' if n == 1 else 'have'} no description, such as {silent[0]}."
        yield Finding("description", "note", text)


def _binary(binary: Binary) -> Finding:
    if binary.kind in ("unknown", "damaged ELF"):
        return Finding("binary", "limit", f"{binary.platform}/{binary.name} is not a library: {binary.kind}.")
    bits = f", {binary.bits} bit" if binary.bits else ""
    needs = f", needs {', '.join(binary.needs)}" if binary.needs else ""
    glibc = f", glibc {binary.glibc} or newer" if binary.glibc else ""
    return Finding("binary", "good", f"{binary.platform}/{binary.name}: {binary.kind}{bits}{glibc}{needs}.")


def _verdicts(file: FmuFile, algorithms: Algorithms, conduct: Conduct) -> Iterator[AlgorithmVerdict]:
    for name, make in algorithms.items():
        algorithm = make()
        if not conduct.steps:
            why = "It cannot be run here." if file.obstacles else "It did not get through a run of its own."
            yield AlgorithmVerdict(name, "no", why)
            continue
        lacks = []
        if algorithm.needs_rollback and not conduct.rolls_back:
            lacks.append(f"it cannot go back in time: {algorithm.without_rollback}")
        if algorithm.needs_variable_step and not conduct.varies_step:
            yield AlgorithmVerdict(name, "no", "It does not take steps of any size.")
            continue
        text = "; ".join(lacks)
        yield AlgorithmVerdict(name, "limited" if lacks else "yes", text[:1].upper() + text[1:] + "." if text else "")


def _snippet(path: Path, file: FmuFile, step: Ticks, interface: InterfaceType | None, conduct: Conduct) -> str:
    """Return lines for ``components:``."""
    options = [f"source: {_quoted(path.name)}"]
    if interface is not None:
        options.append(f"fmi: {interface.lower().replace(' ', '-')}")
    if conduct.is_dangerous:
        options.append("host: process")
    name = _component_name(file.facts.model_name or path.stem)
    needed = [
        item.name
        for item in file.description.variables.values()
        if item.causality is Causality.INPUT and not (file.description.states_defaults and item.start is not None)
    ]
    ports = file.description.ports
    inlets = [f"{name}.{port.name}" for port in ports.values() if port.direction.value == "inlet"]
    signals = [f"{name}.{one}" for one in needed if one.rpartition(".")[0] not in ports]
    lines = ["components:", f"  {name}: {{{', '.join(options)}}}"]
    if inlets:
        lines.append(f"# streams go to {_few(inlets)}")
    if signals:
        lines.append(f"# inputs to connect or set: {_few(signals)}")
    return "\n".join([*lines, f"# tried with a communication step of {seconds(step / 1e9)}"]) + "\n"


def _component_name(model: str) -> str:
    """Return the last part of a model's name, as components are called: PumpStation2 → pump_station2."""
    last = re.split(r"[.:/]", model)[-1]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower()
    name = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
    return name if name[:1].isalpha() else f"unit_{name}".rstrip("_")


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _quoted(text: str) -> str:
    is_plain = all(letter.isalnum() or letter in "._-/" for letter in text)
    return text if is_plain else "'" + text.replace("'", "''") + "'"


def _measured(attempts: Mapping[str, Attempt]) -> dict[str, float]:
    measured: dict[str, float] = {}
    for trial, key, name in (
        ("start", "instantiate", "instantiate"),
        ("start", "initialise", "initialise"),
        ("crowd", "bytes", "memory_per_instance"),
    ):
        if trial in attempts and key in attempts[trial].found:
            measured[name] = float(attempts[trial].found[key])
    run = attempts.get("run")
    if run is not None and run.found.get("steps"):
        measured["step"] = run.found["seconds"] / run.found["steps"]
    return measured
