"""An FMU on a page of terminal output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cosim.clock import format_ticks, to_ticks
from cosim.fmu import FmuFile
from cosim.fmu.library import platform_folders
from cosim.fmu.limits import Limit, Severity, find_limits
from cosim.system.ports import flow_variable
from cosim.system.variable import Causality, Variability, Variable, VariableType

_MOST: Final = 40
"""Variables of one kind shown without ``--all``."""
_KINDS: Final = (
    ("Inputs", (Causality.INPUT,)),
    ("Outputs", (Causality.OUTPUT,)),
    ("Parameters", (Causality.STRUCTURAL_PARAMETER, Causality.PARAMETER)),
    ("Calculated parameters", (Causality.CALCULATED_PARAMETER,)),
    ("Local variables", (Causality.LOCAL, Causality.INDEPENDENT)),
)
_MARKS: Final[dict[Severity, tuple[str, str]]] = {
    "stop": ("✗", "bold red"),
    "limit": ("!", "bold yellow"),
    "note": ("·", "cyan"),
}


def show(fmu: FmuFile, *, show_all: bool, console: Console | None = None) -> None:
    """Print everything about ``fmu``, what will not work included."""
    console = console or Console(highlight=False)
    limits = find_limits(fmu)
    console.print(_heading(fmu, limits))
    for title, part in _parts(fmu, limits, show_all=show_all):
        console.print(Text(f"\n{title}", style="bold"))
        console.print(Padding(part, (0, 0, 0, 2)))


def _parts(fmu: FmuFile, limits: Sequence[Limit], *, show_all: bool) -> Iterator[tuple[str, RenderableType]]:
    yield "What will not work here", _limits(limits)
    yield "Can", _capabilities(fmu)
    if fmu.description.ports or fmu.facts.terminals:
        yield "Stream ports", Group(_ports(fmu), _why_ports(fmu))
    if fmu.description.species:
        yield "Species", _species(fmu)
    for title, causalities in _KINDS:
        variables = [variable for variable in fmu.description.variables.values() if variable.causality in causalities]
        if not variables:
            continue
        is_hidden = title == "Local variables" and not show_all
        shown = variables if show_all else variables[:_MOST]
        rest = Text(f"… and {len(variables) - len(shown)} more; --all shows them", style="dim")
        table = Text("--all shows them", style="dim") if is_hidden else _variables(shown)
        parts = [table] if is_hidden or len(shown) == len(variables) else [table, rest]
        yield f"{title} ({len(variables)})", Group(*parts)


def _heading(fmu: FmuFile, limits: Sequence[Limit]) -> Panel:
    facts = fmu.facts
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in _facts(fmu):
        grid.add_row(name, value)
    stops = any(limit.severity == "stop" for limit in limits)
    verdict = Text("does not run here", style="bold red") if stops else Text("runs here", style="bold green")
    title = Text(_clean(facts.model_name), style="bold")
    parts: list[RenderableType] = [Text(_clean(facts.description)), Text()] if facts.description else []
    return Panel(
        Group(*parts, grid), title=title, title_align="left", subtitle=verdict, subtitle_align="right", box=box.ROUNDED
    )


def _facts(fmu: FmuFile) -> Iterator[tuple[str, RenderableType]]:
    facts = fmu.facts
    yield "FMI", Text(f"{facts.fmi_version}, {' and '.join(facts.interface_types) or 'no simulation type'}")
    yield "platforms", _platforms(fmu)
    made = " · ".join(_clean(part) for part in (facts.generation_tool, facts.generation_date[:10]) if part)
    stated = (
        ("made by", made),
        ("author", facts.author),
        ("version", facts.version),
        ("licence", facts.licence),
        ("copyright", facts.copyright),
    )
    for name, value in stated:
        if value:
            yield name, Text(_clean(value))
    experiment = _experiment(fmu)
    if experiment:
        yield "experiment", Text(experiment)
    if facts.n_states or facts.n_event_indicators:
        yield "states", Text(f"{facts.n_states} continuous, {facts.n_event_indicators} event indicators")
    yield "size", Text(f"{_size(facts.size)}, unpacked {_size(facts.unpacked_size)}")
    yield "sha256", Text(fmu.sha256, style="dim")


def _platforms(fmu: FmuFile) -> Text:
    ours = platform_folders(fmu.facts.major_version)
    text = Text()
    for number, name in enumerate(fmu.facts.platforms):
        text.append(", " if number else "")
        text.append(_clean(name), style="green" if name in ours else "default")
    return text if fmu.facts.platforms else Text("none", style="red")


def _experiment(fmu: FmuFile) -> str:
    stated = fmu.facts.default_experiment
    parts = []
    if stated.stop_time is not None:
        parts.append(f"{_time(stated.start_time or 0.0)} to {_time(stated.stop_time)}")
    if stated.step_size is not None:
        parts.append(f"step {_time(stated.step_size)}")
    if stated.tolerance is not None:
        parts.append(f"tolerance {stated.tolerance:g}")
    return ", ".join(parts)


def _limits(limits: Sequence[Limit]) -> RenderableType:
    if not limits:
        return Text("Nothing is known that would not.", style="green")
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for limit in limits:
        mark, style = _MARKS[limit.severity]
        text = Text(_clean(limit.what))
        text.append(f" {_clean(limit.why)}", style="dim")
        grid.add_row(Text(mark, style=style), text)
    return grid


def _capabilities(fmu: FmuFile) -> Columns:
    can = fmu.description.capabilities
    named = (
        ("variable step", can.can_vary_step),
        ("save and restore state", can.can_get_and_set_state),
        ("serialise state", can.can_serialise_state),
        ("directional derivatives", can.provides_directional_derivatives),
        ("inputs moving within a step", can.can_interpolate_inputs),
        (f"output derivatives{_up_to(can.max_output_derivative_order)}", can.max_output_derivative_order > 0),
        ("several instances", not can.can_be_instantiated_only_once),
        ("run on its own", not can.needs_execution_tool),
    )
    items = []
    for name, is_able in named:
        item = Text("✓ " if is_able else "✗ ", style="green" if is_able else "red")
        items.append(item.append(name, style="default" if is_able else "dim"))
    return Columns(items, padding=(0, 3))


def _up_to(order: int) -> str:
    return f" to order {order}" if order > 1 else ""


def _ports(fmu: FmuFile) -> Table:
    table = _table("port", "direction", "medium", "carries", "species")
    for port in fmu.description.ports.values():
        flags = (("T", port.has_temperature), ("totals", port.has_totals), ("demand", port.has_demand))
        arrow = "→ in" if port.direction.value == "inlet" else "out →"
        carried = ", ".join(name for name, has in flags if has) or "–"
        table.add_row(_name(port.name), arrow, port.medium.value, carried, _clean(", ".join(port.species)))
    return table


def _why_ports(fmu: FmuFile) -> Text:
    """Say by what the ports are known, and which terminals are none."""
    terminals = {one.name: one.no_port for one in fmu.facts.terminals}
    stated = [name for name in fmu.description.ports if terminals.get(name) == ""]
    named = [name for name in fmu.description.ports if name not in stated]
    lines = [f"{', '.join(stated)}: the FMU describes them as terminals."] if stated else []
    if named:
        example = flow_variable(fmu.description.ports[named[0]])
        lines.append(f"{', '.join(named)}: known by the names of their variables, as {example}.")
    lines += [f"Terminal '{name}' is none: {why}." for name, why in terminals.items() if why]
    return Text(_clean_lines(lines), style="dim")


def _species(fmu: FmuFile) -> Table:
    table = _table("species", "basis", "molar mass [kg/mol]", "C", "N", "charge", "where")
    for one in fmu.description.species.values():
        mass = "" if one.molar_mass is None else f"{one.molar_mass:g}"
        numbers = (f"{value:g}" if value else "" for value in (one.carbon, one.nitrogen, one.charge))
        table.add_row(_name(one.name), one.basis, mass, *numbers, one.location)
    return table


def _variables(variables: Sequence[Variable]) -> Table:
    """Lay out ``variables`` one per row; a column with nothing in it is left out."""
    rows = [
        (variable.name, _unit(variable), _type(variable), _start(variable), _range(variable), variable.description)
        for variable in variables
    ]
    headings = ("name", "unit", "type", "start", "range", "description")
    styles = ("cyan", "", "dim", "", "", "")
    kept = [number for number in range(len(headings)) if any(row[number] for row in rows)]
    table = _table(*(headings[number] for number in kept))
    for row in rows:
        table.add_row(*(Text(_clean(row[number]), style=styles[number]) for number in kept))
    return table


def _unit(variable: Variable) -> str:
    is_real = variable.type in (VariableType.FLOAT64, VariableType.FLOAT32)
    return variable.unit or ("–" if is_real else "")


def _type(variable: Variable) -> str:
    """Name the type where it is not the usual real number; a fixed parameter where a tunable one is usual."""
    kind = "" if variable.type is VariableType.FLOAT64 else variable.type.value
    if variable.shape:
        kind = f"{variable.type.value}[{','.join(str(n) for n in variable.shape)}]"
    is_tunable = variable.causality is Causality.PARAMETER and variable.variability is Variability.TUNABLE
    return " ".join(part for part in (kind, "tunable" if is_tunable else "") if part)


def _start(variable: Variable) -> str:
    value = variable.start
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, tuple):
        return " ".join(f"{one:g}" for one in value[:4]) + (" …" if len(value) > 4 else "")
    if isinstance(value, int):
        return {code: name for name, code in variable.enumeration}.get(value, str(value))
    return value if isinstance(value, str) else f"{value:.6g}"


def _range(variable: Variable) -> str:
    if variable.enumeration:
        return " | ".join(name for name, _ in variable.enumeration)
    low, high = variable.minimum, variable.maximum
    if low is None and high is None:
        return ""
    if high is None:
        return f"≥ {low:g}"
    return f"≤ {high:g}" if low is None else f"{low:g} … {high:g}"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    for column in columns:
        is_number = column in ("start", "C", "N", "charge") or column.startswith("molar mass")
        table.add_column(column, overflow="fold", justify="right" if is_number else "left")
    return table


def _name(name: str) -> Text:
    return Text(_clean(name), style="cyan")


def _time(seconds: float) -> str:
    return format_ticks(to_ticks(seconds)) if abs(seconds) < 1e9 else f"{seconds:g} s"


def _size(n_bytes: int) -> str:
    value = float(n_bytes)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} GB"


def _clean_lines(lines: Sequence[str]) -> str:
    return "\n".join(map(_clean, lines))


def _clean(text: str) -> str:
    """Take control characters out of text that came from a file."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
