"""Set-points of a virtual plant over OPC UA: taken, refused, ignored, and safe when the heartbeat stops."""

import asyncio
import logging

import pytest
from live_plant import kettle, write_kettle

import cosim
from cosim.clock import to_ticks
from cosim.live.deadman import Fallback
from cosim.live.fault import Fault, FaultScript, Kind
from cosim.live.tag_file import read_tag_map
from cosim.shadowing.plant_model import PlantModel

asyncua = pytest.importorskip("asyncua", reason="asyncua is not installed")
ua = asyncua.ua

from cosim.live.opcua.server import Serving  # noqa: E402
from cosim.shadowing.plant import VirtualPlant  # noqa: E402

FALLBACK = Fallback("BEAT", 3.0, {"SP1": 0.5})


def with_plant(folder, use, *faults):
    """Run ``use(write, shows)`` beside a kettle that is served, ten seconds of it a second."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    write_kettle(folder)
    with (folder / "kettle.tags.yaml").open("a") as file:
        file.write("  BEAT: {limits: [0, 100], writable: true}\n")
    tags = read_tag_map(folder / "kettle.tags.yaml").tags
    told = []

    async def run(execution):
        model = PlantModel(execution, tags, FaultScript(0, {}, faults))
        plant = VirtualPlant(model, tags, Serving(), speed=10.0, batch_id="b", fallback=FALLBACK)
        address = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(plant.run(address.set_result, on_fallback=told.append))
        try:
            async with asyncua.Client(await address, watchdog_intervall=5) as client:
                index = await client.get_namespace_index("urn:bioprocess-cosim:plant")
                node = lambda name: client.get_node(ua.NodeId(name, index))  # noqa: E731

                async def shows(name, value):
                    for _ in range(200):
                        found = await node(name).read_data_value(raise_on_bad_status=False)
                        if found.StatusCode.is_good() and found.Value.Value == pytest.approx(value):
                            return True
                        await asyncio.sleep(0.05)
                    return False

                await use(lambda name, value: node(name).write_value(value), shows)
        finally:
            plant.stop()
            await serving

    with cosim.open(folder / "kettle.yaml", components={"kettle": kettle}) as execution:
        asyncio.run(run(execution))
        return told, execution["kettle.heat"]


def test_what_is_written_is_set_and_what_is_refused_is_not(tmp_path):
    async def use(write, shows):
        assert await shows("SP1", 1.0)
        await write("SP1", 2.0)
        assert await shows("SP1", 2.0)
        with pytest.raises(ua.UaStatusCodeError, match="BadOutOfRange"):
            await write("SP1", 3.5)
        await asyncio.sleep(0.2)
        assert await shows("SP1", 2.0)

    told, heat = with_plant(tmp_path, use)
    assert heat == 2000.0
    assert told == []


@pytest.mark.parametrize("kind", [Kind.REFUSE, Kind.IGNORE])
def test_a_set_point_that_does_not_take_what_is_written(tmp_path, kind):
    async def use(write, shows):
        assert await shows("SP1", 1.0)
        if kind is Kind.REFUSE:
            with pytest.raises(ua.UaStatusCodeError, match="BadUserAccessDenied"):
                await write("SP1", 2.0)
        else:
            await write("SP1", 2.0)
            await asyncio.sleep(0.3)
        assert await shows("SP1", 1.0)

    assert with_plant(tmp_path, use, Fault(kind, to_ticks(0.0), None, "SP1"))[1] == 1000.0


def test_when_the_heartbeat_stops_the_plant_is_safe(tmp_path):
    async def use(write, shows):
        assert await shows("SP1", 1.0)
        await asyncio.sleep(0.5)
        assert await shows("SP1", 1.0)  # nobody has controlled it
        await write("SP1", 2.0)
        for beat in range(1, 8):
            await write("BEAT", float(beat))
            await asyncio.sleep(0.2)
        assert await shows("SP1", 2.0)
        assert await shows("SP1", 0.5)

    told, heat = with_plant(tmp_path, use)
    assert told == [FALLBACK]
    assert heat == 500.0
