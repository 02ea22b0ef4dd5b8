"""FMUs are tried out in processes of their own: what they do wrong is told, and harms nobody."""

import pytest
from fmu_factory import build_lag
from hostile import build_hostile

import cosim
from cosim.clock import Ticks
from cosim.errors import StructureError
from cosim.intake.probe import probe
from cosim.intake.report import find_report, place_of, store_report
from cosim.intake.sandbox import attempt
from cosim.run import ALGORITHMS


def tried(path, trial, patience=20.0):
    """How one trial alone ends."""
    request = {"file": str(path), "interface": None, "starts": {}, "size": 100_000_000}
    return attempt(request, trial, patience)


def of(report, subject):
    return [finding for finding in report.findings if finding.subject == subject]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = build_hostile(tmp_path_factory.mktemp("intake") / "good.fmu")
    return path, probe(path, ALGORITHMS)


def test_a_good_one_is_good_throughout(good):
    _, report = good
    assert {finding.tone for finding in report.findings} <= {"good", "note"}
    assert (report.rolls_back, report.serialises, report.varies_step) == (True, True, True)
    assert {verdict.works for verdict in report.verdicts} == {"yes"}
    assert {verdict.algorithm for verdict in report.verdicts} == set(ALGORITHMS)
    assert report.host == "inline"
    assert report.step_size == 0.1
    assert 0.0 < report.measured["step"] < 0.1


def test_what_it_needs_is_read_from_its_library(good):
    _, report = good
    (binary,) = of(report, "binary")
    assert "linux64/hostile.so: ELF, 64 bit, glibc " in binary.text
    assert "libc.so.6" in binary.text


def test_the_snippet_runs(good, tmp_path):
    path, report = good
    lines = [line for line in report.snippet.splitlines() if not line.startswith("#")]
    text = "scenario: tried\n" + "\n".join(lines).replace(path.name, str(path))
    scenario = tmp_path / "tried.yaml"
    scenario.write_text(
        text + "\nphases:\n  run: {active: [hostile], duration: 1 s, step: 100 ms}\nrecord: [hostile.*]\n"
    )
    with pytest.warns(cosim.run.ScenarioWarning, match="Nothing drives hostile.u"):
        result = cosim.run(scenario, out=tmp_path / "results")
    assert result.outcome.status == "completed"


CRASHES = {"SEGFAULT": "SIGSEGV", "ABORT": "SIGABRT", "LEAVE": "it ended the process with exit code 0"}


@pytest.mark.parametrize("mischief", CRASHES)
def test_a_crash_is_told_with_place(mischief, tmp_path):
    ended = tried(build_hostile(tmp_path / "bad.fmu", mischief), "run")
    assert (ended.ended, ended.words, ended.at) == ("crashed", CRASHES[mischief], "stepping it from 0.2 s by 0.1 s")


@pytest.mark.parametrize("mischief", ["LOOP", "STOP_SELF"])
def test_a_hang_is_ended(mischief, tmp_path):
    ended = tried(build_hostile(tmp_path / "bad.fmu", mischief), "run", patience=2.0)
    assert (ended.ended, ended.at) == ("hung", "stepping it from 0.2 s by 0.1 s")
    assert ended.words == "nothing came back for 2 s"


def test_after_a_crash_no_algorithm_can_use_it(tmp_path):
    report = probe(build_hostile(tmp_path / "bad.fmu", "SEGFAULT"), ALGORITHMS)
    (finding,) = of(report, "steps")
    assert finding.tone == "bad"
    assert finding.text == "It crashed while stepping it from 0.2 s by 0.1 s: SIGSEGV."
    assert {verdict.works for verdict in report.verdicts} == {"no"}
    assert report.host == "process"
    assert not report.is_usable


def test_leaks(tmp_path):
    steps = tried(build_hostile(tmp_path / "steps.fmu", "LEAK"), "run").found
    assert steps["grown"] / steps["steps_of_growth"] == pytest.approx(1 << 15, rel=0.2)
    cycles = tried(build_hostile(tmp_path / "cycles.fmu", "LEAK_INSTANCE"), "cycles").found
    assert cycles["grown"] / cycles["cycles_of_growth"] == pytest.approx(1 << 17, rel=0.2)
    files = tried(build_hostile(tmp_path / "files.fmu", "OPEN_FILES"), "cycles").found
    assert files["files"] == files["cycles_of_growth"]


