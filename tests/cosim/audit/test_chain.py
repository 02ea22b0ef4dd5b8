"""No byte of a trail can be another without being found."""

import io
from pathlib import Path

import pytest
from trails import lines_of, signed_trail

from cosim.audit.chain import ChainState, advance
from cosim.audit.trail import Entry, append, begin
from cosim.audit.verify import Reading


def states_of(lines: list[bytes]) -> list[ChainState]:
    states = [ChainState()]
    for line in lines:
        states.append(advance(states[-1], line)[0])
    return states


def is_found(state: ChainState, data: bytes) -> bool:
    """Tell whether reading ``data`` behind ``state`` stops at its first record."""
    reading = Reading(Path())
    reading.state = state
    records = list(reading.read_on(io.BytesIO(data)))
    return not records and bool(reading.fault or reading.n_unfinished)


def undetected(folder: Path, masks: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Change every byte of the trail by every mask, one at a time; return the changes that are not found at once."""
    lines = lines_of(folder)
    missed = []
    for i, (state, line) in enumerate(zip(states_of(lines), lines, strict=False)):
        follower = lines[i + 1] if i + 1 < len(lines) else b""
        for at in range(len(line)):
            for mask in masks:
                changed = bytearray(line)
                changed[at] ^= mask
                if not is_found(state, bytes(changed) + follower):
                    missed.append((i, at, mask))
    return missed


@pytest.fixture
def unsigned(tmp_path):
    begin(tmp_path / "audit")
    append(tmp_path / "audit", [Entry("run", f"scenario {i}", "why", {"before": i}, ["after", i]) for i in range(9)])
    return tmp_path / "audit"


def test_every_bit_of_an_unsigned_trail_counts(unsigned):
    assert undetected(unsigned, tuple(1 << i for i in range(8))) == []


def test_every_byte_of_a_signed_trail_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "audit.key"))
    assert undetected(signed_trail(tmp_path / "audit", 5), (1, 32)) == []


@pytest.mark.slow
@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "unsigned"])
def test_every_byte_of_a_thousand_records_counts(tmp_path, monkeypatch, is_signed):
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "audit.key"))
    if is_signed:
        folder = signed_trail(tmp_path / "audit", 1000)
    else:
        folder = tmp_path / "audit"
        begin(folder)
        append(folder, [Entry("run", f"scenario {i}", "why", i, {"x": i}) for i in range(999)])
    assert len(lines_of(folder)) == 1000
    assert undetected(folder, (1,)) == []
