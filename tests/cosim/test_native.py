"""C sources of the package are compiled once, and their absence is no error."""

import pytest

from cosim import native

SOURCE = """
#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
int seven(void) { return 7; }
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    native.load.cache_clear()
    file = tmp_path / "seven.c"
    file.write_text(SOURCE)
    yield file
    native.load.cache_clear()


def test_a_source_is_compiled_once(source, tmp_path, monkeypatch):
    if native.find_compiler() is None:
        pytest.skip("needs a C compiler")
    assert native.load(source).seven() == 7
    native.load.cache_clear()
    monkeypatch.setattr(native, "_compile", lambda *_: pytest.fail("compiled again"))
    assert native.load(source).seven() == 7
    assert [file.name.partition("-")[0] for file in (tmp_path / "cache" / "native").iterdir()] == ["seven"]


def test_without_a_compiler_there_is_none(source, monkeypatch):
    monkeypatch.setattr(native, "find_compiler", lambda: None)
    assert native.load(source) is None


@pytest.mark.parametrize("text", ["this is not C", "int seven(void) { return eight; }"])
def test_what_a_compiler_refuses_is_none(source, tmp_path, text):
    source.write_text(text)
    assert native.load(source) is None
    assert not list((tmp_path / "cache" / "native").iterdir())


def test_a_cache_that_cannot_be_written_is_none(source, tmp_path):
    (tmp_path / "cache").write_text("a file")
    assert native.load(source) is None
