"""Tables of samples: what is read, and what every cell that cannot be read is told."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from cosim.errors import CosimError
from cosim.measurements import Column, Layout, Rules, in_units, read_table

TITRE = {"titre": Column("reactor.titre")}


def read(tmp_path, text, layout=None, name="batch.csv", **rules):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path, layout or Layout(TITRE, rules=Rules(**rules)))


def test_units_of_the_head_times_and_missing_values(tmp_path):
    text = "# from the LIMS\n\ntime [h],titre [g/L],other\n0,0.1,x\n12,,y\n24,NA,\n36,0.9,z\n"
    (series,) = read(tmp_path, text)
    assert (series.variable, series.unit, series.axis, series.n_missing) == ("reactor.titre", "g/L", "time", 2)
    np.testing.assert_array_equal(series.positions, [0.0, 129600.0])
    np.testing.assert_array_equal(series.values, [0.1, 0.9])
    assert series.rows == (4, 7)
    assert np.isnan(series.deviations).all()


def test_each_signal_has_its_own_samples_and_deviations(tmp_path):
    text = "time [d];Xv;Xv sd;titre\n0;1;0.1;\n1;2;0.2;0.5\n2;;;1.5\n"
    columns = {
        "Xv": Column("reactor.Xv", "1e6/mL", deviation_column="Xv sd"),
        "titre": Column("reactor.titre", "g/L", deviation="30 mg/L", relative=0.04),
    }
    cells, titre = read(tmp_path, text, Layout(columns))
    np.testing.assert_array_equal(cells.deviations, [0.1, 0.2])
    np.testing.assert_array_equal(titre.positions, [86400.0, 172800.0])
    np.testing.assert_allclose(titre.deviations, np.hypot(0.03, 0.04 * np.array([0.5, 1.5])))


def test_dates_with_a_start_and_volumes(tmp_path):
    start = datetime(2026, 3, 1, 8, 0)
    (series,) = read(tmp_path, "time,titre [g/L]\n2026-03-01 08:30,1\n2026-03-02,2\n", start=start)
    np.testing.assert_array_equal(series.positions, [1800.0, 57600.0])
    (series,) = read(tmp_path, "time,titre [g/L]\n01.03.2026 9:00,1\n", start=start, date_format="%d.%m.%Y %H:%M")
    np.testing.assert_array_equal(series.positions, [3600.0])
    layout = Layout(TITRE, position="volume", zero=1e-6)
    (series,) = read(tmp_path, "volume [mL],titre [g/L]\n1,0\n3,2\n", layout)
    assert series.axis == "volume"
    np.testing.assert_allclose(series.positions, [0.0, 2e-6], atol=1e-20)


def test_units_in_the_second_row_utf_16_and_comma_decimals(tmp_path):
    text = "time\ttitre\nh\tg/L\n0,5\t1,25\n".encode("utf-16")
    (series,) = read(tmp_path, text, Layout(TITRE, has_unit_row=True, rules=Rules(decimal=",")), name="a.txt")
    assert (series.positions[0], series.values[0], series.unit) == (1800.0, 1.25, "g/L")


def test_what_lies_beyond_a_limit_is_what_the_rules_say(tmp_path):
    text = "time [h],titre [g/L]\n0,<0.1\n1,1\n2,> 5\n"
    assert read(tmp_path, text, beyond="leave_out")[0].values.tolist() == [1.0]
    assert read(tmp_path, text, beyond="limit")[0].values.tolist() == [0.1, 1.0, 5.0]
    with pytest.raises(CosimError, match=r"row 4, column B: '> 5' lies beyond .* 'beyond: leave_out or limit'"):
        read(tmp_path, text, beyond="half")
    assert read(tmp_path, text.replace("> 5", ""), beyond="half")[0].values.tolist() == [0.05, 1.0]


def test_replicates_are_samples_where_the_rules_say_so(tmp_path):
    text = "time [h],titre [g/L]\n1,2\n1,3\n"
    assert read(tmp_path, text, replicates=True)[0].values.tolist() == [2.0, 3.0]
    with pytest.raises(CosimError, match=r"row 3, column A: it has the time of row 2\. State 'replicates: true'"):
        read(tmp_path, text)


HEAD = "time [h],titre [g/L]\n"
BAD = {
    "<0.1": r"row 2, column B: '<0\.1' lies beyond a limit\. State .* 'beyond: leave_out, limit or half'",
    "n.d.": r"row 2, column B: 'n\.d\.' is not a number\. .*state 'missing: \[\"n\.d\.\"\]'",
    '"1,5"': r"row 2, column B: '1,5' has a ',', and the decimal sign is '\.'\. State 'decimal: \",\"'",
    "=1+2": r"row 2, column B: '=1\+2' is a formula, and formulas are not computed here",
    "=cmd|' /C calc'!A0": "is a formula, and formulas are not computed here",
    "@SUM(A1)": "is a formula",
    "+cmd|x": "is not a number",
    "inf": "'inf' is not a number",
    "1e999": "'1e999' is not a finite number",
    "1.2 g/L": r"'1\.2 g/L' is not a number\. Units stand in the head",
    "0x10": "is not a number",
    "١٢": None,
    "1_000": "is not a number",
}


@pytest.mark.parametrize("cell", BAD)
def test_a_cell_that_is_no_number_is_told_with_its_place(tmp_path, cell):
    if BAD[cell] is None:
        assert read(tmp_path, HEAD + f"0,{cell}\n")[0].values.tolist() == [12.0]
        return
    with pytest.raises(CosimError, match=BAD[cell]) as error:
        read(tmp_path, HEAD + f"0,{cell}\n")
    assert "batch.csv'" in str(error.value)


def test_words_for_missing_can_be_stated(tmp_path):
    (series,) = read(tmp_path, HEAD + "0,n.d.\n1,BDL\n2,3\n", missing=("N.D.", "bdl"))
    assert series.values.tolist() == [3.0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty: it needs a row of names"),
        (HEAD, r"row 1, column B: 'titre' has no values"),
        (HEAD + "0,\n1,NA\n", r"row 1, column B: 'titre' has no values"),
        ("time [h],titer [g/L]\n0,1\n", r"row 1: there is no column 'titre'; it has time, titer\. .*'titer'"),
        ("titre [g/L]\n1\n", "there is no column 'time'"),
        ("time [h],titre [g/L],titre [g/L]\n0,1,2\n", "the columns B and C are both called 'titre'"),
        ("time,titre [g/L]\n0,1\n", r"row 2, column A: '0' has no unit\. Head the column 'time \[h\]'"),
        ("time [g],titre [g/L]\n0,1\n", r"'time' is in \[g\], which is neither a time nor a volume"),
        ("time [hrz],titre [g/L]\n0,1\n", r"row 1, column A: 'time': .*'hrz'"),
        (HEAD + "2,1\n1,2\n", r"row 3, column A: its time lies before that of row 2"),
        (HEAD + ",1\n", "row 2, column A: the row has no time"),
        (HEAD + "26:30,1\n", "is not a date and time as in 2026-03-01 08:30"),
        (HEAD + "2026-03-01 08:00,1\n", "when the experiment began is not stated. State 'start'"),
        (HEAD + "1e12,1\n", "lies more than 30 years from the beginning"),
        ('time [h],titre [g/L]\n0,"1\n', "unexpected end of data"),
        (b"time [h],titre [g/L]\n0,\xff\xfe\n", r"is not text in UTF-8 \(byte 23\).*state 'encoding'"),
        (b"PK\x03\x04\x14\x00,\x00\n", "holds zero characters"),
    ],
)
def test_bad_tables_are_told(tmp_path, text, told):
    with pytest.raises(CosimError, match=told):
        read(tmp_path, text)


def test_every_bad_cell_is_told_at_once_and_many_are_counted(tmp_path):
    with pytest.raises(CosimError) as error:
        read(tmp_path, HEAD + "".join(f"{i},x{i}\n" for i in range(60)))
    assert "row 2, column B" in str(error.value)
    assert "10 more problems are not shown" in str(error.value)


def test_files_that_are_not_read(tmp_path):
    with pytest.raises(CosimError, match="There is no file"):
        read_table(tmp_path / "none.csv", Layout(TITRE))
    for name, told in (("a.exe", "ends in one of .csv"), ("a.xls", "old format of Excel")):
        with pytest.raises(CosimError, match=told):
            read_table(Path(name), Layout(TITRE))


def test_units_are_converted_or_refused_with_their_place(tmp_path):
    columns = {"T": Column("reactor.T"), "titre": Column("reactor.titre", deviation="10 mg/L")}
    series = read(tmp_path, "time [h],T [degC],titre [mg/L]\n0,37,500\n", Layout(columns))
    temperature, titre = in_units(series, {"reactor.T": "K", "reactor.titre": "kg/m3"})
    assert temperature.values[0] == pytest.approx(310.15)
    assert (titre.values[0], titre.deviations[0]) == pytest.approx((0.5, 0.01))
    with pytest.raises(CosimError, match=r"row 1, column C: cannot be compared with reactor\.titre: .*differ"):
        in_units(series, {"reactor.T": "K", "reactor.titre": "mol/m3"})
    with pytest.raises(CosimError, match=r"the model states no unit for reactor\.titre"):
        in_units(series, {"reactor.T": "K", "reactor.titre": None})
    bare = read(tmp_path, "time [h],titre\n0,1\n")
    with pytest.raises(CosimError, match=r"what is measured of reactor\.titre has no unit"):
        in_units(bare, {"reactor.titre": "kg/m3"})
    assert in_units(bare, {"reactor.titre": None})[0].values[0] == 1.0


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (Column("r.x", deviation="0.1"), "has no unit"),
        (Column("r.x", deviation="0.1 h"), "differ in dimension"),
        (Column("r.x", deviation="0 g/L"), "should be above zero"),
        (Column("r.x", deviation_column="sd"), "there is no column 'sd'"),
    ],
)
def test_bad_deviations_are_told(tmp_path, column, told):
    with pytest.raises(CosimError, match=told):
        read(tmp_path, HEAD + "0,1\n", Layout({"titre": column}))


def test_a_deviation_is_above_zero(tmp_path):
    layout = Layout({"titre": Column("r.x", deviation_column="sd")})
    with pytest.raises(CosimError, match="row 2, column C: a standard deviation is -1; it should be above zero"):
        read(tmp_path, "time [h],titre [g/L],sd\n0,1,-1\n", layout)
