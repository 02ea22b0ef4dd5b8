"""Small changes of texts, some of them faults and some harmless, for ``mutations.py``.

An operator finds the places of a text where it applies; each place is one change. Only code counts: text in quotes,
comments, units and documentation are left alone.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Edit = tuple[int, int, str]
"""Begin, end and what stands there instead."""
Operator = Callable[[str], Iterator[Edit]]

_NUMBER = r"(?<![\w.\"\]])(\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)(?![\w.\]])"
_NAME = r"(?:der\([\w.\[\]]+\)|[A-Za-z_][\w.]*(?:\[[\w.]+\])?)"


@dataclass(frozen=True)
class Mutant:
    """One change: in which part of the system, of which kind, where, of a whole text."""

    group: str
    kind: str
    case: str
    file: str
    place: str
    text: str
    is_harmless: bool = False

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return hashlib.sha256(f"{self.case} {self.file} {self.text}".encode()).hexdigest()[:16]


def masked(text: str, comment: str) -> str:
    """Return ``text`` with everything that is no code blanked, at the same places."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])  # noqa: E731
    text = re.sub(r'"""(?:.|\n)*?"""|annotation\((?:.|\n)*?\n\s*(?=end )|/\*(?:.|\n)*?\*/', blank, text)
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', blank, text)
    return re.sub(
        rf"(?:{comment})[^\n]*|^\s*(?:within|end|import|from|#include|def|class)\b[^\n]*", blank, text, flags=re.M
    )


def _replacing(pattern: str, change: Callable[[re.Match[str]], Sequence[str]], comment: str = "//") -> Operator:
    def find(text: str) -> Iterator[Edit]:
        for match in re.finditer(pattern, masked(text, comment)):
            for new in change(match):
                if new != match[0]:
                    yield match.start(), match.end(), new

    return find


def _scaled(match: re.Match[str]) -> list[str]:
    value = float(match[1])
    return [f"{value * factor:.12g}" for factor in (0.5, 0.9, 1.1, 2.0)] if value else ["1"]


_SPECIES = ("Glucose", "Glutamine", "Lactate", "Ammonia", "Asparagine", "AminoAcids", "Hcp", "Dna", "Mab", "CellsDead")
_FIELDS = ("glucose", "glutamine", "lactate", "ammonia", "asparagine", "amino_acids", "hcp", "dna", "mab", "debris")


def _next_of(names: Sequence[str]) -> Callable[[re.Match[str]], list[str]]:
    return lambda match: [names[(names.index(match[0]) + 1) % len(names)]]


MODEL_FAULTS: Mapping[str, Operator] = {
    "value": _replacing(_NUMBER + r"(?=[^\n]*;)", _scaled),
    "sign": _replacing(r"(?<=[\w)\]]) ([+-]) (?=[\w(])", lambda match: [" - " if match[1] == "+" else " + "]),
    "operator": _replacing(r"(?<=[\w)\]])\*(?=[\w(])", lambda match: ["/"]),
    "dropped": _replacing(rf" [+-] {_NAME}(?:\*{_NAME})*(?=[;)\s])", lambda match: [""]),
    "species": _replacing(r"\b(?:" + "|".join(_SPECIES) + r")(?=\.index)", _next_of(_SPECIES)),
    "field": _replacing(r"(?<=[(, ])(?:" + "|".join(_FIELDS) + r")(?==)", _next_of(_FIELDS)),
    "bound": _replacing(r"\bmax\(", lambda match: ["min("]),
}
CODE_FAULTS: Mapping[str, Operator] = {
    "sign": _replacing(r"(?<=[\w)\]]) ([+-]) (?=[\w(])", lambda m: [" - " if m[1] == "+" else " + "], "#|//"),
    "operator": _replacing(r"(?<=[\w)\]]) ([*/]) (?=[\w(])", lambda m: [" / " if m[1] == "*" else " * "], "#|//"),
    "relation": _replacing(r" (<=|>=|<|>|==) (?=[\w(\-])", lambda m: [_TURNED[m[1]]], "#|//"),
    "value": _replacing(r"(?<![\w.\[])([01])(?![\w.\]])(?=\s*[;,)])", lambda m: ["1" if m[1] == "0" else "0"], "#|//"),
    "updated": _replacing(r" ([+-])= ", lambda m: [" -= " if m[1] == "+" else " += ", " = "], "#|//"),
}
_TURNED = {"<": " > ", ">": " < ", "<=": " > ", ">=": " < ", "==": " != "}

