"""Audit trails for tests."""

import os
import random
import signal
import time
from pathlib import Path

from cosim.audit.ed25519 import new_key, write_key
from cosim.audit.trail import FILE, Entry, append, begin


def signed_trail(folder: Path, n: int = 1) -> Path:
    """Begin a trail in ``folder`` with ``n`` records, by a key beside it that the environment must name."""
    key = new_key()
    write_key(folder.with_suffix(".key"), key, None)
    begin(folder, why="test", key=key)
    add(folder, n - 1)
    return folder


def add(folder: Path, n: int) -> None:
    if n:
        append(folder, [Entry("note", f"thing {i}", "because", i, {"value": i / 3}) for i in range(n)])


def lines_of(folder: Path) -> list[bytes]:
    return (folder / FILE).read_bytes().splitlines(keepends=True)


def write_lines(folder: Path, lines: list[bytes]) -> None:
    (folder / FILE).write_bytes(b"".join(lines))


def append_under_fire(folder: Path, *, n_records: int, n_processes: int, seed: int) -> tuple[set[str], int]:
    """Append from processes that are killed at random; return the hashes that were acknowledged, and how many kills."""
    chance = random.Random(seed)
    acknowledged = folder.parent / "acknowledged"
    acknowledged.mkdir()
    children: dict[int, Path] = {}
    kills = 0
    while _count(acknowledged) < n_records:
        while len(children) < n_processes:
            file = acknowledged / f"{kills}-{len(children)}-{chance.random()}"
            children[_child(folder, file)] = file
        time.sleep(chance.uniform(0, 0.1))
        victim = chance.choice(list(children))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        del children[victim]
        kills += 1
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return {line for file in acknowledged.iterdir() for line in file.read_text().split()}, kills


def _count(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir()) // 65


def _child(folder: Path, file: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        out = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        while True:
            record = append(folder, [Entry("note", file.name, "x" * 200)])[0]
            os.write(out, record.hash.encode() + b"\n")
    finally:
        os._exit(1)
