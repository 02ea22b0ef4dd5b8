"""Tests that an installation makes of itself: known answers, and one of everything."""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final, Literal

from cosim.audit.ed25519 import can_sign, is_signed
from cosim.audit.trail import FILE, Entry, append, begin
from cosim.audit.verify import verify
from cosim.errors import CosimError
from cosim.shipped import scenarios_folder
from cosim.units import parse_quantity

_ABC: Final = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of 'abc' (FIPS 180-4, example B.1)."""
_PUBLIC: Final = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
_SIGNATURE: Final = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
    "655141438e7a100b"
)
"""Of the empty message (RFC 8032, section 7.1, test 1)."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What one test has found; ``seconds`` is what it took [s]."""

    name: str
    state: Literal["passed", "failed", "left out"]
    text: str
    seconds: float


def run_self_tests() -> list[SelfTest]:
    """Run them all; an error of one is its finding."""
    return [_run(name, test) for name, test in _TESTS.items()]


def _run(name: str, test: Callable[[], str | None]) -> SelfTest:
    begun = perf_counter()
    state: Literal["passed", "failed", "left out"] = "passed"
    try:
        text = test()
        if text is None:
            state, text = "left out", "cryptography is not installed"
    except (AssertionError, CosimError, OSError) as error:
        state, text = "failed", str(error) or type(error).__name__
    return SelfTest(name, state, text, perf_counter() - begun)


def _require(holds: bool, text: str) -> str:
    if not holds:
        raise AssertionError(text)
    return text


def _hashing() -> str:
    return _require(hashlib.sha256(b"abc").hexdigest() == _ABC, "SHA-256 of 'abc' as in FIPS 180-4")


def _signatures() -> str | None:
    if not can_sign():
        return None
    _require(not is_signed(_PUBLIC, b"another", _SIGNATURE), "a signature on something else is refused")
    return _require(is_signed(_PUBLIC, b"", _SIGNATURE), "Ed25519 as in RFC 8032, 7.1, test 1")


def _units() -> str:
    mass, rate = parse_quantity("1 g/L").to_si(), parse_quantity("0.36 1/h").to_si()
    return _require(mass == 1.0 and math.isclose(rate, 1e-4, rel_tol=1e-15), "1 g/L is 1 kg/m3, 0.36 1/h is 1e-4 1/s")


def _trail() -> str:
    with tempfile.TemporaryDirectory(prefix="cosim-iq-") as name:
        folder = Path(name) / "audit"
        begin(folder)
        append(folder, [Entry("note", str(i)) for i in range(9)])
        _require(verify(folder).is_good, "a trail as written is good")
        data = bytearray((folder / FILE).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / FILE).write_bytes(data)
        return _require(not verify(folder).is_good, "a trail of 10 records is good, and with one bit changed is not")


def _disk() -> str:
    with tempfile.TemporaryDirectory(prefix="cosim-iq-") as name:
        file = Path(name) / "x"
        with file.open("wb") as opened:
            opened.write(b"x" * 10_000)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(file, file.with_name("y"))
        return _require(file.with_name("y").stat().st_size == 10_000, "a file is written, synced and renamed")


def _flowsheet() -> str:
    """Run the shipped scenario: compiler, FMUs, engine, ledger, result."""
    from cosim.run import run

    folder = scenarios_folder()
    if folder is None:
        raise AssertionError("the scenarios that come with cosim are not there")
    with tempfile.TemporaryDirectory(prefix="cosim-iq-") as name:
        result = run(folder / "hello.yaml", out=Path(name) / "run", why="installation qualification")
        _require(result.status == "completed", f"the scenario hello has {result.status}: {result.outcome.reason}")
        told = "; ".join(f"{one.text} is {one.value:.6g}" for one in result.expectations if one.value is not None)
        return _require(all(one.holds for one in result.expectations), f"the scenario hello: {told}")


_TESTS: Final[dict[str, Callable[[], str | None]]] = {
    "hashing": _hashing,
    "signatures": _signatures,
    "units": _units,
    "audit trail": _trail,
    "disk": _disk,
    "flowsheet": _flowsheet,
}
