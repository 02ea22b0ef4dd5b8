"""``cosim train``: what is wrong is told before anything is sampled; what is made can be read by programs."""

import json

import pytest
from pooled import MODEL, TRAINING

from cosim.cli.app import run_app


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert run_app(["train", str(tmp_path / "none.yaml")]) == 2
    assert "There is no training file" in capsys.readouterr().err


def test_one_folder_is_for_one_package(tmp_path, capsys):
    assert run_app(["train", "a.yaml", "b.yaml", "--out", str(tmp_path)]) == 2
    assert "--out is the folder of one package." in capsys.readouterr().err


def test_all_problems_of_a_file_come_at_once(tmp_path, capsys):
    path = tmp_path / "pool.yaml"
    path.write_text(TRAINING.replace("train: 24", "train: 1").replace("step: 5 min", "step: 5"), encoding="utf-8")
    assert run_app(["train", str(path)]) == 2
    message = capsys.readouterr().err
    assert "'train' of 'runs' is '1'" in message
    assert "'step': " in message


def test_it_prints_json(tmp_path, capsys):
    pytest.importorskip("torch", reason="needs torch")
    (tmp_path / "Pool.mo").write_text(MODEL, encoding="utf-8")
    path = tmp_path / "pool.yaml"
    text = TRAINING.replace("iterations: 1500", "iterations: 20").replace("train: 24", "train: 4")
    path.write_text(text, encoding="utf-8")
    assert run_app(["train", str(path), "--out", str(tmp_path / "made"), "--workers", "1", "--quiet", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["surrogate"] == "pool"
    assert document["failed_runs"] == 0
    assert (tmp_path / "made" / "card.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert document["sha256"] == json.loads((tmp_path / "made" / "manifest.json").read_text())["sha256"]
