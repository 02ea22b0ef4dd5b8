"""A twin that controls a virtual plant over OPC UA: armed, followed by the plant, missed when it is killed."""

import asyncio
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cosim.acting.actions import Kind, actions_in
from cosim.audit.trail import begin
from cosim.processes import environment_of

asyncua = pytest.importorskip("asyncua", reason="asyncua is not installed")
ua = asyncua.ua

MODEL = Path(__file__).parents[1] / "scenarios" / "broken" / "Plant.mo"
SCENARIO = """\
scenario: tank
components:
  source: {source: modelica:Plant.Source}
  tank: {source: modelica:Plant.Tank}
streams: [source.outlet => tank.inlet, tank.outlet => waste]
connections: [tank.volume -> source.measured]
parameters: {source: {rate: 1 mL/s}}
phases: {fill: {active: [source, tank], duration: 48 h, step: 10 s}}
"""
TAGS = """\
tag_map: tank
tags:
  LT1: {measures: tank.volume, unit: L, every: 1 min}
  FT2: {drives: tank.demand, plant: tank.outlet.V_flow, unit: mL/s, every: 1 min}
  SP2: {plant: tank.demand, unit: mL/s, limits: [0 mL/s, 5 mL/s], writable: true, every: 1 min}
  SP2_ADVICE: {unit: mL/s, limits: [0 mL/s, 5 mL/s], writable: true}
  BEAT: {limits: [0, 10000], writable: true}
"""
SHADOW = """\
shadow: tank
scenario: tank.yaml
tags: tank.tags.yaml
cycle: 1 min
act:
  mode: control
  moves:
    SP2: {sets: tank.demand, range: [0 mL/s, 0.9 mL/s], rate: 0.05 mL/s per 1 min, safe: 0.2 mL/s, advice: SP2_ADVICE}
  heartbeat: {tag: BEAT, every: 0.2 s, timeout: 2 s}
  stale: 6 h
  hand_over: 40 h
advice:
  every: 20 h
  from: 10 min
  maximise: {tank.volume: -1 1/L}
  keep: {tank.volume: [0.5 L, any]}
  harvest: {from: 12 h, to: 12 h}
  forecasts: 8
plant: {scenario: tank.yaml}
"""


@pytest.fixture
def folder(tmp_path):
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    (tmp_path / "Plant.mo").write_bytes(MODEL.read_bytes())
    for name, text in (("tank", SCENARIO), ("tank.tags", TAGS), ("shadow", SHADOW)):
        (tmp_path / f"{name}.yaml").write_text(text)
    begin(tmp_path / "audit")
    return tmp_path


