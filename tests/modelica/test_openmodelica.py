"""Rules of the language that OpenModelica enforces and the embedded front end lets pass, held on the sources.

docs/reference/openmodelica.md tells of each, and of those that cannot be seen without a compiler.
"""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from modelica.sources import Element, Modifier, Source, all_elements, declaring, library, resolve, words

from cosim.build.frontend.tokens import closing, split

LIBRARY = library()
KEYWORDS = frozenset(
    "algorithm and annotation assert block break class connect connector constant constrainedby der discrete each else "
    "elseif elsewhen encapsulated end enumeration equation expandable extends external false final flow for function "
    "if import impure in initial inner input loop model not operator or outer output package parameter partial "
    "protected public pure record redeclare replaceable return stream then true type when while within time".split()
)
BASES = {
    "package": {"package"},
    "function": {"function"},
    "type": {"type"},
    "record": {"record"},
    "connector": {"connector", "record", "type"},
    "block": {"block", "record"},
    "model": {"model", "block", "record"},
}
"""Kinds of class that each kind may extend: Modelica 3.6, section 7.1.3."""
ATTRIBUTES = frozenset("start fixed nominal min max unit displayUnit quantity stateSelect unbounded".split())
ARRAY_VALUES = re.compile(
    r"^\{|^(?:ones|zeros|fill|uniform|Chromatography \. uniform|pointProfile|zoneAmounts|stackedExchange)\b"
    r"|Species \. (?:c_nominal|vector)|c_start|volume_share"
)
"""What is an array, among the values of modifiers of arrays in the library."""


def models() -> list[Source]:
    return [source for source in LIBRARY.values() if source.text.word in ("model", "block")]


def test_the_sources_are_read() -> None:
    """The rules below hold of something: known classes have their known elements."""
    column = LIBRARY["BioProcess.Chromatography.PartialColumn"]

    assert column.is_partial
    assert {"c_start", "V_flow", "m"} <= {element.name for element in column.elements}
    assert [element.is_protected for element in column.elements if element.name in ("c_start", "m")] == [False, True]
    assert resolve("Units.Volume", "BioProcess.Fmus.HoldTank") == "BioProcess.Units.Volume"
    assert "volume_start" in all_elements("BioProcess.Fmus.HoldTank")


def test_no_name_is_declared_twice() -> None:
    inside: dict[str, list[str]] = {name: [e.name for e in source.elements] for name, source in LIBRARY.items()}
    text = {source.text.file: source.text.file.read_text(encoding="utf-8") for source in LIBRARY.values()}
    short = {file: re.findall(r"^  type (\w+) =", content, re.MULTILINE) for file, content in text.items()}

    twice = {name: [n for n, count in Counter(names).items() if count > 1] for name, names in inside.items()}
    twice |= {str(file): [n for n, count in Counter(names).items() if count > 1] for file, names in short.items()}

    assert {name: names for name, names in twice.items() if names} == {}


def test_no_keyword_is_a_name() -> None:
    names = {source.text.name for source in LIBRARY.values()} | {
        element.name for source in LIBRARY.values() for element in source.elements
    }

    assert names & KEYWORDS == set()


def test_a_class_extends_what_its_kind_may() -> None:
    wrong = [
        f"{source.text.word} {name} extends {LIBRARY[base].text.word} {base}"
        for name, source in LIBRARY.items()
        for given, _ in source.bases
        if (base := resolve(given, name)) in LIBRARY and LIBRARY[base].text.word not in BASES[source.text.word]
    ]

    assert wrong == [], "Make what a block extends a block too."


def test_no_component_is_of_a_partial_class() -> None:
    wrong = [
        f"{name}.{element.name}"
        for name, source in LIBRARY.items()
        for element in source.elements
        if (found := LIBRARY.get(resolve(element.type_name, name))) and found.is_partial
    ]

    assert wrong == []


def component_modifiers() -> Iterator[tuple[str, Element, str, Element | None]]:
    """Yield class, component, what is modified in it, and its declaration if it has one."""
    for name, source in LIBRARY.items():
        for element in source.elements:
            for modifier in element.modifiers:
                yield name, element, modifier.name, modified(resolve(element.type_name, name), modifier, name)


