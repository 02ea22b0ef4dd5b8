import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import h5py
import mab_run
import numpy as np
import pytest

from cosim.clock import Ticks, to_ticks
from cosim.errors import ResultError
from cosim.execution.outcome import Happening
from cosim.results import ResultWriter, load
from cosim.results.writer import BLOCK
from cosim.system.variable import VariableName

TESTS = Path(mab_run.__file__).parent


def _child(code, *arguments, **options):
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False, **options)


def test_what_is_sampled_is_read_back_bit_for_bit(tmp_path):
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header())
    names = ("volume", "titre")
    writer.started(Ticks(0), {"hold": names})
    rng = np.random.default_rng(1)
    samples = rng.normal(size=(2 * BLOCK + 17, 2))
    for index, sample in enumerate(samples):
        writer.sampled("hold", Ticks(index * 7), sample)
        if index == BLOCK + 5:
            writer.flush()
    writer.finished(mab_run.outcome())
    result = load(tmp_path)
    assert np.array_equal(result["hold.titre"].values, samples[:, 1])
    assert np.array_equal(result["hold.volume"].ticks, np.arange(len(samples)) * 7)


def test_sample_is_copied(tmp_path):
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header())
    writer.started(Ticks(0), {"hold": ("volume",)})
    values = np.array([1.0])
    writer.sampled("hold", Ticks(0), values)
    values[0] = 2.0
    writer.sampled("hold", Ticks(1), values)
    writer.finished(mab_run.outcome())
    assert load(tmp_path)["hold.volume"].values.tolist() == [1.0, 2.0]


def test_variables_carry_unit_description_and_causality(run_folder):
    with h5py.File(run_folder / "result.h5") as file:
        table = file["components/reactor/variables"][:]
        row = dict(zip(table.dtype.names, next(row for row in table if row["name"] == b"titre"), strict=True))
    assert (row["unit"], row["display_unit"], row["description"], row["causality"]) == (
        b"kg/m3",
        b"g/L",
        b"Antibody",
        b"output",
    )


def test_header_is_kept_as_provenance(result):
    assert result.run["scenario_text"] == mab_run.SCENARIO_TEXT
    assert result.run["fmus"]["reactor"]["sha256"] == "0" * 64
    assert result.run["seed"] == 7
    assert result.run["parameters"]["reactor.mu_max"] == "0.037 1/h"
    assert "numpy" in result.run["versions"]
    assert result.run["watched"] == ["capture.load_density", "reactor.volume"]


def test_file_has_its_name_only_when_finished(tmp_path):
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header())
    mab_run.MabRun(500).play(writer)
    assert [path.name for path in tmp_path.iterdir()] == ["result.h5.partial"]
    writer.finished(mab_run.outcome())
    assert [path.name for path in tmp_path.iterdir()] == ["result.h5"]


def test_running_file_is_readable_up_to_the_last_flush(tmp_path):
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header(), flush_interval=0.0)
    mab_run.MabRun(100).play(writer, until=7 * mab_run.DAY)
    result = load(tmp_path)
    assert not result.is_complete
    assert result.status == "stopped"
    assert "cut off" in result.outcome.reason
    assert result["reactor.titre"].time[-1] == pytest.approx(7 * mab_run.DAY, abs=60_000)
    assert [phase.phase for phase in result.phases] == ["production"]
    writer.finished(mab_run.outcome())
    assert load(tmp_path).is_complete


def test_kill_leaves_everything_up_to_the_last_flush(tmp_path):
    done = _child(
        """
        import os, sys, pathlib, mab_run
        from cosim.results import ResultWriter
        writer = ResultWriter(pathlib.Path(sys.argv[1]) / "result.h5", mab_run.header(), flush_interval=0.0)
        mab_run.MabRun(20).play(writer, until=3 * mab_run.DAY)
        os.kill(os.getpid(), 9)
        """,
        tmp_path,
    )
    assert done.returncode == -signal.SIGKILL
    result = load(tmp_path)
    trajectory = result["reactor.titre"]
    assert len(trajectory) == 22
    assert trajectory.values[-1] == mab_run.reactor_at(float(trajectory.time[-1]))[7]
    assert result.run["scenario"] == "mab_fed_batch"
    assert result.happenings[0].subject == "production"


