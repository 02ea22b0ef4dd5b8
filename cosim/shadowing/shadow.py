"""The shadow: a link that keeps what a plant sends, a session that aligns it, a twin that keeps pace."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cosim.clock import Ticks, to_ticks
from cosim.live.acting import Acting, Advising
from cosim.live.acting_file import read_acting
from cosim.live.actuator import AbstractActuator
from cosim.live.cycle import Cycle
from cosim.live.endpoint import Endpoint, Patience
from cosim.live.known import Known
from cosim.live.opcua.link import Link
from cosim.live.reading import FOLDER as BOOKMARKS
from cosim.live.reading import Reading
from cosim.live.record import Arrival, Note
from cosim.live.session import Session
from cosim.live.shadow_file import ShadowFile, read_shadow_file
from cosim.live.store import FOLDER as RECEIVED
from cosim.live.store import Store, read_store
from cosim.live.tag import TagMap, Use
from cosim.live.tag_file import read_tag_map
from cosim.loading import Factory, OnBuilt
from cosim.opened import OpenExecution
from cosim.opened import open as open_scenario
from cosim.results import Result
from cosim.results.checkpoints import remove_checkpoints
from cosim.results.document import encode, write_text
from cosim.results.report import write_report
from cosim.resuming import alone
from cosim.shadowing.comparison import FOLDER as COMPARED
from cosim.shadowing.comparison import Comparison, Mismatch, Mismatches, go_back, n_compared
from cosim.shadowing.estimates import FOLDER as ESTIMATED
from cosim.shadowing.estimates import Estimates, forget_after
from cosim.shadowing.following import AbstractFollower, FollowerMaker, Ground
from cosim.shadowing.keeping import remove_kept
from cosim.shadowing.lookout import Lookout
from cosim.shadowing.one_voice import OneVoice
from cosim.shadowing.reopening import reopen
from cosim.shadowing.reporting import plant_section
from cosim.shadowing.session_folder import own_folder, require_same
from cosim.shadowing.twin import Twin

KEEP: Final = 20.0
"""Seconds on the wall between checkpoints."""
_LOOK: Final = 0.2
"""Seconds between looks at whether the link lives and somebody wants to stop."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears what while a shadow runs, and who may stop it; all in the thread of the caller.

    ``makers`` make more followers, of the shadow that they then hear. ``arrived`` alone is called in the thread of the
    link, as soon as something is kept. ``resumed`` is told what session is gone on with, before there is a link;
    ``leaving`` is called when it stops, for whatever reason, while there still is.
    """

    followers: Sequence[AbstractFollower] = ()
    heard: Callable[[Arrival], None] = lambda _: None
    should_stop: Callable[[], bool] = lambda: False
    on_built: OnBuilt | None = None
    warn: Callable[[str], None] = lambda _: None
    makers: Sequence[FollowerMaker] = ()
    arrived: Callable[[Arrival], None] = lambda _: None
    resumed: Callable[[Session], None] = lambda _: None
    leaving: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """What a shadow left: its run, how many cycles it took, and how far plant and twin were apart, by tag."""

    result: Result
    n_cycles: int
    mismatches: Mapping[str, Mismatch]
    is_over: bool = False
    """True when the plant told that its batch has ended."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A shadow before it begins: its file, its tags, and the ``components`` that a caller supplies.

    ``acting`` is what it may do to the plant, ``advising`` how it looks for the best; None where it only looks on.
    """

    file: ShadowFile
    tags: TagMap
    components: Mapping[str, Factory] = field(default_factory=dict)
    acting: Acting | None = None
    advising: Advising | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The files that decide what it does."""
        return {"shadow": self.file.text, "tags": self.file.tags.read_text(encoding="utf-8-sig")}


def read_plan(path: Path, components: Mapping[str, Factory] | None = None) -> Plan:
    """Read a shadow file and its tag map.

    Raises
    ------
    ScenarioError, ProblemList
        All problems of a file at once.
    """
    file = read_shadow_file(path)
    tags = read_tag_map(file.tags)
    acting, advising = read_acting(file, tags)
    return Plan(file, tags, components or {}, acting, advising)


