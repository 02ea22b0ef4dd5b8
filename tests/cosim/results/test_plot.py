import sys

import pytest

from cosim.errors import ResultError
from cosim.results.plot import choose, plot_file, plot_text


def test_picture_of_two_units(result, tmp_path):
    path = tmp_path / "a.png"
    plot_file(result, ["reactor.titre", "reactor.glucose", "reactor.lactate"], path)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == 1350
    assert int.from_bytes(data[20:24], "big") == pytest.approx(150 * (0.9 + 2 * 2.3), abs=2)


def test_svg(result, tmp_path):
    path = tmp_path / "a.svg"
    plot_file(result, ["capture.*"], path)
    text = path.read_text()
    assert "</svg>" in text
    assert [item.name for item in tmp_path.iterdir()] == ["a.svg"]


def test_unknown_format(result, tmp_path):
    with pytest.raises(ResultError, match=r"Cannot draw .*its name must end in .png, .svg, .pdf"):
        plot_file(result, ["reactor.titre"], tmp_path / "a.gif")


def test_without_matplotlib(result, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ResultError, match=r"pip install 'bioprocess-cosim\[plot\]'"):
        plot_file(result, ["reactor.titre"], tmp_path / "a.png")


def test_patterns(result):
    assert choose(result, ["pool.*", "pool.volume"]) == ["pool.volume", "pool.titre"]
    with pytest.raises(ResultError, match=r"matches 'nothing\.\*'"):
        choose(result, ["nothing.*"])
    with pytest.raises(ResultError, match=r"Do you mean 'reactor\.titre'"):
        choose(result, ["reactor.titer"])


def test_text_spans_the_values(result):
    text = plot_text(result, ["reactor.titre"], width=40, height=6)
    lines = text.splitlines()
    assert lines[0].startswith("reactor.titre [g/L]   4.1 at the end")
    assert lines[1].startswith("4.1 ┤")
    assert lines[6].startswith("  0 ┤")
    assert lines[7].endswith("d")
    assert lines[1].rstrip()[-1] > chr(0x2800)
    assert max(len(line) for line in lines) <= 40 + 6


def test_text_of_a_constant_and_of_a_spike(result):
    constant = plot_text(result, ["capture.bed_volume"])
    assert "67.9" in constant
    spike = plot_text(result, ["capture.uv280"], width=30, height=5).splitlines()
    assert any(sign > chr(0x2800) for sign in spike[1][6:])
