import base64

import numpy as np
import pytest

from cosim.results.charts import affordable, chart_data
from cosim.results.signals import select
from cosim.results.timeline import activity


@pytest.fixture
def data(result):
    active = activity(result.run["phases"], result.phases)
    return chart_data(affordable(select(result)), active)


def _series(data, component, name):
    for panel in data["panels"]:
        for series in panel["series"]:
            if (panel["component"], series["name"]) == (component, name):
                times = np.frombuffer(base64.b64decode(series["t"]), "<u4") * data["tick"]
                return times, np.frombuffer(base64.b64decode(series["v"]), "<f4")
    raise AssertionError(name)


def test_extremes_and_ends_are_on_the_page(data, result):
    times, values = _series(data, "capture", "uv280")
    trajectory = result["capture.uv280"]
    assert np.nanmax(values) == pytest.approx(trajectory.max(), rel=1e-6)
    assert times[-1] == pytest.approx(trajectory.time[-1], abs=1e-3)


def test_values_are_in_the_unit_shown(data):
    _, values = _series(data, "reactor", "volume")
    assert values[0] == pytest.approx(1510, rel=1e-6)


def test_line_is_broken_while_the_component_slept(data):
    times, values = _series(data, "hold", "volume")
    gaps = np.flatnonzero(np.isnan(values))
    assert len(gaps) == 1
    assert times[gaps[0] - 1] < times[gaps[0]] < times[gaps[0] + 1]


def test_line_is_not_broken_between_phases_that_follow_each_other(data):
    _, values = _series(data, "reactor", "volume")
    assert not np.isnan(values).any()
