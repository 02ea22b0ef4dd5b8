"""A virtual plant in the process of its shadow, without a server: both take a cycle in turn, whatever the clock."""

import math
import threading
import time
from contextlib import contextmanager

import numpy as np

from cosim.clock import to_seconds
from cosim.errors import LinkError
from cosim.live.actuator import AbstractActuator, Reading
from cosim.live.fault import Kind
from cosim.live.record import Kind as NoteKind
from cosim.live.record import Note, Sample
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE
from cosim.shadowing.following import AbstractFollower

T0 = 10**18


class Lockstep(AbstractFollower, AbstractActuator):
    """A link to ``model``, an actuator of it, and the follower after which it goes on.

    ``moved`` keeps what was written to set-points: tag, value, where it was before, and what ``latest`` told. With
    ``is_single`` its nodes have 32 bits; what it sets stops short by ``stick``. It begins with the cycle ``first``, to
    which the plant has come unheard.
    """

    def __init__(self, model, cycle, n_cycles, *, first=0, is_single=False, stick=0.0):
        self.is_single, self.stick, self._first = is_single, stick, first
        self.model, self._cycle, self._n = model, cycle, n_cycles
        self.shown, self.moved, self.latest = {}, [], lambda: 0
        self._taken, self._over = threading.Event(), threading.Event()
        self._error = None

    @contextmanager
    def link(self, endpoint, tags, known, sink, **options):
        thread = threading.Thread(target=self._run, args=(sink,))
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._taken.set()
            thread.join()

    def _run(self, sink):
        try:
            self._send(sink)
        except Exception as error:  # shown in the thread of the test
            self._error = error
        self._over.set()

    def _send(self, sink):
        sink(Note(NoteKind.CONNECTED, T0))
        sink(Note(NoteKind.TEXT, T0, "batch", BATCH_ID))
        for k in range(self._first, self._n):
            end = (k + 1) * self._cycle
            for publication in self.model.advance(end):
                if publication.time < self._first * self._cycle:
                    continue
                now = T0 + publication.time
                samples = [
                    Sample(r.tag, T0 + r.taken, T0 + r.reported, now, r.value, r.status) for r in publication.readings
                ]
                sink((*samples, Sample(BATCH_TIME, now, now, now, to_seconds(publication.time), 0)))
            if self.model.is_over or self._over.is_set():
                return
            beat = Sample(BATCH_TIME, T0 + end, T0 + end, T0 + end, to_seconds(end), 0)
            self._taken.clear()
            sink((beat,))
            sink(Note(NoteKind.TEXT, T0 + end, "going", PHASE))
            self._taken.wait(600)

    def check(self):
        if self._error is not None:
            raise self._error

    def should_stop(self):
        return self._over.is_set()

    def follow(self, compared):
        self._taken.set()

    def settle(self):
        pass

    def made(self, ground):
        return self

    def read(self, tags):
        return {tag: Reading(self._shows(tag)) for tag in tags}

    def _shows(self, tag):
        value = self.model.set_point(tag) if self.model.is_set_point(tag) else self.shown.get(tag, float("nan"))
        return float(np.float32(value)) if self.is_single else value

    def fitting(self, tag, value, present):
        if not self.is_single or not math.isfinite(value):
            return value
        found = np.float32(value)
        if float(found) > value if value > present else float(found) < value:
            found = np.nextafter(found, np.float32(-np.inf if value > present else np.inf))
        return float(found)

    def write(self, tag, value):
        if not self.model.is_set_point(tag):
            self.shown[tag] = value
            return
        self.moved.append((tag, value, self.model.set_point(tag), self.latest()))
        if self.model.has(tag, Kind.REFUSE):
            raise LinkError("The plant refuses it: BadUserAccessDenied.")
        if not self.model.has(tag, Kind.IGNORE):
            way = value - self.model.set_point(tag)
            self.model.operate(tag, value - math.copysign(min(self.stick, abs(way)), way))

    def beat_until(self, moment):
        self.until = moment

    @property
    def last_beat(self):
        return time.monotonic()

    def release(self):
        self.until = 0.0
