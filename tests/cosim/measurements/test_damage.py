"""Files with bytes lost, changed and added: refused with a sentence, or read; never anything else."""

import io
import random

import openpyxl
import pytest

from cosim.errors import CosimError
from cosim.measurements import Column, Layout, Rules, read_chromatogram, read_table, read_template

TABLE = b"experiment,use,time [h],set r.V [L],r.x [g/L],sd r.x [g/L]\na,fit,1,2,<3,0.1\na,,2,,4,\nb,check,1,3,5,0.2\n"
CHROMATOGRAM = "UV\t\tInjection\t\nml\tmAU\tml\tInjection\n0.1\t1\t0.2\tA1\n0.2\t3\t\t\n".encode("utf-16")
LAYOUT = Layout({"r.x": Column("r.x", deviation="0.1 g/L")}, rules=Rules(beyond="half"))
PIECES = [
    b"\0", b"\xff", b'"', b",", b";", b"\t", b"\n", b"[", b"]", b"nan", b"1e400", b"-", b"=1", b"\xe2\x80\x8b", b"#",
    b"99999999999999999999", b"h", b"%", b"start", b"\r",
]  # fmt: skip


def spreadsheet():
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in (["experiment", "time [h]", "r.x [g/L]"], ["a", 1, 2.5], ["a", 2, "<1"]):
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def damaged(content, rng):
    found = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        i = rng.randrange(len(found) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            del found[i : i + rng.randint(0, 6)]
        elif kind == 1:
            found[i:i] = rng.choice(PIECES)
        elif i < len(found):
            found[i] = rng.randrange(256)
    return bytes(found)


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("data.csv", TABLE, read_template),
        ("data.csv", TABLE, lambda path: read_table(path, LAYOUT)),
        ("run.txt", CHROMATOGRAM, read_chromatogram),
        ("data.xlsx", spreadsheet(), read_template),
    ],
    ids=["template", "table", "chromatogram", "spreadsheet"],
)
def test_damaged_files_are_refused_or_read(tmp_path, name, content, read):
    rng = random.Random(11)
    told = []
    for _ in range(150):
        (tmp_path / name).write_bytes(damaged(content, rng))
        try:
            read(tmp_path / name)
        except CosimError as error:
            told.append(str(error))
    assert len(told) > 20
    assert all(name in text for text in told)
