"""Whether an FMU's state can be trusted: saved in one process, restored in another, and stepped on in both.

What an FMU declares is often wrong, and may take down the process. The answer is kept by content of the FMU, so that it
is asked once.
"""

from __future__ import annotations

import base64
import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosim._version import __version__
from cosim.clock import Ticks
from cosim.errors import CosimError, ResultError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance, VariableGroup
from cosim.preparation import Prepared
from cosim.processes import command_of, environment_of
from cosim.results.document import write_text
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variable, VariableType

STEPS: Final = 3
"""Communication steps before the state is saved, and after."""
PATIENCE: Final = 60.0
"""How long an FMU may take for them before it counts as hanging [s]."""
DISTURBANCE: Final = 1e-6
SMALLEST: Final = 1e-12
"""By how much inputs differ from their start values: relatively, and at least, in each variable's unit."""
MOST_VARIABLES: Final = 2000
"""Compared of one FMU."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the state of a component can be restored in another process; ``why`` not, and whether that lasts."""

    is_trusted: bool
    why: str = ""
    is_lasting: bool = True


def judge(prepared: Prepared) -> dict[str, Verdict]:
    """Return a verdict on every component; FMUs that declare enough and were not tried before are tried now."""
    return {name: _judge(name, prepared) for name in prepared.components}


def costs_of_resuming(verdicts: Mapping[str, Verdict]) -> list[str]:
    """Return a sentence for every component that does all its steps again when a run is resumed."""
    return [
        f"When the run is resumed, '{name}' does all its steps again, which takes as long as they took: {verdict.why}."
        for name, verdict in verdicts.items()
        if not verdict.is_trusted
    ]


def _judge(name: str, prepared: Prepared) -> Verdict:
    loaded = prepared.components[name]
    if not loaded.description.capabilities.can_serialise_state:
        return Verdict(False, "it does not declare that its state can be written")
    if loaded.sha256 is None or loaded.file is None or loaded.source.startswith("csv:"):
        return Verdict(True)
    interface = prepared.scenario.components[name].interface
    key = f"{loaded.sha256}-{interface or 'any'}-{__version__}-{platform.machine()}"
    place = _cache() / f"{key}.json"
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        return Verdict(bool(kept["is_trusted"]), str(kept["why"]))
    except (OSError, ValueError, KeyError, TypeError):
        verdict = try_file(_request(name, prepared, loaded.file, interface))
    if verdict.is_lasting:
        with suppress(OSError, ResultError):  # else it is asked again next time
            place.parent.mkdir(parents=True, exist_ok=True)
            write_text(place, json.dumps({"is_trusted": verdict.is_trusted, "why": verdict.why}))
    return verdict


def _cache() -> Path:
    from cosim.native import cache_folder

    return cache_folder() / "round_trips"


def _request(name: str, prepared: Prepared, file: Path, interface: str | None) -> dict[str, object]:
    experiment = prepared.bound.experiment
    sizes = [phase.step_sizes.get(name, phase.step_size) for phase in experiment.phases if name in phase.active]
    return {
        "name": name,
        "file": str(file.resolve()),
        "interface": interface,
        "starts": dict(experiment.start_values.get(name, {})),
        "tolerance": experiment.tolerance,
        "size": min(sizes, default=1_000_000_000),
    }


def try_file(request: Mapping[str, object]) -> Verdict:
    """Save in one process, then restore in another; ``size`` of a step in ticks."""
    content = dict(request)
    for _ in range(2):
        try:
            done = subprocess.run(
                command_of("cosim.round_trip"),
                env=environment_of(),
                input=json.dumps(content),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            answer = json.loads(done.stdout.splitlines()[-1])
        except subprocess.TimeoutExpired:
            return Verdict(False, f"its FMU took longer than {PATIENCE:g} s to show that it can", is_lasting=False)
        except (OSError, ValueError, IndexError):
            return Verdict(False, "the process in which its FMU was to show that it can broke down", is_lasting=False)
        if "why" in answer:
            return Verdict(False, str(answer["why"]))
        content["saved"] = answer
    return Verdict(True)


def _answer(request: Mapping[str, Any]) -> dict[str, object]:
    """Save a state and what follows it; or restore one, and compare what follows."""
    from cosim.fmu import open_fmu

    saved = request.get("saved")
    with open_fmu(request["file"], request["interface"]) as file, file.instantiate(request["name"]) as instance:
        assert isinstance(instance, AbstractSerialising)
        names = [name for name, item in file.description.variables.items() if _is_shown(item)][:MOST_VARIABLES]
        group = instance.group(names)
        size = Ticks(request["size"])
        _initialise(instance, request["starts"], request["tolerance"])
        if saved is None:
            _disturb(instance, file.description.variables)
            _step(instance, Ticks(0), size)
            state = instance.get_state()
            data = base64.b64encode(instance.serialise_state(state)).decode("ascii")
            return {"state": data, "values": _follow(instance, group, len(names), size)}
        state = instance.deserialise_state(base64.b64decode(saved["state"]))
        instance.set_state(state)
        instance.free_state(state)
        values = _follow(instance, group, len(names), size)
    for step, (before, now) in enumerate(zip(saved["values"], values, strict=True)):
        for name, one, other in zip(names, before, now, strict=True):
            if one != other:
                pair = f"{float.fromhex(one)!r} and is {float.fromhex(other)!r}"
                return {"why": f"{name} was {pair} {step} steps after its state was restored"}
    return {}


def _is_shown(variable: Variable) -> bool:
    is_state = variable.causality in (Causality.OUTPUT, Causality.LOCAL)
    return is_state and variable.type.is_numeric and not variable.shape


def _initialise(instance: AbstractInstance, starts: Mapping[str, StartValue], tolerance: float | None) -> None:
    instance.set_start(starts)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=tolerance)
    instance.exit_initialization()


def _disturb(instance: AbstractInstance, variables: Mapping[str, Variable]) -> None:
    """Give real inputs other values than at the start, if only just: they must be part of the state."""
    chosen = [
        item
        for item in variables.values()
        if item.causality is Causality.INPUT and item.type in (VariableType.FLOAT32, VariableType.FLOAT64)
        if not item.shape
    ]
    starts = [float(item.start) if isinstance(item.start, int | float) else 0.0 for item in chosen]
    group = instance.group([item.name for item in chosen])
    instance.write(group, np.array([start * (1.0 - DISTURBANCE) + SMALLEST for start in starts]))


def _follow(instance: AbstractInstance, group: VariableGroup, n: int, size: Ticks) -> list[list[str]]:
    """Return the variables now and after each of some steps, exactly."""
    values = np.zeros(n)
    found = []
    for i in range(STEPS + 1):
        if i:
            instance.step(Ticks((STEPS + i - 1) * size), size)
        instance.read(group, values)
        found.append([value.hex() for value in values.tolist()])
    return found


def _step(instance: AbstractInstance, start: Ticks, size: Ticks) -> None:
    for i in range(STEPS):
        instance.step(Ticks(start + i * size), size)


def _main() -> None:
    """Answer the request on standard input; an FMU that prints is heard out, the answer is the last line."""
    try:
        answer = _answer(json.loads(sys.stdin.read()))
    except CosimError as error:
        answer = {"why": str(error)}
    sys.stdout.write(f"\n{json.dumps(answer)}\n")


if __name__ == "__main__":
    _main()
