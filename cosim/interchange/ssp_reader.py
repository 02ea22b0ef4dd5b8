"""A System Structure Package as data: systems within systems made flat, parameters and transformations resolved."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from cosim.errors import StructureError
from cosim.interchange.ssp_archive import unpacked_members
from cosim.interchange.ssp_xml import ANNOTATION, LARGEST, OURS, SSC, SSD, SSM, SSV, STRUCTURE_FILE, parse
from cosim.interchange.transformations import UNCHANGED, Transformation, number, read_transformation

Path_ = tuple[str, ...]
_DEEPEST: Final = 16
"""Systems within systems; also ends what refers to itself."""
_MOST_SYSTEMS: Final = 1000
"""Systems in one package; files that name each other could make any number."""
_FMU_TYPES: Final = ("", "application/x-fmu-sharedlibrary")
_NESTED_TYPES: Final = ("application/x-ssp-definition", "application/x-ssp-package")
_REALS: Final = ("Float32", "Float64")
_WHOLES: Final = tuple(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64))
"""Types that SSP 2.0 has besides Real and Integer."""


@dataclass(frozen=True, slots=True)
class Element:
    """A component: its name with those of the systems around it, and where its FMU is in the package."""

    path: Path_
    source: str
    implementation: str


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection between components, and what it makes of the value."""

    source: tuple[Path_, str]
    target: tuple[Path_, str]
    transformation: Transformation = UNCHANGED

    def __str__(self) -> str:
        ends = (".".join((*path, connector)) for path, connector in (self.source, self.target))
        return "connection {} → {}".format(*ends)


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter's value as text, with its unit; ``kind`` is SSP's type, ``transformation`` what is yet to be done."""

    kind: str
    text: str
    unit: str | None
    transformation: Transformation = UNCHANGED

    def then(self, after: Transformation, what: str) -> Value:
        """Return the value with ``after`` yet to be done to it; tables are looked up at once."""
        if after.kind != "linear":
            return Value(self.kind, after.look_up(self.text, what), self.unit, self.transformation)
        return Value(self.kind, self.text, self.unit, self.transformation.then(after, what))


@dataclass(frozen=True, slots=True)
class Kept:
    """What cosim wrote for itself: the scenario's text, and the fingerprint of the system it belongs to."""

    file: str
    text: str
    system: str


@dataclass(frozen=True, slots=True)
class Package:
    """The content of a package, its systems made flat."""

    name: str
    description: str
    elements: tuple[Element, ...]
    wires: tuple[Wire, ...]
    values: Mapping[tuple[Path_, str], Value]
    start_time: float
    stop_time: float | None
    kept: Kept | None
    members: Mapping[str, bytes] = field(repr=False)


def read_ssp(path: Path) -> Package:
    """Read the package at ``path``.

    Raises
    ------
    StructureError
        When it is not one, does not follow the schema, or uses what has no counterpart here.
    """
    members = unpacked_members(path, str(path))
    if STRUCTURE_FILE not in members:
        raise StructureError(f"'{path}' has no {STRUCTURE_FILE}, so it is not a System Structure Package.")
    return _Reader(path, members).read(parse(members[STRUCTURE_FILE], f"{STRUCTURE_FILE} of '{path}'"))