def test_what_it_does_to_its_process(tmp_path):
    assert tried(build_hostile(tmp_path / "moves.fmu", "MOVE"), "start").found["moved_to"] == "/"
    assert tried(build_hostile(tmp_path / "rounds.fmu", "ROUND"), "start").found["changed_arithmetic"] is True
    honest = tried(build_hostile(tmp_path / "good.fmu"), "start").found
    assert (honest["moved_to"], honest["changed_arithmetic"], honest["changed_environment"]) == ("", False, [])


def test_what_it_prints_is_kept_apart(tmp_path, capfd):
    ended = tried(build_hostile(tmp_path / "loud.fmu", "PRINT"), "run")
    assert ended.first_line == "step 1 to 0.1"
    assert ended.printed > 10_000
    assert capfd.readouterr() == ("", "")


def test_a_lie_about_its_state(tmp_path):
    found = tried(build_hostile(tmp_path / "forgets.fmu", "FORGET"), "state").found
    assert (found["back"]["name"], found["back"]["relative"] > 0.1) == ("y", True)
    assert tried(build_hostile(tmp_path / "good.fmu"), "state").found["back"]["relative"] == 0.0


def test_instances_that_disturb_each_other(tmp_path):
    path = build_hostile(tmp_path / "shares.fmu", "SHARE")
    alone, together = tried(path, "run").found["digests"], tried(path, "together").found["digests"]
    assert alone[0] == together[0]
    assert alone[1] != together[1]


def test_two_runs_that_differ(tmp_path):
    path = build_hostile(tmp_path / "dice.fmu", "DICE")
    assert tried(path, "run").found["digests"] != tried(path, "again").found["digests"]


def test_feedthrough_that_is_denied(tmp_path):
    report = probe(build_hostile(tmp_path / "denies.fmu", depends=""), ALGORITHMS)
    (finding,) = of(report, "feedthrough")
    assert finding.tone == "bad"
    assert "denies dependencies that are there: y on u." in finding.text


def test_once_per_process_is_not_tried_twice(tmp_path):
    report = probe(build_hostile(tmp_path / "once.fmu", once=True), ALGORITHMS)
    assert not of(report, "several instances")
    assert not of(report, "memory")
    assert report.is_usable


def test_a_licence_that_is_missing(tmp_path):
    (finding,) = of(probe(build_hostile(tmp_path / "l.fmu", "LICENCE"), ALGORITHMS), "start")
    assert finding.text.startswith("It asks for a licence that is not here: ")
    assert "BIOSIM" in finding.text


def test_another_platform_is_told_without_trying(tmp_path):
    path = build_lag(tmp_path / "lag.fmu")
    import zipfile

    other = tmp_path / "other.fmu"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as sink:
        for name in source.namelist():
            sink.writestr(name.replace("linux64", "win64").replace(".so", ".dll"), source.read(name))
    report = probe(other, ALGORITHMS)
    assert {verdict.works for verdict in report.verdicts} == {"no"}
    assert any(finding.tone == "bad" and "win64" in finding.text for finding in report.findings)


def test_start_values_have_units(tmp_path):
    path = build_lag(tmp_path / "lag.fmu")
    report = probe(path, ALGORITHMS, starts={"tau": "1 min"}, step=Ticks(10**9))
    assert report.is_usable
    with pytest.raises(StructureError, match="no variable 'tua'"):
        probe(path, ALGORITHMS, starts={"tua": "1 min"})
    with pytest.raises(StructureError, match="kg"):
        probe(path, ALGORITHMS, starts={"tau": "1 kg"})


def test_a_report_is_kept_beside_the_file_and_found_by_content(good):
    path, report = good
    assert store_report(report, path) == place_of(path)
    assert find_report(path, report.sha256) == report
    assert find_report(path, "0" * 64) is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"intake": 1}', '{"intake": 1, "findings": 3}', "\x00", "[" * 5000]
)
def test_a_report_that_is_something_else_is_none(good, content, tmp_path):
    _, report = good
    fmu = tmp_path / "x.fmu"
    place_of(fmu).write_text(content)
    assert find_report(fmu, report.sha256) is None


def test_where_it_cannot_lie_beside_the_file(good, tmp_path, monkeypatch):
    path, report = good
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    fmu = tmp_path / path.name
    place_of(fmu).mkdir()  # a read-only folder would not stop root
    assert (tmp_path / "cache") in store_report(report, fmu).parents
    assert find_report(fmu, report.sha256) == report


def test_nothing_is_left_running_or_lying_about(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", None)
    tried(build_hostile(tmp_path / "bad.fmu", "STOP_SELF"), "run", patience=1.0)
    assert not [item for item in (tmp_path / "temporary").iterdir() if item.name.startswith("cosim-probe-")]
