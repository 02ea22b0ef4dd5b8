"""Charts of a plant beside its twin, as part of a report."""

import math
import re

from cosim.results.plant_section import Line, PlantChart, caption


def line(*points):
    found = Line()
    for point in points:
        found.add(*point)
    return found


def test_all_that_is_known_of_a_quantity_is_drawn():
    chart = PlantChart(
        "LAB_titre", "g/L",
        samples=line((0.0, 1.0), (43_200.0, 1.5)),
        twin=line((0.0, 1.1), (86_400.0, 2.2)),
        estimate=line((0.0, 1.0, 0.9, 1.1), (86_400.0, 2.0, 1.8, 2.2)),
        forecast=line((172_800.0, 3.0, 2.5, 3.5), (259_200.0, 4.0, 3.0, 5.0)),
    )  # fmt: skip
    drawing = chart.drawing
    assert len(re.findall('<circle class="sample"', drawing)) == 2
    for kind in ("twin", "estimate", "forecast"):
        assert f'<polyline class="{kind}"' in drawing
    assert 'class="twin band"' not in drawing
    (band,) = re.findall(r'<polygon class="forecast band" points="([^"]*)"', drawing)
    places = [tuple(map(float, point.split(","))) for point in band.split()]
    assert [x for x, _ in places] == [places[0][0], places[1][0], places[1][0], places[0][0]]
    assert places[1][1] < places[0][1] < places[2][1] < places[3][1]  # upwards is less: 5, 3.5, 3.0, 2.5


def test_what_is_missing_leaves_no_trace():
    empty = PlantChart("T", "K", shown=line((0.0, math.nan)))
    assert empty.drawing == ""
    one = PlantChart("T", "K", shown=line((0.0, 300.0), (1.0, math.inf), (2.0, math.nan)))
    assert one.drawing.count("<circle") == 1
    assert "nan" not in one.drawing
    assert "inf" not in one.drawing


def test_names_are_text_and_nothing_else():
    chart = PlantChart("<script>alert(1)</script>", '"><b>', shown=line((0.0, 1.0), (1.0, 2.0)))
    assert "<script>" not in chart.drawing + caption(chart)
    assert "<b>" not in caption(chart)


def test_a_year_of_seconds_is_thinned_with_its_extremes():
    many = line(*((float(i), 1.0 + (i == 5_000)) for i in range(20_000)))
    thin = many.thinned()
    assert len(thin.times) < 1_000
    assert 5_000.0 in thin.times
