"""What the front end passes over in silence, found in the sources: an error with the rewrite, never a wrong FMU."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from cosim.build.frontend.classes import CLASS_WORDS, ELEMENT_WORDS, PREFIXES, ClassText, Statement
from cosim.build.frontend.diagnostics import source_line
from cosim.build.frontend.inherited import misread
from cosim.build.frontend.scopes import Scopes, components
from cosim.build.frontend.tokens import CLOSING, OPENING, Token, closing, split
from cosim.errors import CosimError, ModelError, SourceLocation


def passed_over(scopes: Scopes) -> list[CosimError]:
    """Return an error for each place in classes that the front end would compile wrongly."""
    used = scopes.classes
    found = {
        (item.file, token.line, text): _error(item.file, token, text)
        for item in used
        for token, text in _of_class(item)
    }
    for item, token, text in (
        *_spoilt_packages(used), *_functions_with_constants(used), *_ranges_of_tables(used),
        *_redeclarations_too_far_down(used), *misread(scopes),
    ):  # fmt: skip
        found[item.file, token.line, text] = _error(item.file, token, text)
    return [found[key] for key in sorted(found)]


def _error(file: Path, token: Token, text: str) -> ModelError:
    place = SourceLocation(file, token.line)
    return ModelError(f"{text} In the line: {source_line(place)}", location=place)


def _of_class(item: ClassText) -> Iterator[tuple[Token, str]]:
    for statement in item.statements:
        if statement.is_declaration:
            yield from _of_element(statement.tokens)
            for group in _modifications(statement.tokens):
                for argument in split(group, ","):
                    yield from _of_argument(argument, 1)


def _of_element(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """Look at an element of a class, or at one in a modification."""
    words = [token.text for token in tokens]
    first = _first(words, PREFIXES)
    if "constrainedby" in words and words[first] in CLASS_WORDS:
        at = words.index("constrainedby")
        if "(" in words[at:] and words[first:].count("constrainedby") == 1:
            yield (
                tokens[at],
                (
                    "Modifiers after the constrainedby of a class would be lost. Write them where the class is used: "
                    "'M m(a=4)' for a component of the class, or a class of its own in place of the modifiers."
                ),
            )
    if "redeclare" in words[:first] and words[first] == "constant":
        yield tokens[first], "The redeclared constant would be lost. Write 'extends Base(c=5)'."


def _modifications(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield what stands between the brackets of each modification of a declaration, an extends or a short class."""
    words = [token.text for token in tokens]
    first = _first(words, PREFIXES)
    if first < len(words) and words[first] == "import":
        return
    is_class = first < len(words) and words[first] in CLASS_WORDS
    position, has_value = first, False
    while position < len(tokens):
        word = words[position]
        if word == "if":
            return
        if word == "," or word == "constrainedby":
            has_value = False
        elif word in ("=", ":="):
            has_value = not is_class
        elif word in ("(", "[", "{"):
            stop = closing(tokens, position)
            if word == "(" and not has_value:
                yield tokens[position + 1 : stop]
            position = stop
        position += 1


def _of_argument(tokens: list[Token], depth: int) -> Iterator[tuple[Token, str]]:
    """Look at one argument of a modification, ``depth`` brackets deep."""
    words = [token.text for token in tokens]
    first = _first(words, ELEMENT_WORDS)
    if first == len(words):
        return
    if "redeclare" in words[:first] or words[first] in CLASS_WORDS or "replaceable" in words[:first]:
        yield from _of_redeclaration(tokens, first, depth)
    elif words[first] == "break" or words[first + 1 : first + 3] == ["=", "break"]:
        yield tokens[first], "A modification with break would be lost. Write the class out without what it removes."
    elif words[first + 1 : first + 2] == ["."]:
        name = ".".join(word for word in _before(words[first:], "=", "(") if word != ".")
        outer, _, rest = name.partition(".")
        yield tokens[first], f"The modifier {name} would be lost. Write '{outer}({rest}=…)', with brackets, not a dot."
    elif words[first + 1 : first + 2] == ["("]:
        for argument in split(tokens[first + 2 : closing(tokens, first + 1)], ","):
            yield from _of_argument(argument, depth + 1)


def _of_redeclaration(tokens: list[Token], first: int, depth: int) -> Iterator[tuple[Token, str]]:
    words = [token.text for token in tokens]
    yield from _of_element(tokens)
    if depth > 1:
        yield (
            tokens[0],
            (
                "A redeclaration inside the modifier of a component would be lost. Write a class that extends the "
                "class of the component with this redeclaration, and use it in a class that has the component."
            ),
        )
    elif words[first] in CLASS_WORDS:
        name = words[first + 1] if first + 1 < len(words) else "M"
        if words[first] != "function" and "(" in _before(words[first:], "constrainedby"):
            yield (
                tokens[first],
                (
                    f"The modifiers in this redeclaration of {name} would be lost. Write them into a class of its own, "
                    f"'{words[first]} New{name} extends Old(a=7); end New{name};', and '(redeclare {words[first]} "
                    f"{name} = New{name})'; or make it a replaceable component: '(redeclare Type m(a=7))'."
                ),
            )
    else:
        opening = next((i for i in range(first, len(words)) if words[i] == "("), len(words))
        if "=" in words[first:opening] or "=" in words[closing(tokens, opening) :]:
            yield tokens[first], "The value of this redeclared component would be lost. Give it without redeclare: k=5."
        for argument in split(tokens[opening + 1 : closing(tokens, opening)], ",") if opening < len(words) else ():
            yield from _of_argument(argument, depth + 1)


