"""FMU files that must be refused, one function per kind; each writes its file at the path it is given.

``UNREADABLE`` are refused when opened, ``UNSUITABLE`` are readable but cannot run here, ``UNLOADABLE`` show it only
when they are instantiated. Every value is (function, a pattern of the message). All end a command with exit code 2.
"""

import stat
import subprocess
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from fmu_factory import BUILD_FOLDER, build_lag, compile_library, lag_description, write_fmu

Writer = Callable[[Path], object]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _described(
    change: Callable[[str], str], fmi: str = "2.0", files: Mapping[str, bytes | str] | None = None
) -> Writer:
    """Return the writer of an FMU without binaries whose modelDescription.xml is changed."""

    def write(path: Path) -> None:
        changed = change(lag_description(fmi))
        assert changed != lag_description(fmi) or files
        write_fmu(path, {"modelDescription.xml": changed, **(files or {})})

    return write


def _replaced(old: str, new: str, fmi: str = "2.0") -> Writer:
    return _described(lambda xml: xml.replace(old, new), fmi)


def _with_entry(name: str, content: bytes | str = b"x", mode: int = 0) -> Writer:
    """Return the writer of an FMU with one more archive entry of any name and kind."""

    def write(path: Path) -> None:
        write_fmu(path, {"modelDescription.xml": lag_description()})
        info = zipfile.ZipInfo("placeholder")
        info.filename = info.orig_filename = name
        info.external_attr = mode << 16
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(info, content)

    return write


def _with_entries(*names: str) -> Writer:
    def write(path: Path) -> None:
        write_fmu(path, {"modelDescription.xml": lag_description()} | {name: b"x" for name in names})

    return write


def missing(path: Path) -> None:
    """Write nothing at all."""


def folder(path: Path) -> None:
    """A folder where a file should be."""
    path.mkdir(parents=True)


def empty(path: Path) -> None:
    """No bytes."""
    _write(path, b"")


def not_a_zip(path: Path) -> None:
    """Text that calls itself an FMU."""
    _write(path, b"This is no FMU.\n" * 10)


