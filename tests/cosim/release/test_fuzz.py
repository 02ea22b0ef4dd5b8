"""Whatever is done to the files of a trail and a registry at random is found, and never an accident of cosim's."""

import os
import random
import shutil

import pytest
from released import make_workplace

from cosim.errors import CosimError
from cosim.release.index import search
from cosim.releasing import verify_all

KEPT = ("lock", "index.sqlite")
"""Files that decide nothing."""


def change(chance, file, others):
    """Do something to ``file``; return what, or nothing where it came out the same."""
    before = file.read_bytes()
    os.chmod(file, 0o644)
    what = chance.choice(("flip", "cut", "extend", "empty", "remove", "swap", "insert", "rename"))
    at = chance.randrange(len(before)) if before else 0
    if what == "flip":
        file.write_bytes(before[:at] + bytes([before[at] ^ (1 << chance.randrange(8))]) + before[at + 1 :])
    elif what == "cut":
        file.write_bytes(before[:at])
    elif what == "extend":
        file.write_bytes(before + chance.choice((b"\n", b" ", b"{}\n", before[-300:], os.urandom(50))))
    elif what == "empty":
        file.write_bytes(b"")
    elif what == "remove":
        file.unlink()
    elif what == "swap":
        file.write_bytes(chance.choice(others).read_bytes())
    elif what == "insert":
        file.write_bytes(before[:at] + os.urandom(chance.randrange(1, 40)) + before[at:])
    else:
        file.rename(file.with_name(f"{file.name}.bak"))
    return "" if file.exists() and file.read_bytes() == before else what


@pytest.mark.parametrize("n", [60, pytest.param(1500, marks=pytest.mark.slow)])
def test_what_is_changed_at_random_is_found(tmp_path, monkeypatch, n):
    workplace = make_workplace(tmp_path, monkeypatch)
    workplace.approved()
    workplace.validated("2.0.0")
    workplace.revoke("emmy")
    search(workplace.registry, "model")
    shutil.copytree(tmp_path / "audit", tmp_path / "good" / "audit")
    shutil.copytree(tmp_path / "registry", tmp_path / "good" / "registry")
    chance = random.Random(n)
    missed = []
    for i in range(n):
        for name in ("audit", "registry"):
            shutil.rmtree(tmp_path / name)
            shutil.copytree(tmp_path / "good" / name, tmp_path / name)
        files = sorted(
            file for name in ("audit", "registry") for file in (tmp_path / name).rglob("*")
            if file.is_file() and file.name not in KEPT
        )  # fmt: skip
        file = chance.choice(files)
        what = change(chance, file, files)
        if not what:
            continue
        try:
            verdict, faults = verify_all(tmp_path / "audit", tmp_path / "registry", heads=(), key=None)
        except CosimError:
            continue
        noted = any("no whole record" in note for note in verdict.notes)
        if verdict.is_good and not faults and not noted:
            missed.append((i, what, file.relative_to(tmp_path)))
    assert missed == []
