"""FMU files as zip archives, taken as hostile until shown otherwise.

Everything is checked from the archive's directory before a byte is unpacked: sizes against bombs, names against escape
from the folder, links, duplicates and names that differ only in case.
"""

import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path
from typing import Final

from cosim.errors import FmuError

NOT_RUN: Final = ("sources/", "documentation/")
"""Folders that a binary does not need; unpacking the C code of our own FMUs would take most of the time."""
MAX_ENTRIES: Final = 50_000
"""Largest number of files in an FMU; real ones have under 1,000."""
MAX_TOTAL: Final = 8 * 1024**3
"""Largest unpacked size [bytes]."""
MAX_RATIO: Final = 200.0
"""Largest unpacked : packed size, once the unpacked size exceeds ``RATIO_FLOOR``; real FMUs reach about 20."""
RATIO_FLOOR: Final = 64 * 1024**2
"""Unpacked size [bytes] below which the ratio does no harm."""
MAX_DESCRIPTION: Final = 512 * 1024**2
"""Largest modelDescription.xml [bytes]; one with 100,000 variables has about 30 MB."""

_ENCRYPTED: Final = 0x1
_CHUNK: Final = 1024**2


@contextmanager
def opened_archive(path: Path) -> Iterator[tuple[zipfile.ZipFile, str]]:
    """Open ``path`` as a checked archive with its SHA-256; both come from the same open file."""
    with _opened(path) as file:
        digest = file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        with _as_zip(path, file, size) as archive:
            check_entries(path, archive.infolist(), size)
            yield archive, digest


def read_member(path: Path, archive: zipfile.ZipFile, name: str, limit: int) -> bytes | None:
    """Return the content of ``name``, None if the archive has no such file; at most ``limit`` bytes are accepted."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return None
    if info.file_size > limit:
        raise FmuError(f"FMU '{path}': {name} has {_size(info.file_size)}, more than the {_size(limit)} that are read.")
    with reading_errors(path, name):
        return archive.read(info)


def unpack(path: Path, archive: zipfile.ZipFile, folder: Path) -> None:
    """Write a checked ``archive`` under ``folder``, readable by the user only, but for what no FMU runs with."""
    for info in archive.infolist():
        if info.filename.startswith(NOT_RUN):
            continue
        target = folder.joinpath(*info.filename.split("/"))
        with reading_errors(path, info.filename):
            if info.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            _unpack_one(archive, info, target)


def _unpack_one(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    with archive.open(info) as source, target.open("xb") as sink:
        while chunk := source.read(_CHUNK):
            sink.write(chunk)
    is_executable = bool(info.external_attr >> 16 & stat.S_IXUSR) or info.filename.startswith("binaries/")
    target.chmod(stat.S_IRUSR | stat.S_IWUSR | (stat.S_IXUSR if is_executable else 0))


@contextmanager
def reading_errors(path: Path, name: str) -> Iterator[None]:
    """Turn what a damaged archive or a full disk raises into a sentence about ``name`` in the FMU ``path``."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise FmuError(f"FMU '{path}' is damaged: {name} cannot be read ({error}). Copy or export it again.") from error
    except NotImplementedError as error:
        raise FmuError(
            f"FMU '{path}': {name} is packed in a way that is not in the FMI standard ({error}). "
            "Pack it again with deflate."
        ) from error
    except RuntimeError as error:
        raise FmuError(f"FMU '{path}': {name} cannot be read ({error}).") from error
    except OSError as error:
        raise FmuError(
            f"FMU '{path}': {name} cannot be unpacked: {error.strerror or error}. "
            "Check space and permissions of the temporary folder (TMPDIR)."
        ) from error


