"""Algorithms that call for values, turned into generators that yield points and are sent values."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

import numpy as np

from cosim.errors import RequestError
from cosim.study.method import Runs
from cosim.study.problem import Array

Result = TypeVar("Result")

Ask = Callable[[Array], Array]
"""Takes points (m, p), returns predictions (m, n)."""

Asking = Generator[Array, Array, Result]
"""Yields points (m, p), is sent predictions (m, n), returns what was found."""


class _GivenUp(BaseException):
    """Ends an algorithm whose answers nobody waits for."""


def asking(algorithm: Callable[[Ask], Result]) -> Asking[Result]:
    """Run ``algorithm`` on a thread of its own, which waits whenever this generator does.

    The two never run at the same time, so that the outcome depends on the answers only.
    """
    questions: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    answers: queue.SimpleQueue[Array | None] = queue.SimpleQueue()

    def ask(points: Array) -> Array:
        questions.put(("points", points))
        answer = answers.get()
        if answer is None:
            raise _GivenUp
        return answer

    def work() -> None:
        try:
            questions.put(("result", algorithm(ask)))
        except _GivenUp:
            pass
        except BaseException as error:
            questions.put(("error", error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            kind, content = questions.get()
            if kind == "error":
                raise content
            if kind == "result":
                return content  # type: ignore[no-any-return]
            answers.put((yield content))
    finally:
        answers.put(None)
        thread.join()


def together(searches: Sequence[Asking[Result]]) -> Asking[list[Result]]:
    """Let several ask side by side: what they ask next is one batch; return what each has found."""
    results: dict[int, Result] = {}
    waiting: dict[int, Array] = {}
    try:
        for i, search in enumerate(searches):
            _go_on(i, search, None, waiting, results)
        while waiting:
            batch = dict(waiting)
            waiting.clear()
            values = yield np.concatenate(list(batch.values()))
            first = 0
            for i, points in batch.items():
                part = values[first : first + len(points)]
                first += len(points)
                _go_on(i, searches[i], part, waiting, results)
    finally:
        for search in searches:
            search.close()
    return [results[i] for i in range(len(searches))]


def _go_on(
    i: int,
    search: Asking[Result],
    values: Array | None,
    waiting: dict[int, Array],
    results: dict[int, Result],
) -> None:
    try:
        waiting[i] = next(search) if values is None else search.send(values)
    except StopIteration as stop:
        results[i] = stop.value


def replayed(asked: Asking[Result], runs: Runs) -> Result:
    """Let ``asked`` ask again for what was run, and return what it finds.

    Raises
    ------
    RequestError
        When it asks for something else.
    """
    first, points = 0, next(asked)
    try:
        while True:
            last = first + len(points)
            if not np.array_equal(points, runs.points[first:last]):
                raise RequestError("The runs are not those of this study: what it asks for has changed. Begin anew.")
            values, first = runs.values[first:last], last
            points = asked.send(values)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        asked.close()
