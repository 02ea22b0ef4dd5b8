"""When an estimate is good, uncertain or bad."""

from types import SimpleNamespace

import numpy as np
import pytest

from cosim.clock import to_ticks
from cosim.estimation import Innovation
from cosim.live.tag import Tag, Use
from cosim.shadowing.estimating import Sensor
from cosim.shadowing.estimator import Taken
from cosim.shadowing.judging import Judge
from cosim.shadowing.outlook import Health
from cosim.units import conversion

CYCLE = to_ticks(600.0)
PER_DAY = 144
TAGS = {"A1": Use.MEASURES, "A2": Use.MEASURES, "A3": Use.MEASURES} | {f"LAB_{i}": Use.SAMPLES for i in range(5)}


def judge():
    sensors = [Sensor(Tag(name, None, "1", use, "a.x", "", 1), "a.x", conversion("1", "1"), 1.0, 0.0)
               for name, use in TAGS.items()]  # fmt: skip
    return Judge(SimpleNamespace(sensors=sensors), 40)


def after(one, number, values):
    """Let a cycle have ``values``: of tags, expected standard deviations off; return health and reason."""
    end = (number + 1) * CYCLE
    which = np.array([list(TAGS).index(name) for name in values], dtype=int)
    innovation = Innovation(end, np.array(list(values.values())), np.eye(len(values)), which)
    samples = [SimpleNamespace(time=end) for name in values if name.startswith("LAB")]
    return one.judge(SimpleNamespace(cycle=SimpleNamespace(end=end), samples=samples), Taken((), (innovation,), 0))


def batch(numbers, days, changed):
    """Yield health and reason through a batch that scatters as it should, but for what ``changed`` returns of a day."""
    one = judge()
    for i in range(days * PER_DAY):
        names = [name for name in TAGS if name.startswith("A") or i % 72 == 71]
        found = dict(zip(names, np.clip(numbers.standard_normal(len(names)), -3.0, 3.0).tolist(), strict=True))
        yield after(one, i, {name: changed(i / PER_DAY, name, value) for name, value in found.items()})


def test_good_batches_stay_good():
    """1 in 400 fortnights has one sensor contradict; of 20 seldom any."""
    numbers = np.random.default_rng(7)
    found = [health for _ in range(20) for health, _ in batch(numbers, 14, lambda day, name, value: value)]
    assert set(found) == {Health.GOOD}


@pytest.mark.parametrize(
    ("wrong", "worst"),
    [(["LAB_1"], Health.UNCERTAIN), (["A1"], Health.UNCERTAIN), (["LAB_1", "LAB_3"], Health.BAD)],
)
def test_one_sensor_contradicts_and_two_prove_the_model_wrong(wrong, worst):
    """From the second day on they are 2.9 standard deviations off: told within three days, not before."""
    numbers = np.random.default_rng(3)
    found = list(batch(numbers, 5, lambda day, name, value: 2.9 if name in wrong and day > 2 else value))
    assert {health for health, _ in found[: 2 * PER_DAY]} == {Health.GOOD}
    health, reason = found[-1]
    assert health is worst
    assert reason.startswith(f"Values of {', '.join(wrong)} scatter more about the estimate than chance lets them.")


def test_a_single_value_that_is_off_proves_nothing():
    one = judge()
    assert after(one, 0, {"A1": 0.1, "LAB_1": 3.0})[0] is Health.GOOD
    assert after(one, 1, {"A1": 0.1, "LAB_1": -3.0})[0] is Health.GOOD


def test_it_goes_on_from_its_notes():
    one, again = judge(), judge()
    for i in range(6):
        after(one, i, {"A1": 0.0, "LAB_1": 3.0, "LAB_2": 3.0})
    again.recall(one.notes())
    assert after(again, 6, {"A1": 0.0}) == after(one, 6, {"A1": 0.0})
    assert after(again, 7, {"A1": 0.0})[0] is Health.BAD