def modified(scope: str, modifier: Modifier, outside: str) -> Element | None:
    """Return the declaration that a modifier reaches, or the first on the way that may not be modified."""
    target, path, retyped = None, "", dict(modifier.retyped)
    for part in modifier.name.split("."):
        target = all_elements(scope).get(part)
        if target is None or target.is_protected or "final" in target.prefixes:
            return target
        path = f"{path}.{part}".lstrip(".")
        scope = (
            resolve(retyped[path], outside) if path in retyped else resolve(target.type_name, declaring(scope, part))
        )
    return target


def test_a_component_is_modified_in_what_it_shows_and_has() -> None:
    """Neither protected nor final elements may be modified from outside, and none that are not there."""
    wrong = []
    for name, element, modified, target in component_modifiers():
        last = modified.rpartition(".")[2]
        if target is not None and target.is_protected:
            wrong.append(f"{name}.{element.name}: {modified} is protected")
        elif target is not None and "final" in target.prefixes:
            wrong.append(f"{name}.{element.name}: {modified} is final")
        elif target is None and last not in ATTRIBUTES and resolve(element.type_name, name) in LIBRARY:
            wrong.append(f"{name}.{element.name}: {modified} is not declared")

    assert wrong == []


def test_what_a_class_extends_is_modified_in_what_it_has() -> None:
    wrong = []
    for name, source in LIBRARY.items():
        for base, modifiers in source.bases:
            for modifier in modifiers:
                target = modified(resolve(base, name), modifier, name) if resolve(base, name) in LIBRARY else None
                if (
                    target is None
                    and resolve(base, name) in LIBRARY
                    and modifier.name.rpartition(".")[2] not in ATTRIBUTES
                ):
                    wrong.append(f"{name} extends {base}: {modifier.name} is not declared")
                elif target is not None and "final" in target.prefixes:
                    wrong.append(f"{name} extends {base}: {modifier.name} is final")

    assert wrong == []


def test_a_parameter_is_bound_to_what_does_not_change() -> None:
    """Neither parameters nor start, min, max, nominal and fixed may depend on variables."""
    wrong = []
    for name, source in LIBRARY.items():
        elements = all_elements(name)
        bound = [(e.name, e.binding) for e in source.elements if e.is_parameter]
        for element in source.elements:
            for modifier in element.modifiers:
                target = modified(resolve(element.type_name, name), modifier, name)
                if target.is_parameter if target else modifier.name.rpartition(".")[2] in ATTRIBUTES:
                    bound.append((f"{element.name}.{modifier.name}", modifier.value))
        for base, modifiers in source.bases:
            for modifier in modifiers:
                target = modified(resolve(base, name), modifier, name)
                if target is not None and target.is_parameter:
                    bound.append((f"{base}.{modifier.name}", modifier.value))
        for what, value in bound:
            used = re.findall(r'(?<![\w.] )(?<!")\b([A-Za-z_]\w*)\b(?! [=.(])', re.sub(r'"[^"]*"', "", value))
            varying = [n for n in used if n in elements and not elements[n].is_parameter]
            wrong += [f"{name}.{what} = {value}: {', '.join(varying)}"] * bool(varying)

    assert wrong == [], "Make it an input, or what it depends on a parameter."


def test_nothing_protected_is_read_from_outside() -> None:
    wrong = []
    for name, source in LIBRARY.items():
        elements = all_elements(name)
        for tokens in source.equations:
            for path in re.findall(r"(?<![\w.] )\b\w+(?: \[[^\]]*\])?(?: \. \w+)+", words(tokens)):
                first, second = re.sub(r" \[[^\]]*\]", "", path).split(" . ")[:2]
                if first in elements:
                    inner = all_elements(resolve(elements[first].type_name, name)).get(second)
                    if inner is not None and inner.is_protected:
                        wrong.append(f"{name}: {first}.{second}")

    assert wrong == []


def test_modifiers_of_arrays_are_arrays_or_each() -> None:
    wrong = [
        f"{name}.{element.name}: {modifier.name} = {modifier.value}"
        for name, source in LIBRARY.items()
        for element in source.elements
        for modifier in element.modifiers
        if (element.is_array or _is_vector(resolve(element.type_name, name)))
        and not modifier.is_each
        and not ARRAY_VALUES.search(modifier.value)
    ]

    assert wrong == [], "Write each before it."