class _Reader:
    """Walks the systems of one package."""

    def __init__(self, path: Path, members: Mapping[str, bytes]) -> None:
        self._path, self._members = path, dict(members)
        self._base = ""
        self._elements: list[Element] = []
        self._edges: list[Wire] = []
        self._values: dict[tuple[Path_, str], Value] = {}
        self._systems: set[Path_] = set()
        self._dictionaries: dict[Path_, Path_] = {}

    def read(self, root: Any) -> Package:  # noqa: ANN401
        system = self._root_system(root)
        self._system(system, ())
        experiment = root.find(f"{{{SSD}}}DefaultExperiment")
        span = {} if experiment is None else experiment.attrib
        return Package(
            name=str(root.get("name") or system.get("name") or self._path.stem),
            description=str(system.get("description") or ""),
            elements=tuple(self._elements),
            wires=tuple(self._flat_wires()),
            values={key: value for key, value in self._values.items() if key[0] not in self._systems},
            start_time=number(span, "startTime", 0.0, "default experiment"),
            stop_time=number(span, "stopTime", 0.0, "default experiment") if "stopTime" in span else None,
            kept=_kept(root),
            members=self._members,
        )

    def _system(self, system: Any, path: Path_, known: Mapping[str, Path_] = MappingProxyType({})) -> None:  # noqa: ANN401
        """Walk a system; ``known`` are the signal dictionaries of those around it."""
        if len(path) > _DEEPEST:
            raise StructureError(f"'{self._path}' has more than {_DEEPEST} systems within systems.")
        if len(self._systems) >= _MOST_SYSTEMS:
            raise StructureError(f"'{self._path}' has more than {_MOST_SYSTEMS} systems.")
        self._systems.add(path)
        own = system.iterfind(f"{{{SSD}}}SignalDictionaries/{{{SSD}}}SignalDictionary")
        known = {**known, **{name: (*path, "#", name) for name in (self._name(one, "name") for one in own)}}
        for part in system.iterfind(f"{{{SSD}}}Elements/*"):
            kind = etree.QName(part).localname if isinstance(part.tag, str) else ""
            inner = (*path, self._name(part, "name"))
            if kind == "System":
                self._system(part, inner, known)
            elif kind == "Component":
                self._component(part, inner)
            elif kind == "SignalDictionaryReference":
                self._refer(part, inner, known)
        for one in system.iterfind(f"{{{SSD}}}Connections/{{{SSD}}}Connection"):
            self._edges.append(self._edge(one, path))
        self._bind(system, path)  # after those within: what is set further out wins

    def _component(self, part: Any, path: Path_) -> None:  # noqa: ANN401
        source, kind = str(part.get("source", "")), str(part.get("type", ""))
        name = ".".join(path)
        if kind not in (*_FMU_TYPES, *_NESTED_TYPES):
            raise StructureError(
                f"'{name}' of '{self._path}' is of type {kind}; components can be FMUs and other systems here."
            )
        member = self._member(source)
        if member is None:
            raise StructureError(
                f"'{name}' of '{self._path}' comes from '{source}', which is not in the package. Put it there."
            )
        if kind in _NESTED_TYPES:
            self._nested(member, path, is_package=kind == _NESTED_TYPES[1])
        else:
            self._elements.append(Element(path, member, str(part.get("implementation", "any"))))
        self._bind(part, path)

    def _member(self, source: str) -> str | None:
        """Return the member that ``source`` names from where the present description lies; None: there is none."""
        name = posixpath.normpath(posixpath.join(self._base, source)) if source and "://" not in source else ""
        return name if name in self._members else None

    def _nested(self, member: str, path: Path_, *, is_package: bool) -> None:
        """Walk a system that is described in a file, or a package, of its own within this one."""
        outer, description = self._base, member
        if is_package:
            self._base, description = f"{member}!", f"{member}!/{STRUCTURE_FILE}"
            if description not in self._members:
                inner = unpacked_members(io.BytesIO(self._members[member]), f"{self._path}/{member}")
                self._members |= {f"{member}!/{name}": data for name, data in inner.items()}
        else:
            self._base = posixpath.dirname(member)
        root = parse(self._members.get(description, b""), f"{description} of '{self._path}'")
        self._system(self._root_system(root), path)
        self._base = outer

    def _root_system(self, root: Any) -> Any:  # noqa: ANN401
        system = root.find(f"{{{SSD}}}System")
        if system is None:
            raise StructureError(f"A description in '{self._path}' has no <System>.")
        return system

    def _refer(self, part: Any, path: Path_, known: Mapping[str, Path_]) -> None:  # noqa: ANN401
        """Let all references to a signal dictionary lead to one place, through which signals of one name pass."""
        name = self._name(part, "dictionary")
        if name not in known:
            raise StructureError(
                f"'{'.'.join(path)}' of '{self._path}' refers to the signal dictionary '{name}', which there is not."
            )
        self._dictionaries[path] = known[name]
        self._systems.add(known[name])

    def _edge(self, one: Any, path: Path_) -> Wire:  # noqa: ANN401
        ends = []
        for side in ("start", "end"):
            inner = one.get(f"{side}Element")
            place = (*path, str(inner)) if inner else path
            ends.append((self._dictionaries.get(place, place), self._name(one, f"{side}Connector")))
        what = f"connection {ends[0][1]} → {ends[1][1]} of '{self._path}'"
        return Wire(ends[0], ends[1], read_transformation(one, what))

    def _name(self, part: Any, attribute: str) -> str:  # noqa: ANN401
        """Return an attribute that has to be there, also in versions whose schema nobody here has."""
        found = part.get(attribute)
        if not found:
            raise StructureError(
                f"<{etree.QName(part).localname}> in line {part.sourceline} of '{self._path}' has no {attribute}."
            )
        return str(found)

    def _flat_wires(self) -> Iterator[Wire]:
        """Follow every connection into a component back to the component it comes from."""
        into: dict[tuple[Path_, str], list[Wire]] = {}
        for edge in self._edges:
            into.setdefault(edge.target, []).append(edge)
        for edge in self._edges:
            if edge.target[0] in self._systems:
                continue
            wire, n = edge, 0
            while wire.source[0] in self._systems:
                before = into.get(wire.source, [])
                n += 1
                if len(before) > 1:
                    raise StructureError(f"{'.'.join((*wire.source[0], wire.source[1]))} is driven twice.")
                if not before or n > _DEEPEST * 4:
                    break  # an input of the whole system, which nothing drives
                between = before[0].transformation.then(wire.transformation, str(wire))
                wire = Wire(before[0].source, wire.target, between)
            if wire.source[0] not in self._systems:
                yield wire
            elif wire.source in self._values:
                value = self._values[wire.source]
                self._values.setdefault(wire.target, value.then(wire.transformation, str(wire)))

    def _bind(self, part: Any, path: Path_) -> None:  # noqa: ANN401
        for binding in part.iterfind(f"{{{SSD}}}ParameterBindings/{{{SSD}}}ParameterBinding"):
            prefix = str(binding.get("prefix", ""))
            values = self._set(binding, path)
            mapping = self._mapping(binding, path)
            for name, value in values.items():
                for target, one in [(name, UNCHANGED)] if mapping is None else mapping.get(name, ()):
                    self._put(path, prefix + target, value.then(one, f"parameter {name} of '{self._path}'"))

    def _put(self, path: Path_, name: str, value: Value) -> None:
        """Set ``name``, which may lead into the elements of the system ``path``."""
        for element in self._elements:
            inner = ".".join(element.path[len(path) :])
            if element.path[: len(path)] == path and inner and name.startswith(f"{inner}."):
                self._values[(element.path, name[len(inner) + 1 :])] = value
                return
        self._values[(path, name)] = value

    def _set(self, binding: Any, path: Path_) -> dict[str, Value]:  # noqa: ANN401
        kind = str(binding.get("type", "application/x-ssp-parameter-set"))
        if kind != "application/x-ssp-parameter-set":
            raise StructureError(f"Parameters of '{'.'.join(path)}' in '{self._path}' are of type {kind}, not SSV.")
        root = binding.find(f"{{{SSD}}}ParameterValues/{{{SSV}}}ParameterSet")
        if root is None:
            root = self._file(str(binding.get("source", "")), path, "parameters")
        found = {}
        for one in root.iterfind(f"{{{SSV}}}Parameters/{{{SSV}}}Parameter"):
            typed = [part for part in one if isinstance(part.tag, str) and part.get("value") is not None]
            if typed:
                unit = typed[0].get("unit")
                kind = etree.QName(typed[0]).localname
                kind = "Real" if kind in _REALS else "Integer" if kind in _WHOLES else kind
                found[str(one.get("name"))] = Value(kind, str(typed[0].get("value")), unit)
        return found

    def _mapping(self, binding: Any, path: Path_) -> dict[str, list[tuple[str, Transformation]]] | None:  # noqa: ANN401
        part = binding.find(f"{{{SSD}}}ParameterMapping")
        if part is None:
            return None
        root = part.find(f"{{{SSM}}}ParameterMapping")
        if root is None:
            root = self._file(str(part.get("source", "")), path, "mapping")
        found: dict[str, list[tuple[str, Transformation]]] = {}
        for one in root.iterfind(f"{{{SSM}}}MappingEntry"):
            source = self._name(one, "source")
            made = read_transformation(one, f"mapping of {source} in '{self._path}'")
            found.setdefault(source, []).append((self._name(one, "target"), made))
        return found

    def _file(self, source: str, path: Path_, what: str) -> Any:  # noqa: ANN401
        data = self._members.get(self._member(source) or "")
        if data is None or len(data) > LARGEST:
            raise StructureError(
                f"The {what} of '{'.'.join(path) or 'the system'}' come from '{source}', which is not in "
                f"'{self._path}'."
            )
        return parse(data, f"{source} of '{self._path}'")


def _kept(root: Any) -> Kept | None:  # noqa: ANN401
    for note in root.iterfind(f"{{{SSD}}}Annotations/{{{SSC}}}Annotation"):
        own = note.find(f"{{{OURS}}}scenario")
        if note.get("type") == ANNOTATION and own is not None:
            return Kept(str(own.get("file", "")), str(own.text or ""), str(own.get("system", "")))
    return None
