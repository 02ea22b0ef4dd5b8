import html.parser
import re

import mab_run
import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.errors import RequestError
from cosim.execution.outcome import Happening, LedgerEntry, SpeciesLedger
from cosim.results import ResultWriter, load, write_report
from cosim.results.records import ExpectationRecord
from cosim.results.report import render

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


class _Page(html.parser.HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.ids = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.ids += [value for name, value in attributes if name == "id"]


def test_every_section_is_there(result):
    page = _Page(render(result))
    sections = [
        "figures",
        "flowsheet",
        "phases",
        "trajectories",
        "expectations",
        "yields",
        "ledger",
        "notes",
        "cost",
        "provenance",
    ]
    assert [name for name in page.ids if name in sections] == sections


def test_page_needs_nothing_but_itself(result):
    text = render(result)
    page = _Page(text)
    loading = [value for name, value in page.attributes if name in ("src", "href", "xlink:href", "action")]
    assert [value for value in loading if not value.startswith(("#", "data:image/svg+xml,"))] == []
    assert not re.search(r"url\((?!#)|@import|fetch\(|XMLHttpRequest|WebSocket|import\(", text)
    assert "default-src 'none'" in text


def test_figures_of_the_run_are_told(result):
    text = render(result)
    for figure in ("4.1 g/L", "0.9538", "2.4 × 10⁻¹⁵", "8.233 kg", "15 d 8 h", "equilibrate", "0" * 64, "0.037 1/h"):
        assert figure in text, figure


def test_elements_are_told_beside_the_ledger(result, tmp_path):
    text = render(result)
    row = re.search(r"<tr><th scope=\"row\">carbon</th>.*?</tr>", text)
    assert row
    assert re.findall(r"<td>(.*?)</td>", row[0]) == [
        "reactor", "6\u202f789 mol", "7\u202f242 mol", "\u2212453 mol", "6.3 × 10⁻²",
    ]  # fmt: skip
    two = SpeciesLedger(
        result.elements["carbon"].flowsheet, dict.fromkeys(("reactor", "hold"), mab_run.elements()["carbon"].flowsheet)
    )
    mab_run.write(tmp_path, coarse=500, ending=mab_run.outcome(elements={"carbon": two}))
    text = render(load(tmp_path))
    assert [text.count(f"<td>{unit}</td>") for unit in ("all units", "reactor", "hold")] == [1, 1, 1]
    mab_run.write(tmp_path / "none", coarse=500, ending=mab_run.outcome(elements={}))
    assert "Elements in reactions" not in render(load(tmp_path / "none"))


def test_size_stays_below_two_megabytes_and_extremes_are_kept(tmp_path):
    names = tuple(f"outlet.c_s{index}" for index in range(150))
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header())
    writer.started(Ticks(0), {"capture": names, "pool": names, "hold": names})
    rng = np.random.default_rng(0)
    for index, sample in enumerate(rng.normal(size=(3000, 150))):
        for name in ("capture", "pool", "hold"):
            writer.sampled(name, Ticks(index * 10**9), sample)
    writer.finished(mab_run.outcome())
    write_report(load(tmp_path), tmp_path / "report.html")
    assert 500_000 < (tmp_path / "report.html").stat().st_size < 2_000_000


