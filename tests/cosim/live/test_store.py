"""The store: what was appended is there after any crash, once."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cosim.errors import ResultError
from cosim.live.journal import read_journal
from cosim.live.record import Kind, Note, Origin, Sample
from cosim.live.store import Store, gaps_of, read_store
from cosim.processes import environment_of

WRITER = """\
import sys
from pathlib import Path
from cosim.live.record import Sample
from cosim.live.store import Store
folder, begin = Path(sys.argv[1]), int(sys.argv[2])
store = Store(folder, most=400)
i = begin
while True:
    store.append(tuple(Sample(f"T{k}", i + 1, 0, 7, float(i), 0) for k in range(i % 5 + 1)))
    print(i, flush=True)
    i += 1
"""


def sample(i, tag="A", **more):
    return Sample(tag, i, i + 1, i + 2, i / 2, 0, **more)


def filled(folder, n=30, most=20):
    store = Store(folder, most=most)
    arrivals = [
        (sample(i), sample(i, "B", origin=Origin.HISTORY)) if i % 3 else Note(Kind.TEXT, i, f"é{i}", "BatchId", i - 1)
        for i in range(n)
    ]
    for arrival in arrivals:
        store.append(arrival)
    return store, arrivals


def test_what_was_appended_is_read_in_order_from_segments_and_journal(tmp_path):
    store, arrivals = filled(tmp_path)
    assert len(list(tmp_path.glob("*.journal"))) >= 1
    assert list(read_store(tmp_path)) == arrivals
    store.close()
    assert not list(tmp_path.glob("*.journal"))
    assert list(read_store(tmp_path)) == arrivals


def test_a_store_is_gone_on_with(tmp_path):
    store, arrivals = filled(tmp_path)
    store.close()
    again = Store(tmp_path)
    again.append((sample(99),))
    again.close()
    assert list(read_store(tmp_path)) == [*arrivals, (sample(99),)]


def test_values_come_back_bit_for_bit(tmp_path):
    odd = (Sample("é.x", 2**62, -5, 0, 0.1 + 0.2, 0x808C0000), Sample("A", 0, 0, 1, float("inf"), 0))
    store = Store(tmp_path)
    store.append(odd)
    assert list(read_store(tmp_path)) == [odd]
    store.close()
    assert list(read_store(tmp_path)) == [odd]


@pytest.mark.parametrize("cut", [1, 5, 12, 40])
def test_a_torn_end_is_left_out_and_the_rest_kept(tmp_path, cut):
    store, arrivals = filled(tmp_path, most=10**6)
    path = next(tmp_path.glob("*.journal"))
    path.write_bytes(path.read_bytes()[:-cut])
    assert list(read_store(tmp_path)) == arrivals[: len(list(read_journal(path)))]
    assert len(arrivals) - 2 <= len(list(read_store(tmp_path))) < len(arrivals)
    again = Store(tmp_path)
    again.append((sample(99),))
    again.close()
    assert list(read_store(tmp_path))[-1] == (sample(99),)
    store.close()


def test_damage_in_the_middle_ends_what_is_read(tmp_path):
    store, arrivals = filled(tmp_path, most=10**6)
    path = next(tmp_path.glob("*.journal"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    found = list(read_store(tmp_path))
    assert 0 < len(found) < len(arrivals)
    assert found == arrivals[: len(found)]
    store.close()


def test_a_journal_whose_segment_is_there_does_not_count_twice(tmp_path):
    store, arrivals = filled(tmp_path, most=10**6)
    journal = next(tmp_path.glob("*.journal"))
    kept = journal.read_bytes()
    store.close()
    journal.write_bytes(kept)  # killed between the two
    (tmp_path / ".000009.abc.parquet").write_bytes(b"half")
    assert list(read_store(tmp_path)) == arrivals
    Store(tmp_path).close()
    assert list(read_store(tmp_path)) == arrivals
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("n", [30, 0])
def test_a_journal_that_is_sealed_between_look_and_read_is_found_sealed(tmp_path, monkeypatch, n):
    store, arrivals = filled(tmp_path, n, most=1000)
    looks = []

    def sealed_meanwhile(journal):
        looks.append(journal)
        if len(looks) == 1:
            store.close()
        yield from read_journal(journal)

    monkeypatch.setattr("cosim.live.store.read_journal", sealed_meanwhile)
    assert list(read_store(tmp_path)) == arrivals
    assert len(looks) == 2  # it was looked for, sealed, and not there


def test_a_segment_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "000001.parquet").write_bytes(b"nothing")
    with pytest.raises(ResultError, match=r"000001.parquet' cannot be read: .*What the plant sent then is lost"):
        list(read_store(tmp_path))


def test_a_full_disk_is_told_and_harms_nothing(tmp_path):
    store, arrivals = filled(tmp_path, most=10**6)

    file = store._journal._file

    class Full:
        """Takes ten bytes and no more."""

        room = 10

        def write(self, data):
            if not self.room:
                raise OSError(28, "No space left on device")
            self.room = 0
            return file.write(data[:10])

        def __getattr__(self, name):
            return getattr(file, name)

    store._journal._file = Full()
    with pytest.raises(ResultError, match=r"no space left on device. Free space or choose another folder"):
        store.append((sample(5),))
    store._journal._file = file
    store.append((sample(6),))
    store.close()
    assert list(read_store(tmp_path)) == [*arrivals, (sample(6),)]


def test_gaps_are_told_by_tag():
    note = Note(Kind.GAP, 9, '{"why": "x", "gaps": {"A": [1, 5]}}')
    assert gaps_of(iter([(sample(1),), note, note])) == {"A": [(1, 5), (1, 5)]}


def killed_at_random(folder: Path, times: int) -> None:
    """Kill a writer again and again; what it said was appended must be there, once."""
    begin, chance = 0, random.Random(5)
    for _ in range(times):
        command = [sys.executable, "-c", WRITER, str(folder), str(begin)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment_of()) as writer:
            assert writer.stdout is not None
            said = [int(writer.stdout.readline())]
            time.sleep(chance.uniform(0.02, 0.4))
            os.kill(writer.pid, signal.SIGKILL)
            said += [int(line) for line in writer.stdout if line.endswith("\n")]
        found = [arrival[0].source - 1 for arrival in read_store(folder)]
        assert found == sorted(set(found))
        assert found == list(range(len(found)))
        assert len(found) - 1 >= said[-1]
        assert all(len(arrival) == i % 5 + 1 for i, arrival in enumerate(read_store(folder)))
        begin = len(found)


def test_a_killed_process_loses_and_doubles_nothing(tmp_path):
    killed_at_random(tmp_path, 2)


@pytest.mark.slow
def test_a_process_killed_twenty_times_loses_and_doubles_nothing(tmp_path):
    killed_at_random(tmp_path, 20)