_UNIT_SLIPS = {
    "h": ["min"], "d": ["h"], "min": ["s", "h"], "s": ["min"], "L/h": ["L/min", "mL/h"], "L": ["mL"], "bar": ["Pa"],
    "1/h": ["1/d"], "mol/L": ["mmol/L"], "mmol/L": ["mol/L"], "g/L": ["mg/L"], "1e6/mL": ["1e6/L"], "m2": ["cm2"],
}  # fmt: skip
_SAME_UNITS = {
    "h": (60, "min"), "d": (24, "h"), "min": (60, "s"), "L/h": (1e-3, "m3/h"), "L": (1e-3, "m3"), "bar": (1e5, "Pa"),
    "1/h": (24, "1/d"), "mmol/L": (1, "mol/m3"), "g/L": (1, "kg/m3"), "1e6/mL": (1e3, "1e6/L"), "m2": (1e4, "cm2"),
}  # fmt: skip
_QUANTITY = rf"{_NUMBER} (1e6/mL|[a-zA-Z]\w*(?:/\w+)?|1/\w+)(?=[,}}\]\s])"


def _slipped(match: re.Match[str]) -> list[str]:
    return [f"{match[1]} {unit}" for unit in _UNIT_SLIPS.get(match[2], [])]


def _rewritten(match: re.Match[str]) -> list[str]:
    if match[2] not in _SAME_UNITS:
        return []
    factor, unit = _SAME_UNITS[match[2]]
    return [f"{float(match[1]) * factor:.12g} {unit}"]


SCENARIO_FAULTS: Mapping[str, Operator] = {
    "value": _replacing(_QUANTITY, lambda m: [f"{float(m[1]) * f:.12g} {m[2]}" for f in (0.5, 0.9, 1.1, 2)], "#"),
    "unit": _replacing(_QUANTITY, _slipped, "#"),
    "comparison": _replacing(r" ([<>]) ", lambda m: [" > " if m[1] == "<" else " < "], "#"),
    "connection": _replacing(r"(?<=reactor\.)glucose(?= ->)", lambda m: ["glutamine", "lactate", "pH", "volume"], "#"),
    "stream": _replacing(r"(?<==> )(tank\.inlet|product|waste|filter\.feed)", lambda m: _REROUTED[m[1]], "#"),
    "algorithm": _replacing(r"(?<=algorithm: )gauss_seidel", lambda m: ["jacobi"], "#"),
}
_REROUTED = {
    "tank.inlet": ["waste"],
    "product": ["waste"],
    "waste": ["product"],
    "filter.feed": ["tank.inlet", "waste"],
}


def _swapped_lines(text: str) -> Iterator[Edit]:
    """Exchange two equations of one line each that stand below one another, outside loops."""
    code = masked(text, "//")
    start = code.find("\nequation")
    for match in re.finditer(r"(?<=\n)(  \S[^\n]*;)\n(  \S[^\n]*;)(?=\n)", code):
        first, second = match[1], match[2]
        if start >= 0 and match.start() > start and " = " in first and " = " in second:
            yield (
                match.start(),
                match.end(),
                f"{text[match.start(2) : match.end(2)]}\n{text[match.start(1) : match.end(1)]}",
            )


def _renamed(text: str) -> Iterator[Edit]:
    """Give a protected variable of a closed file another name, everywhere."""
    code = masked(text, "//")
    start, stop = code.find("\nprotected"), code.find("\nequation")
    if not 0 <= start < stop or "\npartial" in text:
        return
    for name in re.findall(r"\n  Units\.\w+ (\w{3,})\b", code[start:stop]):
        if f" {name}=" not in code and f"({name}=" not in code:
            yield 0, len(text), re.sub(rf"(?<![\w.\"]){name}(?![\w\"])", f"{name}_here", text)


def _literal(match: re.Match[str]) -> list[str]:
    value = float(match[1])
    return [f"{value:.17e}"] if "." in match[1] and value else []


