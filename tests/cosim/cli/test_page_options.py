"""Options of the live page: nobody finds it open who should not."""

import json
import urllib.error
import urllib.request

import pytest

from cosim.cli.page_options import TOKEN, page_options, serving_page
from cosim.errors import LinkError

pytest.importorskip("aiohttp", reason="aiohttp is not installed")

from cosim.shadowing.displayed import Displayed

SECRET = "correct-horse-battery"


@pytest.fixture(autouse=True)
def no_token(monkeypatch):
    monkeypatch.delenv(TOKEN, raising=False)


@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    return file


def test_a_page_is_for_this_machine_unless_told():
    assert page_options(False, None, None, None) is None
    options = page_options(True, None, None, None)
    assert (options.at.host, options.at.port, options.token) == ("127.0.0.1", 8080, None)
    assert page_options(False, "127.0.0.1:9", None, None).at.port == 9


def test_a_page_for_others_needs_a_token(token_file, monkeypatch, capsys):
    with pytest.raises(LinkError, match=r"could look at the page at 0\.0\.0\.0: give --page-token-file"):
        page_options(True, "0.0.0.0:8080", None, None)
    assert page_options(True, "0.0.0.0:8080", token_file, None).token == SECRET
    assert "passes the network unencrypted" in capsys.readouterr().err
    monkeypatch.setenv(TOKEN, SECRET)
    options = page_options(True, "0.0.0.0:8080", None, None)
    assert options.token == SECRET
    assert SECRET not in repr(options)


def test_a_token_that_others_can_read_is_refused(token_file):
    token_file.chmod(0o644)
    with pytest.raises(LinkError, match=r"Others can read the token in '.*': chmod 600"):
        page_options(True, None, token_file, None)


def test_a_token_without_a_page_is_told(token_file):
    with pytest.raises(LinkError, match="There is no page that needs a token"):
        page_options(False, None, token_file, None)


def test_a_wrong_token_is_a_warning_without_it(token_file, capsys):
    options = page_options(True, "127.0.0.1:0", token_file, None)
    with serving_page(options, {"r7": Displayed()}):
        url = capsys.readouterr().err.split("The page is at ")[1].split()[0]
        body = json.dumps({"name": "Eve", "token": "wrong-token-of-mine"}).encode()
        headers = {"Origin": url.rstrip("/"), "Content-Type": "application/json"}
        with pytest.raises(urllib.error.HTTPError, match="403") as caught:
            urllib.request.urlopen(urllib.request.Request(f"{url}sign-in", body, headers))
        caught.value.close()
    said = capsys.readouterr().err
    assert "gave a wrong token to the page" in said
    assert "wrong-token-of-mine" not in said
    assert SECRET not in said
