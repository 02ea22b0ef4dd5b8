"""Processes that cannot begin."""

import pytest

from cosim.errors import StudyError
from cosim.study.executor import Done, Order, Task
from cosim.study.pool import Pool, usable_cores

ORDER = Order("nothing.yaml", "", {}, ["f.x"], [("final(f.y)", "1", 1.0, 0.0)])


def test_a_process_that_dies_before_it_begins_ends_the_study():
    with (
        Pool("cosim.no_such_module", ORDER, 1) as pool,
        pytest.raises(StudyError, match=r"ended with exit code 1 before it had begun. Is there enough memory"),
    ):
        list(pool.run([Task(0, (1.0,))]))


def test_a_process_that_cannot_use_the_scenario_says_why():
    with (
        Pool("cosim.studying.worker", ORDER, 1) as pool,
        pytest.raises(StudyError, match=r"There is no scenario 'nothing.ya"),
    ):
        list(pool.run([Task(0, (1.0,))]))


def test_what_travels_comes_back_the_same():
    done = Done(3, "completed", (0.1 + 0.2, None), "", {1: "that was never so"}, 0.5)
    assert Done.read(done.document()) == done
    assert usable_cores() >= 1