def _spoilt_packages(used: Sequence[ClassText]) -> Iterator[tuple[ClassText, Token, str]]:
    """Find packages whose constants another package modifies while they are used themselves."""
    packages = {item.name for item in used if item.word == "package"}
    named = {name for item in used for statement in item.statements for name in _qualifiers(statement)}
    for item in used:
        for statement in item.statements if item.word == "package" else ():
            words = [token.text for token in statement.tokens]
            if "(" in words and ("extends" in words or "=" in _before(words, "(")):
                at = words.index("(") - 1
                if words[at] in packages & named:
                    yield (
                        item,
                        statement.tokens[at],
                        (
                            f"The constants of {words[at]} are changed here, and {words[at]} itself is used elsewhere, "
                            f"which would get the changed constants too. Derive a second package from {words[at]} "
                            "without changes, and use that one elsewhere."
                        ),
                    )


def _redeclarations_too_far_down(used: Sequence[ClassText]) -> Iterator[tuple[ClassText, Token, str]]:
    """Find an extends that redeclares a component that its base class only inherits, and that keeps its own class."""
    own: dict[str, set[str]] = {item.name: set() for item in used if item.statements}
    for item in used:
        if item.parent is not None and item.parent.name in own:
            own[item.parent.name].add(item.name)
        for statement in item.statements:
            if statement.is_declaration and statement.tokens and statement.tokens[0].text != "extends":
                own[item.name].update(token.text for token in statement.tokens)
    for item in used:
        for statement in item.statements:
            tokens = statement.tokens
            words = [token.text for token in tokens]
            if not statement.is_declaration or words[:1] != ["extends"] or "(" not in words:
                continue
            opening = words.index("(")
            base = words[opening - 1]
            for argument in split(tokens[opening + 1 : closing(tokens, opening)], ","):
                name = _redeclared(argument)
                if name and base in own and name not in own[base]:
                    yield (
                        item,
                        argument[0],
                        (
                            f"The redeclaration of {name} would be lost, since {base} does not declare {name} but "
                            f"inherits it. Extend the class that declares {name}, or declare it in {base}."
                        ),
                    )


def _redeclared(argument: list[Token]) -> str:
    """Return the component that an argument of a modification redeclares, '' for none."""
    words = [token.text for token in argument]
    first = _first(words, ELEMENT_WORDS)
    if "redeclare" not in words[:first] or words[first] in CLASS_WORDS:
        return ""
    while first + 2 < len(words) and words[first + 1] == ".":
        first += 2
    return words[first + 1] if first + 1 < len(words) else ""


def _qualifiers(statement: Statement) -> Iterator[str]:
    """Yield the names before a dot, but for those of the class that an extends names."""
    words = [token.text for token in statement.tokens]
    for position in range(len(words) - 1):
        if words[position + 1] == "." and (position == 0 or words[0] != "extends"):
            yield words[position]


def _functions_with_constants(used: Sequence[ClassText]) -> Iterator[tuple[ClassText, Token, str]]:
    """Find functions inside a model that use a constant of the model, which a modification may change."""
    for item in used:
        owner = item.parent
        if item.word != "function" or owner is None or owner.word == "package":
            continue
        shared = _constants(owner) & item.names()
        token = next((t for s in item.statements for t in s.tokens if t.text in shared), None)
        if token is not None:
            yield (
                item,
                token,
                (
                    f"The function {item.name} uses the constant {token.text} of {owner.name}, and would use one "
                    f"value for every {owner.name}. Make it an input of the function, or declare 'final constant'."
                ),
            )


def _ranges_of_tables(used: Sequence[ClassText]) -> Iterator[tuple[ClassText, Token, str]]:
    """Find loops of equations whose range reads an element of an array, which the front end takes for 0."""
    for item in used:
        for statement in item.statements:
            if statement.is_declaration or item.word == "function":
                continue
            words, depth = [token.text for token in statement.tokens], 0
            for at, word in enumerate(words):
                depth += (word in OPENING) - (word in CLOSING)
                values = _before(words[at + 1 :], "loop") if word == "in" and depth == 0 else ()
                if any(second == "[" and first.isidentifier() for first, second in pairwise(values)):
                    yield (
                        item,
                        statement.tokens[at],
                        (
                            "The range of this loop reads an element of an array, which would be taken for 0. Declare "
                            "a scalar parameter for each value, or loop over the full range and use if in the equation."
                        ),
                    )


def _constants(item: ClassText) -> set[str]:
    parts = components(item)
    return {part.name for part in parts if "constant" in part.prefixes and "final" not in part.prefixes}


def _first(words: Sequence[str], passed: frozenset[str] | set[str]) -> int:
    return next((index for index, word in enumerate(words) if word not in passed), len(words))


def _before(words: Sequence[str], *stops: str) -> Sequence[str]:
    return words[: next((index for index, word in enumerate(words) if word in stops), len(words))]