def shadow(
    plan: Plan,
    endpoint: Endpoint,
    *,
    out: str | Path | None = None,
    resume: Path | None = None,
    until: Ticks | None = None,
    patience: Patience | None = None,
    listeners: Listeners | None = None,
    actuator: AbstractActuator | None = None,
    link: Callable[..., AbstractContextManager[Any]] = Link,
) -> ShadowResult:
    """Follow the plant at ``endpoint`` until its batch ends, ``until`` is reached, or somebody wants to stop.

    Parameters
    ----------
    plan
        What follows what.
    endpoint, patience
        Where the plant is reached, and how patient the link is.
    out
        Folder for what is kept; default ``results/<shadow>/<run id>``.
    resume
        Folder of a shadow that was interrupted, to go on with.
    until
        Time of the batch at which to stop.
    listeners
        Who hears every cycle, and may stop it.
    actuator
        Reaches the set-points of the plant, while the link stands.
    link
        Makes the link; another than OPC UA's for tests.

    Raises
    ------
    LinkError
        When the plant cannot be reached at first, or its link ends.
    CosimError
        When a file cannot be used, the twin fails, or something cannot be kept.
    """
    with ExitStack() as stack:
        voice = stack.enter_context(OneVoice())
        listeners = _with(listeners or Listeners(), voice)
        if resume:
            require_same(plan, resume)
            stack.enter_context(alone(resume))
            running = _Running.resumed(plan, resume, listeners)
        else:
            running = _Running.begun(plan, stack.enter_context(own_folder(plan, out)), listeners)
        stack.callback(running.close)
        running.until = until
        store = Store(running.folder / RECEIVED)
        stack.callback(store.close)
        known, arrivals = Known(plan.tags), queue.SimpleQueue[Arrival]()
        voice.speak()
        running.catch_up(store.n_arrivals)
        listeners.resumed(running.reading.session)
        known.restore(running.reading.known.state())

        def keep(arrival: Arrival) -> None:
            store.append(arrival)
            listeners.arrived(arrival)
            arrivals.put(arrival)

        options = {"patience": patience, "is_resumed": resume is not None, "actuator": actuator}
        with link(endpoint, plan.tags, known, keep, **options) as made:
            try:
                _follow(running, made, arrivals)
            finally:  # the plant is told, whatever ends it
                listeners.leaving()
        while not arrivals.empty() and not running.is_there:
            running.take(arrivals.get())
        return running.finish()


def _with(listeners: Listeners, voice: OneVoice) -> Listeners:
    return replace(listeners, followers=(*listeners.followers, voice))


def _follow(running: _Running, link: Any, arrivals: queue.SimpleQueue[Arrival]) -> None:  # noqa: ANN401
    """Take arrivals until there is a reason to stop."""
    while not running.should_stop():
        try:
            arrival = arrivals.get(timeout=_LOOK)
        except queue.Empty:
            link.check()
            continue
        running.take(arrival)


