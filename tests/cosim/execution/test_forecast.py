"""The share of an experiment that is done."""

from types import SimpleNamespace

import pytest

from cosim.clock import to_ticks
from cosim.execution.forecast import UNKNOWN_STEPS, fraction_done
from cosim.system.experiment import Duration, Phase, PhaseStep, Until


def run(phase, began=None, ended=None, cycle=0, step_name=None):
    return SimpleNamespace(phase=phase, began=began, ended=ended, cycle=cycle, step_name=step_name)


LONG = Phase("long", ("a",), to_ticks(10.0), Duration(to_ticks(1000.0)))
WAIT = Phase("wait", ("a", "b"), to_ticks(1.0), Until((), to_ticks(1e9)), repeat=2)


def test_phases_count_by_their_component_steps():
    # 100 steps of one component, then twice the assumed number of steps of two components.
    total = 100 + 2 * 2 * UNKNOWN_STEPS
    waiting = run(WAIT)
    assert fraction_done([run(LONG, 0, cycle=1), waiting], to_ticks(500.0)) == pytest.approx(50 / total)
    assert fraction_done([run(LONG, 0, to_ticks(1000.0), cycle=1), waiting], to_ticks(1000.0)) == pytest.approx(
        100 / total
    )


def test_a_new_cycle_counts_whole_and_a_late_one_never_reaches_the_end():
    begun = to_ticks(0.0)
    assert fraction_done([run(WAIT, begun, cycle=2)], to_ticks(1.0)) == pytest.approx(0.5)
    assert fraction_done([run(WAIT, begun, cycle=1)], to_ticks(1e6)) == pytest.approx(0.495)
    assert fraction_done([run(WAIT, begun, to_ticks(5.0), cycle=2)], to_ticks(5.0)) == 1.0


def test_a_step_counts_as_its_part_of_the_cycle():
    steps = tuple(PhaseStep(name, Until((), to_ticks(1e9))) for name in ("load", "wash", "elute", "strip"))
    phase = Phase("capture", ("a",), to_ticks(1.0), None, steps=steps)
    shares = [fraction_done([run(phase, 0, cycle=1, step_name=step.name)], to_ticks(1.0)) for step in steps]
    assert shares == pytest.approx([0.00025, 0.25, 0.5, 0.75])
