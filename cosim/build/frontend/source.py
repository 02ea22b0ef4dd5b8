"""Where Modelica classes come from: libraries found on a search path, and the hash of what a class may use."""

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cosim.errors import ModelError

_IDENTIFIER = re.compile(rb"[A-Za-z_]\w*")
_TOP_LEVEL = re.compile(
    r"^\s*(?:encapsulated\s+)?(?:partial\s+)?(?:package|model|block|record|function|connector"
    r"|class|type|operator)\s+([A-Za-z_]\w*)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Library:
    """A top-level Modelica class: a directory with ``package.mo``, or one file."""

    name: str
    root: Path
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ModelicaSource:
    """The libraries a class name is looked up in; of two with one name, the first on the search path counts."""

    libraries: tuple[Library, ...]

    @classmethod
    def discover(cls, search_path: Sequence[Path | str] = ()) -> "ModelicaSource":
        """Find the libraries in ``search_path``, then in ``MODELICAPATH``, then those that come with cosim.

        An entry is a ``.mo`` file, a library directory (with ``package.mo``), or a directory of such.
        """
        environment = [entry for entry in os.environ.get("MODELICAPATH", "").split(os.pathsep) if entry]
        found: dict[str, Library] = {}
        for entry in [*map(Path, search_path), *map(Path, environment), *builtin_libraries()]:
            for library in _libraries(entry):
                found.setdefault(library.name, library)
        return cls(tuple(found.values()))

    def used_by(self, class_name: str) -> tuple[Library, ...]:
        """Return the library of ``class_name`` with every library whose name occurs in its sources, and so on.

        Raises
        ------
        ModelError
            No library has the first name of ``class_name``.
        """
        known = {library.name: library for library in self.libraries}
        first = class_name.split(".")[0]
        if first not in known:
            names = ", ".join(sorted(known)) or "none"
            raise ModelError(
                f"Cannot find the Modelica class {class_name}: no library {first!r} on the search path. "
                f"Found: {names}. Add the folder to the search path or to MODELICAPATH."
            )
        used: dict[str, Library] = {}
        waiting = [first]
        while waiting:
            name = waiting.pop()
            if name not in used:
                used[name] = known[name]
                waiting += sorted(_words(known[name]) & known.keys() - used.keys())
        return tuple(used[name] for name in sorted(used))

    def files_of(self, class_name: str) -> tuple[Path, ...]:
        """Return every source file that ``class_name`` may use."""
        return tuple(file for library in self.used_by(class_name) for file in library.files)

    def resources_of(self, class_name: str) -> dict[str, Path]:
        """Return the data files that travel inside the FMU, by name: ``Resources/*.json`` of the class's library."""
        root = next(library.root for library in self.used_by(class_name) if library.name == class_name.split(".")[0])
        folder = root / "Resources"
        return {path.name: path for path in sorted(folder.glob("*.json"))} if folder.is_dir() else {}

    def digest(self, class_name: str) -> str:
        """Return the SHA-256 of the names and contents of every file that ``class_name`` may use."""
        total = hashlib.sha256()
        for library in self.used_by(class_name):
            for file in library.files:
                total.update(file.relative_to(library.root.parent).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(file.read_bytes()).digest())
        for name, path in self.resources_of(class_name).items():
            total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()


def builtin_libraries() -> tuple[Path, ...]:
    """Return the folders of the Modelica libraries that come with cosim: in an installed wheel, or in the project."""
    package = Path(__file__).resolve().parents[2]
    candidates = (package / "_data" / "modelica", package.parent / "modelica")
    return tuple(folder for folder in candidates if folder.is_dir())


def _libraries(entry: Path) -> Iterable[Library]:
    if entry.is_file() and entry.suffix == ".mo":
        return [_file_library(entry)]
    if (entry / "package.mo").is_file():
        return [_directory_library(entry)]
    if not entry.is_dir():
        return []
    directories = sorted(path for path in entry.iterdir() if (path / "package.mo").is_file())
    files = sorted(path for path in entry.glob("*.mo") if path.name != "package.mo")
    return [*map(_directory_library, directories), *map(_file_library, files)]


def _directory_library(root: Path) -> Library:
    files = tuple(sorted(root.rglob("*.mo")))
    return Library(_declared_name(root / "package.mo") or root.name.split(" ")[0], root, files)


def _file_library(file: Path) -> Library:
    return Library(_declared_name(file) or file.stem, file, (file,))


def _declared_name(file: Path) -> str | None:
    found = _TOP_LEVEL.search(file.read_text(encoding="utf-8", errors="replace"))
    return found.group(1) if found else None


def _words(library: Library) -> set[str]:
    words: set[bytes] = set()
    for file in library.files:
        words.update(_IDENTIFIER.findall(file.read_bytes()))
    return {word.decode() for word in words}