def truncated(path: Path) -> None:
    """The first half of an FMU, as an interrupted download leaves it."""
    build_lag(path)
    content = path.read_bytes()
    _write(path, content[: len(content) // 2])


def corrupt(path: Path) -> None:
    """An FMU with bytes changed inside modelDescription.xml, so that the checksum disagrees."""
    write_fmu(path, {"modelDescription.xml": lag_description()})
    content = bytearray(path.read_bytes())
    content[200:208] = bytes(8)
    _write(path, bytes(content))


def no_description(path: Path) -> None:
    """A zip archive with something else in it."""
    write_fmu(path, {"readme.txt": "hello"})


def zip_bomb(path: Path) -> None:
    """Three files of 100 MB of zeros in 0.3 MB."""
    zeros = bytes(100_000_000)
    write_fmu(path, {"modelDescription.xml": lag_description()} | {f"resources/{n}": zeros for n in "abc"})


def overlapping(path: Path) -> None:
    """Many directory entries that share one file's bytes."""
    write_fmu(path, {"modelDescription.xml": lag_description(), "a": bytes(range(256)) * 400})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        first = archive.getinfo("a")
        for number in range(40):
            twin = zipfile.ZipInfo(f"a{number}")
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(twin, field, getattr(first, field))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
        archive._didModify = True


def encrypted(path: Path) -> None:
    """An entry that claims a password."""
    write_fmu(path, {"modelDescription.xml": lag_description()})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    _write(path, bytes(content))


def twice(path: Path) -> None:
    """Two entries of one name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        _with_entry("modelDescription.xml")(path)


XXE = '<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/passwd">]>\n<fmiModelDescription'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>\n<fmiModelDescription"
)


def scheduled_execution_only(path: Path) -> None:
    """An FMI 3.0 FMU that offers neither Co-Simulation nor Model Exchange."""
    old = (
        '<CoSimulation modelIdentifier="lag" canHandleVariableCommunicationStepSize="true" canGetAndSetFMUState="true"'
    )
    build_lag(path, "3.0", change=lambda xml: xml.replace(old, '<ScheduledExecution modelIdentifier="lag"'))


def windows_only(path: Path) -> None:
    """An FMU with a binary for Windows only."""
    write_fmu(path, {"modelDescription.xml": lag_description(), "binaries/win64/lag.dll": b"MZ"})


def no_binary(path: Path) -> None:
    """An FMU without any binary."""
    write_fmu(path, {"modelDescription.xml": lag_description(), "sources/lag.c": "int x;"})


def _with_binary(content: bytes) -> Writer:
    return lambda path: write_fmu(path, {"modelDescription.xml": lag_description(), "binaries/linux64/lag.so": content})


def windows_binary_as_linux(path: Path) -> None:
    """A Windows library in the Linux folder."""
    _with_binary(b"MZ" + bytes(100))(path)


def for_32_bit(path: Path) -> None:
    """A binary for 32-bit x86 in the folder for 64 bit."""
    content = bytearray(compile_library("lag_fmi2.c"))
    content[4], content[18] = 1, 3
    _with_binary(bytes(content))(path)


def cut_binary(path: Path) -> None:
    """A binary that ends after its header."""
    _with_binary(compile_library("lag_fmi2.c")[:100])(path)


def half_binary(path: Path) -> None:
    """A binary whose second half is missing: its header announces more than there is."""
    content = compile_library("lag_fmi2.c")
    _with_binary(content[: len(content) // 2])(path)


def without_step(path: Path) -> None:
    """A binary that lacks fmi2DoStep."""
    build_lag(path, defines=("NO_DO_STEP",))


def undefined_symbol(path: Path) -> None:
    """A binary that uses a function which no library provides."""
    _with_binary(compile_library("lag_fmi2.c", ("UNDEFINED",), ("-Wl,-z,now",)))(path)


def _stub(soname: str, source: str, *flags: str) -> Path:
    """Compile a library called ``soname`` that only a linker sees."""
    target = BUILD_FOLDER / f"stub-{soname}"
    (BUILD_FOLDER / "stub.c").write_text(source)
    command = ["cc", "-shared", "-fPIC", "-w", f"-Wl,-soname,{soname}", *flags, str(BUILD_FOLDER / "stub.c")]
    subprocess.run([*command, "-o", str(target)], check=True)
    return target


def missing_library(path: Path) -> None:
    """A binary that needs a vendor's library, which is not installed."""
    compile_library("lag_fmi2.c")  # skips without a compiler
    stub = _stub("libvendor.so.7", "int vendor(void) { return 1; }")
    _with_binary(compile_library("lag_fmi2.c", ("linked=1",), ("-Wl,--no-as-needed", str(stub))))(path)


def library_beside(path: Path) -> None:
    """A sound FMU: the library its binary needs lies beside it."""
    missing_library(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(BUILD_FOLDER / "stub-libvendor.so.7", "binaries/linux64/libvendor.so.7")


def newer_glibc(path: Path) -> None:
    """A binary linked against a glibc of the future."""
    compile_library("lag_fmi2.c")
    script = BUILD_FOLDER / "future.map"
    script.write_text("GLIBC_2.99 { global: exp; };")
    stub = _stub("libm.so.6", "double exp(double x) { return x; }", f"-Wl,--version-script={script}", "-fno-builtin")
    _with_binary(compile_library("lag_fmi2.c", ("future=1",), ("-fno-builtin", "-Wl,--no-as-needed", str(stub))))(path)


def wrong_guid(path: Path) -> None:
    """A binary of another version of the model."""
    build_lag(path, defines=('GUID="{other}"',))


UNREADABLE: dict[str, tuple[Writer, str]] = {
    "missing": (missing, r"There is no FMU file"),
    "folder": (folder, r"is not a file"),
    "empty": (empty, r"it is empty"),
    "not a zip": (not_a_zip, r"it is not a zip archive"),
    "truncated": (truncated, r"cut off or damaged"),
    "corrupt": (corrupt, r"is damaged: modelDescription\.xml cannot be read"),
    "no description": (no_description, r"contains no modelDescription\.xml"),
    "zip bomb": (zip_bomb, r"would unpack to 300 MB.*zip bomb"),
    "overlapping files": (overlapping, r"overlap"),
    "encrypted": (encrypted, r"is encrypted"),
    "parent path": (_with_entry("../evil.sh"), r"'\.\./evil\.sh': it leads out of the archive"),
    "deep parent path": (_with_entry("resources/../../evil.sh"), r"leads out of the archive"),
    "absolute path": (_with_entry("/etc/evil"), r"absolute path"),
    "drive letter": (_with_entry("C:/evil.txt"), r"absolute path"),
    "backslash": (_with_entry("resources\\..\\evil"), r"backslash"),
    "control character": (_with_entry("resources/a\nb"), r"control characters"),
    "empty part": (_with_entry("resources//a"), r"empty part"),
    "long name": (_with_entry("a" * 300), r"too long"),
    "symbolic link": (_with_entry("resources/link", "/etc/passwd", stat.S_IFLNK | 0o777), r"a symbolic link"),
    "pipe": (_with_entry("resources/pipe", b"", stat.S_IFIFO | 0o666), r"a special file"),
    "twice": (twice, r"contains 'modelDescription\.xml' twice"),
    "case": (_with_entries("resources/A", "resources/a"), r"the same name on some systems"),
    "file as folder": (_with_entries("resources/a", "resources/a/b"), r"below a file of the same name"),
    "external entity": (_replaced("<fmiModelDescription", XXE), r"document type definition"),
    "billion laughs": (_replaced("<fmiModelDescription", LAUGHS), r"document type definition"),
    "not well-formed": (_replaced("</ModelVariables>", ""), r"not well-formed XML: mismatched tag in line \d+"),
    "not XML": (_described(lambda xml: "hello"), r"not well-formed XML"),
    "unknown encoding": (_replaced('encoding="UTF-8"', 'encoding="klingon"'), r"(not well-formed|cannot be decoded)"),
    "other root": (_described(lambda xml: "<html/>"), r"starts with <html>"),
    "no version": (_replaced('fmiVersion="2.0"', ""), r"FMI version is not known"),
    "future version": (_replaced('fmiVersion="2.0"', 'fmiVersion="4.0"'), r"states FMI version '4\.0'"),
    "no value reference": (
        _replaced('name="u" valueReference="1"', 'name="u"'),
        r"line \d+: Element 'ScalarVariable': The attribute 'valueReference' is required",
    ),
    "unknown causality": (_replaced('causality="input"', 'causality="sideways"'), r"line \d+: .*'sideways'"),
    "unknown type": (_replaced('declaredType="Concentration"', 'declaredType="Nowhere"'), r'"u" \(line \d+\).*Nowhere'),
    "text for a number": (_replaced('start="10"', 'start="ten"'), r"line \d+: .*'ten'"),
    "index beyond the end": (_replaced('<Unknown index="18"', '<Unknown index="99"'), r"an index that does not exist"),
    "two of one name": (_replaced('name="x"', 'name="y"'), r"'y' is declared twice .* line \d+"),
    "impossible combination": (
        _replaced('name="tau" valueReference="5" causality="parameter" variability="fixed"',
                  'name="tau" valueReference="5" causality="parameter" variability="continuous"'),
        r'"tau" \(line \d+\) has an illegal combination',
    ),
    "FMI 3 schema": (_replaced('causality="input"', 'causality="sideways"', "3.0"), r"line \d+: .*'sideways'"),
    "FMI 3 reference": (_replaced('valueReference="58"/>', 'valueReference="77"/>', "3.0"), r"refers to 77"),
    "species not JSON": (_described(str, files={"resources/species.json": "{"}), r"species\.json is not JSON"),
    "species list": (_described(str, files={"resources/species.json": "[]"}), r"not a table from species"),
    "species basis": (
        _described(str, files={"resources/species.json": '{"mab": {"basis": "litres"}}'}),
        r"'mab' has the basis 'litres'",
    ),
}  # fmt: skip

UNSUITABLE: dict[str, tuple[Writer, str]] = {
    "Scheduled Execution only": (scheduled_execution_only, r"offers Scheduled Execution only"),
    "Windows only": (windows_only, r"no binary for .*-linux.* It offers win64\."),
    "no binary": (no_binary, r"contains no binary at all, but C sources"),
}

UNLOADABLE: dict[str, tuple[Writer, str]] = {
    "Windows library": (windows_binary_as_linux, r"is a Windows library"),
    "32 bit": (for_32_bit, r"is for x86 \(32 bit\)"),
    "cut binary": (cut_binary, r"cannot be loaded: it is cut off or damaged"),
    "half a binary": (half_binary, r"cannot be loaded: it is cut off or damaged"),
    "no fmi2DoStep": (without_step, r"does not export the function fmi2DoStep"),
    "undefined symbol": (undefined_symbol, r"uses the function exp_of_nowhere"),
    "missing library": (missing_library, r"needs the library libvendor\.so\.7, which is not installed"),
    "newer glibc": (newer_glibc, r"needs GLIBC 2\.99 or newer \(this one has glibc \d"),
    "wrong GUID": (wrong_guid, r"wrong GUID '\{lag\}', mine is '\{other\}'"),
}

__all__ = ["UNLOADABLE", "UNREADABLE", "UNSUITABLE"]
