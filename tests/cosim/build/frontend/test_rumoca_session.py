"""Calls of the front end leave nothing behind."""

import os
from pathlib import Path

import pytest

from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource


@pytest.mark.parametrize("is_set", [True, False])
def test_no_parsed_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_set: bool) -> None:
    cache, home = tmp_path / "cache", tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if is_set:
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    (tmp_path / "M.mo").write_text("model M\n  Real x(start=1, fixed=true) = time;\nend M;\n")
    before = dict(os.environ)
    load_flat(ModelicaSource.discover([tmp_path / "M.mo"]), "M")

    assert not cache.exists()
    assert not home.exists()
    assert dict(os.environ) == before
