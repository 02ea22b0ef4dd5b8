"""The virtual plant over OPC UA, and a shadow of it: what a client sees, writes and gets refused."""

import asyncio
import itertools
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cosim.live.endpoint import Endpoint
from cosim.live.opcua.discovery import browse
from cosim.live.store import read_store
from cosim.live.tag_file import read_tag_map
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
parameters: {source: {rate: 1 mL/s, c_feed: 0.1 mol/L}}
phases: {fill: {active: [source, tank], duration: 2 h, step: 10 s}}
"""
TAGS = """\
tag_map: tank
tags:
  LT1: {measures: tank.volume, unit: L, limits: [0 L, 3 L], every: 10 s}
  LAB: {samples: tank.volume, unit: mL, every: 5 min}
"""
FAULTS = """\
faults: tank
seed: 4
instruments: {LT1: {noise: 1 mL}, LAB: {delay: 1 min, delay_spread: 20 min}}
events:
  - {at: 10 min, for: 10 min, fault: dropout, tag: LT1}
"""
SHADOW = """\
shadow: tank
scenario: tank.yaml
tags: tank.tags.yaml
cycle: 1 min
plant: {scenario: tank.yaml, parameters: {source.rate: 1.1 mL/s}, faults: tank.faults.yaml}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    folder = tmp_path_factory.mktemp("plant")
    (folder / "Plant.mo").write_bytes(MODEL.read_bytes())
    for name, text in (("tank", SCENARIO), ("tank.tags", TAGS), ("tank.faults", FAULTS), ("shadow", SHADOW)):
        (folder / f"{name}.yaml").write_text(text)
    return folder


