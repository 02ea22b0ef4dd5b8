"""The actuator against asyncua's server: types, refusals, rounding, and a heartbeat that stops by itself."""

import asyncio
import logging
import math
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosim.errors import LinkError
from cosim.live.acting import Heartbeat

asyncua = pytest.importorskip("asyncua", reason="asyncua is not installed")
ua = asyncua.ua

from cosim.live.opcua.actuator import Actuator, _fitting, _next_single  # noqa: E402
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
        assert actuator.fitting("double", 2.3, 1.0) == 2.3
        single = actuator.fitting("float", 5.1, 1.0)
        assert 5.0999 < single < 5.1
        assert [actuator.fitting("whole", 3.7, present) for present in (1.0, 5.0)] == [3.0, 4.0]
        for name, value in (("double", 2.5), ("float", single), ("whole", 3.0)):
            actuator.write(name, value)
        found = actuator.read(["double", "float", "whole", "text"])
        assert [found[name].value for name in ("double", "float", "whole")] == [2.5, single, 3.0]
        assert not found["text"].is_usable

    with_server(use)


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        ("double", 5.2, "5.2 cannot be written to 'double', a node of Double for 0 to 5.1"),
        ("double", math.nan, "nan cannot be written"),
        ("float", 5.05, "5.05 cannot be written to 'float', a node of Float"),
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


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


@pytest.mark.parametrize(("low", "high"), [(0.1, 5.1), (-0.3, -0.1), (0.0, 16777217.0), (-1e-46, 1e-46), (3e38, 1e39)])
def test_numbers_of_32_bits_are_rounded_towards_where_the_set_point_is(low, high):
    middle = 0.5 * (low + high)
    for value in (low, high):
        found = _fitting(value, ua.VariantType.Float, middle)
        assert min(value, middle) <= found <= max(value, middle)
        assert abs(value) > 3.4e38 or found == single(found)


@given(present=st.floats(-(2.0**99), 2.0**99, width=32), value=st.floats(-(2.0**99), 2.0**99))
def test_rounded_to_32_bits_a_step_is_never_larger_and_nothing_else_lies_between(present, value):
    found = _fitting(value, ua.VariantType.Float, present)
    assert found == single(found)
    assert min(present, value) <= found <= max(present, value)
    if found != value:  # the next number of 32 bits lies beyond
        beyond = _next_single(found, up=value > found)
        assert found < value < beyond or beyond < value < found


@given(present=st.integers(-1000, 1000), value=st.floats(-1e6, 1e6))
def test_rounded_to_whole_numbers_a_step_is_never_larger(present, value):
    found = _fitting(value, ua.VariantType.Int32, float(present))
    assert found.is_integer()
    assert abs(found - value) <= 1.0
    assert min(present, value) <= found <= max(present, value)


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


@pytest.mark.parametrize(("tag", "is_taken"), [("beat", True), ("locked", False), ("gone", False), ("text", False)])
def test_a_beat_counts_only_when_the_plant_has_taken_it(tag, is_taken):
    def use(actuator, nodes):
        begun = time.monotonic()
        assert actuator.last_beat == -math.inf
        actuator.beat_until(begun + 60.0)
        end = begun + (5.0 if is_taken else 0.5)
        while actuator.last_beat == -math.inf and time.monotonic() < end:
            time.sleep(0.02)
        assert (actuator.last_beat >= begun) is is_taken

    with_server(use, Heartbeat(tag, 0.02, 0.1))


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
