"""Training file of a hybrid → HybridFile as written, with every problem of the file found in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cosim.clock import Ticks
from cosim.errors import CosimError
from cosim.scenario.document import Entry, Scalar, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.reading import (
    Problems,
    check_order,
    duration_of,
    entries_of,
    fields_of,
    integer_of,
    name_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.surrogate.hybrid.model import GivenEntry, HybridFile

KEYS: Final = (
    "hybrid", "description", "source", "structure", "step", "measured", "sees", "gives", "corrects", "network",
    "parameters", "inputs", "deviation", "budget", "seed",
)  # fmt: skip
"""All keys, in the order in which they are written."""
WIDTH: Final = 6
MEMBERS: Final = 3
LARGEST_WIDTH: Final = 64
LARGEST_MEMBERS: Final = 16
DEVIATION: Final = 0.05
BUDGET: Final = 600.0
"""CPU time [s]."""
_REQUIRED: Final = {
    "source": "Write where the mechanistic model comes from, as in 'source: modelica:BioProcess.Fmus.FedBatchReactor'.",
    "step": "Write how long what the network says is held, as in 'step: 6 h'.",
    "measured": "Write the table of experiments, as in 'measured: batches.csv'.",
    "sees": "Write what the network looks at, as in 'sees: [glucose, lactate]'.",
}


def is_hybrid(path: Path) -> bool:
    """Tell whether the training file at ``path`` is that of a hybrid: one of its lines begins with 'hybrid:'."""
    return any(line.startswith("hybrid:") for line in read_text(path, "training file").splitlines())


def read_hybrid(path: Path) -> tuple[HybridFile | None, list[CosimError]]:
    """Read the training file at ``path``; None where it lacks what nothing can be done without.

    Raises
    ------
    ScenarioError, ProblemList
        When the file cannot be read or is not YAML.
    """
    return parse_hybrid(read_text(path, "training file"), path)


def parse_hybrid(text: str, path: Path) -> tuple[HybridFile | None, list[CosimError]]:
    """Do the same with the ``text`` of the file."""
    root = parse_document(text, path, "training file")
    problems = Problems()
    fields = fields_of(root, KEYS, "The training file of a hybrid", problems)
    check_order(root, KEYS, problems)
    for key, hint in _REQUIRED.items():
        if key not in fields:
            problems.add(f"There is no '{key}'. {hint}", root.origin)
    if not fields.keys() & {"gives", "corrects"}:
        problems.add("There is neither 'gives' nor 'corrects', so that the network would do nothing.", root.origin)
    source, measured = (_scalar(fields, key, problems) for key in ("source", "measured"))
    step = duration_of(fields["step"].value, "'step'", problems) if "step" in fields else None
    width, members = _network(fields, problems)
    text_only = _scalar(fields, "description", problems)
    read = HybridFile(
        path=path, text=text,
        name=name_of(fields, "hybrid", root.origin, problems),
        description=text_only.text if text_only else "",
        source=source or _nothing(), structure=_values(fields, "structure", problems), step=step or Ticks(1),
        measured=measured or _nothing(), sees=_list(fields, "sees", problems), gives=_gives(fields, problems),
        corrects=_list(fields, "corrects", problems), width=width, members=members,
        parameters=_values(fields, "parameters", problems), inputs=_values(fields, "inputs", problems),
        deviation=_share(fields, problems), budget=_budget(fields, problems),
        seed=(integer_of(fields["seed"].value, "'seed'", problems, least=0) or 0) if "seed" in fields else 0,
    )  # fmt: skip
    is_complete = source is not None and measured is not None and step is not None
    return (read if is_complete else None), problems.found


def _nothing() -> Scalar:
    return Scalar("", is_quoted=False, origin=None)


def _scalar(fields: dict[str, Entry], key: str, problems: Problems) -> Scalar | None:
    return scalar_of(fields[key].value, f"'{key}'", problems) if key in fields else None


def _list(fields: dict[str, Entry], key: str, problems: Problems) -> tuple[Scalar, ...]:
    return scalars_of(fields[key].value, f"'{key}'", problems) if key in fields else ()


def _values(fields: dict[str, Entry], key: str, problems: Problems) -> dict[str, Scalar]:
    if key not in fields:
        return {}
    entries = entries_of(fields[key].value, f"'{key}'", problems)
    read = {entry.key: scalar_of(entry.value, f"'{entry.key}'", problems) for entry in entries}
    return {name: value for name, value in read.items() if value is not None}


def _gives(fields: dict[str, Entry], problems: Problems) -> tuple[GivenEntry, ...]:
    """Read ``gives: {mu_max: {from: 0.02 1/h, to: 0.05 1/h}}``."""
    found = []
    for entry in entries_of(fields["gives"].value, "'gives'", problems) if "gives" in fields else ():
        parts = fields_of(entry.value, ("from", "to"), f"'{entry.key}'", problems)
        low, high = (_scalar(parts, end, problems) for end in ("from", "to"))
        if low is None or high is None:
            text = f"{entry.key}: what is given has limits, as in {{from: 0.02 1/h, to: 0.05 1/h}}."
            problems.add(text, entry.origin)
        else:
            found.append(GivenEntry(entry.key, low, high, Scalar(entry.key, is_quoted=False, origin=entry.origin)))
    return tuple(found)


def _network(fields: dict[str, Entry], problems: Problems) -> tuple[int, int]:
    """Read ``network: {width: 6, members: 3}``."""
    found = {"width": WIDTH, "members": MEMBERS}
    if "network" in fields and isinstance(fields["network"].value, MappingNode):
        parts = fields_of(fields["network"].value, tuple(found), "'network'", problems)
        for key, entry in parts.items():
            most = {"width": LARGEST_WIDTH, "members": LARGEST_MEMBERS}[key]
            number = integer_of(entry.value, f"'{key}' of 'network'", problems, least=1)
            if number is not None and number > most:
                problems.add(f"'{key}' of 'network' is {number}, and {most} is the most.", entry.origin)
            found[key] = min(number or found[key], most)
    elif "network" in fields:
        problems.add("'network' should be 'key: value' pairs, as in {width: 6, members: 3}.", fields["network"].origin)
    return found["width"], found["members"]


def _share(fields: dict[str, Entry], problems: Problems) -> float:
    """Read ``deviation: 5 %``."""
    if "deviation" not in fields:
        return DEVIATION
    text = text_of(fields["deviation"].value, "'deviation'", problems) or ""
    number = text.removesuffix("%").strip()
    try:
        share = float(number) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        share = 0.0
    if not 0.0 < share <= 1.0:
        problems.add(f"'deviation' is '{text}'; it should be a share, as in 5 %.", fields["deviation"].origin)
        return DEVIATION
    return share


def _budget(fields: dict[str, Entry], problems: Problems) -> float:
    ticks = duration_of(fields["budget"].value, "'budget'", problems) if "budget" in fields else None
    return BUDGET if ticks is None else ticks / 1e9