class Running:
    """A ``cosim`` command in a process of its own."""

    def __init__(self, folder, *arguments, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cosim", *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**environment_of(), **environment},
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    def address(self):
        for line in self.process.stderr:
            if found := re.search(r"at (opc\.tcp://\S+?)\. ", line):
                return found[1]
        raise AssertionError("the plant did not start")


@pytest.fixture(scope="module")
def plant(folder):
    with Running(folder, "plant", "shadow.yaml", "--port", "0", "--speed", "600") as running:
        yield running.address()


def ask(url, question):
    """Ask a connected client."""

    async def run():
        async with asyncua.Client(url, watchdog_intervall=5) as client:
            index = await client.get_namespace_index("urn:bioprocess-cosim:plant")
            return await question(client, lambda name: client.get_node(ua.NodeId(name, index)))

    return asyncio.run(run())


def test_tags_have_types_units_ranges_and_times(plant):
    async def look(client, node):
        properties = {
            (await item.read_browse_name()).Name: await item.read_value() for item in await node("LT1").get_properties()
        }
        await asyncio.sleep(0.5)
        values = {
            name: await node(name).read_data_value(raise_on_bad_status=False)
            for name in ("LT1", "BatchTime", "BatchId", "Speed")
        }
        return properties, values, await node("LT1").read_data_type_as_variant_type()

    properties, values, kind = ask(plant, look)
    assert properties["EngineeringUnits"].DisplayName.Text == "L"
    assert properties["EngineeringUnits"].UnitId == 5002322  # LTR
    assert (properties["EURange"].Low, properties["EURange"].High) == (0.0, 3.0)
    assert kind == ua.VariantType.Double
    assert values["Speed"].Value.Value == 600.0
    assert values["BatchId"].Value.Value.startswith("tank-")
    assert values["BatchTime"].Value.Value > 0
    assert abs(values["BatchTime"].SourceTimestamp.timestamp() - time.time()) < 5.0


def test_history_has_every_value_since_the_beginning(plant):
    async def look(client, node):
        return await node("LT1").read_raw_history(ua.get_win_epoch(), None, 0), await node("BatchTime").read_value()

    values, batch = ask(plant, look)
    values = sorted(values, key=lambda value: value.SourceTimestamp)
    assert abs(len(values) - batch / 10) < 30
    gaps = {round((b.SourceTimestamp - a.SourceTimestamp).total_seconds(), 3) for a, b in itertools.pairwise(values)}
    assert gaps <= {0.016, 0.017}  # ten seconds, 600 times as fast


def test_nothing_else_can_be_written(plant):
    async def write(client, node):
        with pytest.raises(ua.UaStatusCodeError, match="BadUserAccessDenied"):
            await node("LT1").write_value(1.0)

    ask(plant, write)


def test_what_a_server_has_can_be_drafted_as_a_tag_map(plant, tmp_path):
    text = browse(Endpoint(plant))
    assert "  LT1: {node: 'nsu=urn:bioprocess-cosim:plant;s=LT1', unit: 'L', limits: [0 L, 3 L]}" in text
    (tmp_path / "found.yaml").write_text(text)
    assert list(read_tag_map(tmp_path / "found.yaml").tags) == ["LT1", "LAB"]


def test_a_shadow_follows_a_virtual_plant_of_its_own(folder):
    command = [
        "shadow",
        "shadow.yaml",
        "--plant",
        "virtual",
        "--speed",
        "600",
        "--until",
        "25 min",
        "--out",
        "out",
        "--json",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "cosim", *command],
        cwd=folder,
        env=environment_of(),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["cycles"] >= 25
    assert told["mismatch"]["LT1"]["mean"] < 0  # the plant's pump is faster than the twin believes
    assert "10 min  LT1 is missing." in done.stderr
    assert "20 min  LT1 is back." in done.stderr
    warnings = [line for line in done.stderr.splitlines() if "warning" in line]
    assert all("cannot keep a speed" in line for line in warnings)  # which a busy machine may say
    again = [*command[:2], "--replay", "out", "--out", "again", "--json"]
    replayed = subprocess.run(
        [sys.executable, "-m", "cosim", *again],
        cwd=folder,
        env=environment_of(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "The twin says the same as then." in replayed.stderr
    assert json.loads(replayed.stdout)["mismatch"] == told["mismatch"]


def killed_shadows(folder, plant, out, times, seconds, apart):
    """Kill a shadow again and again at moments that follow from ``seconds``; let the last one end."""
    command = ["shadow", "shadow.yaml", "--plant", plant, "-q"]
    for i in range(times):
        place = ["--resume", out] if i else ["--out", out]
        with Running(folder, *command, *place) as running:
            store = folder / out / "received"
            end = time.monotonic() + 60
            before = len(list(store.glob("*")))
            while time.monotonic() < end and len(list(store.glob("*"))) <= before and running.process.poll() is None:
                time.sleep(0.02)
            time.sleep(seconds * (i + 1) / times)
            assert running.process.poll() is None, running.process.communicate()[1]
            os.kill(running.process.pid, signal.SIGKILL)
    last = [sys.executable, "-m", "cosim", *command, "--resume", out, "--until", "2 min"]
    done = subprocess.run(last, cwd=folder, env=environment_of(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    keys = [
        (s.tag, s.source, s.status) for a in read_store(folder / out / "received") if not hasattr(a, "kind") for s in a
    ]
    assert len(keys) == len(set(keys))
    levels = sorted(source for tag, source, _ in keys if tag == "LT1")
    gaps = {round((b - a) / 1e9, 3) for a, b in itertools.pairwise(levels)}
    assert len(levels) > 5
    assert gaps <= set(apart), gaps  # what the killed ones missed came from history


def test_a_shadow_that_is_killed_loses_and_doubles_nothing(folder):
    with Running(folder, "plant", "shadow.yaml", "--port", "0", "--speed", "100") as running:  # 72 s for the batch
        killed_shadows(folder, running.address(), "killed", 2, 0.8, apart=(0.1,))


@pytest.mark.slow
def test_a_shadow_that_is_killed_twenty_times_loses_and_doubles_nothing(folder):
    with Running(folder, "plant", "shadow.yaml", "--port", "0", "--speed", "10") as running:
        killed_shadows(folder, running.address(), "killed20", 20, 3.0, apart=(1.0,))


@pytest.mark.slow
def page_of(process):
    for line in process.stderr:
        if found := re.search(r"The page is at (http://\S+)", line):
            return found[1]
    raise AssertionError("there is no page")


def first_event(url):
    """What a page is told first."""
    with urllib.request.urlopen(url, timeout=30) as stream:
        return json.loads(stream.readline()[6:])


@pytest.fixture(scope="module")
def slow_plant(folder):
    with Running(folder, "plant", "shadow.yaml", "--port", "0", "--speed", "60") as running:
        yield running.address()


def test_several_shadows_of_one_plant_are_on_one_page(slow_plant, folder):
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    (folder / "second.yaml").write_text(SHADOW.replace("shadow: tank", "shadow: second"))
    arguments = ["shadow.yaml", "second.yaml", "--plant", slow_plant, "--out", "several", "--json"]
    with Running(folder, "shadow", *arguments, "--page-at", "127.0.0.1:0") as running:
        url = page_of(running.process)
        for _ in range(200):
            told = first_event(f"{url}events?shadow=second")
            if all(brief["t"] for brief in told["shadows"].values()):
                break
            time.sleep(0.2)
        running.process.send_signal(signal.SIGINT)
        output, errors = running.process.communicate(timeout=60)
        assert running.process.returncode == 130, errors
    assert told["new"]["head"]["name"] == "second"
    assert {tag["name"] for tag in told["new"]["head"]["tags"]} == {"LT1", "LAB"}
    assert all(value is not None for value in told["new"]["courses"]["LT1"][1])
    results = json.loads(output)
    assert set(results) == {"tank", "second"}
    assert all(told["cycles"] > 0 and told["mismatch"]["LT1"]["n"] > 0 for told in results.values())
    for name in results:
        assert list(read_store(folder / "several" / name / "received"))
    assert "tank: Connected to" in errors


def test_a_user_is_admitted_over_an_encrypted_channel_only(folder, tmp_path):
    (tmp_path / "password").write_text("correct-horse")
    (tmp_path / "password").chmod(0o600)
    secured = ["--security", "Basic256Sha256", "--user", "ada", "--password-file", str(tmp_path / "password")]
    with Running(
        folder, "plant", "shadow.yaml", "--port", "0", "--speed", "600", *secured, "--pki", str(tmp_path / "theirs")
    ) as running:
        url = running.address()
        ours = ["shadow", "shadow.yaml", "--plant", url, *secured, "--pki", str(tmp_path / "ours"), "--until", "2 min"]
        run = [sys.executable, "-m", "cosim", *ours, "--out", str(tmp_path / "out"), "-q"]
        environment = environment_of()
        refused = subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert refused.returncode == 3
        assert "which is not trusted" in refused.stderr
        trusted = subprocess.run(
            [*run[:-3], "--out", str(tmp_path / "out2"), "-q", "--trust"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert trusted.returncode == 0, trusted.stderr
    for place in (tmp_path / "out2").rglob("*"):
        assert not place.is_file() or b"correct-horse" not in place.read_bytes()
