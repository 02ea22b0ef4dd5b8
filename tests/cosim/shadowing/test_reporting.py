"""The report of a session: plant, twin, estimates, forecasts and alerts in one section."""

import pytest
from estimating_shadow import arrivals, course, run, write_shadow

from cosim.cli.report import report
from cosim.shadowing.reporting import plant_section
from cosim.shadowing.session_folder import tags_of
from cosim.shadowing.shadow import read_plan
from cosim.shipped import scenarios_folder

FORECAST = (
    "forecast: {{scenario: {path}, until: 3 d, every: 2 h, step: 12 h, members: 6, "
    "hold: {{FT1: {{variable: feeder.target, within: 1 mmol/L}}}}}}\n"
)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Twenty hours, from the tenth of which on the target of the feed is off its plan for six."""
    folder = tmp_path_factory.mktemp("session")
    told = [(hour, values | ({"FT1": 3.0} if 10 <= hour < 16 else {})) for hour, values in course(21)]
    plan = read_plan(write_shadow(folder, FORECAST.format(path=scenarios_folder() / "hello.yaml"), "unscented"))
    outlooks = run(plan, arrivals(told), out=folder / "out")
    return plan, folder / "out", outlooks


def test_soft_sensors_stand_beside_what_was_measured(session):
    plan, folder, outlooks = session
    section = plant_section(folder, plan.tags)
    charts = {chart.name: chart for chart in section.charts}
    assert list(charts) == [
        "LAB_glucose · reactor.glucose",
        "LAB_titre · reactor.titre",
        "reactor.growth_rate",
        "VT1 · reactor.volume",
        "XT1 · reactor.viable_cells",
    ]
    titre, last = charts["LAB_titre · reactor.titre"], outlooks[-1]
    told = next(item for item in last.estimates if item.name == "reactor.titre")
    assert (titre.estimate.values[-1], titre.estimate.low[-1], titre.estimate.high[-1]) == (
        told.value,
        told.low,
        told.high,
    )
    assert titre.samples.times == [6 * 3600.0]
    assert titre.forecast.times[-1] == 3 * 86_400.0
    assert len(charts["VT1 · reactor.volume"].shown.times) == len(outlooks)
    assert section.health == [("good", 1.0)]


def test_alerts_say_how_long_they_lasted(session):
    plan, folder, _ = session
    (alert,) = plant_section(folder, plan.tags).alerts
    assert (alert.about, alert.begun, alert.over) == ("FT1", "11 h", "17 h")
    assert alert.text == "FT1 is 3 where 32.6 mmol/L is planned, since 10 h."


def test_all_of_it_is_in_the_report(session):
    text = (session[1] / "report.html").read_text()
    for part in (
        'id="plant"',
        "LAB_titre · reactor.titre",
        'class="forecast band"',
        "FT1 is 3 where 32.6 mmol/L is planned",
    ):
        assert part in text
    assert "The estimate was good for 100 % of the time." in text


def test_a_report_that_is_written_again_shows_the_plant_too(session, tmp_path):
    report(session[1], out=tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == (session[1] / "report.html").read_text()


def test_a_folder_that_is_no_shadow_has_no_such_section(tmp_path):
    assert tags_of(tmp_path) is None
    (tmp_path / "shadow.json").write_text('{"texts": {"tags": "tag_map: x"}}')
    assert tags_of(tmp_path) is None
