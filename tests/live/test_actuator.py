"""The actuator against asyncua's server: types, refusals, rounding, and a heartbeat that stops by itself."""

import asyncio
import logging
import math
import struct
import time

import pytest

from cosim.errors import LinkError
from cosim.live.acting import Heartbeat

asyncua = pytest.importorskip("asyncua", reason="asyncua is not installed")
ua = asyncua.ua

from cosim.live.opcua.actuator import Actuator, _fitting  # noqa: E402
from cosim.live.opcua.services import Services  # noqa: E402

RANGES = {"double": (0.0, 5.1), "float": (0.0, 5.1), "whole": (0, 10), "text": (0.0, 1.0), "flag": (0, 1),
          "list": (0.0, 1.0), "locked": (0.0, 1.0), "gone": (0.0, 1.0)}  # fmt: skip
STARTS = {
    "double": (1.0, ua.VariantType.Double), "float": (1.0, ua.VariantType.Float), "whole": (1, ua.VariantType.UInt16),
    "text": ("1.0", ua.VariantType.String), "flag": (True, ua.VariantType.Boolean),
    "list": ([1.0, 2.0], ua.VariantType.Double), "locked": (0.5, ua.VariantType.Double),
    "beat": (0, ua.VariantType.UInt16), "other": (1.0, ua.VariantType.Double),
}  # fmt: skip


def with_server(use, heartbeat=None):
    """Run ``use(actuator, nodes)`` in a thread beside a server and a client."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)

    async def run():
        server = asyncua.Server()
        await server.init()
        server.set_endpoint("opc.tcp://127.0.0.1:0/plant")
        index = await server.register_namespace("urn:test")
        nodes = {}
        for name, (value, kind) in STARTS.items():
            nodes[name] = await server.nodes.objects.add_variable(ua.NodeId(name, index), name, value, kind)
            if name != "locked":
                await nodes[name].set_writable()
        async with server:
            port = server.bserver._server.sockets[0].getsockname()[1]
            async with asyncua.Client(f"opc.tcp://127.0.0.1:{port}/plant", watchdog_intervall=5) as client:
                actuator = Actuator(RANGES, heartbeat)
                found = {name: node.nodeid for name, node in nodes.items()}
                actuator.attach(await Services.of(client, 5.0), found)
                try:
                    return await asyncio.to_thread(use, actuator, found)
                finally:
                    actuator.detach()

    return asyncio.run(run())


def test_what_is_written_is_there_in_the_type_of_the_node():
    def use(actuator, nodes):
        assert actuator.write("double", 2.5) == 2.5
        single = actuator.write("float", 5.1)
        assert single <= 5.1
        assert actuator.write("whole", 3.0) == 3.0
        found = actuator.read(["double", "float", "whole", "text"])
        assert [found[name].value for name in ("double", "float", "whole")] == [2.5, single, 3.0]
        assert not found["text"].is_usable

    with_server(use)


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        ("double", 5.2, "5.2 cannot be written to 'double', a node of Double for 0 to 5.1"),
        ("double", math.nan, "nan cannot be written"),
        ("whole", 2.5, "2.5 cannot be written to 'whole', a node of UInt16"),
        ("text", 0.5, "holds no single number"),
        ("flag", 1.0, "holds no single number"),
        ("list", 0.5, "holds no single number"),
        ("locked", 0.6, "The plant refuses 0.6 for 'locked': BadUserAccessDenied|BadNotWritable"),
        ("other", 1.0, "'other' is not among what may be written"),
        ("gone", 0.5, "The plant has no node for 'gone' now"),
    ],
)
def test_what_cannot_be_written_is_told_and_changes_nothing(tag, value, reason):
    def use(actuator, nodes):
        with pytest.raises(LinkError, match=reason):
            actuator.write(tag, value)
        if tag in nodes:
            before = STARTS[tag][0]
            found = actuator.read([tag])[tag].value
            assert not isinstance(before, float) or found == before

    with_server(use)


def test_numbers_of_32_bits_are_rounded_into_the_range():
    single = lambda value: struct.unpack("<f", struct.pack("<f", value))[0]  # noqa: E731
    for low, high in ((0.1, 5.1), (-0.3, -0.1), (0.7, 0.7000001), (0.0, 16777217.0), (-1e-46, 1e-46)):
        for value in (low, high):
            found = _fitting(value, ua.VariantType.Float, low, high)
            assert low <= found <= high
            assert found == single(found)
    assert _fitting(1e300, ua.VariantType.Float, 0.0, 1e308) is None


def test_the_heartbeat_stops_when_nobody_asks_for_it_any_more():
    def use(actuator, nodes):
        count = lambda: actuator.read(["beat"])["beat"].value  # noqa: E731
        time.sleep(0.15)
        assert count() == 0
        actuator.beat_until(time.monotonic() + 0.5)
        end = time.monotonic() + 5.0
        while count() < 2 and time.monotonic() < end:
            time.sleep(0.02)
        assert count() >= 2
        actuator.beat_until(0.0)
        time.sleep(0.3)  # one that is on its way
        stopped = count()
        time.sleep(0.3)
        assert count() == stopped

    with_server(use, Heartbeat("beat", 0.02, 0.1))


def test_released_the_heartbeat_shows_zero_and_stays_there():
    def use(actuator, nodes):
        count = lambda: actuator.read(["beat"])["beat"].value  # noqa: E731
        actuator.beat_until(time.monotonic() + 60.0)
        end = time.monotonic() + 5.0
        while count() < 2 and time.monotonic() < end:
            time.sleep(0.02)
        assert count() >= 2
        actuator.release()
        assert count() == 0
        time.sleep(0.2)
        assert count() == 0

    with_server(use, Heartbeat("beat", 0.02, 0.1))


def test_one_node_under_two_names_is_not_written():
    def use(actuator, nodes):
        nodes["whole"] = nodes["double"]
        with pytest.raises(LinkError, match="'double' and 'whole' are the same node of the plant"):
            actuator.write("double", 2.5)
        nodes["beat"] = nodes["other"]
        actuator.beat_until(time.monotonic() + 60.0)
        time.sleep(0.3)
        assert actuator.read(["other", "float"])["other"].value == STARTS["other"][0]

    with_server(use, Heartbeat("beat", 0.02, 0.1))


def test_without_a_connection_nothing_is_written():
    with pytest.raises(LinkError, match="no connection to the plant"):
        Actuator(RANGES, None).write("double", 1.0)
