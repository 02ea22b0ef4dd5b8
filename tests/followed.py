"""A link that is followed by a test: what it delivered, and whether that is everything."""

from opcua_server import counters, notes, wait_for

from cosim.live.endpoint import Endpoint, Patience
from cosim.live.known import Known
from cosim.live.opcua.link import Link

QUICK = Patience(silence=2.0, settle=0.3, recheck=1.0, first=0.1, longest=0.5, steady=5.0, request=3.0)


class Followed:
    """A link and what it delivered."""

    def __init__(self, url, tags, *, known=None, patience=QUICK, actuator=None, **endpoint):
        self.arrivals = []
        self.known = known or Known(tags)
        self.link = Link(
            Endpoint(url, **endpoint),
            tags,
            self.known,
            self.arrivals.append,
            patience=patience,
            is_resumed=known is not None,
            actuator=actuator,
        )

    def __enter__(self):
        self.link.__enter__()
        return self

    def __exit__(self, *_):
        self.link.close()

    def texts(self, *kinds):
        return [note.text for note in notes(self.arrivals, *kinds)]

    def has(self, kind, n=1):
        return wait_for(lambda: len(notes(self.arrivals, kind)) >= n)

    def grows(self, tag="T0", by=5):
        """Wait until more values of a tag have come."""
        before = len(counters(self.arrivals, tag))
        return wait_for(lambda: len(counters(self.arrivals, tag)) >= before + by)


def whole(followed, server, tags):
    """Stop counting; check that every value from the first to the last came, once."""
    final = server.tell("stop counting")
    try:
        for tag in tags.tags:
            assert wait_for(lambda tag=tag: final[tag] in counters(followed.arrivals, tag)), tag
            got = sorted(counters(followed.arrivals, tag))
            assert got == [float(i) for i in range(int(got[0]), final[tag] + 1)], tag
    finally:
        server.tell("count")
