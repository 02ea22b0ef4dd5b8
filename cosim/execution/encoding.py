"""Values of an execution as JSON and arrays, and back, exactly: what a checkpoint is made of.

Numbers, text, bytes, arrays, tuples, lists, sets, mappings and frozen dataclasses of these can be encoded; what belongs
to the execution itself, such as a participant, is written as a reference and becomes that of the execution that reads
it. Nothing is ever run that a file names: the only classes made are dataclasses that are imported already.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from cosim.errors import CheckpointError

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
AnyArray = NDArray[np.generic]

_KINDS = "biuf"
"""Of arrays: Boolean, whole and real numbers."""


class Encoder:
    """Writes values; ``arrays`` are those that the JSON refers to by their place."""

    def __init__(self, references: Mapping[str, object]) -> None:
        self._keys = {id(value): key for key, value in references.items()}
        self.arrays: list[AnyArray] = []

    def encode(self, value: object) -> Json:
        """Return ``value`` as JSON.

        Raises
        ------
        CheckpointError
            When it is of a kind that cannot be written.
        """
        if id(value) in self._keys:
            return {"reference": self._keys[id(value)]}
        match value:
            case Enum():
                return {"item": [*_name(type(value)), value.name]}
            case np.generic() | np.ndarray():
                return self._array(np.asarray(value), is_scalar=isinstance(value, np.generic))
            case None | bool() | int() | str():
                return value
            case float():
                return value if math.isfinite(value) else {"float": str(value)}
            case bytes():
                return {"bytes": base64.b64encode(value).decode("ascii")}
            case list():
                return self._all(value)
            case tuple():
                return {"tuple": self._all(value)}
            case set() | frozenset():
                return {type(value).__name__: self._all(sorted(value, key=repr))}
            case Mapping():
                return {"mapping": [self._all(item) for item in value.items()]}
        return self._dataclass(value)

    def _all(self, values: Sequence[object]) -> list[Json]:
        return [self.encode(value) for value in values]

    def _array(self, array: AnyArray, *, is_scalar: bool) -> Json:
        if array.dtype.kind not in _KINDS:
            raise _unknown(array)
        self.arrays.append(np.array(array))
        return {"scalar" if is_scalar else "array": len(self.arrays) - 1}

    def _dataclass(self, value: object) -> Json:
        kind = type(value)
        if not _is_plain_dataclass(kind):
            raise _unknown(value)
        fields = {field.name: self.encode(getattr(value, field.name)) for field in dataclasses.fields(value)}  # type: ignore[arg-type]
        return {"dataclass": [*_name(kind), fields]}


class Decoder:
    """Reads what an encoder wrote; ``references`` are those of the execution that goes on."""

    def __init__(self, references: Mapping[str, object], arrays: Sequence[AnyArray]) -> None:
        self._references, self._arrays = references, arrays

    def decode(self, document: Json) -> object:
        """Return the value that ``document`` stands for.

        Raises
        ------
        CheckpointError
            When it stands for none.
        """
        if isinstance(document, list):
            return [self.decode(item) for item in document]
        if not isinstance(document, dict):
            return document
        try:
            [(kind, content)] = document.items()
            return self._readers[kind](self, content)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(
                f"The checkpoint holds something that is not understood ({error!r}). Go on from another one."
            ) from error

    def _tuple(self, content: list[Json]) -> object:
        return tuple(self.decode(item) for item in content)

    def _set(self, content: list[Json]) -> object:
        return {self.decode(item) for item in content}

    def _frozenset(self, content: list[Json]) -> object:
        return frozenset(self.decode(item) for item in content)

    def _mapping(self, content: list[list[Json]]) -> object:
        return {self.decode(key): self.decode(value) for key, value in content}

    def _reference(self, content: str) -> object:
        return self._references[content]

    def _array(self, content: int) -> object:
        return self._arrays[content].copy()

    def _scalar(self, content: int) -> object:
        return self._arrays[content][()]

    def _item(self, content: tuple[str, str, str]) -> object:
        module, name, item = content
        kind = _class(module, name)
        if not issubclass(kind, Enum):
            raise ValueError(f"{module}.{name} is no enumeration")
        return kind[item]

    def _dataclass(self, content: tuple[str, str, dict[str, Json]]) -> object:
        module, name, fields = content
        kind = _class(module, name)
        if not _is_plain_dataclass(kind):
            raise ValueError(f"{module}.{name} is no frozen dataclass")
        return kind(**{key: self.decode(value) for key, value in fields.items()})

    _readers: Mapping[str, Callable[..., object]] = {
        "reference": _reference,
        "item": _item,
        "array": _array,
        "scalar": _scalar,
        "float": lambda _, content: float(content),
        "bytes": lambda _, content: base64.b64decode(content),
        "tuple": _tuple,
        "set": _set,
        "frozenset": _frozenset,
        "mapping": _mapping,
        "dataclass": _dataclass,
    }


def _name(kind: type) -> tuple[str, str]:
    return kind.__module__, kind.__qualname__


def _class(module: str, name: str) -> type:
    found = getattr(sys.modules[module], name)
    if not isinstance(found, type):
        raise ValueError(f"{module}.{name} is no class")
    return found


def _is_plain_dataclass(kind: type) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)


def _unknown(value: object) -> CheckpointError:
    kind = type(value)
    return CheckpointError(
        f"A checkpoint cannot hold a {kind.__module__}.{kind.__qualname__}. What an algorithm keeps in its state must "
        "be made of numbers, text, arrays, tuples, mappings, frozen dataclasses and participants."
    )