class _Running:
    """A shadow on its way: what arrives goes in, cycles go to the twin and its followers.

    The last cycle is the first that ends at or after ``until``, a time of the batch, where there is one.
    """

    until: Ticks | None = None

    def __init__(self, plan: Plan, folder: Path, execution: OpenExecution, listeners: Listeners, first: int) -> None:
        self.folder, self._execution, self._listeners = folder, execution, listeners
        self._twin, self._tags = Twin(execution, plan.tags), plan.tags
        self.reading = Reading(plan.tags, plan.file.cycle)
        self._mismatches = Mismatches([tag.name for tag in plan.tags.of(Use.MEASURES, Use.SAMPLES)])
        if first:
            go_back(folder / COMPARED, Ticks(first * plan.file.cycle), self._twin)
            self._mismatches.recall(folder / COMPARED)
        self._next, self._time = first, Ticks(first * plan.file.cycle)
        self._lookout = self._look_out(plan, folder, is_resumed=first > 0)
        with ExitStack() as undo:
            undo.callback(self._close_lookout)
            prospects = self._lookout.prospects if self._lookout is not None else None
            made = [make(Ground(folder, execution, self._time, prospects)) for make in listeners.makers]
            recording = [Estimates(folder / ESTIMATED)] if self._lookout is not None else []
            comparison = Comparison(folder / COMPARED, self._twin)
            self._followers = (*listeners.followers, *made, comparison, *recording, self._mismatches)
            undo.pop_all()
        self._kept = time.monotonic()
        self._received, self._is_cut = 0, False

    def _look_out(self, plan: Plan, folder: Path, *, is_resumed: bool) -> Lookout | None:
        """Begin to estimate, or go on, where the file says what."""
        if plan.file.estimation is None:
            return None
        if is_resumed:
            forget_after(folder / ESTIMATED, self._time)
        return Lookout(
            plan.file, plan.tags, self._execution, folder, components=plan.components, is_resumed=is_resumed,
            warn=self._listeners.warn,
        )  # fmt: skip

    @classmethod
    def begun(cls, plan: Plan, folder: Path, listeners: Listeners) -> _Running:
        """Begin anew in a folder that ``_own_folder`` has made."""
        execution = open_scenario(
            plan.file.scenario, plan.file.parameters, out=folder, components=plan.components,
            on_built=listeners.on_built,
        )  # fmt: skip
        try:
            running = cls(plan, folder, execution, listeners, 0)
            execution.keep()
        except BaseException:
            execution.close()
            raise
        return running

    @classmethod
    def resumed(cls, plan: Plan, folder: Path, listeners: Listeners) -> _Running:
        """Go on from the last checkpoint in ``folder``."""
        execution = reopen(
            folder, plan.file.scenario, plan.file.parameters, components=plan.components, on_built=listeners.on_built,
            warn=listeners.warn,
        )  # fmt: skip
        try:
            return cls(plan, folder, execution, listeners, round(to_ticks(execution.time) / plan.file.cycle))
        except BaseException:
            execution.close()
            raise

    def catch_up(self, n_stored: int) -> None:
        """Take in what the store holds, its ``n_stored`` arrivals; those before a bookmark are not read again."""
        self.reading.go_on(self.folder / BOOKMARKS, self._next, n_stored)
        for arrival in read_store(self.folder / RECEIVED, self.reading.n_arrivals):
            self.take(arrival)

    def take(self, arrival: Arrival) -> None:
        """Take in what arrived; step the twin over the cycles that are over then."""
        self._received = arrival.received if isinstance(arrival, Note) else arrival[-1].received
        self._listeners.heard(arrival)
        for cycle in self.reading.feed(arrival):
            self._step(cycle)
        if self.reading.is_bookmark_due:
            self.reading.bookmark(self.folder / BOOKMARKS)
            self._keep()  # a bookmark later than the last checkpoint is of no use

    def _step(self, cycle: Cycle) -> None:
        if cycle.number < self._next or self._execution.is_over:
            return  # the twin had taken it before it was interrupted, or its scenario is shorter than the batch
        if self.is_there:
            self._is_cut = True
            return  # one arrival may end many cycles; those that are left out stay in the store
        compared = self._twin.follow(cycle)
        if self._lookout is not None:
            compared = replace(compared, outlook=self._lookout.look(compared, self.reading.session.batch_id))
        for follower in self._followers:
            follower.follow(compared)
        self._next, self._time = cycle.number + 1, cycle.end
        if time.monotonic() - self._kept > KEEP:
            self._keep()

    def _keep(self) -> None:
        for follower in self._followers:
            follower.settle()
        if not self._execution.is_over:
            if self._lookout is not None:
                self._lookout.settle()
            self._execution.keep()
        self._kept = time.monotonic()

    @property
    def is_there(self) -> bool:
        """Tell whether it has come to ``until``, also where more has arrived: a slow twin does not go further."""
        return self.until is not None and self._time >= self.until

    def should_stop(self) -> bool:
        """Tell whether there is a reason to stop."""
        return self.is_there or self.reading.session.is_over or self._execution.is_over or self._listeners.should_stop()

    def finish(self) -> ShadowResult:
        """Take what is left and leave a result; keep the checkpoint of a batch that goes on."""
        is_over = self.reading.session.is_over or self._execution.is_over
        if is_over:
            for cycle in self.reading.session.finish(self._received):
                self._step(cycle)
        is_over = is_over and not self._is_cut
        self._keep()
        result = self._execution.result()
        write_report(result, self.folder / "report.html", plant_section(self.folder, self._tags))
        if is_over:
            remove_checkpoints(self.folder)
            remove_kept(self.folder)
        summary = {
            name: {"n": item.n, "mean": item.mean, "rms": item.rms} for name, item in self._mismatches.by_tag.items()
        }
        write_text(self.folder / "mismatch.json", encode(summary, indent=2))
        return ShadowResult(result, self._next, self._mismatches.by_tag, is_over)

    def close(self) -> None:
        """End the twin and its estimator; legal any number of times."""
        self._close_lookout()
        self._execution.close()

    def _close_lookout(self) -> None:
        if self._lookout is not None:
            self._lookout.close()


def replay(
    plan: Plan, recorded: Path, *, out: str | Path | None = None, listeners: Listeners | None = None
) -> ShadowResult:
    """Repeat a recorded session: the same arrivals go through a twin that begins anew, up to where the session ended.

    Raises
    ------
    RequestError
        When ``recorded`` holds no shadow of the same files.
    CosimError
        As for ``shadow``.
    """
    require_same(plan, recorded)
    with ExitStack() as stack:
        listeners = _with(listeners or Listeners(), stack.enter_context(OneVoice()))
        running = _Running.begun(plan, stack.enter_context(own_folder(plan, out)), listeners)
        stack.callback(running.close)
        running.until = Ticks(n_compared(recorded / COMPARED) * plan.file.cycle)
        for arrival in read_store(recorded / RECEIVED):
            running.take(arrival)
        return running.finish()