_SUM = rf"(?<= = )({_NAME}) \+ ({_NAME})(?=;)"
_PRODUCT = rf"(?<= = )({_NAME})\*({_NAME})(?=;)"
_TRIPLE = rf"(?<=[=+-] )({_NAME})\*({_NAME})\*({_NAME})(?=;| [+-])"
MODEL_REWRITES: Mapping[str, Operator] = {
    "sum": _replacing(_SUM, lambda m: [f"{m[2]} + {m[1]}"]),
    "product": _replacing(_PRODUCT, lambda m: [f"{m[2]}*{m[1]}"]),
    "order": _swapped_lines,
    "name": _renamed,
    "literal": _replacing(_NUMBER + r"(?=[^\n]*;)", _literal),
    "split": _replacing(rf"(?<= = )({_NAME})\*({_NAME})(?=[;*])", lambda m: [f"(0.5*{m[1]} + 0.5*{m[1]})*{m[2]}"]),
    "zero": _replacing(r"(?<=der\(\w\)) = (?=\w)", lambda m: [" + 0 = "]),
    "rounding": _replacing(_TRIPLE, lambda m: [f"{m[1]}*({m[2]}*{m[3]})", f"{m[3]}*{m[1]}*{m[2]}"]),
    "thirds": _replacing(rf"(?<= = )({_NAME})(?=[;*])", lambda m: [f"(3*{m[1]}/3)"]),
}
_ALONE = r"(?:(?<=\()|(?<= = ))"
_CLOSED = r"(?=[;:)\n])"
CODE_REWRITES: Mapping[str, Operator] = {
    "sum": _replacing(rf"{_ALONE}(\w+) \+ (\w+){_CLOSED}", lambda m: [f"{m[2]} + {m[1]}"], "#|//"),
    "product": _replacing(rf"{_ALONE}(\w+) \* (\w+){_CLOSED}", lambda m: [f"{m[2]} * {m[1]}"], "#|//"),
    "difference": _replacing(rf"{_ALONE}(\w+) - (\w+){_CLOSED}", lambda m: [f"-({m[2]} - {m[1]})"], "#|//"),
    "relation": _replacing(
        rf"{_ALONE}(\w+) ([<>]=?) (\w+){_CLOSED}", lambda m: [f"{m[3]} {_SEEN_BACK[m[2]]} {m[1]}"], "#|//"
    ),
}
_SEEN_BACK = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _lines_turned(text: str) -> Iterator[Edit]:
    """Exchange two components, or two streams, that stand below one another."""
    for match in re.finditer(r"(?<=\n)((?:  \w+: \{source|  - )[^\n]*)\n((?:  \w+: \{source|  - )[^\n]*)(?=\n)", text):
        if match[1][:4].strip() == "-" or "source" in match[1]:
            yield match.start(), match.end(), f"{match[2]}\n{match[1]}"


SCENARIO_REWRITES: Mapping[str, Operator] = {
    "unit": _replacing(_QUANTITY, _rewritten, "#"),
    "order": _lines_turned,
    "remark": lambda text: iter([(0, 0, "# the same in other words\n")]),
}


def plant(
    group: str,
    case: str,
    files: Mapping[str, str],
    operators: Mapping[str, Operator],
    n: int,
    *,
    lines: Mapping[str, Sequence[int]],
    is_harmless: bool = False,
) -> list[Mutant]:
    """Choose ``n`` places of ``files``, every kind of change as often as there are places, the same ones every time.

    In files that ``lines`` knows, only those lines.
    """
    places: dict[str, list[Mutant]] = {}
    for file, text in sorted(files.items()):
        for kind, operator in operators.items():
            for begin, end, new in operator(text):
                line = text.count("\n", 0, begin) + 1
                if line not in lines.get(file, (line,)):
                    continue
                old = text[begin:end] if end - begin < 80 else "…"
                what = f"{file}:{line} {old!r} → {new[:60]!r}"
                whole = text[:begin] + new + text[end:]
                places.setdefault(kind, []).append(Mutant(group, kind, case, file, what, whole, is_harmless))
    chooser = random.Random(f"{group} {case} {is_harmless}")
    for found in places.values():
        chooser.shuffle(found)
    chosen: list[Mutant] = []
    while len(chosen) < n and any(places.values()):
        for found in places.values():
            if found and len(chosen) < n:
                chosen.append(found.pop())
    return chosen
