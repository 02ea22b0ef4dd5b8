"""A link without a server."""

import threading
from contextlib import contextmanager

from cosim.live.record import Note


class FakeLink:
    """Delivers arrivals in a thread, as the link does; then it is silent, or breaks."""

    def __init__(self, arrivals, error=None):
        self._arrivals, self._error, self.is_done = arrivals, error, threading.Event()

    @contextmanager
    def __call__(self, endpoint, tags, known, sink, **options):
        def run():
            for arrival in self._arrivals:
                if isinstance(arrival, Note):
                    sink(arrival)
                elif new := known.new(arrival):
                    sink(new)
            self.is_done.set()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield self
        finally:
            thread.join()

    def check(self):
        if self._error and self.is_done.is_set():
            raise self._error
