import mab_run

from cosim.results import load
from cosim.results.signals import select


def _shown(result):
    return {
        selection.component: [[signal.variable.name for signal in panel.signals] for panel in selection.panels]
        for selection in select(result)
    }


def test_what_the_scenario_asks_about_comes_first(result):
    shown = _shown(result)
    assert shown["reactor"][0] == ["titre"]
    assert shown["reactor"][1] == ["volume"]
    assert shown["capture"][0] == ["load_density"]


def test_signals_of_one_unit_share_a_chart(result):
    assert ["glucose", "glutamine", "lactate", "ammonia"] in _shown(result)["reactor"]


def test_bookkeeping_and_parameters_are_left_out(result):
    names = [name for panels in _shown(result).values() for panel in panels for name in panel]
    assert not [name for name in names if "_total" in name or name.startswith(("held_", "made_"))]
    assert "bed_volume" not in names
    assert "mu_max" not in names


def test_bare_numbers_do_not_share_an_axis(result):
    assert ["pH"] in _shown(result)["reactor"]
    assert ["uv280"] in _shown(result)["capture"]


def test_what_shows_the_same_is_shown_once(result):
    names = [name for panel in _shown(result)["reactor"] for name in panel]
    assert "titre" in names
    assert "harvest.c_mab" not in names


def test_constants_are_told_apart(result):
    capture = next(selection for selection in select(result) if selection.component == "capture")
    assert [signal.variable.name for signal in capture.constants] == ["outlet.V_flow", "outlet.T"]


def test_product_of_the_yield_is_a_key_signal(result):
    order = [name for panel in _shown(result)["capture"] for name in panel]
    assert order.index("outlet.c_mab") < order.index("outlet.c_sodium")


def test_nothing_recorded(tmp_path):
    mab_run.write(tmp_path, coarse=500)
    from cosim.results import ResultWriter

    writer = ResultWriter(tmp_path / "b" / "result.h5", mab_run.header())
    mab_run.MabRun(500, recorded={}).play(writer, ending=mab_run.outcome())
    assert select(load(tmp_path / "b")) == []