def _is_vector(type_name: str) -> bool:
    return type_name.startswith("BioProcess.Species.") and type_name.rpartition(".")[2] in (
        "Amounts", "Concentrations", "Flows", "Rates",
    )  # fmt: skip


def test_every_state_has_a_start_that_is_fixed_or_an_initial_equation() -> None:
    wrong = []
    for source in models():
        text = source.text.file.read_text(encoding="utf-8")
        elements = all_elements(source.name)
        initial = text.partition("initial equation")[2].partition("\nequation")[0]
        for state in {match for tokens in source.equations for match in re.findall(r"der \( (\w+)", words(tokens))}:
            given = {modifier.name: modifier.value for modifier in elements[state].modifiers}
            if given.get("fixed") != "true" and not re.search(rf"\b{state}\b", initial):
                wrong.append(f"{source.name}.{state}")

    assert wrong == [], "Give the state start and fixed=true."


def test_no_real_is_compared_for_equality() -> None:
    """Of what stands beside == or <>, something is an Integer, a Boolean or an enumeration."""
    wrong = []
    for source in models():
        elements = all_elements(source.name)
        discrete = {e.name for e in elements.values() if e.type_name in ("Integer", "Boolean", "String")}
        for tokens in source.equations:
            text = words(tokens)
            discrete |= set(re.findall(r"\bfor (\w+) in\b", text))
        for tokens in source.equations:
            for left, _, right in re.findall(r"([\w. ]+?) (==|<>) ([\w. ]+)", words(tokens)):
                operands = (left.split()[-1], right.split()[0])
                if not discrete & set(operands) and "Types" not in right.split():
                    wrong.append(f"{source.name}: {words(tokens)[:80]}")

    assert wrong == []


def test_branches_of_when_assign_the_same() -> None:
    wrong = []
    for source in models():
        text = source.text.file.read_text(encoding="utf-8")
        for body in re.findall(r"^  when .*?^  end when;", text, re.MULTILINE | re.DOTALL):
            branches = [
                set(re.findall(r"^    (\w+) =", part, re.MULTILINE))
                for part in re.split(r"^  elsewhen", body, flags=re.M)
            ]
            if any(branch != branches[0] for branch in branches):
                wrong.append(source.name)

    assert wrong == []


def test_records_given_to_functions_have_the_elements_of_the_input() -> None:
    """A record with more elements than the input is another type."""
    wrong = []
    records = {
        name: [e.type_name for e in source.elements if "input" in e.prefixes]
        for name, source in LIBRARY.items()
        if source.text.word == "function"
    }
    for source in models():
        elements = all_elements(source.name)
        for call, arguments in calls(source):
            function = resolve(call, source.name)
            for expected, argument in zip(records.get(function, ()), arguments, strict=False):
                wanted = resolve(expected, function)
                if argument in elements and wanted in LIBRARY and LIBRARY[wanted].text.word == "record":
                    given = resolve(elements[argument].type_name, declaring(source.name, argument))
                    if set(all_elements(given)) != set(all_elements(wanted)):
                        wrong.append(f"{source.name}: {argument} is no {expected} of {function}")

    assert wrong == []


def calls(source: Source) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the arguments of what is called, or looks like it."""
    for tokens in source.equations:
        for at, token in enumerate(tokens):
            if token.text == "(" and at and tokens[at - 1].kind == "name":
                name = re.search(r"(?:\w+ \. )*\w+$", words(tokens[:at]))
                assert name is not None
                inside = list(tokens[at + 1 : closing(list(tokens), at)])
                yield name[0].replace(" ", ""), [words(part) for part in split(inside, ",")]


def test_nothing_is_inner_outer_or_imported() -> None:
    used = {
        f"{name}: {word}"
        for name, source in LIBRARY.items()
        for statement in source.text.statements
        for word in {token.text for token in statement.tokens} & {"inner", "outer", "import", "cardinality", "delay"}
    }

    assert used == set()


@pytest.mark.parametrize("source", models(), ids=lambda source: source.name.removeprefix("BioProcess."))
def test_no_element_before_the_first_is_named(source: Source) -> None:
    """``if i == 1 then a else c[i - 1]``: OpenModelica checks the subscript of the branch that is not taken."""
    for tokens in source.equations:
        text = words(tokens)
        for index in re.findall(r"\bif (?:noEvent \( )?(\w+) == 1\b", text):
            assert f"[ {index} - 1" not in text
