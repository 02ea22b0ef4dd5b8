"""Two twins are never armed for one set-point."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from live_plant import kettle, write_kettle

from cosim.acting.joining import joined
from cosim.acting.sole import controlled, sole_control
from cosim.audit.trail import begin
from cosim.errors import RequestError
from cosim.processes import environment_of
from cosim.shadowing.shadow import read_plan

FILE = """\
shadow: s
scenario: kettle.yaml
tags: kettle.tags.yaml
act:
  mode: control
  moves: {SP1: {sets: kettle.heat, range: [0.2 kW, 2 kW], rate: 0.1 kW per 1 min}}
  heartbeat: {tag: BEAT}
"""
HOLDER = """\
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from live_plant import kettle
from cosim.acting.sole import sole_control
from cosim.shadowing.shadow import read_plan
with sole_control(read_plan(Path("s.yaml"), {"kettle": kettle}), "opc.tcp://localhost:4840/x"):
    print("held", flush=True)
    time.sleep(600)
"""


def own_address():
    """Return the address under which other machines would know this one; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    begin(tmp_path / "audit")
    write_kettle(tmp_path)
    with (tmp_path / "kettle.tags.yaml").open("a") as file:
        file.write("  BEAT: {limits: [0, 10000], writable: true}\n")
    (tmp_path / "s.yaml").write_text(FILE)
    return read_plan(tmp_path / "s.yaml", {"kettle": kettle})


def test_a_second_twin_is_refused_whatever_it_calls_the_machine(plan):
    assert controlled(plan) == {"SP1": "Plant/SP1", "BEAT": "Plant/BEAT"}
    with sole_control(plan, "opc.tcp://127.0.0.1:4840/plant"):
        said = f'SP1 is controlled by the shadow of "{plan.file.path.resolve()}" (process {os.getpid()}) already'
        with pytest.raises(RequestError, match=re.escape(said)):
            with joined(plan, None, "x", plant="opc.tcp://localhost:4840/other"):
                pass
        with joined(plan, None, plant="opc.tcp://localhost:4840/"):
            pass  # one that is not armed writes no set-point
        with sole_control(plan, "opc.tcp://localhost:4841/plant"):
            pass  # another plant
    with sole_control(plan, "opc.tcp://localhost:4840/plant"):
        pass


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", own_address()])
def test_all_addresses_of_this_machine_are_one(plan, host):
    with sole_control(plan, "opc.tcp://localhost/plant"):  # at the usual port
        with pytest.raises(RequestError, match="SP1 is controlled by"):
            with sole_control(plan, f"opc.tcp://{host}:4840/plant"):
                pass
        with sole_control(plan, "opc.tcp://192.0.2.1:4840/plant"):
            pass  # an address that nobody has (RFC 5737)


def test_a_process_that_is_killed_holds_nothing_any_more(plan):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, os.path.dirname(sys.modules["live_plant"].__file__)], stdout=subprocess.PIPE,
        text=True, env=environment_of(),
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RequestError, match=rf"\(process {holder.pid}\) already"):
            with sole_control(plan, "opc.tcp://localhost:4840/plant"):
                pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    with sole_control(plan, "opc.tcp://localhost:4840/plant"):
        pass
