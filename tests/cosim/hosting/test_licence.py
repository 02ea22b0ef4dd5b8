"""Seats of a licence are shared by all processes of the machine, and come back when one dies."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cosim.errors import FmuError
from cosim.hosting.licence import Licence, take_seat

ONE = Licence("vendor", 1, 0.0)
HOLD = (
    "from cosim.hosting.licence import *; import sys, time; seat = take_seat(Licence('vendor', 1, 0), 'other')\n"
    "print('taken', flush=True); time.sleep(60)"
)


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_STATE", str(tmp_path))


def test_a_seat_is_taken_and_given_back():
    seat = take_seat(ONE, "tank")
    with pytest.raises(
        FmuError, match=r"'pump' got no licence: the seat of licence 'vendor' is taken, and none became"
    ):
        take_seat(ONE, "pump")
    seat.leave()
    seat.leave()
    take_seat(ONE, "pump").leave()


def test_as_many_as_there_are():
    seats = [take_seat(Licence("vendor", 3, 0.0), "tank") for _ in range(3)]
    with pytest.raises(FmuError, match="all 3 seats of licence 'vendor' are taken"):
        take_seat(Licence("vendor", 3, 0.0), "tank")
    for seat in seats:
        seat.leave()


def test_a_killed_process_leaves_its_seat(caplog):
    other = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"taken\n"
    with pytest.raises(FmuError, match="is taken"):
        take_seat(ONE, "tank")
    other.kill()
    other.wait()
    other.stdout.close()
    take_seat(ONE, "tank").leave()


def test_one_waits_for_a_seat_and_says_so(caplog):
    other = subprocess.Popen([sys.executable, "-c", HOLD.replace("60", "1.5")], stdout=subprocess.PIPE)
    other.stdout.readline()
    begin = time.monotonic()
    take_seat(Licence("vendor", 1, 60.0), "tank").leave()
    assert time.monotonic() - begin > 0.2
    assert "'tank' waits for one of 1 seats of licence 'vendor', for at most 60 s." in caplog.text
    other.wait()
    other.stdout.close()


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    Path(tmp_path, "file").touch()
    monkeypatch.setenv("COSIM_STATE", str(tmp_path / "file"))
    with pytest.raises(FmuError, match=r"seats of licence 'vendor' cannot be counted in .*: Not a directory"):
        take_seat(ONE, "tank")