def _hostile_run(folder):
    entry = LedgerEntry("kg", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    ending = mab_run.outcome(
        status="failed",
        reason=HOSTILE,
        warnings=(HOSTILE,),
        failure={HOSTILE: {HOSTILE: HOSTILE}},
        ledger={HOSTILE: SpeciesLedger(entry, {HOSTILE: entry}, {HOSTILE: 1.0})},
        happenings=(Happening(Ticks(0), "warning", HOSTILE, HOSTILE),),
    )
    changes = {name: HOSTILE for name in ("scenario", "run_id", "description", "scenario_text", "algorithm", "command")}
    header = mab_run.header(**changes, parameters={HOSTILE: HOSTILE})
    findings = [ExpectationRecord(HOSTILE, False, None, HOSTILE, HOSTILE)]
    writer = ResultWriter(folder / "result.h5", header, evaluate=lambda read, outcome: findings)
    writer.started(Ticks(0), {"hold": (HOSTILE, "volume")})
    for index in range(9):
        writer.sampled("hold", Ticks(index * 10**9), np.array([index, index**2], dtype=float))
    writer.finished(ending)
    return load(folder)


def test_hostile_names_stay_text(tmp_path):
    text = render(_hostile_run(tmp_path))
    assert "<img" not in text
    assert _Page(text).tags.count("script") == 2
    assert text.count("</script>") == 2
    assert "&amp;{{7*7}}" in text
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in text


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (mab_run.outcome(), "As expected"),
        (mab_run.outcome(status="failed", reason="Step failed in 'capture'."), "Step failed in &#39;capture&#39;."),
        (mab_run.outcome(status="stopped", reason="Stopped by Ctrl-C."), "Stopped by Ctrl-C."),
        (mab_run.outcome(ledger={}, costs={}, phases=(), happenings=(), warnings=()), "No warnings."),
    ],
)
def test_verdict(tmp_path, ending, said):
    mab_run.write(tmp_path, coarse=500, ending=ending)
    assert said in render(load(tmp_path))


def test_failed_component_is_marked_in_the_flowsheet(tmp_path):
    ending = mab_run.outcome(
        status="failed", reason="no", failure={"component": "capture", "last_inputs": {"c_mab": 4.0}}
    )
    mab_run.write(tmp_path, coarse=500, ending=ending)
    text = render(load(tmp_path))
    assert text.count('class="node broken"') == 1
    assert "<dt>last inputs c_mab</dt><dd>4</dd>" in text


def test_what_failed_is_told_in_the_units_of_the_field(tmp_path):
    inputs = {"load.V_flow": 1e-5, "load.T": 298.15, "load.c_mab": 4.0}
    units = {"load.V_flow": "m3/s", "load.T": "K"}
    reason = "Step failed in 'capture': " + "the_pump_is_cavitating_" * 20
    known = {"component": "capture", "variable": None, "time": 870.0, "step_size": 10.0}
    ending = mab_run.outcome(status="failed", reason=reason, failure={**known, "inputs": inputs, "units": units})
    mab_run.write(tmp_path, coarse=500, ending=ending)
    text = render(load(tmp_path))
    for name, value in {
        "beginning of the step": "14 min 30 s",
        "step size": "10 s",
        "last input load.V_flow": "36 L/h",
        "last input load.T": "25 °C",
        "last input load.c_mab": "4",
    }.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in text
    assert "None" not in text.partition('id="failure"')[2].partition("</section>")[0]
    badge = text.partition('id="verdict"')[2].partition("</header>")[0]
    assert "in capture: see below." in badge
    assert "cavitating" not in badge


def test_expectation_that_does_not_hold(tmp_path):
    finding = ExpectationRecord("final(reactor.titre) >= 5 g/L", False, 4.1, "g/L")
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header(), evaluate=lambda read, outcome: [finding])
    mab_run.MabRun(500).play(writer, ending=mab_run.outcome())
    text = render(load(tmp_path))
    assert "Not as expected" in text
    assert "✗ does not hold" in text


def test_run_that_was_killed_and_run_without_samples(tmp_path):
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header(), flush_interval=0.0)
    mab_run.MabRun(500).play(writer, until=mab_run.DAY)
    assert "cut off" in render(load(tmp_path))
    writer.finished(mab_run.outcome())
    empty = ResultWriter(tmp_path / "empty" / "result.h5", mab_run.header())
    mab_run.MabRun(500, recorded={}).play(empty, ending=mab_run.outcome())
    assert "Flowsheet" in render(load(tmp_path / "empty"))


def test_report_that_cannot_be_written_leaves_the_earlier_one(result, tmp_path):
    told = r"Cannot write '.*missing.*report\.html': there is no folder '.*missing'. Make it, or"
    with pytest.raises(RequestError, match=told):
        write_report(result, tmp_path / "missing" / "report.html")
    path = tmp_path / "report.html"
    write_report(result, path)
    assert path.read_text().startswith("<!doctype html>")
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_a_run_of_before_is_reported(tmp_path):
    result = load(mab_run.write(tmp_path, coarse=1000))
    for later in ("parameter_sets", "resumed"):
        result.run.pop(later, None)
    assert "Provenance" in render(result)
