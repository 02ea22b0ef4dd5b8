"""The only notations of a scenario that are more than a name or a quantity: arrows, comparisons, expectations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast, get_args

from cosim.errors import ScenarioError, SourceLocation
from cosim.scenario.model import Condition, ExpectationEntry, ExpectationFunction, MeasureEntry, MeasureFunction
from cosim.system.experiment import Operator
from cosim.system.stream import Exit, PortName
from cosim.system.variable import VariableName

_COMPARISON: Final = re.compile(r"\s*(?P<left>[^<>=!]*?)\s*(?P<operator><=|>=|<|>|==|!=|=)\s*(?P<right>[^<>=!]*?)\s*")
_CALL: Final = re.compile(r"(?P<function>[A-Za-z_]\w*)\s*\((?P<arguments>[^()]*)\)")
_N_ARGUMENTS: Final = {
    "final": (1, 1),
    "min": (1, 2),
    "max": (1, 2),
    "mean": (1, 2),
    "integral": (1, 2),
    "at": (2, 2),
    "yield": (3, 3),
    "time": (1, 1),
    "start": (1, 1),
    "end": (1, 1),
    "duration": (1, 1),
    "increase": (1, 3),
    "repetitions": (1, 1),
    "cost": (1, 1),
}
_USAGE: Final = {
    "final": "final(reactor.titre)",
    "min": "min(reactor.glucose) or min(reactor.glucose, production)",
    "max": "max(reactor.lactate) or max(reactor.lactate, production)",
    "mean": "mean(reactor.T) or mean(reactor.T, production)",
    "integral": "integral(feeder.outlet.V_flow) or integral(feeder.outlet.V_flow, production)",
    "at": "at(reactor.titre, 7 d)",
    "yield": "yield(mab, reactor.harvest, pool.inlet)",
    "time": "time(reactor.glucose < 1 mmol/L)",
    "start": "start(harvest)",
    "end": "end(harvest)",
    "duration": "duration(harvest)",
    "increase": "increase(feeder.outlet.V_total) or increase(buffers.outlet.V_total, buffers.select = wash)",
    "repetitions": "repetitions(capture)",
    "cost": "cost(per_gram)",
}


def parse_name(text: str, origin: SourceLocation | None) -> VariableName:
    """Read ``component.variable``."""
    try:
        return VariableName.parse(text.strip())
    except ValueError as error:
        raise ScenarioError(f"'{text}' is not of the form component.variable.", location=origin) from error


def parse_port(text: str, origin: SourceLocation | None) -> PortName:
    """Read ``component.port``."""
    try:
        name = VariableName.parse(text.strip())
    except ValueError as error:
        raise ScenarioError(f"'{text}' is not of the form component.port.", location=origin) from error
    return PortName(name.component, name.variable)


def parse_stream(text: str, origin: SourceLocation | None) -> tuple[PortName, PortName | Exit]:
    """Read ``a.outlet => b.inlet``, ``a.outlet => waste`` or ``a.outlet => product``."""
    source, target = _ends(text, "=>", "stream", origin)
    return parse_port(source, origin), Exit(target) if target in tuple(Exit) else parse_port(target, origin)


def parse_connection(text: str, origin: SourceLocation | None) -> tuple[VariableName, VariableName]:
    """Read ``a.output -> b.input``."""
    source, target = _ends(text, "->", "connection", origin)
    return parse_name(source, origin), parse_name(target, origin)


def _ends(text: str, arrow: str, what: str, origin: SourceLocation | None) -> tuple[str, str]:
    other = {"=>": "->", "->": "=>"}[arrow]
    if other in text and arrow not in text:
        where = {"=>": "connections", "->": "streams"}[arrow]
        raise ScenarioError(
            f"'{text}' has the arrow of {where} ({other}); a {what} is written with '{arrow}'.", location=origin
        )
    parts = [part.strip() for part in text.split(arrow)]
    if len(parts) != 2 or not all(parts):
        example = {"=>": "a.outlet => b.inlet", "->": "a.output -> b.input"}[arrow]
        raise ScenarioError(f"'{text}' is not a {what}. Write it as '{example}'.", location=origin)
    return parts[0], parts[1]


def _split_comparison(text: str, origin: SourceLocation | None, example: str) -> tuple[str, Operator, str]:
    match = _COMPARISON.fullmatch(text)
    if match is None or not match["left"] or not match["right"]:
        raise ScenarioError(f"'{text}' is not one comparison. Write it as '{example}'.", location=origin)
    if match["operator"] not in get_args(Operator):
        raise ScenarioError(f"'{text}' compares with '{match['operator']}'. Use <, <=, > or >=.", location=origin)
    return match["left"], cast(Operator, match["operator"]), match["right"]


def is_number_like(text: str) -> bool:
    """Tell whether ``text`` starts as a quantity does."""
    return re.match(r"[+-]?\.?\d", text) is not None


def parse_condition(text: str, origin: SourceLocation | None) -> Condition:
    """Read ``reactor.volume < 20 L`` or ``a.x > b.y``."""
    left, operator, right = _split_comparison(text, origin, "reactor.volume < 20 L")
    if "(" in left or "(" in right:
        raise ScenarioError(
            f"'{text}' has a function; a condition compares a variable with a quantity.", location=origin
        )
    if is_number_like(left):
        raise ScenarioError(f"'{text}' begins with a number. Write the variable first.", location=origin)
    name = parse_name(left, origin)
    if not is_number_like(right) and "." not in right:
        raise ScenarioError(f"'{right}' in '{text}' is neither a quantity nor a component.variable.", location=origin)
    return Condition(
        name, operator, right if is_number_like(right) else parse_name(right, origin), text.strip(), origin
    )


def parse_expectation(text: str, origin: SourceLocation | None) -> ExpectationEntry:
    """Read ``final(reactor.titre) >= 3 g/L`` and the other functions of ``expect``."""
    left, operator, right = _split_comparison(text, origin, "final(reactor.titre) >= 3 g/L")
    hint = f" Say which value is meant: final({left}), min, max, mean, integral or at." if "(" not in left else ""
    measure = _parse_call(left, get_args(ExpectationFunction), "in expectations", hint, origin)
    if not is_number_like(right):
        raise ScenarioError(f"'{right}' in '{text}' is not a quantity such as '3 g/L'.", location=origin)
    return ExpectationEntry(measure, operator, right, text.strip())


def parse_measure(text: str, origin: SourceLocation | None) -> MeasureEntry:
    """Read ``final(reactor.titre)``, ``time(reactor.glucose < 1 mmol/L)`` and the others: one number of a run."""
    hint = " Write final(…), min, max, mean, integral, at, yield, time, start, end, duration or increase."
    return _parse_call(text.strip(), tuple(_N_ARGUMENTS), "of a run", hint, origin)


def _parse_call(
    text: str, functions: Sequence[str], where: str, hint: str, origin: SourceLocation | None
) -> MeasureEntry:
    call = _CALL.fullmatch(text)
    if call is None:
        raise ScenarioError(f"'{text}' is not a function of a result.{hint}", location=origin)
    function = call["function"]
    if function not in functions:
        raise ScenarioError(
            f"There is no function '{function}' {where}; there are {', '.join(functions)}.", location=origin
        )
    arguments = tuple(argument.strip() for argument in call["arguments"].split(","))
    fewest, most = _N_ARGUMENTS[function]
    if not fewest <= len(arguments) <= most or not all(arguments):
        raise ScenarioError(
            f"'{text}' does not have the arguments of '{function}'. Write {_USAGE[function]}.", location=origin
        )
    return MeasureEntry(cast(MeasureFunction, function), arguments, text, origin)
