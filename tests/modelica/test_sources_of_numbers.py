"""Every number of the library says where it is from, and every quantity has a unit."""

import re
from collections.abc import Iterator

from modelica.sources import Element, Source, library

SOURCE = re.compile(
    r"doi:|calibrated|\b(?:1[789]|20)\d{2}\b|flagship|[Cc]ustomary|numerical|Handbook|ISO \d|IUPAC|SI\b"
)
PLAIN = re.compile(r"^\{?[-+\d.eE, ]+\}?$")
"""A number, or an array of numbers."""
UNSOURCED = (0.0, 1.0, 2.0, 3.0, 10.0)
"""Numbers that count or that mathematics gives, not nature."""
MATHEMATICS = re.compile(
    r"as good as none|circle|Circle|[Ll]ogarithm of 10|[Nn]umber of|[Ii]ndex|Gas constant|gravity|normal curve"
)


def sources() -> Iterator[Source]:
    """Yield the classes that hold numbers of nature: not examples, tests and what is written by a script."""
    for name, source in library().items():
        if name.split(".")[1:2] not in (["Examples"], ["Tests"], ["Icons"], ["UsersGuide"], ["Species"]):
            yield source


def value_and_description(element: Element) -> tuple[str, str]:
    """Split what stands behind the name of a component."""
    value, _, description = element.binding.partition('"')
    return value.replace(" ", ""), description.rstrip('" ')


def numbers(value: str) -> list[float]:
    """Return the numbers of a value, none if it is an expression."""
    if not value or not PLAIN.match(value):
        return []
    return [float(part) for part in value.strip("{}").split(",") if part]


def test_every_number_says_where_it_is_from() -> None:
    """In its own description; of a record or a table, in one place for all; a guess is marked as calibrated."""
    silent = []
    for source in sources():
        text = source.text.file.read_text(encoding="utf-8")
        is_table = source.name.startswith("BioProcess.Data.") or source.text.word == "package"
        page = text.partition("Documentation")[2] if is_table else ""
        for element in source.elements:
            value, description = value_and_description(element)
            given = [number for number in numbers(value) if number not in UNSOURCED]
            is_named = SOURCE.search(description + page) or MATHEMATICS.search(description)
            if given and element.is_parameter and not is_named:
                silent.append(f"{source.name}.{element.name} = {value[:40]}")

    assert silent == [], "Say where it is from: a citation, customary, or calibrated for a guess."


def test_every_number_that_an_extends_brings_says_where_it_is_from() -> None:
    silent = [
        f"{source.name}: {modifier.name} = {modifier.value}"
        for source in sources()
        for _, modifiers in source.bases
        for modifier in modifiers
        if [number for number in numbers(modifier.value.replace(" ", "")) if number not in UNSOURCED]
        and not SOURCE.search(source.text.file.read_text(encoding="utf-8"))
        and modifier.name.rpartition(".")[2] not in ("start", "min", "max", "nominal")
    ]

    assert silent == [], "Say in the documentation of the class where its numbers are from."


DIMENSIONLESS = re.compile(
    r"\[.+\]|\bin the unit\b|^pKa|^pi\b|\bpH\b|[Rr]atio|[Ll]ogarithm|[Ss]hare|[Ee]xponent|numerical|over D/R2|circle"
    r"|normal curve"
)
"""What tells of a plain Real that it has no unit, or which."""


def test_every_quantity_has_a_unit() -> None:
    """A plain Real has the attribute unit, or its name or description tells."""
    silent = [
        f"{source.name}.{element.name}"
        for source in sources()
        for element in source.elements
        if element.type_name == "Real"
        and element.is_parameter
        and [number for number in numbers(value_and_description(element)[0]) if number not in UNSOURCED]
        and not any(modifier.name == "unit" for modifier in element.modifiers)
        and not DIMENSIONLESS.search(f"{element.name} {value_and_description(element)[1]}")
    ]

    assert silent == []


def test_records_declare_every_parameter_with_a_type_that_has_a_unit() -> None:
    plain = [
        f"{source.name}.{element.name}"
        for source in sources()
        if source.name.startswith("BioProcess.Data.")
        for element in source.elements
        if element.type_name in ("Real", "Integer")
    ]

    assert plain == []