def test_full_disk_names_the_file_and_keeps_the_earlier_result(tmp_path):
    mab_run.write(tmp_path, coarse=500)
    before = (tmp_path / "result.h5").read_bytes()
    done = _child(
        """
        import pathlib, resource, signal, sys, mab_run
        from cosim.errors import ResultError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_600_000, 2_600_000))
        try:
            mab_run.write(pathlib.Path(sys.argv[1]))
        except ResultError as error:
            print(error)
        """,
        tmp_path,
    )
    assert f"Cannot write '{tmp_path / 'result.h5.partial'}'" in done.stdout, done.stderr
    assert "Free space" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    assert load(tmp_path / "result.h5.partial")["reactor.titre"].time[-1] > mab_run.DAY
    assert (tmp_path / "result.h5").read_bytes() == before
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 2_600_000


def test_after_a_failure_to_write_finished_is_harmless(tmp_path):
    writer = ResultWriter(tmp_path / "file" / "result.h5", mab_run.header())
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ResultError, match=r"Cannot write '.*result\.h5\.partial'"):
        writer.started(Ticks(0), {"hold": ("volume",)})
    writer.sampled("hold", Ticks(0), np.array([1.0]))
    writer.finished(mab_run.outcome())
    assert not (tmp_path / "file" / "result.h5").exists()


def test_expectations_are_judged_on_what_was_recorded(tmp_path):
    seen = {}

    def evaluate(read, outcome):
        seen["titre"] = read(VariableName("reactor", "titre"))
        seen["unknown"] = read(VariableName("reactor", "nothing"))
        return mab_run.FINDINGS

    writer = ResultWriter(tmp_path / "result.h5", mab_run.header(), evaluate=evaluate)
    mab_run.MabRun(500).play(writer, ending=mab_run.outcome())
    time, values = seen["titre"]
    result = load(tmp_path)
    assert np.array_equal(values, result["reactor.titre"].values)
    assert np.array_equal(time, result["reactor.titre"].time)
    assert len(seen["unknown"][0]) == 0
    assert result.expectations == mab_run.FINDINGS


def test_data_are_safe_when_judging_them_raises(tmp_path):
    def evaluate(read, outcome):
        raise ResultError("cannot judge")

    writer = ResultWriter(tmp_path / "result.h5", mab_run.header(), evaluate=evaluate)
    with pytest.raises(ResultError, match="cannot judge"):
        mab_run.MabRun(500).play(writer, ending=mab_run.outcome())
    assert load(tmp_path).status == "completed"
    assert len(load(tmp_path)["reactor.titre"]) > 0


def test_hostile_names_and_texts_survive(tmp_path):
    happening = Happening(to_ticks(1), "warning", "a/b\n", 'x"\u2028</script>\ud800')
    writer = ResultWriter(tmp_path / "result.h5", mab_run.header(description="é\0</script>"))
    writer.started(Ticks(0), {"hold": ("a/b.c", "ü[1]", "../x")})
    writer.sampled("hold", Ticks(0), np.array([1.0, 2.0, np.nan]))
    writer.happened(happening)
    writer.finished(mab_run.outcome(happenings=(happening,), reason="Infinity"))
    result = load(tmp_path)
    assert result["hold.a/b.c"].values.tolist() == [1.0]
    assert result["hold.ü[1]"].values.tolist() == [2.0]
    assert np.isnan(result["hold.../x"].values[0])
    assert result.happenings[0].text.startswith('x"\u2028</script>')


def test_happenings_are_json_lines(run_folder):
    with h5py.File(run_folder / "result.h5") as file:
        lines = bytes(file["happenings"][:]).decode().splitlines()
    assert json.loads(lines[0])["kind"] == "phase-start"
    assert len(lines) == len(mab_run.happenings())
