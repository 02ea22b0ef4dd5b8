"""A plant that is a mapping: set-points that can be read and written, and that misbehave in all the ways there are."""

import math
import time

from cosim.errors import LinkError
from cosim.live.acting import Acting, Heartbeat, Manipulated, Mode
from cosim.live.actuator import AbstractActuator, Reading
from cosim.live.quality import BAD_SENSOR, UNCERTAIN

S = 10**9
HOUR = 3600 * S
MOVES = {
    "FEED": Manipulated("FEED", "feed.demand", "L/h", 0.5, 6.0, 1.0, HOUR, safe=1.0, advice="FEED_ADVICE"),
    "TEMP": Manipulated("TEMP", "heat.set_point", "degC", 33.0, 37.0, 0.5, HOUR),
}


def acting(mode=Mode.CONTROL, needs=("TT",)):
    return Acting(mode, MOVES, Heartbeat("BEAT", 0.01, 0.05), stale=HOUR, patience=2 * HOUR, needs=needs)


class FakePlant(AbstractActuator):
    """Set-points by tag; ``fault`` is what goes wrong now: None, 'refuse', 'ignore', 'round', 'gone', 'bad',
    'uncertain'; 'deaf' to the heartbeat. Its nodes hold multiples of ``unit``, or all numbers."""

    def __init__(self, **values):
        self.values = {"FEED": 2.0, "TEMP": 36.0, "FEED_ADVICE": math.nan, **values}
        self.fault, self.writes, self.until, self.n_released = None, [], [], 0
        self.unit = None

    def read(self, tags):
        if self.fault == "gone":
            raise LinkError("There is no connection to the plant now.")
        status = {"bad": BAD_SENSOR, "uncertain": UNCERTAIN}.get(self.fault, 0)
        return {tag: Reading(self.values[tag], status) for tag in tags}

    def fitting(self, tag, value, present):
        if self.unit is None or not math.isfinite(value):
            return value
        return self.unit * (math.floor if value > present else math.ceil)(value / self.unit)

    def write(self, tag, value):
        assert self.unit is None or value == self.fitting(tag, value, value)
        self.writes.append((tag, value))
        if self.fault in ("gone", "refuse"):
            raise LinkError("The plant refuses it: BadUserAccessDenied.")
        if self.fault != "ignore":
            self.values[tag] = round(value) if self.fault == "round" else value

    def beat_until(self, moment):
        self.until.append(moment)

    @property
    def last_beat(self):
        return -math.inf if self.fault == "deaf" else time.monotonic()

    def release(self):
        self.n_released += 1
