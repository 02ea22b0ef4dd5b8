"""The advisor: looks for the set-points that make the forecast best, and tells what they bring and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from cosim.acting.actor import AbstractAdvisor
from cosim.acting.advice import Advice, Gain, Move
from cosim.acting.ahead import Ahead, Levers, set_points
from cosim.acting.aim import Aim
from cosim.acting.scheme import EVERY, Scheme, Sight, look
from cosim.clock import Ticks, to_ticks
from cosim.errors import RequestError
from cosim.live.acting import Acting, Advising
from cosim.opened import OpenExecution
from cosim.shadowing.following import AbstractProspects, Compared, Ground
from cosim.shadowing.outlook import Health
from cosim.shadowing.shadow import Plan
from cosim.study.optimising.few import search_few
from cosim.study.problem import Array

_NEVER: Final = Ticks(-1)
_SEARCHED: Final = 3
"""Members on which plans are tried where an estimator gives them; the best plan is judged on all that are asked for."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """A plan, where it is in the unit cube, and what it comes to."""

    place: Array
    scheme: Scheme
    sight: Sight | None

    def rank(self) -> tuple[float, float]:
        """Return what is to be small: first what is exceeded, then the worth that is missing."""
        if self.sight is None:
            return float("inf"), 0.0
        return max(float(self.sight.excess.mean()), 0.0), -float(self.sight.worth.mean())


class Advisor(AbstractAdvisor):
    """Advises when that is due, by what ``prospects`` tells of the members.

    ``ahead`` is kept in step with the plant, where no estimator does it. ``before`` is what was advised before the
    shadow was interrupted: other advice is due, and the search for it begins there too.
    """

    def __init__(
        self,
        advising: Advising,
        acting: Acting,
        prospects: AbstractProspects,
        ahead: Ahead | None,
        before: Advice | None = None,
    ) -> None:
        self._advising, self._acting, self._last = advising, acting, _NEVER
        self._prospects, self._ahead = prospects, ahead
        self._before = before
        self._is_checked = ahead is not None

    def follow(self, compared: Compared) -> None:
        """Keep what looks ahead in step with the plant; at first, make sure that it has what the file names."""
        if self._ahead is not None:
            self._ahead.follow(compared)
        if not self._is_checked:
            copies = self._copies(1)
            self._is_checked = bool(copies)
            with _ended(copies):
                for copy in copies:
                    self._bound(copy)

    def advise(self, compared: Compared, pulse: Callable[[], None]) -> Advice | None:
        """Return advice where it is due, and where it is known where the set-points and the batch are."""
        present = set_points(compared.cycle, list(self._acting.moves))
        is_bad = compared.outlook is not None and compared.outlook.health is Health.BAD
        if not self._is_due(compared.cycle.end) or is_bad or len(present) < len(self._acting.moves):
            return None
        copies = self._copies(self._advising.n_members)
        if not copies:
            return None
        self._last = compared.cycle.end
        with _ended(copies):
            return self._look_for(compared, copies, present, pulse)

    def renew(self) -> None:  # noqa: D102
        self._last = _NEVER

    def _copies(self, n: int) -> list[OpenExecution]:
        """Return copies to look ahead with; none where there can be none now, as between communication points."""
        try:
            return self._prospects.copies(n)
        except RequestError:
            return []

    def _bound(self, copy: OpenExecution) -> tuple[Levers, Aim]:
        """Return how set-points are set and what a batch is worth in a scenario like ``copy``; raise as ``Aim``."""
        return Levers(copy, self._acting.moves), Aim(self._advising, copy)

    def close(self) -> None:
        """End what it thinks with."""
        if self._ahead is not None:
            self._ahead.close()

    def _is_due(self, end: Ticks) -> bool:
        """Tell whether a time for advice has passed since the last was looked for."""
        start, every = self._advising.start, self._advising.every
        return end >= start and (self._last < start or (end - start) // every > (self._last - start) // every)

    def _look_for(
        self,
        compared: Compared,
        copies: Sequence[OpenExecution],
        present: Mapping[str, float],
        pulse: Callable[[], None],
    ) -> Advice | None:
        levers, aim = self._bound(copies[0])
        searched = copies[:1] if self._ahead is not None else copies[:_SEARCHED]
        now = to_ticks(copies[0].time)
        every = min(EVERY, Ticks(self._advising.every // 4))
        unmoved = Scheme({}, {}, now, every)
        as_now = look(searched, unmoved, levers, aim, pulse)
        if as_now is None:
            return None
        switch = Ticks(now + every * max(1, (as_now.harvest - now) // (2 * every)))
        tried = self._search(searched, Scheme(present, present, switch, every), (levers, aim, pulse))
        best = min(tried, key=_Tried.rank)
        before: Sight | None = as_now
        after = best.sight
        if len(copies) > len(searched):
            before = look(copies, unmoved, levers, aim, pulse)
            after = look(copies, best.scheme, levers, aim, pulse)
        if before is None or after is None:
            return None
        self._before = self._judged(compared, present, best.scheme, (before, after), len(tried))
        return self._before

    def _search(
        self,
        copies: Sequence[OpenExecution],
        still: Scheme,
        how: tuple[Levers, Aim, Callable[[], None]],
    ) -> list[_Tried]:
        """Try plans, beginning with what there is and with what was best before."""
        levers, aim, pulse = how
        tried: list[_Tried] = []

        def ask(place: Array) -> tuple[float, float]:
            scheme = self._scheme(place, still)
            tried.append(_Tried(place, scheme, look(copies, scheme, levers, aim, pulse)))
            sight, first = tried[-1].sight, tried[0].sight
            if sight is None or first is None:
                return 2.0, 1.0
            scale = 0.1 * max(abs(float(first.worth.mean())), 1e-9)
            return -float(sight.worth.mean() - first.worth.mean()) / scale, float(sight.excess.mean())

        ask(self._place(still.first, still.later))
        if self._before is not None:
            moves = self._before.moves
            ask(self._place({move.tag: move.to for move in moves}, {move.tag: move.later for move in moves}))
        best = min(tried, key=_Tried.rank).place
        search_few(ask, best, max(self._advising.n_forecasts - len(tried), 1))
        return tried

    def _place(self, *halves: Mapping[str, float]) -> Array:
        """Return where the values of both halves of a plan are in the unit cube."""
        return np.array(
            [
                (min(max(values[tag], move.low), move.high) - move.low) / (move.high - move.low)
                for values in halves
                for tag, move in self._acting.moves.items()
            ]
        )

    def _scheme(self, place: Array, like: Scheme) -> Scheme:
        moves = list(self._acting.moves.values())
        levels = [
            {
                move.tag: min(max(move.low + float(share) * (move.high - move.low), move.low), move.high)
                for move, share in zip(moves, half, strict=True)
            }
            for half in (place[: len(moves)], place[len(moves) :])
        ]
        return replace(like, first=levels[0], later=levels[1])

    def _judged(
        self,
        compared: Compared,
        present: Mapping[str, float],
        scheme: Scheme,
        sights: tuple[Sight, Sight],
        n_tried: int,
    ) -> Advice:
        before, after = sights
        gain = _gain(before, after)
        why = self._objection(gain, before, after)
        moves = tuple(
            Move(tag, move.unit, present[tag], scheme.first[tag], scheme.later[tag], move.low, move.high)
            for tag, move in self._acting.moves.items()
        )
        return Advice(
            compared.cycle.number, compared.cycle.end, moves, scheme.switch, after.harvest, float(after.worth.mean()),
            float(before.worth.mean()), gain, after.risk, before.risk, not why, why, n_tried,
        )  # fmt: skip

    def _objection(self, gain: Gain, before: Sight, after: Sight) -> str:
        """Return why it is better to go on as now, '' where it is not."""
        advising = self._advising
        if after.risk > max(advising.risk, before.risk):
            return f"the best plan leaves a limit in {after.risk:.0%} of what is believed"
        if after.risk < before.risk and before.risk > advising.risk:
            return ""  # it keeps limits that would be left
        if gain.relative < advising.gain:
            return f"the best plan brings {gain.relative:+.2%}"
        if gain.confidence is not None and gain.confidence < advising.confidence:
            return f"it is only {gain.confidence:.0%} sure that the best plan brings anything"
        return ""


@contextmanager
def _ended(copies: Sequence[OpenExecution]) -> Iterator[None]:
    """End ``copies`` when the block does."""
    with ExitStack() as stack:
        for copy in copies:
            stack.callback(copy.close)
        yield


def _gain(before: Sight, after: Sight) -> Gain:
    differences = after.worth - before.worth
    low, high = np.quantile(differences, [0.05, 0.95])
    mean = float(differences.mean())
    relative = mean / max(abs(float(before.worth.mean())), 1e-12)
    confidence = float((differences > 0).mean()) if len(differences) > 1 else None
    return Gain(mean, float(low), float(high), relative, confidence)


def advisor_of(plan: Plan, ground: Ground, before: Advice | None = None) -> AbstractAdvisor | None:
    """Return who advises a shadow of ``plan`` that got the advice ``before``, None where its file asks for none.

    Raises
    ------
    CosimError
        When what the file says does not fit the scenario that looks ahead, all problems at once.
    """
    if plan.advising is None or plan.acting is None:
        return None
    if ground.prospects is not None:
        if plan.advising.scenario is not None or plan.advising.doubt:
            raise RequestError(
                f"Advice goes by the 'forecast' of '{plan.file.path}', from what is estimated. Take 'scenario' and "
                "'doubt' out of 'advice', or 'forecast' out of the file."
            )
        return Advisor(plan.advising, plan.acting, ground.prospects, None, before)
    ahead = Ahead(plan, ground, plan.advising, plan.acting.moves)
    try:
        Aim(plan.advising, ahead.execution)
    except BaseException:
        ahead.close()
        raise
    return Advisor(plan.advising, plan.acting, ahead, ahead, before)
