"""What an interrupted run had recorded is completed, whatever became of what was written after the checkpoint."""

import random

import mab_run
import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.errors import CheckpointError
from cosim.execution.outcome import Happening
from cosim.results import ResultWriter, load
from cosim.results.checkpoints import Recorded
from cosim.results.earlier import Earlier
from cosim.results.writer import BLOCK

NAMES = ("volume", "titre")
SAMPLES = np.random.default_rng(1).normal(size=(3 * BLOCK + 17, 2))
SETTLED = BLOCK + 100
PAGE = 4096


def write(writer, first, last):
    for index in range(first, last):
        writer.sampled("hold", Ticks(index * 7), SAMPLES[index])
    writer.happened(Happening(Ticks(last * 7), "event", "hold", f"after {last}"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The file as it was synced at a checkpoint, as it was when the run was killed, and how much it held at first."""
    folder = tmp_path_factory.mktemp("run")
    writer = ResultWriter(folder / "result.h5", mab_run.header())
    writer.started(Ticks(0), {"hold": NAMES})
    write(writer, 0, SETTLED)
    recorded = writer.settle()
    settled = (folder / "result.h5.partial").read_bytes()
    write(writer, SETTLED, len(SAMPLES))
    writer.flush()
    killed = (folder / "result.h5.partial").read_bytes()
    writer.finished(mab_run.outcome())
    return settled, killed, recorded


def complete(folder, recorded):
    writer = ResultWriter(folder / "result.h5", mab_run.header(), earlier=Earlier(folder, recorded))
    writer.started(Ticks(SETTLED * 7), {"hold": NAMES})
    write(writer, SETTLED, len(SAMPLES))
    writer.finished(mab_run.outcome())
    return load(folder)


@pytest.mark.parametrize("seed", range(20))
def test_pages_that_a_power_cut_lost_do_not_matter(pages, tmp_path, seed):
    settled, killed, recorded = pages
    chance = random.Random(seed)
    size = chance.randint(len(settled), len(killed))
    share = chance.random()
    mixed = bytearray()
    for begin in range(0, size, PAGE):
        source = settled if chance.random() < share else killed
        mixed += source[begin : begin + PAGE].ljust(PAGE, b"\0")
    (tmp_path / "result.h5.partial").write_bytes(mixed[:size])
    result = complete(tmp_path, recorded)
    assert np.array_equal(result["hold.titre"].values, SAMPLES[:, 1])
    assert np.array_equal(result["hold.volume"].ticks, np.arange(len(SAMPLES)) * 7)
    assert [path.name for path in tmp_path.iterdir()] == ["result.h5"]


def test_less_than_was_recorded_is_noticed(pages, tmp_path):
    settled, _, recorded = pages
    (tmp_path / "result.h5.partial").write_bytes(settled)
    more = Recorded({"hold": recorded.samples["hold"] + 1}, recorded.n_happenings)
    with pytest.raises(CheckpointError, match="holds 1124 samples of 'hold', and the checkpoint was taken after 1125"):
        Earlier(tmp_path, more)
    with pytest.raises(CheckpointError, match="holds less than when the checkpoint was taken"):
        Earlier(tmp_path, Recorded(recorded.samples, 2))
    with pytest.raises(CheckpointError, match=r"has no 'result\.h5' that could be completed"):
        Earlier(tmp_path / "elsewhere", recorded)


def test_the_file_that_holds_enough_is_taken(pages, tmp_path):
    """Completing was itself cut off while it copied: the new file holds less than the result it was made from."""
    settled, killed, recorded = pages
    (tmp_path / "result.h5").write_bytes(killed)
    (tmp_path / "result.h5.partial").write_bytes(settled[:2000])
    assert np.array_equal(complete(tmp_path, recorded)["hold.titre"].values, SAMPLES[:, 1])