def begun(folder, *arguments):
    environment = {name: value for name, value in environment_of().items() if name != "COSIM_AUDIT"}
    return subprocess.Popen(
        [sys.executable, "-m", "cosim", *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def read(url, *names):
    async def run():
        async with asyncua.Client(url, watchdog_intervall=5) as client:
            index = await client.get_namespace_index("urn:bioprocess-cosim:plant")
            return [await client.get_node(ua.NodeId(name, index)).read_value() for name in names]

    return asyncio.run(run())


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_a_plant_whose_twin_is_killed_falls_back(folder):
    plant = begun(folder, "plant", "shadow.yaml", "--port", "0", "--speed", "300")
    twin = None
    try:
        url = next(m[1] for line in plant.stderr if (m := re.search(r"at (opc\.tcp://\S+?)\. ", line)))
        twin = begun(folder, "shadow", "shadow.yaml", "--plant", url, "--out", "out", "--arm", "a trial", "-q")
        written = lambda: [a for a in actions_in(folder / "out") if a.kind is Kind.WRITTEN and a.subject == "SP2"]  # noqa: E731
        assert wait_for(lambda: len(written()) >= 3 or twin.poll() is not None)
        assert twin.poll() is None, twin.stderr.read()
        set_point, advice, beat = read(url, "SP2", "SP2_ADVICE", "BEAT")
        assert 0.1 <= set_point <= 0.9
        assert 0.1 < advice <= 0.9
        assert beat >= 1
        os.kill(twin.pid, signal.SIGKILL)
        assert wait_for(lambda: read(url, "SP2") == [pytest.approx(0.2)], 30.0)
        assert any("the heartbeat at BEAT has stopped" in line for line in iter(plant.stderr.readline, ""))
    finally:
        for process in (twin, plant):
            if process is not None:
                process.kill()
                process.communicate()
    values = [action.facts["value"] for action in written()]
    assert all(0.0 <= value <= 0.9 for value in values)
    lines = [json.loads(line)["record"] for line in (folder / "audit/trail.jsonl").read_text().splitlines()]
    intents = [line["after"]["value"] for line in lines if (line["after"] or {}).get("status") == "to be written"]
    # What is shown has passed through the plant's own unit, so that its last digit may differ from what was meant.
    assert all(any(value == pytest.approx(intent, abs=1e-9) for intent in intents) for value in values)


def ended(process, number):
    """Send a signal; return the exit code and what was said on the error stream."""
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    return process.returncode, said.replace("\n", " ")


@pytest.mark.slow
def test_of_two_side_by_side_one_controls_and_both_go_on_while_no_third_is_armed(folder):
    (folder / "watch.yaml").write_text("shadow: watch\nscenario: tank.yaml\ntags: tank.tags.yaml\ncycle: 1 min\n")
    plant, twins = begun(folder, "plant", "shadow.yaml", "--port", "0", "--speed", "300"), []
    try:
        url = next(m[1] for line in plant.stderr if (m := re.search(r"at (opc\.tcp://\S+?)\. ", line)))
        both = ("shadow", "shadow.yaml", "watch.yaml", "--plant", url, "--arm", "a trial", "-q")
        done = lambda kind: [a for a in actions_in(folder / "out/tank") if a.kind is kind and a.subject == "SP2"]  # noqa: E731
        twins.append(begun(folder, *both, "--out", "out"))
        assert wait_for(lambda: done(Kind.WRITTEN) or twins[0].poll() is not None)
        third = begun(folder, "shadow", "shadow.yaml", "--plant", url, "--out", "third", "--arm", "another")
        _, said = third.communicate(timeout=120)
        assert third.returncode == 2
        assert "SP2 is controlled by the shadow of" in said.replace("\n", " ")
        code, said = ended(twins[0], signal.SIGINT)
        assert code == 130, said
        assert "--resume" in said.partition("Go on with:")[2]
        assert read(url, "BEAT") == [0]
        left = read(url, "SP2")
        time.sleep(4.0)
        assert read(url, "SP2") == left  # handed over in order: nothing falls back
        n = len(done(Kind.WRITTEN))
        twins.append(begun(folder, *both, "--resume", "out/watch", "--resume", "out/tank"))
        assert wait_for(lambda: len(done(Kind.WRITTEN)) > n or twins[1].poll() is not None)
        code, said = ended(twins[1], signal.SIGTERM)
        assert code == 130, said
        assert len(done(Kind.WRITTEN)) > n
        assert read(url, "BEAT") == [0]
    finally:
        for process in (*twins, plant):
            process.kill()
            process.communicate()
    lines = [json.loads(line)["record"] for line in (folder / "audit/trail.jsonl").read_text().splitlines()]
    states = [line["after"]["state"] for line in lines if line["subject"] == "control"]
    assert states == ["active", "handed over"] * 2
    sent = [line for line in lines if line["subject"] == "SP2" and line["after"].get("status") == "to be written"]
    told = [line for line in lines if line["subject"] == "SP2" and line["after"].get("status") != "to be written"]
    assert len(sent) == len(told)


def test_without_a_trail_nothing_begins(folder):
    for file in (folder / "audit").iterdir():
        file.unlink()
    twin = begun(folder, "shadow", "shadow.yaml", "--plant", "opc.tcp://127.0.0.1:1/", "--arm", "a trial")
    _, said = twin.communicate(timeout=60)
    assert twin.returncode == 2
    assert "every write is put into the audit trail first" in said.replace("\n", " ")
