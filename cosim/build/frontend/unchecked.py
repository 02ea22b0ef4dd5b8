"""What is compiled, but not checked: each ``assert`` inside a function."""

from cosim.build.frontend.classes import classes_used_by
from cosim.build.frontend.source import ModelicaSource
from cosim.errors import SourceLocation


def unchecked_assertions(source: ModelicaSource, class_name: str) -> list[SourceLocation]:
    """Return where functions that ``class_name`` may use have an ``assert``."""
    functions = [item for item in classes_used_by(class_name, source.files_of(class_name)) if item.word == "function"]
    tokens = [(item.file, token) for item in functions for statement in item.statements for token in statement.tokens]
    return [SourceLocation(file, token.line) for file, token in tokens if token.text == "assert"]
