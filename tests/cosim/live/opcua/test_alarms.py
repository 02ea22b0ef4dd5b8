"""Alarms: one event when a value leaves its limits, one when it fails, one when it is back."""

import asyncio
from types import SimpleNamespace

from cosim.live.opcua.alarms import Alarms
from cosim.live.quality import BAD_SENSOR
from cosim.live.tag import Tag, Use, by_name


class Generator:
    """Takes events as asyncua's would."""

    def __init__(self):
        self.event, self.told = SimpleNamespace(), []

    async def trigger(self, message):
        self.told.append((self.event.SourceName, self.event.Severity, message))


def tag(name, **more):
    return Tag(name, by_name(name), "K", Use.MEASURES, "", "", 1, 280.0, 320.0, **more)


def test_an_alarm_comes_once_and_goes_once():
    generator = Generator()
    alarms = Alarms(generator, {"A": tag("A"), "SP": tag("SP", is_writable=True)})

    async def course():
        for value, status in (
            (300.0, 0),
            (321.0, 0),
            (322.0, 0),
            (300.0, BAD_SENSOR),
            (279.0, 0),
            (300.0, 0),
            (301.0, 0),
        ):
            await alarms.look("A", value, status)
            await alarms.look("SP", 999.0, 0)

    asyncio.run(course())
    assert generator.told == [
        ("A", 600, "A is above 320 K."),
        ("A", 600, "A has failed."),
        ("A", 600, "A is below 280 K."),
        ("A", 100, "A is back within its limits."),
    ]