def check_entries(path: Path, entries: Sequence[zipfile.ZipInfo], size: int) -> None:
    """Raise FmuError unless ``entries`` of an archive of ``size`` bytes may be unpacked safely."""
    _check_sizes(path, entries, size)
    seen: dict[str, str] = {}
    for info in entries:
        _check_name(path, info)
        _check_kind(path, info)
        key = _folded(info.filename)
        if key in seen:
            how = "twice" if seen[key] == info.filename else f"and '{seen[key]}', the same name on some systems"
            raise FmuError(f"FMU '{path}' contains '{info.filename}' {how}. It is not unpacked; export it again.")
        seen[key] = info.filename
    files = {key for key, name in seen.items() if not name.endswith("/")}
    for key, name in seen.items():
        parents = _parents(key)
        if any(parent in files for parent in parents):
            raise FmuError(f"FMU '{path}' contains '{name}' below a file of the same name as its folder.")


def _check_sizes(path: Path, entries: Sequence[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FmuError(f"FMU '{path}' contains {len(entries)} files; more than {MAX_ENTRIES} are not unpacked.")
    total = sum(info.file_size for info in entries)
    if total > MAX_TOTAL:
        raise FmuError(f"FMU '{path}' would unpack to {_size(total)}; more than {_size(MAX_TOTAL)} are not unpacked.")
    if total > RATIO_FLOOR and total > MAX_RATIO * size:
        raise FmuError(
            f"FMU '{path}' has {_size(size)} and would unpack to {_size(total)}, {total / max(size, 1):,.0f} times as "
            "much: it looks like a zip bomb and is not unpacked."
        )
    if sum(info.compress_size for info in entries) > size:
        raise FmuError(f"FMU '{path}' has files that overlap: it looks like a zip bomb and is not unpacked.")


def _check_name(path: Path, info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = name.removesuffix("/").split("/")
    if "\\" in name:
        why = "it has a backslash where FMI asks for '/'"
    elif name.startswith("/") or ":" in name:
        why = "it is an absolute path"
    elif ".." in parts:
        why = "it leads out of the archive"
    elif "" in parts or "." in parts:
        why = "it has an empty part"
    elif any(unicodedata.category(letter) == "Cc" for letter in name):
        why = "it has control characters"
    elif max(len(part.encode()) for part in parts) > 255 or len(name) > 2000:
        why = "it is too long"
    else:
        return
    shown = ascii(name if len(name) < 100 else name[:100] + "…")[1:-1]
    raise FmuError(f"FMU '{path}' contains a file named '{shown}': {why}. It is not unpacked.")


def _check_kind(path: Path, info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "a symbolic link" if kind == stat.S_IFLNK else "a special file"
        raise FmuError(f"FMU '{path}' contains {what}, '{info.filename}', which FMI does not allow. Export it again.")
    if info.flag_bits & _ENCRYPTED:
        raise FmuError(f"FMU '{path}': '{info.filename}' is encrypted. Ask its author for an FMU without a password.")


def _folded(name: str) -> str:
    """Return what ``name`` is on a file system that ignores case, normalisation and trailing dots."""
    parts = unicodedata.normalize("NFC", name).casefold().removesuffix("/").split("/")
    return "/".join(part.rstrip(". ") for part in parts)


def _parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        if not path.exists():
            hint = "" if path.suffix == ".fmu" else f" A Modelica class is compiled first: cosim build {path.name}."
            raise FmuError(f"There is no FMU file '{path}'.{hint}")
        if not path.is_file():
            raise FmuError(f"'{path}' is not a file, so it is not an FMU.")
        file = path.open("rb")
    except OSError as error:
        raise FmuError(f"FMU '{path}' cannot be opened: {error.strerror}.") from error
    with file:
        yield file


@contextmanager
def _as_zip(path: Path, file: BufferedReader, size: int) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        file.seek(0)
        if size == 0:
            why = "it is empty"
        elif file.read(2) == b"PK":
            why = "the zip archive is cut off or damaged. Copy or export it again"
        else:
            why = "it is not a zip archive"
        raise FmuError(f"'{path}' is not an FMU: {why}.") from error
    with archive:
        yield archive


def _size(n_bytes: int) -> str:
    value = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.3g} {unit}"
