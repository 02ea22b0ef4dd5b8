"""Training file → TrainingFile as written, with every problem of the file found in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

from cosim.clock import Ticks
from cosim.errors import CosimError
from cosim.scenario.document import Entry, Scalar, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.reading import (
    Problems,
    check_order,
    choice_of,
    duration_of,
    entries_of,
    fields_of,
    integer_of,
    name_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.surrogate.model import PhaseEntry, RangeEntry, RunCounts, SearchEntry, ShapeName, TrainingFile, TransferEntry

KEYS: Final = (
    "surrogate", "description", "source", "structure", "architecture", "transfer", "step", "duration", "runs",
    "phases", "parameters", "inputs", "focus", "budget", "search", "seed",
)  # fmt: skip
"""All keys of a training file, in the order in which they are written."""
ARCHITECTURES: Final = ("lumped_unit", "static_map", "column")
SHAPES: Final = ("constant", "steps", "ramps", "boluses", "exponential", "recorded")
MOST_RUNS: Final = 100_000
DEFAULT_BUDGET: Final = 600.0
"""CPU time [s]."""
_RANGE_KEYS: Final = ("from", "to", "shape", "first", "every", "lasting", "files", "phases")
_REQUIRED: Final = {
    "source": "Write where the FMU comes from, as in 'source: modelica:BioProcess.Fmus.FedBatchReactor'.",
    "architecture": f"Write one of {', '.join(ARCHITECTURES)}.",
    "step": "Write the communication step at which it will be used, as in 'step: 1 h'.",
    "duration": "Write how long a run lasts, as in 'duration: 14 d'.",
}


def read_training(path: Path) -> tuple[TrainingFile | None, list[CosimError]]:
    """Read the training file at ``path``; None where it lacks what nothing can be done without.

    Raises
    ------
    ScenarioError, ProblemList
        When the file cannot be read or is not YAML.
    """
    text = read_text(path, "training file")
    return parse_training(text, path)


def parse_training(text: str, path: Path) -> tuple[TrainingFile | None, list[CosimError]]:
    """Do the same with the ``text`` of the file."""
    root = parse_document(text, path, "training file")
    problems = Problems()
    fields = fields_of(root, KEYS, "A training file", problems)
    check_order(root, KEYS, problems)
    for key, hint in _REQUIRED.items():
        if key not in fields:
            problems.add(f"There is no '{key}'. {hint}", root.origin)
    source = scalar_of(fields["source"].value, "'source'", problems) if "source" in fields else None
    architecture, options = _architecture(fields, problems)
    step, duration = _duration(fields, "step", problems), _duration(fields, "duration", problems)
    rest = {
        "name": name_of(fields, "surrogate", root.origin, problems),
        "description": (text_of(fields["description"].value, "'description'", problems) or "")
        if "description" in fields
        else "",
        "structure": _structure(fields, problems),
        "transfer": _transfer(fields, options, problems),
        "runs": _runs(fields, problems),
        "phases": _phases(fields, problems),
        "parameters": _ranges(fields, "parameters", problems),
        "inputs": _ranges(fields, "inputs", problems),
        "focus": scalars_of(fields["focus"].value, "'focus'", problems) if "focus" in fields else (),
        "budget": _budget(fields, problems),
        "search": _search(fields, options, problems),
        "seed": (integer_of(fields["seed"].value, "'seed'", problems, least=0) or 0) if "seed" in fields else 0,
    }
    if step is not None and duration is not None and duration < 2 * step:
        problems.add("'duration' should be two steps or more.", fields["duration"].origin)
    if source is None or architecture is None or step is None or duration is None:
        return None, problems.found
    plan = TrainingFile(
        path=path, text=text, source=source, architecture=architecture, options=options, step=step, duration=duration,
        **rest,  # type: ignore[arg-type]
    )  # fmt: skip
    return plan, problems.found


def _architecture(fields: dict[str, Entry], problems: Problems) -> tuple[str | None, dict[str, Scalar]]:
    """Read ``architecture: lumped_unit`` or ``architecture: {name: static_map, memory: 4}``."""
    if "architecture" not in fields:
        return None, {}
    node = fields["architecture"].value
    if not isinstance(node, MappingNode):
        return choice_of(node, ARCHITECTURES, "'architecture'", problems), {}
    parts = {entry.key: entry for entry in node.entries}
    if "name" not in parts:
        problems.add(f"An architecture has a 'name': one of {', '.join(ARCHITECTURES)}.", node.origin)
        return None, {}
    name = choice_of(parts.pop("name").value, ARCHITECTURES, "'name' of the architecture", problems)
    read = {key: scalar_of(entry.value, f"'{key}'", problems) for key, entry in parts.items()}
    return name, {key: value for key, value in read.items() if value is not None}


def _transfer(fields: dict[str, Entry], options: dict[str, Scalar], problems: Problems) -> TransferEntry | None:
    """Read ``transfer: {from: ../surrogates/reactor, layers: [rates.2]}``."""
    if "transfer" not in fields:
        return None
    parts = fields_of(fields["transfer"].value, ("from", "layers"), "'transfer'", problems)
    package = scalar_of(parts["from"].value, "'from' of 'transfer'", problems) if "from" in parts else None
    layers = scalars_of(parts["layers"].value, "'layers'", problems) if "layers" in parts else ()
    if package is None or not layers:
        text = "'transfer' has a package and layers, as in {from: surrogates/reactor, layers: [rates.2]}."
        problems.add(text, fields["transfer"].value.origin)
        return None
    for name in options.keys() - {"iterations"}:
        problems.add(f"'{name}' comes from the package of 'transfer'. Remove it here.", options[name].origin)
    return TransferEntry(package, layers)


def _search(fields: dict[str, Entry], options: dict[str, Scalar], problems: Problems) -> SearchEntry | None:
    """Read ``search: {trials: 20, budget: 30 s, width: {from: 16, to: 96}}``."""
    if "search" not in fields:
        return None
    node = fields["search"].value
    parts = {entry.key: entry for entry in entries_of(node, "'search'", problems)}
    trials = integer_of(parts.pop("trials").value, "'trials'", problems, least=1) if "trials" in parts else None
    budget = duration_of(parts.pop("budget").value, "'budget' of 'search'", problems) if "budget" in parts else None
    ranges: dict[str, tuple[int, int]] = {}
    for name, entry in parts.items():
        ends = fields_of(entry.value, ("from", "to"), f"'{name}' of 'search'", problems)
        read = [integer_of(ends[end].value, f"'{end}' of '{name}'", problems, least=1) for end in ends]
        if len(read) < 2 or None in read or read[0] >= read[1]:  # type: ignore[operator]
            problems.add(f"'{name}' of 'search' is a range of whole numbers, as in {{from: 16, to: 96}}.", entry.origin)
        else:
            ranges[name] = (read[0], read[1])  # type: ignore[assignment]
        if name in options:
            problems.add(f"'{name}' is searched for, and the architecture states it. Remove one.", entry.origin)
    if trials is None or budget is None or not ranges or "transfer" in fields:
        text = "'search' has trials, the budget of each, and ranges, and no 'transfer' beside it, as in {trials: 20,"
        problems.add(f"{text} budget: 30 s, width: {{from: 16, to: 96}}}}.", node.origin)
        return None
    return SearchEntry(trials, budget / 1e9, ranges, node.origin)


def _structure(fields: dict[str, Entry], problems: Problems) -> dict[str, Scalar]:
    if "structure" not in fields:
        return {}
    entries = entries_of(fields["structure"].value, "'structure'", problems)
    read = {entry.key: scalar_of(entry.value, f"'{entry.key}'", problems) for entry in entries}
    return {key: value for key, value in read.items() if value is not None}


def _duration(fields: dict[str, Entry], key: str, problems: Problems) -> Ticks | None:
    return duration_of(fields[key].value, f"'{key}'", problems) if key in fields else None


def _budget(fields: dict[str, Entry], problems: Problems) -> float:
    ticks = _duration(fields, "budget", problems)
    return DEFAULT_BUDGET if ticks is None else ticks / 1e9


def _runs(fields: dict[str, Entry], problems: Problems) -> RunCounts:
    """Read ``runs: {train: 64, validate: 16, test: 16}``."""
    if "runs" not in fields:
        return RunCounts()
    parts = fields_of(fields["runs"].value, ("train", "validate", "test"), "'runs'", problems)
    read = {key: integer_of(entry.value, f"'{key}' of 'runs'", problems, least=2) for key, entry in parts.items()}
    for key, number in read.items():
        if number is not None and number > MOST_RUNS:
            problems.add(f"'{key}' is {number}; there may be {MOST_RUNS} runs at most.", parts[key].origin)
    return RunCounts(**{key: number for key, number in read.items() if number is not None})


def _phases(fields: dict[str, Entry], problems: Problems) -> tuple[PhaseEntry, ...]:
    """Read ``phases: {load: {from: 40 min, to: 80 min}, wash: 20 min}``."""
    entries = entries_of(fields["phases"].value, "'phases'", problems) if "phases" in fields else ()
    read = []
    for entry in entries:
        what = f"phase '{entry.key}'"
        if isinstance(entry.value, MappingNode):
            parts = fields_of(entry.value, ("from", "to"), what, problems)
            times = [duration_of(parts[key].value, what, problems) for key in ("from", "to") if key in parts]
        else:
            times = [duration_of(entry.value, what, problems)] * 2
        if len(times) == 2 and times[0] is not None and times[1] is not None and times[0] <= times[1]:
            read.append(PhaseEntry(entry.key, times[0], times[1]))
        elif None not in times:
            problems.add(f"{what} lasts 'from' a time 'to' one that is not shorter.", entry.origin)
    return tuple(read)


def _ranges(fields: dict[str, Entry], key: str, problems: Problems) -> tuple[RangeEntry, ...]:
    entries = entries_of(fields[key].value, f"'{key}'", problems) if key in fields else ()
    read = [_range(entry, problems, is_input=key == "inputs") for entry in entries]
    return tuple(item for item in read if item is not None)


def _range(entry: Entry, problems: Problems, *, is_input: bool) -> RangeEntry | None:
    """Read a constant, or ``{from: 0 L/h, to: 5 L/h, shape: steps, every: 12 h}``."""
    if not isinstance(entry.value, MappingNode):
        value = scalar_of(entry.value, f"'{entry.key}'", problems)
        nothing = Ticks(0)
        return RangeEntry(entry.key, value, value, "constant", nothing, nothing, nothing, "", entry.origin)
    allowed = _RANGE_KEYS if is_input else _RANGE_KEYS[:2]
    parts = fields_of(entry.value, allowed, f"'{entry.key}'", problems)
    if "phases" in parts:
        return _by_phase(entry, parts, problems)
    shape = "constant"
    if "shape" in parts:
        shape = choice_of(parts["shape"].value, SHAPES, f"'shape' of {entry.key}", problems) or "constant"
    files = text_of(parts["files"].value, f"'files' of {entry.key}", problems) if "files" in parts else None
    if (shape == "recorded") != (files is not None):
        problems.add(f"{entry.key}: 'shape: recorded' and 'files: <folder>/*.csv' go together.", entry.origin)
        return None
    if shape != "recorded" and not {"from", "to"} <= parts.keys():
        problems.add(f"{entry.key}: a range has 'from' and 'to', as in {{from: 0.03 1/h, to: 0.04 1/h}}.", entry.origin)
        return None
    low, high = (
        scalar_of(parts[key].value, f"'{key}' of {entry.key}", problems) if key in parts else None
        for key in ("from", "to")
    )
    times = {
        key: duration_of(parts[key].value, f"'{key}' of {entry.key}", problems, may_be_zero=key == "first") or Ticks(0)
        if key in parts
        else Ticks(0)
        for key in ("first", "every", "lasting")
    }
    return RangeEntry(
        entry.key, low, high, cast(ShapeName, shape), times["first"], times["every"], times["lasting"], files or "",
        entry.origin,
    )  # fmt: skip


def _by_phase(entry: Entry, parts: dict[str, Entry], problems: Problems) -> RangeEntry | None:
    """Read ``{phases: {wash: 500 mmol/L, load: {from: 400 L/h, to: 700 L/h}}}``."""
    if len(parts) > 1:
        problems.add(f"{entry.key}: 'phases' says all; leave out the other keys.", entry.origin)
    levels = {}
    for level in entries_of(parts["phases"].value, f"'phases' of {entry.key}", problems):
        what = f"{entry.key} in phase '{level.key}'"
        if isinstance(level.value, MappingNode):
            ends = fields_of(level.value, ("from", "to"), what, problems)
            pair = [scalar_of(ends[key].value, what, problems) if key in ends else None for key in ("from", "to")]
        else:
            pair = [scalar_of(level.value, what, problems)] * 2
        if pair[0] is None or pair[1] is None:
            problems.add(f"{what}: write a value, or 'from' and 'to'.", level.origin)
            continue
        levels[level.key] = (pair[0], pair[1])
    nothing = Ticks(0)
    return RangeEntry(entry.key, None, None, "phases", nothing, nothing, nothing, "", entry.origin, levels)
