"""Every ``console`` block of the documentation is typed again, and what it prints is compared.

In a block, a line that begins with ``$ cosim``, ``$ python`` or ``$ cd`` is run; the lines after it are what must be
printed. One that ends with ``&`` runs until the page ends, and must have printed its lines before the next is run.
``…`` stands for anything within a line, and a line of only ``…`` for any number of lines. A block after ``<!-- file:
NAME -->`` is written to that file. Blocks of one page share a folder that holds copies of ``scenarios``, ``modelica``
and ``examples``.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if "```console" in page.read_text(encoding="utf-8")
)
BLOCK = re.compile(
    r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class File:
    name: str
    text: str

    def play(self, folder: Path) -> Path:
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, encoding="utf-8")
        return folder


@dataclass(frozen=True, slots=True)
class Command:
    command: str
    expected: tuple[str, ...]

    def play(self, folder: Path) -> Path:
        return run_command(self, folder)


def read_examples(page: Path) -> list[File | Command]:
    examples: list[File | Command] = []
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["file"]:
            examples.append(File(block["file"], block["body"]))
        elif block["language"] == "console":
            examples.extend(read_commands(block["body"]))
    return examples


def read_commands(block: str) -> list[Command]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Command(*lines[:1], tuple(lines[1:])) for lines in (part.rstrip("\n").split("\n") for part in parts)]


def output_pattern(expected: tuple[str, ...]) -> re.Pattern[str]:
    def line_pattern(line: str) -> str:
        if line.strip() == "…":
            return r"(?:.*\n)*?"
        words = [r".*?".join(re.escape(piece) for piece in word.split("…")) for word in line.split()]
        return r"[ \t]*" + r"[ \t]+".join(words) + r"[ \t]*\n"

    return re.compile("".join(line_pattern(line) for line in expected if line.strip()))


def without_blank_lines(text: str) -> str:
    return "".join(f"{line}\n" for line in text.splitlines() if line.strip())


BACKGROUND: list[subprocess.Popen[bytes]] = []
"""What runs until the page ends."""


@pytest.fixture(autouse=True)
def _end_background() -> Iterator[None]:
    yield
    while BACKGROUND:
        process = BACKGROUND.pop()
        process.terminate()
        process.wait()


def environment() -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(Path.home()),
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "110",
        "NO_COLOR": "1",
    }


def start_command(words: list[str], expected: tuple[str, ...], folder: Path) -> None:
    """Leave a command running once it has printed what it should."""
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(words, cwd=folder, stdout=printed, stderr=printed, env=environment())
        BACKGROUND.append(process)
        for _ in range(600):
            text = without_blank_lines(os.pread(printed.fileno(), 1 << 20, 0).decode())
            if output_pattern(expected).fullmatch(text):
                return
            assert process.poll() is None, text
            time.sleep(0.1)
    raise AssertionError(text)


def run_command(example: Command, folder: Path) -> Path:
    words = shlex.split(example.command)
    if words[0] == "cd":
        return (folder / words[1]).resolve(strict=True)
    if words[0] not in ("cosim", "python"):
        return folder
    program = ["-m", "cosim"] if words[0] == "cosim" else []
    if words[-1] == "&":
        start_command([sys.executable, *program, *words[1:-1]], example.expected, folder)
        return folder
    done = subprocess.run(
        [sys.executable, *program, *words[1:]],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        env=environment(),
        check=False,
    )
    printed = without_blank_lines(done.stdout)
    if example.expected:
        assert output_pattern(example.expected).fullmatch(printed), (
            f"$ {example.command}\nprinted\n{printed}\nwhere the page says\n" + "\n".join(example.expected)
        )
    else:
        assert done.returncode == 0, printed
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_prints_what_it_says(page: Path, tmp_path: Path) -> None:
    for name in ("scenarios", "modelica", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.fmu"))
    folder = tmp_path
    examples = read_examples(page)
    assert examples
    for example in examples:
        folder = example.play(folder)


def test_pattern_lets_ellipses_stand_for_anything_but_nothing_else() -> None:
    pattern = output_pattern(("a  … c", "…", "end"))
    assert pattern.fullmatch("a b c\nmore\nend\n")
    assert not pattern.fullmatch("a b d\nend\n")
    assert not pattern.fullmatch("a b c\nmore\n")
