"""Addresses, tokens, people."""

import pytest

from cosim.errors import LinkError
from cosim.live.page.access import Access, PageAddress, Verdict, clean_name, is_ours, parse_address

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize(
    ("text", "host", "port", "is_loopback"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        (":9000", "127.0.0.1", 9000, True),
        ("9000", "127.0.0.1", 9000, True),
        ("localhost:1", "localhost", 1, True),
        ("[::1]:8080", "::1", 8080, True),
        ("0.0.0.0:8080", "0.0.0.0", 8080, False),
        ("plant.example:0", "plant.example", 0, False),
        ("localhost.evil.example:80", "localhost.evil.example", 80, False),
        ("127.0.0.1.evil.example:80", "127.0.0.1.evil.example", 80, False),
    ],
)
def test_an_address_is_read(text, host, port, is_loopback):
    assert parse_address(text) == PageAddress(host, port)
    assert parse_address(text).is_loopback is is_loopback


@pytest.mark.parametrize(
    "text", ["", "here:there", "127.0.0.1:65536", "a:b:80", "1:-1", "host:٣", "host:" + "9" * 5000]
)
def test_what_is_no_address_is_told(text):
    with pytest.raises(LinkError, match="is no place for a page"):
        parse_address(text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8080", True),
        ("localhost", True),
        ("LOCALHOST:80", True),
        ("[::1]:8080", True),
        ("10.0.0.7", True),
        ("plant.example:8080", True),
        ("evil.example:8080", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[evil]", False),
    ],
)
def test_a_name_that_leads_here_is_not_ours_unless_we_said_so(host, expected):
    assert is_ours(host, {"plant.example"}) is expected


class Clock:
    def __init__(self):
        self.now = 0.0
        self.warnings = []
        self.access = Access(TOKEN, False, self.warnings.append, lambda: self.now)


def test_whoever_knows_the_token_is_known_for_a_shift():
    clock = Clock()
    verdict, secret = clock.access.sign_in(TOKEN, "Ada", "10.0.0.1")
    assert (verdict, clock.access.who(secret)) == (Verdict.RIGHT, "Ada")
    clock.now = 12 * 3600.0
    assert clock.access.who(secret) is None
    _, secret = clock.access.sign_in(TOKEN, "Ada", "10.0.0.1")
    clock.access.sign_out(secret)
    assert clock.access.who(secret) is None
    assert clock.access.who("") is None


def test_a_wrong_token_is_told_without_it_and_soon_has_to_wait():
    clock = Clock()
    for _ in range(5):
        assert clock.access.sign_in("wrong token of mine", "Eve", "10.0.0.6") == (Verdict.WRONG, "")
    assert clock.access.sign_in(TOKEN, "Eve", "10.0.0.6") == (Verdict.WAIT, "")
    assert clock.access.sign_in(TOKEN, "Ada", "10.0.0.1")[0] is Verdict.RIGHT
    clock.now = 31.0
    assert clock.access.sign_in(TOKEN, "Bob", "10.0.0.6")[0] is Verdict.RIGHT
    assert len(clock.warnings) == 5
    assert clock.warnings[0] == "Somebody at 10.0.0.6 gave a wrong token to the page and was refused."


def test_without_a_token_nobody_comes_in():
    access = Access(None, False, lambda _: None)
    assert access.sign_in("", "Eve", "") == (Verdict.WRONG, "")


def test_a_token_that_could_be_guessed_is_refused_and_none_is_shown():
    with pytest.raises(LinkError, match="fewer than 16 characters and could be guessed") as caught:
        Access("secret", True, lambda _: None)
    assert "secret" not in caught.value.message
    access = Access(TOKEN, True, lambda _: None)
    _, secret = access.sign_in(TOKEN, "Ada", "")
    assert TOKEN not in repr(access)
    assert secret not in repr(access)


@pytest.mark.parametrize(
    ("name", "expected"), [("  Ada  Lovelace ", "Ada Lovelace"), ("", None), ("a" * 61, None), ("a\x00b", None)]
)
def test_a_name_is_clean(name, expected):
    assert clean_name(name) == expected
