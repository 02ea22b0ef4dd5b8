import math
import os

import mab_run
import pytest

from cosim.errors import RequestError, ResultError
from cosim.results import ResultWriter, load
from cosim.results.document import encode
from cosim.results.records import read_outcome


def test_variables_come_in_the_order_recorded(result):
    components = list(dict.fromkeys(name.partition(".")[0] for name in result))
    assert components == ["reactor", "centrifuge", "hold", "capture", "pool"]
    assert next(iter(result)) == "reactor.volume"
    assert "reactor.titre" in result
    assert "reactor.mab" not in result


def test_trajectory_knows_its_unit(result):
    titre = result["reactor.titre"]
    assert (titre.unit, titre.display_unit, titre.description) == ("kg/m3", "g/L", "Antibody")


def test_unknown_name_gets_the_nearest_match(result):
    with pytest.raises(ResultError, match=r"'reactor.titer' was not recorded in .* Do you mean 'reactor.titre'\?"):
        result["reactor.titer"]


def test_outcome_comes_back_equal(result):
    assert result.outcome == mab_run.outcome()
    assert result.phases[0].phase == "production"
    assert result.ledger["mab"].streams["reactor.harvest => centrifuge.feed"] == 8.233
    assert result.costs["capture"].steps == 12032
    assert result.elements["carbon"].units["reactor"].consumed == 7242.0
    assert result.holds


def test_not_a_number_in_a_ledger_stays_one():
    ledger = mab_run.ledger()
    broken = mab_run.outcome(ledger={"mab": ledger["mab"]}, failure={"time": math.inf})
    text = encode(broken).replace("2.4e-15", "null")
    import json

    assert math.isnan(read_outcome(json.loads(text)).ledger["mab"].flowsheet.closure)


def test_result_does_not_hold_when_an_expectation_fails_or_the_run_did(tmp_path):
    mab_run.write(tmp_path, coarse=500, ending=mab_run.outcome(status="stopped", reason="Ctrl-C"))
    assert not load(tmp_path).holds


def test_missing_result(tmp_path):
    with pytest.raises(RequestError, match=r"There is no result in .*results/<scenario>/<run id>"):
        load(tmp_path)


def test_file_of_another_kind(tmp_path):
    (tmp_path / "result.h5").write_bytes(b"not HDF5 at all" * 100)
    with pytest.raises(ResultError, match="it is no HDF5 file, or it is damaged"):
        load(tmp_path)


def test_hdf5_file_of_something_else(tmp_path):
    import h5py

    with h5py.File(tmp_path / "result.h5", "w") as file:
        file["x"] = 1.0
    with pytest.raises(ResultError, match=r"is an HDF5 file, but no result of cosim"):
        load(tmp_path)


def test_truncated_file(tmp_path):
    path = mab_run.write(tmp_path, coarse=200)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ResultError, match=r"Cannot read .*result\.h5"):
        load(path)["reactor.titre"]


@pytest.mark.parametrize("share", [0.05, 0.13, 0.3, 0.7, 0.99])
def test_truncated_file_of_a_killed_run_is_not_waited_for(tmp_path, share):
    writer = ResultWriter(tmp_path / "whole" / "result.h5", mab_run.header(), flush_interval=0.0)
    mab_run.MabRun(20).play(writer, until=5 * mab_run.DAY)
    writer.flush()
    data = (tmp_path / "whole" / "result.h5.partial").read_bytes()
    (tmp_path / "result.h5.partial").write_bytes(data[: int(share * len(data))])
    with pytest.raises(ResultError, match=r"Cannot read '.*result\.h5\.partial': its content is damaged"):
        load(tmp_path)
    assert load(tmp_path / "whole")["reactor.titre"].values[-1] > 0.0


def test_newer_format(tmp_path):
    import h5py

    path = mab_run.write(tmp_path, coarse=500)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = 99
    with pytest.raises(ResultError, match="has format 99, and this cosim reads up to 1"):
        load(path)


@pytest.mark.parametrize("written", [".", "latest"])
def test_folder_of_a_scenario_stands_for_its_newest_run(tmp_path, written):
    for run_id in ("20260101-000000", "20260102-000000"):
        mab_run.write(tmp_path / run_id, coarse=500, run_id=run_id)
    assert load(tmp_path / written).run["run_id"] == "20260102-000000"


def test_runs_of_one_second_are_told_apart_by_number_whatever_lies_beside(tmp_path):
    for number, name in enumerate(("20260101-000000-10", "20260101-000000", "20260101-000000-2", "tried")):
        mab_run.write(tmp_path / name, coarse=500, run_id=name)
        os.utime(tmp_path / name, (number, number))
    (tmp_path / "20260102-000000").mkdir()
    assert load(tmp_path).run["run_id"] == "20260101-000000-10"
