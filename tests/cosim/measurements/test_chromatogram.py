"""Chromatograms in the layout of UNICORN's exports."""

import numpy as np
import pytest

from cosim.errors import CosimError
from cosim.measurements import Column, Rules, read_chromatogram

EXPORT = "\r\n".join(
    "\t".join(cells)
    for cells in (
        ["Chrom.1", "", "Chrom.1", "", "Chrom.1", "", "Chrom.1", ""],
        ["UV 1_280", "", "Cond", "", "pH", "", "Injection", ""],
        ["ml", "mAU", "ml", "mS/cm", "ml", "", "ml", "Injection"],
        ["-0.5", "0.1", "0", "15.1", "0", "7.0", "1.5", "1"],
        ["0.0", "0.3", "1", "15.2", "", "", "", ""],
        ["0.5", "12.5", "2", "40.0", "", "", "", ""],
        ["1.0", "3.5", "", "", "", "", "", ""],
    )
)


def write(tmp_path, text, encoding="utf-16"):
    path = tmp_path / "run.txt"
    path.write_bytes(text.encode(encoding))
    return path


def test_curves_of_their_own_length_with_marks(tmp_path):
    found = read_chromatogram(write(tmp_path, EXPORT))
    assert list(found.curves) == ["UV 1_280", "Cond", "pH"]
    uv, cond = found.curve("UV 1_280"), found.curve("Cond")
    assert (uv.unit, uv.axis, cond.unit, found.curve("pH").unit) == ("mAU", "volume", "mS/cm", "")
    np.testing.assert_allclose(uv.positions, np.array([-0.5, 0.0, 0.5, 1.0]) * 1e-6)
    np.testing.assert_array_equal(cond.values, [15.1, 15.2, 40.0])
    assert found.marks["Injection"][0][1] == "1"
    assert found.zero("Injection") == pytest.approx(1.5e-6)
    assert found.zero("2 mL") == pytest.approx(2e-6)


def test_a_curve_as_samples(tmp_path):
    found = read_chromatogram(write(tmp_path, EXPORT))
    series = found.series("UV 1_280", Column("column.uv", relative=0.02, deviation="1 mAU"), zero=1e-6, points=3)
    assert (series.unit, len(series.values), series.rows) == ("mAU", 3, (4, 6, 7))
    np.testing.assert_allclose(series.positions, [-1.5e-6, -0.5e-6, 0.0], atol=1e-20)
    np.testing.assert_allclose(series.deviations, np.hypot(1.0, 0.02 * series.values))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-8"])
def test_encodings_minutes_and_comma_decimals(tmp_path, encoding):
    text = "UV\t\nmin\tmAU\n0,5\t1,25\n1,0\t2,5\n"
    curve = read_chromatogram(write(tmp_path, text, encoding), Rules(decimal=",")).curve("UV")
    assert (curve.axis, curve.positions.tolist(), curve.values.tolist()) == ("time", [30.0, 60.0], [1.25, 2.5])
    with pytest.raises(CosimError, match="row 3, column B: '1,25' has a ','"):
        read_chromatogram(write(tmp_path, text, encoding))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time,titre\n1,2\n", "is no chromatogram: none of its first 6 rows holds 'ml' or 'min'"),
        (EXPORT.replace("Cond", "UV 1_280"), r"row 2, column C: the name 'UV 1_280' occurs twice"),
        (EXPORT.replace("12.5", "overflow"), r"row 6, column B: 'overflow' is not a number"),
        (EXPORT.replace("0.5\t12.5", "-5\t12.5"), "row 6, column A: the position lies before the last"),
        (EXPORT.replace("0.5\t12.5", "\t12.5"), "row 6, column A: there is a value without a position"),
    ],
)
def test_bad_exports_are_told(tmp_path, text, told):
    with pytest.raises(CosimError, match=told):
        read_chromatogram(write(tmp_path, text))


def test_curves_and_zeros_that_are_not_there(tmp_path):
    found = read_chromatogram(write(tmp_path, EXPORT))
    with pytest.raises(CosimError, match=r"has no curve 'UV'; it has 'UV 1_280', 'Cond', 'pH'"):
        found.curve("UV")
    with pytest.raises(CosimError, match="or the name of marks: 'Injection'"):
        found.zero("Fraction")
