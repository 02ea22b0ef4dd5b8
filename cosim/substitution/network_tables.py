"""The programs, weights and variables of a surrogate as constant tables in C, for ``network.c``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cosim.surrogate.package import Package
from cosim.surrogate.program.program import Program, Region
from cosim.surrogate.program.tracing import EXCESS, INPUTS, OUTPUTS, PARAMETERS, SIZE, STATE
from cosim.system.variable import Variable

_PER_LINE: Final = 12


def shown_variables(package: Package) -> tuple[Variable, ...]:
    """Return the variables of the FMU, in the order of their value references: parameters, inputs, outputs.

    Parameters that did not vary in the training have one value and are left out.
    """
    names = (*package.parameter_names, *package.input_names, *package.output_names)
    return tuple(package.interface.variables[name] for name in names)


def start_of(variable: Variable) -> float:
    """Return the start value as a number."""
    return float(variable.start) if isinstance(variable.start, bool | int | float) else 0.0


def write_tables(package: Package, token: str) -> str:
    """Return ``tables.h``."""
    programs = package.programs
    counts = {
        "N_STATE": len(package.model.state_names),
        "N_INPUTS": len(package.input_names),
        "N_PARAMETERS": len(package.parameter_names),
        "N_OUTPUTS": len(package.output_names),
        "CAN_DIVIDE": int(package.model.can_divide_steps),
    }
    fixed = package.fixed_inputs
    n_given = counts["N_INPUTS"] + counts["N_PARAMETERS"]
    starts = [start_of(variable) for variable in shown_variables(package)[:n_given]]
    inputs = [f"{{{json.dumps(name)}, {_number(fixed.get(name, math.nan))}}}" for name in package.input_names]
    named = {"BEGIN": programs.begin, "TELL": programs.outputs, "ADVANCE": programs.step}
    return "\n".join([
        f'#define GUID "{token}"',
        f"#define STEP {_number(package.step)}",
        *(f"#define {name} {count}" for name, count in counts.items()),
        _table("double", "starts", map(_number, [*starts, 0.0])),
        _table("Input", "network_inputs", [*inputs, "{0}"]),
        *(_program_tables(name.lower(), program) for name, program in named.items()),
        f"enum {{ {', '.join(named)}, N_PROGRAMS }};",
        _table("Program", "programs", (_program(name.lower(), program) for name, program in named.items())),
        "",
    ])  # fmt: skip


def _program_tables(name: str, program: Program) -> str:
    code, places = program.code()
    return "\n".join([
        _table("int32_t", f"{name}_code", map(str, [*code.ravel().tolist(), 0])),
        _table("int32_t", f"{name}_places", map(str, [*places.tolist(), 0])),
        _table("double", f"{name}_constants", map(_number, [*program.values.tolist(), 0.0])),
    ])  # fmt: skip


def _program(name: str, program: Program) -> str:
    constants = program.constants
    numbers = (len(program.instructions), program.size, constants.first, constants.n)
    inputs = _firsts(program.inputs, (STATE, INPUTS, PARAMETERS, SIZE))
    outputs = _firsts(program.outputs, (STATE, OUTPUTS, EXCESS))
    return (
        f"{{{name}_code, {name}_places, {', '.join(map(str, numbers))}, {name}_constants, {{{inputs}}}, {{{outputs}}}}}"
    )


def _firsts(regions: Mapping[str, Region], names: Sequence[str]) -> str:
    return ", ".join(str(regions[name].first) if name in regions else "-1" for name in names)


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else "NAN"


def _table(kind: str, name: str, entries: Iterable[str]) -> str:
    items = list(entries)
    lines = [", ".join(items[i : i + _PER_LINE]) for i in range(0, len(items), _PER_LINE)]
    return f"static const {kind} {name}[] = {{\n" + ",\n".join(lines) + "\n};"
