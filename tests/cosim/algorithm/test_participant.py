"""What a participant asks of its instance."""

import numpy as np
import pytest
from fakes import FakeInstance, describe

from cosim.algorithm.participant import Drive, Participant
from cosim.clock import Ticks, to_ticks
from cosim.errors import StepError
from cosim.instance.contract import StepOutcome


class Counting(FakeInstance):
    """Counts what is written, and returns early when told to."""

    def __init__(self, early: float | None = None, reports: float | None = None) -> None:
        super().__init__("a", describe(["u"], ["y"], {"k": 1.0}), lambda v, t, h: v.update(y=v["u"]))
        self.n_writes = 0
        self.early, self.reports = early, reports

    def write(self, group, values):
        self.n_writes += 1
        super().write(group, values)

    def step(self, time, size):
        if self.early is not None and size > to_ticks(self.early):
            size = to_ticks(self.early)
        outcome = super().step(time, size)
        return StepOutcome(to_ticks(self.reports)) if self.reports is not None else outcome


def make(instance: FakeInstance) -> Participant:
    board = np.zeros(3)
    return Participant(
        "a",
        instance,
        inputs=(("u",), board[0:1]),
        outputs=(("y",), board[1:2]),
        tunables=(("k",), board[2:3]),
        n_recorded=1,
        board=board,
    )


def test_inputs_are_written_when_they_change_only():
    instance = Counting()
    participant = make(instance)
    for i, value in enumerate([1.0, 1.0, 2.0]):
        participant.inputs[0] = value
        participant.advance(to_ticks(i + 1.0))
    assert instance.n_writes == 3  # inputs and tunable parameters at first, then the inputs that changed
    participant.tunables[0] = 5.0
    participant.advance(to_ticks(4.0))
    assert instance.n_writes == 4
    assert instance.inner.values["k"] == 5.0


def test_early_return_is_continued_to_the_end():
    instance = Counting(early=4.0)
    participant = make(instance)
    participant.advance(to_ticks(10.0))
    assert instance.steps == [(0.0, 4.0), (4.0, 4.0), (8.0, 2.0)]
    assert participant.time == to_ticks(10.0)
    assert participant.steps == 1


def test_returns_that_come_to_no_end_are_refused():
    instance = Counting(early=1e-9)
    with pytest.raises(StepError, match=r"'a' returned early 10000 times .* came to 1e-05 s\. A shorter step"):
        make(instance).advance(to_ticks(10.0))
    assert len(instance.steps) == 10_000


@pytest.mark.parametrize("reported", [0.0, 11.0])
def test_time_that_cannot_be_is_refused(reported):
    with pytest.raises(StepError, match=f"'a' was asked to step to 10 s and reports {reported:g} s"):
        make(Counting(reports=reported)).advance(to_ticks(10.0))


def test_time_of_its_own():
    instance = Counting()
    participant = make(instance)
    participant.time, participant.lag = to_ticks(100.0), to_ticks(90.0)
    participant.advance(to_ticks(105.0))
    assert instance.steps == [(10.0, 5.0)]


def test_recorded_signal_between_before_and_after():
    times, values = np.array([10, 20]), np.array([1.0, 3.0])
    linear = Drive(0, times, values, is_linear=True)
    hold = Drive(0, times, values, is_linear=False)
    assert [linear.at(Ticks(t)) for t in (0, 10, 15, 20, 30)] == [1.0, 1.0, 2.0, 3.0, 3.0]
    assert [hold.at(Ticks(t)) for t in (0, 10, 15, 20, 30)] == [1.0, 1.0, 1.0, 3.0, 3.0]
